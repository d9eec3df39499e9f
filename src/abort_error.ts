import { AbortError, CodexError } from "./errors.ts";

/** What a wait rejects with that `signal` has ended: an `AbortError`, or the reason if it is ours. */
export function abortError({ reason }: AbortSignal): CodexError {
  return CodexError.is(reason) ? reason : new AbortError(reason);
}
