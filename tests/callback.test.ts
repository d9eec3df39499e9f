import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callOnlooker } from "../src/callback.ts";

describe("callOnlooker()", () => {
  it("takes what a callback throws, at once or later", async () => {
    const error = new Error("mine");
    const heard: unknown[] = [];
    callOnlooker(() => {
      throw error;
    }, (each) => heard.push(each));
    const later = new Promise((resolve) => callOnlooker(() => Promise.reject(error), resolve));
    assert.deepEqual(heard, [error]);
    assert.equal(await later, error);
  });
});
