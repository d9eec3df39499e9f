import type { Clock } from "../clock.ts";

/** How often something may be started again, and how long to wait before. */
export type BackoffLimits = {
  /** The longest wait before the first try, in milliseconds; it doubles with each further one. */
  baseMs: number;
  /** The longest wait of all, in milliseconds. */
  maxMs: number;
  /** How many tries there may be within {@linkcode BackoffLimits.windowMs}. */
  maxTries: number;
  /**
   * In milliseconds. Tries that lie further back are forgotten, so what has run for that long gets
   * all its tries again. To be longer than `maxTries` waits, else there is no limit.
   */
  windowMs: number;
};

/** Five tries a minute. */
export const defaultBackoff: BackoffLimits = {
  baseMs: 250,
  maxMs: 8000,
  maxTries: 5,
  windowMs: 60_000,
};

/**
 * Decides whether and when to try again: waits grow exponentially and are random between nothing
 * and that length (full jitter), so that many clients do not come back at the same moment. Too
 * many tries in a while mean that trying does not help.
 */
export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #clock: Pick<Clock, "now">;
  readonly #random: () => number;
  /** When the tries were granted that are not forgotten yet. */
  #tries: number[] = [];

  /** `random` gives numbers from 0 to below 1. */
  constructor(
    limits: Partial<BackoffLimits>,
    clock: Pick<Clock, "now">,
    random: () => number = Math.random,
  ) {
    this.#limits = { ...defaultBackoff, ...limits };
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Takes one try: the milliseconds to wait before it, or `null` when there were too many. Asked
   * again later, there may be one left.
   */
  next(): number | null {
    const { baseMs, maxMs, maxTries, windowMs } = this.#limits;
    const now = this.#clock.now();
    this.#tries = this.#tries.filter((at) => now - at < windowMs);
    if (this.#tries.length >= maxTries) return null;
    const longest = Math.min(maxMs, baseMs * 2 ** this.#tries.length);
    this.#tries.push(now);
    return Math.floor(this.#random() * longest);
  }
}
