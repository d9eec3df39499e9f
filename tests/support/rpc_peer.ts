import type { Message, MessageChannel, RequestMessage } from "../../src/app_server/message.ts";

/** The other side of a channel of messages. */
export class RpcPeer {
  /** Our side. */
  readonly channel: MessageChannel;
  /** What we sent, in order. */
  readonly received: Message[] = [];
  /** Why we do not read any more. */
  cancelled: { reason: unknown } | null = null;
  /** How our writing ended. */
  writable: "open" | "closed" | "aborted" = "open";
  #out!: ReadableStreamDefaultController<Message>;
  #in!: WritableStreamDefaultController;
  #isHeld = false;
  #isOver = false;
  #held: { resolve: () => void; reject: (error: unknown) => void } | null = null;

  constructor() {
    this.channel = {
      readable: new ReadableStream({
        start: (controller) => {
          this.#out = controller;
        },
        cancel: (reason) => {
          this.#isOver = true;
          this.cancelled = { reason };
        },
      }),
      writable: new WritableStream({
        start: (controller) => {
          this.#in = controller;
        },
        write: (message) => {
          this.received.push(JSON.parse(JSON.stringify(message)));
          if (!this.#isHeld) return;
          return new Promise((resolve, reject) => this.#held = { resolve, reject });
        },
        close: () => {
          this.writable = "closed";
        },
        abort: () => {
          this.writable = "aborted";
        },
      }),
    };
  }

  /** The requests we sent. */
  get requests(): RequestMessage[] {
    return this.received.filter((each) => "method" in each && "id" in each) as RequestMessage[];
  }

  /** Whether one of the streams is still locked. */
  get isLocked(): boolean {
    return this.channel.readable.locked || this.channel.writable.locked;
  }

  /** Sends anything, if we still read. */
  send(...messages: unknown[]): void {
    if (this.#isOver) return;
    for (const message of messages) this.#out.enqueue(message as Message);
  }

  /** Sends no more. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#out.close();
  }

  /** Breaks off, and drops what was sent and not read. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#out.error(error);
  }

  /** Takes one more message, and none after it before {@linkcode release}. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Takes messages again. */
  release(): void {
    this.#isHeld = false;
    this.#held?.resolve();
    this.#held = null;
  }

  /** Takes no more messages: a broken pipe. */
  breakWrites(error: unknown): void {
    if (this.#held === null) this.#in.error(error);
    else this.#held.reject(error);
    this.#held = null;
  }
}
