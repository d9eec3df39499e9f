import assert from "node:assert/strict";
import process from "node:process";
import { before, describe, it } from "node:test";
import { inspect } from "node:util";
import {
  AbortError,
  Codex,
  type CodexError,
  type CodexOptions,
  type Diagnostic,
  type LiveEvent,
  type Thread,
  type Turn,
} from "../../mod.ts";
import { Account, appServer } from "../../src/app_server/mod.ts";
import { ExitError, ReaderTooSlowError, ServerLostError } from "../../src/errors.ts";
import { appServerRecording } from "../support/app_server_recordings.ts";
import {
  type FakeAppServer,
  fakeAppServer,
  recordedTurn,
  type ServerScript,
} from "../support/fake_app_server.ts";
import { ownTempFolder } from "../support/files.ts";
import {
  bareTurn,
  inCharacters,
  MemoryStage,
  messagesOf,
  oldThread,
  quiet,
  said,
  ServerTurn,
  thread1,
} from "../support/memory_server.ts";
import { Outcome } from "../support/outcome.ts";
import { isAlive, openDescriptors, processState } from "../support/processes.ts";
import { drain } from "../support/streams.ts";
import { Witness } from "../support/witness.ts";
import { assertError, becomes, test, texts } from "./support.ts";

/** Where a test plays. */
type Scene = {
  fake: FakeAppServer;
  codex: Codex;
  /** A new thread. */
  thread(): Thread;
};

/**
 * Plays a test on fake servers, then checks by what the system says that nothing is left: no server,
 * nothing it started in its own group, no descriptor, no temporary file; and that the planted key
 * showed nowhere.
 */
async function play(
  script: ServerScript | readonly ServerScript[],
  body: (scene: Scene) => Promise<void>,
  options: CodexOptions = {},
): Promise<void> {
  const fake = await fakeAppServer(script);
  const temporary = ownTempFolder();
  const descriptors = openDescriptors();
  const witness = new Witness();
  const codex = witness.watch(
    new Codex(
      witness.options({ codexPath: fake.path, transport: appServer(), ...options }),
    ),
  );
  try {
    await body({ fake, codex, thread: () => codex.startThread() });
    await codex.close();
    witness.assertUnseen();
    for (const { pid, grandchildren } of fake.invocations()) {
      assert.equal(processState(pid), undefined, "a server must have been collected");
      for (const grandchild of grandchildren) {
        assert.ok(await becomes(() => !isAlive(grandchild)), `grandchild ${grandchild} still runs`);
      }
    }
    assert.deepEqual(temporary.entries(), []);
    assert.ok(
      await becomes(() => openDescriptors() <= descriptors),
      `${openDescriptors()} descriptors are open, but ${descriptors} were`,
    );
  } finally {
    await codex.close();
    temporary.remove();
    await fake.remove();
  }
}

/** The thread and the turn that is played. */
const ids = { threadId: "$threadId", turnId: "$turnId" };

/** The error a turn rejects with; bounded, as all are. */
async function failureOf(turn: Promise<Turn>): Promise<CodexError> {
  const outcome = await turn.then(() => assert.fail("the turn is good"), (error) => error);
  assert.ok(JSON.stringify(outcome).length < 40_000);
  return outcome;
}

const answer = async (turn: Promise<Turn>) => (await turn).finalResponse;

describe("a server that", () => {
  // What a runtime opens once and keeps is no leak.
  before(async () => {
    if (process.platform !== "linux") return;
    const fake = await fakeAppServer({ turn: [{ touch: "running" }, { message: "ok" }] });
    const codex = new Codex({ codexPath: fake.path, transport: appServer() });
    await Promise.all([fake.touched("running"), codex.startThread().run("Hi")]);
    await codex.close();
    await fake.remove();
  });

  test("exits at its start is an ExitError with its reason, and the next one is tried", () =>
    play(
      [{ start: [{ stderr: "Error loading config.toml\n" }, { exit: 3 }] }, {}],
      async (scene) => {
        const error = await failureOf(scene.thread().run("Hi"));
        assertError(error, ExitError, {
          exitCode: 3,
          signal: null,
          message:
            "The app-server exited with code 3 before it was ready: Error loading config.toml",
        });
        assert.equal(await answer(scene.thread().run("Hi")), "ok");
      },
    ));

  test("is killed in a turn is a ServerLostError with what arrived; the next turn resumes", () =>
    play([
      { turn: [{ message: "one" }, { kill: "SIGKILL" }] },
      {},
    ], async ({ fake, thread: start }) => {
      const thread = start();
      const error = await failureOf(thread.run("Hi"));
      assertError(error, ServerLostError, { signal: "SIGKILL", exitCode: null, isResumable: true });
      assert.deepEqual(texts(error.turn), ["one"]);
      assert.equal(await answer(thread.run("Go on")), "ok");
      assert.equal(fake.invocations().length, 2);
      assert.equal(fake.received("thread/resume")[0]?.params.threadId, thread.id);
      assert.equal(fake.received("turn/start").length, 2);
    }));

  test("exits in a turn with half a line printed is a ServerLostError with its code", () =>
    play(
      { turn: [{ message: "one" }, { stdout: '{"method":"item/comp' }, { exit: 101 }] },
      async ({ thread }) => {
        const error = await failureOf(thread().run("Hi"));
        assertError(error, ServerLostError, { exitCode: 101, signal: null });
        assert.deepEqual(texts(error.turn), ["one"]);
      },
    ));

  test("quotes a key that it was told while it ran shows it to nobody", () => {
    const key = "zq81longsecretvalue77";
    const quote = [{ stderr: `401 for ${key}\n` }, { stdout: `no message, ${key}\n` }];
    const diagnostics: Diagnostic[] = [];
    return play({ turn: [...quote, { exit: 1 }] }, async ({ codex, thread }) => {
      await new Account(codex).loginWithApiKey(key);
      const error = await failureOf(thread().run("Hi"));
      assertError(error, ServerLostError, { stderr: "401 for [redacted]\n" });
      assert.deepEqual(diagnostics.map(({ message }) => message), ["no message, [redacted]"]);
      const shown = [inspect(error, { depth: 10 }), JSON.stringify(error), diagnostics];
      assert.equal(JSON.stringify(shown).includes(key), false);
    }, { onDiagnostic: (diagnostic) => diagnostics.push(diagnostic) });
  });

  test("prints what is no message is understood all the same", () => {
    const noise: ServerScript["turn"] = [
      { stdout: "\x1b[31mWARN\x1b[0m something\n\n" },
      { stdoutBase64: "gICA/wo=" },
      { stdout: 'null\n5\n"text"\n[1]\n{}\n{"id":{}}\n{"method":5}\n{"id":1.5,"result":{}}\n' },
      { send: { id: 77777, result: "nobody asked" } },
      { send: { method: "future/notification", params: { threadId: "$threadId", deep: [[[]]] } } },
      { notify: "item/started", params: { ...ids, item: { type: "futureItem", id: "f" } } },
      { message: "fine" },
    ];
    return play({ start: noise.slice(0, 4), turn: noise }, async ({ thread }) => {
      assert.equal(await answer(thread().run("Hi")), "fine");
    });
  });

  test("never answers its handshake is given up, and close() does not wait for it", () =>
    play({ on: { initialize: [{ touch: "asked" }] } }, async ({ codex, fake, thread }) => {
      const turn = failureOf(thread().run("Hi"));
      await fake.touched("asked");
      await codex.close();
      assert.ok(AbortError.is(await turn));
    }));

  test("floods stderr in a turn is a good turn", () =>
    play({ turn: [{ stderrRepeat: { bytes: 50_000_000 } }, { message: "ok" }] }, async (scene) => {
      assert.equal(await answer(scene.thread().run("Hi")), "ok");
    }));

  test("dies while a child of it keeps its output open does not keep the turn", () =>
    play({
      turn: [
        { message: "one" },
        { spawnGrandchild: { keepStdout: true, keepStderr: true, ignore: ["SIGTERM"] } },
        { kill: "SIGKILL" },
      ],
    }, async ({ thread }) => {
      const error = await failureOf(thread().run("Hi"));
      assertError(error, ServerLostError, { signal: "SIGKILL" });
      assert.deepEqual(texts(error.turn), ["one"]);
    }));

  test("is closed in the middle of many turns ends them all with AbortErrors", () =>
    play({ turn: [{ message: "one" }, { hang: true }] }, async ({ codex, thread }) => {
      const turns = Array.from({ length: 8 }, async () => {
        const streamed = await thread().runStreamed("Hi");
        return { streamed, first: (await streamed.events.next()).value };
      });
      const streams = await Promise.all(turns);
      await codex.close();
      for (const { streamed } of streams) {
        assert.ok(AbortError.is((await drain(streamed.events)).error));
      }
    }));

  // Each by itself they would be more than may wait.
  const little = appServer({ maxUnreadBytes: 1024 * 1024 });

  test("prints 60,000 deltas to a reader who sleeps keeps them in little memory, and loses none", () =>
    play({ turn: [{ delta: "0123456789", repeat: 60_000 }, { message: "end" }] }, async (scene) => {
      let hasEnded = () => {};
      const ended = new Promise<void>((resolve) => hasEnded = resolve);
      const stop = await scene.codex.onNotification((method) => {
        if (method === "turn/completed") hasEnded();
      });
      const { events } = await scene.thread().runStreamed("Hi", { liveEvents: true });
      const first = await events.next();
      await ended;
      stop();
      const { values, error } = await drain<LiveEvent>(events);
      assert.equal(error, undefined);
      const deltas = [first.value as LiveEvent, ...values]
        .filter((event) => event.type === "item.agent_message.delta");
      const text = deltas.map(({ delta }) => delta).join("");
      // The message at the end has one of its own.
      assert.equal(text, "0123456789".repeat(60_000) + "end");
      assert.ok(deltas.length < 1000, `${deltas.length} deltas`);
    }, { transport: little }));

  test("plays a turn of a real one has its events", () =>
    play({ turn: recordedTurn(appServerRecording("full")) }, async ({ thread }) => {
      const { finalResponse, items } = await thread().run("Hi");
      assert.equal(finalResponse, "All done: wrote hello.txt");
      assert.ok(items.length > 4);
    }));
});

/** A turn of a server in memory that runs, and the messages of a real one. */
async function recorded(name: string, options: ConstructorParameters<typeof MemoryStage>[0] = {}) {
  const stage = new MemoryStage(options);
  const turn = stage.turn({ turnOptions: { liveEvents: true } });
  turn.read();
  await quiet();
  const messages = messagesOf(appServerRecording(name), new ServerTurn(stage.server));
  return { stage, turn, messages };
}

describe("a server in memory that", () => {
  it("dies at any message of a real turn: all before it arrives, then a ServerLostError", async () => {
    const whole = await recorded("full");
    whole.stage.server.send(...whole.messages);
    await whole.turn.readOn();
    await whole.stage.transport.close();
    const all = inCharacters(whole.turn.events);
    const end = whole.messages.findIndex((message) =>
      (message as { method?: string }).method === "turn/completed"
    );
    assert.ok(end > 20);
    for (let count = 0; count <= end; count++) {
      const { stage, turn, messages } = await recorded("full");
      stage.server.send(...messages.slice(0, count));
      stage.server.die({ exitCode: 137 });
      await turn.readOn();
      const events = inCharacters(turn.events);
      assert.deepEqual(events, all.slice(0, events.length));
      assert.ok(ServerLostError.is(turn.error), `${count}: ${turn.error}`);
      assert.equal(turn.isEnded, true);
      await stage.transport.close();
      assert.equal(stage.clock.pending, 0);
    }
    const { stage, turn, messages } = await recorded("full");
    stage.server.send(...messages.slice(0, end + 1));
    stage.server.die();
    await turn.readOn();
    assert.deepEqual(turn.outcome, {});
    assert.deepEqual(turn.events.at(-1)?.type, "turn.completed");
    await stage.transport.close();
  });

  it("runs 50 turns at once keeps them apart, also with readers that sleep", async () => {
    const stage = new MemoryStage();
    const turns = await Promise.all(Array.from({ length: 50 }, async (_, number) => {
      const turn = stage.turn({ turnOptions: { liveEvents: true } });
      turn.read();
      await quiet();
      return { turn, number };
    }));
    assert.equal(stage.servers.length, 1);
    const asked = stage.server.asked("turn/start");
    assert.equal(asked.length, 50);
    const told = asked.map(({ params }, index) =>
      new ServerTurn(stage.server, params.threadId, `turn_${index + 1}`)
    );
    for (const server of told) server.start();
    for (let round = 0; round < 100; round++) {
      for (const server of told) server.delta(`${server.threadId}:${round};`);
      // Every other one is read as it comes.
      if (round % 10 === 0) {
        for (const { turn, number } of turns) if (number % 2 === 0) turn.read();
        await quiet();
      }
    }
    for (const server of told) server.message(server.threadId).end();
    await Promise.all(turns.map(({ turn }) => turn.readOn()));
    for (const { turn } of turns) {
      const text = turn.events
        .map((event) => event.type === "item.agent_message.delta" ? event.delta : "").join("");
      const id = turn.turn.threadId;
      assert.equal(text, Array.from({ length: 100 }, (_, round) => `${id}:${round};`).join(""));
      assert.equal(turn.events.at(-1)?.type, "turn.completed");
      assert.deepEqual(turn.outcome, {});
    }
    await stage.transport.close();
    assert.equal(stage.clock.pending, 0);
  });

  it("has 50 turns when it dies fails each of them at once", async () => {
    const stage = new MemoryStage();
    const turns = Array.from({ length: 50 }, () => new Outcome(stage.thread().run("Hi")));
    await quiet();
    assert.equal(stage.server.asked("turn/start").length, 50);
    stage.server.die();
    await quiet();
    for (const { error } of turns) assert.ok(ServerLostError.is(error), `${error}`);
    await stage.transport.close();
    assert.equal(stage.clock.pending, 0);
  });

  it("never stops talking ends a turn whose reader is too slow, and no other", async () => {
    const stage = new MemoryStage({ server: { maxUnreadBytes: 50_000 } });
    const slow = await stage.running();
    const other = await stage.running({ thread: { type: "resume", id: oldThread } });
    let interrupts = 0;
    stage.server.on("turn/interrupt", (asked) => {
      interrupts++;
      asked.answer();
      slow.server.end("interrupted");
    });
    for (let i = 0; i < 1000; i++) slow.server.message("x".repeat(1000));
    other.server.message("Fine").end();
    await other.readOn();
    await slow.readOn();
    assert.deepEqual(other.outcome, {});
    assert.ok(ReaderTooSlowError.is(slow.error));
    assert.ok(JSON.stringify(slow.events).length < 60_000);
    assert.equal(interrupts, 1);
    await stage.transport.close();
    assert.equal(stage.clock.pending, 0);
  });

  it("runs another client's turn in the thread takes ours for steering: it ends with that", async () => {
    const stage = new MemoryStage({
      onServer: (server) =>
        server.on("turn/start", (asked) => {
          asked.answer({ turn: { id: "turn_of_another", status: "inProgress", items: [] } });
        }),
    });
    const turn = stage.turn({ thread: { type: "resume", id: oldThread } });
    turn.read();
    await quiet();
    new ServerTurn(stage.server, oldThread, "turn_of_another").message("Both heard").end();
    await turn.readOn();
    assert.deepEqual(turn.events.slice(1), [said("Both heard"), { type: "turn.completed" }]);
    assert.deepEqual(turn.outcome, {});
    await stage.transport.close();
    assert.equal(stage.clock.pending, 0);
  });

  it("has its thread interrupted by another client ends ours with an AbortError", async () => {
    const stage = new MemoryStage();
    const turn = await stage.running();
    turn.server.message("Half").end("interrupted");
    await turn.readOn();
    assert.deepEqual(turn.events, [...bareTurn, said("Half")]);
    assert.ok(AbortError.is(turn.error));
    assert.equal(stage.server.asked("turn/interrupt").length, 0);
    await stage.transport.close();
    assert.equal(stage.clock.pending, 0);
  });

  it("has its approval answered by another client ends our question", async () => {
    const asked: AbortSignal[] = [];
    const stage = new MemoryStage({
      codex: {
        onApproval: (_, { signal }) => {
          asked.push(signal);
          return new Promise(() => {});
        },
      },
    });
    const turn = await stage.running();
    const requestId = stage.server.ask(...approval);
    await quiet();
    assert.deepEqual(asked.map(({ aborted }) => aborted), [false]);
    stage.server.notify("serverRequest/resolved", { threadId: thread1, requestId });
    await quiet();
    assert.deepEqual(asked.map(({ aborted }) => aborted), [true]);
    turn.server.message("Went on").end();
    await turn.readOn();
    assert.deepEqual(turn.outcome, {});
    await stage.transport.close();
    assert.equal(stage.clock.pending, 0);
  });

  it("is lost in the middle of an approval, and asks again when the thread is resumed", async () => {
    const asked: AbortSignal[] = [];
    const answers = [new Promise<never>(() => {}), Promise.resolve("accept" as const)];
    const stage = new MemoryStage({
      codex: {
        onApproval: (_, { signal }) => {
          asked.push(signal);
          return answers[asked.length - 1]!;
        },
      },
    });
    const first = await stage.running();
    stage.server.ask(...approval);
    await quiet();
    stage.server.die({ exitCode: null, error: new Error("connection reset") });
    await first.readOn();
    assert.ok(ServerLostError.is(first.error));
    assert.deepEqual(asked.map(({ aborted }) => aborted), [true]);

    const second = stage.turn({ thread: { type: "resume", id: thread1 } });
    second.read();
    await stage.clock.advance(1000);
    // The very request, on the new connection: ids are the server's.
    stage.server.ask(...approval);
    await quiet();
    assert.equal(asked.length, 2);
    assert.deepEqual(stage.server.answers, [{ id: 0, result: { decision: "accept" } }]);
    new ServerTurn(stage.server).start().message("Done").end();
    await second.readOn();
    assert.deepEqual(second.outcome, {});
    await stage.transport.close();
    assert.equal(stage.clock.pending, 0);
  });
});

/** A request for approval in the first turn of the first thread. */
const approval: [method: string, params: unknown] = [
  "item/commandExecution/requestApproval",
  {
    threadId: thread1,
    turnId: "turn_1",
    itemId: "call_1",
    command: "ls",
    cwd: "/w",
    availableDecisions: ["accept", "cancel"],
  },
];
