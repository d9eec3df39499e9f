// What differs where a server has other clients besides this program.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ResponseMessage } from "../../src/app_server/message.ts";
import { OrphanedTurns } from "../../src/app_server/orphaned_turns.ts";
import { leftToOthers, PeerRequests } from "../../src/app_server/peer_requests.ts";
import { ServerRequests } from "../../src/app_server/server_requests.ts";
import { ServerSession } from "../../src/app_server/server_session.ts";
import {
  AbortError,
  ConnectionError,
  RpcError,
  ServerLostError,
  ThreadBusyError,
} from "../../src/errors.ts";
import type { Turn } from "../../src/turn.ts";
import {
  type Asked,
  MemoryServer,
  MemoryStage,
  quiet,
  ServerTurn,
  type StagedTurn,
  thread1,
} from "../support/memory_server.ts";
import { Outcome } from "../support/outcome.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const asked = { threadId: "t", turnId: "u", itemId: "i" };
const ours = [
  "item/commandExecution/requestApproval",
  "item/fileChange/requestApproval",
  "item/permissions/requestApproval",
  "mcpServer/elicitation/request",
  "item/tool/requestUserInput",
  "item/tool/call",
];

describe("ServerRequests", () => {
  const handle = async (isShared: boolean, method: string): Promise<unknown> => {
    const requests = new ServerRequests({
      ownerOf: () => null,
      clock: new VirtualClock(),
      isShared,
    });
    const context = { id: 0, signal: new AbortController().signal };
    return await requests.handle(method, asked, context);
  };

  it("leaves to other clients what concerns no turn of ours", async () => {
    for (const method of ours) assert.equal(await handle(true, method), leftToOthers, method);
  });

  it("answers it where there are none", async () => {
    for (const method of ours) {
      const answer = await handle(false, method);
      assert.equal(typeof answer, "object", method);
      assert.notEqual(answer, null);
    }
  });

  it("answers what concerns no turn, in either case", async () => {
    for (const isShared of [true, false]) {
      assert.equal(await handle(isShared, "unheard/of"), undefined);
      const { currentTimeAt } = await handle(isShared, "currentTime/read") as {
        currentTimeAt: number;
      };
      assert.ok(currentTimeAt > 0);
    }
  });
});

describe("PeerRequests", () => {
  it("sends no answer where it is left to others, and is asked again", async () => {
    const replies: ResponseMessage[] = [];
    const answers = [leftToOthers, { decision: "accept" }];
    const requests = new PeerRequests({
      onRequest: () => Promise.resolve(answers.shift()),
      redact: (text) => text,
      note: (_kind, text) => assert.fail(text),
      reply: (answer) => replies.push(answer),
    });
    await requests.serve({ id: 7, method: ours[0]!, params: asked });
    assert.deepEqual(replies, []);
    await requests.serve({ id: 7, method: ours[0]!, params: asked });
    assert.deepEqual(replies, [{ id: 7, result: { decision: "accept" } }]);
  });
});

describe("ServerSession", () => {
  it("knows in which threads a turn runs, whoever started it", async () => {
    const server = new MemoryServer();
    const session = await ServerSession.open(server.channel, {
      clientInfo: { name: "test", title: "Test", version: "1.2.3" },
      connection: {
        clock: new VirtualClock(),
        random: () => 0,
        onRequest: () => Promise.resolve(undefined),
      },
      onNotification: () => {},
    });
    const becomes = async (type: string) => {
      server.notify("thread/status/changed", { threadId: "t", status: { type } });
      // An answer comes after what was said before it.
      await session.request("thread/read", { threadId: "t" }).catch(() => {});
      return session.isBusy("t");
    };
    assert.equal(session.isBusy("t"), false);
    assert.equal(await becomes("active"), true);
    assert.throws(() => session.throwIfBusy("t"), (error) => {
      assert.ok(ThreadBusyError.is(error));
      assert.match(error.message, /It was not started here/);
      return true;
    });
    const listener = { notify: () => {}, lost: () => {} };
    assert.throws(() => session.listen("t", listener), ThreadBusyError.is);
    assert.equal(await becomes("systemError"), false);
    assert.equal(await becomes("active"), true);
    assert.equal(await becomes("idle"), false);
    session.noteStatus("t", { type: "active" });
    assert.equal(session.isBusy("t"), true);
    for (const status of [{ type: "idle" }, undefined, null, "active"]) {
      session.noteStatus("t", status);
      assert.equal(session.isBusy("t"), false);
    }
    await session.close();
  });
});

describe("OrphanedTurns", () => {
  /** A session of which `answer` says what it answers, and what was asked of it. */
  function sessionThat(
    answer: (method: string) => Promise<unknown>,
  ): { session: ServerSession; calls: unknown[] } {
    const calls: unknown[] = [];
    const request = (method: string, params: unknown) => {
      calls.push([method, params]);
      return answer(method);
    };
    return { session: { request } as unknown as ServerSession, calls };
  }
  const { signal } = new AbortController();
  const interrupted = [
    ["turn/interrupt", { threadId: "t", turnId: "u" }],
    ["thread/backgroundTerminals/clean", { threadId: "t" }],
  ];

  it("ends each turn once, and its commands", async () => {
    const orphans = new OrphanedTurns();
    orphans.add({ threadId: "t", turnId: "before" });
    orphans.add({ threadId: "t", turnId: "u" });
    const { session, calls } = sessionThat(() => Promise.resolve({}));
    await orphans.end(session, signal);
    assert.deepEqual(calls, interrupted);
    await orphans.end(session, signal);
    assert.equal(calls.length, 2);
  });

  it("takes no for an answer: the turn has ended", async () => {
    const orphans = new OrphanedTurns();
    orphans.add({ threadId: "t", turnId: "u" });
    const { session, calls } = sessionThat((method) =>
      Promise.reject(new RpcError(method, { code: -32600, message: "no active turn" }))
    );
    await orphans.end(session, signal);
    assert.deepEqual(calls, interrupted);
  });

  it("tries again on the next connection when this one is lost, too", async () => {
    const orphans = new OrphanedTurns();
    orphans.add({ threadId: "t", turnId: "u" });
    const lost = sessionThat(() => Promise.reject(new ConnectionError("Lost", { reason: "lost" })));
    await assert.rejects(orphans.end(lost.session, signal), ConnectionError.is);
    const { session, calls } = sessionThat(() => Promise.resolve({}));
    await orphans.end(session, signal);
    assert.deepEqual(calls, interrupted);
  });

  it("ends the commands alone where no turn runs", async () => {
    const orphans = new OrphanedTurns();
    orphans.add({ threadId: "t", turnId: null });
    const { session, calls } = sessionThat(() => Promise.resolve({}));
    await orphans.end(session, signal);
    assert.deepEqual(calls, interrupted.slice(1));
  });

  describe("of which only the message is known", () => {
    const listed = ["thread/turns/list", { threadId: "t", limit: 1, sortDirection: "desc" }];
    const message = { type: "userMessage", clientId: "m" };
    const running = { id: "u", status: "inProgress", items: [{ type: "hookPrompt" }, message] };

    /** What is asked when the latest turn of the thread is that. */
    async function askedFor(turn: unknown, page: unknown = { data: [turn] }): Promise<unknown[]> {
      const orphans = new OrphanedTurns();
      orphans.add({ threadId: "t", turnId: null, messageId: "m" });
      const { session, calls } = sessionThat((method) =>
        Promise.resolve(method === "thread/turns/list" ? page : {})
      );
      await orphans.end(session, signal);
      const count = calls.length;
      await orphans.end(session, signal);
      assert.equal(calls.length, count, "it is ended once");
      return calls;
    }

    it("ends the turn that began with it", async () => {
      assert.deepEqual(await askedFor(running), [listed, ...interrupted]);
    });

    it("leaves alone what is not surely that", async () => {
      const other = { ...message, clientId: "other" };
      const turns = [
        // Another client's, in which ours was taken for steering.
        { ...running, items: [other, message] },
        { ...running, items: [{ ...message, clientId: null }] },
        { ...running, items: [] },
        { ...running, items: null },
        { ...running, status: "completed" },
        { ...running, id: 5 },
        ...[null, undefined, "turn"],
      ];
      for (const turn of turns) assert.deepEqual(await askedFor(turn), [listed]);
      for (const page of [null, {}, { data: {} }, []]) {
        assert.deepEqual(await askedFor(null, page), [listed]);
      }
    });

    it("asks no more when codex refuses to tell", async () => {
      const orphans = new OrphanedTurns();
      orphans.add({ threadId: "t", turnId: null, messageId: "m" });
      const { session, calls } = sessionThat((method) =>
        Promise.reject(new RpcError(method, { code: -32600, message: "not supported yet" }))
      );
      await orphans.end(session, signal);
      assert.deepEqual(calls, [listed]);
    });
  });
});

describe("A turn on a server elsewhere", () => {
  const server = { url: "wss://elsewhere.example" };
  const clean = "thread/backgroundTerminals/clean";

  /** Connects again after a loss, and tells what was asked to end what went on. */
  // deno-lint-ignore no-explicit-any
  async function ended(stage: MemoryStage): Promise<[string, any][]> {
    const asked = new Outcome(stage.transport.request("model/list", {}));
    await stage.clock.advance(60_000);
    assert.equal(asked.state, "resolved", `${asked.error}`);
    return stage.server.received
      .filter(({ id, method }) => id !== undefined && /^(turn|thread)\//.test(method ?? ""))
      .map(({ method, params }) => [method!, params]);
  }

  /** A turn with a sub-agent that has ended and one that works. */
  async function withSubagents(stage: MemoryStage) {
    const turn = await stage.running();
    const [idle, busy] = ["idle", "busy"].map((agentThreadId) => {
      turn.server.item({ type: "subAgentActivity", id: agentThreadId, agentThreadId });
      return new ServerTurn(stage.server, agentThreadId, `turn_of_${agentThreadId}`).start();
    });
    idle!.end();
    await quiet();
    return { turn, busy: busy! };
  }

  async function lose(stage: MemoryStage, turn: StagedTurn): Promise<void> {
    const reading = turn.readOn();
    await quiet();
    stage.server.die({ exitCode: null });
    await reading;
    assert.equal(turn.isEnded, true);
  }

  async function assertNothingLeft(stage: MemoryStage): Promise<void> {
    await stage.transport.close();
    assert.equal(stage.clock.pending, 0, "timers are left");
  }

  it("is ended with its sub-agents when the connection was lost", async () => {
    const stage = new MemoryStage({ server });
    const { turn, busy } = await withSubagents(stage);
    await lose(stage, turn);
    const asked = await ended(stage);
    assert.deepEqual(asked.filter(([method]) => method === "turn/interrupt"), [
      ["turn/interrupt", { threadId: thread1, turnId: "turn_1" }],
      ["turn/interrupt", { threadId: "busy", turnId: busy.id }],
    ]);
    const cleaned = asked.filter(([method]) => method === clean);
    assert.deepEqual(
      new Set(cleaned.map(([, { threadId }]) => threadId)),
      new Set([thread1, "idle", "busy"]),
    );
    await assertNothingLeft(stage);
  });

  it("that had ended leaves the thread alone, and its sub-agents are ended", async () => {
    const stage = new MemoryStage({
      server,
      onServer: (server, index) => index === 0 && server.hold("turn/interrupt"),
    });
    const { turn, busy } = await withSubagents(stage);
    turn.server.end();
    await lose(stage, turn);
    assert.deepEqual(turn.outcome, {});
    assert.deepEqual(await ended(stage), [
      ["turn/interrupt", { threadId: "busy", turnId: busy.id }],
      [clean, { threadId: "busy" }],
    ]);
    await assertNothingLeft(stage);
  });

  it("is ended by what codex had told of it before it answered", async () => {
    const stage = new MemoryStage({
      server,
      onServer: (server, index) => index === 0 && server.hold("turn/start"),
    });
    const turn = stage.turn();
    turn.read();
    await quiet();
    new ServerTurn(stage.server).start();
    await lose(stage, turn);
    assert.ok(ServerLostError.is(turn.error), `${turn.error}`);
    assert.deepEqual(await ended(stage), [
      ["turn/interrupt", { threadId: thread1, turnId: "turn_1" }],
      [clean, { threadId: thread1 }],
    ]);
    await assertNothingLeft(stage);
  });

  it("is found by its message when codex had told nothing of it, and the thread is free", async () => {
    let status = "active";
    const stage = new MemoryStage({ server });
    const messageOf = () => stage.servers[0]!.asked("turn/start")[0]!.params.clientUserMessageId;
    stage.onServer = (server, index) => {
      if (index === 0) return server.hold("turn/start");
      const loaded = (asked: Asked) =>
        asked.answer({ thread: { id: asked.params.threadId, status: { type: status } } });
      server.on("thread/resume", loaded).on("thread/read", loaded)
        .on("thread/turns/list", (asked) => {
          const items = [{ type: "userMessage", clientId: messageOf() }];
          asked.answer({ data: [{ id: "turn_x", status: "inProgress", items }] });
        })
        .on("turn/interrupt", (asked) => {
          status = "idle";
          asked.answer();
        });
    };
    const thread = stage.thread();
    const lost = new Outcome(thread.run("Hi"));
    await quiet();
    assert.match(messageOf(), /^[0-9a-f-]{36}$/);
    stage.server.die({ exitCode: null });
    await quiet();
    assert.ok(ServerLostError.is(lost.error), `${lost.error}`);
    const next = new Outcome(thread.run("Again"));
    await stage.clock.advance(60_000);
    assert.deepEqual(stage.server.asked("turn/interrupt").map(({ params }) => params), [
      { threadId: thread1, turnId: "turn_x" },
    ]);
    new ServerTurn(stage.server).start().message("Here again").end();
    await quiet();
    assert.equal((next.value as Turn | undefined)?.finalResponse, "Here again", `${next.error}`);
    await assertNothingLeft(stage);
  });

  it("is found by its message also when it was to end by then", async () => {
    const stage = new MemoryStage({
      server,
      onServer: (server, index) => index === 0 && server.hold("turn/start"),
    });
    const turn = stage.turn();
    turn.read();
    await quiet();
    const reason = new AbortError(new Error("enough"));
    turn.abort.abort(reason);
    await lose(stage, turn);
    assert.equal(turn.error, reason);
    assert.deepEqual((await ended(stage)).map(([method]) => method), ["thread/turns/list"]);
    await assertNothingLeft(stage);
  });

  it("that another client began before ours was asked for is left alone", async () => {
    const stage = new MemoryStage({
      server,
      onServer: (server, index) => index === 0 && server.hold("config/read"),
    });
    const turn = stage.turn({ threadOptions: { sandboxMode: "workspace-write" } });
    turn.read();
    await quiet();
    new ServerTurn(stage.server, thread1, "turn_of_another").start();
    await lose(stage, turn);
    assert.deepEqual(await ended(stage), []);
    await assertNothingLeft(stage);
  });

  it("names its message to no server of its own", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    assert.equal("clientUserMessageId" in stage.server.asked("turn/start")[0]!.params, false);
    turn.server.end();
    await turn.readOn();
    await assertNothingLeft(stage);
  });

  /** Asks for approval in a turn of a thread, and tells what we answer. */
  async function answered(stage: MemoryStage, threadId: string, turnId: string | null) {
    const before = stage.server.answers.length;
    const command = { command: "ls", cwd: "/w", itemId: "call_1" };
    stage.server.ask("item/commandExecution/requestApproval", { threadId, turnId, ...command });
    await quiet();
    return stage.server.answers.slice(before).map(({ result }) => result);
  }
  const accepting = { onApproval: () => "accept" as const };
  const yes = [{ decision: "accept" }];

  it("leaves to another client what is asked in that one's turn of the thread", async () => {
    const stage = new MemoryStage({
      server,
      codex: accepting,
      onServer: (server) => server.hold("turn/interrupt"),
    });
    const { turn, busy } = await withSubagents(stage);
    const reading = turn.readOn();
    assert.deepEqual(await answered(stage, thread1, "turn_1"), yes);
    assert.deepEqual(await answered(stage, thread1, null), yes);
    assert.deepEqual(await answered(stage, thread1, "turn_of_another"), []);
    turn.server.end();
    await quiet();
    new ServerTurn(stage.server, thread1, "turn_of_another").start();
    assert.deepEqual(await answered(stage, thread1, "turn_of_another"), []);
    // Asked in no turn, or in none that is known: ours is over.
    assert.deepEqual(await answered(stage, thread1, null), []);
    assert.deepEqual(await answered(stage, "busy", busy.id), yes);
    busy.end("interrupted");
    stage.server.held("turn/interrupt").answer();
    await reading;
    await assertNothingLeft(stage);
  });

  it("answers for a review by either of its ids, and for no other turn", async () => {
    const stage = new MemoryStage({ server, codex: accepting });
    const turn = stage.turn({ review: { type: "uncommitted_changes" } });
    const reading = turn.readOn();
    await quiet();
    const begin = (id: string, rootTurnId: string) => {
      const started = { id, rootTurnId, items: [], status: "inProgress" };
      stage.server.notify("turn/started", { threadId: thread1, turn: started });
    };
    begin("inner", "turn_1");
    begin("turn_of_another", "turn_of_another");
    for (const id of ["turn_1", "inner"]) assert.deepEqual(await answered(stage, thread1, id), yes);
    assert.deepEqual(await answered(stage, thread1, "turn_of_another"), []);
    new ServerTurn(stage.server).end();
    await reading;
    await assertNothingLeft(stage);
  });

  it("answers what is asked before codex has told its id", async () => {
    const stage = new MemoryStage({
      server,
      codex: accepting,
      onServer: (server) => server.hold("turn/start"),
    });
    const turn = stage.turn();
    const reading = turn.readOn();
    await quiet();
    const own = new ServerTurn(stage.server).start();
    assert.deepEqual(await answered(stage, thread1, own.id), yes);
    stage.server.held("turn/start").answer();
    own.end();
    await reading;
    assert.deepEqual(turn.outcome, {});
    await assertNothingLeft(stage);
  });
});
