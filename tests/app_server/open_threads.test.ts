import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { tool } from "../../src/app_server/tool.ts";
import { InvalidOptionsError, ProtocolError, RpcError, ThreadBusyError } from "../../src/errors.ts";
import type { ThreadOptions } from "../../src/options.ts";
import type { ThreadTarget } from "../../src/transport.ts";
import {
  MemoryStage,
  type MemoryStageOptions,
  oldThread,
  quiet,
  ServerTurn,
  startedThread,
  thread1,
} from "../support/memory_server.ts";
import { Outcome } from "../support/outcome.ts";

const narrow = {
  cwd: ".",
  runtimeWorkspaceRoots: [process.cwd()],
  sandbox: "read-only",
  approvalPolicy: "never",
  approvalsReviewer: "user",
};

/** What was asked of the server to open threads for turns, one after the other. */
async function opened(
  turns: { thread: ThreadTarget; threadOptions?: ThreadOptions }[],
  onServer?: MemoryStageOptions["onServer"],
): Promise<{ calls: { method: string; params: unknown }[]; stage: MemoryStage; error: unknown }> {
  const stage = new MemoryStage({ onServer });
  let error: unknown;
  for (const request of turns) {
    const turn = stage.turn(request);
    turn.read();
    stage.onServer = onServer ?? (() => {});
    const reading = turn.readOn();
    await stage.clock.advance(0);
    if (turn.outcome === undefined) {
      const { params } = stage.server.asked("turn/start").at(-1)!;
      const id = `turn_${stage.server.asked("turn/start").length}`;
      new ServerTurn(stage.server, params.threadId, id).start().end();
    }
    await reading;
    error = turn.error;
  }
  const calls = stage.server.received
    .filter(({ id, method }) => id !== undefined && /^thread\//.test(method ?? ""))
    .map(({ method, params }) => ({ method: method!, params }));
  await stage.transport.close();
  return { calls, stage, error };
}

describe("openThread()", () => {
  it("starts a new thread", async () => {
    const { calls } = await opened([{ thread: { type: "new" } }]);
    assert.deepEqual(calls, [{ method: "thread/start", params: narrow }]);
  });

  it("says what only a new thread is told", async () => {
    const lookUp = tool({
      name: "look_up",
      description: "Looks up",
      inputSchema: { type: "object" },
      run: () => "found",
    });
    const { calls } = await opened([{
      thread: { type: "new" },
      threadOptions: { ephemeral: true, threadSource: "test", tools: [lookUp] },
    }]);
    assert.deepEqual(calls[0]!.params, {
      ...narrow,
      ephemeral: true,
      threadSource: "test",
      dynamicTools: [{
        type: "function",
        name: "look_up",
        description: "Looks up",
        inputSchema: { type: "object" },
      }],
    });
  });

  it("resumes a thread that the server does not have, with all that decides over it", async () => {
    const { calls } = await opened([{
      thread: { type: "resume", id: oldThread },
      threadOptions: { model: "m", workingDirectory: "/w", approvalPolicy: "untrusted" },
    }]);
    assert.deepEqual(calls, [{
      method: "thread/resume",
      params: {
        threadId: oldThread,
        model: "m",
        ...narrow,
        cwd: "/w",
        runtimeWorkspaceRoots: ["/w"],
        approvalPolicy: "untrusted",
        excludeTurns: true,
      },
    }]);
  });

  it("does not resume what the server has, unless other options need it", async () => {
    const thread: ThreadTarget = { type: "resume", id: thread1 };
    const { calls } = await opened([
      { thread: { type: "new" } },
      { thread },
      { thread, threadOptions: { sandboxMode: "workspace-write", model: "m" } },
      { thread, threadOptions: { workingDirectory: "/other" } },
      { thread, threadOptions: { workingDirectory: "/other" } },
      { thread, threadOptions: { webSearchEnabled: true } },
    ]);
    assert.deepEqual(calls.map(({ method }) => method), [
      "thread/start",
      "thread/resume",
      "thread/resume",
    ]);
  });

  it("resumes what the server has unloaded", async () => {
    for (const method of ["thread/closed", "thread/archived", "thread/deleted"]) {
      const stage = new MemoryStage();
      const first = await stage.running();
      first.server.end();
      await first.readOn();
      stage.server.notify(method, { threadId: thread1 });
      const second = await stage.running({ thread: { type: "resume", id: thread1 } });
      assert.equal(stage.server.asked("thread/resume").length, 1, method);
      second.server.end();
      await second.readOn();
      await stage.transport.close();
    }
  });

  it("resumes it on the next server, when one was lost", async () => {
    const stage = new MemoryStage();
    const first = await stage.running({ threadOptions: { sandboxMode: "workspace-write" } });
    stage.server.die();
    await first.readOn();
    const second = stage.turn({
      thread: { type: "resume", id: thread1 },
      threadOptions: { sandboxMode: "workspace-write", approvalPolicy: "untrusted" },
    });
    second.read();
    await stage.clock.advance(1000);
    assert.equal(stage.servers.length, 2);
    assert.deepEqual(stage.server.calls, ["thread/resume", "config/read", "turn/start"]);
    assert.equal(stage.server.asked("thread/resume")[0]!.params.approvalPolicy, "untrusted");
    const { params } = stage.server.asked("turn/start")[0]!;
    assert.equal(params.sandboxPolicy.type, "workspaceWrite");
    assert.equal(params.approvalPolicy, "untrusted");
    new ServerTurn(stage.server).start().end();
    await second.readOn();
    await stage.transport.close();
  });

  it("forks with the model of the original, unless another is given", async () => {
    const thread: ThreadTarget = { type: "fork", id: oldThread };
    const { calls } = await opened([
      { thread },
      { thread, threadOptions: { model: "mine", ephemeral: true } },
    ]);
    assert.deepEqual(calls, [
      { method: "thread/read", params: { threadId: oldThread, includeTurns: false } },
      {
        method: "thread/fork",
        params: { threadId: oldThread, model: "gpt-5.5", ...narrow, excludeTurns: true },
      },
      { method: "thread/read", params: { threadId: oldThread, includeTurns: false } },
      {
        method: "thread/fork",
        params: {
          threadId: oldThread,
          model: "mine",
          ...narrow,
          ephemeral: true,
          excludeTurns: true,
        },
      },
    ]);
  });

  it("finds a thread by its name, however many there are", async () => {
    const { calls } = await opened(
      [{ thread: { type: "resume_name", name: "mine" } }],
      (server) =>
        server.on("thread/list", (asked) => {
          asked.answer(
            asked.params.cursor === null
              ? { data: [{ id: "a", name: "mine too" }, { id: "b", name: null }], nextCursor: "2" }
              : { data: [{ id: "c", name: "mine" }], nextCursor: "3" },
          );
        }),
    );
    assert.deepEqual(calls.map(({ method }) => method), [
      "thread/list",
      "thread/list",
      "thread/resume",
    ]);
    assert.deepEqual(calls[1]!.params, {
      cursor: "2",
      sourceKinds: ["cli", "vscode", "exec", "appServer"],
      sortKey: "updated_at",
      limit: 100,
      searchTerm: "mine",
    });
    assert.equal((calls[2]!.params as { threadId: string }).threadId, "c");
  });

  it("gives a name that nobody has to a new thread", async () => {
    const { calls } = await opened([{ thread: { type: "resume_name", name: "mine" } }]);
    assert.deepEqual(calls.slice(1), [
      { method: "thread/start", params: narrow },
      { method: "thread/name/set", params: { threadId: thread1, name: "mine" } },
    ]);
  });

  it("resumes the last thread of the folder, or of all", async () => {
    for (const allDirectories of [false, true]) {
      const { calls } = await opened(
        [{
          thread: { type: "resume_last", allDirectories },
          threadOptions: { workingDirectory: "/w" },
        }],
        (server) =>
          server.on("thread/list", (asked) => {
            asked.answer({ data: [{ id: "last" }], nextCursor: "2" });
          }),
      );
      assert.deepEqual(calls.map(({ method }) => method), ["thread/list", "thread/resume"]);
      const params = calls[0]!.params as Record<string, unknown>;
      assert.equal(params.cwd, allDirectories ? undefined : "/w");
      assert.equal(params.limit, 1);
    }
  });

  it("rejects when there is no last thread", async () => {
    const { calls, error } = await opened([{
      thread: { type: "resume_last", allDirectories: false },
    }]);
    assert.ok(InvalidOptionsError.is(error));
    assert.match(error.message, /^Cannot resume the last thread/);
    assert.deepEqual(calls.map(({ method }) => method), ["thread/list"]);
  });

  it("rejects as codex does for a thread it does not know", async () => {
    const { error } = await opened(
      [{ thread: { type: "resume", id: startedThread(98) } }],
      (server) => server.on("thread/resume", (asked) => asked.refuse("no rollout found")),
    );
    assert.ok(RpcError.is(error));
    assert.equal(error.method, "thread/resume");
  });

  /** What has these methods called, and where an answer of theirs must not be what it is. */
  const answers: { method: string; thread: ThreadTarget; wrong: [unknown, string | null][] }[] = [
    ...(["new", "resume", "fork"] as const).map((type) => ({
      method: `thread/${type === "new" ? "start" : type}`,
      thread: { type, id: oldThread },
      wrong: [
        ...([[null, null], [[], null], [{}, "thread"], [{ thread: null }, "thread"]] as const),
        ...([[{ thread: {} }, "thread.id"], [{ thread: { id: 7 } }, "thread.id"]] as const),
        [{ thread: { id: oldThread }, cwd: 5 }, "cwd"],
        [
          { thread: { id: oldThread }, runtimeWorkspaceRoots: ["/a", {}] },
          "runtimeWorkspaceRoots.1",
        ],
      ] as [unknown, string | null][],
    })),
    {
      method: "thread/read",
      thread: { type: "fork", id: oldThread },
      wrong: [[null, null], [{ thread: { id: null } }, "thread.id"]],
    },
    {
      method: "thread/list",
      thread: { type: "resume_last", allDirectories: true },
      wrong: [[null, null], [{}, "data"], [{ data: [null] }, "data.0"], [
        { data: [{}] },
        "data.0.id",
      ]],
    },
    {
      method: "thread/list",
      thread: { type: "resume_name", name: "mine" },
      wrong: [[{ data: [{ name: "mine" }] }, "data.0.id"], [
        { data: [], nextCursor: 5 },
        "nextCursor",
      ]],
    },
  ];
  for (const { method, thread, wrong } of answers) {
    it(`rejects an answer to ${method} that is none, for ${thread.type}`, async () => {
      for (const [answer, path] of wrong) {
        const stage = new MemoryStage({
          onServer: (server) => server.on(method, (asked) => asked.answer(answer)),
        });
        const failed = new Outcome(stage.thread({}, thread).run("Hi"));
        await quiet();
        const { error } = failed;
        assert.ok(ProtocolError.is(error), `${JSON.stringify(answer)}: ${error}`);
        assert.match(error.message, new RegExp(`^Codex answered "${method}" in a shape`));
        assert.equal(error.path, path);
        assert.deepEqual(stage.server.asked("turn/start"), []);
        await stage.transport.close();
        assert.equal(stage.clock.pending, 0);
      }
    });
  }

  it("takes a list that does not say that it goes on for the whole", async () => {
    const { calls, error } = await opened(
      [{ thread: { type: "resume_name", name: "mine" } }],
      (server) => server.on("thread/list", (asked) => asked.answer({ data: [] })),
    );
    assert.equal(error, undefined);
    assert.deepEqual(calls.map(({ method }) => method), [
      "thread/list",
      "thread/start",
      "thread/name/set",
    ]);
  });

  it("refuses a thread in which a turn of the same Codex runs", async () => {
    const stage = new MemoryStage();
    const first = await stage.running();
    const second = stage.turn({ thread: { type: "resume", id: thread1 } });
    await second.readOn();
    assert.ok(ThreadBusyError.is(second.error));
    assert.deepEqual(stage.server.calls, ["thread/start", "turn/start"]);
    first.server.end();
    await first.readOn();
    assert.deepEqual(first.outcome, {});
    const third = await stage.running({ thread: { type: "resume", id: thread1 } });
    third.server.end();
    await third.readOn();
    assert.deepEqual(third.outcome, {});
    await stage.transport.close();
  });
});
