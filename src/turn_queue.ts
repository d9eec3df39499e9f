import type { CancelTimer, Clock } from "./clock.ts";
import { ThreadBusyError } from "./errors.ts";

/** How long a turn waits for another one that somebody reads, but not just now. */
const patienceMs = 5000;

/** A turn's place among the turns of its thread. */
export interface Place {
  /** Tells whether someone waits for the turn's next event right now. */
  setRead(isRead: boolean): void;
  /** Gives the place to the next turn; harmless when called again. */
  leave(): void;
}

type Entry = { isRead: boolean; enter: () => void; refuse: (error: unknown) => void };

/**
 * Lets the turns of a thread run one at a time, in the order in which they ask. Never waits for a
 * turn that nobody reads: it would not end.
 */
export class TurnQueue {
  readonly #clock: Clock;
  #current: Entry | null = null;
  #waiting: Entry[] = [];
  #cancelPatience: CancelTimer | null = null;

  /** Patience is measured by `clock`. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves with the turn's place once it is its turn. Rejects with `ThreadBusyError` when the
   * turn before it is not read, and with the signal's reason when that is aborted.
   */
  async enter(signal: AbortSignal): Promise<Place> {
    signal.throwIfAborted();
    const entry: Entry = { isRead: true, enter: () => {}, refuse: () => {} };
    if (this.#current === null) this.#current = entry;
    else await this.#wait(entry, signal);
    return {
      setRead: (isRead) => {
        entry.isRead = isRead;
        this.#watch();
      },
      leave: () => this.#leave(entry),
    };
  }

  #wait(entry: Entry, signal: AbortSignal): Promise<void> {
    if (!this.#current!.isRead) throw busy();
    return new Promise((resolve, reject) => {
      const onAbort = () => entry.refuse(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      const settle = () => {
        signal.removeEventListener("abort", onAbort);
        this.#waiting = this.#waiting.filter((each) => each !== entry);
        this.#watch();
      };
      entry.enter = () => {
        settle();
        resolve();
      };
      entry.refuse = (error) => {
        settle();
        reject(error);
      };
      this.#waiting.push(entry);
    });
  }

  #leave(entry: Entry): void {
    if (this.#current !== entry) return;
    this.#current = this.#waiting[0] ?? null;
    this.#current?.enter();
    this.#watch();
  }

  /** Patience runs while turns wait for one that is not read just now. */
  #watch(): void {
    const isNeeded = this.#waiting.length > 0 && this.#current?.isRead === false;
    if (!isNeeded) {
      this.#cancelPatience?.();
      this.#cancelPatience = null;
    } else {
      this.#cancelPatience ??= this.#clock.after(patienceMs, () => {
        for (const entry of [...this.#waiting]) entry.refuse(busy());
      });
    }
  }
}

function busy(): ThreadBusyError {
  return new ThreadBusyError(
    "Cannot start a turn: the turn before it in this thread has not ended and nobody reads its events. " +
      "Read them to the end, or cancel them",
  );
}
