import assert from "node:assert/strict";
import { describe } from "node:test";
import { exec, ThreadBusyError, TimeoutError, type TurnOptions } from "../../mod.ts";
import { Thread } from "../../src/thread.ts";
import { until } from "../support/processes.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import type { Action, FakeCodex } from "../support/fake_codex.ts";
import {
  answer,
  assertError,
  assertNothingLeft,
  completed,
  eventLoop,
  play,
  rejection,
  started,
  test,
  texts,
  warmUp,
} from "./support.ts";

const endless: Action[] = [{ events: [...started, answer("one")] }, { hang: true }];
const notice = { type: "error", message: "Reconnecting... waiting for network" };

type TimedScene = { fake: FakeCodex; thread: Thread; clock: VirtualClock; options: TurnOptions };

/** A thread whose time the test makes. */
function timed(fake: FakeCodex): Pick<TimedScene, "thread" | "clock"> {
  const clock = new VirtualClock();
  const codexOptions = { codexPath: fake.path };
  const transport = Promise.resolve(exec()(codexOptions));
  const context = { codexOptions, transport: () => transport };
  return { thread: new Thread(context, { type: "new" }, {}, clock), clock };
}

/** Declares a test of a turn that runs into a time limit. */
function limited(
  name: string,
  plan: Action[],
  options: TurnOptions,
  body: (scene: TimedScene) => Promise<void>,
): void {
  test(name, () =>
    play(plan, async ({ fake }) => {
      const { thread, clock } = timed(fake);
      await body({ fake, thread, clock, options });
      assert.equal(clock.pending, 0, "timers are left");
    }));
}

describe("a codex that takes its time", () => {
  warmUp();

  limited(
    "beyond timeoutMs is a TimeoutError that holds what arrived",
    endless,
    { timeoutMs: 600_000 },
    async ({ fake, thread, clock, options }) => {
      const { events } = await thread.runStreamed("Hi", options);
      for (let index = 0; index < 3; index++) await events.next();
      const reading = rejection(events.next());
      await clock.advance(599_999);
      assert.equal(fake.invocations()[0]?.signals.length, 0);
      await clock.advance(1);
      const error = await reading;
      assertError(error, TimeoutError, {
        code: "TIMEOUT",
        kind: "turn",
        timeoutMs: 600_000,
        message: "The turn did not end within 600000 ms",
      });
      assert.deepEqual(texts(error.turn), ["one"]);
      await assertNothingLeft(fake);
    },
  );

  limited(
    "beyond timeoutMs, whether the caller reads or not",
    endless,
    { timeoutMs: 1_000 },
    async ({ fake, thread, clock, options }) => {
      const streamed = await thread.runStreamed("Hi", options);
      await streamed.events.next();
      await clock.advance(1_000);
      assertError(await rejection(streamed.turn()), TimeoutError, { kind: "turn" });
      await assertNothingLeft(fake);
    },
  );

  limited(
    "before its first word is a TimeoutError of the idle kind",
    [{ hang: true }],
    { idleTimeoutMs: 60_000 },
    async ({ fake, thread, clock, options }) => {
      const running = rejection(thread.run("Hi", options));
      await until(() => fake.invocations().length > 0);
      await clock.advance(60_000);
      assertError(await running, TimeoutError, { kind: "idle", timeoutMs: 60_000 });
      await assertNothingLeft(fake);
    },
  );

  limited(
    "and reconnects for ever is a TimeoutError of the idle kind",
    [
      { events: started },
      ...["1", "2", "3"].flatMap((name) => [{ waitForFile: name }, { event: notice }]),
      { hang: true },
    ],
    { idleTimeoutMs: 150_000 },
    async ({ fake, thread, clock, options }) => {
      const retries: unknown[] = [];
      const { events } = await thread.runStreamed("Hi", {
        ...options,
        onRetry: ({ message }) => retries.push(message),
      });
      for (const event of started) assert.deepEqual((await events.next()).value, event);
      for (const [name, gap] of [["1", 8_000], ["2", 13_000], ["3", 63_000]] as const) {
        const reading = events.next();
        await clock.advance(gap);
        fake.release(name);
        assert.deepEqual((await reading).value, notice);
      }
      // 84 s of notices that were no sign of life, and 66 s more.
      const reading = rejection(events.next());
      await clock.advance(66_000);
      assertError(await reading, TimeoutError, {
        kind: "idle",
        timeoutMs: 150_000,
        message: "Codex was silent for 150000 ms",
      });
      assert.equal(retries.length, 3);
    },
  );

  limited(
    "but shows signs of life is never idle, nor is a caller who thinks",
    [
      { events: started },
      ...["1", "2", "3"].flatMap((name) => [{ waitForFile: name }, { event: answer(name, name) }]),
      { events: [completed] },
    ],
    { idleTimeoutMs: 1_000 },
    async ({ fake, thread, clock, options }) => {
      const streamed = await thread.runStreamed("Hi", options);
      for (let index = 0; index < 2; index++) await streamed.events.next();
      for (const name of ["1", "2", "3"]) {
        const reading = streamed.events.next();
        await clock.advance(999);
        fake.release(name);
        await reading;
        await clock.advance(10_000);
      }
      assert.deepEqual(texts(await streamed.turn()), ["1", "2", "3"]);
    },
  );

  limited(
    "beyond timeoutMs while another turn goes on: only that one was spawned",
    endless,
    { timeoutMs: 1_000 },
    async ({ fake, thread, clock, options }) => {
      const streamed = await thread.runStreamed("one");
      for (let index = 0; index < 3; index++) await streamed.events.next();
      const reading = streamed.events.next();
      const waiting = rejection(thread.run("two", options));
      await clock.advance(1_000);
      assertError(await waiting, TimeoutError, { kind: "turn" });
      assert.equal(fake.invocations().length, 1);
      await streamed.events.cancel();
      await reading;
    },
  );

  limited(
    "while its caller has stopped reading: the next turn is told after a while",
    [{ events: [...started, answer("one"), answer("two", "item_1")] }, { hang: true }],
    {},
    async ({ fake, thread, clock }) => {
      const streamed = await thread.runStreamed("one");
      const reading = streamed.events.next();
      const waiting = rejection(thread.run("two"));
      await reading;
      await clock.advance(5_000);
      assertError(await waiting, ThreadBusyError, { code: "THREAD_BUSY" });
      assert.equal(fake.invocations().length, 1);
      await streamed.events.cancel();
    },
  );

  limited(
    "while the machine sleeps is timed by what it does when that wakes",
    [...endless.slice(0, 1), { waitForFile: "go" }, { event: answer("two", "two") }, {
      hang: true,
    }],
    { idleTimeoutMs: 1_000, timeoutMs: 600_000 },
    async ({ fake, thread, clock, options }) => {
      const { events } = await thread.runStreamed("Hi", options);
      for (let index = 0; index < 3; index++) await events.next();
      // Nobody listens: that is no silence.
      await clock.leap(500_000);
      const reading = events.next();
      fake.release("go");
      assert.deepEqual((await reading).value, answer("two", "two"));
      // Over both limits: the first of them counts.
      const end = rejection(events.next());
      await clock.leap(500_000);
      const error = await end;
      assertError(error, TimeoutError, { kind: "idle" });
      assert.deepEqual(texts(error.turn), ["one", "two"]);
    },
  );

  test("while the time of day jumps to and fro is a good turn", () =>
    play(
      [{ events: started }, { waitForFile: "go" }, { events: [answer("one"), completed] }],
      async ({ fake, thread }) => {
        const { now } = Date;
        try {
          const options = { idleTimeoutMs: 60_000, timeoutMs: 60_000 };
          const { events, turn } = await thread().runStreamed("Hi", options);
          await events.next();
          for (const days of [1, -1]) {
            Date.now = () => now() + days * 86_400_000;
            await eventLoop();
          }
          fake.release("go");
          assert.deepEqual(texts(await turn()), ["one"]);
        } finally {
          Date.now = now;
        }
      },
    ));

  limited(
    "but ends in time leaves no timer behind",
    [{ events: [...started, answer("one"), completed] }],
    { timeoutMs: 1_000, idleTimeoutMs: 1_000 },
    async ({ thread, options }) => {
      assert.deepEqual(texts(await thread.run("Hi", options)), ["one"]);
    },
  );
});
