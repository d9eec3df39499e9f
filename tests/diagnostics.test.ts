import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Diagnostic, DiagnosticLog } from "../src/diagnostics.ts";

function diagnostic(message: string, line?: number): Diagnostic {
  return line === undefined ? { kind: "process", message } : { kind: "stdout", message, line };
}

describe("DiagnosticLog", () => {
  it("lists what was added, oldest first", () => {
    const log = new DiagnosticLog();
    log.add(diagnostic("a", 1));
    log.add(diagnostic("b"));
    assert.deepEqual(log.list(), [diagnostic("a", 1), diagnostic("b")]);
  });

  it("keeps the first 50 and the last 50, and says how many are missing", () => {
    fc.assert(fc.property(fc.nat(300), (count) => {
      const log = new DiagnosticLog();
      const all = Array.from({ length: count }, (_, i) => diagnostic(`${i}`, i + 1));
      for (const each of all) log.add(each);
      const missing = count - 100;
      assert.deepEqual(
        log.list(),
        missing <= 0 ? all : [
          ...all.slice(0, 50),
          diagnostic(`${missing} more diagnostics are not kept`),
          ...all.slice(-50),
        ],
      );
    }));
  });

  it("bounds messages", () => {
    const log = new DiagnosticLog();
    log.add(diagnostic("x".repeat(5000)));
    assert.equal(log.list()[0]!.message.length, 2000);
  });

  it("tells the listener of every diagnostic, bounded, also those it does not keep", () => {
    const heard: Diagnostic[] = [];
    const log = new DiagnosticLog((each) => heard.push(each));
    for (let i = 0; i < 200; i++) log.add(diagnostic("x".repeat(5000), i));
    assert.deepEqual(heard.map((each) => each.line), Array.from({ length: 200 }, (_, i) => i));
    assert.ok(heard.every((each) => each.message.length === 2000));
  });

  it("goes on when the listener throws", () => {
    const log = new DiagnosticLog(() => {
      throw new Error("boom");
    });
    log.add(diagnostic("a"));
    log.add(diagnostic("b"));
    assert.deepEqual(log.list(), [diagnostic("a"), diagnostic("b")]);
  });

  it("gives a list of its own each time", () => {
    const log = new DiagnosticLog();
    log.add(diagnostic("a"));
    log.list().length = 0;
    assert.equal(log.list().length, 1);
  });
});
