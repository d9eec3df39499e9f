import { abortError } from "./abort_error.ts";

/**
 * What `promise` comes to; rejects with what `errorOf` makes of `signal` if that is aborted before.
 * Whatever the promise stands for goes on.
 */
export async function unlessAborted<T>(
  promise: Promise<T>,
  signal?: AbortSignal,
  errorOf: (signal: AbortSignal) => unknown = abortError,
): Promise<T> {
  if (signal === undefined) return await promise;
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(errorOf(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
