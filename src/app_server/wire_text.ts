/** `value`, if it can be written as JSON; else throws a `TypeError`, or whatever `toJSON` throws. */
export function sendable<T>(value: T): T {
  if (JSON.stringify(value) === undefined) throw new TypeError("The value is no JSON");
  return value;
}

/** What of a value from the wire is shown; one nested deeper than the stack reaches cannot be. */
export function textOf(value: unknown): string {
  try {
    return String(JSON.stringify(value)).slice(0, 2000);
  } catch {
    return "a deeply nested object";
  }
}
