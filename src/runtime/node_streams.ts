import type { Readable, Writable } from "node:stream";

/**
 * A web stream that takes one chunk at a time from a Node stream.
 *
 * `Readable.toWeb()` reads ahead, and is told of errors after it was cancelled, which nobody hears
 * but the host.
 */
export function readableFromNode(source: Readable): ReadableStream<Uint8Array> {
  let open = true;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      source.on("data", (chunk: Uint8Array) => {
        // Also stops the reading that Node begins by itself when the process exits.
        source.pause();
        // A Buffer is a Uint8Array whose slice() shares its memory.
        controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      });
      source.pause();
      const settle = (end: () => void) => {
        if (open) end();
        open = false;
      };
      source.on("end", () => settle(() => controller.close()));
      source.on("error", (error) => settle(() => controller.error(error)));
      source.on(
        "close",
        () => settle(() => controller.error(new Error("Stream closed before its end"))),
      );
    },
    pull() {
      source.resume();
    },
    cancel() {
      open = false;
      return closed(source);
    },
  }, { highWaterMark: 0 });
}

/** A web stream whose writes end when the system has taken them. */
export function writableFromNode(target: Writable): WritableStream<Uint8Array> {
  // Whoever writes is told; without a listener, so would be the host, and end.
  target.on("error", () => {});
  return new WritableStream<Uint8Array>({
    write: (chunk) =>
      new Promise((resolve, reject) => {
        target.write(chunk, (error) => error ? reject(error) : resolve());
      }),
    // Every write was waited for, so that nothing is lost when the reader is gone. The callback of
    // end() is not called for a stream that is destroyed already.
    close: () =>
      new Promise((resolve) => {
        if (target.closed) return resolve();
        target.once("close", resolve);
        target.end();
      }),
    abort: () => closed(target),
  });
}

/** Closes a Node stream; its file descriptor is free when this resolves. */
function closed(stream: Readable | Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) return resolve();
    stream.once("close", resolve);
    stream.destroy();
  });
}
