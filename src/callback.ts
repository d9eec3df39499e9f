/**
 * Calls a callback of the user that only looks on: what it throws, at once or later, must not end
 * the turn or the program it observes, and goes to `onError`.
 */
export function callOnlooker(callback: () => unknown, onError: (error: unknown) => void): void {
  try {
    Promise.resolve(callback()).catch(onError);
  } catch (error) {
    onError(error);
  }
}

/** What was thrown, as text: anything can be, also what has none. */
export function textOfThrown(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "a value that cannot be shown";
  }
}
