/**
 * What was said in a conversation, without what codex adds by itself: where it works, and the date,
 * which it tells again when that has changed in the middle of a test.
 */
export function spoken(texts: readonly string[]): string[] {
  return texts.filter((text) => !text.startsWith("<environment_context>"));
}
