import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ThreadLibrary } from "../../src/app_server/thread_library.ts";
import { Codex } from "../../src/codex.ts";
import { AbortError, ConnectionError, RpcError, TurnFailedError } from "../../src/errors.ts";
import {
  type MemoryServer,
  MemoryStage,
  quiet,
  thread1,
  thread2,
} from "../support/memory_server.ts";
import { Outcome } from "../support/outcome.ts";
import { WatchedAbort } from "../support/watched_signal.ts";

/** A library on a server in memory, and what is left afterwards. */
async function withLibrary(
  onServer: (server: MemoryServer) => unknown,
  test: (library: ThreadLibrary, stage: MemoryStage) => Promise<void>,
): Promise<void> {
  const stage = new MemoryStage({ onServer });
  const codex = new Codex({ ...stage.codexOptions, transport: () => stage.transport });
  await test(new ThreadLibrary(codex), stage);
  // Whoever listens would keep the server.
  await stage.clock.advance(10_000);
  assert.equal(stage.servers.filter((server) => !server.isOver).length, 0, "somebody listens");
  await codex.close();
  await quiet();
  assert.equal(stage.clock.pending, 0, "timers are left");
}

/** Answers with pages of what is asked for. */
function paged(server: MemoryServer, method: string, pages: unknown[][]): void {
  server.on(method, (asked) => {
    const index = asked.params.cursor === null ? 0 : Number(asked.params.cursor);
    const nextCursor = index + 1 < pages.length ? `${index + 1}` : null;
    asked.answer({ data: pages[index], nextCursor });
  });
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

describe("ThreadLibrary", () => {
  it("lists page by page, as it is read", async () => {
    await withLibrary(
      (server) => paged(server, "thread/list", [[{ id: "a" }, { id: "b" }], [], [{ id: "c" }]]),
      async (library, stage) => {
        const threads = library.list();
        assert.equal(stage.servers.length, 0);
        assert.equal((await threads.next()).value?.id, "a");
        await threads.next();
        assert.equal(stage.server.asked("thread/list").length, 1);
        assert.equal((await threads.next()).value?.id, "c");
        assert.equal((await threads.next()).done, true);
        assert.deepEqual(
          stage.server.asked("thread/list").map(({ params }) => params.cursor),
          [null, "1", "2"],
        );
      },
    );
  });

  it("asks for no more pages once the loop is left", async () => {
    await withLibrary(
      (server) => paged(server, "thread/list", [[{ id: "a" }], [{ id: "b" }]]),
      async (library, stage) => {
        for await (const _ of library.list()) break;
        assert.equal(stage.server.asked("thread/list").length, 1);
      },
    );
  });

  it("lists what was begun on either lane, and says how", async () => {
    await withLibrary(
      (server) => paged(server, "thread/list", [[]]),
      async (library, stage) => {
        await all(library.list());
        await all(library.list({
          workingDirectory: ["/a", "/b"],
          archived: true,
          searchTerm: "x",
          sourceKinds: ["exec"],
          sortKey: "created_at",
          sortDirection: "asc",
          pageSize: 7,
        }));
        assert.deepEqual(stage.server.asked("thread/list").map(({ params }) => params), [
          {
            sortKey: "updated_at",
            sourceKinds: ["cli", "vscode", "exec", "appServer"],
            limit: 50,
            cursor: null,
          },
          {
            sortKey: "created_at",
            sortDirection: "asc",
            archived: true,
            searchTerm: "x",
            cwd: ["/a", "/b"],
            sourceKinds: ["exec"],
            limit: 7,
            cursor: null,
          },
        ]);
      },
    );
  });

  it("rejects in the middle of a list, as codex does", async () => {
    await withLibrary(
      (server) =>
        server.on("thread/list", (asked) => {
          if (asked.params.cursor !== null) return asked.refuse("bad cursor");
          asked.answer({ data: [{ id: "a" }], nextCursor: "x" });
        }),
      async (library) => {
        const threads = library.list();
        await threads.next();
        await assert.rejects(threads.next(), RpcError);
      },
    );
  });

  it("searches, and tells turns and items", async () => {
    await withLibrary((server) => {
      paged(server, "thread/search", [[{ thread: { id: "a" } }]]);
      paged(server, "thread/turns/list", [[{ id: "t1" }], [{ id: "t2" }]]);
      paged(server, "thread/items/list", [[{ turnId: "t1", item: { type: "agentMessage" } }]]);
    }, async (library, stage) => {
      assert.equal((await all(library.search("x"))).length, 1);
      assert.equal((await all(library.turns("a"))).length, 2);
      assert.deepEqual(await all(library.items("a", { turnId: "t1" })), [{ type: "agentMessage" }]);
      assert.equal(stage.server.asked("thread/items/list")[0]!.params.turnId, "t1");
    });
  });

  it("forks with the model of the original, and never with a wide sandbox", async () => {
    await withLibrary((server) => server, async (library, stage) => {
      assert.equal(await library.fork("old", { lastTurnId: "t2", ephemeral: true }), thread1);
      assert.equal(await library.fork("old", { model: "mine" }), thread2);
      const narrow = {
        sandbox: "read-only",
        approvalPolicy: "never",
        approvalsReviewer: "user",
        excludeTurns: true,
      };
      assert.deepEqual(stage.server.asked("thread/fork").map(({ params }) => params), [
        { model: "gpt-5.5", lastTurnId: "t2", ephemeral: true, threadId: "old", ...narrow },
        { model: "mine", threadId: "old", ...narrow },
      ]);
    });
  });

  it("calls what each method is for", async () => {
    await withLibrary((server) => server, async (library, stage) => {
      await library.read("t");
      await library.archive("t");
      await library.unarchive("t");
      await library.delete("t");
      await library.setName("t", "mine");
      await library.revert("t", "turn");
      await library.inject("t", [{ type: "message" }]);
      const resumed = {
        threadId: "t",
        sandbox: "read-only",
        approvalPolicy: "never",
        approvalsReviewer: "user",
        excludeTurns: true,
      };
      assert.deepEqual(
        stage.server.received.filter(({ id }) => id !== undefined).slice(1)
          .map(({ method, params }) => [method, params]),
        [
          ["thread/read", { threadId: "t", includeTurns: false }],
          ["thread/archive", { threadId: "t" }],
          ["thread/unarchive", { threadId: "t" }],
          ["thread/delete", { threadId: "t" }],
          ["thread/name/set", { threadId: "t", name: "mine" }],
          ["thread/resume", resumed],
          ["thread/revert", { threadId: "t", beforeTurnId: "turn" }],
          ["thread/resume", resumed],
          ["thread/inject_items", { threadId: "t", items: [{ type: "message" }] }],
        ],
      );
    });
  });
});

describe("ThreadLibrary.compact()", () => {
  const turn = (status: string, error: unknown = null) => ({ id: "u", status, error, items: [] });

  /** Has a server end the turn that compacts, before or after it answers. */
  function ending(params: unknown, order: "before" | "after") {
    return (server: MemoryServer) =>
      server.on("thread/compact/start", (asked) => {
        if (order === "after") asked.answer();
        server.notify("turn/completed", { threadId: "other", turn: turn("failed") });
        server.notify("turn/completed", params);
        if (order === "before") asked.answer();
      });
  }

  it("resolves when it is done, however early that is told", async () => {
    for (const order of ["before", "after"] as const) {
      await withLibrary(
        ending({ threadId: "t", turn: turn("completed") }, order),
        async (library) => await library.compact("t"),
      );
    }
  });

  it("rejects when the model fails, or somebody interrupts it", async () => {
    await withLibrary(
      ending({ threadId: "t", turn: turn("failed", { message: "quota" }) }, "after"),
      (library) =>
        assert.rejects(library.compact("t"), (error) => {
          assert.ok(TurnFailedError.is(error));
          assert.equal(error.message, "quota");
          return true;
        }),
    );
    await withLibrary(
      ending({ threadId: "t", turn: turn("interrupted") }, "after"),
      (library) => assert.rejects(library.compact("t"), /interrupted/),
    );
  });

  it("shows no secret of what the model's service said, and not all of it", async () => {
    const message = `401 for sk-0123456789 ${"x".repeat(5000)}`;
    await withLibrary(
      ending({ threadId: "t", turn: turn("failed", { message }) }, "after"),
      (library) =>
        assert.rejects(library.compact("t"), (error) => {
          assert.match((error as Error).message, /^401 for \[redacted\] x{1900,2000}$/);
          return true;
        }),
    );
  });

  it("rejects when codex refuses", async () => {
    await withLibrary(
      (server) => server.on("thread/compact/start", (asked) => asked.refuse("not now")),
      (library) => assert.rejects(library.compact("t"), RpcError),
    );
  });

  it("rejects when the server is lost", async () => {
    await withLibrary((server) => server, async (library, stage) => {
      const outcome = new Outcome(library.compact("t"));
      await quiet();
      stage.server.die();
      await quiet();
      assert.ok(ConnectionError.is(outcome.error), `${outcome.state}`);
    });
  });

  it("rejects when it is aborted, before or meanwhile", async () => {
    await withLibrary((server) => server, async (library, stage) => {
      await assert.rejects(library.compact("t", { signal: AbortSignal.abort(new Error("no")) }));
      assert.equal(stage.servers.length, 0);
      const abort = new WatchedAbort();
      const outcome = new Outcome(library.compact("t", { signal: abort.signal }));
      await quiet();
      abort.abort(new Error("no"));
      await quiet();
      assert.ok(AbortError.is(outcome.error));
      assert.equal(abort.listeners, 0);
    });
  });
});
