import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../src/clock.ts";

describe("systemClock", () => {
  it("grows", () => {
    const before = systemClock.now();
    assert.ok(systemClock.now() >= before);
  });

  it("takes no notice of the time of day, which may jump", () => {
    const dateNow = Date.now;
    const before = systemClock.now();
    try {
      Date.now = () => dateNow() + 86_400_000;
      assert.ok(systemClock.now() - before < 86_400_000);
      Date.now = () => dateNow() - 86_400_000;
      assert.ok(systemClock.now() >= before);
    } finally {
      Date.now = dateNow;
    }
  });

  it("calls back once", async () => {
    let calls = 0;
    const cancel = await new Promise<() => void>((resolve) => {
      const cancel = systemClock.after(0, () => {
        calls++;
        resolve(cancel);
      });
    });
    cancel();
    assert.equal(calls, 1);
  });

  it("does not call back what was cancelled", async () => {
    let calls = 0;
    systemClock.after(0, () => calls++)();
    // A timer set later, for the same time, runs later.
    await new Promise<void>((resolve) => systemClock.after(0, resolve));
    assert.equal(calls, 0);
  });
});
