import assert from "node:assert/strict";
import { join } from "node:path";
import { describe } from "node:test";
import { AbortError, type Thread, TimeoutError, type Turn } from "../../mod.ts";
import { checkedOptions } from "../../src/app_server/options.ts";
import { AppServerTransport } from "../../src/app_server/transport.ts";
import { loadRuntime } from "../../src/runtime/mod.ts";
import {
  Gate,
  hold,
  lastUserText,
  message,
  reasoning,
  repeat,
  type ScriptedModel,
  shell,
  turn,
} from "../../src/testing/mod.ts";
import { Thread as ThreadOfLane } from "../../src/thread.ts";
import { readTo, ServerBench, type ServerStage } from "../support/app_server.ts";
import { fileAppears } from "../support/files.ts";
import { isAlive, lastingCommand, running, until } from "../support/processes.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";
import { collect } from "../support/workbench.ts";

const never = new Promise<void>(() => {});

/** A model that answers, unless it is told to hang. */
const obedient = repeat((request) =>
  lastUserText(request).startsWith("Hang")
    ? message("Hanging", { deltas: ["Hang", hold(never), "ing"] })
    : message(`Re: ${lastUserText(request)}`)
);

/** The error a turn rejects with. */
async function failureOf(turn: Promise<Turn>): Promise<unknown> {
  return await turn.then(() => assert.fail("the turn did not fail"), (error) => error);
}

/** Checks that nothing of the turns before goes on, and that the thread does. */
async function assertUsable(thread: Thread, model: ScriptedModel): Promise<void> {
  for (const request of [...model.requests]) {
    assert.ok(["abandoned", "answered"].includes(await request.ended));
  }
  const before = model.requests.length;
  assert.equal((await thread.run("Again")).finalResponse, "Re: Again");
  assert.equal(model.requests.length, before + 1);
}

/** Resolves when nobody runs a command any more: the kernel takes a moment to bury the killed. */
async function gone(command: string): Promise<void> {
  await until(() => running(command).length === 0);
}

describe("ending a turn early on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("works before codex has begun it, when codex would refuse", [
    obedient,
  ], async ({ model, startThread }) => {
    const thread = startThread();
    await thread.run("Begin");
    // From before codex is asked to begin the turn to some time after it has answered.
    for (let i = 0; i < 12; i++) {
      const streamed = await thread.runStreamed("Hang");
      assert.equal((await streamed.events.next()).value?.type, "thread.started");
      for (let round = 1; round < 2 ** i; round++) await settled();
      await streamed.interrupt();
      const { events, error } = await collect(streamed.events);
      assert.ok(AbortError.is(error), `${error}`);
      assert.deepEqual(error.turn.diagnostics, []);
      assert.equal(events.some(({ type }) => type === "turn.completed"), false);
    }
    await assertUsable(thread, model);
  });

  bench.it("works at any moment", [
    obedient,
  ], async ({ model, codex, startThread, servers }) => {
    const thread = startThread();
    // Of a turn's first six notifications the last is a piece of the message.
    for (let moment = -3; moment <= 6; moment++) {
      const controller = new AbortController();
      let heard = 0;
      const stop = await codex.onNotification(() => {
        if (++heard === moment) controller.abort();
      });
      const failure = failureOf(thread.run(`Hang ${moment}`, { signal: controller.signal }));
      // From before anything is asked of codex.
      for (let round = -3; moment <= 0 && round < moment; round++) await settled();
      if (moment <= 0) controller.abort();
      const error = await failure;
      stop();
      assert.ok(AbortError.is(error), `${moment}: ${error}`);
    }
    await assertUsable(thread, model);
    assert.equal(servers.length, 1);
  });

  bench.it("works in the middle of a message, of which what arrived can still be read", [
    turn(reasoning("**Look**"), message("Never", { deltas: ["Ne", hold(never), "ver"] })),
    obedient,
  ], async ({ model, startThread }) => {
    const thread = startThread();
    const streamed = await thread.runStreamed("Go", { liveEvents: true });
    await readTo(streamed, "item.agent_message.delta");
    const before = model.requests[0]!.ended;
    await thread.interrupt();
    assert.equal(await before, "abandoned");
    const { error } = await collect(streamed.events);
    assert.ok(AbortError.is(error));
    assert.deepEqual(error.turn.items.map(({ type }) => type), ["reasoning"]);
    assert.match(String((error.cause as Error).message), /interrupted/);
    await assertUsable(thread, model);
  });

  for (const sandboxMode of ["danger-full-access", "workspace-write"] as const) {
    const command = lastingCommand(sandboxMode.length);
    bench.it(`ends the command that runs: ${sandboxMode}`, [
      shell(`touch ${sandboxMode}; ${command}`),
      obedient,
    ], async ({ model, startThread, directory }) => {
      const thread = startThread({ sandboxMode });
      const controller = new AbortController();
      const reason = new Error("Enough");
      const streamed = await thread.runStreamed("Sleep", { signal: controller.signal });
      await readTo(streamed, "item.started");
      await fileAppears(join(directory, sandboxMode));
      await until(() => running(command).length > 0);
      controller.abort(reason);
      const { error } = await collect(streamed.events);
      await gone(command);
      assert.ok(AbortError.is(error));
      assert.equal(error.cause, reason);
      // Codex tells of the end of the command that it has ended.
      assert.deepEqual(error.turn.items.map((item) => "status" in item && item.status), ["failed"]);
      assert.deepEqual(error.turn.unfinishedItems, []);
      await assertUsable(thread, model);
    });
  }

  bench.it("ends a command that was left to run on", [
    shell(`touch background; ${lastingCommand(1)}`, { yield_time_ms: 250 }),
    message("Hanging", { deltas: ["Hang", hold(never), "ing"] }),
    obedient,
  ], async ({ model, startThread }) => {
    const thread = startThread({ sandboxMode: "danger-full-access" });
    const streamed = await thread.runStreamed("Sleep", { liveEvents: true });
    await readTo(streamed, "item.agent_message.delta");
    await until(() => running(lastingCommand(1)).length === 1);
    await streamed.interrupt();
    await gone(lastingCommand(1));
    assert.ok(AbortError.is((await collect(streamed.events)).error));
    await assertUsable(thread, model);
  });

  bench.it("by break ends all of it before the loop is left", [
    shell(`touch broken; ${lastingCommand(2)}`),
    obedient,
  ], async ({ model, startThread, directory }) => {
    const thread = startThread({ sandboxMode: "danger-full-access" });
    const streamed = await thread.runStreamed("Sleep");
    for await (const event of streamed.events) {
      if (event.type !== "item.started") continue;
      await fileAppears(join(directory, "broken"));
      break;
    }
    await gone(lastingCommand(2));
    assert.equal((await streamed.turn()).unfinishedItems.length, 1);
    await assertUsable(thread, model);
  });

  bench.it("by cancelling the events works, too", [obedient], async ({ model, startThread }) => {
    const thread = startThread();
    const { events } = await thread.runStreamed("Hang", { liveEvents: true });
    const reader = events.getReader();
    while ((await reader.read()).value?.type !== "item.agent_message.delta");
    await reader.cancel();
    assert.equal(await model.requests[0]!.ended, "abandoned");
    await assertUsable(thread, model);
  });

  bench.it("happens when the Codex is closed", [
    shell(`touch closed; ${lastingCommand(3)}`),
    repeat(message("Hanging", { deltas: ["Hang", hold(never), "ing"] }), 1),
  ], async ({ codex, startThread, directory, servers, model }) => {
    const sleeping = failureOf(startThread({ sandboxMode: "danger-full-access" }).run("Sleep"));
    await fileAppears(join(directory, "closed"));
    const hanging = await startThread().runStreamed("Hang", { liveEvents: true });
    await readTo(hanging, "item.agent_message.delta");
    await codex.close();
    await gone(lastingCommand(3));
    assert.equal(isAlive(servers[0]!), false);
    for (const error of [await sleeping, (await collect(hanging.events)).error]) {
      assert.ok(AbortError.is(error));
      assert.match(String((error.cause as Error).message), /closed/);
    }
    const error = await failureOf(startThread().run("Too late"));
    assert.match(String(error), /closed/);
    assert.equal(model.requests.length, 2);
  });

  bench.it("happens when the Codex is closed while its server starts", [], async (stage) => {
    const failure = failureOf(stage.startThread().run("Hello"));
    await until(() => stage.servers.length > 0);
    await Promise.all([stage.codex.close(), stage.codex.close()]);
    const error = await failure;
    assert.ok(AbortError.is(error), `${error}`);
    assert.equal(isAlive(stage.servers[0]!), false);
  });

  bench.it("happens after timeoutMs", [
    obedient,
  ], async (stage) => {
    const clock = new VirtualClock();
    await withClock(clock, stage, async (thread) => {
      const failure = failureOf(thread.run("Hang", { timeoutMs: 10_000 }));
      await stage.model.request(0);
      await clock.advance(10_000);
      const error = await failure;
      assert.ok(TimeoutError.is(error));
      assert.deepEqual([error.kind, error.timeoutMs], ["turn", 10_000]);
      await assertUsable(thread, stage.model);
    });
  });

  {
    const gates = Array.from({ length: 4 }, () => new Gate());
    const deltas = gates.flatMap((gate, i) => [`${i} `, hold(gate)]);
    bench.it("happens after idleTimeoutMs of silence, and each delta breaks it", [
      message("0 1 2 3 ", { deltas }),
    ], async (stage) => {
      const clock = new VirtualClock();
      await withClock(clock, stage, async (thread, transport) => {
        let heard = () => {};
        const stop = transport.onNotification((method) => {
          if (method === "item/agentMessage/delta") heard();
        });
        const next = () => new Promise<void>((resolve) => heard = resolve);
        let delta = next();
        // Without liveEvents: nobody is told of the deltas.
        const failure = failureOf(thread.run("Count", { idleTimeoutMs: 10_000 }));
        for (const gate of gates.slice(0, -1)) {
          await delta;
          delta = next();
          await clock.advance(6_000);
          gate.open();
        }
        await delta;
        await clock.advance(9_000);
        assert.equal(await Promise.race([failure, settled().then(() => "running")]), "running");
        await clock.advance(1_000);
        const error = await failure;
        assert.ok(TimeoutError.is(error));
        assert.deepEqual([error.kind, error.timeoutMs], ["idle", 10_000]);
        stop();
      });
    });
  }
});

/** Plays a test on a lane, and with a thread, whose time is the test's. */
async function withClock(
  clock: VirtualClock,
  { settings, directory }: ServerStage,
  test: (thread: Thread, transport: AppServerTransport) => Promise<void>,
): Promise<void> {
  const codexOptions = { ...settings };
  const transport = new AppServerTransport(codexOptions, checkedOptions({}), {
    clock,
    runtime: loadRuntime,
    random: Math.random,
  });
  const context = { codexOptions, transport: () => Promise.resolve(transport) };
  const options = { workingDirectory: directory };
  try {
    await test(new ThreadOfLane(context, { type: "new" }, options, clock), transport);
  } finally {
    await transport.close();
  }
}
