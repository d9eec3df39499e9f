import type { Clock } from "../clock.ts";

// Taken when the SDK is imported, and called by themselves: a test of the program may replace the
// global ones later, and some versions of Deno refuse them as methods of another object.
const { setTimeout, clearTimeout } = globalThis;
// To ask Deno for its own costs 9 ms. What plays a browser for a test has none.
const ownSetImmediate = "Deno" in globalThis ? undefined : globalThis.setImmediate;
const setImmediate: (callback: () => void) => void = ownSetImmediate ??
  ((callback) => setTimeout(callback, 0));

/** Time that no test of the program can hold. */
export const realTimers: Pick<Clock, "after"> = {
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves when the event loop has looked once more at what happens outside of the program. */
export function eventLoopRound(): Promise<void> {
  // The first may come in the very round that is under way.
  return new Promise((resolve) => setImmediate(() => setImmediate(() => resolve())));
}
