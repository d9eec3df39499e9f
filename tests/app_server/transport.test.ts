import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import type { ApprovalHandler } from "../../src/approvals.ts";
import { appServer } from "../../src/app_server/app_server.ts";
import { Codex } from "../../src/codex.ts";
import {
  AbortError,
  CodexNotFoundError,
  ConnectionError,
  InvalidOptionsError,
  NoActiveTurnError,
  RequestTimeoutError,
  RpcError,
  ServerLostError,
  ThreadBusyError,
  TimeoutError,
  TurnFailedError,
  UnsupportedError,
} from "../../src/errors.ts";
import type { CodexOptions } from "../../src/options.ts";
import type { TransportFactory } from "../../src/transport.ts";
import { waitUntilForgotten } from "../support/garbage.ts";
import {
  bareTurn,
  type MemoryServer,
  MemoryStage,
  type MemoryStageOptions,
  quiet,
  said,
  ServerTurn,
  thread1,
  thread2,
} from "../support/memory_server.ts";
import { Outcome } from "../support/outcome.ts";
import { drain } from "../support/streams.ts";
import { WebSocketServer } from "../support/websocket_server.ts";
import { WatchedAbort } from "../support/watched_signal.ts";

/** A `Codex` on a stage. */
function codexOn(stage: MemoryStage): Codex {
  const transport: TransportFactory = () => stage.transport;
  return new Codex({ ...stage.codexOptions, transport });
}

/** Has a server play a whole turn as soon as it is asked to. */
function playTurns(server: MemoryServer, text = "ok"): void {
  let count = 0;
  server.on("turn/start", (asked) => {
    asked.answer();
    const turn = new ServerTurn(server, asked.params.threadId, `turn_${++count}`);
    turn.start().message(text).usage(42 * count).end();
  });
}

const playing = { onServer: (server: MemoryServer) => playTurns(server) };

async function assertNothingLeft(stage: MemoryStage): Promise<void> {
  await stage.transport.close();
  await quiet();
  assert.deepEqual(stage.servers.filter((server) => !server.isOver), []);
  assert.equal(stage.clock.pending, 0, "timers are left");
}

describe("AppServerTransport", () => {
  it("runs the turns of all threads on one server", async () => {
    const stage = new MemoryStage(playing);
    const threads = [stage.thread(), stage.thread()];
    for (const thread of threads) {
      for (const input of ["a", "b"]) assert.equal((await thread.run(input)).finalResponse, "ok");
    }
    assert.deepEqual(threads.map(({ id }) => id), [thread1, thread2]);
    assert.equal(stage.servers.length, 1);
    assert.deepEqual(stage.server.calls, [
      ...["thread/start", "turn/start", "turn/start"],
      ...["thread/start", "turn/start", "turn/start"],
    ]);
    await assertNothingLeft(stage);
  });

  it("says who we are", async () => {
    for (const originator of [undefined, "my_program"]) {
      const stage = new MemoryStage({ ...playing, codex: { originator } });
      await stage.thread().run("Hi");
      const { clientInfo } = stage.server.received[0]!.params;
      assert.equal(clientInfo.name, originator ?? "codex_sdk_ts");
      assert.match(clientInfo.version, /^\d+\.\d+\.\d+/);
      await assertNothingLeft(stage);
    }
  });

  it("tells the key to the server once, before anything else", async () => {
    const stage = new MemoryStage({ ...playing, codex: { apiKey: "sk-test" } });
    await stage.thread().run("Hi");
    await stage.thread().run("Hi");
    assert.equal(stage.server.calls[0], "account/login/start");
    assert.deepEqual(stage.server.asked("account/login/start").map(({ params }) => params), [
      { type: "apiKey", apiKey: "sk-test" },
    ]);
    await assertNothingLeft(stage);
  });

  it("is closed by await using", async () => {
    const stage = new MemoryStage();
    await stage.transport.version();
    await stage.transport[Symbol.asyncDispose]();
    assert.equal(stage.server.isOver, true);
  });

  it("forgets a turn that has ended", async () => {
    const stage = new MemoryStage();
    await waitUntilForgotten(async () => {
      const turn = await stage.running();
      turn.server.end();
      await turn.readOn();
      return turn.turn;
    });
    await stage.transport.close();
  });

  it("ends a server that never answers the handshake", async () => {
    const stage = new MemoryStage({
      server: { requestTimeoutMs: 1000 },
      onServer: (server) => server.hold("initialize"),
    });
    const turn = new Outcome(stage.thread().run("Hi"));
    await stage.clock.advance(999);
    assert.equal(turn.state, "pending");
    await stage.clock.advance(1);
    assert.ok(RequestTimeoutError.is(turn.error), `${turn.error}`);
    assert.equal(stage.server.isOver, true);
    await assertNothingLeft(stage);
  });

  it("ends a server that refuses the key", async () => {
    const stage = new MemoryStage({
      codex: { apiKey: "sk-test" },
      onServer: (server) => server.on("account/login/start", (asked) => asked.refuse("no sk-test")),
    });
    await assert.rejects(stage.thread().run("Hi"), (error) => {
      assert.ok(RpcError.is(error));
      return true;
    });
    assert.equal(stage.server.isOver, true);
    await assertNothingLeft(stage);
  });

  it("says with each turn what the turn is about", async () => {
    const stage = new MemoryStage(playing);
    const outputSchema = { type: "object", properties: {} };
    await stage.thread({ modelReasoningEffort: "low", additionalDirectories: ["x"] })
      .run([{ type: "text", text: "Hi" }], { outputSchema });
    assert.deepEqual(stage.server.asked("turn/start")[0]!.params, {
      threadId: thread1,
      input: [{ type: "text", text: "Hi", text_elements: [] }],
      cwd: ".",
      effort: "low",
      sandboxPolicy: { type: "readOnly", networkAccess: false },
      approvalPolicy: "never",
      approvalsReviewer: "user",
      runtimeWorkspaceRoots: [process.cwd()],
      outputSchema,
    });
    await assertNothingLeft(stage);
  });

  it("has codex ask where somebody answers, whoever that is", async () => {
    const onApproval = () => "decline" as const;
    const stage = new MemoryStage(playing);
    await stage.thread({ onApproval }).run("Hi");
    await stage.thread().run("Hi", { onApproval });
    await stage.thread().run("Hi");
    const policies = stage.server.asked("turn/start").map(({ params }) => params.approvalPolicy);
    assert.deepEqual(policies, ["on-request", "on-request", "never"]);
    await assertNothingLeft(stage);
  });

  it("refuses what only the exec lane has, before a server is started", async () => {
    const stage = new MemoryStage(playing);
    await assert.rejects(stage.thread({ profile: "p" }).run("Hi"), UnsupportedError);
    await assert.rejects(
      stage.thread({ approvalPolicy: "on-failure" }).run("Hi"),
      InvalidOptionsError,
    );
    assert.equal(stage.servers.length, 0);
    await assertNothingLeft(stage);
  });

  it("tells a turn that failed, and goes on with the thread", async () => {
    const stage = new MemoryStage(playing);
    const thread = stage.thread();
    await thread.run("Hi");
    stage.server.on("turn/start", (asked) => {
      asked.answer();
      new ServerTurn(stage.server, thread1, "turn_2").start().end("failed", "quota");
    });
    await assert.rejects(thread.run("Hi"), (error) => {
      assert.ok(TurnFailedError.is(error));
      assert.equal(error.message, "quota");
      return true;
    });
    stage.server.on("turn/start", (asked) => {
      asked.answer();
      new ServerTurn(stage.server, thread1, "turn_3").start().message("Again").end();
    });
    assert.equal((await thread.run("Hi")).finalResponse, "Again");
    await assertNothingLeft(stage);
  });

  it("does not take a turn for silent that says what its reader does not want to know", async () => {
    const stage = new MemoryStage();
    const streamed = await stage.thread().runStreamed("Hi", { idleTimeoutMs: 1000 });
    const result = new Outcome(drain(streamed.events));
    await quiet();
    const turn = new ServerTurn(stage.server).start();
    for (let i = 0; i < 10; i++) {
      await stage.clock.advance(900);
      turn.delta("x");
    }
    await quiet();
    assert.equal(result.state, "pending");
    turn.message("Done").end();
    await quiet();
    assert.deepEqual((result.value as { values: unknown[] }).values.slice(0, 3), [
      ...bareTurn,
      said("Done"),
    ]);
    await assertNothingLeft(stage);
  });

  it("takes a turn for silent that is", async () => {
    const stage = new MemoryStage();
    const result = new Outcome(stage.thread().run("Hi", { idleTimeoutMs: 1000 }));
    await quiet();
    stage.server.on("turn/interrupt", (asked) => {
      asked.answer();
      new ServerTurn(stage.server).end("interrupted");
    });
    new ServerTurn(stage.server).start();
    await stage.clock.advance(1000);
    assert.ok(TimeoutError.is(result.error), `${result.error}`);
    assert.equal(stage.server.asked("turn/interrupt").length, 1);
    await assertNothingLeft(stage);
  });

  it("interrupts the turn whose loop is left, and the next one can go on", async () => {
    const stage = new MemoryStage();
    const thread = stage.thread();
    const streamed = await thread.runStreamed("Hi");
    const leaving = new Outcome((async () => {
      for await (const event of streamed.events) if (event.type === "turn.started") break;
    })());
    await quiet();
    stage.server.on("turn/interrupt", (asked) => {
      asked.answer();
      new ServerTurn(stage.server).end("interrupted");
    });
    new ServerTurn(stage.server).start();
    await quiet();
    assert.equal(leaving.state, "resolved");
    assert.equal(stage.server.asked("turn/interrupt").length, 1);
    const next = new Outcome(thread.run("Hi"));
    await quiet();
    new ServerTurn(stage.server, thread1, "turn_2").start().message("Next").end();
    await quiet();
    assert.equal((next.value as { finalResponse: string }).finalResponse, "Next");
    await assertNothingLeft(stage);
  });

  it("interrupts and steers by way of the thread", async () => {
    const stage = new MemoryStage();
    const thread = stage.thread();
    await assert.rejects(thread.steer("Hm"), NoActiveTurnError);
    await thread.interrupt();
    const result = new Outcome(thread.run("Hi"));
    await quiet();
    new ServerTurn(stage.server).start();
    await thread.steer("Rather this");
    assert.equal(stage.server.asked("turn/steer").length, 1);
    stage.server.on("turn/interrupt", (asked) => {
      asked.answer();
      new ServerTurn(stage.server).end("interrupted");
    });
    await thread.interrupt();
    await quiet();
    assert.ok(AbortError.is(result.error));
    await assertNothingLeft(stage);
  });

  it("fails each turn at once when the server is lost, and goes on with the next one", async () => {
    const stage = new MemoryStage();
    const threads = [stage.thread(), stage.thread(), stage.thread()];
    const lost = threads.map((thread) => new Outcome(thread.run("Hi")));
    await quiet();
    stage.server.die();
    await quiet();
    for (const { error } of lost) assert.ok(ServerLostError.is(error), `${error}`);
    const next = threads.map((thread) => new Outcome(thread.run("Go on")));
    stage.onServer = (server) => playTurns(server, "Here again");
    await stage.clock.advance(1000);
    for (const { value } of next) {
      assert.equal((value as { finalResponse: string }).finalResponse, "Here again");
    }
    assert.equal(stage.servers.length, 2);
    // Nothing is run again by itself.
    assert.equal(stage.server.asked("turn/start").length, 3);
    assert.equal(stage.server.asked("thread/resume").length, 3);
    assert.equal(stage.server.asked("thread/start").length, 0);
    await assertNothingLeft(stage);
  });

  it("lets a caller go on from the very error of a loss", async () => {
    const stage = new MemoryStage();
    stage.onServer = (server, index) => index > 0 && playTurns(server);
    const thread = stage.thread();
    const result = new Outcome(
      thread.run("Hi").catch((error) => {
        assert.ok(ServerLostError.is(error));
        return thread.run("Again");
      }),
    );
    await quiet();
    stage.server.die();
    await stage.clock.advance(1000);
    assert.equal((result.value as { finalResponse: string })?.finalResponse, "ok");
    await assertNothingLeft(stage);
  });

  it("says that codex is missing, and finds it when it is there", async () => {
    const stage = new MemoryStage(playing);
    stage.startFailure = new CodexNotFoundError("Cannot start codex: not found");
    const thread = stage.thread();
    await assert.rejects(thread.run("Hi"), CodexNotFoundError);
    stage.startFailure = null;
    assert.equal((await thread.run("Hi")).finalResponse, "ok");
    await assertNothingLeft(stage);
  });

  it("refuses a second Thread object for a thread whose turn runs", async () => {
    const stage = new MemoryStage();
    const first = new Outcome(stage.thread().run("Hi"));
    await quiet();
    const turn = new ServerTurn(stage.server).start();
    const same = stage.thread({}, { type: "resume", id: thread1 });
    await assert.rejects(same.run("Hi"), ThreadBusyError);
    turn.message("Done").end();
    await quiet();
    assert.equal((first.value as { finalResponse: string }).finalResponse, "Done");
    await assertNothingLeft(stage);
  });

  it("closes the server when nothing was asked of it for a while", async () => {
    const stage = new MemoryStage({ ...playing, server: { idleTimeoutMs: 500 } });
    const thread = stage.thread();
    await thread.run("Hi");
    await stage.clock.advance(499);
    assert.equal(stage.server.isOver, false);
    await stage.clock.advance(1);
    assert.equal(stage.server.isOver, true);
    assert.equal((await thread.run("Hi")).finalResponse, "ok");
    assert.deepEqual(stage.server.calls, ["thread/resume", "turn/start"]);
    await assertNothingLeft(stage);
  });
});

describe("AppServerTransport.close()", () => {
  it("ends every turn with an AbortError, then the server", async () => {
    const stage = new MemoryStage();
    const turns = [stage.thread(), stage.thread()].map((thread) => new Outcome(thread.run("Hi")));
    await quiet();
    stage.server.on("turn/interrupt", (asked) => {
      asked.answer();
      new ServerTurn(stage.server, asked.params.threadId, asked.params.turnId).end("interrupted");
    });
    new ServerTurn(stage.server, thread1, "turn_1").start();
    new ServerTurn(stage.server, thread2, "turn_2").start();
    await stage.transport.close();
    await quiet();
    for (const { error } of turns) {
      assert.ok(AbortError.is(error));
      assert.equal((error.cause as Error).message, "The Codex that ran the turn was closed");
    }
    assert.equal(stage.server.isOver, true);
    assert.equal(stage.server.asked("turn/interrupt").length, 2);
    await assertNothingLeft(stage);
  });

  it("does not wait for a server that does not shake hands", async () => {
    const stage = new MemoryStage({ onServer: (server) => server.hold("initialize") });
    const turn = new Outcome(stage.thread().run("Hi"));
    const version = new Outcome(stage.transport.version());
    await quiet();
    const closed = new Outcome(stage.transport.close());
    await quiet();
    assert.equal(closed.state, "resolved");
    assert.ok(AbortError.is(turn.error));
    assert.ok(AbortError.is(version.error));
    await assertNothingLeft(stage);
  });

  it("is the end: nothing can be asked any more", async () => {
    const stage = new MemoryStage(playing);
    const thread = stage.thread();
    await thread.run("Hi");
    await stage.transport.close();
    await stage.transport[Symbol.asyncDispose]();
    await assert.rejects(thread.run("Hi"), UnsupportedError);
    await assert.rejects(stage.transport.request("model/list", {}), UnsupportedError);
    await assert.rejects(stage.transport.version(), UnsupportedError);
    assert.equal(stage.servers.length, 1);
    await assertNothingLeft(stage);
  });

  it("ends turns that were prepared and never read", async () => {
    const stage = new MemoryStage();
    const turn = stage.turn();
    await stage.transport.close();
    await turn.readOn();
    assert.ok(AbortError.is(turn.error));
    assert.equal(stage.servers.length, 0);
    await assertNothingLeft(stage);
  });
});

describe("AppServerTransport.request()", () => {
  it("calls any method, starting a server if need be", async () => {
    const stage = new MemoryStage({
      onServer: (server) =>
        server.on("model/list", (asked) => asked.answer({ data: [asked.params] })),
    });
    const codex = codexOn(stage);
    const answer = await codex.request("model/list", { limit: 3 });
    assert.deepEqual(answer, { data: [{ limit: 3 }] });
    await assertNothingLeft(stage);
  });

  it("rejects with what codex says, and with what the caller says", async () => {
    const stage = new MemoryStage({
      onServer: (server) =>
        server.hold("skills/list").on("model/list", (asked) => asked.refuse("unknown variant")),
    });
    const codex = codexOn(stage);
    await assert.rejects(codex.request("model/list", {}), RpcError);
    const abort = new WatchedAbort();
    const aborted = new Outcome(codex.request("skills/list", {}, { signal: abort.signal }));
    const late = new Outcome(codex.request("skills/list", {}, { timeoutMs: 10 }));
    await quiet();
    abort.abort(new Error("no"));
    await stage.clock.advance(10);
    assert.ok(AbortError.is(aborted.error), `${aborted.error}`);
    assert.equal(abort.listeners, 0);
    assert.ok(RequestTimeoutError.is(late.error));
    await assertNothingLeft(stage);
  });

  it("rejects with an AbortError while the server is started, too", async () => {
    const stage = new MemoryStage({ onServer: (server) => server.hold("initialize") });
    const abort = new WatchedAbort();
    const reason = new Error("no");
    const asked = new Outcome(codexOn(stage).request("model/list", {}, { signal: abort.signal }));
    await quiet();
    abort.abort(reason);
    await quiet();
    assert.ok(AbortError.is(asked.error), `${asked.error}`);
    assert.equal((asked.error as AbortError).cause, reason);
    assert.equal(abort.listeners, 0);
    await assertNothingLeft(stage);
  });

  it("rejects when the server is lost, and starts another one for the next", async () => {
    const stage = new MemoryStage();
    stage.onServer = (server, index) => index === 0 && server.hold("model/list");
    const codex = codexOn(stage);
    const lost = new Outcome(
      codex.request("model/list", {}).catch((error) => {
        assert.ok(ConnectionError.is(error));
        return codex.request("model/list", {});
      }),
    );
    await quiet();
    stage.server.die();
    await stage.clock.advance(1000);
    assert.equal(lost.state, "resolved", `${lost.error}`);
    assert.equal(stage.servers.length, 2);
    await assertNothingLeft(stage);
  });

  it("tells which codex it is", async () => {
    const stage = new MemoryStage();
    assert.equal((await stage.transport.version()).version, "0.169.0");
    assert.equal((await stage.transport.version()).version, "0.169.0");
    assert.equal(stage.servers.length, 1);
    await assertNothingLeft(stage);
  });
});

describe("AppServerTransport.onNotification()", () => {
  it("hears everything, of whatever thread, until it is stopped", async () => {
    const stage = new MemoryStage(playing);
    const heard: string[] = [];
    const stop = stage.transport.onNotification((method) => heard.push(method));
    assert.equal(stage.servers.length, 0);
    await stage.thread().run("Hi");
    assert.deepEqual(heard, [
      "turn/started",
      "item/completed",
      "thread/tokenUsage/updated",
      "turn/completed",
    ]);
    stage.server.notify("skills/changed", {});
    await quiet();
    assert.equal(heard.at(-1), "skills/changed");
    stop();
    stop();
    stage.server.notify("skills/changed", {});
    await quiet();
    assert.equal(heard.length, 5);
    await assertNothingLeft(stage);
  });

  it("keeps an idle server while somebody listens", async () => {
    const stage = new MemoryStage(playing);
    const stop = stage.transport.onNotification(() => {});
    await stage.thread().run("Hi");
    await stage.clock.advance(60_000);
    assert.equal(stage.server.isOver, false);
    stop();
    await stage.clock.advance(10_000);
    assert.equal(stage.server.isOver, true);
    await assertNothingLeft(stage);
  });

  it("hears that the server is lost", async () => {
    const stage = new MemoryStage(playing);
    const losses: Error[] = [];
    stage.transport.onNotification(() => {}, (error) => losses.push(error));
    stage.transport.onNotification(() => {});
    await stage.thread().run("Hi");
    stage.server.die();
    await quiet();
    assert.equal(losses.length, 1);
    assert.ok(ConnectionError.is(losses[0]));
    await assertNothingLeft(stage);
  });

  it("is a diagnostic when it throws, and disturbs nobody", async () => {
    const stage = new MemoryStage(playing);
    const heard: string[] = [];
    stage.transport.onNotification(() => {
      throw new Error("no ear");
    });
    stage.transport.onNotification((method) => heard.push(method));
    assert.equal((await stage.thread().run("Hi")).finalResponse, "ok");
    assert.equal(heard.length, 4);
    assert.equal(stage.diagnostics.filter((each) => /no ear/.test(each)).length, 4);
    await assertNothingLeft(stage);
  });
});

describe("AppServerTransport of a server elsewhere", () => {
  const server = { url: "wss://elsewhere.example" };

  it("gives up one that does not answer any more", async () => {
    const stage = new MemoryStage({ server });
    const turn = await stage.running();
    stage.server.hold("thread/loaded/list");
    const reading = turn.readOn();
    await stage.clock.advance(30_000);
    assert.equal(stage.server.holds("thread/loaded/list"), true);
    await stage.clock.advance(10_000);
    await reading;
    assert.ok(ServerLostError.is(turn.error), `${turn.error}`);
    assert.equal(stage.server.isOver, true);
    await assertNothingLeft(stage);
  });

  const refusals: [answer: string, code: number][] = [
    ["it is overloaded", -32001],
    ["there is no such method", -32601],
    ["something went wrong in it", -32603],
  ];
  for (const [answer, code] of refusals) {
    it(`takes one for alive that answers that ${answer}`, async () => {
      const stage = new MemoryStage({ server });
      const turn = await stage.running();
      stage.server.on("thread/loaded/list", (asked) => asked.refuse(answer, code));
      const reading = turn.readOn();
      await stage.clock.advance(120_000);
      assert.ok(stage.server.asked("thread/loaded/list").length > 1, "it was asked");
      assert.equal(stage.server.isOver, false);
      turn.server.end();
      await reading;
      assert.equal(turn.error, undefined);
      await assertNothingLeft(stage);
    });
  }

  it("takes one for alive whose answer is none", async () => {
    const stage = new MemoryStage({ server });
    const turn = await stage.running();
    stage.server.hold("thread/loaded/list");
    await stage.clock.advance(30_000);
    const { id } = stage.server.asked("thread/loaded/list")[0]!;
    await stage.clock.advance(1000);
    stage.server.send({ id });
    await stage.clock.advance(20_000);
    assert.equal(stage.server.isOver, false);
    turn.server.end();
    await turn.readOn();
    await assertNothingLeft(stage);
  });

  it("takes one for alive that answers something else, or asks", async () => {
    for (const says of ["answers", "asks"] as const) {
      const stage = new MemoryStage({ server, onServer: (server) => server.hold("model/list") });
      const turn = await stage.running();
      const asked = new Outcome(stage.transport.request("model/list", {}));
      stage.server.hold("thread/loaded/list");
      await stage.clock.advance(35_000);
      if (says === "answers") stage.server.held("model/list").answer();
      else stage.server.ask("currentTime/read", {});
      await stage.clock.advance(20_000);
      assert.equal(stage.server.isOver, false, says);
      turn.server.end();
      await turn.readOn();
      await stage.transport.close();
      assert.equal(asked.state, says === "answers" ? "resolved" : "rejected");
      await assertNothingLeft(stage);
    }
  });

  it("ends turns that went on when the connection was lost, as soon as there is another", async () => {
    const stage = new MemoryStage({ server });
    const turn = await stage.running();
    stage.server.die({ exitCode: null, signal: null });
    await turn.readOn();
    assert.ok(ServerLostError.is(turn.error), `${turn.error}`);
    const asked = new Outcome(stage.transport.request("thread/list", {}));
    await stage.clock.advance(60_000);
    assert.equal(asked.state, "resolved");
    assert.deepEqual(stage.server.calls.slice(0, 3), [
      ...["turn/interrupt", "thread/backgroundTerminals/clean", "thread/list"],
    ]);
    assert.deepEqual(stage.server.asked("turn/interrupt")[0]!.params, {
      threadId: thread1,
      turnId: "turn_1",
    });
    await assertNothingLeft(stage);
  });

  it("goes on where it cannot end them, and tries again on the next connection", async () => {
    const stage = new MemoryStage({
      server,
      onServer: (server, index) => index === 1 && server.hold("turn/interrupt"),
    });
    const turn = await stage.running();
    stage.server.die({ exitCode: null, signal: null });
    await turn.readOn();
    for (const connection of [1, 2]) {
      const asked = new Outcome(stage.transport.request("thread/list", {}));
      await stage.clock.advance(60_000);
      assert.equal(asked.state, "resolved", `${asked.error}`);
      assert.equal(stage.servers[connection]!.asked("turn/interrupt").length, 1);
      if (connection === 1) stage.server.die({ exitCode: null, signal: null });
      await quiet();
    }
    await assertNothingLeft(stage);
  });

  it("closes the connection when the Codex is closed while it ends them", async () => {
    const stage = new MemoryStage({
      server,
      onServer: (server, index) => index === 1 && server.hold("turn/interrupt"),
    });
    const turn = await stage.running();
    stage.server.die({ exitCode: null, signal: null });
    await turn.readOn();
    const asked = new Outcome(stage.transport.request("thread/list", {}));
    await stage.clock.advance(2000);
    assert.equal(stage.server.holds("turn/interrupt"), true);
    await stage.transport.close();
    assert.equal(asked.state, "rejected");
    assert.equal(stage.servers[1]!.isOver, true);
    await assertNothingLeft(stage);
  });

  for (const isOver of [false, true]) {
    const then = isOver ? "forgets it once that has ended" : "ends it on the next connection";
    it(`that does not stop a turn: ${then}`, async () => {
      const stage = new MemoryStage({ server });
      const turn = await stage.running();
      stage.server.hold("turn/interrupt");
      turn.abort.abort();
      const reading = turn.readOn();
      await stage.clock.advance(11_000);
      await reading;
      assert.equal(stage.server.isOver, false);
      assert.equal((turn.error as Error).name, "AbortError");
      if (isOver) turn.server.end("interrupted");
      await quiet();
      stage.server.die({ exitCode: null, signal: null });
      await quiet();
      const asked = new Outcome(stage.transport.request("thread/list", {}));
      await stage.clock.advance(60_000);
      assert.equal(asked.state, "resolved", `${asked.error}`);
      assert.deepEqual(
        stage.servers[1]!.asked("turn/interrupt").map(({ params }) => params),
        isOver ? [] : [{ threadId: thread1, turnId: "turn_1" }],
      );
      await assertNothingLeft(stage);
    });
  }
});

describe("AppServerTransport that is told secrets", () => {
  const env = { OPENAI_API_KEY: "key-of-the-host", GATEWAY: "key-in-a-variable-that-is-named" };
  const config = { model_providers: { mine: { env_key: "GATEWAY" } } };
  const token = "token-of-the-server";
  const lanes: [name: string, options: MemoryStageOptions, secrets: string[]][] = [
    ["here", {
      env: { ...env, CODEX_API_KEY: "key-of-codex-of-the-host\n" },
      codex: { config },
    }, [...Object.values(env), "key-of-codex-of-the-host"]],
    [
      "elsewhere",
      {
        env,
        codex: { config },
        server: { url: `wss://a:password-of-the-url@b/?key=${token}2`, token },
      },
      [...Object.values(env), token, `${token}2`, "password-of-the-url"],
    ],
    ["at a URL", {
      server: { url: new URL(`wss://a:password-of-the-url@b/?key=${token}2`) },
    }, [`${token}2`, "password-of-the-url"]],
  ];
  for (const [where, options, secrets] of lanes) {
    const all = secrets.join(" ");
    const hidden = secrets.map(() => "[redacted]").join(" ");

    it(`shows none of them when its server is ${where}`, async () => {
      const stage = new MemoryStage(options);
      const thread = stage.thread();
      const turn = new Outcome(thread.run("Hi"));
      await quiet();
      stage.server.send({ id: "nobody's", result: all }, { said: all });
      new ServerTurn(stage.server).start().end("failed", `401 for ${all}`);
      await quiet();
      assert.ok(TurnFailedError.is(turn.error));
      assert.equal(turn.error.message, `401 for ${hidden}`);
      stage.server.on("thread/list", (asked) => asked.refuse(`403 for ${all}`));
      const refused = new Outcome(stage.transport.request("thread/list", {}));
      await quiet();
      assert.match((refused.error as RpcError).message, /: 403 for (\[redacted\] ?)+$/);
      await assertNothingLeft(stage);
      const shown = [inspect(turn.error), JSON.stringify(refused.error), ...stage.diagnostics];
      for (const secret of secrets) assert.doesNotMatch(shown.join("\n"), new RegExp(secret));
    });
  }

  it("shows no key that a request has told it", async () => {
    const stage = new MemoryStage();
    await stage.transport.version();
    stage.server.on("account/login/start", (asked) => asked.refuse(`no ${asked.params.apiKey}`));
    const login = { type: "apiKey", apiKey: "key-of-a-login" };
    const refused = new Outcome(stage.transport.request("account/login/start", login));
    await quiet();
    assert.match((refused.error as RpcError).message, /: no \[redacted\]$/);
    await assertNothingLeft(stage);
  });

  it("shows no key that a request has told it when its server elsewhere quotes it", async () => {
    const server = await WebSocketServer.listen();
    const diagnostics: string[] = [];
    await using codex = new Codex({
      transport: appServer({ url: server.url }),
      onDiagnostic: ({ message }) => diagnostics.push(message),
    });
    const login = codex.request("account/login/start", {
      type: "apiKey",
      apiKey: "key-of-a-login",
    });
    const peer = await server.client();
    await peer.frames(1);
    peer.send('{"id":0,"result":{}}');
    await peer.frames(3);
    peer.send("no message, key-of-a-login");
    peer.send('{"id":1,"result":{"type":"apiKey"}}');
    await login;
    assert.deepEqual(diagnostics, ["no message, [redacted]"]);
    await codex.close();
    await server.close();
  });

  it("tells the server the key without the space around it, as codex on the exec lane takes it", async () => {
    const stage = new MemoryStage({ codex: { apiKey: " key-from-a-file\n" } });
    await stage.transport.version();
    assert.deepEqual(stage.server.asked("account/login/start").map(({ params }) => params), [
      { type: "apiKey", apiKey: "key-from-a-file" },
    ]);
    await assertNothingLeft(stage);
  });
});

describe("AppServerTransport that is asked by the server", () => {
  /** What is answered to a request for approval while a turn with these options runs. */
  async function answered(options: Partial<CodexOptions>): Promise<unknown> {
    const stage = new MemoryStage({ codex: options });
    const turn = await stage.running();
    stage.server.ask("item/commandExecution/requestApproval", {
      threadId: thread1,
      turnId: "turn_1",
      itemId: "call_1",
      command: "ls",
      cwd: "/w",
      availableDecisions: ["accept", "cancel"],
    });
    await quiet();
    turn.server.end();
    await turn.readOn();
    const [answer] = stage.server.answers;
    await assertNothingLeft(stage);
    return answer?.result;
  }

  it("asks who is to decide", async () => {
    assert.deepEqual(await answered({ onApproval: () => "accept" }), { decision: "accept" });
  });

  it("tells who is to decide when the turn ends without the decision", async () => {
    const signals: AbortSignal[] = [];
    const never = new Promise<never>(() => {});
    const onApproval: ApprovalHandler = (_, { signal }) => (signals.push(signal), never);
    assert.deepEqual(await answered({ onApproval }), { decision: "decline" });
    assert.deepEqual(signals.map(({ aborted }) => aborted), [true]);
  });

  it("says no when nobody is to decide", async () => {
    assert.deepEqual(await answered({}), { decision: "decline" });
  });

  it("says no for a thread in which no turn of ours runs", async () => {
    const stage = new MemoryStage({ codex: { onApproval: () => "accept" } });
    await stage.transport.version();
    stage.server.ask("item/commandExecution/requestApproval", { threadId: "of_another" });
    await quiet();
    assert.deepEqual(stage.server.answers.map(({ result }) => result), [{ decision: "decline" }]);
    await assertNothingLeft(stage);
  });

  it("answers what it does not know", async () => {
    const stage = new MemoryStage();
    await stage.transport.version();
    stage.server.ask("future/question", {});
    await quiet();
    assert.equal(stage.server.answers[0]?.error.code, -32601);
    await assertNothingLeft(stage);
  });
});
