import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AbortError,
  CodexNotFoundError,
  ExitError,
  InvalidOptionsError,
  ProtocolError,
} from "../../src/errors.ts";
import { deferred } from "../../src/deferred.ts";
import { ExecTurn } from "../../src/exec/exec_turn.ts";
import type { Input, SpawnInfo } from "../../src/options.ts";
import { ExecStage, type ExecStageOptions, timing } from "../support/exec_stage.ts";
import { codexPath, FakeRuntime } from "../support/fake_runtime.ts";
import { plantedKey } from "../support/planted_key.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";

const started = { type: "thread.started", thread_id: "t" };
const began = { type: "turn.started" };
const said = { type: "item.completed", item: { id: "0", type: "agent_message", text: "hello" } };
const completed = { type: "turn.completed" };
const failed = { type: "turn.failed", error: { message: "boom" } };
const turn = [started, began, said, completed];
/** A line of a mebibyte. */
const big = {
  type: "item.completed",
  item: { id: "1", type: "reasoning", text: "x".repeat(1024 * 1024) },
};
const schema = { turnOptions: { outputSchema: { type: "object" } } };

async function running(options: ExecStageOptions = {}) {
  const stage = new ExecStage(options);
  const process = await stage.start();
  return { stage, process };
}

function assertClean(stage: ExecStage): void {
  assert.equal(stage.isEnded, true, "has not ended");
  assert.deepEqual(stage.leftovers(), []);
}

describe("ExecTurn", () => {
  it("starts nothing before the first read", async () => {
    const stage = new ExecStage({ request: schema });
    await stage.clock.advance(10_000);
    assert.equal(stage.runtime.processes.length, 0);
    assert.deepEqual(stage.leftovers(), []);
    assert.equal(stage.isEnded, false);
  });

  it("starts codex at the first read, with its arguments and prompt", async () => {
    const { stage, process } = await running({ request: { threadOptions: { model: "m" } } });
    assert.equal(process.command.executable, codexPath);
    assert.deepEqual(process.command.args, [
      "exec",
      "--experimental-json",
      ...["--model", "m"],
      ...["--sandbox", "read-only"],
      ...["--config", 'approval_policy="never"'],
    ]);
    assert.equal(process.command.inheritEnv, true);
    assert.equal(process.input, "Say hello");
    assert.equal(process.stdinIsClosed, true);
    stage.abort.abort();
  });

  it("hands over the events and ends when codex does", async () => {
    const { stage, process } = await running({ request: schema });
    assert.equal(stage.runtime.privateFiles.size, 1);
    process.print(...turn);
    process.exitAlone();
    await stage.readOn();
    assert.deepEqual(stage.events, turn as unknown);
    assert.deepEqual(stage.outcomes, [{}]);
    assert.deepEqual(process.signals, ["-SIGKILL"]);
    assertClean(stage);
  });

  it("hands over events as they come", async () => {
    const { stage, process } = await running();
    for (const event of turn) {
      process.print(event);
      await stage.readOn();
      assert.deepEqual(stage.events.at(-1), event as unknown);
    }
    assert.equal(stage.isReading, true);
    process.exitAlone();
    await settled();
    assert.deepEqual(stage.outcomes, [{}]);
    assertClean(stage);
  });

  it("reads no faster than it is read", async () => {
    const { stage, process } = await running();
    process.print(started);
    await settled();
    process.print(began);
    process.print(said);
    await settled();
    assert.deepEqual(stage.events, [started] as unknown);
    stage.abort.abort();
    await stage.clock.advance(1000);
  });

  it("ends by itself after its last event, read or not", async () => {
    const { stage, process } = await running({ request: schema });
    process.print(...turn);
    await settled();
    process.print(said);
    process.exitAlone();
    await settled();
    assertClean(stage);
    assert.equal(stage.outcomes.length, 0);
    await stage.readOn();
    assert.deepEqual(stage.events, [...turn, said] as unknown);
    assert.deepEqual(stage.outcomes, [{}]);
  });

  it("keeps what comes while it ends for whoever still reads", async () => {
    const { stage, process } = await running();
    process.print(...turn);
    await settled();
    for (let i = 0; i < 10; i++) {
      process.print(said);
      await settled();
    }
    process.exitAlone();
    await settled();
    assertClean(stage);
    await stage.readOn();
    assert.equal(stage.events.length, turn.length + 10);
    assert.deepEqual(stage.outcomes, [{}]);
  });

  it("hands over any amount while it ends to a reader who keeps up", async () => {
    const { stage, process } = await running();
    process.print(...turn);
    await stage.readOn();
    for (let i = 0; i < 20; i++) {
      process.print(big);
      await stage.readOn();
    }
    assert.equal(stage.events.length, turn.length + 20);
    assert.deepEqual(process.signals, []);
    process.exitAlone();
    await stage.readOn();
    assert.deepEqual(stage.outcomes, [{}]);
    assertClean(stage);
  });

  it("takes long lines by default", async () => {
    const { stage, process } = await running();
    process.print(began, big, completed);
    process.exitAlone();
    await stage.readOn();
    assert.deepEqual(stage.events, [began, big, completed] as unknown);
    assert.deepEqual(stage.outcomes, [{}]);
  });

  it("does not take an item for the end", async () => {
    const { stage, process } = await running();
    process.print(started, began, said);
    await stage.readOn();
    await stage.clock.advance(600_000);
    assert.deepEqual(process.signals, []);
    process.exitAlone({ code: 0 });
    await stage.readOn();
    assert.match(
      (stage.outcome!.error as Error).message,
      /^Codex Exec exited with code 0 before the turn ended$/,
    );
    assertClean(stage);
  });

  it("leaves out what the host's environment says already", async () => {
    const stage = new ExecStage();
    stage.runtime.variables.CODEX_INTERNAL_ORIGINATOR_OVERRIDE = "host";
    const process = await stage.start();
    assert.deepEqual(process.command.env, {});
    stage.abort.abort();
  });

  it("ends by itself when codex exits, read or not", async () => {
    const { stage, process } = await running({ request: schema });
    process.print(started);
    await settled();
    process.print(began, said);
    process.exitAlone({ code: 1 });
    await settled();
    assertClean(stage);
    await stage.readOn();
    assert.deepEqual(stage.events, [started, began, said] as unknown);
    assert.ok(ExitError.is(stage.outcome?.error));
  });

  describe("when codex does not exit", () => {
    it("lets it linger, then ends it, and calls the turn a good one", async () => {
      const { stage, process } = await running();
      process.onSignal = (signal) => signal === "SIGINT" && process.exitAlone({ code: 130 });
      process.print(...turn);
      await stage.readOn();
      await stage.clock.advance(999);
      assert.deepEqual(process.signals, []);
      await stage.clock.advance(1);
      assert.deepEqual(process.signals, ["SIGINT", "-SIGKILL"]);
      assert.deepEqual(stage.outcomes, [{}]);
      assert.deepEqual(stage.turn.report().diagnostics, [{
        kind: "process",
        message: "Codex did not exit within 1000 ms after it was done",
      }]);
      assertClean(stage);
    });

    it("ends it when it has closed stdout", async () => {
      const { stage, process } = await running();
      process.print(started, began);
      process.out.end();
      await stage.readOn();
      await stage.clock.advance(1000);
      assert.deepEqual(process.signals, ["SIGINT"]);
      process.exitAlone({ code: 1 });
      await settled();
      assert.ok(ExitError.is(stage.outcome?.error));
      assertClean(stage);
    });

    it("ends it when it has begun another turn and closed stdout", async () => {
      const { stage, process } = await running();
      process.onSignal = (signal) => signal === "SIGINT" && process.exitAlone({ code: 1 });
      process.print(...turn, began);
      process.out.end();
      await stage.readOn();
      await stage.clock.advance(10_000);
      assert.ok(ExitError.is(stage.outcome?.error));
      assertClean(stage);
    });

    it("gives it up when not even SIGKILL ends it", async () => {
      const { stage, process } = await running({ request: schema });
      process.print(...turn);
      await stage.readOn();
      await stage.clock.advance(1000 + 100 + 200 + 400 + 50 + 50);
      assert.deepEqual(process.signals, ["SIGINT", "-SIGTERM", "-SIGKILL", "-SIGKILL"]);
      assert.deepEqual(stage.outcomes, [{}]);
      assertClean(stage);
    });

    it("does not end it while another turn runs", async () => {
      const { stage, process } = await running();
      process.print(...turn);
      await stage.readOn();
      await stage.clock.advance(900);
      process.print(began);
      await stage.readOn();
      await stage.clock.advance(60_000);
      assert.deepEqual(process.signals, []);
      assert.deepEqual(stage.events, [...turn, began] as unknown);
      process.print(completed);
      process.exitAlone();
      await stage.readOn();
      assert.deepEqual(stage.outcomes, [{}]);
      assertClean(stage);
    });
  });

  describe("when codex fails", () => {
    it("says with what code it exited, and what it wrote to stderr", async () => {
      const { stage, process } = await running();
      process.print(started, began);
      process.err.write("Reading prompt from stdin...\nno such model\n");
      process.exitAlone({ code: 3 });
      await stage.readOn();
      const { error } = stage.outcome!;
      assert.ok(ExitError.is(error));
      assert.equal(
        error.message,
        "Codex Exec exited with code 3 before the turn ended: no such model",
      );
      assert.equal(error.exitCode, 3);
      assert.equal(error.signal, null);
      assert.equal(error.stderr, "Reading prompt from stdin...\nno such model\n");
      assertClean(stage);
    });

    it("says by what signal it ended", async () => {
      const { stage, process } = await running();
      process.exitAlone({ code: null, signal: "SIGSEGV" });
      await stage.readOn();
      const { error } = stage.outcome!;
      assert.ok(ExitError.is(error));
      assert.equal(error.message, "Codex Exec exited with signal SIGSEGV before the turn ended");
      assert.equal(error.signal, "SIGSEGV");
    });

    it("fails a turn that was completed, too", async () => {
      const { stage, process } = await running();
      process.print(...turn);
      process.exitAlone({ code: 1 });
      await stage.readOn();
      assert.deepEqual(stage.events, turn as unknown);
      assert.equal((stage.outcome!.error as Error).message, "Codex Exec exited with code 1");
    });

    it("does not take an exit without an ended turn for success", async () => {
      const { stage, process } = await running();
      process.print(started, began);
      process.exitAlone({ code: 0 });
      await stage.readOn();
      assert.match(
        (stage.outcome!.error as Error).message,
        /^Codex Exec exited with code 0 before the turn ended$/,
      );
    });

    it("leaves it to the events to say that the turn failed", async () => {
      const { stage, process } = await running();
      process.print(started, failed);
      process.exitAlone({ code: 0 });
      await stage.readOn();
      assert.deepEqual(stage.outcomes, [{}]);
    });

    it("says what codex last noticed when stderr is silent", async () => {
      const { stage, process } = await running();
      process.err.write("Reading prompt from stdin...\n");
      process.print({ type: "error", message: "first" }, { type: "error", message: "last" });
      process.exitAlone({ code: 1 });
      await stage.readOn();
      assert.match((stage.outcome!.error as Error).message, /before the turn ended: last$/);
    });

    it("says the end of what it wrote to stderr", async () => {
      const { stage, process } = await running();
      const notice = "Reading prompt from stdin...\n";
      process.err.write(`${notice}${"x".repeat(3000)}\n${notice}end`);
      process.exitAlone({ code: 1 });
      await stage.readOn();
      const { error } = stage.outcome!;
      assert.ok(ExitError.is(error));
      const end = `\n${notice}end`;
      assert.equal(
        error.message,
        `Codex Exec exited with code 1 before the turn ended: ${
          "x".repeat(2000 - end.length)
        }${end}`,
      );
    });

    it("leaves out codex's first line on stderr, and no other", async () => {
      const { stage, process } = await running();
      process.err.write("a\nReading prompt from stdin...\nb\n");
      process.exitAlone({ code: 1 });
      await stage.readOn();
      assert.equal(
        (stage.outcome!.error as Error).message,
        "Codex Exec exited with code 1 before the turn ended: a\nReading prompt from stdin...\nb",
      );
    });

    it("says the end of what codex last noticed", async () => {
      const { stage, process } = await running();
      process.print({ type: "error", message: `${"x".repeat(3000)}end` });
      process.exitAlone({ code: 1 });
      await stage.readOn();
      const { message } = stage.outcome!.error as Error;
      assert.equal(
        message,
        `Codex Exec exited with code 1 before the turn ended: ${"x".repeat(1997)}end`,
      );
    });

    it("says the beginning of what else it printed", async () => {
      const { stage, process } = await running();
      process.out.write("x".repeat(3000));
      process.exitAlone({ code: 1 });
      await stage.readOn();
      const { message } = stage.outcome!.error as Error;
      assert.equal(
        message,
        `Codex Exec exited with code 1 before the turn ended: ${"x".repeat(500)}`,
      );
    });

    it("says what else it printed when there is nothing better", async () => {
      const { stage, process } = await running();
      process.out.write("panicked at main.rs\n");
      process.exitAlone({ code: 101 });
      await stage.readOn();
      const error = stage.outcome!.error;
      assert.ok(ExitError.is(error));
      assert.match(error.message, /ended: panicked at main\.rs$/);
      assert.deepEqual(error.diagnostics, [{
        kind: "stdout",
        message: "panicked at main.rs",
        line: 1,
      }]);
    });
  });

  describe("when it is aborted", () => {
    it("starts nothing when that happens before the first read", async () => {
      const stage = new ExecStage({ request: schema });
      stage.runtime.beforePrivateFile = () => assert.fail("wrote a file");
      const reason = new Error("stop");
      stage.abort.abort(reason);
      await stage.readOn();
      assert.equal(stage.outcome?.error, reason);
      assert.equal(stage.runtime.processes.length, 0);
      assertClean(stage);
    });

    it("starts nothing when that happens while files are written", async () => {
      const stage = new ExecStage({ request: schema });
      const reason = new Error("stop");
      stage.runtime.beforePrivateFile = () => stage.abort.abort(reason);
      await stage.readOn();
      assert.equal(stage.outcome?.error, reason);
      assert.equal(stage.runtime.processes.length, 0);
      assertClean(stage);
    });

    it("ends codex when that happens while it is started", async () => {
      const stage = new ExecStage({ request: schema });
      const reason = new Error("stop");
      stage.runtime.beforeSpawn = () => stage.abort.abort(reason);
      await stage.readOn();
      assert.deepEqual(stage.process.signals, ["-SIGTERM"]);
      stage.process.exitAlone({ code: null, signal: "SIGTERM" });
      await settled();
      assert.equal(stage.outcome?.error, reason);
      assertClean(stage);
    });

    it("interrupts codex and raises the reason after the events that arrived", async () => {
      const { stage, process } = await running({ request: schema });
      process.print(started, began);
      await settled();
      const reason = new Error("stop");
      process.print(said);
      stage.abort.abort(reason);
      assert.deepEqual(process.signals, ["SIGINT"]);
      await settled();
      process.print(said);
      process.exitAlone({ code: 1 });
      await stage.readOn();
      assert.deepEqual(stage.events, [started, began, said, said] as unknown);
      assert.equal(stage.outcome?.error, reason);
      assertClean(stage);
    });

    it("terminates codex while the turn has not begun, which would not hear an interrupt", async () => {
      const { stage, process } = await running();
      process.print(started);
      await stage.readOn();
      assert.equal(stage.isReading, true);
      stage.abort.abort();
      assert.deepEqual(process.signals, ["-SIGTERM"]);
      process.exitAlone({ code: null, signal: "SIGTERM" });
      await settled();
      assertClean(stage);
    });

    it("interrupts codex when it may have begun unheard", async () => {
      const { stage, process } = await running();
      process.print(started);
      await settled();
      assert.equal(stage.isReading, false);
      stage.abort.abort();
      assert.deepEqual(process.signals, ["SIGINT"]);
      process.exitAlone({ code: 1 });
      await settled();
      assertClean(stage);
    });

    it("is less patient when codex may have lost the interrupt", async () => {
      const clock = new VirtualClock();
      const runtime = new FakeRuntime();
      const abort = new AbortController();
      const exec = new ExecTurn({
        thread: { type: "new" },
        isFirst: true,
        input: "Say hello",
        threadOptions: {},
        turnOptions: {},
        signal: abort.signal,
      }, {
        codexOptions: {},
        runtime: () => Promise.resolve(runtime),
        locate: () => Promise.resolve({ path: codexPath, pathDirs: [], source: "option" }),
        clock,
        timing: { ...timing, interruptGraceMs: 60_000 },
      });
      const reader = exec.events.getReader();
      const first = reader.read();
      await settled();
      runtime.process.print(started);
      await first;
      abort.abort();
      await clock.advance(99);
      assert.deepEqual(runtime.process.signals, ["SIGINT"]);
      await clock.advance(1);
      assert.deepEqual(runtime.process.signals, ["SIGINT", "-SIGTERM"]);
      runtime.process.exitAlone({ code: 1 });
      await exec.ended;
      assert.equal(clock.pending, 0);
    });

    it("reads on while codex ends, so that a full pipe does not hold it up", async () => {
      const { stage, process } = await running();
      process.print(began);
      await settled();
      stage.abort.abort();
      process.out.write("WARN\n");
      await settled();
      assert.deepEqual(stage.turn.report().diagnostics, [
        { kind: "stdout", message: "WARN", line: 2 },
      ]);
      process.exitAlone({ code: 1 });
      await settled();
      assertClean(stage);
    });

    it("ends although nobody reads", async () => {
      const { stage, process } = await running({ request: schema });
      process.print(started);
      await settled();
      stage.abort.abort();
      await stage.clock.advance(100 + 200);
      process.exitAlone({ code: null, signal: "SIGKILL" });
      await settled();
      assertClean(stage);
    });

    it("escalates, and gives up what cannot be killed", async () => {
      const { stage, process } = await running();
      process.print(began);
      await settled();
      stage.abort.abort(new Error("stop"));
      await stage.clock.advance(100 + 200 + 400 + 50 + 50);
      assert.deepEqual(process.signals, ["SIGINT", "-SIGTERM", "-SIGKILL", "-SIGKILL"]);
      await stage.readOn();
      assert.equal((stage.outcome?.error as Error).message, "stop");
      assertClean(stage);
    });

    it("keeps to the first reason", async () => {
      const { stage, process } = await running();
      stage.abort.abort(new Error("first"));
      stage.runtime.hostSignal("SIGINT");
      void stage.turn.end(new Error("third"));
      process.exitAlone({ code: 1 });
      await stage.readOn();
      assert.equal((stage.outcome?.error as Error).message, "first");
    });

    it("takes no notice when it is over", async () => {
      const { stage, process } = await running();
      process.print(...turn);
      process.exitAlone();
      await settled();
      stage.abort.abort();
      stage.runtime.hostSignal("SIGINT");
      await stage.readOn();
      assert.deepEqual(stage.outcomes, [{}]);
      assert.deepEqual(process.signals, ["-SIGKILL"]);
    });
  });

  describe("when it is cancelled", () => {
    it("starts nothing when that happens before the first read", async () => {
      const stage = new ExecStage({ request: schema });
      await stage.cancel();
      assert.equal(stage.runtime.processes.length, 0);
      assertClean(stage);
    });

    it("starts nothing when that happens while files are written", async () => {
      const stage = new ExecStage({ request: schema });
      let cancelled!: Promise<void>;
      stage.runtime.beforePrivateFile = () => {
        cancelled = stage.cancel();
      };
      stage.read();
      await settled();
      await cancelled;
      assert.equal(stage.runtime.processes.length, 0);
      assertClean(stage);
    });

    it("ends codex when that happens while it is started", async () => {
      const stage = new ExecStage();
      let cancelled!: Promise<void>;
      stage.runtime.beforeSpawn = () => {
        cancelled = stage.cancel();
      };
      stage.read();
      await settled();
      assert.deepEqual(stage.process.signals, ["-SIGTERM"]);
      stage.process.exitAlone({ code: 1 });
      await cancelled;
      assertClean(stage);
    });

    it("ends codex and waits until nothing is left", async () => {
      const { stage, process } = await running({ request: schema });
      process.print(began);
      await settled();
      let isDone = false;
      const cancelled = stage.cancel().then(() => isDone = true);
      await stage.clock.advance(50);
      assert.deepEqual(process.signals, ["SIGINT"]);
      assert.equal(isDone, false);
      process.print(said);
      process.exitAlone({ code: 1 });
      await cancelled;
      assertClean(stage);
    });

    it("reads on while codex ends, so that a full pipe does not hold it up", async () => {
      const { stage, process } = await running();
      process.print(began);
      await settled();
      const cancelled = stage.cancel();
      process.out.write("WARN\n");
      await settled();
      assert.deepEqual(stage.turn.report().diagnostics, [
        { kind: "stdout", message: "WARN", line: 2 },
      ]);
      process.exitAlone({ code: 1 });
      await cancelled;
      assertClean(stage);
    });

    it("lets codex say whatever it has left to say when the turn has ended", async () => {
      const { stage, process } = await running();
      process.print(...turn);
      await settled();
      const cancelled = stage.cancel();
      for (let i = 0; i < 20; i++) {
        process.print(big);
        await settled();
      }
      assert.deepEqual(process.signals, []);
      process.exitAlone();
      await cancelled;
      assertClean(stage);
    });

    it("lets codex finish when the turn has ended", async () => {
      const { stage, process } = await running();
      process.print(...turn);
      await settled();
      const cancelled = stage.cancel();
      await settled();
      assert.deepEqual(process.signals, []);
      process.exitAlone();
      await cancelled;
      assertClean(stage);
    });
  });

  describe("when others hold its output open", () => {
    it("does not wait for them", async () => {
      const { stage, process } = await running({ request: schema });
      process.print(...turn);
      await stage.readOn();
      process.exit({ code: 0 });
      await stage.clock.advance(50 + 50);
      assert.deepEqual(stage.outcomes, [{}]);
      assert.deepEqual(stage.turn.report().diagnostics, [{
        kind: "process",
        message: "Codex is gone, but a process it started keeps its output open",
      }]);
      assert.equal(process.out.isCancelled, true);
      assert.equal(process.err.isCancelled, true);
      assertClean(stage);
    });

    it("reads what codex had written before", async () => {
      const { stage, process } = await running();
      process.exit({ code: 0 });
      process.print(...turn);
      await stage.readOn();
      await stage.clock.advance(100);
      assert.deepEqual(stage.events, turn as unknown);
      assert.deepEqual(stage.outcomes, [{}]);
    });
  });

  describe("when output is not what it should be", () => {
    it("fails on an event in a wrong shape, after those before it, and ends codex", async () => {
      const { stage, process } = await running();
      process.onSignal = () => process.exitAlone({ code: 1 });
      process.print(started, began, { type: "error" }, said);
      await stage.readOn();
      assert.deepEqual(stage.events, [started, began] as unknown);
      const error = stage.outcome?.error;
      assert.ok(ProtocolError.is(error));
      assert.equal(error.line, 3);
      assert.deepEqual(process.signals[0], "SIGINT");
      assertClean(stage);
    });

    it("hands over nothing that comes after what it cannot read", async () => {
      const { stage, process } = await running();
      process.print(began, { type: "error" });
      await settled();
      process.print(said);
      await settled();
      process.exitAlone({ code: 1 });
      await stage.readOn();
      assert.deepEqual(stage.events, [began] as unknown);
      assert.ok(ProtocolError.is(stage.outcome?.error));
      assertClean(stage);
    });

    it("fails on a line beyond the limit", async () => {
      const { stage, process } = await running({ codexOptions: { maxLineBytes: 100 } });
      process.onSignal = () => process.exitAlone({ code: 1 });
      process.out.write("x".repeat(101));
      await stage.readOn();
      assert.ok(ProtocolError.is(stage.outcome?.error));
      assertClean(stage);
    });

    it("reads on without a word, so that codex can end", async () => {
      const { stage, process } = await running();
      process.print(began, { type: "error" });
      for (let i = 0; i < 40; i++) process.print(big);
      await stage.readOn();
      assert.equal(process.out.unread, 0);
      assert.deepEqual(stage.events, [began] as unknown);
      assert.deepEqual(process.signals, ["SIGINT"]);
      process.exitAlone({ code: 1 });
      await settled();
      assert.ok(ProtocolError.is(stage.outcome?.error));
      assertClean(stage);
    });

    it("fails when the pipe breaks", async () => {
      const { stage, process } = await running();
      const cause = new Error("EIO");
      process.print(started);
      await settled();
      stage.read();
      process.out.fail(cause);
      await stage.readOn();
      await stage.clock.advance(1000);
      process.exitAlone({ code: 1 });
      await settled();
      const error = stage.outcome?.error;
      assert.ok(ProtocolError.is(error));
      assert.equal(error.message, "Cannot read what codex prints");
      assert.equal(error.cause, cause);
      assertClean(stage);
    });

    it("tells of lines that are no events and goes on", async () => {
      const heard: unknown[] = [];
      const { stage, process } = await running({
        codexOptions: { apiKey: plantedKey, onDiagnostic: (each) => heard.push(each) },
      });
      process.out.write(`WARN with key ${plantedKey}\n`);
      process.print(...turn);
      process.exitAlone();
      await stage.readOn();
      const diagnostic = { kind: "stdout", message: "WARN with key [redacted]", line: 1 };
      assert.deepEqual(heard, [diagnostic]);
      assert.deepEqual(stage.turn.report().diagnostics, [diagnostic]);
      assert.deepEqual(stage.outcomes, [{}]);
    });

    it("does not keep a flood for a reader who does not read", async () => {
      const { stage, process } = await running();
      process.onSignal = () => process.exitAlone({ code: 1 });
      process.print(completed);
      await settled();
      for (let i = 0; i < 40; i++) process.print(big);
      await settled();
      assertClean(stage);
      await stage.readOn();
      assert.ok(stage.events.length < 20, `${stage.events.length} were kept`);
      assert.deepEqual(stage.outcomes.length, 1);
    });
  });

  describe("when codex cannot be started", () => {
    it("says so and removes its files", async () => {
      const stage = new ExecStage({ request: schema });
      const cause = Object.assign(new Error("spawn ENOENT"), { code: "ENOENT" });
      stage.runtime.beforeSpawn = () => {
        assert.equal(stage.runtime.privateFiles.size, 1);
        throw cause;
      };
      await stage.readOn();
      const error = stage.outcome?.error;
      assert.ok(CodexNotFoundError.is(error));
      assert.equal(error.cause, cause);
      assertClean(stage);
    });

    it("removes the files it had written when another cannot be", async () => {
      const image = (byte: number) => ({ type: "image" as const, data: new Uint8Array([byte]) });
      const stage = new ExecStage({
        request: { ...schema, input: [{ type: "text", text: "a" }, image(1), image(2)] },
      });
      stage.runtime.beforePrivateFile = (name) => {
        if (name === "schema.json") throw new Error("ENOSPC");
      };
      await stage.readOn();
      assert.equal(((stage.outcome?.error as Error).cause as Error).message, "ENOSPC");
      assert.equal(stage.runtime.processes.length, 0);
      assertClean(stage);
    });

    it("removes its files when an option turns out to be wrong", async () => {
      const stage = new ExecStage({ request: { ...schema, threadOptions: { model: "-m" } } });
      await stage.readOn();
      assert.ok(InvalidOptionsError.is(stage.outcome?.error));
      assertClean(stage);
    });
  });

  describe("with files", () => {
    it("passes them by their paths and removes them in the end", async () => {
      const { stage, process } = await running({
        request: {
          ...schema,
          input: [{ type: "text", text: "a" }, { type: "image", data: new Uint8Array([0xff]) }],
        },
      });
      const { args } = process.command;
      const files = [...stage.runtime.privateFiles];
      assert.deepEqual(files.map(([path]) => args.includes(path)), [true, true]);
      assert.equal(files[1]![1], '{"type":"object"}');
      process.print(...turn);
      process.exitAlone();
      await stage.readOn();
      assertClean(stage);
    });
  });

  describe("with callbacks", () => {
    it("tells onSpawn what was started, without secrets", async () => {
      const infos: SpawnInfo[] = [];
      const secret = 'hunter2"hunter2';
      const { stage } = await running({
        codexOptions: {
          apiKey: plantedKey,
          config: { x: { token: secret } },
          configOverrides: [`y=${plantedKey}`],
          onSpawn: (info) => infos.push(info),
        },
      });
      assert.equal(infos.length, 1);
      const { argv, pid, envKeys, cwd } = infos[0]!;
      assert.deepEqual(argv, [
        codexPath,
        "exec",
        "--experimental-json",
        ...["--config", 'x.token="[redacted]"'],
        ...["--config", "y=[redacted]"],
        ...["--sandbox", "read-only"],
        ...["--config", 'approval_policy="never"'],
      ]);
      assert.equal(pid, 4711);
      assert.equal(cwd, undefined);
      assert.deepEqual(envKeys, ["CODEX_INTERNAL_ORIGINATOR_OVERRIDE", "CODEX_API_KEY"]);
      stage.abort.abort();
    });

    it("ends codex when the host ends in onSpawn", async () => {
      const stage: ExecStage = new ExecStage({
        codexOptions: { onSpawn: () => stage.runtime.hostExit() },
      });
      const process = await stage.start();
      assert.deepEqual(process.signals, ["SIGTERM"]);
    });

    it("goes on when onSpawn throws", async () => {
      const { stage, process } = await running({
        codexOptions: {
          apiKey: plantedKey,
          onSpawn: () => {
            throw new Error(`no ${plantedKey}`);
          },
        },
      });
      process.print(...turn);
      process.exitAlone();
      await stage.readOn();
      assert.deepEqual(stage.outcomes, [{}]);
      assert.deepEqual(stage.turn.report().diagnostics, [{
        kind: "callback",
        message: "onSpawn threw: Error: no [redacted]",
      }]);
    });
  });

  describe("report()", () => {
    it("survives an onSpawn that throws what cannot be shown", async () => {
      const nothing = Object.create(null);
      for (
        const onSpawn of [() => {
          throw nothing;
        }, () => Promise.reject(nothing)]
      ) {
        const { stage, process } = await running({ codexOptions: { onSpawn } });
        process.print(...turn);
        process.exitAlone();
        await stage.readOn();
        assert.deepEqual(stage.outcomes, [{}]);
        assert.deepEqual(
          stage.turn.report().diagnostics.map(({ message }) => message),
          ["onSpawn threw: a value that cannot be shown"],
        );
        assertClean(stage);
      }
    });

    it("has the end of stderr at any time, without secrets", async () => {
      const stage = new ExecStage({ codexOptions: { apiKey: plantedKey } });
      stage.runtime.variables.OPENAI_API_KEY = "from-the-host";
      stage.runtime.variables.CODEX_API_KEY = "codex-from-host";
      assert.deepEqual(stage.turn.report(), { diagnostics: [], stderr: "" });
      const process = await stage.start();
      process.err.write(`key ${plantedKey}, codex-from-host and from-the-host\n`);
      await settled();
      assert.equal(stage.turn.report().stderr, "key [redacted], [redacted] and [redacted]\n");
      stage.abort.abort();
    });
  });

  describe("with a prompt that codex does not read", () => {
    it("ends all the same", async () => {
      const stage = new ExecStage();
      stage.runtime.readsStdin = false;
      const process = await stage.start();
      process.print(...turn);
      process.exitAlone();
      await stage.readOn();
      assert.deepEqual(stage.outcomes, [{}]);
      assertClean(stage);
    });

    it("does not wait for others that could read it", async () => {
      const stage = new ExecStage();
      stage.runtime.readsStdin = false;
      stage.runtime.stdinIsHeldOpen = true;
      const process = await stage.start();
      process.print(...turn);
      process.exitAlone();
      await stage.readOn();
      assert.equal(stage.isEnded, false);
      await stage.clock.advance(50);
      assert.deepEqual(stage.outcomes, [{}]);
      assert.equal(stage.isEnded, true);
      assert.equal(stage.clock.pending, 0);
    });
  });

  describe("a review", () => {
    it("passes instructions of one's own on stdin", async () => {
      const { stage, process } = await running({
        request: { input: "", review: { type: "custom", instructions: "Look here" } },
      });
      assert.deepEqual(process.command.args.slice(-2), ["review", "-"]);
      assert.equal(process.input, "Look here");
      stage.abort.abort();
    });

    it("passes nothing on stdin otherwise", async () => {
      const { stage, process } = await running({
        request: { input: "", review: { type: "base_branch", branch: "main" } },
      });
      assert.equal(process.input, "");
      assert.equal(process.stdinIsClosed, true);
      stage.abort.abort();
    });
  });

  describe("when the host is told to end", () => {
    it("ends with an AbortError that names the signal", async () => {
      const { stage, process } = await running({ request: schema });
      process.print(began);
      await settled();
      stage.runtime.hostSignal("SIGTERM");
      assert.deepEqual(process.signals, ["SIGINT"]);
      assert.deepEqual(stage.runtime.raised, []);
      process.exitAlone({ code: 1 });
      await stage.readOn();
      const error = stage.outcome?.error;
      assert.ok(AbortError.is(error));
      assert.match((error.cause as Error).message, /told to end by SIGTERM/);
      assert.deepEqual(stage.runtime.raised, ["SIGTERM"]);
      assertClean(stage);
    });

    it("kills codex at the second signal", async () => {
      const { stage, process } = await running();
      process.print(began);
      await settled();
      stage.runtime.hostSignal("SIGINT");
      stage.runtime.hostSignal("SIGINT");
      assert.deepEqual(process.signals, ["SIGINT", "-SIGKILL"]);
      process.exitAlone({ code: null, signal: "SIGKILL" });
      await stage.readOn();
      assertClean(stage);
    });

    it("kills codex at the second signal, too, when the turn has not begun", async () => {
      const { stage, process } = await running();
      stage.runtime.hostSignal("SIGTERM");
      stage.runtime.hostSignal("SIGTERM");
      assert.deepEqual(process.signals, ["-SIGTERM", "-SIGKILL"]);
      process.exitAlone({ code: null, signal: "SIGKILL" });
      await stage.readOn();
      assertClean(stage);
    });

    it("ends a turn that starts while another one still ends", async () => {
      const { stage: first, process } = await running();
      first.runtime.hostSignal("SIGTERM");
      const second = Object.assign(new ExecStage(), { runtime: first.runtime });
      await second.readOn();
      assert.equal(first.runtime.processes.length, 1);
      assert.ok(AbortError.is(second.outcome?.error));
      assert.equal(second.isEnded, true);
      assert.deepEqual(first.runtime.raised, []);
      process.exitAlone({ code: 1 });
      await first.readOn();
      assert.deepEqual(first.runtime.raised, ["SIGTERM"]);
    });

    it("hears a signal that comes as it ends", async () => {
      const { stage, process } = await running();
      stage.runtime.beforeSignalsAreTold = () => stage.runtime.hostSignal("SIGTERM");
      process.print(began, completed);
      process.exitAlone();
      await stage.readOn();
      assert.deepEqual(stage.runtime.raised, ["SIGTERM"]);
      assertClean(stage);
    });

    it("hears a signal that comes as a start fails", async () => {
      const stage = new ExecStage();
      stage.runtime.beforeSpawn = () => Promise.reject(new Error("EAGAIN"));
      stage.runtime.beforeSignalsAreTold = () => stage.runtime.hostSignal("SIGTERM");
      await stage.readOn();
      assert.match(String(stage.outcome?.error), /EAGAIN/);
      assert.deepEqual(stage.runtime.raised, ["SIGTERM"]);
      assertClean(stage);
    });

    it("does not hear signals that it is to leave alone", async () => {
      const { stage, process } = await running({ codexOptions: { handleHostSignals: false } });
      stage.runtime.hostSignal("SIGTERM");
      assert.deepEqual(process.signals, []);
      stage.abort.abort();
    });

    it("terminates codex at once when the host exits before the turn has begun", async () => {
      const { stage, process } = await running();
      stage.runtime.hostExit();
      assert.deepEqual(process.signals, ["SIGTERM"]);
      stage.abort.abort();
    });

    it("interrupts codex at once when the host exits", async () => {
      const { stage, process } = await running();
      process.print(began);
      await settled();
      stage.runtime.hostExit();
      assert.deepEqual(process.signals, ["SIGINT"]);
      stage.abort.abort();
    });
  });

  describe("end()", () => {
    it("ends a turn that runs and waits until nothing is left", async () => {
      const { stage, process } = await running({ request: schema });
      process.print(began);
      await settled();
      let isDone = false;
      const reason = new Error("closed");
      const ended = stage.turn.end(reason).then(() => isDone = true);
      await settled();
      assert.deepEqual(process.signals, ["SIGINT"]);
      assert.equal(isDone, false);
      process.exitAlone({ code: 1 });
      await ended;
      assertClean(stage);
      await stage.readOn();
      assert.equal(stage.outcome?.error, reason);
    });

    it("changes nothing about a turn that is over, read to its end or not", async () => {
      for (const code of [0, 1]) {
        const { stage, process } = await running({ request: schema });
        process.print(...turn);
        process.exitAlone({ code });
        await settled();
        assertClean(stage);
        await stage.turn.end(new Error("closed"));
        await stage.readOn();
        assert.deepEqual(stage.events, turn as unknown);
        assert.equal(ExitError.is(stage.outcome?.error), code === 1);
        assertClean(stage);
      }
    });

    it("keeps a turn that was never read from starting", async () => {
      const stage = new ExecStage({ request: schema });
      const reason = new Error("closed");
      await stage.turn.end(reason);
      assertClean(stage);
      await stage.readOn();
      assert.equal(stage.outcome?.error, reason);
      assert.equal(stage.runtime.processes.length, 0);
      assertClean(stage);
    });

    for (const how of ["abort", "cancel", "end", "a signal to the host"] as const) {
      it(`ends a start that waits for its files (${how})`, async () => {
        const bytes = deferred<ArrayBuffer>();
        const data = Object.assign(new Blob(), { arrayBuffer: () => bytes.promise });
        const input: Input = [{ type: "text", text: "Hi" }, { type: "image", data }];
        const stage = new ExecStage({ request: { ...schema, input } });
        stage.read();
        await settled();
        const reason = new Error("enough");
        if (how === "abort") stage.abort.abort(reason);
        else if (how === "cancel") await stage.cancel();
        else if (how === "end") await stage.turn.end(reason);
        else stage.runtime.hostSignal("SIGTERM");
        await stage.readOn();
        assert.equal(stage.isEnded, true);
        if (how === "abort" || how === "end") assert.equal(stage.outcome?.error, reason);
        if (how === "a signal to the host") {
          assert.ok(AbortError.is(stage.outcome?.error));
          assert.deepEqual(stage.runtime.raised, ["SIGTERM"]);
        }
        // What comes too late is not written.
        bytes.resolve(new ArrayBuffer(1));
        await settled();
        assert.equal(stage.runtime.processes.length, 0);
        assertClean(stage);
      });
    }

    it("keeps a turn that is about to start from starting", async () => {
      const stage = new ExecStage({ request: schema });
      const reason = new Error("closed");
      let ended!: Promise<void>;
      stage.runtime.beforePrivateFile = () => {
        ended = stage.turn.end(reason);
      };
      await stage.readOn();
      await ended;
      assert.equal(stage.outcome?.error, reason);
      assert.equal(stage.runtime.processes.length, 0);
      assertClean(stage);
    });
  });

  it("ends although a process that codex has left behind goes on and on printing", async () => {
    const { stage, process } = await running();
    process.print(...turn);
    process.exit();
    for (let round = 0; round < 100 && !stage.isEnded; round++) {
      process.out.write(`${"x".repeat(64 * 1024)}\n`);
      await stage.clock.leap(timing.drainMs);
    }
    await stage.readOn();
    assert.equal(stage.isEnded, true);
    assert.deepEqual(stage.outcomes, [{}]);
    assert.match(stage.turn.report().diagnostics.at(-1)!.message, /keeps its output open/);
    assertClean(stage);
  });

  it("ends a codex that begins again after its reader has left", async () => {
    const { stage, process } = await running();
    process.print(...turn);
    await stage.readOn();
    const cancelled = stage.cancel();
    await settled();
    process.print(began);
    await settled();
    assert.deepEqual(process.signals, ["SIGINT"]);
    process.exitAlone({ code: 1 });
    await cancelled;
    assertClean(stage);
  });

  describe("relatives of codex", () => {
    it("are found by the thread once codex has started something", async () => {
      const { stage, process } = await running();
      const item = { id: "0", type: "command_execution", command: "x", aggregated_output: "" };
      process.print(started, began, { type: "item.started", item: { ...item, status: "x" } });
      await settled();
      stage.runtime.strays = [
        { pid: 5, started: "5", variable: "CODEX_THREAD_ID=t" },
        { pid: 6, started: "6", variable: "CODEX_THREAD_ID=u" },
      ];
      process.print(completed);
      process.exitAlone();
      await stage.readOn();
      await stage.clock.advance(100);
      await stage.readOn();
      assert.deepEqual(stage.runtime.strays.map((each) => each.pid), [6]);
      assertClean(stage);
    });

    it("are noted while codex lives: once it is gone, nothing tells whose they were", async () => {
      const { stage, process } = await running();
      const item = { id: "0", type: "command_execution", command: "x", aggregated_output: "" };
      process.print(started, began, { type: "item.started", item: { ...item, status: "x" } });
      await settled();
      const child: (typeof stage.runtime.strays)[number] = { pid: 5, started: "5" };
      stage.runtime.strays = [child];
      process.print(completed);
      await stage.readOn();
      child.variable = "NONE=1";
      process.exitAlone();
      await stage.clock.advance(100);
      await stage.readOn();
      assert.deepEqual(stage.runtime.strays, []);
      assertClean(stage);
    });

    it("are noted when the turn begins, as servers have started some by then", async () => {
      const { stage, process } = await running();
      const helper: (typeof stage.runtime.strays)[number] = { pid: 5, started: "5" };
      stage.runtime.strays = [helper];
      process.print(started, began);
      await stage.readOn();
      // The server that started it has ended.
      helper.variable = "NONE=1";
      process.print(completed);
      process.exitAlone();
      await stage.readOn();
      await stage.clock.advance(100);
      await stage.readOn();
      assert.deepEqual(stage.outcomes, [{}]);
      assert.deepEqual(stage.runtime.strays, []);
      assertClean(stage);
    });

    it("are found, too, when codex was gone before it was heard", async () => {
      const { stage, process } = await running();
      process.print(started, began);
      await settled();
      stage.runtime.strays = [{ pid: 5, started: "5", variable: "CODEX_THREAD_ID=t" }];
      const item = { id: "0", type: "command_execution", command: "x", aggregated_output: "" };
      process.print({ type: "item.started", item: { ...item, status: "x" } });
      process.exitAlone({ code: 1 });
      await stage.clock.advance(100);
      assert.deepEqual(stage.runtime.strays, []);
      assertClean(stage);
    });

    for (const thread of [[], [{ type: "thread.started", thread_id: "" }]]) {
      const who = thread.length === 0 ? "that codex never named" : "whose name is empty";
      it(`are not taken for those of a thread ${who}`, async () => {
        const { stage, process } = await running();
        const item = { id: "0", type: "command_execution", command: "x", aggregated_output: "" };
        process.print(...thread, began, { type: "item.started", item: { ...item, status: "x" } });
        await settled();
        stage.runtime.strays = [
          { pid: 5, started: "5", variable: "CODEX_THREAD_ID=" },
          { pid: 6, started: "6", variable: "CODEX_THREAD_ID=null" },
        ];
        process.print(completed);
        process.exitAlone();
        await stage.readOn();
        await stage.clock.advance(100);
        await stage.readOn();
        assert.deepEqual(stage.runtime.strays.map((each) => each.pid), [5, 6]);
        assertClean(stage);
      });
    }

    it("are not looked for by a thread that this program itself belongs to", async () => {
      const stage = new ExecStage();
      stage.runtime.variables.CODEX_THREAD_ID = "t";
      const process = await stage.start();
      const item = { id: "0", type: "command_execution", command: "x", aggregated_output: "" };
      process.print(started, began, { type: "item.started", item: { ...item, status: "x" } });
      await settled();
      stage.runtime.strays = [{ pid: 5, started: "5", variable: "CODEX_THREAD_ID=t" }];
      process.print(completed);
      process.exitAlone();
      await stage.readOn();
      await stage.clock.advance(2000);
      assert.equal(stage.runtime.strays.length, 1);
    });
  });
});
