import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import {
  type ApprovalHandler,
  type Codex,
  CodexError,
  type CodexOptions,
  ConnectionError,
  InvalidOptionsError,
  ServerLostError,
  ThreadBusyError,
} from "../../mod.ts";
import { tool } from "../../src/app_server/mod.ts";
import { Connection } from "../../src/app_server/connection.ts";
import { OrphanedTurns } from "../../src/app_server/orphaned_turns.ts";
import type { ServerSession } from "../../src/app_server/server_session.ts";
import { connectServer } from "../../src/app_server/websocket_channel.ts";
import { systemClock } from "../../src/clock.ts";
import { deferred } from "../../src/deferred.ts";
import {
  functionCall,
  Gate,
  hold,
  lastUserText,
  message,
  type ModelRequest,
  repeat,
  shell,
  toolOutputs,
  turn,
  userTexts,
} from "../../src/testing/mod.ts";
import { serverToken } from "../support/remote_app_server.ts";
import { assertTokenless, RemoteBench, type RemoteStage } from "../support/remote_bench.ts";
import { spoken } from "../support/spoken.ts";
import { collect } from "../support/workbench.ts";

const untrusted = { approvalPolicy: "untrusted", sandboxMode: "workspace-write" } as const;

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const error = await promise.then(() => assert.fail("It did not fail"), (error) => error);
  assertTokenless(error);
  return error;
}

/** A handler that answers when the test says so. */
class SlowAnswer {
  /** Resolves when it is asked, with the signal it is given. */
  readonly asked: Promise<AbortSignal>;
  readonly handler: ApprovalHandler;
  readonly #answer = deferred<"accept" | "decline">();
  times = 0;

  constructor() {
    const asked = deferred<AbortSignal>();
    this.asked = asked.promise;
    this.handler = (_request, { signal }) => {
      this.times++;
      asked.resolve(signal);
      return this.#answer.promise;
    };
  }

  answer(decision: "accept" | "decline"): void {
    this.#answer.resolve(decision);
  }
}

/** A client of the server that is not this SDK; `answer` is what it says when it is asked. */
async function otherClient(
  { server }: RemoteStage,
  answer: (method: string) => Promise<unknown>,
): Promise<{ connection: Connection; asked: string[]; close(): Promise<void> }> {
  const channel = await connectServer({
    url: server.url,
    token: serverToken,
    clock: systemClock,
  });
  const asked: string[] = [];
  const connection = new Connection(channel, {
    onNotification: () => {},
    onRequest: (method) => {
      asked.push(method);
      return answer(method);
    },
    clock: systemClock,
    random: Math.random,
  });
  await connection.request("initialize", {
    clientInfo: { name: "other", title: "Other", version: "1.0.0" },
    capabilities: { experimentalApi: true },
  });
  return { connection, asked, close: () => channel.close() };
}

describe("a remote app-server", () => {
  const bench = new RemoteBench();

  bench.it("runs turns, and goes on with a thread", [
    repeat((request) => message(`Re: ${lastUserText(request)}`), 3),
  ], async ({ connect, options, server, model }) => {
    const codex = connect();
    const thread = codex.startThread(options);
    assert.equal((await thread.run("One")).finalResponse, "Re: One");
    const { events, error } = await collect((await thread.runStreamed("Two")).events);
    assert.equal(error, undefined);
    assert.deepEqual(events.map(({ type }) => type), [
      "thread.started",
      "turn.started",
      "item.completed",
      "turn.completed",
    ]);
    // What a program may print by mistake.
    for (const each of [codex, thread, events]) assertTokenless(each);
    const { version, path, source } = await codex.version();
    assert.deepEqual([version, path.startsWith(server.url), source], ["0.169.0", true, "url"]);
    await codex.close();

    const resumed = connect().resumeThread(thread.id!, options);
    assert.equal((await resumed.run("Three")).finalResponse, "Re: Three");
    assert.deepEqual(spoken(userTexts(model.requests[2]!)).slice(-3), ["One", "Two", "Three"]);
  });

  bench.it("lives on when its clients have left", [message("ok"), message("ok")], async (stage) => {
    for (let i = 0; i < 2; i++) {
      const codex = stage.connect();
      await codex.startThread(stage.options).run("Hello");
      await codex.close();
    }
  });

  bench.it("asks for approvals, and for nothing that is not needed", [
    shell("echo > accepted.txt"),
    shell("echo > declined.txt"),
    message("ok"),
  ], async ({ connect, options }) => {
    const asked: string[] = [];
    const codex = connect({
      onApproval(request) {
        assert.ok(request.type === "command");
        asked.push(request.command);
        return request.command.includes("accepted") ? "accept" : "decline";
      },
    });
    const turn = await codex.startThread({ ...options, ...untrusted }).run("Go");
    assert.equal(asked.length, 2);
    const made = ["accepted.txt", "declined.txt"]
      .map((name) => existsSync(join(options.workingDirectory, name)));
    assert.deepEqual(made, [true, false]);
    assert.deepEqual(
      turn.items.map((item) => item.type === "command_execution" ? item.status : item.type),
      ["completed", "declined", "agent_message"],
    );
  });

  bench.it("calls tools of the program", [
    functionCall("whereabouts", {}, { callId: "where" }),
    (request) => message(toolOutputs(request).get("where") ?? ""),
  ], async ({ connect, options }) => {
    const tools = [tool({
      name: "whereabouts",
      description: "Tells where the program runs",
      inputSchema: { type: "object", properties: {} },
      run: () => "Here",
    })];
    const turn = await connect().startThread({ ...options, tools }).run("Where are you?");
    assert.equal(turn.finalResponse, "Here");
  });

  bench.it("lets nobody in with another token, or none", [], async ({ connect, options }) => {
    for (const token of ["another-token-0123", undefined]) {
      const error = await failureOf(connect({}, { token }).startThread(options).run("Hello"));
      assert.ok(ConnectionError.is(error));
      assert.equal(error.reason, "refused");
      assert.match(error.message, /check the option "token"/);
      assert.doesNotMatch(error.message, /another-token/);
    }
  });

  bench.it("that is not there is named in the error", [], async ({ connect, options, kill }) => {
    const codex = connect();
    await kill();
    const error = await failureOf(codex.startThread(options).run("Hello"));
    assert.ok(ConnectionError.is(error));
    assert.equal(error.reason, "unreachable");
  });

  bench.it("is told the settings of the program with each thread", [
    message("One"),
    message("Two"),
  ], async ({ connect, options, model }) => {
    await connect().startThread(options).run("Hello");
    const codex = connect({ config: { model_reasoning_effort: "high" } });
    await codex.startThread({ ...options, webSearchMode: "disabled" }).run("Hello");
    const efforts = model.requests.map(({ body }) => (body.reasoning as { effort: string }).effort);
    assert.deepEqual(efforts, ["low", "high"]);
  });

  bench.it("is not asked when an option is for a codex that is started here", [], async (stage) => {
    await stage.kill();
    const all: CodexOptions[] = [
      { codexPath: "codex" },
      { apiKey: serverToken },
      { env: {} },
      { configOverrides: ["a=1"] },
    ];
    for (const options of all) {
      const error = await failureOf(stage.connect(options).startThread(stage.options).run("Hello"));
      assert.ok(InvalidOptionsError.is(error), `${error}`);
      assert.deepEqual([error.path], Object.keys(options));
    }
  });
});

describe("a remote app-server that is lost", () => {
  const bench = new RemoteBench();

  {
    const gate = new Gate();
    bench.it("fails the turn at once, and the next one finds it when it is back", [
      message("Before"),
      turn(message("Seen"), shell("true")),
      turn(hold(gate), message("Never")),
      message("After"),
    ], async (stage) => {
      const { connect, options, model } = stage;
      const codex = connect();
      const thread = codex.startThread(options);
      await thread.run("First");
      const second = failureOf(thread.run("Second"));
      await gate.reached;
      await stage.kill();
      const error = await second;
      assert.ok(ServerLostError.is(error), `${error}`);
      assert.equal(error.isResumable, true);
      assert.deepEqual(error.turn.items.map(({ type }) => type), [
        "agent_message",
        "command_execution",
      ]);
      assert.ok(CodexError.is(await failureOf(thread.run("Nobody hears this"))));
      await stage.restart();
      assert.equal((await thread.run("Third")).finalResponse, "After");
      assert.deepEqual(spoken(userTexts(model.requests[3]!)).slice(-3), [
        "First",
        "Second",
        "Third",
      ]);
    });
  }

  {
    const gate = new Gate();
    bench.it("by the connection alone has its turn ended when the program is back", [
      turn(hold(gate), message("Never")),
      repeat((request) => message(`Re: ${lastUserText(request)}`), 2),
    ], async ({ connect, options, wire, model }) => {
      const way = await wire();
      const codex = connect({}, { url: way.url });
      const thread = codex.startThread(options);
      const lost = failureOf(thread.run("First"));
      await gate.reached;
      way.cut();
      assert.ok(ServerLostError.is(await lost));
      // In another thread, so that it is not the resume that ends it.
      assert.equal((await codex.startThread(options).run("Other")).finalResponse, "Re: Other");
      assert.equal(await model.requests[0]!.ended, "abandoned");
      const second = await thread.run("Second");
      assert.equal(second.finalResponse, "Re: Second");
      assert.equal(second.items.length, 1);
    });
  }

  {
    const gate = new Gate();
    const isChild = ({ body }: ModelRequest) =>
      !JSON.stringify(body.input).includes("The task of the parent");
    const namespace = "multi_agent_v1";
    bench.it("has the sub-agents of its turn ended, too", [
      { name: "child", when: isChild, steps: [turn(hold(gate), message("Never"))] },
      {
        name: "parent",
        when: (request) => !isChild(request),
        steps: [
          functionCall("spawn_agent", { message: "Of the child" }, { namespace, callId: "spawn" }),
          (request) => {
            const { agent_id } = JSON.parse(toolOutputs(request).get("spawn")!);
            return functionCall("wait_agent", { targets: [agent_id] }, { namespace });
          },
        ],
      },
    ], async ({ connect, options, wire, model }) => {
      const way = await wire();
      const codex = connect({}, { url: way.url });
      const thread = codex.startThread({ ...options, model: "unheard-of" });
      const begun = deferred<void>();
      await codex.onNotification((method, params) => {
        const { threadId } = params as { threadId?: string };
        if (method === "turn/started" && threadId !== thread.id) begun.resolve();
      });
      const lost = failureOf(thread.run("The task of the parent"));
      await Promise.all([gate.reached, begun.promise]);
      way.cut();
      assert.ok(ServerLostError.is(await lost));
      await codex.version();
      const ofChild = model.requests.find(isChild)!;
      assert.equal(await ofChild.ended, "abandoned");
    });
  }

  for (const isOurs of [true, false]) {
    const gate = new Gate();
    const steered = deferred<void>();
    const script = [turn(shell("true")), turn(hold(gate), message("The end"))];
    const title = isOurs
      ? "before codex has told of the turn has it found by its message, and ended"
      : "leaves another client's turn alone in which its message was taken for steering";
    bench.it(title, [
      ...script,
      ...(isOurs ? [] : [() => (steered.resolve(), message("Steered"))]),
    ], async (stage) => {
      const { connection, close } = await otherClient(stage, () => new Promise(() => {}));
      const started = await connection.request("thread/start", {
        cwd: stage.options.workingDirectory,
        approvalPolicy: "never",
        sandbox: "read-only",
      });
      const { thread: { id: threadId } } = started as { thread: { id: string } };
      const start = (clientUserMessageId: string) =>
        connection.request("turn/start", {
          threadId,
          clientUserMessageId,
          input: [{ type: "text", text: "Hi", text_elements: [] }],
        });
      const messageId = crypto.randomUUID();
      await start(isOurs ? messageId : crypto.randomUUID());
      await gate.reached;
      if (!isOurs) await start(messageId);
      await close();
      const again = await otherClient(stage, () => new Promise(() => {}));
      const orphans = new OrphanedTurns();
      orphans.add({ threadId, turnId: null, messageId });
      const { signal } = new AbortController();
      await orphans.end(again.connection as unknown as ServerSession, signal);
      if (!isOurs) gate.open();
      const request = stage.model.requests[1]!;
      assert.equal(await request.ended, isOurs ? "abandoned" : "answered");
      if (!isOurs) {
        await steered.promise;
        await stage.model.requests[2]!.ended;
      }
      await again.close();
    });
  }

  bench.it("in the middle of an approval takes no answer any more", [
    shell("echo > unanswered.txt"),
    message("Back"),
  ], async ({ connect, options, wire }) => {
    const way = await wire();
    const slow = new SlowAnswer();
    const codex = connect({ onApproval: slow.handler }, { url: way.url });
    const thread = codex.startThread({ ...options, ...untrusted });
    const lost = failureOf(thread.run("First"));
    const signal = await slow.asked;
    way.cut();
    const error = await lost;
    assert.ok(ServerLostError.is(error));
    assert.equal(signal.aborted, true);
    assert.deepEqual(error.turn.unfinishedItems.map(({ type }) => type), ["command_execution"]);
    const second = thread.run("Second");
    slow.answer("accept");
    assert.equal((await second).finalResponse, "Back");
    assert.equal(slow.times, 1);
    assert.equal(existsSync(join(options.workingDirectory, "unanswered.txt")), false);
  });
});

describe("a thread of two clients", () => {
  const bench = new RemoteBench();

  bench.it("has the turns of both, one after the other", [
    repeat((request) => message(`Re: ${lastUserText(request)}`), 4),
  ], async ({ connect, options, model }) => {
    const one = connect().startThread(options);
    await one.run("a");
    const two = connect().resumeThread(one.id!, options);
    assert.deepEqual((await two.run("b")).items.length, 1);
    assert.equal((await one.run("c")).finalResponse, "Re: c");
    assert.equal((await two.run("d")).finalResponse, "Re: d");
    assert.deepEqual(spoken(userTexts(model.requests[3]!)).slice(-4), ["a", "b", "c", "d"]);
  });

  {
    const gate = new Gate();
    bench.it("takes no second turn while one runs: it would be said in that one", [
      message("First"),
      turn(hold(gate), message("Undisturbed")),
      message("Now"),
    ], async ({ connect, options, model }) => {
      const one = connect().startThread(options);
      await one.run("a");
      // One that has the thread open already, and one that has not.
      const two = connect().resumeThread(one.id!, options);
      const busy = async (codex: { run(text: string): Promise<unknown> }) => {
        const error = await failureOf(codex.run("Psst"));
        assert.ok(ThreadBusyError.is(error), `${error}`);
        assert.match(error.message, /wait until it has ended/);
      };
      const running = one.run("b");
      await gate.reached;
      await busy(two);
      await busy(two);
      await busy(connect().resumeThread(one.id!, options));
      gate.open();
      assert.equal((await running).finalResponse, "Undisturbed");
      assert.equal((await two.run("c")).finalResponse, "Now");
      assert.deepEqual(spoken(userTexts(model.requests[2]!)).slice(-3), ["a", "b", "c"]);
    });
  }

  bench.it("asks the one whose turn it is, and the other one keeps silent", [
    message("Ready"),
    shell("echo > mine.txt"),
    functionCall("my_tool", {}, { callId: "mine" }),
    (request) => message(toolOutputs(request).get("mine") ?? ""),
  ], async ({ connect, options }) => {
    const called = deferred<void>();
    const answer = deferred<string>();
    const tools = [tool({
      name: "my_tool",
      description: "Mine",
      inputSchema: { type: "object", properties: {} },
      run: () => {
        called.resolve();
        return answer.promise;
      },
    })];
    const slow = new SlowAnswer();
    const one = connect({ onApproval: slow.handler })
      .startThread({ ...options, ...untrusted, tools });
    await one.run("a");
    const asked: unknown[] = [];
    const codex: Codex = connect({ onApproval: (request) => (asked.push(request), "accept") });
    const two = codex.resumeThread(one.id!, { ...options, ...untrusted });
    const running = one.run("b");
    // The other one attaches while the first one is asked, and is asked as well.
    await slow.asked;
    assert.ok(ThreadBusyError.is(await failureOf(two.run("Psst"))));
    slow.answer("accept");
    await called.promise;
    assert.ok(ThreadBusyError.is(await failureOf(two.run("Psst"))));
    answer.resolve("From the one whose turn it is");
    const turn = await running;
    assert.equal(turn.finalResponse, "From the one whose turn it is");
    assert.equal(existsSync(join(options.workingDirectory, "mine.txt")), true);
    assert.deepEqual([slow.times, asked.length], [1, 0]);
  });

  bench.it("takes the answer of whoever is first, and the others are told", [
    shell("echo > first.txt"),
    message("ok"),
  ], async (stage) => {
    const slow = new SlowAnswer();
    const thread = stage.connect({ onApproval: slow.handler })
      .startThread({ ...stage.options, ...untrusted });
    const running = thread.run("Go");
    const signal = await slow.asked;
    const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
    const other = await otherClient(stage, () => Promise.resolve({ decision: "decline" }));
    await other.connection.request("thread/resume", { threadId: thread.id, excludeTurns: true });
    await aborted;
    // Too late.
    slow.answer("accept");
    const turn = await running;
    assert.deepEqual(
      turn.items.map((item) => item.type === "command_execution" ? item.status : item.type),
      ["declined", "agent_message"],
    );
    assert.deepEqual(other.asked, ["item/commandExecution/requestApproval"]);
    assert.equal(existsSync(join(stage.options.workingDirectory, "first.txt")), false);
    await other.close();
  });
});
