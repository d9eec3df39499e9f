import type { LiveEvent } from "../live_events.ts";
import { mergeDeltas, sizeOf } from "./delta_merging.ts";

/**
 * The events of a turn between the pipe, which never waits, and the turn's reader, who may. What
 * waits is bounded: deltas of one item become one, and more than the budget is refused.
 */
export class EventBuffer {
  readonly #maxBytes: number;
  #waiting: LiveEvent[] = [];
  #bytes = 0;
  #isSignOfLife = false;
  #isFull = false;
  #wake: (() => void) | null = null;
  #end: { error?: unknown } | null = null;

  /** `maxBytes` is about what the events take in memory. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the reader waits for more. */
  get isAwaited(): boolean {
    return this.#wake !== null;
  }

  /** Whether an event was refused; then all are, so that there is no gap. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /**
   * Adds an event, or refuses it, with `false`, when more would wait than may. One that waits alone
   * may have any size: no reader is too slow for it.
   */
  push(event: LiveEvent): boolean {
    const last = this.#waiting.at(-1);
    this.#isFull ||= last !== undefined && this.#bytes + sizeOf(event) > this.#maxBytes;
    if (this.#isFull) return false;
    if (mergeDeltas(this.#waiting, event)) this.#bytes -= sizeOf(last!);
    else this.#waiting.push(event);
    this.#bytes += sizeOf(this.#waiting.at(-1)!);
    this.#wakeReader();
    return true;
  }

  /** Tells the reader that something goes on: it gets no events. */
  signOfLife(): void {
    this.#isSignOfLife = true;
    this.#wakeReader();
  }

  /** No more events come; those that wait can still be read, then `error` is raised, if there is one. */
  end(outcome: { error?: unknown } = {}): void {
    this.#end ??= outcome;
    this.#wakeReader();
  }

  /** The events that wait, or the next ones; `null` at the end. Rejects with the error it ended with. */
  async take(): Promise<LiveEvent[] | null> {
    while (this.#waiting.length === 0) {
      if (this.#end !== null) {
        if ("error" in this.#end) throw this.#end.error;
        return null;
      }
      if (this.#isSignOfLife) break;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const events = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    this.#isSignOfLife = false;
    return events;
  }

  /** Forgets what waits: nobody will read it. */
  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
