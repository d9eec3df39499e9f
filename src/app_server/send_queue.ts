import type { Message } from "./message.ts";

/** Something that waits to be sent. */
export type Outgoing = {
  /** Whether it counts among the requests that may be unanswered at a time. */
  readonly isRequest: boolean;
  /** The message, asked for when it is its turn. */
  message(): Message;
  /** It went out. */
  sent?(): void;
  /** It will not go out. */
  dropped?(): void;
};

/**
 * What waits to be sent, in order. Where no more requests may go out, those that wait let the rest
 * pass: an answer that waited behind them could be what the peer needs to answer them.
 */
export class SendQueue {
  // With their places. Maps, so that what is given up is found at once among thousands.
  readonly #requests: Map<Outgoing, number> = new Map();
  readonly #others: Map<Outgoing, number> = new Map();
  #added = 0;

  /** Adds to the end. */
  add(outgoing: Outgoing): void {
    (outgoing.isRequest ? this.#requests : this.#others).set(outgoing, this.#added++);
  }

  /** Removes it, wherever it stands; harmless when it is not there. */
  delete(outgoing: Outgoing): void {
    this.#requests.delete(outgoing) || this.#others.delete(outgoing);
  }

  /** What is to be sent next, still in the queue; `null` when there is nothing. */
  peek(mayRequest: boolean): Outgoing | null {
    const [other] = this.#others;
    const [request] = mayRequest ? this.#requests : [];
    if (other === undefined || request === undefined) return (other ?? request)?.[0] ?? null;
    return other[1] < request[1] ? other[0] : request[0];
  }

  /** Empties the queue. */
  takeAll(): Outgoing[] {
    const all = [...this.#requests.keys(), ...this.#others.keys()];
    this.#requests.clear();
    this.#others.clear();
    return all;
  }
}
