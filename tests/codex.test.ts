import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Account } from "../src/app_server/account.ts";
import { ThreadLibrary } from "../src/app_server/thread_library.ts";
import { Codex } from "../src/codex.ts";
import { InvalidOptionsError, UnsupportedError } from "../src/errors.ts";
import type { CodexOptions } from "../src/options.ts";
import type { Thread } from "../src/thread.ts";
import type { ThreadTarget } from "../src/transport.ts";
import { FakeTransport } from "./support/fake_transport.ts";
import { plainTurn } from "./support/turns.ts";

/** A Codex on a fake lane on which every turn is a plain one. */
function setUp(options: CodexOptions = {}) {
  const lane = new FakeTransport();
  lane.onTurn = (turn) => {
    turn.emit(...plainTurn());
    turn.end();
  };
  const made: CodexOptions[] = [];
  const all: CodexOptions = {
    ...options,
    transport: (options) => {
      made.push(options);
      return Promise.resolve(lane);
    },
  };
  return { codex: new Codex(all), lane, made, all };
}

describe("Codex", () => {
  it("makes its lane with the first turn, once, and from its options", async () => {
    const { codex, made, all } = setUp({ apiKey: "key" });
    const threads = [codex.startThread(), codex.resumeThread("thread-1")];
    assert.equal(made.length, 0);
    await Promise.all(threads.map((thread) => thread.run("a")));
    await codex.version();
    assert.equal(made.length, 1);
    assert.equal(made[0], all);
  });

  it("makes its lane anew when that has failed", async () => {
    const { lane } = setUp();
    const factories = [
      () => Promise.reject(new Error("no descriptor is left")),
      () => {
        throw new Error("still none");
      },
      () => Promise.resolve(lane),
    ];
    const thread = new Codex({ transport: () => factories.shift()!() }).startThread();
    await assert.rejects(thread.run("a"), /no descriptor is left/);
    await assert.rejects(thread.run("a"), /still none/);
    assert.equal((await thread.run("a")).finalResponse, "hello");
    assert.equal((await thread.run("a")).finalResponse, "hello");
    assert.equal(factories.length, 0);
  });

  it("starts, resumes and forks threads", async () => {
    const cases: [(codex: Codex) => Thread, ThreadTarget, string | null][] = [
      [(codex) => codex.startThread(), { type: "new" }, null],
      [
        (codex) => codex.resumeThread("thread-1"),
        { type: "resume", id: "thread-1" },
        "thread-1",
      ],
      [
        (codex) => codex.resumeThread({ name: "my thread" }),
        { type: "resume_name", name: "my thread" },
        null,
      ],
      [
        (codex) => codex.resumeThread({ last: true }),
        { type: "resume_last", allDirectories: false },
        null,
      ],
      [
        (codex) => codex.resumeThread({ last: true, allDirectories: true }),
        { type: "resume_last", allDirectories: true },
        null,
      ],
      [(codex) => codex.forkThread("thread-0"), { type: "fork", id: "thread-0" }, null],
    ];
    for (const [make, target, id] of cases) {
      const { codex, lane } = setUp();
      const thread = make(codex);
      assert.equal(thread.id, id);
      await thread.run("a");
      assert.deepEqual(lane.turn.request.thread, target);
      assert.equal(thread.id, "thread-1");
    }
  });

  it("hands the thread's options to the lane", async () => {
    const { codex, lane } = setUp();
    const options = { model: "m" };
    for (
      const thread of [
        codex.startThread(options),
        codex.resumeThread("thread-1", options),
        codex.forkThread("thread-0", options),
      ]
    ) {
      await thread.run("a");
      assert.equal(lane.turn.request.threadOptions, options);
    }
  });

  it("reads its options at each turn", async () => {
    const { codex, all } = setUp();
    const thread = codex.startThread();
    await thread.run("a");
    all.apiKey = 5 as never;
    await assert.rejects(thread.run("a"), InvalidOptionsError);
    delete all.apiKey;
    await thread.run("a");
  });

  it("throws nothing before a turn, whatever the options", async () => {
    const thread = new Codex({ apiKey: 5 as never }).startThread({ model: 5 as never });
    await assert.rejects(thread.run("a"), InvalidOptionsError);
  });

  it("asks the lane for the version", async () => {
    const { codex } = setUp();
    assert.equal((await codex.version()).version, "0.0.0");
  });

  it("checks its options before it asks for the version", async () => {
    const { codex, made } = setUp({ apiKey: 5 as never });
    await assert.rejects(codex.version(), InvalidOptionsError);
    assert.equal(made.length, 0);
  });

  it("checks its options before it asks the lane for anything else", async () => {
    const { codex, made, all } = setUp({ apiKey: 5 as never });
    const calls: (() => Promise<unknown>)[] = [
      () => codex.request("model/list", {}),
      () => codex.onNotification(() => {}),
      () => new Account(codex).read(),
      () => new Account(codex).loginWithBrowser(),
      () => new ThreadLibrary(codex).read("thread-1"),
      () => new ThreadLibrary(codex).list().next(),
    ];
    for (const call of calls) {
      await assert.rejects(
        call(),
        (error: InvalidOptionsError) => InvalidOptionsError.is(error) && error.path === "apiKey",
      );
    }
    assert.equal(made.length, 0);
    // They are read at each call.
    delete all.apiKey;
    for (const call of calls) await assert.rejects(call(), UnsupportedError);
    assert.equal(made.length, 1);
  });

  it("closes its lane", async () => {
    for (const close of ["close", Symbol.asyncDispose] as const) {
      const { codex, lane } = setUp();
      await codex.startThread().run("a");
      assert.equal(lane.isClosed, false);
      assert.equal(await codex[close](), undefined);
      assert.equal(lane.isClosed, true);
    }
  });

  it("does not guess which thread is meant, least of all the last one", async () => {
    for (const reference of [{}, { last: false }, { id: "abc" }]) {
      const { codex, lane } = setUp();
      await assert.rejects(codex.resumeThread(reference as never).run("a"));
      // An id that the exec lane refuses before it starts anything.
      assert.deepEqual(lane.turn.request.thread, { type: "resume", id: "" });
    }
  });

  it("can be closed before its first turn, and twice", async () => {
    const { codex, lane } = setUp();
    await codex.close();
    await codex.close();
    assert.equal(lane.isClosed, true);
  });

  it("can be closed when its lane could not be made", async () => {
    const error = new Error("no lane");
    for (const transport of [() => Promise.reject(error), () => throwing(error)]) {
      const codex = new Codex({ transport });
      await assert.rejects(codex.startThread().run("a"), error);
      await codex.close();
    }
  });

  it("takes a lane that is made without waiting", async () => {
    const { lane } = setUp();
    const codex = new Codex({ transport: () => lane });
    assert.equal((await codex.startThread().run("a")).finalResponse, "hello");
  });
});

function throwing(error: Error): never {
  throw error;
}
