import type { CancelTimer, Clock } from "../clock.ts";
import { ConnectionError } from "../errors.ts";

/** What a {@linkcode Heartbeat} is made of. */
export type HeartbeatOptions = {
  /** Asks the peer something cheap. Any answer is a sign of life: rejects only without one. */
  ping: () => Promise<unknown>;
  /** Time. */
  clock: Clock;
  /** How long the peer may be silent before it is asked, in milliseconds. Default: 30,000. */
  intervalMs?: number;
  /** How long it may take to answer, in milliseconds. Default: 10,000. */
  timeoutMs?: number;
  /** Called once, when the peer does not answer; the heartbeat has stopped by then. */
  onDead: (error: unknown) => void;
};

/**
 * Notices a peer that is gone without a word: a machine that lost its power, a network that drops
 * packets. The system would take a quarter of an hour.
 */
export class Heartbeat {
  readonly #options: Required<HeartbeatOptions>;
  #heardAt: number;
  #cancelTimer: CancelTimer | null;

  /** Begins at once. */
  constructor(options: HeartbeatOptions) {
    const { intervalMs = 30_000, timeoutMs = 10_000 } = options;
    this.#options = { ...options, intervalMs, timeoutMs };
    this.#heardAt = options.clock.now();
    this.#cancelTimer = this.#listen(this.#options.intervalMs);
  }

  /** To be called for whatever the peer says: while it speaks, it need not be asked. Costs nothing. */
  heard(): void {
    this.#heardAt = this.#options.clock.now();
  }

  /** Ends it; harmless when called again. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #listen(ms: number): CancelTimer {
    const { clock, intervalMs } = this.#options;
    return clock.after(ms, () => {
      const leftMs = this.#heardAt + intervalMs - clock.now();
      if (leftMs > 0) this.#cancelTimer = this.#listen(leftMs);
      else this.#ask();
    });
  }

  #ask(): void {
    const { clock, ping, timeoutMs } = this.#options;
    const askedAt = clock.now();
    const timer = this.#cancelTimer = clock.after(timeoutMs, () => {
      this.#judge(askedAt, noAnswer(timeoutMs));
    });
    ping().then(() => this.heard(), (error: unknown) => {
      // An answer that comes after the verdict, or after the end, changes nothing.
      if (this.#cancelTimer === timer) this.#judge(askedAt, error);
    }).then(() => {
      if (this.#cancelTimer === timer) this.#rest();
    });
  }

  /** Dead, unless it has said something else meanwhile. */
  #judge(askedAt: number, error: unknown): void {
    if (this.#heardAt > askedAt) return this.#rest();
    this.stop();
    this.#options.onDead(error);
  }

  #rest(): void {
    this.stop();
    this.#cancelTimer = this.#listen(this.#options.intervalMs);
  }
}

function noAnswer(timeoutMs: number): ConnectionError {
  return new ConnectionError(
    `The connection to the app-server was lost: no sign of life for ${timeoutMs} ms`,
    { reason: "lost" },
  );
}
