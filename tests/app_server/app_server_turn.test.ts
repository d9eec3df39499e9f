import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AbortError,
  ExitError,
  NoActiveTurnError,
  ProtocolError,
  ReaderTooSlowError,
  RequestTimeoutError,
  RpcError,
  ServerLostError,
  UnsupportedError,
} from "../../src/errors.ts";
import type { LiveEvent } from "../../src/live_events.ts";
import type { CodexError } from "../../src/errors.ts";
import type { ThreadOptions } from "../../src/options.ts";
import type { ThreadTarget } from "../../src/transport.ts";
import { appServerRecording, mappedTurn } from "../support/app_server_recordings.ts";
import {
  bareTurn,
  type MemoryServer,
  MemoryStage,
  messagesOf,
  oldThread,
  quiet,
  said,
  ServerTurn,
  type StagedTurn,
  thread1,
} from "../support/memory_server.ts";
import { Outcome } from "../support/outcome.ts";

const completed: LiveEvent = { type: "turn.completed" } as LiveEvent;
const live = { turnOptions: { liveEvents: true } };

/** Checks that a turn has ended, and that nothing of it is left but an idle server. */
async function assertOver(stage: MemoryStage, turn: StagedTurn): Promise<void> {
  await quiet();
  assert.equal(turn.isEnded, true, "the turn has not ended");
  assert.equal(turn.abort.listeners, 0, "something listens to the signal");
  await stage.transport.close();
  assert.equal(stage.clock.pending, 0, "timers are left");
  assert.equal(turn.outcomes.length <= 1, true, "it came out more than once");
}

/** Methods that were called once the turn was to end. */
const stopCalls = ["turn/interrupt", "thread/backgroundTerminals/clean"];

describe("AppServerTurn", () => {
  it("asks nothing before the first read", async () => {
    const stage = new MemoryStage();
    stage.turn();
    await quiet();
    assert.equal(stage.servers.length, 0);
  });

  it("opens a thread, starts the turn and tells its events", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    turn.server.message("Hello").usage(42).end();
    await turn.readOn();
    const usage = {
      input_tokens: 42,
      cached_input_tokens: 0,
      cache_write_input_tokens: 0,
      output_tokens: 0,
      reasoning_output_tokens: 0,
    };
    assert.deepEqual(turn.events, [
      ...bareTurn,
      said("Hello"),
      { type: "turn.completed", usage },
    ]);
    assert.deepEqual(turn.outcome, {});
    assert.deepEqual(turn.turn.report().ownUsage, usage);
    assert.equal(turn.turn.threadId, thread1);
    assert.deepEqual(stage.server.calls, ["thread/start", "turn/start"]);
    await assertOver(stage, turn);
  });

  it("tells what came in one go with the answer to turn/start", async () => {
    const stage = new MemoryStage({
      onServer: (server) =>
        server.on("turn/start", (asked) => {
          asked.answer();
          new ServerTurn(server).start().message("At once").end();
        }),
    });
    const turn = stage.turn();
    await turn.readOn();
    assert.deepEqual(turn.events, [...bareTurn, said("At once"), completed]);
    await assertOver(stage, turn);
  });

  it("tells what came before the answer to turn/start", async () => {
    const stage = new MemoryStage({
      onServer: (server) =>
        server.on("turn/start", (asked) => {
          new ServerTurn(server).start().message("Early").end();
          asked.answer();
        }),
    });
    const turn = stage.turn();
    await turn.readOn();
    assert.deepEqual(turn.events, [...bareTurn, said("Early"), completed]);
    await assertOver(stage, turn);
  });

  it("tells what came in one go with the answer to thread/start", async () => {
    const stage = new MemoryStage({
      onServer: (server) =>
        server.on("thread/start", (asked) => {
          asked.answer();
          new ServerTurn(server).tell("warning", { turnId: undefined, message: "Odd model" });
        }),
    });
    const turn = await stage.running();
    turn.server.end();
    await turn.readOn();
    assert.deepEqual(turn.events.map(({ type }) => type), [
      "thread.started",
      "item.completed",
      "turn.started",
      "turn.completed",
    ]);
    await assertOver(stage, turn);
  });

  it("ignores other turns of its thread, and other threads", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running(live);
    const other = new ServerTurn(stage.server, thread1, "turn_of_another");
    other.start().message("not ours").usage(7).end();
    new ServerTurn(stage.server, "thread_of_another").start().message("nor this").end();
    turn.server.message("ours").end();
    await turn.readOn();
    assert.deepEqual(turn.events, [...bareTurn, said("ours"), completed]);
    assert.equal(turn.turn.report().ownUsage, null);
    await assertOver(stage, turn);
  });

  it("ignores an item of the turn before that completes late", async () => {
    const stage = new MemoryStage();
    const first = await stage.running();
    first.server.end();
    await first.readOn();
    const thread = { type: "resume" as const, id: thread1 };
    const second = await stage.running({ thread, ...live });
    first.server.item({
      type: "commandExecution",
      id: "call_1",
      command: "ls",
      status: "completed",
    });
    second.server.end();
    await second.readOn();
    assert.deepEqual(second.events, [...bareTurn, completed]);
    await assertOver(stage, second);
  });

  it("ignores what is told after its end", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running(live);
    turn.server.message("Done").end().message("Late").delta("later").end("failed");
    await turn.readOn();
    turn.server.message("Later yet");
    await quiet();
    assert.deepEqual(turn.events, [...bareTurn, said("Done"), completed]);
    await assertOver(stage, turn);
  });

  it("tells of its sub-agents, and of theirs, as such", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running(live);
    const child = new ServerTurn(stage.server, "child", "turn_of_child");
    const grandchild = new ServerTurn(stage.server, "grandchild", "turn_of_grandchild");
    // Told before it is known whose it is.
    child.start();
    turn.server.item({ type: "subAgentActivity", id: "a1", agentThreadId: "child" });
    child.item({ type: "subAgentActivity", id: "a2", agentThreadId: "grandchild" });
    grandchild.message("deep").end();
    child.message("down").end();
    turn.server.message("up").end();
    await turn.readOn();
    const told = turn.events.flatMap((event): [string, string][] =>
      event.type === "subagent" ? [[event.thread_id, event.event.type]] : [["own", event.type]]
    ).filter(([, type]) => type !== "notification");
    assert.deepEqual(told, [
      ["own", "thread.started"],
      ["own", "turn.started"],
      ["child", "turn.started"],
      ["grandchild", "item.completed"],
      ["grandchild", "turn.completed"],
      ["child", "item.completed"],
      ["child", "turn.completed"],
      ["own", "item.completed"],
      ["own", "turn.completed"],
    ]);
    await assertOver(stage, turn);
  });

  it("has codex stop the sub-agents that it did not wait for", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running(live);
    stage.server.hold("turn/interrupt");
    const waited = new ServerTurn(stage.server, "waited", "turn_1_of_child").start();
    const child = new ServerTurn(stage.server, "child", "turn_2_of_child").start();
    for (const agentThreadId of ["waited", "child"]) {
      turn.server.item({ type: "subAgentActivity", id: agentThreadId, agentThreadId });
    }
    waited.message("done").end();
    turn.server.message("up").end();
    await turn.readAll();
    assert.deepEqual(turn.events.at(-1), completed);
    assert.equal(turn.isEnded, false);
    const asked = stage.server.held("turn/interrupt");
    assert.deepEqual(asked.params, { threadId: "child", turnId: "turn_2_of_child" });
    asked.answer();
    child.end("interrupted");
    await turn.readOn();
    assert.deepEqual(turn.outcome, {});
    const cleaned = stage.server.asked("thread/backgroundTerminals/clean");
    assert.deepEqual(cleaned.map(({ params }) => params), [{ threadId: "child" }]);
    await assertOver(stage, turn);
  });

  describe("with a sub-agent that codex was making when it was stopped", () => {
    const spawn = {
      type: "collabAgentToolCall",
      id: "s",
      tool: "spawnAgent",
      status: "inProgress",
      senderThreadId: thread1,
    };
    const parents: Record<string, string | null> = {
      [thread1]: null,
      other: null,
      "other's child": "other",
      grandchild: "child",
      child: thread1,
    };

    /** A turn that is making a sub-agent, which makes another one; nobody has told of them. */
    async function spawning(): Promise<[MemoryStage, Awaited<ReturnType<MemoryStage["running"]>>]> {
      const stage = new MemoryStage();
      const turn = await stage.running();
      const ids = Object.keys(parents);
      const pages: Record<string, unknown> = {
        "": { data: ids.slice(0, 3), nextCursor: "more" },
        more: { data: ids.slice(3), nextCursor: "more" },
      };
      stage.server.on(
        "thread/loaded/list",
        (asked) => asked.answer(pages[asked.params.cursor ?? ""]),
      );
      stage.server.on("thread/read", (asked) => {
        const id = asked.params.threadId;
        asked.answer({ thread: { id, parentThreadId: parents[id] } });
      });
      stage.server.on("turn/interrupt", (asked) => {
        asked.answer({});
        const { threadId, turnId } = asked.params;
        new ServerTurn(stage.server, threadId, turnId).end("interrupted");
      });
      turn.server.tell("item/started", { item: spawn });
      for (const id of Object.keys(parents).slice(1)) {
        new ServerTurn(stage.server, id, `turn of ${id}`).start();
      }
      await quiet();
      return [stage, turn];
    }

    /** Which turns were interrupted, and in which threads commands were ended. */
    function stopped({ server }: MemoryStage): unknown[] {
      return ["turn/interrupt", "thread/backgroundTerminals/clean"].map((method) =>
        server.asked(method).map(({ params }) => params.turnId ?? params.threadId).sort()
      );
    }

    it("stops that, too", async () => {
      const [stage, turn] = await spawning();
      turn.abort.abort();
      await turn.readOn();
      assert.deepEqual(stopped(stage), [
        ["turn of child", "turn of grandchild", "turn_1"],
        [thread1, "child", "grandchild"],
      ]);
      await assertOver(stage, turn);
    });

    it("stops that, too, when somebody else has stopped the turn", async () => {
      const [stage, turn] = await spawning();
      turn.server.end("interrupted");
      await turn.readOn();
      assert.deepEqual(stopped(stage)[0], ["turn of child", "turn of grandchild"]);
      await assertOver(stage, turn);
    });

    it("looks for none once that was told of", async () => {
      const [stage, turn] = await spawning();
      turn.server.item(spawn);
      await quiet();
      turn.abort.abort();
      await turn.readOn();
      assert.deepEqual(stage.server.asked("thread/loaded/list"), []);
      await assertOver(stage, turn);
    });

    it("ends all the same when codex does not tell", async () => {
      for (const method of ["thread/loaded/list", "thread/read"]) {
        const [stage, turn] = await spawning();
        stage.server.on(method, (asked) => asked.answer({}));
        assert.equal(turn.outcome, undefined);
        turn.abort.abort();
        await turn.readOn();
        assert.deepEqual(stopped(stage)[0], ["turn_1"]);
        await assertOver(stage, turn);
      }
    });
  });

  it("does not wait for ever for a sub-agent to stop", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    stage.server.hold("turn/interrupt");
    new ServerTurn(stage.server, "child", "turn_of_child").start();
    turn.server.item({ type: "subAgentActivity", id: "a1", agentThreadId: "child" });
    turn.server.message("up").end();
    await turn.readAll();
    await stage.clock.advance(4999);
    assert.equal(turn.isEnded, false);
    await stage.clock.advance(1);
    await turn.readOn();
    assert.deepEqual(turn.outcome, {});
    await assertOver(stage, turn);
  });

  it("works where it did before, whoever else moves the thread on a server elsewhere", async () => {
    const stage = new MemoryStage({
      server: { url: "wss://elsewhere.example" },
      onServer: (server) => {
        server.on("thread/start", (asked) => {
          asked.answer({ thread: { id: thread1 }, cwd: "/srv", runtimeWorkspaceRoots: ["/srv"] });
        });
        server.on("thread/resume", (asked) => {
          const runtimeWorkspaceRoots = ["/moved", "/added"];
          asked.answer({ thread: { id: thread1 }, cwd: "/moved", runtimeWorkspaceRoots });
        });
      },
    });
    const resume: ThreadTarget = { type: "resume", id: thread1 };
    const requests = [
      { thread: { type: "new" } as ThreadTarget },
      { thread: resume },
      { thread: resume, threadOptions: { webSearchEnabled: true } },
    ];
    for (const request of requests) {
      const turn = await stage.running(request);
      const { params } = stage.server.asked("turn/start").at(-1)!;
      assert.deepEqual([params.cwd, params.runtimeWorkspaceRoots], ["/srv", ["/srv"]]);
      turn.server.end();
      await turn.readOn();
    }
    assert.equal(stage.server.asked("thread/resume").length, 1);
    // Where that is, only the server can say.
    const turn = await stage.running({
      thread: resume,
      threadOptions: { workingDirectory: "moved" },
    });
    assert.equal(stage.server.asked("turn/start").at(-1)!.params.cwd, "/moved");
    turn.server.end();
    await turn.readOn();
    await stage.transport.close();
  });

  it("says where alone it may write, and is no review where that cannot be said", async () => {
    const stage = new MemoryStage({
      onServer: (server) =>
        server.on("thread/resume", (asked) => {
          const runtimeWorkspaceRoots = ["/there", "/secret"];
          asked.answer({ thread: { id: oldThread }, cwd: "/there", runtimeWorkspaceRoots });
        }),
    });
    const thread: ThreadTarget = { type: "resume", id: oldThread };
    const review = { type: "uncommitted_changes" } as const;
    const threadOptions: ThreadOptions = {
      workingDirectory: "/there",
      sandboxMode: "workspace-write",
    };
    const refused = stage.turn({ thread, threadOptions, review });
    await refused.readOn();
    assert.ok(UnsupportedError.is(refused.error));
    assert.match(refused.error.message, /\/secret/);
    assert.deepEqual(stage.server.asked("review/start"), []);

    const turn = await stage.running({ thread, threadOptions });
    const { params } = stage.server.asked("turn/start")[0]!;
    assert.deepEqual(params.runtimeWorkspaceRoots, ["/there"]);
    turn.server.end();
    await turn.readOn();

    const harmless = await stage.running({ thread, threadOptions: {}, review });
    harmless.server.end();
    await harmless.readOn();
    await assertOver(stage, harmless);
  });

  it("tells live events only to those who want them", async () => {
    for (const liveEvents of [false, true]) {
      const stage = new MemoryStage();
      const turn = await stage.running({ turnOptions: { liveEvents } });
      turn.server.delta("He").delta("llo").message("Hello").usage(1).end();
      await turn.readOn();
      const types = turn.events.map(({ type }) => type);
      const more = ["item.agent_message.delta", "thread.token_usage.updated"];
      assert.equal(types.includes(more[0] as "error"), liveEvents);
      assert.equal(types.includes(more[1] as "error"), liveEvents);
      assert.equal(types.at(-1), "turn.completed");
      await assertOver(stage, turn);
    }
  });

  it("gives a reader without live events a sign of life, ten a second at most", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    await turn.readAll();
    const before = turn.signsOfLife;
    for (let i = 0; i < 10; i++) {
      turn.server.delta("x");
      await turn.readAll();
      await stage.clock.advance(30);
    }
    assert.equal(turn.signsOfLife - before, 3);
    assert.deepEqual(turn.events, bareTurn);
    turn.server.end();
    await turn.readOn();
    await assertOver(stage, turn);
  });

  it("ends without an error after turn.failed", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    turn.server.end("failed", "quota");
    await turn.readOn();
    assert.deepEqual(turn.events.at(-1), { type: "turn.failed", error: { message: "quota" } });
    assert.deepEqual(turn.outcome, {});
    await assertOver(stage, turn);
  });

  it("is an AbortError when somebody else has interrupted it", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    turn.server.message("Half").end("interrupted");
    await turn.readOn();
    assert.deepEqual(turn.events, [...bareTurn, said("Half")]);
    assert.ok(AbortError.is(turn.error));
    assert.deepEqual(stage.server.calls, ["thread/start", "turn/start"]);
    await assertOver(stage, turn);
  });

  it("is stopped when codex says what makes no sense", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    stage.server.on("turn/interrupt", (asked) => {
      asked.answer();
      turn.server.end("interrupted");
    });
    turn.server.message("Good").tell("item/completed", { item: { type: "agentMessage", id: 5 } });
    await turn.readOn();
    assert.deepEqual(turn.events, [...bareTurn, said("Good")]);
    assert.ok(ProtocolError.is(turn.error));
    assert.deepEqual(stage.server.calls.slice(2), stopCalls);
    await assertOver(stage, turn);
  });

  it("rejects as codex refuses to open its thread", async () => {
    const stage = new MemoryStage({
      onServer: (server) => server.on("thread/start", (asked) => asked.refuse("no")),
    });
    const turn = stage.turn();
    await turn.readOn();
    assert.deepEqual(turn.events, []);
    assert.ok(RpcError.is(turn.error));
    await assertOver(stage, turn);
  });

  it("rejects as codex refuses to start it", async () => {
    const stage = new MemoryStage({
      onServer: (server) => server.on("turn/start", (asked) => asked.refuse("input too large")),
    });
    const turn = stage.turn();
    await turn.readOn();
    assert.deepEqual(turn.events, bareTurn.slice(0, 1));
    assert.ok(RpcError.is(turn.error));
    await assertOver(stage, turn);
  });

  it("rejects when codex does not answer in time", async () => {
    const stage = new MemoryStage({
      server: { requestTimeoutMs: 1000 },
      onServer: (server) => server.hold("turn/start"),
    });
    const turn = stage.turn();
    const reading = turn.readOn();
    await stage.clock.advance(1000);
    await reading;
    assert.ok(RequestTimeoutError.is(turn.error));
    await assertOver(stage, turn);
  });

  for (const isTold of ["before", "after"]) {
    it(`is interrupted when its id makes no sense, and codex tells of it ${isTold} that`, async () => {
      for (const answer of [null, {}, { turn: null }, { turn: {} }, { turn: { id: 5 } }]) {
        const stage = new MemoryStage({ onServer: (server) => server.hold("turn/start") });
        const failed = new Outcome(stage.thread().run("Hi"));
        await quiet();
        obeyInterrupts(stage.server);
        if (isTold === "before") new ServerTurn(stage.server).start().message("Early");
        stage.server.held("turn/start").answer(answer);
        await quiet();
        if (isTold === "after") new ServerTurn(stage.server).start().message("Early");
        await quiet();
        const { error } = failed;
        assert.ok(ProtocolError.is(error), `${JSON.stringify(answer)}: ${error}`);
        assert.match(error.message, /^Codex answered "turn\/start" in a shape/);
        assert.match(`${error.path}`, /^(null|turn|turn\.id)$/);
        assert.deepEqual(error.turn?.items.map(({ type }) => type), ["agent_message"]);
        assert.deepEqual(stage.server.calls.slice(2), stopCalls);
        const { params } = stage.server.asked("turn/interrupt")[0]!;
        assert.deepEqual(params, { threadId: thread1, turnId: "turn_1" });
        await stage.transport.close();
        assert.equal(stage.clock.pending, 0, "timers are left");
      }
    });
  }

  it("is interrupted as a review, too, when its id makes no sense", async () => {
    const stage = new MemoryStage({
      onServer: (server) => server.on("review/start", (asked) => asked.answer({})),
    });
    const turn = stage.turn({ review: { type: "uncommitted_changes" } });
    const reading = turn.readOn();
    await quiet();
    stage.server.on("turn/interrupt", (asked) => {
      asked.answer();
      new ServerTurn(stage.server, thread1, "outer").end("interrupted");
    });
    const inner = { id: "inner", rootTurnId: "outer", items: [], status: "inProgress" };
    stage.server.notify("turn/started", { threadId: thread1, turn: inner });
    await reading;
    assert.ok(ProtocolError.is(turn.error));
    assert.equal(stage.server.asked("turn/interrupt")[0]!.params.turnId, "outer");
    await assertOver(stage, turn);
  });

  it("fails when its id makes no sense, and codex never tells of it", async () => {
    const stage = new MemoryStage({
      onServer: (server) => server.on("turn/start", (asked) => asked.answer({ turn: {} })),
    });
    const turn = stage.turn();
    const reading = turn.readOn();
    await stage.clock.advance(4999);
    // That of a sub-agent of somebody else is not ours.
    new ServerTurn(stage.server, "another", "turn_of_another").start();
    await quiet();
    assert.equal(turn.isEnded, false);
    await stage.clock.advance(1);
    await reading;
    assert.ok(ProtocolError.is(turn.error), `${turn.error}`);
    assert.deepEqual(stage.server.asked("turn/interrupt"), []);
    await assertOver(stage, turn);
  });

  it("fails at once when its id makes no sense, and the server dies", async () => {
    const stage = new MemoryStage({
      onServer: (server) => server.on("turn/start", (asked) => asked.answer({})),
    });
    const turn = stage.turn();
    const reading = turn.readOn();
    await quiet();
    stage.server.die();
    await reading;
    assert.ok(ProtocolError.is(turn.error), `${turn.error}`);
    await assertOver(stage, turn);
  });

  it("shows its own file change, and not a sub-agent's with the same id", async () => {
    const shown: unknown[] = [];
    const stage = new MemoryStage({
      codex: {
        onApproval: (request) => {
          assert.ok(request.type === "file_change");
          shown.push([request.threadId, request.changes.map(({ path }) => path)]);
          return "decline";
        },
      },
    });
    const turn = await stage.running();
    turn.server.item({ type: "subAgentActivity", id: "a1", agentThreadId: "child" });
    const child = new ServerTurn(stage.server, "child", "turn_of_child").start();
    const change = (path: string) => ({
      type: "fileChange",
      id: "call_0",
      changes: [{ path, kind: { type: "add" }, diff: "x" }],
      status: "inProgress",
    });
    child.tell("item/started", { item: change("/there/childs") });
    turn.server.tell("item/started", { item: change("/here/own") });
    for (const { threadId, id: turnId } of [child, turn.server]) {
      stage.server.ask("item/fileChange/requestApproval", { threadId, turnId, itemId: "call_0" });
    }
    await quiet();
    assert.deepEqual(shown, [["child", ["/there/childs"]], [thread1, ["/here/own"]]]);
    // The end of one is not that of the other.
    child.item({ ...change("/there/childs"), status: "declined" }).end();
    stage.server.ask("item/fileChange/requestApproval", {
      threadId: thread1,
      turnId: turn.server.id,
      itemId: "call_0",
    });
    await quiet();
    assert.deepEqual(shown[2], [thread1, ["/here/own"]]);
    turn.server.item({ ...change("/here/own"), status: "declined" }).end();
    await turn.readOn();
    await assertOver(stage, turn);
  });

  it("plays recordings as they are mapped", async () => {
    for (const name of ["simple", "full", "command_failed", "fail_401", "retry", "mcp"]) {
      const stage = new MemoryStage();
      const turn = stage.turn(live);
      turn.read();
      await quiet();
      stage.server.send(...messagesOf(appServerRecording(name), new ServerTurn(stage.server)));
      await turn.readOn();
      const types = mappedTurn(name).events.map(({ type }) => type);
      const end = types.findIndex((type) => type === "turn.completed" || type === "turn.failed");
      const expected = types.slice(0, end + 1).filter((type) => !isNoise(type));
      const seen = turn.events.map(({ type }) => type).filter((type) => !isNoise(type));
      // Deltas that waited together are one by then.
      assert.deepEqual(withoutRepeats(seen), withoutRepeats(["thread.started", ...expected]), name);
      await assertOver(stage, turn);
    }
  });
});

/** What concerns no turn can come at any moment. */
function isNoise(type: string): boolean {
  return ["notification", "warning", "account.rate_limits.updated"].includes(type);
}

function withoutRepeats(types: string[]): string[] {
  return types.filter((type, index) => type !== types[index - 1]);
}

describe("AppServerTurn.report()", () => {
  it("has the turn's share of what its thread has used", async () => {
    const stage = new MemoryStage();
    const first = await stage.running();
    first.server.usage(10).usage(40).end();
    await first.readOn();
    assert.equal(first.turn.report().ownUsage?.input_tokens, 40);
    const thread = { type: "resume" as const, id: thread1 };
    const second = await stage.running({ thread });
    second.server.usage(100).end();
    await second.readOn();
    assert.equal(second.turn.report().ownUsage?.input_tokens, 60);
    const third = await stage.running({ thread });
    third.server.end();
    await third.readOn();
    assert.equal(third.turn.report().ownUsage, null);
    await assertOver(stage, third);
  });

  it("has no share where it is not known what was used before", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running({ thread: { type: "resume", id: oldThread } });
    turn.server.usage(100).end();
    await turn.readOn();
    assert.equal(turn.turn.report().ownUsage, null);
    await assertOver(stage, turn);
  });

  it("has it after a resume that told what was used", async () => {
    const stage = new MemoryStage({
      onServer: (server) =>
        server.on("thread/resume", (asked) => {
          asked.answer();
          new ServerTurn(server, oldThread, "turn_0").usage(70);
        }),
    });
    const turn = await stage.running({ thread: { type: "resume", id: oldThread } });
    turn.server.usage(100).end();
    await turn.readOn();
    assert.equal(turn.turn.report().ownUsage?.input_tokens, 30);
    await assertOver(stage, turn);
  });

  it("has the stderr of the server", async () => {
    const stage = new MemoryStage();
    const turn = stage.turn();
    assert.equal(turn.turn.report().stderr, "");
    turn.read();
    await quiet();
    stage.server.stderr = "WARN";
    assert.equal(turn.turn.report().stderr, "WARN");
    turn.cancel();
    await stage.clock.advance(20_000);
    await assertOver(stage, turn);
  });
});

const reason = new AbortError(new Error("enough"));

/** Where in its life a turn is when something happens to it. */
const stages: {
  name: string;
  /** Brings a turn there. */
  reach(stage: MemoryStage): Promise<StagedTurn>;
  /** What can be read of it. */
  events: readonly LiveEvent[];
}[] = [
  {
    name: "before its first read",
    reach: (stage) => Promise.resolve(stage.turn()),
    events: [],
  },
  {
    name: "while the server shakes hands",
    reach: (stage) => readTo(stage, "initialize"),
    events: [],
  },
  {
    name: "while its thread is opened",
    reach: (stage) => readTo(stage, "thread/start"),
    events: [],
  },
  {
    name: "while turn/start is unanswered",
    reach: (stage) => readTo(stage, "turn/start"),
    events: bareTurn.slice(0, 1),
  },
  {
    name: "before turn/started",
    reach: (stage) => readTo(stage, null),
    events: bareTurn.slice(0, 1),
  },
  {
    name: "while it runs",
    reach: async (stage) => {
      const turn = await stage.running();
      turn.server.message("Hello");
      await quiet();
      return turn;
    },
    events: [...bareTurn, said("Hello")],
  },
];

/** Has a turn read up to a request, which is not answered. */
async function readTo(stage: MemoryStage, method: string | null): Promise<StagedTurn> {
  stage.onServer = (server) => method !== null && server.hold(method);
  const turn = stage.turn();
  turn.read();
  await quiet();
  return turn;
}

/** Has a server stop a turn when it is told to, as the real one does. */
function obeyInterrupts(server: MemoryServer): void {
  server.on("turn/interrupt", (asked) => {
    asked.answer();
    new ServerTurn(server, asked.params.threadId, asked.params.turnId).end("interrupted");
  });
}

describe("AppServerTurn that is aborted", () => {
  for (const { name, reach, events } of stages) {
    it(`${name} ends with the reason, after what had arrived`, async () => {
      const stage = new MemoryStage();
      const turn = await reach(stage);
      if (stage.servers.length > 0) obeyInterrupts(stage.server);
      turn.abort.abort(reason);
      turn.abort.abort(new Error("again"));
      const reading = turn.readOn();
      await quiet();
      // Codex refuses to interrupt a turn that it has not told of.
      if (name === "while turn/start is unanswered") stage.server.held("turn/start").answer();
      if (/turn\/start/.test(name)) {
        await quiet();
        assert.equal(turn.isEnded, false);
        assert.equal(stage.server.asked("turn/interrupt").length, 0);
        new ServerTurn(stage.server).start();
      }
      await reading;
      const late: readonly LiveEvent[] = /turn\/start/.test(name) ? bareTurn.slice(1) : [];
      assert.deepEqual(turn.events, [...events, ...late]);
      assert.equal(turn.error, reason);
      const wasStarted = events.length > 0;
      assert.deepEqual(
        stage.servers.flatMap((server) => server.calls.filter((each) => stopCalls.includes(each))),
        wasStarted ? stopCalls : [],
      );
      assert.equal(stage.servers.length, name === "before its first read" ? 0 : 1);
      for (const server of stage.servers) {
        if (server.holds("initialize")) server.held("initialize").answer();
      }
      await assertOver(stage, turn);
    });
  }

  it("waits for a command that codex is ending, and not for one that has ended", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    obeyInterrupts(stage.server);
    const command = (id: string, status: string) => {
      const rest = { command: "true", cwd: "/w", aggregatedOutput: null, exitCode: null };
      return { type: "commandExecution", id, processId: id, status, ...rest };
    };
    for (const id of ["1", "2"]) {
      turn.server.tell("item/started", { item: command(id, "inProgress") });
    }
    turn.server.item(command("1", "completed"));
    await turn.readAll();
    turn.abort.abort(reason);
    const reading = turn.readOn();
    await quiet();
    assert.equal(turn.isEnded, false);
    turn.server.item(command("2", "failed"));
    await quiet();
    assert.equal(turn.isEnded, true);
    await reading;
    assert.equal(turn.error, reason);
    await assertOver(stage, turn);
  });

  it("ends although codex never answers turn/start", async () => {
    const stage = new MemoryStage();
    const turn = await readTo(stage, "turn/start");
    turn.abort.abort(reason);
    const reading = turn.readOn();
    await stage.clock.advance(4999);
    assert.equal(turn.isEnded, false);
    await stage.clock.advance(1);
    await reading;
    assert.equal(turn.error, reason);
    await assertOver(stage, turn);
  });

  it("ends although codex never says that it has started", async () => {
    const stage = new MemoryStage();
    const turn = await readTo(stage, null);
    turn.abort.abort(reason);
    const reading = turn.readOn();
    stage.server.on("turn/interrupt", (asked) => asked.refuse("no active turn to interrupt"));
    await stage.clock.advance(10_000);
    await reading;
    assert.equal(turn.error, reason);
    assert.match(turn.turn.report().diagnostics.at(-1)!.message, /did not stop the turn/);
    await assertOver(stage, turn);
  });

  it("ends although codex refuses to interrupt it", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    stage.server.on("turn/interrupt", (asked) => asked.refuse("not now"));
    turn.abort.abort(reason);
    const reading = turn.readOn();
    await stage.clock.advance(4999);
    assert.equal(turn.isEnded, false);
    await stage.clock.advance(1);
    await reading;
    assert.equal(turn.error, reason);
    assert.deepEqual(stage.server.calls.slice(2), stopCalls);
    await assertOver(stage, turn);
  });

  it("ends although codex answers nothing any more", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    for (const method of stopCalls) stage.server.hold(method);
    turn.abort.abort(reason);
    const reading = turn.readOn();
    await stage.clock.advance(20_000);
    await reading;
    assert.equal(turn.error, reason);
    await assertOver(stage, turn);
  });

  it("ends well when codex has ended it meanwhile", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    stage.server.on("turn/interrupt", (asked) => {
      turn.server.message("Done").end();
      asked.refuse("no active turn to interrupt");
    });
    turn.abort.abort(reason);
    await turn.readOn();
    assert.deepEqual(turn.events, [...bareTurn, said("Done"), completed]);
    assert.equal(turn.error, reason);
    await assertOver(stage, turn);
  });

  it("ends at once when the server dies before it has stopped the turn", async () => {
    for (const hasStarted of [false, true]) {
      const stage = new MemoryStage();
      const turn = hasStarted ? await stage.running() : await readTo(stage, null);
      for (const method of stopCalls) stage.server.hold(method);
      turn.abort.abort(reason);
      await quiet();
      assert.equal(turn.isEnded, false);
      stage.server.die();
      await turn.readOn();
      assert.equal(turn.error, reason);
      await assertOver(stage, turn);
    }
  });

  it("cleans up the commands it has left running, also when it was over by itself", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    obeyInterrupts(stage.server);
    turn.abort.abort(reason);
    await turn.readOn();
    assert.deepEqual(
      stage.server.asked("thread/backgroundTerminals/clean").map(({ params }) => params),
      [{ threadId: thread1 }],
    );
    await assertOver(stage, turn);
  });

  it("as a review is interrupted by either of its ids", async () => {
    const stage = new MemoryStage();
    const turn = stage.turn({ review: { type: "uncommitted_changes" } });
    turn.read();
    await quiet();
    new ServerTurn(stage.server, thread1, "inner").start();
    await quiet();
    stage.server.on("turn/interrupt", (asked) => {
      if (asked.params.turnId === "turn_1") return asked.refuse("found another");
      asked.answer();
      new ServerTurn(stage.server).end("interrupted");
    });
    turn.abort.abort(reason);
    await turn.readOn();
    assert.deepEqual(
      stage.server.asked("turn/interrupt").map(({ params }) => params.turnId),
      ["turn_1", "inner"],
    );
    assert.equal(turn.error, reason);
    await assertOver(stage, turn);
  });
});

describe("AppServerTurn whose reader leaves", () => {
  for (const { name, reach, events } of stages) {
    it(`${name} is stopped by then`, async () => {
      const stage = new MemoryStage();
      const turn = await reach(stage);
      if (stage.servers.length > 0) obeyInterrupts(stage.server);
      const cancelled = turn.cancel();
      await quiet();
      if (/turn\/start/.test(name)) {
        if (stage.server.holds("turn/start")) stage.server.held("turn/start").answer();
        new ServerTurn(stage.server).start();
      }
      await cancelled;
      assert.equal(turn.isEnded, true);
      assert.deepEqual(turn.events, events.slice(0, turn.events.length));
      assert.deepEqual(
        stage.servers.flatMap((server) => server.calls.filter((each) => stopCalls.includes(each))),
        events.length > 0 ? stopCalls : [],
      );
      for (const server of stage.servers) {
        if (server.holds("initialize")) server.held("initialize").answer();
      }
      await assertOver(stage, turn);
    });
  }

  it("after its last event leaves no timer", async () => {
    const stage = new MemoryStage({ server: { idleTimeoutMs: Infinity } });
    const turn = await stage.running();
    turn.server.end();
    while (turn.events.at(-1)?.type !== "turn.completed") await turn.read();
    await turn.cancel();
    assert.deepEqual(turn.outcomes, []);
    assert.equal(stage.clock.pending, 0);
    await assertOver(stage, turn);
  });

  it("while events wait that nobody has read keeps none of them", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    obeyInterrupts(stage.server);
    turn.server.message("Unread").message("Unread");
    await quiet();
    await turn.cancel();
    await turn.readAll();
    assert.deepEqual(turn.events, bareTurn.slice(0, turn.events.length));
    assert.deepEqual(turn.outcome, {});
    await assertOver(stage, turn);
  });
});

describe("AppServerTurn.end()", () => {
  it("ends a turn that nobody reads", async () => {
    for (const { reach } of stages) {
      const stage = new MemoryStage();
      const turn = await reach(stage);
      if (stage.servers.length > 0) obeyInterrupts(stage.server);
      const ended = turn.turn.end(reason);
      await quiet();
      if (stage.servers.length > 0) {
        for (const method of ["initialize", "thread/start", "turn/start"]) {
          if (stage.server.holds(method)) stage.server.held(method).answer();
        }
        new ServerTurn(stage.server).start();
      }
      await ended;
      await turn.readOn();
      assert.equal(turn.error, reason);
      await assertOver(stage, turn);
    }
  });

  it("does nothing to one that is over", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    turn.server.end();
    await quiet();
    await turn.turn.end(reason);
    await turn.readOn();
    assert.deepEqual(turn.outcome, {});
    assert.deepEqual(stage.server.calls, ["thread/start", "turn/start"]);
    await assertOver(stage, turn);
  });
});

describe("AppServerTurn whose server is lost", () => {
  for (const { name, reach, events } of stages.slice(1)) {
    it(`${name} says so, after what had arrived`, async () => {
      const stage = new MemoryStage();
      const turn = await reach(stage);
      stage.server.stderr = "panicked at main.rs";
      stage.server.die({ signal: "SIGKILL" });
      await turn.readOn();
      assert.deepEqual(turn.events, events);
      assert.deepEqual(stage.server.calls.filter((each) => stopCalls.includes(each)), []);
      if (name === "while the server shakes hands") {
        assert.ok(ExitError.is(turn.error), `${turn.error}`);
        assert.equal(turn.error.signal, "SIGKILL");
        assert.match(turn.error.message, /before it was ready: panicked at main.rs$/);
      } else {
        assert.ok(ServerLostError.is(turn.error), `${turn.error}`);
        const { exitCode, signal, stderr, isResumable } = turn.error;
        assert.deepEqual({ exitCode, signal, stderr, isResumable }, {
          exitCode: null,
          signal: "SIGKILL",
          stderr: "panicked at main.rs",
          isResumable: events.length > 0,
        });
        assert.match(turn.error.message, /^The app-server ended by signal SIGKILL in the middle/);
      }
      await assertOver(stage, turn);
    });
  }

  it("tells all that had arrived, read or not", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    turn.server.message("one").message("two").message("three");
    stage.server.die({ exitCode: 101 });
    await quiet();
    await turn.readOn();
    assert.deepEqual(turn.events, [
      ...bareTurn,
      ...[1, 2, 3].map((n) => said(["one", "two", "three"][n - 1]!, `msg_${n}`)),
    ]);
    assert.ok(ServerLostError.is(turn.error));
    assert.equal(turn.error.exitCode, 101);
    await assertOver(stage, turn);
  });

  it("is a good turn when its end was told before", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    turn.server.message("Done").end();
    stage.server.die();
    await turn.readOn();
    assert.deepEqual(turn.events, [...bareTurn, said("Done"), completed]);
    assert.deepEqual(turn.outcome, {});
    await assertOver(stage, turn);
  });

  it("says that an ephemeral thread is lost, and another is not", async () => {
    const resumable = async (request: Parameters<MemoryStage["running"]>[0]) => {
      const stage = new MemoryStage();
      const turn = await stage.running(request);
      stage.server.die();
      await turn.readOn();
      await assertOver(stage, turn);
      return (turn.error as ServerLostError).isResumable;
    };
    assert.equal(await resumable({ threadOptions: { ephemeral: true } }), false);
    assert.equal(await resumable({}), true);
    assert.equal(await resumable({ thread: { type: "resume", id: oldThread } }), true);
  });

  it("is resumable when it was lost while an old thread was opened", async () => {
    const stage = new MemoryStage({ onServer: (server) => server.hold("thread/resume") });
    const turn = stage.turn({ thread: { type: "resume", id: oldThread } });
    turn.read();
    await quiet();
    stage.server.die();
    await turn.readOn();
    assert.equal((turn.error as ServerLostError).isResumable, true);
    await assertOver(stage, turn);
  });

  it("keeps what broke the connection as the cause", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    const error = new Error("reset");
    stage.server.die({ error });
    await turn.readOn();
    assert.equal((turn.error as Error).cause, error);
    assert.match((turn.error as Error).message, /^The connection to the app-server was lost/);
    await assertOver(stage, turn);
  });
});

describe("AppServerTurn with a slow reader", () => {
  /** A turn of which nothing is read while it says that much. */
  async function flooded(stage: MemoryStage, count: number): Promise<StagedTurn> {
    const turn = await stage.running();
    obeyInterrupts(stage.server);
    for (let i = 0; i < count; i++) turn.server.message("x".repeat(1000), `m${i}`);
    await quiet();
    return turn;
  }

  it("that leaves more than it may is interrupted; what fits can be read", async () => {
    const stage = new MemoryStage({ server: { maxUnreadBytes: 10_000 } });
    const turn = await flooded(stage, 100);
    assert.equal(turn.isEnded, true);
    await turn.readOn();
    assert.ok(ReaderTooSlowError.is(turn.error));
    assert.equal(turn.error.maxBytes, 10_000);
    assert.match(turn.error.message, /"maxUnreadBytes"/);
    // In order, without a gap, and no more than may wait.
    const ids = turn.events.slice(2).map((event) =>
      event.type === "item.completed" && event.item.id
    );
    assert.deepEqual(ids, ids.map((_, index) => `m${index}`));
    assert.ok(ids.length >= 5 && ids.length < 10, `${ids.length}`);
    assert.deepEqual(stage.server.calls.slice(2), stopCalls);
    await assertOver(stage, turn);
  });

  it("is not one whom a single event is too large for", async () => {
    const stage = new MemoryStage({ server: { maxUnreadBytes: 100 } });
    const turn = stage.turn();
    const reading = turn.readOn();
    await quiet();
    const server = new ServerTurn(stage.server).start();
    await quiet();
    server.message("x".repeat(1000));
    await quiet();
    server.end();
    await reading;
    assert.deepEqual(turn.events, [...bareTurn, said("x".repeat(1000)), completed]);
    await assertOver(stage, turn);
  });

  it("does not hold up the other turns of its server", async () => {
    const stage = new MemoryStage({ server: { maxUnreadBytes: 10_000 } });
    const slow = await stage.running();
    const thread = { type: "resume" as const, id: oldThread };
    const other = await stage.running({ thread });
    obeyInterrupts(stage.server);
    for (let i = 0; i < 100; i++) slow.server.message("x".repeat(1000));
    other.server.message("Fine").end();
    await other.readOn();
    assert.deepEqual(other.outcome, {});
    assert.deepEqual(other.events.at(-2), said("Fine"));
    await slow.readOn();
    assert.ok(ReaderTooSlowError.is(slow.error));
    await assertOver(stage, slow);
  });

  it("of deltas gets those of an item as one, and loses none", async () => {
    const stage = new MemoryStage({ server: { maxUnreadBytes: 64_000 } });
    const turn = await stage.running(live);
    for (let i = 0; i < 5000; i++) turn.server.delta(`${i},`);
    turn.server.delta("other", "msg_2").end();
    await quiet();
    await turn.readOn();
    assert.deepEqual(turn.outcome, {});
    const texts = new Map<string, string>();
    for (const event of turn.events) {
      if (event.type !== "item.agent_message.delta") continue;
      texts.set(event.item_id, (texts.get(event.item_id) ?? "") + event.delta);
    }
    assert.equal(texts.get("msg_1"), Array.from({ length: 5000 }, (_, i) => `${i},`).join(""));
    assert.equal(texts.get("msg_2"), "other");
    assert.ok(turn.events.length < 20, `${turn.events.length}`);
    await assertOver(stage, turn);
  });
});

describe("AppServerTurn.steer()", () => {
  const steered = (stage: MemoryStage) =>
    stage.server.asked("turn/steer").map(({ params }) => params);

  it("names the turn that is meant, and resolves when codex has taken it", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    stage.server.hold("turn/steer");
    const outcome = turn.steer("Rather this");
    await quiet();
    assert.equal(outcome.state, "pending");
    stage.server.held("turn/steer").answer();
    await quiet();
    assert.equal(outcome.state, "resolved");
    assert.deepEqual(steered(stage), [{
      threadId: thread1,
      expectedTurnId: "turn_1",
      input: [{ type: "text", text: "Rather this", text_elements: [] }],
    }]);
    turn.server.end();
    await turn.readOn();
    await assertOver(stage, turn);
  });

  for (const { name, reach } of stages.slice(1, -1)) {
    it(`${name} waits until the turn has started`, async () => {
      const stage = new MemoryStage();
      const turn = await reach(stage);
      const outcome = turn.steer();
      await quiet();
      assert.deepEqual(steered(stage), []);
      for (const method of ["initialize", "thread/start", "turn/start"]) {
        if (stage.server.holds(method)) stage.server.held(method).answer();
        await quiet();
      }
      assert.equal(outcome.state, "pending");
      const server = new ServerTurn(stage.server).start();
      await quiet();
      assert.equal(outcome.state, "resolved");
      assert.equal(steered(stage).length, 1);
      server.end();
      await turn.readOn();
      await assertOver(stage, turn);
    });
  }

  for (const { name, reach } of stages.slice(1, -1)) {
    it(`${name} rejects when the turn is aborted`, async () => {
      const stage = new MemoryStage();
      const turn = await reach(stage);
      const outcome = turn.steer();
      turn.abort.abort(reason);
      await stage.clock.advance(60_000);
      await turn.readOn();
      assert.ok(NoActiveTurnError.is(outcome.error), `${outcome.state}`);
      assert.deepEqual(steered(stage), []);
      await assertOver(stage, turn);
    });
  }

  it("rejects when the turn has ended", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    turn.server.end();
    await turn.readOn();
    const outcome = turn.steer();
    await quiet();
    assert.ok(NoActiveTurnError.is(outcome.error));
    assert.deepEqual(steered(stage), []);
    await assertOver(stage, turn);
  });

  it("rejects when codex says that it has ended", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    stage.server.on("turn/steer", (asked) => asked.refuse("no active turn to steer"));
    const outcome = turn.steer();
    await quiet();
    assert.ok(NoActiveTurnError.is(outcome.error));
    assert.ok(RpcError.is((outcome.error as Error).cause));
    turn.server.end();
    await turn.readOn();
    await assertOver(stage, turn);
  });

  it("rejects as codex refuses for another reason", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    stage.server.on("turn/steer", (asked) => asked.refuse("input too large", -32602));
    const outcome = turn.steer();
    await quiet();
    assert.ok(RpcError.is(outcome.error));
    turn.server.end();
    await turn.readOn();
    await assertOver(stage, turn);
  });

  it("rejects when the turn is being stopped", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    stage.server.hold("turn/interrupt");
    turn.abort.abort(reason);
    const outcome = turn.steer();
    await quiet();
    assert.ok(NoActiveTurnError.is(outcome.error));
    stage.server.held("turn/interrupt").answer();
    turn.server.end("interrupted");
    await turn.readOn();
    await assertOver(stage, turn);
  });

  it("rejects when the server is lost before it answers", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    stage.server.hold("turn/steer");
    const outcome = turn.steer();
    await quiet();
    stage.server.die();
    await turn.readOn();
    assert.equal(outcome.state, "rejected");
    assert.equal((outcome.error as CodexError).code, "CONNECTION");
    await assertOver(stage, turn);
  });

  it("rejects when the turn ends before codex answers", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    stage.server.hold("turn/steer");
    const outcome = turn.steer();
    await quiet();
    turn.server.end();
    await turn.readOn();
    await quiet();
    assert.ok(NoActiveTurnError.is(outcome.error));
    stage.server.held("turn/steer").answer();
    await assertOver(stage, turn);
  });

  it("is not for reviews", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running({ review: { type: "uncommitted_changes" } });
    const outcome = turn.steer();
    await quiet();
    assert.ok(UnsupportedError.is(outcome.error));
    turn.server.end();
    await turn.readOn();
    await assertOver(stage, turn);
  });
});
