import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IdleTimer } from "../src/idle_timer.ts";
import { VirtualClock } from "./support/virtual_clock.ts";

function idleTimer(limitMs: number) {
  const clock = new VirtualClock();
  const fired: number[] = [];
  const timer = new IdleTimer(clock, limitMs, () => fired.push(clock.now()));
  return { clock, fired, timer };
}

describe("IdleTimer", () => {
  it("fires after the limit", async () => {
    const { clock, fired, timer } = idleTimer(100);
    timer.resume();
    await clock.advance(99);
    assert.deepEqual(fired, []);
    await clock.advance(1);
    assert.deepEqual(fired, [100]);
  });

  it("does not run before somebody listens", async () => {
    const { clock, fired } = idleTimer(100);
    await clock.advance(1000);
    assert.deepEqual(fired, []);
    assert.equal(clock.pending, 0);
  });

  it("does not count the time in which nobody listens", async () => {
    const { clock, fired, timer } = idleTimer(100);
    timer.resume();
    await clock.advance(60);
    timer.pause();
    await clock.advance(1000);
    timer.resume();
    await clock.advance(39);
    assert.deepEqual(fired, []);
    await clock.advance(1);
    assert.deepEqual(fired, [1100]);
  });

  it("begins anew after a sign of life", async () => {
    const { clock, fired, timer } = idleTimer(100);
    timer.resume();
    await clock.advance(99);
    timer.pause();
    timer.reset();
    timer.resume();
    await clock.advance(99);
    assert.deepEqual(fired, []);
    await clock.advance(1);
    assert.deepEqual(fired, [199]);
  });

  it("has no timer while paused, and one at most", () => {
    const { clock, timer } = idleTimer(100);
    timer.pause();
    timer.resume();
    timer.resume();
    assert.equal(clock.pending, 1);
    timer.pause();
    timer.pause();
    assert.equal(clock.pending, 0);
  });

  it("counts resuming again as going on", async () => {
    const { clock, fired, timer } = idleTimer(100);
    timer.resume();
    await clock.advance(60);
    timer.resume();
    await clock.advance(40);
    assert.deepEqual(fired, [100]);
  });

  it("fires when the silence listened to since the last sign of life reaches the limit", async () => {
    const step = fc.record({
      listenMs: fc.nat(80),
      restMs: fc.nat(200),
      isSignOfLife: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
        const { clock, fired, timer } = idleTimer(100);
        let silent = 0;
        let expected = false;
        for (const { listenMs, restMs, isSignOfLife } of steps) {
          timer.resume();
          await clock.advance(listenMs);
          silent += listenMs;
          expected = silent >= 100;
          assert.equal(fired.length > 0, expected);
          if (expected) return;
          timer.pause();
          if (isSignOfLife) {
            timer.reset();
            silent = 0;
          }
          await clock.advance(restMs);
          assert.equal(clock.pending, 0);
        }
      }),
      { numRuns: 40 },
    );
  });
});
