import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ProcessOutput } from "../../src/exec/process_output.ts";
import { SupervisedProcess } from "../../src/exec/supervised_process.ts";
import { defaultTiming } from "../../src/exec/timing.ts";
import { FakeProcess, FakeRuntime } from "../support/fake_runtime.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";

const drainMs = 50;

function setUp() {
  const clock = new VirtualClock();
  const child = new FakeProcess(
    { executable: "codex", args: [], env: {}, inheritEnv: true },
    { leadsGroup: true, readsStdin: true },
  );
  const process = new SupervisedProcess(child, new FakeRuntime(), clock, defaultTiming);
  const output = new ProcessOutput(child.stdout, process, clock, drainMs);
  const read = async () => {
    const bytes = await output.read();
    return bytes === null ? null : new TextDecoder().decode(bytes);
  };
  return { clock, child, output, read };
}

/** What became of a promise so far. */
function watch<T>(promise: Promise<T>): { value?: T; error?: unknown } {
  const seen: { value?: T; error?: unknown } = {};
  promise.then((value) => seen.value = value, (error) => seen.error = error);
  return seen;
}

describe("ProcessOutput", () => {
  it("reads to the end and counts", async () => {
    const { child, output, read } = setUp();
    child.out.write("abc");
    child.out.write("de");
    child.out.end();
    assert.deepEqual([await read(), await read(), await read()], ["abc", "de", null]);
    assert.equal(output.bytesRead, 5);
    assert.equal(output.heldOpen, false);
  });

  it("waits for as long as the process runs", async () => {
    const { clock, read } = setUp();
    const seen = watch(read());
    await clock.advance(1_000_000);
    assert.deepEqual(seen, {});
    assert.equal(clock.pending, 0);
  });

  it("in a hurry gives up who goes on and on after the exit, once a pipe was read", async () => {
    const { clock, child, output, read } = setUp();
    const chunk = "x".repeat(128 * 1024);
    output.hurry();
    child.exit();
    await settled();
    // As a process does that codex has left behind.
    for (let i = 0; i < 8; i++) {
      child.out.write(chunk);
      assert.equal(await read(), chunk);
    }
    await clock.leap(drainMs * 10);
    child.out.write("x");
    assert.equal(await read(), "x", "there is time yet");
    await clock.leap(1);
    child.out.write("x");
    assert.equal(await read(), null);
    assert.equal(output.heldOpen, true);
  });

  it("in a hurry reads all that is left in the pipe, however busy the host was", async () => {
    const { clock, child, output, read } = setUp();
    const rest = "x".repeat(1024 * 1024);
    output.hurry();
    child.out.write(rest);
    child.exitAlone();
    await settled();
    await clock.leap(1_000_000);
    assert.equal(await read(), rest);
    assert.equal(await read(), null);
    assert.equal(output.heldOpen, false);
  });

  it("without a hurry reads whatever was printed, however late", async () => {
    const { clock, child, output, read } = setUp();
    child.out.write("abc");
    child.exitAlone();
    await settled();
    await clock.leap(1_000_000);
    assert.equal(await read(), "abc");
    assert.equal(output.heldOpen, false);
  });

  it("reads on after the exit", async () => {
    const { clock, child, read } = setUp();
    child.out.write("abc");
    child.exitAlone();
    assert.equal(await read(), "abc");
    await settled();
    assert.equal(await read(), null);
    assert.equal(clock.pending, 0);
  });

  it("gives up an output that is held open and silent after the exit", async () => {
    const { clock, child, output, read } = setUp();
    const seen = watch(read());
    child.exit();
    await clock.advance(drainMs - 1);
    assert.deepEqual(seen, {});
    await clock.advance(1);
    assert.deepEqual(seen, { value: null });
    assert.equal(output.heldOpen, true);
    assert.equal(output.isAwaited, false);
    assert.equal(clock.pending, 0);
  });

  it("gives up as well when it is read only after the exit", async () => {
    const { clock, child, output, read } = setUp();
    child.exit();
    await settled();
    assert.equal(clock.pending, 0, "nobody waits yet");
    const seen = watch(read());
    await clock.advance(drainMs);
    assert.deepEqual(seen, { value: null });
    assert.equal(output.heldOpen, true);
  });

  it("waits anew after each read", async () => {
    const { clock, child, read } = setUp();
    child.exit();
    await settled();
    for (let i = 0; i < 3; i++) {
      const seen = watch(read());
      await clock.advance(drainMs - 1);
      child.out.write("x");
      await settled();
      assert.deepEqual(seen, { value: "x" });
      assert.equal(clock.pending, 0);
    }
  });

  it("waits ten times its patience in all, for somebody who says a little now and then", async () => {
    const { clock, child, output, read } = setUp();
    // What passes before the exit, or while nobody reads, does not count.
    const before = watch(read());
    await clock.advance(1000);
    child.out.write("x");
    await settled();
    assert.deepEqual(before, { value: "x" });
    child.exit();
    await clock.advance(1000);
    for (let i = 0; i < 12; i++) {
      const seen = watch(read());
      await clock.advance(drainMs - 10);
      assert.deepEqual(seen, {});
      child.out.write("x");
      await settled();
      assert.deepEqual(seen, { value: "x" });
      await clock.advance(1000);
    }
    // 20 ms are left.
    const last = watch(read());
    await clock.advance(19);
    assert.deepEqual(last, {});
    await clock.advance(1);
    assert.deepEqual(last, { value: null });
    assert.equal(output.heldOpen, true);
    assert.equal(clock.pending, 0);
    const again = watch(read());
    await clock.advance(0);
    assert.deepEqual(again, { value: null });
    await output.cancel();
  });

  it("has one timer at most, however reads and the exit fall together", async () => {
    // Each count of microtasks between the exit and the read is another interleaving.
    for (let ticks = 0; ticks < 12; ticks++) {
      const { clock, child, read } = setUp();
      child.exit();
      for (let i = 0; i < ticks; i++) await null;
      const first = watch(read());
      await settled();
      assert.equal(clock.pending, 1, `after ${ticks} microtasks`);
      child.out.write("x");
      await settled();
      assert.deepEqual(first, { value: "x" });
      assert.equal(clock.pending, 0, `after ${ticks} microtasks`);
    }
  });

  it("ends when more comes after the exit than a pipe can hold", async () => {
    const { child, output } = setUp();
    child.exit();
    await settled();
    const chunk = new Uint8Array(1024 * 1024);
    let chunks = 0;
    for (; chunks < 100; chunks++) {
      child.out.write(chunk);
      if (await output.read() === null) break;
    }
    assert.equal(chunks, 16);
    assert.equal(output.heldOpen, true);
  });

  it("takes as much after the exit as a pipe can hold", async () => {
    const { child, output } = setUp();
    child.exit();
    await settled();
    const chunk = new Uint8Array(1024 * 1024);
    for (let i = 0; i < 16; i++) {
      child.out.write(chunk);
      assert.notEqual(await output.read(), null);
    }
    assert.equal(output.heldOpen, false);
    await output.cancel();
  });

  it("takes any amount while the process runs", async () => {
    const { child, output } = setUp();
    const chunk = new Uint8Array(1024 * 1024);
    for (let i = 0; i < 40; i++) {
      child.out.write(chunk);
      assert.notEqual(await output.read(), null);
    }
  });

  it("rejects when the pipe breaks, and leaves no timer", async () => {
    const { clock, child, read } = setUp();
    const seen = watch(read());
    child.exit();
    await settled();
    assert.equal(clock.pending, 1);
    const error = new Error("EIO");
    child.out.fail(error);
    await settled();
    assert.equal(seen.error, error);
    assert.equal(clock.pending, 0);
  });

  it("cancel() ends a read that waits, and closes the pipe", async () => {
    const { clock, child, output, read } = setUp();
    const seen = watch(read());
    child.exit();
    await settled();
    await output.cancel();
    assert.deepEqual(seen, { value: null });
    assert.equal(child.out.isCancelled, true);
    assert.equal(clock.pending, 0);
  });

  it("cancel() does not reject for a broken pipe", async () => {
    const { child, output } = setUp();
    child.out.fail(new Error("EIO"));
    await output.cancel();
  });

  it("hands over all that is written before it gives up", async () => {
    const step = fc.oneof(
      fc.string({ minLength: 1, maxLength: 5, unit: "grapheme-ascii" }),
      fc.nat(drainMs - 1),
      fc.constant("exit" as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { clock, child, output, read } = setUp();
        let written = "";
        let seen = "";
        const reading = (async () => {
          for (let text = await read(); text !== null; text = await read()) seen += text;
        })();
        for (const step of steps) {
          if (step === "exit") child.exit();
          else if (typeof step === "number") await clock.advance(step % drainMs);
          else {
            // Silence of the whole drain time cannot be meant to end here.
            if (!output.heldOpen) written += step;
            child.out.write(step);
            await settled();
          }
        }
        child.exit();
        await clock.advance(drainMs);
        await reading;
        assert.ok(written.startsWith(seen));
        if (!output.heldOpen) assert.equal(seen, written);
        await output.cancel();
        assert.equal(clock.pending, 0);
      }),
      { numRuns: 60 },
    );
  });
});
