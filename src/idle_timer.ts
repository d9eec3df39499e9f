import type { CancelTimer, Clock } from "./clock.ts";

/** Measures silence while somebody listens: the time a reader takes for itself does not count. */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onIdle: () => void;
  #silentMs = 0;
  #listeningSince = 0;
  #cancel: CancelTimer | null = null;

  /** Calls `onIdle` after `limitMs` milliseconds of silence. */
  constructor(clock: Clock, limitMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onIdle = onIdle;
  }

  /** Somebody listens. */
  resume(): void {
    this.pause();
    this.#listeningSince = this.#clock.now();
    this.#cancel = this.#clock.after(Math.max(0, this.#limitMs - this.#silentMs), this.#onIdle);
  }

  /** Nobody listens. */
  pause(): void {
    if (this.#cancel === null) return;
    this.#cancel();
    this.#cancel = null;
    this.#silentMs += this.#clock.now() - this.#listeningSince;
  }

  /** There was a sign of life. */
  reset(): void {
    this.#silentMs = 0;
  }
}
