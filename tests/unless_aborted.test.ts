import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AbortError, TimeoutError } from "../src/errors.ts";
import { unlessAborted } from "../src/unless_aborted.ts";
import { WatchedAbort } from "./support/watched_signal.ts";

const never = new Promise<never>(() => {});

describe("unlessAborted()", () => {
  it("comes to what the promise comes to, and listens no longer", async () => {
    const abort = new WatchedAbort();
    const boom = new Error("boom");
    assert.equal(await unlessAborted(Promise.resolve(1), abort.signal), 1);
    await assert.rejects(unlessAborted(Promise.reject(boom), abort.signal), boom);
    assert.equal(abort.listeners, 0);
    assert.equal(await unlessAborted(Promise.resolve(2)), 2);
  });

  it("rejects with the abort, before or meanwhile", async () => {
    const abort = new WatchedAbort();
    const waiting = unlessAborted(never, abort.signal);
    abort.abort("enough");
    for (const each of [waiting, unlessAborted(never, abort.signal)]) {
      await assert.rejects(each, (error) => AbortError.is(error) && error.cause === "enough");
    }
    assert.equal(abort.listeners, 0);
  });

  it("rejects with an error of ours as it is, or with what it is told to", async () => {
    const abort = new WatchedAbort();
    const reason = new TimeoutError("late", { kind: "turn", timeoutMs: 1 });
    abort.abort(reason);
    await assert.rejects(unlessAborted(never, abort.signal), reason);
    const told = unlessAborted(never, abort.signal, ({ reason }) => [reason]);
    assert.deepEqual(await told.catch((error) => error), [reason]);
  });
});
