/** Cancels a timer; harmless once it has fired. */
export type CancelTimer = () => void;

/** The longest a timer can be set to, in milliseconds; a longer one fires at once on every runtime. */
export const longestTimer: number = 2 ** 31 - 1;

/** Time as the SDK sees it; tests pass a virtual one. */
export interface Clock {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds, unless cancelled before. */
  after(ms: number, callback: () => void): CancelTimer;
}

/** The clock of the runtime. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
