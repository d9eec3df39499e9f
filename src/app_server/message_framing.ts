import { callOnlooker } from "../callback.ts";
import type { JsonLine } from "../streams/json_line.ts";
import { JsonLinesDecoder } from "../streams/json_lines_decoder.ts";
import type { Message, MessageChannel } from "./message.ts";
import { wellFormed } from "./well_formed.ts";

/** Bytes in, bytes out. */
export type ByteChannel = {
  /** What the peer sends. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What is sent to the peer. */
  readonly writable: WritableStream<Uint8Array>;
};

/** How {@linkcode frameMessages} reads. */
export type FramingOptions = {
  /** A longer line is an error. Default: no limit. */
  maxLineBytes?: number;
  /** Hears of lines that are no JSON objects, at most 2,000 characters of each. */
  onNoise?: (text: string, line: number) => void;
};

/**
 * Messages over bytes, one JSON object a line, read only as fast as they are taken. A line that is
 * none is noise; which objects are messages is for the connection to say.
 *
 * `readable` raises an error only after every message before it was taken: a `TransformStream`
 * would drop those. A line that is too long is a `ProtocolError`.
 */
export function frameMessages(bytes: ByteChannel, options: FramingOptions = {}): MessageChannel {
  return {
    readable: decoded(bytes.readable.getReader(), options),
    writable: encoded(bytes.writable.getWriter()),
  };
}

/** A message as it goes over the wire. */
export function encodeMessage(message: Message): Uint8Array {
  return new TextEncoder().encode(messageText(message) + "\n");
}

/** A message as JSON that codex takes: with a lone surrogate in it, it would not be heard at all. */
export function messageText(message: Message): string {
  const text = JSON.stringify(message);
  return /\\ud[89a-f]/.test(text) ? JSON.stringify(wellFormed(message)) : text;
}

function decoded(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { maxLineBytes, onNoise }: FramingOptions,
): ReadableStream<Message> {
  const lines = new JsonLinesDecoder(maxLineBytes);
  let failure: { error: unknown } | null = null;
  let isOver = false;
  let isCancelled = false;
  return new ReadableStream({
    async pull(controller) {
      let count = 0;
      const emit = (line: JsonLine) => {
        if ("noise" in line) return callOnlooker(() => onNoise?.(line.noise, line.line), () => {});
        count++;
        controller.enqueue(line.object as Message);
      };
      // Without a message, the stream would not ask again.
      while (count === 0 && !isOver) {
        try {
          const { done, value } = await reader.read();
          isOver = done;
          done ? lines.flush(emit) : lines.decode(value, emit);
        } catch (error) {
          isOver = true;
          failure = { error };
          reader.cancel(error).catch(() => {});
        }
      }
      if (count > 0 || isCancelled) return;
      // Asked again only once the queue is empty, so nothing is dropped.
      reader.releaseLock();
      if (failure !== null) throw failure.error;
      controller.close();
    },
    async cancel(reason) {
      isCancelled = true;
      try {
        await reader.cancel(reason);
      } finally {
        reader.releaseLock();
      }
    },
  }, { highWaterMark: 0 });
}

function encoded(writer: WritableStreamDefaultWriter<Uint8Array>): WritableStream<Message> {
  return new WritableStream({
    // Tells that the peer is gone also while nothing is written.
    start: (controller) => void writer.closed.catch((error) => controller.error(error)),
    write: (message) => writer.write(encodeMessage(message)),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  });
}
