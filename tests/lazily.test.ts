import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lazily } from "../src/lazily.ts";

describe("lazily()", () => {
  it("makes it when it is first asked for, and once", async () => {
    let count = 0;
    const get = lazily(() => Promise.resolve(++count));
    assert.equal(count, 0);
    assert.deepEqual(await Promise.all([get(), get()]), [1, 1]);
    assert.equal(await get(), 1);
  });

  it("tries again after a failure", async () => {
    const failure = new Error("no descriptor is left");
    const outcomes = [Promise.reject(failure), Promise.resolve("made")];
    const get = lazily(() => outcomes.shift()!);
    const [first, second] = await Promise.allSettled([get(), get()]);
    assert.deepEqual([first, second], Array(2).fill({ status: "rejected", reason: failure }));
    assert.equal(await get(), "made");
    assert.equal(await get(), "made");
  });
});
