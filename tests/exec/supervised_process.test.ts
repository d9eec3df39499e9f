import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SupervisedProcess } from "../../src/exec/supervised_process.ts";
import type { ProcessStatus, Signal } from "../../src/runtime/types.ts";
import { FakeProcess, FakeRuntime } from "../support/fake_runtime.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";

const timing = {
  interruptGraceMs: 100,
  terminateGraceMs: 200,
  killGraceMs: 400,
  lingerMs: 800,
  drainMs: 50,
};

function setUp(options: { leadsGroup?: boolean; os?: string } = {}) {
  const clock = new VirtualClock();
  const runtime = Object.assign(new FakeRuntime(), {
    platform: { os: options.os ?? "linux", arch: "x64" },
  });
  const command = { executable: "codex", args: [], env: {}, inheritEnv: true };
  const child = new FakeProcess(command, {
    leadsGroup: options.leadsGroup ?? true,
    readsStdin: true,
  });
  const process = new SupervisedProcess(child, runtime, clock, timing);
  const statuses: ProcessStatus[] = [];
  process.ended.then((status) => statuses.push(status));
  return { clock, runtime, child, process, statuses };
}

describe("SupervisedProcess", () => {
  it("tells how the process ended", async () => {
    const { child, process, statuses } = setUp();
    assert.equal(process.status, null);
    child.exit({ code: 3 });
    await settled();
    assert.deepEqual(process.status, { code: 3, signal: null });
    assert.deepEqual(statuses, [{ code: 3, signal: null }]);
  });

  it("kills what the process leaves behind in its group", async () => {
    const { child } = setUp();
    child.exit();
    await settled();
    assert.deepEqual(child.signals, ["-SIGKILL"]);
  });

  it("signals no group where there is none", async () => {
    const { child, process, clock } = setUp({ leadsGroup: false });
    process.terminate();
    await clock.advance(1000);
    assert.deepEqual(child.signals, ["SIGINT", "SIGTERM", "SIGKILL"]);
  });

  it("ends the whole tree at once on Windows, which has no signals", async () => {
    const { child, process, clock } = setUp({ leadsGroup: false, os: "win32" });
    process.terminate();
    assert.deepEqual(child.signals, ["-SIGTERM"]);
    child.exit({ code: 1 });
    await clock.advance(1000);
    assert.deepEqual(child.signals, ["-SIGTERM"]);
  });

  it("asks, then insists, then kills, each after its grace", async () => {
    const { child, process, clock } = setUp();
    process.terminate();
    assert.deepEqual(child.signals, ["SIGINT"]);
    await clock.advance(99);
    assert.equal(child.signals.length, 1);
    await clock.advance(1);
    assert.deepEqual(child.signals, ["SIGINT", "-SIGTERM"]);
    await clock.advance(199);
    assert.equal(child.signals.length, 2);
    await clock.advance(1);
    assert.deepEqual(child.signals, ["SIGINT", "-SIGTERM", "-SIGKILL"]);
  });

  it("does not ask what has no turn to interrupt: codex would not hear it", async () => {
    const { child, process, clock } = setUp();
    process.terminate(0);
    assert.deepEqual(child.signals, ["-SIGTERM"]);
    await clock.advance(200);
    assert.deepEqual(child.signals, ["-SIGTERM", "-SIGKILL"]);
  });

  it("gives up a process that not even SIGKILL ends", async () => {
    const { child, process, clock, statuses } = setUp();
    process.terminate();
    await clock.advance(699);
    assert.deepEqual(statuses, []);
    await clock.advance(1);
    assert.deepEqual(statuses, [{ code: null, signal: "SIGKILL" }]);
    assert.equal(clock.pending, 0);
    child.exit({ code: 0 });
    await settled();
    assert.deepEqual(process.status, { code: null, signal: "SIGKILL" });
    assert.equal(statuses.length, 1);
  });

  it("stops as soon as the process is gone", async () => {
    const { child, process, clock } = setUp();
    process.terminate();
    await clock.advance(50);
    child.exit({ code: 1 });
    await settled();
    assert.equal(clock.pending, 0);
    await clock.advance(10_000);
    assert.deepEqual(child.signals, ["SIGINT", "-SIGKILL"]);
  });

  it("takes being told twice for being told once", async () => {
    const { child, process, clock } = setUp();
    process.terminate();
    process.terminate();
    await clock.advance(150);
    process.terminate();
    assert.deepEqual(child.signals, ["SIGINT", "-SIGTERM"]);
    assert.equal(clock.pending, 1);
  });

  it("signals nobody once the process is gone: its id may be another's", async () => {
    const { child, process, clock } = setUp();
    child.exit();
    await settled();
    child.signals.length = 0;
    process.terminate();
    process.signalNow("SIGINT");
    process.signalNow("SIGKILL");
    await clock.advance(10_000);
    assert.deepEqual(child.signals, []);
  });

  it("signalNow() sends one signal at once", () => {
    const { child, process, clock } = setUp();
    process.signalNow("SIGINT");
    process.signalNow("SIGKILL");
    assert.deepEqual(child.signals, ["SIGINT", "-SIGKILL"]);
    assert.equal(clock.pending, 0);
  });

  it("signalNow() kills relatives that left the group", () => {
    const { runtime, process } = setUp();
    runtime.strays = [{ pid: 5, started: "5" }];
    process.signalNow("SIGINT");
    assert.deepEqual(runtime.strays, []);
  });

  it("kills relatives that left the group, and waits until they are gone", async () => {
    const { runtime, child, process, clock, statuses } = setUp();
    const stubborn = { pid: 6, started: "6", isImmortal: true };
    runtime.strays = [{ pid: 5, started: "5" }, stubborn];
    process.terminate();
    child.exit({ code: 1 });
    await settled();
    assert.deepEqual(runtime.strays, [stubborn]);
    assert.deepEqual(statuses, []);
    runtime.strays = [];
    await clock.advance(10);
    assert.deepEqual(statuses, [{ code: 1, signal: null }]);
    assert.equal(clock.pending, 0);
  });

  it("gives up relatives that not even SIGKILL ends", async () => {
    const { runtime, child, process, clock, statuses } = setUp();
    runtime.strays = [{ pid: 6, started: "6", isImmortal: true }];
    process.noteRelatives();
    child.exit();
    await clock.advance(2000);
    assert.equal(statuses.length, 1);
    assert.equal(clock.pending, 0);
  });

  it("finds by its mark what only then can be told to be a relative", async () => {
    const { runtime, child, process, statuses } = setUp();
    process.mark = "CODEX_THREAD_ID=t";
    runtime.strays = [
      { pid: 5, started: "5", variable: "CODEX_THREAD_ID=t" },
      { pid: 7, started: "7", variable: "CODEX_THREAD_ID=another" },
    ];
    child.exit();
    await settled();
    assert.deepEqual(runtime.strays.map((each) => each.pid), [7]);
    assert.equal(statuses.length, 0);
  });

  it("sweep() finds by its mark what became known only after the exit", async () => {
    const { runtime, child, process, clock } = setUp();
    runtime.strays = [{ pid: 5, started: "5", variable: "CODEX_THREAD_ID=t" }];
    child.exit();
    await settled();
    await process.sweep();
    assert.equal(runtime.strays.length, 1, "no mark, nothing to search for");
    process.mark = "CODEX_THREAD_ID=t";
    let isSwept = false;
    const sweeping = process.sweep().then(() => isSwept = true);
    await settled();
    assert.equal(runtime.strays.length, 0);
    assert.equal(isSwept, false, "it may not be gone yet");
    await clock.advance(10);
    await sweeping;
    assert.equal(clock.pending, 0);
  });

  it("remembers a relative whose parent has ended by the time it looks again", async () => {
    const { runtime, child, process } = setUp();
    const relative: (typeof runtime.strays)[number] = { pid: 5, started: "5" };
    runtime.strays = [relative];
    process.noteRelatives();
    process.noteRelatives();
    relative.variable = "NONE=1";
    process.terminate();
    process.signalNow("SIGINT");
    assert.deepEqual(runtime.strays, []);
    child.exit();
    await settled();
  });

  it("kills each relative once, however often it was found, and one that has its number", async () => {
    const { runtime, child, process, clock } = setUp();
    const killed: string[] = [];
    runtime.signalRelative = ({ pid, started }) => {
      killed.push(`${pid} of ${started}`);
      return false;
    };
    runtime.strays = [{ pid: 5, started: "1" }, { pid: 6, started: "1" }];
    process.noteRelatives();
    runtime.strays = [{ pid: 5, started: "2" }, { pid: 6, started: "1" }];
    process.noteRelatives();
    child.exit();
    await settled();
    assert.deepEqual(killed, ["5 of 1", "6 of 1", "5 of 2"]);
    assert.equal(clock.pending, 0);
  });

  it("looks for relatives only where it can tell whose they are, and while it may", async () => {
    for (const leadsGroup of [true, false]) {
      const { runtime, child, process, clock } = setUp({ leadsGroup });
      let searches = 0;
      runtime.relatives = () => {
        searches++;
        return [];
      };
      runtime.signalRelative = () => assert.fail("signalled a stranger");
      process.noteRelatives();
      assert.equal(searches, leadsGroup ? 1 : 0);
      child.exit();
      await settled();
      process.noteRelatives();
      await process.sweep();
      assert.equal(searches, leadsGroup ? 1 : 0, "its id may be another's");
      assert.equal(clock.pending, 0);
    }
  });

  it("signals no relatives when none were looked for", async () => {
    const { runtime, child, process, statuses } = setUp();
    runtime.signalRelative = () => assert.fail("signalled a stranger");
    child.exit();
    await settled();
    assert.equal(statuses.length, 1);
    assert.notEqual(process.status, null);
  });

  it("sweep() does not search again, nor where there is no group", async () => {
    for (const leadsGroup of [true, false]) {
      const { runtime, child, process, clock } = setUp({ leadsGroup });
      process.mark = "CODEX_THREAD_ID=t";
      child.exit();
      await settled();
      runtime.strays = [{ pid: 5, started: "5", variable: "CODEX_THREAD_ID=t" }];
      await process.sweep();
      assert.equal(runtime.strays.length, 1);
      assert.equal(clock.pending, 0);
    }
  });

  it("ends the tree on Windows, which has no signals to ask by", async () => {
    const { runtime, child, process, clock } = setUp({ leadsGroup: false });
    runtime.platform = { os: "win32", arch: "x64" };
    process.terminate();
    await clock.advance(200);
    process.signalNow("SIGINT");
    assert.deepEqual(child.signals, ["-SIGTERM", "-SIGKILL", "-SIGINT"]);
  });

  it("sends signals in order and settles once, whenever the process exits", async () => {
    const patience = fc.constantFrom<Signal | "never">("SIGINT", "SIGTERM", "SIGKILL", "never");
    const steps = fc.array(
      fc.constantFrom("terminate" as const, "exit" as const, 1, 60, 150, 500),
      { maxLength: 12 },
    );
    const cases = fc.tuple(patience, steps, fc.boolean(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(cases, async ([mortal, all, leadsGroup, hasTurn]) => {
        const { clock, child, process, statuses } = setUp({ leadsGroup });
        child.onSignal = (signal) => {
          const isMortal = signal === mortal || signal === "SIGKILL" && mortal !== "never";
          if (isMortal) child.exit({ code: null, signal });
        };
        for (const step of all) {
          if (step === "terminate") process.terminate(hasTurn ? undefined : 0);
          else if (step === "exit") child.exit({ code: 0 });
          else await clock.advance(step);
        }
        process.terminate(hasTurn ? undefined : 0);
        await clock.advance(1000);
        assert.equal(statuses.length, 1);
        assert.equal(clock.pending, 0);
        // Each signal of the escalation at most once and in order, then the kill of what is left.
        const group = leadsGroup ? "-" : "";
        const escalation = [
          ...(hasTurn ? ["SIGINT"] : []),
          `${group}SIGTERM`,
          `${group}SIGKILL`,
        ];
        const rest = leadsGroup ? ["-SIGKILL"] : [];
        const possible = escalation.map((_, i) => [...escalation.slice(0, i + 1), ...rest]);
        const seen = JSON.stringify(child.signals);
        assert.ok([rest, ...possible].some((each) => JSON.stringify(each) === seen), seen);
      }),
      { numRuns: 60 },
    );
  });
});
