import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import { discardTyped, type TerminalInput } from "../../src/app_server/discard_typed.ts";
import { Outcome } from "../support/outcome.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";
import { WatchedAbort } from "../support/watched_signal.ts";

class FakeInput extends EventEmitter implements TerminalInput {
  isRaw = false;
  isRead = false;
  isGone = false;

  resume(): void {
    this.isRead = true;
  }

  pause(): void {
    this.isRead = false;
  }

  setRawMode(isRaw: boolean): void {
    if (this.isGone) throw new Error("setRawMode EIO");
    this.isRaw = isRaw;
  }

  get heard(): number {
    return this.eventNames().reduce((sum, name) => sum + this.listenerCount(name), 0);
  }
}

function setUp(input: FakeInput = new FakeInput()) {
  const clock = new VirtualClock();
  const abort = new WatchedAbort();
  const interrupts: boolean[] = [];
  const interrupt = () => interrupts.push(input.isRaw);
  const outcome = new Outcome(discardTyped(input, abort.signal, interrupt, clock));
  const assertLeftAlone = () => {
    const { isRaw, isRead, heard } = input;
    assert.deepEqual({ isRaw, isRead, heard }, { isRaw: false, isRead: false, heard: 0 });
    assert.deepEqual([clock.pending, abort.listeners], [0, 0]);
  };
  return { input, clock, abort, interrupts, outcome, assertLeftAlone };
}

describe("discardTyped()", () => {
  it("reads until nothing was typed for 100 ms", async () => {
    const { input, clock, interrupts, outcome, assertLeftAlone } = setUp();
    assert.deepEqual([input.isRaw, input.isRead], [true, true]);
    await clock.advance(60);
    input.emit("data", new TextEncoder().encode("y\ny"));
    await clock.advance(99);
    assert.equal(outcome.state, "pending");
    await clock.advance(1);
    assert.equal(outcome.value, true);
    assert.deepEqual(interrupts, []);
    assertLeftAlone();
  });

  it("stops at an abort", async () => {
    const { abort, outcome, assertLeftAlone } = setUp();
    const reason = new Error("answered");
    abort.abort(reason);
    await settled();
    assert.equal(outcome.error, reason);
    assertLeftAlone();
  });

  it("passes on Ctrl-C when the terminal is as it was", async () => {
    const { input, interrupts, outcome, assertLeftAlone } = setUp();
    input.emit("data", "y\x03");
    await settled();
    assert.deepEqual(interrupts, [false]);
    assert.equal(outcome.value, true);
    assertLeftAlone();
  });

  for (const how of ["end", "error"]) {
    it(`says that nothing more can be typed (${how})`, async () => {
      const { input, outcome, assertLeftAlone } = setUp();
      input.emit(how, new Error("EIO"));
      await settled();
      assert.equal(outcome.value, false);
      assertLeftAlone();
    });
  }

  it("says that nothing more can be typed where the terminal is gone", async () => {
    const { outcome, assertLeftAlone } = setUp(Object.assign(new FakeInput(), { isGone: true }));
    await settled();
    assert.equal(outcome.value, false);
    assertLeftAlone();
  });
});
