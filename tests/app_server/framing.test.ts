import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Message } from "../../src/app_server/message.ts";
import { encodeMessage, frameMessages } from "../../src/app_server/message_framing.ts";
import { ProtocolError } from "../../src/errors.ts";
import { concat, cut, cuts, json, utf8 } from "../support/arbitraries.ts";
import { streamOf } from "../support/streams.ts";
import { settled } from "../support/virtual_clock.ts";

const message = fc.oneof(
  fc.record({
    id: fc.nat(),
    method: fc.constantFrom("m", "é😀", "a\nb\r", "\u2028"),
    params: json,
  }),
  fc.record({ method: fc.constant("item/agentMessage/delta"), params: json }),
  fc.record({ id: fc.string(), result: json }),
) as fc.Arbitrary<Message>;

/** What peers print besides: nothing, log lines, half a message, a byte order mark. */
const noise = fc.constantFrom("\n", "\r\n", "WARN\n", '{"id":\n', "[]\n", "null\n", "\u2028\n");

/** Reads all there is: messages, noise, and the error at the end. */
async function read(chunks: Uint8Array[], maxLineBytes?: number) {
  const messages: Message[] = [];
  const noise: [string, number][] = [];
  const { readable } = frameMessages(
    { readable: streamOf(chunks), writable: new WritableStream() },
    { maxLineBytes, onNoise: (text, line) => noise.push([text, line]) },
  );
  const reader = readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { messages, noise };
      messages.push(value);
    }
  } catch (error) {
    return { messages, noise, error };
  }
}

describe("frameMessages()", () => {
  it("reads what it wrote, wherever the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 6 }), cuts, async (sent, at) => {
        const written: Uint8Array[] = [];
        const bytes = new WritableStream<Uint8Array>({
          write: (chunk) => void written.push(chunk),
        });
        const { writable } = frameMessages({ readable: streamOf([]), writable: bytes });
        const writer = writable.getWriter();
        for (const each of sent) await writer.write(each);
        await writer.close();
        const { messages, noise, error } = await read(cut(concat(written), at));
        // As JSON says them: -0 is 0 there.
        assert.deepEqual(messages, JSON.parse(JSON.stringify(sent)));
        assert.deepEqual([noise, error], [[], undefined]);
      }),
    );
  });

  it("finds the same in any output, wherever the bytes are cut", async () => {
    const lines = fc.array(fc.oneof(message.map(encodeMessage), noise.map(utf8)), { maxLength: 8 });
    const limit = fc.option(fc.integer({ min: 1, max: 80 }), { nil: undefined });
    await fc.assert(fc.asyncProperty(lines, cuts, limit, async (lines, at, limit) => {
      const bytes = concat(lines);
      const whole = await read([bytes], limit);
      assert.deepEqual(await read(cut(bytes, at), limit), whole);
      assert.deepEqual(await read(cut(bytes, [...bytes.keys()]), limit), whole);
    }));
  });

  it("writes one line a message, in UTF-8", () => {
    const method = "a\nb\u2028é😀";
    const line = '{"method":"a\\nb\u2028é😀"}\n';
    assert.deepEqual(encodeMessage({ method }), utf8(line));
  });

  it("tells noise by its line, and reads a last line without its end", async () => {
    const { messages, noise } = await read([utf8('{"id":1}\r\nWARN x\n\n{"id":2}')]);
    assert.deepEqual(messages, [{ id: 1 }, { id: 2 }]);
    assert.deepEqual(noise, [["WARN x", 2]]);
  });

  it("raises a line that is too long after the messages before it, and reads no further", async () => {
    let reason: unknown;
    const bytes = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(utf8('{"id":1}\n{"id":2}\n{"id":33}\n{"id":4}\n')),
      cancel: (each) => void (reason = each),
    });
    const { readable } = frameMessages(
      { readable: bytes, writable: new WritableStream() },
      { maxLineBytes: 8 },
    );
    const reader = readable.getReader();
    for (const id of [1, 2]) {
      assert.deepEqual(await reader.read(), { done: false, value: { id } });
      await settled();
    }
    const error = await reader.read().catch((error) => error);
    assert.ok(ProtocolError.is(error));
    assert.equal(error.line, 3);
    assert.equal(reason, error);
    assert.equal(bytes.locked, false);
  });

  it("raises a failure of the bytes after the messages before it", async () => {
    const cause = new Error("EIO");
    const chunks = [utf8('{"id":1}\n{"id":2}\n'), utf8('{"id":3}\n{"id')];
    const bytes = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks.shift();
        chunk === undefined ? controller.error(cause) : controller.enqueue(chunk);
      },
    }, { highWaterMark: 0 });
    const { readable } = frameMessages({ readable: bytes, writable: new WritableStream() });
    const reader = readable.getReader();
    for (const id of [1, 2, 3]) {
      assert.deepEqual(await reader.read(), { done: false, value: { id } });
    }
    await assert.rejects(reader.read(), cause);
    assert.equal(bytes.locked, false);
  });

  it("reads only as fast as it is read", async () => {
    let pulls = 0;
    const bytes = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(utf8(`{"id":${pulls++}}\n`)),
    }, { highWaterMark: 0 });
    const { readable } = frameMessages({ readable: bytes, writable: new WritableStream() });
    const reader = readable.getReader();
    await settled();
    assert.equal(pulls, 0);
    await reader.read();
    await settled();
    assert.equal(pulls, 1);
  });

  it("is not ended by a listener that throws", async () => {
    const { readable } = frameMessages(
      { readable: streamOf([utf8('WARN\n{"id":1}\n')]), writable: new WritableStream() },
      {
        onNoise() {
          throw new Error("mine");
        },
      },
    );
    assert.deepEqual(await readable.getReader().read(), { done: false, value: { id: 1 } });
  });

  it("cancels the bytes when it is cancelled, also in the middle of a read", async () => {
    for (const isReading of [false, true]) {
      let reason: unknown;
      const bytes = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(utf8('{"id":1')),
        cancel: (each) => void (reason = each),
      });
      const { readable } = frameMessages({ readable: bytes, writable: new WritableStream() });
      const reader = readable.getReader();
      const reading = isReading ? reader.read() : Promise.resolve(null);
      await settled();
      await reader.cancel("enough");
      await reading;
      assert.equal(reason, "enough");
      assert.equal(bytes.locked, false);
    }
  });

  it("passes on that the peer is gone, written to or not", async () => {
    const gone = new Error("EPIPE");
    for (const isWritten of [false, true]) {
      let sink!: WritableStreamDefaultController;
      const bytes = new WritableStream<Uint8Array>({
        start: (controller) => void (sink = controller),
        write: () => Promise.reject(gone),
      });
      const writer = frameMessages({ readable: streamOf([]), writable: bytes }).writable
        .getWriter();
      if (isWritten) await assert.rejects(writer.write({ method: "m" }), gone);
      else sink.error(gone);
      await assert.rejects(writer.closed, gone);
    }
  });

  it("waits for bytes to be taken, and aborts them", async () => {
    const taken: unknown[] = [];
    let aborted: unknown;
    let take = () => {};
    const bytes = new WritableStream<Uint8Array>({
      write: (chunk) =>
        new Promise<void>((resolve) => [take] = [() => (taken.push(chunk), resolve())]),
      abort: (reason) => void (aborted = reason),
    });
    const writer = frameMessages({ readable: streamOf([]), writable: bytes }).writable.getWriter();
    const writing = writer.write({ method: "m" });
    await settled();
    assert.equal(writer.desiredSize, 0);
    take();
    await writing;
    assert.deepEqual(taken, [utf8('{"method":"m"}\n')]);
    await writer.abort("enough");
    assert.equal(aborted, "enough");
  });
});
