import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isHandled, isIgnored, markOurs } from "../../src/runtime/host_signals.ts";

describe("isHandled()", () => {
  const [ours, theirs] = [markOurs(() => {}), () => {}];

  it("tells whether somebody else listens", () => {
    assert.equal(isHandled([], {}), false);
    assert.equal(isHandled([ours], {}), false);
    assert.equal(isHandled([ours, theirs], {}), true);
  });

  it("does not count who leaves the signal to others", () => {
    const symbol = Symbol.for("signal-exit emitter");
    const { [symbol]: before } = globalThis as Record<symbol, unknown>;
    try {
      Object.assign(globalThis, { [symbol]: { count: 1 } });
      assert.equal(isHandled([ours, theirs], {}), false);
      const host = { __signal_exit_emitter__: { count: 2 } };
      assert.equal(isHandled([theirs, theirs, ours, theirs], host), false);
      assert.equal(isHandled([theirs, theirs, ours, theirs, theirs], host), true);
      Object.assign(globalThis, { [symbol]: { count: "none" } });
      assert.equal(isHandled([ours, theirs], {}), true);
    } finally {
      Object.assign(globalThis, { [symbol]: before });
    }
  });
});

describe("isIgnored()", () => {
  const status = (mask: string) =>
    `Name:\tbun\nSigBlk:\t0000000000000007\nSigIgn:\t${mask}\nSigCgt:\t0\n`;

  it("reads the mask of the signals that are ignored", () => {
    const signals = ["SIGHUP", "SIGINT", "SIGTERM"] as const;
    const ignored = (mask: string) => signals.filter((each) => isIgnored(each, status(mask)));
    assert.deepEqual(ignored("0000000000000000"), []);
    assert.deepEqual(ignored("0000000000000001"), ["SIGHUP"]);
    assert.deepEqual(ignored("0000000000000002"), ["SIGINT"]);
    assert.deepEqual(ignored("8000000000004003"), [...signals]);
  });

  it("takes a signal for one that is not ignored when nothing tells", () => {
    assert.equal(isIgnored("SIGHUP", ""), false);
  });
});
