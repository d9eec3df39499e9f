import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AbortError,
  CodexNotFoundError,
  ExitError,
  TimeoutError,
  UnsupportedError,
} from "../../src/errors.ts";
import { ExecTransport } from "../../src/exec/transport.ts";
import type { CodexOptions } from "../../src/options.ts";
import { Codex } from "../../src/codex.ts";
import { Thread } from "../../src/thread.ts";
import { timing } from "../support/exec_stage.ts";
import { codexPath, FakeRuntime } from "../support/fake_runtime.ts";
import { until } from "../support/processes.ts";
import { quiet, watch } from "../support/thread_stage.ts";
import { plainTurn } from "../support/turns.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

function setUp(codexOptions: CodexOptions = {}) {
  const clock = new VirtualClock();
  const runtime = new FakeRuntime();
  const options = { codexPath, ...codexOptions };
  const seams = { clock, runtime: () => Promise.resolve(runtime) };
  const lane = new ExecTransport(options, timing, seams);
  const thread = () => {
    const context = { codexOptions: options, transport: () => Promise.resolve(lane) };
    return new Thread(context, { type: "new" }, {}, clock);
  };
  /** The process with that number, once it was started. */
  const process = async (number = 0) => {
    await until(() => runtime.processes.length > number);
    await quiet();
    return runtime.processes[number]!;
  };
  return { clock, runtime, lane, thread, process, options };
}

function assertNothingLeft({ clock, runtime }: ReturnType<typeof setUp>): void {
  assert.equal(clock.pending, 0, "timers");
  assert.equal(runtime.hostListeners, 0, "listeners");
  assert.equal(runtime.privateFiles.size, 0, "files");
  assert.ok(runtime.processes.every((each) => each.out.isClosed && each.err.isClosed), "pipes");
}

describe("ExecTransport", () => {
  it("is named after its lane", () => {
    assert.equal(setUp().lane.name, "exec");
  });

  it("runs turns of a thread, a process each", async () => {
    const stage = setUp();
    const thread = stage.thread();
    for (const number of [0, 1]) {
      const run = thread.run("a");
      const process = await stage.process(number);
      process.print(...plainTurn());
      process.exitAlone();
      assert.equal((await run).finalResponse, "hello");
    }
    assert.deepEqual(stage.runtime.process.command.args.slice(-2), ["resume", "thread-1"]);
    assertNothingLeft(stage);
  });

  it("stops codex when a turn times out, silence included", async () => {
    for (const options of [{ timeoutMs: 500 }, { idleTimeoutMs: 500 }]) {
      const stage = setUp();
      const run = watch(stage.thread().run("a", { ...options, outputSchema: {} }));
      const process = await stage.process();
      process.print({ type: "turn.started" });
      await quiet();
      await stage.clock.advance(500);
      assert.deepEqual(process.signals, ["SIGINT"]);
      process.exitAlone({ code: 1 });
      await run.settled;
      assert.ok(TimeoutError.is(run.error));
      assertNothingLeft(stage);
    }
  });

  it("says that codex is not there, and lets the next turn look again", async () => {
    const stage = setUp();
    const thread = stage.thread();
    delete stage.runtime.files[codexPath];
    await assert.rejects(thread.run("a"), CodexNotFoundError);
    stage.runtime.files[codexPath] = "";
    const run = thread.run("a");
    const process = await stage.process();
    process.print(...plainTurn());
    process.exitAlone();
    assert.equal((await run).finalResponse, "hello");
    assertNothingLeft(stage);
  });

  it("close() ends every running turn and waits until nothing of them is left", async () => {
    const stage = setUp();
    const runs = [0, 1, 2].map(() => watch(stage.thread().run("a", { outputSchema: {} })));
    await stage.process(2);
    for (const process of stage.runtime.processes) process.print({ type: "turn.started" });
    await quiet();
    const closed = watch(stage.lane.close());
    await quiet();
    for (const process of stage.runtime.processes) assert.deepEqual(process.signals, ["SIGINT"]);
    assert.equal(closed.state, "pending");
    for (const process of stage.runtime.processes) process.exitAlone({ code: 1 });
    await closed.settled;
    assert.equal(closed.state, "resolved");
    assertNothingLeft(stage);
    for (const run of runs) {
      await run.settled;
      assert.ok(AbortError.is(run.error));
      assert.match((run.error.cause as Error).message, /was closed/);
    }
    assert.equal(new Set(runs.map((run) => run.error)).size, 3);
  });

  it("close() ends a turn that nobody reads", async () => {
    const stage = setUp();
    const { events } = await stage.thread().runStreamed("a");
    const first = events.next();
    const process = await stage.process();
    process.print({ type: "turn.started" });
    await first;
    const closed = watch(stage.lane.close());
    await quiet();
    process.exitAlone({ code: 1 });
    await closed.settled;
    assertNothingLeft(stage);
    await assert.rejects(events.next(), AbortError);
  });

  it("close() keeps turns that wait from starting", async () => {
    const stage = setUp();
    const thread = stage.thread();
    const first = watch(thread.run("a"));
    const process = await stage.process();
    const second = watch(thread.run("b"));
    await quiet();
    const closed = watch(stage.lane.close());
    process.exitAlone({ code: 1 });
    await closed.settled;
    await first.settled;
    await second.settled;
    assert.ok(UnsupportedError.is(second.error));
    assert.equal(stage.runtime.processes.length, 1);
  });

  it("starts nothing once it is closed", async () => {
    const stage = setUp();
    const { events } = await stage.thread().runStreamed("a");
    await stage.lane[Symbol.asyncDispose]();
    await assert.rejects(events.next(), {
      name: "UnsupportedError",
      message: "This Codex is closed: make a new one",
    });
    await stage.lane.close();
    assert.equal(stage.runtime.processes.length, 0);
  });

  it("refuses what codex exec cannot do before anything is started", () => {
    const stage = setUp({ onApproval: () => "accept" });
    assert.throws(() =>
      stage.lane.startTurn({
        isFirst: true,
        thread: { type: "new" },
        input: "a",
        threadOptions: {},
        turnOptions: {},
        signal: new AbortController().signal,
      }), UnsupportedError);
    assert.equal(stage.runtime.processes.length, 0);
  });

  it("is closed by its Codex", async () => {
    const stage = setUp();
    const codex = new Codex({ ...stage.options, transport: () => stage.lane });
    const run = watch(codex.startThread().run("a"));
    const process = await stage.process();
    const closed = watch(codex.close());
    await quiet();
    process.exitAlone({ code: 1 });
    await closed.settled;
    await run.settled;
    assert.ok(AbortError.is(run.error));
    assertNothingLeft(stage);
  });

  it("holds on to no turn that has ended", async () => {
    const stage = setUp();
    const turn = stage.lane.startTurn({
      isFirst: true,
      thread: { type: "new" },
      input: "a",
      threadOptions: {},
      turnOptions: {},
      signal: new AbortController().signal,
    });
    await turn.events.cancel();
    await turn.ended;
    Object.assign(turn, { end: () => assert.fail("was ended again") });
    await stage.lane.close();
  });

  it("asks codex for its version", async () => {
    const stage = setUp({ apiKey: "key" });
    const version = stage.lane.version();
    await until(() => stage.runtime.processes.length === 1);
    const { process } = stage.runtime;
    assert.deepEqual(process.command.args, ["--version"]);
    process.out.write("codex-cli 0.169.0-beta.1\n");
    process.exitAlone();
    assert.deepEqual(await version, {
      version: "0.169.0-beta.1",
      path: codexPath,
      source: "option",
    });
    assert.equal(process.stdinIsClosed, true);
  });

  it("says when what is there is no codex", async () => {
    for (
      const [status, out, err, said] of [
        [{ code: 0 }, "hello\n", "", "hello"],
        [{ code: 3 }, "1.2.3\n", "broken\n", "broken"],
      ] as const
    ) {
      const stage = setUp();
      const version = watch(stage.lane.version());
      await until(() => stage.runtime.processes.length === 1);
      const { process } = stage.runtime;
      process.out.write(out);
      process.err.write(err);
      process.exitAlone(status);
      await version.settled;
      assert.ok(ExitError.is(version.error));
      assert.ok(version.error.message.includes(`--version" did not tell a version: ${said}`));
      assert.equal(version.error.exitCode, status.code);
    }
  });
});
