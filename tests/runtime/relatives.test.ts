import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findRelatives, identify, isStill, type ProcReader } from "../../src/runtime/relatives.ts";

type Entry = { parent: number; name?: string; state?: string; started?: string; env?: string[] };

/** A `/proc` of these processes. */
function procOf(processes: Record<number, Entry>): ProcReader {
  return {
    list: () => ["self", "meminfo", ...Object.keys(processes)],
    read: (path) => {
      const [, pid, file] = /^\/proc\/(\d+)\/(\w+)$/.exec(path)!;
      const entry = processes[Number(pid)];
      if (entry === undefined) throw new Error("ENOENT");
      if (file === "environ") {
        if (entry.env === undefined) throw new Error("EACCES");
        return entry.env.map((variable) => `${variable}\0`).join("");
      }
      const { name = "sh", state = "S", parent, started = `${pid}00` } = entry;
      const unused = Array(17).fill("0").join(" ");
      return `${pid} (${name}) ${state} ${parent} ${unused} ${started} 0 0`;
    },
  };
}

const pidsOf = (processes: Record<number, Entry>, variable: string | null = null) =>
  findRelatives({ pid: 10, started: "1000" }, variable, procOf(processes))
    .map(({ pid }) => pid).sort();

describe("findRelatives()", () => {
  it("finds children and their children, and not the process itself", () => {
    const processes = {
      1: { parent: 0 },
      10: { parent: 1 },
      11: { parent: 10 },
      12: { parent: 11 },
    };
    assert.deepEqual(pidsOf(processes), [11, 12]);
  });

  it("finds descendants whose ids are lower than their parents'", () => {
    assert.deepEqual(pidsOf({ 10: { parent: 1 }, 90: { parent: 10 }, 20: { parent: 90 } }), [
      20,
      90,
    ]);
  });

  it("reads names that hold spaces and parentheses", () => {
    assert.deepEqual(pidsOf({ 10: { parent: 1 }, 11: { parent: 10, name: "a) S 1 (b" } }), [11]);
  });

  it("leaves out strangers and zombies", () => {
    const processes = { 10: { parent: 1 }, 11: { parent: 1 }, 12: { parent: 10, state: "Z" } };
    assert.deepEqual(pidsOf(processes), []);
  });

  it("finds an orphan by the whole of a variable", () => {
    const processes = {
      11: { parent: 1, env: ["A=1", "THREAD=abc", "B=2"] },
      12: { parent: 1, env: ["THREAD=abcd"] },
      13: { parent: 1, env: ["X_THREAD=abc"] },
      14: { parent: 1 },
    };
    assert.deepEqual(pidsOf(processes, "THREAD=abc"), [11]);
  });

  it("leaves alone what carries the mark and is older", () => {
    const env = ["THREAD=abc"];
    const processes = {
      7: { parent: 1, env, started: "999" },
      8: { parent: 1, env, started: "1000" },
      9: { parent: 1, env, started: "10000" },
    };
    assert.deepEqual(pidsOf(processes, "THREAD=abc"), [8, 9]);
  });

  it("finds nothing where there is no /proc", () => {
    const proc: ProcReader = {
      list: () => {
        throw new Error("ENOENT");
      },
      read: () => "",
    };
    assert.deepEqual(findRelatives({ pid: 1, started: "1" }, "A=1", proc), []);
    assert.equal(identify(1, proc), null);
  });
});

describe("identify()", () => {
  it("is when a process started, and null for nobody", () => {
    const proc = procOf({ 10: { parent: 1, started: "777" } });
    assert.deepEqual(identify(10, proc), { pid: 10, started: "777" });
    assert.equal(identify(11, proc), null);
  });
});

describe("isStill()", () => {
  it("tells a process from a later one with its id", () => {
    const proc = procOf({ 10: { parent: 1, started: "777" } });
    assert.equal(isStill({ pid: 10, started: "777" }, proc), true);
    assert.equal(isStill({ pid: 10, started: "778" }, proc), false);
    assert.equal(isStill({ pid: 11, started: "777" }, proc), false);
  });
});
