import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Sample, SoakRun } from "../../tools/soak/sample.ts";
import { isCaught, judge } from "../../tools/soak/verdict.ts";

const start: Sample = {
  turns: 0,
  ms: 0,
  rssBytes: 100,
  heapBytes: 10,
  descriptors: 20,
  processes: 0,
  temporaryFiles: 0,
  listeners: 3,
};

/** A run with a sample for each figure of memory, after the first one. */
function runOf(memory: readonly number[], last: Partial<Sample> = {}): SoakRun {
  const samples = [start, ...memory.map((rssBytes) => ({ ...start, rssBytes }))];
  Object.assign(samples.at(-1)!, last);
  return { runtime: "Deno", codex: "fake", leak: null, samples, endings: {}, surprises: [] };
}

function kindsOf(run: SoakRun): string[] {
  return judge(run).problems.map(({ kind }) => kind);
}

const flat = [50, 50, 100, 100, 300, 300, 100, 100];

describe("judge()", () => {
  it("passes a run whose last quarter needs as much memory as its second", () => {
    const { secondQuarter, lastQuarter, growth, problems } = judge(runOf(flat));
    assert.deepEqual({ secondQuarter, lastQuarter, growth }, {
      secondQuarter: 100,
      lastQuarter: 100,
      growth: 0,
    });
    assert.deepEqual(problems, []);
  });

  it("compares means of quarters and tolerates 5 %", () => {
    assert.deepEqual(kindsOf(runOf([1, 1, 90, 110, 1, 1, 104, 106])), []);
    assert.deepEqual(kindsOf(runOf([1, 1, 90, 110, 1, 1, 105, 106])), ["memory"]);
  });

  it("finds nothing wrong with memory that shrinks", () => {
    assert.deepEqual(kindsOf(runOf([1, 1, 100, 100, 1, 1, 50, 50])), []);
  });

  it("finds memory that grows with each turn", () => {
    const memory = Array.from({ length: 50 }, (_, index) => 100 + index);
    const { problems } = judge(runOf(memory));
    assert.deepEqual(problems, [{
      kind: "memory",
      message: "resident memory grew by 21.1 %",
    }]);
  });

  it("refuses to judge the memory of a few samples", () => {
    assert.deepEqual(judge(runOf([100, 100])).problems, [{
      kind: "memory",
      message: "2 samples are too few: take at least 8",
    }]);
    assert.deepEqual(kindsOf({ ...runOf([]), samples: [] }), ["memory"]);
  });

  for (const kind of ["descriptors", "processes", "temporaryFiles", "listeners"] as const) {
    it(`finds one of ${kind} more than at the start`, () => {
      assert.deepEqual(kindsOf(runOf(flat, { [kind]: start[kind] + 1 })), [kind]);
      assert.deepEqual(kindsOf(runOf(flat, { [kind]: start[kind] - 1 })), []);
    });
  }

  it("takes a surprise for a problem", () => {
    const run = { ...runOf(flat), surprises: ["The program exited with code 1"] };
    assert.deepEqual(judge(run).problems, [{
      kind: "turns",
      message: "The program exited with code 1",
    }]);
  });
});

describe("isCaught()", () => {
  const leaking = { descriptors: 21, processes: 1, temporaryFiles: 1, listeners: 4 };

  it("wants the symptom of a leak of memory", () => {
    assert.equal(isCaught("memory", judge(runOf(flat))), false);
    assert.equal(isCaught("memory", judge(runOf(flat, leaking))), false);
    assert.equal(isCaught("memory", judge(runOf(flat.map((value, i) => value + 50 * i)))), true);
  });

  it("wants every symptom of a leak of handles", () => {
    assert.equal(isCaught("handles", judge(runOf(flat, leaking))), true);
    assert.equal(isCaught("handles", judge(runOf(flat, { ...leaking, listeners: 3 }))), false);
  });

  it("takes nothing for caught when turns went wrong", () => {
    const run = { ...runOf(flat, leaking), surprises: ["A turn did not end"] };
    assert.equal(isCaught("handles", judge(run)), false);
  });
});
