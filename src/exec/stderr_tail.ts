import type { Clock } from "../clock.ts";
import { withPatience } from "./patience.ts";

/** Reads a stream to its end and keeps only the last bytes of it. */
export class StderrTail {
  static readonly #limit = 16 * 1024;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  readonly #ended: Promise<void>;

  /** Begins to read at once: a full stderr pipe would stop codex. */
  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.#ended = this.#read();
  }

  /** The last 16 KiB of text, at most. */
  text(): string {
    const kept = new Uint8Array(this.#bytes);
    let offset = 0;
    for (const chunk of this.#chunks) {
      kept.set(chunk, offset);
      offset += chunk.length;
    }
    return new TextDecoder().decode(kept.subarray(Math.max(0, kept.length - StderrTail.#limit)));
  }

  /**
   * Waits for the end of the stream, at most `drainMs` milliseconds: a descendant may hold it open.
   * Never rejects.
   */
  async end(clock: Clock, drainMs: number): Promise<void> {
    const cancelTimer = withPatience(clock, drainMs, () => this.#reader.cancel().catch(() => {}));
    await this.#ended;
    cancelTimer();
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) return;
        // A copy: a few bytes may lie in a large buffer.
        this.#keep(value.slice(-StderrTail.#limit));
      }
    } catch {
      // What was read before is all there is to tell.
    }
  }

  #keep(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes - this.#chunks[0]!.length >= StderrTail.#limit) {
      this.#bytes -= this.#chunks.shift()!.length;
    }
  }
}
