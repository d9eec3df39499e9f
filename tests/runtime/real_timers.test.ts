import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { realTimers } from "../../src/runtime/real_timers.ts";

describe("realTimers", () => {
  it("fire once, unless they are cancelled", async () => {
    const fired: string[] = [];
    realTimers.after(0, () => fired.push("kept"));
    const cancel = realTimers.after(0, () => fired.push("cancelled"));
    cancel();
    // Timers fire in the order in which they are due.
    await new Promise<void>((resolve) => realTimers.after(2, resolve));
    assert.deepEqual(fired, ["kept"]);
  });
});
