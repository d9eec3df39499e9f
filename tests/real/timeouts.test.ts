import assert from "node:assert/strict";
import { describe } from "node:test";
import {
  exec,
  type RetryInfo,
  Thread,
  type ThreadEvent,
  TimeoutError,
  type TurnOptions,
} from "../../mod.ts";
import type { EventStream } from "../../src/streams/event_stream.ts";
import { disconnect, Gate, hold, message, repeat, turn } from "../../src/testing/mod.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { runningCodexes, type Stage, Workbench } from "../support/workbench.ts";

/** A turn whose time stands still until the test lets it pass; only codex lives in real time. */
async function turnOutOfTime(
  { settings, directory }: Stage,
  options: TurnOptions,
): Promise<{ clock: VirtualClock; events: EventStream<ThreadEvent> }> {
  const clock = new VirtualClock();
  const transport = Promise.resolve(exec()(settings));
  const thread = new Thread(
    { codexOptions: settings, transport: () => transport },
    { type: "new" },
    { workingDirectory: directory },
    clock,
  );
  const { events } = await thread.runStreamed("Hello", options);
  return { clock, events };
}

async function readUntil(events: EventStream<ThreadEvent>, type: string): Promise<ThreadEvent> {
  for (;;) {
    const { done, value } = await events.next();
    assert.ok(!done);
    if (value.type === type) return value;
  }
}

describe("timeouts on the real codex", () => {
  const bench = new Workbench();
  const noAnswer = new Promise<void>(() => {});

  bench.it("timeoutMs ends a turn whose model cannot be reached", [], async (stage) => {
    await stage.model.stop();
    const retries: RetryInfo[] = [];
    const { clock, events } = await turnOutOfTime(stage, {
      timeoutMs: 600_000,
      onRetry: (retry) => retries.push(retry),
    });
    const notice = await readUntil(events, "error");
    assert.match(notice.type === "error" ? notice.message : "", /^Reconnecting\.\.\. waiting for/);
    assert.equal(retries.length, 1);
    const next = events.next();
    await clock.advance(600_000);
    const error = await next.catch((error) => error);
    assert.ok(TimeoutError.is(error));
    assert.deepEqual([error.kind, error.timeoutMs], ["turn", 600_000]);
    assert.deepEqual(runningCodexes(), []);
  });

  bench.it("idleTimeoutMs ends a turn whose model does not answer", [
    turn(hold(noAnswer), message("Never")),
  ], async (stage) => {
    const { clock, events } = await turnOutOfTime(stage, { idleTimeoutMs: 60_000 });
    await readUntil(events, "turn.started");
    await stage.model.request(0);
    const next = events.next();
    await clock.advance(60_000);
    const error = await next.catch((error) => error);
    assert.ok(TimeoutError.is(error));
    assert.deepEqual([error.kind, error.timeoutMs], ["idle", 60_000]);
    assert.equal(await stage.model.requests[0]!.ended, "abandoned");
    assert.deepEqual(runningCodexes(), []);
  });

  const gate = new Gate();
  bench.it("idleTimeoutMs does not take a reconnect for a sign of life", [
    turn(hold(gate), disconnect()),
    repeat(turn(hold(noAnswer), message("Never"))),
  ], async (stage) => {
    const { clock, events } = await turnOutOfTime(stage, { idleTimeoutMs: 60_000 });
    await readUntil(events, "turn.started");
    await gate.reached;
    const notice = events.next();
    await clock.advance(59_000);
    gate.open();
    assert.equal((await notice).value?.type, "error");
    const next = events.next();
    await clock.advance(1_000);
    const error = await next.catch((error) => error);
    assert.ok(TimeoutError.is(error));
    assert.equal(error.kind, "idle");
    assert.deepEqual(runningCodexes(), []);
  }, { scripted: { retries: 5 } });

  const second = new Gate();
  bench.it("idleTimeoutMs does not count the reader's time", [
    turn(hold(second), message("ok")),
  ], async (stage) => {
    const { clock, events } = await turnOutOfTime(stage, { idleTimeoutMs: 60_000 });
    await readUntil(events, "turn.started");
    await clock.advance(3_600_000);
    second.open();
    await readUntil(events, "turn.completed");
    assert.equal((await events.next()).done, true);
    assert.equal(clock.pending, 0);
  });
});
