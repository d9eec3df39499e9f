import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { describe, it } from "node:test";
import { Codex } from "../../mod.ts";
import type { Action } from "../support/fake_codex.ts";
import { isAlive, waitUntilGone } from "../support/processes.ts";
import {
  answer,
  completed,
  type Failure,
  message,
  observeRun,
  observeStream,
  started,
  threadId,
  turnStarted,
  withFake,
} from "./observe.ts";

const endless: Action[] = [{ events: [started, turnStarted] }, { hang: true }];

function assertAborted(error: Failure | undefined, reason: unknown): void {
  assert.ok(error instanceof Error);
  assert.equal(error.name, "AbortError");
  assert.equal(error.code, "ABORT_ERR");
  assert.equal(error.message, "The operation was aborted");
  assert.equal(error.cause, reason);
}

describe("The process of codex, as with the official SDK:", () => {
  it("a missing executable is an ENOENT", async () => {
    const codex = { codexPathOverride: "/nonexistent/codex" };
    for (const { error } of [await observeRun({ codex }), await observeStream({ codex })]) {
      assert.ok(error instanceof Error);
      assert.equal(error.code, "ENOENT");
    }
  });

  it("an executable that may not be executed fails the turn", async () => {
    await withFake(answer, async (fake) => {
      chmodSync(fake.path, 0o644);
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      await assert.rejects(thread.run("Hello"), /EACCES|not executable/);
    });
  });

  it("a signal that was aborted before fails the turn without an event", async () => {
    for (const signal of [AbortSignal.abort("why"), AbortSignal.abort()]) {
      const scene = { turn: { signal } };
      assertAborted((await observeRun(scene)).error, signal.reason);
      const streamed = await observeStream(scene);
      assertAborted(streamed.error, signal.reason);
      assert.deepEqual(streamed.events, []);
    }
  });

  it("an abort ends codex and fails run()", async () => {
    await withFake([...endless.slice(0, 1), { touch: "up" }, { hang: true }], async (fake) => {
      const controller = new AbortController();
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const turn = thread.run("Hello", { signal: controller.signal });
      const rejected = assert.rejects(turn, (error: Failure) => {
        assertAborted(error, "enough");
        return true;
      });
      await fake.touched("up");
      controller.abort("enough");
      await rejected;
      await waitUntilGone(fake.invocations()[0]!.pid);
      assert.equal(thread.id, threadId);
    });
  });

  it("an abort ends codex and fails the events after those that arrived", async () => {
    await withFake(endless, async (fake) => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const { events } = await thread.runStreamed("Hello", { signal: controller.signal });
      const read: string[] = [];
      const failure = await (async () => {
        for await (const { type } of events) {
          read.push(type);
          if (type === "turn.started") controller.abort(reason);
        }
      })().catch((error) => error);
      assertAborted(failure, reason);
      assert.deepEqual(read, ["thread.started", "turn.started"]);
      await waitUntilGone(fake.invocations()[0]!.pid);
    });
  });

  it("AbortSignal.timeout() is an abort like any other", async () => {
    const signal = AbortSignal.timeout(1);
    const { error } = await observeRun({ plan: endless, turn: { signal } });
    assertAborted(error, signal.reason);
  });

  it("an abort after the end changes nothing", async () => {
    await withFake(answer, async (fake) => {
      const controller = new AbortController();
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const turn = await thread.run("Hello", { signal: controller.signal });
      controller.abort();
      assert.equal(turn.finalResponse, "Hi!");
      assert.equal((await thread.run("Again")).finalResponse, "Hi!");
    });
  });

  it("a signal that is not aborted changes nothing", async () => {
    const { result } = await observeRun({ turn: { signal: new AbortController().signal } });
    assert.equal(result?.finalResponse, "Hi!");
  });

  it("leaving the loop ends codex without an error", async () => {
    await withFake(endless, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const { events } = await thread.runStreamed("Hello");
      for await (const _ of events) break;
      await waitUntilGone(fake.invocations()[0]!.pid);
      assert.deepEqual(await events.next(), { done: true, value: undefined });
      assert.equal(thread.id, threadId);
    });
  });

  it("return() ends codex without an error", async () => {
    await withFake(endless, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const { events } = await thread.runStreamed("Hello");
      await events.next();
      assert.equal((await events.return(undefined)).done, true);
      await waitUntilGone(fake.invocations()[0]!.pid);
    });
  });

  it("run() leaves nothing running after turn.failed", async () => {
    const failed = { type: "turn.failed", error: { message: "no" } };
    await withFake([{ events: [started, failed] }], async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      await assert.rejects(thread.run("Hello"), { message: "no" });
      await waitUntilGone(fake.invocations()[0]!.pid);
    });
  });

  it("threads run at the same time", async () => {
    const plan: Action[] = [
      { events: [started] },
      { touch: "up" },
      { waitForFile: "go" },
      { events: [message("Hi!"), completed] },
    ];
    const waiting: Action[] = [{ waitForFile: "up" }, ...answer, { touch: "go" }];
    await withFake({ plans: [plan, waiting] }, async (fake) => {
      const codex = new Codex({ codexPathOverride: fake.path });
      const turns = await Promise.all([
        codex.startThread().run("one"),
        codex.startThread().run("two"),
      ]);
      assert.deepEqual(turns.map(({ finalResponse }) => finalResponse), ["Hi!", "Hi!"]);
    });
  });

  it("run() resolves when the process is gone", async () => {
    await withFake(answer, async (fake) => {
      await new Codex({ codexPathOverride: fake.path }).startThread().run("Hello");
      assert.equal(isAlive(fake.invocations()[0]!.pid), false);
    });
  });
});
