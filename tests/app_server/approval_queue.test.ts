import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApprovalQueue, type PendingApproval } from "../../src/app_server/approval_queue.ts";
import { commandApproval } from "../../src/app_server/approval_requests.ts";
import type { ApprovalDecision, ApprovalRequest } from "../../src/approvals.ts";
import { waitUntilForgotten } from "../support/garbage.ts";
import { commandRequest, ServerRequestsStage } from "../support/server_requests_stage.ts";
import { settled } from "../support/virtual_clock.ts";
import { WatchedAbort } from "../support/watched_signal.ts";

function request(name: string): ApprovalRequest {
  return commandApproval(commandRequest(name).params).request as ApprovalRequest;
}

function ask(
  queue: ApprovalQueue,
  name: string,
  { signal } = new AbortController(),
): Promise<ApprovalDecision> {
  return Promise.resolve(queue.handler(request(name), { signal }));
}

async function next(iterator: AsyncIterator<PendingApproval>): Promise<PendingApproval> {
  const { done, value } = await iterator.next();
  assert.ok(!done);
  return value;
}

function nameOf({ request }: PendingApproval): string {
  return /'(.*)'/.exec((request as ApprovalRequest & { type: "command" }).command)![1]!;
}

describe("ApprovalQueue", () => {
  it("hands out requests in order and takes answers in any", async () => {
    const queue = new ApprovalQueue();
    const decisions = ["one", "two"].map((name) => ask(queue, name));
    const pending: PendingApproval[] = [];
    for await (const each of queue) {
      pending.push(each);
      if (pending.length === 2) break;
    }
    assert.deepEqual(pending.map(nameOf), ["one", "two"]);
    assert.equal(queue.size, 2);
    assert.equal(pending[1]!.answer("decline"), true);
    assert.equal(pending[0]!.answer("accept"), true);
    assert.deepEqual(await Promise.all(decisions), ["accept", "decline"]);
    assert.equal(queue.size, 0);
    assert.equal(pending[0]!.isResolved, true);
  });

  it("leaves no listener on the request's signal, however it was decided", async () => {
    const queue = new ApprovalQueue();
    const ends: ((pending: PendingApproval, request: WatchedAbort) => unknown)[] = [
      (pending) => pending.answer("accept"),
      (_, request) => request.abort(),
      () => queue.close(),
    ];
    for (const end of ends) {
      const watched = new WatchedAbort();
      const decision = ask(queue, "one", watched);
      const pending = await next(queue[Symbol.asyncIterator]());
      assert.equal(watched.listeners, 1);
      end(pending, watched);
      await decision;
      assert.equal(watched.listeners, 0);
    }
  });

  it("hands a request to a loop that waits for it", async () => {
    const queue = new ApprovalQueue();
    const waiting = next(queue[Symbol.asyncIterator]());
    const decision = ask(queue, "one");
    (await waiting).answer("acceptForSession");
    assert.equal(await decision, "acceptForSession");
  });

  it("hands each request to one loop only", async () => {
    const queue = new ApprovalQueue();
    const loops = [queue[Symbol.asyncIterator](), queue[Symbol.asyncIterator]()];
    const waiting = [next(loops[0]!), next(loops[1]!), next(loops[0]!)];
    for (const name of ["one", "two", "three"]) void ask(queue, name);
    assert.deepEqual((await Promise.all(waiting)).map(nameOf), ["one", "two", "three"]);
  });

  it("keeps what is not read when a loop is left", async () => {
    const queue = new ApprovalQueue();
    const first = queue[Symbol.asyncIterator]();
    const waiting = first.next();
    await first.return!();
    assert.deepEqual(await waiting, { done: true, value: undefined });
    assert.deepEqual(await first.next(), { done: true, value: undefined });
    const decision = ask(queue, "one");
    (await next(queue[Symbol.asyncIterator]())).answer("accept");
    assert.equal(await decision, "accept");
  });

  it("forgets what was decided elsewhere before anybody read it", async () => {
    const queue = new ApprovalQueue();
    await waitUntilForgotten(async () => {
      const asked = request("one");
      const abort = new AbortController();
      const decision = queue.handler(asked, { signal: abort.signal });
      abort.abort();
      assert.equal(await decision, "decline");
      return asked;
    });
    assert.equal(queue.size, 0);
  });

  it("forgets what was answered, however long the loop that read it goes on", async () => {
    const queue = new ApprovalQueue();
    const loop = queue[Symbol.asyncIterator]();
    await waitUntilForgotten(async () => {
      const asked = request("one");
      const decision = queue.handler(asked, { signal: new AbortController().signal });
      (await next(loop)).answer("accept");
      assert.equal(await decision, "accept");
      return asked;
    });
    const waiting = loop.next();
    await loop.return!();
    assert.deepEqual(await waiting, { done: true, value: undefined });
  });

  it("ends all waits of a loop that is left, and those of no other", async () => {
    const queue = new ApprovalQueue();
    const [left, other] = [queue[Symbol.asyncIterator](), queue[Symbol.asyncIterator]()];
    const waits = [left.next(), next(other), left.next()] as const;
    await left.return!();
    const over = { done: true, value: undefined };
    assert.deepEqual([await waits[0], await waits[2]], [over, over]);
    void ask(queue, "one");
    assert.equal(nameOf(await waits[1]), "one");
    queue.close();
  });

  it("refuses a second answer", async () => {
    const queue = new ApprovalQueue();
    const decision = ask(queue, "one");
    const pending = await next(queue[Symbol.asyncIterator]());
    pending.answer("decline");
    assert.throws(() => pending.answer("accept"), TypeError);
    assert.equal(await decision, "decline");
  });

  it("forgets what is of no use any more", async () => {
    const queue = new ApprovalQueue();
    const turns = [new AbortController(), new AbortController()];
    const decisions = ["one", "two"].map((name, index) => ask(queue, name, turns[index]));
    const loop = queue[Symbol.asyncIterator]();
    const one = await next(loop);
    turns[0]!.abort();
    turns[1]!.abort();
    assert.equal(one.isResolved, true);
    assert.equal(one.signal.aborted, true);
    assert.equal(one.answer("accept"), false);
    assert.throws(() => one.answer("accept"), TypeError);
    assert.deepEqual(await Promise.all(decisions), ["decline", "decline"]);
    assert.equal(queue.size, 0);
    // The second was never read, and is not read now.
    void ask(queue, "three");
    assert.equal(nameOf(await next(loop)), "three");
  });

  it("does not take a request that comes too late", async () => {
    const queue = new ApprovalQueue();
    const turn = new AbortController();
    turn.abort();
    assert.equal(await ask(queue, "one", turn), "decline");
    assert.equal(queue.size, 0);
  });

  it("declines what is left when it is closed, and ends the loops", async () => {
    const queue = new ApprovalQueue();
    const loop = queue[Symbol.asyncIterator]();
    const read = ask(queue, "read");
    const pending = await next(loop);
    const waiting = loop.next();
    queue.close();
    queue.close();
    assert.equal(await read, "decline");
    assert.equal(pending.answer("accept"), false);
    assert.deepEqual(await waiting, { done: true, value: undefined });
    assert.equal(await ask(queue, "later"), "decline");
    for await (const _ of queue) assert.fail("nothing is left");
  });

  it("declines what is unread when it is closed", async () => {
    const queue = new ApprovalQueue();
    const unread = ask(queue, "unread");
    queue.close();
    assert.equal(await unread, "decline");
  });

  it("does not grow without end", async () => {
    const queue = new ApprovalQueue();
    const stage = new ServerRequestsStage({ onApproval: queue.handler });
    for (let index = 0; index < 1000; index++) void stage.ask(commandRequest(`c${index}`));
    assert.deepEqual(await stage.ask(commandRequest("last")), { decision: "decline" });
    assert.match(stage.reports[0]!, /More than 1000 approvals wait/);
    queue.close();
  });

  it("serves turns: what is resolved elsewhere disappears, a limit holds", async () => {
    const queue = new ApprovalQueue();
    const stage = new ServerRequestsStage({ onApproval: queue.handler }, 1000);
    const answers = [
      stage.ask(commandRequest("one"), 1),
      stage.ask(commandRequest("two"), 2),
      stage.ask(commandRequest("three"), 3),
    ];
    const [one] = [await next(queue[Symbol.asyncIterator]())];
    one!.answer("accept");
    assert.deepEqual(await answers[0], { decision: "accept" });
    stage.requests.resolved(2);
    await settled();
    assert.equal(queue.size, 1);
    await stage.clock.advance(1000);
    assert.deepEqual(await answers[2], { decision: "decline" });
    assert.equal(queue.size, 0);
  });
});
