/**
 * A JSON value whose texts are well-formed Unicode. Codex drops a whole message for one lone
 * surrogate, as is left when a text is cut in the middle of a character: an answer would not arrive,
 * and the turn wait for it for ever.
 */
export function wellFormed<T>(value: T): T {
  if (typeof value === "string") return value.toWellFormed() as T;
  if (Array.isArray(value)) return value.map(wellFormed) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.toWellFormed(), wellFormed(member)]),
  ) as T;
}
