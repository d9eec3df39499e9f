import type { Message } from "./message.ts";
import { type Outgoing, SendQueue } from "./send_queue.ts";

/** What a {@linkcode MessageSender} works with. */
export type MessageSenderOptions = {
  /** Whether one more request may go out. */
  mayRequest: () => boolean;
  /** Hears, once or more, that nothing can be written any more. */
  onFailure: (error: unknown) => void;
};

/**
 * Hands messages over in order, one at a time and only as fast as the channel takes them; who has
 * something to send never waits.
 */
export class MessageSender {
  readonly #writer: WritableStreamDefaultWriter<Message>;
  readonly #options: MessageSenderOptions;
  readonly #queue: SendQueue = new SendQueue();
  #isSending = false;

  /** Locks `writable` until {@linkcode end}. */
  constructor(writable: WritableStream<Message>, options: MessageSenderOptions) {
    this.#writer = writable.getWriter();
    this.#options = options;
    // Told also while nothing is written.
    this.#writer.closed.catch(options.onFailure);
  }

  /** Sends something, when it is its turn. */
  post(outgoing: Outgoing): void {
    this.#queue.add(outgoing);
    this.flush();
  }

  /** Takes back what has not been handed over yet; harmless when it has. */
  withdraw(outgoing: Outgoing): void {
    this.#queue.delete(outgoing);
  }

  /** Takes back all that has not been handed over yet. */
  withdrawAll(): void {
    for (const outgoing of this.#queue.takeAll()) outgoing.dropped?.();
  }

  /** To be called when there is room for another request. */
  async flush(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    const { mayRequest, onFailure } = this.#options;
    try {
      while (this.#queue.peek(mayRequest()) !== null) {
        await this.#writer.ready;
        // It may be another one by now, or none.
        const outgoing = this.#queue.peek(mayRequest());
        if (outgoing !== null) this.#write(outgoing);
      }
    } catch (error) {
      onFailure(error);
    } finally {
      this.#isSending = false;
    }
  }

  /**
   * Ends the writable and gives it back. In order, what was handed over still goes out; else there
   * is nobody left to take it.
   */
  end(inOrder: boolean, reason?: unknown): void {
    const ended = inOrder ? this.#writer.close() : this.#writer.abort(reason);
    ended.catch(() => {});
    this.#writer.releaseLock();
    this.withdrawAll();
  }

  #write(outgoing: Outgoing): void {
    this.#queue.delete(outgoing);
    this.#writer.write(outgoing.message()).then(
      () => outgoing.sent?.(),
      (error) => {
        this.#options.onFailure(error);
        outgoing.dropped?.();
      },
    );
  }
}
