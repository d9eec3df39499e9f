// What differs where a server has other clients besides this program.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ResponseMessage } from "../../src/app_server/message.ts";
import { OrphanedTurns } from "../../src/app_server/orphaned_turns.ts";
import { leftToOthers, PeerRequests } from "../../src/app_server/peer_requests.ts";
import { ServerRequests } from "../../src/app_server/server_requests.ts";
import { ServerSession } from "../../src/app_server/server_session.ts";
import { ConnectionError, RpcError, ThreadBusyError } from "../../src/errors.ts";
import { MemoryServer } from "../support/memory_server.ts";
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
});
