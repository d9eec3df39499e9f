import { setImmediate } from "node:timers";
import type { CancelTimer, Clock } from "../../src/clock.ts";

/** Resolves when everything has run that waits for neither time nor the outside world. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that stands still until the test lets time pass. */
export class VirtualClock implements Clock {
  readonly #timers: Map<symbol, { at: number; callback: () => void }> = new Map();
  #now = 0;

  /** How many timers are set; 0 unless something leaks them. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): CancelTimer {
    const key = Symbol();
    this.#timers.set(key, { at: this.#now + ms, callback });
    return () => this.#timers.delete(key);
  }

  /**
   * Lets `ms` milliseconds pass: timers run in the order in which they are due, and what each sets
   * in motion runs before the next.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next.key);
      next.callback();
      await settled();
    }
    this.#now = end;
  }

  /** Lets time pass in one leap, as when the machine has slept: what was due meanwhile runs late. */
  async leap(ms: number): Promise<void> {
    await settled();
    this.#now += ms;
    await this.advance(0);
  }

  #next(): { key: symbol; at: number; callback: () => void } | undefined {
    // The sort is stable, so that of two that are due together the one set first runs first.
    return [...this.#timers].map(([key, timer]) => ({ key, ...timer })).sort((a, b) => a.at - b.at)
      .at(0);
  }
}
