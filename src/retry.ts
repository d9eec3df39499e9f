import type { RetryInfo } from "./options.ts";

/** What codex prints while it tries to reach the model again: `"Reconnecting... 2/5 (…)"`. */
const notice = /^Reconnecting(?:\.\.\.|…)?\s*(?:(\d+)\/(\d+))?/;

/** Reads the message of an `error` event as a retry; `null` when it is not about one. */
export function parseRetry(message: string): RetryInfo | null {
  const match = notice.exec(message);
  if (match === null) return null;
  const [, attempt, maxAttempts] = match;
  return {
    attempt: attempt === undefined ? null : Number(attempt),
    maxAttempts: maxAttempts === undefined ? null : Number(maxAttempts),
    message,
  };
}
