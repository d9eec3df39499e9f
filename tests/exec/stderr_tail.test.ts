import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StderrTail } from "../../src/exec/stderr_tail.ts";
import { utf8 } from "../support/arbitraries.ts";
import { FakePipe } from "../support/fake_runtime.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";

const limit = 16 * 1024;

describe("StderrTail", () => {
  it("reads by itself and has the text at any time", async () => {
    const pipe = new FakePipe();
    const tail = new StderrTail(pipe.stream);
    assert.equal(tail.text(), "");
    pipe.write("one\n");
    await settled();
    assert.equal(tail.text(), "one\n");
    pipe.write("two\n");
    await settled();
    assert.equal(tail.text(), "one\ntwo\n");
  });

  it("keeps the last 16 KiB, however they come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.nat(200), fc.constantFrom(limit - 1, limit, limit + 1, 40_000)), {
          maxLength: 8,
        }),
        async (sizes) => {
          const pipe = new FakePipe();
          const tail = new StderrTail(pipe.stream);
          let all = "";
          for (const [i, size] of sizes.entries()) {
            const text = String.fromCharCode(97 + i).repeat(size);
            all += text;
            pipe.write(text);
          }
          pipe.end();
          await tail.end(new VirtualClock(), 10);
          assert.equal(tail.text(), all.slice(-limit));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("does not hold on to bytes that the source writes over", async () => {
    const pipe = new FakePipe();
    const tail = new StderrTail(pipe.stream);
    const chunk = utf8("said");
    pipe.write(chunk);
    await settled();
    chunk.fill(0);
    assert.equal(tail.text(), "said");
    pipe.end();
  });

  it("joins characters split across chunks", async () => {
    const pipe = new FakePipe();
    const tail = new StderrTail(pipe.stream);
    for (const byte of utf8("é😀")) pipe.write(new Uint8Array([byte]));
    pipe.end();
    await tail.end(new VirtualClock(), 10);
    assert.equal(tail.text(), "é😀");
  });

  it("end() waits for the end of the stream", async () => {
    const clock = new VirtualClock();
    const pipe = new FakePipe();
    const tail = new StderrTail(pipe.stream);
    let ended = false;
    const ending = tail.end(clock, 100).then(() => ended = true);
    await clock.advance(99);
    assert.equal(ended, false);
    pipe.write("last");
    pipe.end();
    await ending;
    assert.equal(tail.text(), "last");
    assert.equal(pipe.isCancelled, false);
    assert.equal(clock.pending, 0);
  });

  it("end() gives up a stream that someone holds open, and closes it", async () => {
    const clock = new VirtualClock();
    const pipe = new FakePipe();
    const tail = new StderrTail(pipe.stream);
    pipe.write("said");
    let ended = false;
    const ending = tail.end(clock, 100).then(() => ended = true);
    await clock.advance(99);
    assert.equal(ended, false);
    await clock.advance(1);
    await ending;
    assert.equal(tail.text(), "said");
    assert.equal(pipe.isCancelled, true);
    assert.equal(clock.pending, 0);
  });

  it("end() takes no notice of a stream that cannot be closed", async () => {
    const clock = new VirtualClock();
    const pipe = new FakePipe();
    pipe.cancelError = new Error("EBADF");
    const tail = new StderrTail(pipe.stream);
    pipe.write("said");
    const ending = tail.end(clock, 100);
    await clock.advance(100);
    await ending;
    assert.equal(tail.text(), "said");
  });

  it("keeps what came before the pipe broke", async () => {
    const clock = new VirtualClock();
    const pipe = new FakePipe();
    const tail = new StderrTail(pipe.stream);
    pipe.write("said");
    await settled();
    pipe.fail(new Error("EIO"));
    await tail.end(clock, 100);
    assert.equal(tail.text(), "said");
    assert.equal(clock.pending, 0);
  });
});
