import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Backoff } from "../../src/app_server/backoff.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const limits = { baseMs: 100, maxMs: 500, maxTries: 5, windowMs: 10_000 };

describe("Backoff", () => {
  it("waits twice as long each time, up to a limit, then gives up", () => {
    const backoff = new Backoff(limits, new VirtualClock(), () => 0.999999);
    const waits = Array.from({ length: 7 }, () => backoff.next());
    assert.deepEqual(waits, [99, 199, 399, 499, 499, null, null]);
  });

  it("waits any time from none to that", () => {
    for (const [random, wait] of [[0, 0], [0.5, 50]] as const) {
      assert.equal(new Backoff(limits, new VirtualClock(), () => random).next(), wait);
    }
  });

  it("forgets what lies longer back than its window", async () => {
    const clock = new VirtualClock();
    const backoff = new Backoff({ ...limits, maxTries: 2 }, clock, () => 0.999999);
    backoff.next();
    await clock.advance(6000);
    backoff.next();
    assert.equal(backoff.next(), null);
    await clock.advance(4000);
    assert.equal(backoff.next(), 199, "one is forgotten, one is not");
    assert.equal(backoff.next(), null);
    await clock.advance(10_000);
    assert.equal(backoff.next(), 99, "after a quiet time all is as new");
  });

  it("does not count the asking after it has given up", async () => {
    const clock = new VirtualClock();
    const backoff = new Backoff({ ...limits, maxTries: 1 }, clock);
    backoff.next();
    await clock.advance(9999);
    assert.equal(backoff.next(), null);
    await clock.advance(1);
    assert.notEqual(backoff.next(), null);
  });

  it("with no tries gives up at once", () => {
    assert.equal(new Backoff({ maxTries: 0 }, new VirtualClock()).next(), null);
  });

  it("never grants more tries within a window than allowed, whenever it is asked", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(5000), { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        async (pauses, maxTries) => {
          const clock = new VirtualClock();
          const backoff = new Backoff({ ...limits, maxTries }, clock);
          const granted: number[] = [];
          for (const pause of pauses) {
            await clock.advance(pause);
            if (backoff.next() !== null) granted.push(clock.now());
          }
          for (const [index, at] of granted.entries()) {
            const before = granted[index - maxTries];
            assert.ok(before === undefined || at - before >= limits.windowMs);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
