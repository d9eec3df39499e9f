import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AbortError,
  ExitError,
  InvalidOptionsError,
  NoActiveTurnError,
  ProtocolError,
  ThreadBusyError,
  ThreadMismatchError,
  TimeoutError,
  TurnFailedError,
  UnsupportedError,
} from "../src/errors.ts";
import type { Diagnostic } from "../src/diagnostics.ts";
import type { RetryInfo, TurnOptions } from "../src/options.ts";
import type { FakeTurn } from "./support/fake_transport.ts";
import { collectGarbage } from "./support/garbage.ts";
import { plantedKey } from "./support/planted_key.ts";
import { until } from "./support/processes.ts";
import { collect, drain } from "./support/streams.ts";
import { quiet, ThreadStage, watch } from "./support/thread_stage.ts";
import { plainTurn, usageOf } from "./support/turns.ts";
import { WatchedAbort } from "./support/watched_signal.ts";

const [started, began, said, completed] = plainTurn();
const failed = { type: "turn.failed", error: { message: "boom" } };

function exitError(exitCode = 1): ExitError {
  return new ExitError("exited", { exitCode, signal: null, stderr: "", diagnostics: [] });
}

/** Plays a plain turn to its end. */
function finish(turn: FakeTurn, options: Parameters<typeof plainTurn>[0] = {}): void {
  turn.emit(...plainTurn(options));
  turn.end();
}

/** Runs a plain turn. */
async function runPlain(stage: ThreadStage, options: Parameters<typeof plainTurn>[0] = {}) {
  const number = stage.transport.turns.length;
  const run = stage.thread.run("Say hello");
  finish(await stage.started(number), options);
  return await run;
}

describe("Thread.run()", () => {
  it("resolves with the turn", async () => {
    const stage = new ThreadStage();
    const run = stage.thread.run("Say hello");
    const lane = await stage.started();
    lane.stderr = "Reading prompt from stdin...\n";
    finish(lane);
    const turn = await run;
    assert.deepEqual(turn, {
      items: [{ id: "item_0", type: "agent_message", text: "hello" }],
      finalResponse: "hello",
      usage: usageOf(42),
    });
    assert.equal(turn.threadId, "thread-1");
    assert.equal(turn.stderr, "Reading prompt from stdin...\n");
    assert.equal(stage.clock.pending, 0);
  });

  it("hands input and options to the lane", async () => {
    const stage = new ThreadStage({ threadOptions: { model: "m" } });
    const turnOptions = { outputSchema: { type: "object" } };
    const input = [{ type: "text" as const, text: "a" }];
    const run = stage.thread.run(input, turnOptions);
    const lane = await stage.started();
    const { signal, ...request } = lane.request;
    assert.equal(signal.aborted, false);
    assert.deepEqual(request, {
      thread: { type: "new" },
      isFirst: true,
      input,
      threadOptions: { model: "m" },
      turnOptions,
    });
    finish(lane);
    await run;
  });

  it("learns the thread's id and goes on with it", async () => {
    const stage = new ThreadStage();
    assert.equal(stage.thread.id, null);
    await runPlain(stage, { id: "thread-7" });
    assert.equal(stage.thread.id, "thread-7");
    await runPlain(stage, { id: "thread-7" });
    assert.deepEqual(stage.transport.turn.request.thread, { type: "resume", id: "thread-7" });
  });

  it("knows the id from the first event on", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a");
    const first = events.next();
    const lane = await stage.started();
    lane.emit(started);
    await first;
    assert.equal(stage.thread.id, "thread-1");
    await events.return();
  });

  it("rejects with TurnFailedError after turn.failed, and with what had arrived", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a"));
    const lane = await stage.started();
    lane.emit(started, began, said, failed);
    lane.end();
    await run.settled;
    assert.ok(TurnFailedError.is(run.error));
    assert.equal(run.error.message, "boom");
    assert.equal(run.error.turn.finalResponse, "hello");
    assert.equal(run.error.turn.threadId, "thread-1");
  });

  it("rejects with TurnFailedError when codex then exits badly, with that as the cause", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a"));
    const lane = await stage.started();
    const cause = exitError();
    lane.emit(started, failed);
    lane.fail(cause);
    await run.settled;
    assert.ok(TurnFailedError.is(run.error));
    assert.equal(run.error.cause, cause);
  });

  it("shows no secret in codex's own words", async () => {
    const stage = new ThreadStage({ codexOptions: { apiKey: plantedKey } });
    const run = watch(stage.thread.run("a"));
    const lane = await stage.started();
    lane.emit({ type: "turn.failed", error: { message: `bad key ${plantedKey}!` } });
    lane.end();
    await run.settled;
    assert.equal((run.error as Error).message, "bad key [redacted]!");
  });

  it("rejects with the lane's error, to which what had arrived is attached", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a"));
    const lane = await stage.started();
    const error = exitError();
    lane.emit(started, began, said);
    lane.fail(error);
    await run.settled;
    assert.equal(run.error, error);
    assert.equal(error.turn.finalResponse, "hello");
  });

  it("rejects with an error that is not ours as it is", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a"));
    const error = new TypeError("of a lane");
    (await stage.started()).fail(error);
    await run.settled;
    assert.equal(run.error, error);
    assert.equal("turn" in error, false);
  });

  it("does not take the end of the events for the end of the turn", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a"));
    const lane = await stage.started();
    lane.emit(started, began, { type: "error", message: "oops" });
    lane.end();
    await run.settled;
    assert.ok(ProtocolError.is(run.error));
    assert.equal(run.error.message, "The events ended before the turn did");
  });

  it("rejects an input or options that cannot work and starts nothing", async () => {
    for (
      const start of [
        (stage: ThreadStage) => stage.thread.run(""),
        (stage: ThreadStage) => stage.thread.run("a", { timeoutMs: -1 }),
        () => new ThreadStage({ threadOptions: { model: 5 as never } }).thread.run("a"),
        () => new ThreadStage({ codexOptions: { apiKey: 5 as never } }).thread.run("a"),
        (stage: ThreadStage) => stage.thread.review({ type: "base_branch", branch: "" }),
      ]
    ) {
      const stage = new ThreadStage();
      await assert.rejects(start(stage), InvalidOptionsError);
      assert.equal(stage.transport.turns.length, 0);
      assert.equal(stage.clock.pending, 0);
      assert.equal((await runPlain(stage)).finalResponse, "hello");
    }
  });

  it("rejects when the lane cannot prepare the turn, and lets the next one in", async () => {
    const stage = new ThreadStage();
    stage.transport.onTurn = () => {
      stage.transport.onTurn = () => {};
      throw new UnsupportedError("no");
    };
    await assert.rejects(stage.thread.run("a"), UnsupportedError);
    assert.equal((await runPlain(stage)).finalResponse, "hello");
  });
});

describe("Thread.runStreamed()", () => {
  it("starts nothing before the first read", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a", { timeoutMs: 1000, idleTimeoutMs: 10 });
    await quiet();
    assert.equal(stage.transport.turns.length, 0);
    assert.equal(stage.clock.pending, 0);
    const reading = collect(events);
    finish(await stage.started());
    assert.deepEqual(await reading, plainTurn() as unknown);
    assert.equal(stage.clock.pending, 0);
  });

  it("hands over the events as they come", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a");
    for (const event of plainTurn()) {
      const next = events.next();
      (await stage.started()).emit(event);
      assert.deepEqual(await next, { done: false, value: event });
    }
    stage.transport.turn.end();
    assert.deepEqual(await events.next(), { done: true, value: undefined });
  });

  it("raises what goes wrong where the events are read, not before", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("");
    await assert.rejects(events.next(), InvalidOptionsError);
    assert.deepEqual(await events.next(), { done: true, value: undefined });
  });

  it("raises an error after the events that arrived", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a");
    const reading = drain(events);
    const lane = await stage.started();
    lane.emit(started, began);
    lane.emit(said);
    lane.fail(exitError(9));
    const { values, error } = await reading;
    assert.deepEqual(values, [started, began, said] as unknown);
    assert.equal((error as ExitError).exitCode, 9);
  });

  it("hands over events of unknown types", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a");
    const reading = collect(events);
    const lane = await stage.started();
    const future = { type: "turn.paused", why: 1 };
    lane.emit(started, future, completed);
    lane.end();
    assert.deepEqual(await reading, [started, future, completed] as unknown);
  });
});

describe("StreamedTurn.turn()", () => {
  it("reads the events when nobody does", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a");
    const whole = turn();
    finish(await stage.started());
    assert.equal((await whole).finalResponse, "hello");
    assert.deepEqual(await events.next(), { done: true, value: undefined });
  });

  it("waits while they are read by a loop", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a");
    const seen: unknown[] = [];
    const loop = (async () => {
      for await (const event of events) seen.push(event);
    })();
    const lane = await stage.started();
    const whole = watch(turn());
    lane.emit(started, began);
    await quiet();
    assert.equal(whole.state, "pending");
    lane.emit(said, completed);
    lane.end();
    await loop;
    await whole.settled;
    assert.equal(whole.value?.finalResponse, "hello");
    assert.deepEqual(seen, plainTurn());
  });

  it("waits while they are read through a reader or a pipe", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a");
    const reading = collect(events.pipeThrough(new TransformStream()));
    const whole = turn();
    finish(await stage.started());
    assert.equal((await whole).finalResponse, "hello");
    assert.deepEqual(await reading, plainTurn() as unknown);
  });

  it("is the turn of what was read, any number of times", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a");
    const reading = collect(events);
    finish(await stage.started());
    await reading;
    assert.equal((await turn()).finalResponse, "hello");
    assert.equal(await turn(), await turn());
  });

  it("reads the rest after some were read", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a");
    const first = events.next();
    finish(await stage.started());
    assert.deepEqual((await first).value, started);
    const whole = await turn();
    assert.equal(whole.finalResponse, "hello");
    assert.equal(whole.threadId, "thread-1");
  });

  it("reads on after a single next() that still waits", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a");
    const first = events.next();
    const lane = await stage.started();
    const whole = turn();
    lane.emit(started);
    await quiet();
    lane.emit(began, said, completed);
    lane.end();
    assert.equal((await whole).finalResponse, "hello");
    assert.deepEqual((await first).value, started);
    const rest: unknown[] = [];
    for await (const event of events) rest.push(event);
    assert.deepEqual(rest, plainTurn().slice(1));
  });

  it("called in a loop takes no event from it", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a");
    const seen: unknown[] = [];
    const wholes: Promise<{ finalResponse: string }>[] = [];
    const loop = (async () => {
      for await (const event of events) {
        seen.push(event);
        wholes.push(turn());
        await quiet();
      }
    })();
    finish(await stage.started());
    await loop;
    assert.deepEqual(seen, plainTurn());
    for (const whole of wholes) assert.equal((await whole).finalResponse, "hello");
  });

  it("ends in time when a reader has let go of the events", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a", { timeoutMs: 1000 });
    const reader = events.getReader();
    const first = reader.read();
    const lane = await stage.started();
    lane.emit(started);
    await first;
    const whole = watch(turn());
    reader.releaseLock();
    await quiet();
    await stage.clock.advance(1000);
    await whole.settled;
    assert.ok(TimeoutError.is(whole.error), `${whole.error}`);
    assert.equal(stage.clock.pending, 0);
  });

  it("is read on when a reader lets go of the events, before the end or after it", async () => {
    for (const isOver of [false, true]) {
      const stage = new ThreadStage();
      const { events, turn } = await stage.thread.runStreamed("a", { timeoutMs: 1000 });
      const reader = events.getReader();
      const first = reader.read();
      const lane = await stage.started();
      lane.emit(started);
      await first;
      const whole = watch(turn());
      await quiet();
      if (!isOver) reader.releaseLock();
      lane.emit(began, said, completed);
      lane.end();
      await quiet();
      if (isOver) {
        assert.equal(whole.value, undefined);
        reader.releaseLock();
      }
      await whole.settled;
      assert.equal(whole.value?.finalResponse, "hello");
      assert.equal(stage.clock.pending, 0);
    }
  });

  it("is what had arrived after the loop was left", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a");
    const loop = (async () => {
      for await (const event of events) if (event.type === "item.completed") break;
    })();
    const lane = await stage.started();
    lane.emit(started, began, said);
    await loop;
    assert.equal(lane.isCancelled, true);
    const whole = await turn();
    assert.equal(whole.finalResponse, "hello");
    assert.equal(whole.usage, null);
  });

  it("is empty after the events were cancelled before the first read", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a");
    await events.cancel();
    assert.deepEqual((await turn()).items, []);
    assert.equal(stage.transport.turns.length, 0);
  });

  it("rejects as the events did", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a");
    const reading = drain(events);
    const lane = await stage.started();
    lane.emit(started);
    lane.fail(exitError());
    const { error } = await reading;
    await assert.rejects(turn(), error as Error);
    await assert.rejects(turn(), error as Error);
  });

  it("rejects as the events do when it reads them itself", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.runStreamed("a");
    const whole = watch(turn());
    (await stage.started()).fail(exitError());
    await whole.settled;
    assert.ok(ExitError.is(whole.error));
    assert.deepEqual(await events.next(), { done: true, value: undefined });
  });

  it("called by several at once gives all the same", async () => {
    const stage = new ThreadStage();
    const { turn } = await stage.thread.runStreamed("a");
    const all = Promise.all([turn(), turn(), turn()]);
    finish(await stage.started());
    const [first, ...others] = await all;
    assert.ok(others.every((each) => each === first));
  });

  it("does not disturb the host when nobody asks for it", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a");
    const reading = drain(events);
    (await stage.started()).fail(exitError());
    assert.ok(ExitError.is((await reading).error));
    // A stored promise that rejects unobserved would end the host here.
    await quiet();
  });
});

describe("the turns of a thread", () => {
  it("run one at a time, in the order in which they were started", async () => {
    const stage = new ThreadStage();
    const runs = ["a", "b", "c"].map((input) => stage.thread.run(input));
    for (const [i, input] of ["a", "b", "c"].entries()) {
      const lane = await stage.started(i);
      await quiet();
      assert.equal(stage.transport.turns.length, i + 1);
      assert.equal(lane.request.input, input);
      finish(lane, { text: input });
    }
    assert.deepEqual((await Promise.all(runs)).map((turn) => turn.finalResponse), ["a", "b", "c"]);
    assert.deepEqual(stage.transport.turn.request.thread, { type: "resume", id: "thread-1" });
    assert.equal(stage.clock.pending, 0);
  });

  it("go on after one that failed", async () => {
    const stage = new ThreadStage();
    const first = watch(stage.thread.run("a"));
    const second = stage.thread.run("b");
    (await stage.started()).fail(exitError());
    finish(await stage.started(1));
    assert.equal((await second).finalResponse, "hello");
    assert.equal(first.state, "rejected");
  });

  it("wait until nothing of the one before is left", async () => {
    const stage = new ThreadStage();
    const first = stage.thread.run("a");
    const lane = await stage.started();
    lane.emit(...plainTurn());
    lane.end({ isGone: false });
    await first;
    const second = stage.thread.run("b");
    await quiet();
    assert.equal(stage.transport.turns.length, 1);
    lane.gone();
    finish(await stage.started(1));
    assert.equal((await second).finalResponse, "hello");
  });

  it("wait for a run at whatever moment they start", async () => {
    // Each count of microtasks after a batch has arrived is another moment.
    for (let ticks = 0; ticks < 20; ticks++) {
      const stage = new ThreadStage();
      const first = stage.thread.run("a");
      const lane = await stage.started();
      lane.emit(started, began);
      lane.emit({ type: "error", message: "x" });
      for (let i = 0; i < ticks; i++) await null;
      const second = watch(stage.thread.run("b"));
      await quiet();
      assert.equal(second.state, "pending", `after ${ticks} microtasks: ${second.error}`);
      lane.emit(said, completed);
      lane.end();
      await first;
      finish(await stage.started(1));
      await second.settled;
      assert.equal(second.state, "resolved");
    }
  });

  it("do not wait for events that were started and that nobody reads", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a");
    const first = events.next();
    const lane = await stage.started();
    lane.emit(started);
    await first;
    await assert.rejects(stage.thread.run("b"), ThreadBusyError);
    // That one is still there to be read.
    lane.emit(began, said, completed);
    lane.end();
    assert.equal((await collect(streamFrom(events))).length, 3);
    await quiet();
    assert.equal((await runPlain(stage)).finalResponse, "hello");
  });

  it("do not wait long for events that nobody reads any longer", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a");
    const first = events.next();
    const lane = await stage.started();
    const second = watch(stage.thread.run("b"));
    await quiet();
    lane.emit(started);
    await first;
    await stage.clock.advance(4999);
    assert.equal(second.state, "pending");
    await stage.clock.advance(1);
    await second.settled;
    assert.ok(ThreadBusyError.is(second.error));
    assert.equal(stage.clock.pending, 0);
    await events.return();
  });

  it("wait for one that is read slowly", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a");
    const first = events.next();
    const lane = await stage.started();
    const second = stage.thread.run("b");
    await quiet();
    for (const event of [started, began, said]) {
      lane.emit(event);
      await (event === started ? first : events.next());
      await stage.clock.advance(4000);
    }
    lane.emit(completed);
    lane.end();
    while (!(await events.next()).done);
    finish(await stage.started(1));
    assert.equal((await second).finalResponse, "hello");
    assert.equal(stage.clock.pending, 0);
  });

  it("wait for one that is being cancelled", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a");
    const first = events.next();
    const lane = await stage.started();
    lane.emit(started);
    await first;
    lane.goesSlowly = true;
    const cancelled = watch(events.return());
    const second = watch(stage.thread.run("b"));
    await quiet();
    assert.deepEqual([cancelled.state, second.state], ["pending", "pending"]);
    assert.equal(stage.transport.turns.length, 1);
    lane.gone();
    await cancelled.settled;
    finish(await stage.started(1));
    await second.settled;
    assert.equal(second.state, "resolved");
  });

  it("wait for one that is being aborted, read or not", async () => {
    const stage = new ThreadStage();
    const controller = new AbortController();
    const { events } = await stage.thread.runStreamed("a", { signal: controller.signal });
    const first = events.next();
    const lane = await stage.started();
    lane.emit(started);
    await first;
    lane.ignoresAbort = true;
    controller.abort();
    const second = watch(stage.thread.run("b"));
    await quiet();
    assert.equal(second.state, "pending");
    lane.fail(new Error("aborted"));
    finish(await stage.started(1));
    await second.settled;
    assert.equal(second.state, "resolved");
    await events.return();
  });

  it("begin after the loop over the one before was left", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a");
    const loop = (async () => {
      for await (const _ of events) break;
    })();
    (await stage.started()).emit(started);
    await loop;
    assert.equal((await runPlain(stage)).finalResponse, "hello");
  });

  it("can be started in a loop over the one before once that has ended", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a");
    const answers: string[] = [];
    const loop = (async () => {
      for await (const event of events) {
        if (event.type === "turn.completed") {
          answers.push((await stage.thread.run("b")).finalResponse);
        }
      }
    })();
    finish(await stage.started());
    finish(await stage.started(1), { text: "b" });
    await loop;
    assert.deepEqual(answers, ["b"]);
  });

  it("cancelled while waiting leave the queue and start nothing", async () => {
    const stage = new ThreadStage();
    const first = stage.thread.run("a");
    const lane = await stage.started();
    const { events, turn } = await stage.thread.runStreamed("b");
    const next = events.next();
    const third = stage.thread.run("c");
    await quiet();
    await events.cancel();
    assert.deepEqual(await next, { done: true, value: undefined });
    assert.deepEqual((await turn()).items, []);
    finish(lane);
    await first;
    finish(await stage.started(1));
    await third;
    assert.deepEqual(stage.transport.turns.map((each) => each.request.input), ["a", "c"]);
    assert.equal(stage.clock.pending, 0);
  });

  it("cancelled at any moment before they run leave their place to the next", async () => {
    for (let ticks = 0; ticks < 30; ticks++) {
      const stage = new ThreadStage();
      await import("../src/validation.ts");
      const { events } = await stage.thread.runStreamed("a", { timeoutMs: 10_000 });
      const next = watch(events.next());
      for (let i = 0; i < ticks; i++) await null;
      await events.cancel();
      await next.settled;
      await quiet();
      assert.equal(stage.clock.pending, 0, `timers after ${ticks} microtasks`);
      const open = stage.transport.turns.filter((each) => each.isStarted && !each.isOver);
      assert.deepEqual(open, [], `turns after ${ticks} microtasks`);
      assert.equal((await runPlain(stage)).finalResponse, "hello");
    }
  });
});

describe("a turn that was started and forgotten", () => {
  /** Reads one event and lets go of the rest. */
  async function forget(stage: ThreadStage, options: TurnOptions = {}): Promise<FakeTurn> {
    const { events } = await stage.thread.runStreamed("a", options);
    const first = events.next();
    const lane = await stage.started();
    lane.emit(started);
    await first;
    return lane;
  }

  it("is cancelled", async () => {
    // Several, because a collector may take what it finds on the stack for a reference to one.
    const stages = Array.from({ length: 10 }, () => new ThreadStage());
    for (const stage of stages) await forget(stage, { timeoutMs: 1000 });
    const cancelled = () => stages.find((each) => each.transport.turn.isCancelled);
    await until(() => {
      collectGarbage();
      return cancelled() !== undefined;
    });
    const stage = cancelled()!;
    await quiet();
    assert.equal(stage.clock.pending, 0);
    assert.equal((await runPlain(stage)).finalResponse, "hello");
  });

  it("is not cancelled while someone can still ask for the turn", async () => {
    const stage = new ThreadStage();
    const { turn } = await stage.thread.runStreamed("a");
    const whole = turn();
    const lane = await stage.started();
    lane.emit(started);
    for (let i = 0; i < 5; i++) {
      await quiet();
      collectGarbage();
    }
    lane.emit(began, said, completed);
    lane.end();
    assert.equal((await whole).finalResponse, "hello");
    assert.equal(lane.isCancelled, false);
  });
});

describe("a turn of another thread than the one asked for", () => {
  it("is a ThreadMismatchError, and is stopped", async () => {
    const stage = new ThreadStage({ target: { type: "resume", id: "thread-1" } });
    const run = watch(stage.thread.run("a"));
    const lane = await stage.started();
    lane.emit({ type: "thread.started", thread_id: "thread-2" });
    await run.settled;
    assert.ok(ThreadMismatchError.is(run.error));
    assert.equal(run.error.expectedThreadId, "thread-1");
    assert.equal(run.error.actualThreadId, "thread-2");
    assert.match(
      run.error.message,
      /thread "thread-2" instead of "thread-1".*\{ name: "thread-1" \}/,
    );
    assert.equal(lane.request.signal.aborted, true);
    assert.equal(stage.thread.id, "thread-1");
  });

  it("is one in a later turn, too", async () => {
    const stage = new ThreadStage();
    await runPlain(stage);
    await assert.rejects(runPlain(stage, { id: "thread-2" }), ThreadMismatchError);
    assert.equal((await runPlain(stage)).threadId, "thread-1");
  });

  it("is one even when it has ended by the time it is noticed", async () => {
    const stage = new ThreadStage({ target: { type: "resume", id: "thread-1" } });
    const run = watch(stage.thread.run("a"));
    const lane = await stage.started();
    lane.ignoresAbort = true;
    finish(lane, { id: "thread-2" });
    await run.settled;
    assert.ok(ThreadMismatchError.is(run.error), `${run.state} ${run.error}`);
    assert.equal(run.error.turn.finalResponse, "hello");
    assert.equal(stage.thread.id, "thread-1");
  });

  it("is none when only the case differs", async () => {
    const stage = new ThreadStage({ target: { type: "resume", id: "ABC-1" } });
    assert.equal((await runPlain(stage, { id: "abc-1" })).threadId, "abc-1");
  });

  it("is none where the id was not known", async () => {
    for (
      const target of [
        { type: "resume_name" as const, name: "my thread" },
        { type: "resume_last" as const, allDirectories: false },
        { type: "fork" as const, id: "thread-0" },
      ]
    ) {
      const stage = new ThreadStage({ target });
      assert.equal(stage.thread.id, null);
      await runPlain(stage);
      assert.deepEqual(stage.transport.turn.request.thread, target);
      assert.equal(stage.thread.id, "thread-1");
      await runPlain(stage);
      assert.deepEqual(stage.transport.turn.request.thread, { type: "resume", id: "thread-1" });
    }
  });
});

describe("timeoutMs", () => {
  it("ends a turn that takes longer, with what had arrived", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a", { timeoutMs: 1000 }));
    const lane = await stage.started();
    lane.emit(started, began, said);
    await stage.clock.advance(999);
    assert.equal(run.state, "pending");
    await stage.clock.advance(1);
    await run.settled;
    assert.ok(TimeoutError.is(run.error));
    assert.equal(run.error.message, "The turn did not end within 1000 ms");
    assert.equal(run.error.kind, "turn");
    assert.equal(run.error.timeoutMs, 1000);
    assert.equal(run.error.turn.finalResponse, "hello");
    assert.equal(stage.clock.pending, 0);
  });

  it("counts the wait for earlier turns", async () => {
    const stage = new ThreadStage();
    const first = stage.thread.run("a");
    const lane = await stage.started();
    const second = watch(stage.thread.run("b", { timeoutMs: 1000 }));
    await quiet();
    await stage.clock.advance(1000);
    await second.settled;
    assert.ok(TimeoutError.is(second.error));
    assert.equal(stage.transport.turns.length, 1);
    finish(lane);
    await first;
    assert.equal(stage.clock.pending, 0);
    assert.equal((await runPlain(stage)).finalResponse, "hello");
  });

  it("counts although nobody reads", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a", { timeoutMs: 1000 });
    const first = events.next();
    const lane = await stage.started();
    lane.emit(started);
    await first;
    await stage.clock.advance(1000);
    assert.equal(lane.request.signal.aborted, true);
    await assert.rejects(events.next(), TimeoutError);
    assert.equal(stage.clock.pending, 0);
  });

  it("does not count once the turn has ended, while codex tidies up", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a", { timeoutMs: 1000, idleTimeoutMs: 1000 }));
    const lane = await stage.started();
    lane.emit(...plainTurn());
    await quiet();
    assert.equal(stage.clock.pending, 0);
    await stage.clock.advance(5000);
    lane.end();
    await run.settled;
    assert.equal(run.state, "resolved");
  });

  it("sets no timer for Infinity", async () => {
    const stage = new ThreadStage();
    const run = stage.thread.run("a", { timeoutMs: Infinity, idleTimeoutMs: Infinity });
    const lane = await stage.started();
    assert.equal(stage.clock.pending, 0);
    finish(lane);
    await run;
  });

  it("leaves no timer however the turn ends", async () => {
    const endings: ((lane: FakeTurn) => void)[] = [
      (lane) => finish(lane),
      (lane) => lane.fail(exitError()),
      (lane) => lane.end(),
      (lane) => {
        lane.emit(failed);
        lane.fail(exitError());
      },
    ];
    for (const end of endings) {
      const stage = new ThreadStage();
      const run = watch(stage.thread.run("a", { timeoutMs: 1000, idleTimeoutMs: 1000 }));
      const lane = await stage.started();
      assert.equal(stage.clock.pending, 2);
      end(lane);
      await run.settled;
      assert.equal(stage.clock.pending, 0);
    }
  });

  it("leaves no timer when the events are cancelled", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a", {
      timeoutMs: 1000,
      idleTimeoutMs: 1000,
    });
    void events.next();
    await stage.started();
    await events.return();
    assert.equal(stage.clock.pending, 0);
  });
});

describe("idleTimeoutMs", () => {
  it("ends a turn in which codex is silent", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a", { idleTimeoutMs: 100 }));
    const lane = await stage.started();
    for (const event of [started, began, said]) {
      await stage.clock.advance(99);
      lane.emit(event);
    }
    await stage.clock.advance(99);
    assert.equal(run.state, "pending");
    await stage.clock.advance(1);
    await run.settled;
    assert.ok(TimeoutError.is(run.error));
    assert.equal(run.error.message, "Codex was silent for 100 ms");
    assert.equal(run.error.kind, "idle");
    assert.equal(stage.clock.pending, 0);
  });

  it("does not count the time a reader takes", async () => {
    const stage = new ThreadStage();
    const { events } = await stage.thread.runStreamed("a", { idleTimeoutMs: 100 });
    const first = events.next();
    const lane = await stage.started();
    lane.emit(started);
    await first;
    await stage.clock.advance(10_000);
    assert.equal(lane.request.signal.aborted, false);
    const next = events.next();
    await stage.clock.advance(99);
    lane.emit(began);
    assert.deepEqual((await next).value, began);
    await events.return();
  });

  it("does not take reconnect notices for a sign of life", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a", { idleTimeoutMs: 100 }));
    const lane = await stage.started();
    lane.emit(started);
    await stage.clock.advance(60);
    lane.emit({ type: "error", message: "Reconnecting... waiting for network" });
    await stage.clock.advance(39);
    assert.equal(run.state, "pending");
    await stage.clock.advance(1);
    await run.settled;
    assert.ok(TimeoutError.is(run.error));
  });

  it("takes other error events for one", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a", { idleTimeoutMs: 100 }));
    const lane = await stage.started();
    await stage.clock.advance(60);
    lane.emit({ type: "error", message: "a warning" });
    await stage.clock.advance(99);
    assert.equal(run.state, "pending");
    finish(lane);
    await run.settled;
  });

  it("does not count the wait for earlier turns", async () => {
    const stage = new ThreadStage();
    const first = stage.thread.run("a");
    const lane = await stage.started();
    const second = stage.thread.run("b", { idleTimeoutMs: 100 });
    await quiet();
    await stage.clock.advance(1000);
    finish(lane);
    await first;
    finish(await stage.started(1));
    assert.equal((await second).finalResponse, "hello");
  });
});

describe("signal", () => {
  it("aborted before starts nothing", async () => {
    const stage = new ThreadStage();
    const reason = new Error("stop");
    const run = watch(stage.thread.run("a", { signal: AbortSignal.abort(reason) }));
    await run.settled;
    assert.ok(AbortError.is(run.error));
    assert.equal(run.error.message, "The operation was aborted");
    assert.equal(run.error.cause, reason);
    assert.equal(stage.transport.turns.length, 0);
  });

  it("aborted while the turn runs ends it, with what had arrived", async () => {
    const stage = new ThreadStage();
    const abort = new WatchedAbort();
    const run = watch(stage.thread.run("a", { signal: abort.signal }));
    const lane = await stage.started();
    assert.equal(abort.listeners, 1);
    lane.emit(started, began, said);
    await quiet();
    const reason = new Error("stop");
    abort.abort(reason);
    await run.settled;
    assert.ok(AbortError.is(run.error));
    assert.equal(run.error.cause, reason);
    assert.equal(run.error.turn.finalResponse, "hello");
    assert.equal(abort.listeners, 0);
  });

  it("aborted while the turn waits takes it out of the queue", async () => {
    const stage = new ThreadStage();
    const first = stage.thread.run("a");
    const lane = await stage.started();
    const abort = new WatchedAbort();
    const second = watch(stage.thread.run("b", { signal: abort.signal }));
    await quiet();
    abort.abort();
    await second.settled;
    assert.ok(AbortError.is(second.error));
    assert.equal(abort.listeners, 0);
    finish(lane);
    await first;
    await quiet();
    assert.equal(stage.transport.turns.length, 1);
    assert.equal((await runPlain(stage)).finalResponse, "hello");
  });

  it("aborted after the turn changes nothing", async () => {
    const stage = new ThreadStage();
    const abort = new WatchedAbort();
    const run = stage.thread.run("a", { signal: abort.signal });
    finish(await stage.started());
    const turn = await run;
    assert.equal(abort.listeners, 0);
    abort.abort();
    await quiet();
    assert.equal(turn.finalResponse, "hello");
  });

  it("aborted after the turn's last event, while codex tidies up, changes nothing", async () => {
    const stage = new ThreadStage();
    const abort = new WatchedAbort();
    const run = watch(stage.thread.run("a", { signal: abort.signal }));
    const lane = await stage.started();
    lane.emit(...plainTurn());
    await quiet();
    assert.equal(abort.listeners, 0);
    abort.abort();
    lane.end();
    await run.settled;
    assert.equal(run.state, "resolved");
  });

  it("can be shared by turns, each with an error of its own", async () => {
    const abort = new WatchedAbort();
    const stages = [new ThreadStage(), new ThreadStage()];
    const runs = stages.map((stage) => watch(stage.thread.run("a", { signal: abort.signal })));
    for (const stage of stages) await stage.started();
    assert.equal(abort.listeners, 2);
    abort.abort("why");
    for (const run of runs) await run.settled;
    assert.ok(runs.every((run) => AbortError.is(run.error) && run.error.cause === "why"));
    assert.notEqual(runs[0]!.error, runs[1]!.error);
    assert.equal(abort.listeners, 0);
  });
});

describe("a turn that codex begins anew after its end", () => {
  it("can be aborted again", async () => {
    const stage = new ThreadStage();
    const abort = new WatchedAbort();
    const run = watch(stage.thread.run("a", { signal: abort.signal }));
    const lane = await stage.started();
    lane.emit(...plainTurn());
    await quiet();
    assert.equal(abort.listeners, 0);
    lane.emit(began);
    await quiet();
    assert.equal(abort.listeners, 1);
    abort.abort("why");
    await run.settled;
    assert.ok(AbortError.is(run.error));
    assert.equal(run.error.cause, "why");
    assert.equal(abort.listeners, 0);
    assert.equal(stage.clock.pending, 0);
  });

  it("is aborted at once when the signal was meanwhile", async () => {
    const stage = new ThreadStage();
    const abort = new WatchedAbort();
    const run = watch(stage.thread.run("a", { signal: abort.signal }));
    const lane = await stage.started();
    lane.emit(...plainTurn());
    await quiet();
    abort.abort("why");
    lane.emit(began);
    await run.settled;
    assert.ok(AbortError.is(run.error));
    assert.equal(abort.listeners, 0);
  });

  it("has the time that is left of the turn", async () => {
    const stage = new ThreadStage();
    const options = { timeoutMs: 1000, idleTimeoutMs: 5000 };
    const run = watch(stage.thread.run("a", options));
    const lane = await stage.started();
    lane.emit(...plainTurn());
    await stage.clock.advance(900);
    lane.emit(began, began);
    await stage.clock.advance(99);
    assert.equal(run.state, "pending");
    assert.equal(stage.clock.pending, 2);
    await stage.clock.advance(1);
    await run.settled;
    assert.ok(TimeoutError.is(run.error));
    assert.equal(run.error.kind, "turn");
    assert.equal(stage.clock.pending, 0);
  });
});

describe("Turn.ownUsage", () => {
  it("is the turn's share of what codex accumulates", async () => {
    const stage = new ThreadStage();
    const turns = [];
    for (const total of [42, 84, 126]) turns.push(await runPlain(stage, { usage: usageOf(total) }));
    assert.deepEqual(turns.map((turn) => turn.usage?.input_tokens), [42, 84, 126]);
    assert.deepEqual(turns.map((turn) => turn.ownUsage?.input_tokens), [42, 42, 42]);
  });

  it("is not known in the first turn of a thread that had begun", async () => {
    const targets = [
      { type: "resume", id: "thread-1" },
      { type: "resume_name", name: "n" },
      { type: "resume_last", allDirectories: true },
      { type: "fork", id: "thread-0" },
    ] as const;
    for (const target of targets) {
      const stage = new ThreadStage({ target });
      assert.equal((await runPlain(stage, { usage: usageOf(84) })).ownUsage, null);
      assert.deepEqual(
        (await runPlain(stage, { usage: usageOf(126) })).ownUsage,
        usageOf(42),
      );
    }
  });

  it("is not known after a turn that failed, whose share nobody told", async () => {
    const stage = new ThreadStage();
    await runPlain(stage, { usage: usageOf(42) });
    const run = watch(stage.thread.run("a"));
    const lane = await stage.started(1);
    lane.emit(started, failed);
    lane.end();
    await run.settled;
    assert.equal((run.error as TurnFailedError).turn.ownUsage, null);
    assert.equal((await runPlain(stage, { usage: usageOf(126) })).ownUsage, null);
    assert.deepEqual((await runPlain(stage, { usage: usageOf(168) })).ownUsage, usageOf(42));
  });

  it("is known after a turn that never reached codex", async () => {
    const stage = new ThreadStage();
    await runPlain(stage, { usage: usageOf(42) });
    await assert.rejects(stage.thread.run(""), InvalidOptionsError);
    await assert.rejects(stage.thread.run("a", { signal: AbortSignal.abort() }), AbortError);
    assert.deepEqual((await runPlain(stage, { usage: usageOf(84) })).ownUsage, usageOf(42));
  });

  it("is the share of a completed turn whose process failed in the end, too", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a"));
    const lane = await stage.started();
    lane.emit(...plainTurn());
    lane.fail(exitError());
    await run.settled;
    assert.deepEqual((run.error as ExitError).turn.ownUsage, usageOf(42));
    assert.deepEqual((await runPlain(stage, { usage: usageOf(84) })).ownUsage, usageOf(42));
  });
});

describe("a turn that has ended before its events were read", () => {
  it("keeps neither a timer nor a listener", async () => {
    const stage = new ThreadStage();
    const abort = new WatchedAbort();
    const options = { timeoutMs: 1000, signal: abort.signal };
    const { events, turn } = await stage.thread.runStreamed("a", options);
    const first = events.next();
    const lane = await stage.started();
    lane.emit(started);
    await first;
    assert.deepEqual([stage.clock.pending, abort.listeners], [1, 1]);
    lane.emit(began, said, completed);
    lane.end();
    await quiet();
    assert.deepEqual([stage.clock.pending, abort.listeners], [0, 0]);
    assert.equal((await turn()).finalResponse, "hello");
  });
});

describe("a lane that gives what is no event", () => {
  it("is ended", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a"));
    const lane = await stage.started();
    lane.emit(started, null);
    await run.settled;
    assert.ok(run.error instanceof TypeError, `${run.error}`);
    assert.equal(lane.request.signal.aborted, true);
    assert.equal(lane.isOver, true);
  });
});

describe("Thread.interrupt()", () => {
  it("ends a turn that was run just before", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a"));
    await stage.thread.interrupt();
    await run.settled;
    assert.ok(AbortError.is(run.error), `${run.state}`);
    assert.equal(stage.transport.turns.length, 0);
  });

  it("leaves a turn alone that waits for another, and one that comes later", async () => {
    const stage = new ThreadStage();
    const first = watch(stage.thread.run("a"));
    const second = watch(stage.thread.run("b"));
    await stage.started();
    await stage.thread.interrupt();
    await first.settled;
    assert.ok(AbortError.is(first.error));
    finish(await stage.started(1));
    await second.settled;
    assert.equal(second.value?.finalResponse, "hello");
    await stage.thread.interrupt();
  });
});

describe("onRetry", () => {
  it("hears of each reconnect", async () => {
    const heard: RetryInfo[] = [];
    const stage = new ThreadStage();
    const run = stage.thread.run("a", { onRetry: (retry) => heard.push(retry) });
    const lane = await stage.started();
    lane.emit(
      { type: "error", message: "Reconnecting... 1/5 (x)" },
      { type: "error", message: "something else" },
      { type: "error", message: "Reconnecting... waiting for network" },
    );
    finish(lane);
    await run;
    assert.deepEqual(heard, [
      { attempt: 1, maxAttempts: 5, message: "Reconnecting... 1/5 (x)" },
      { attempt: null, maxAttempts: null, message: "Reconnecting... waiting for network" },
    ]);
  });

  it("cannot end the turn by throwing, nor can onDiagnostic, which is told", async () => {
    const heard: Diagnostic[] = [];
    const stage = new ThreadStage({
      codexOptions: {
        apiKey: plantedKey,
        onDiagnostic: (diagnostic) => {
          heard.push(diagnostic);
          throw new Error("of onDiagnostic");
        },
      },
    });
    const run = stage.thread.run("a", {
      onRetry: () => {
        throw new Error(`no ${plantedKey} ${"x".repeat(5000)}`);
      },
    });
    const lane = await stage.started();
    lane.emit({ type: "error", message: "Reconnecting... 1/5" });
    finish(lane);
    assert.equal((await run).finalResponse, "hello");
    assert.equal(heard.length, 1);
    assert.equal(heard[0]!.kind, "callback");
    assert.match(heard[0]!.message, /^onRetry threw: Error: no \[redacted\] x+$/);
    assert.equal(heard[0]!.message.length, 2000);
  });

  it("need not be there", async () => {
    const stage = new ThreadStage();
    const run = stage.thread.run("a");
    const lane = await stage.started();
    lane.emit({ type: "error", message: "Reconnecting... 1/5" });
    finish(lane);
    assert.equal((await run).finalResponse, "hello");
  });
});

describe("an ephemeral thread", () => {
  it("tells its lane which turn is the first", async () => {
    const stage = new ThreadStage({ threadOptions: { ephemeral: true } });
    await runPlain(stage);
    await runPlain(stage);
    assert.deepEqual(stage.transport.turns.map(({ request }) => request.isFirst), [true, false]);
  });

  it("can try again when its first turn never reached codex", async () => {
    const stage = new ThreadStage({ threadOptions: { ephemeral: true } });
    const first = watch(stage.thread.run("a"));
    (await stage.started()).fail(exitError());
    await first.settled;
    assert.equal((await runPlain(stage)).finalResponse, "hello");
    assert.equal(stage.transport.turn.request.isFirst, true);
  });
});

describe("Thread.review()", () => {
  it("hands the target to the lane", async () => {
    const stage = new ThreadStage();
    const target = { type: "base_branch" as const, branch: "main" };
    const run = stage.thread.review(target);
    const lane = await stage.started();
    assert.deepEqual(lane.request.review, target);
    assert.deepEqual(lane.request.thread, { type: "new" });
    finish(lane, { text: "looks good" });
    assert.equal((await run).finalResponse, "looks good");
  });

  it("can be followed by turns", async () => {
    const stage = new ThreadStage();
    const run = stage.thread.review({ type: "uncommitted_changes" });
    finish(await stage.started());
    await run;
    await runPlain(stage);
    assert.equal(stage.transport.turn.request.review, undefined);
    assert.deepEqual(stage.transport.turn.request.thread, { type: "resume", id: "thread-1" });
  });

  it("is streamed by reviewStreamed()", async () => {
    const stage = new ThreadStage();
    const { events, turn } = await stage.thread.reviewStreamed({ type: "commit", sha: "abc" });
    const reading = collect(events);
    const lane = await stage.started();
    assert.deepEqual(lane.request.review, { type: "commit", sha: "abc" });
    finish(lane);
    assert.equal((await reading).length, 4);
    assert.equal((await turn()).finalResponse, "hello");
  });
});

/** What is left of a stream that `next()` has read from. */
function streamFrom<T>(events: { next(): Promise<IteratorResult<T, void>> }): ReadableStream<T> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await events.next();
      if (done) controller.close();
      else controller.enqueue(value as T);
    },
  });
}

describe("steer()", () => {
  it("hands what is said to the lane of the turn that runs", async () => {
    const stage = new ThreadStage();
    const heard: unknown[] = [];
    const { events, steer } = await stage.thread.runStreamed("a");
    const reading = collect(events);
    const lane = await stage.started();
    lane.steer = (input) => Promise.resolve(void heard.push(input));
    lane.emit(started);
    await steer("and b");
    await stage.thread.steer([{ type: "text", text: "and c" }]);
    assert.deepEqual(heard, ["and b", [{ type: "text", text: "and c" }]]);
    lane.emit(began, said, completed);
    lane.end();
    await reading;
  });

  it("rejects when no turn is running", async () => {
    const stage = new ThreadStage();
    await assert.rejects(stage.thread.steer("b"), NoActiveTurnError);
    const { events, steer } = await stage.thread.runStreamed("a");
    await assert.rejects(steer("b"), NoActiveTurnError);
    const reading = collect(events);
    const lane = await stage.started();
    await assert.rejects(steer(""), InvalidOptionsError);
    finish(lane);
    await reading;
    await assert.rejects(steer("b"), NoActiveTurnError);
    await assert.rejects(stage.thread.steer("b"), NoActiveTurnError);
  });

  it("rejects on a lane that cannot steer, and the turn goes on", async () => {
    const stage = new ThreadStage();
    const run = stage.thread.run("a");
    const lane = await stage.started();
    const error = await stage.thread.steer("b").catch((error) => error);
    assert.ok(UnsupportedError.is(error));
    assert.match(error.message, /appServer\(\)/);
    finish(lane);
    assert.equal((await run).finalResponse, "hello");
  });
});

describe("interrupt()", () => {
  it("has the lane end the turn, and keeps what had arrived", async () => {
    const stage = new ThreadStage();
    const run = watch(stage.thread.run("a"));
    const lane = await stage.started();
    lane.ignoresAbort = true;
    lane.emit(started, began, said);
    await quiet();
    const interrupted = watch(stage.thread.interrupt());
    await quiet();
    assert.equal(lane.request.signal.aborted, true);
    assert.equal(interrupted.state, "pending");
    lane.fail(lane.request.signal.reason);
    await interrupted.settled;
    await run.settled;
    assert.ok(AbortError.is(run.error));
    assert.equal(run.error.turn.finalResponse, "hello");
  });

  it("does nothing when no turn is running", async () => {
    const stage = new ThreadStage();
    await stage.thread.interrupt();
    const { interrupt, turn } = await stage.thread.runStreamed("a");
    const reading = turn();
    finish(await stage.started());
    await reading;
    await interrupt();
    await stage.thread.interrupt();
  });
});
