import type { Clock } from "./clock.ts";

/** Waits for a promise, but not for long. Never rejects. */
export function atMost(ms: number, clock: Clock, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancelTimer = clock.after(ms, resolve);
    const settle = () => {
      cancelTimer();
      resolve();
    };
    promise.then(settle, settle);
  });
}
