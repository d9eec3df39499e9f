import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Codex, type ThreadEvent } from "../../mod.ts";
import type { Action } from "../support/fake_codex.ts";
import {
  answer,
  completed,
  message,
  observeRun,
  observeStream,
  otherId,
  started,
  threadId,
  turnStarted,
  usage,
  withFake,
} from "./observe.ts";

const command = (status: string, exit_code: number | null, aggregated_output: string) => ({
  id: "item_1",
  type: "command_execution",
  command: "ls",
  aggregated_output,
  exit_code,
  status,
});
const failed = { type: "turn.failed", error: { message: "stream disconnected: rate limit" } };

describe("Events and results, as with the official SDK:", () => {
  it("run() resolves with the completed items, the last message and the usage", async () => {
    const last = message("Done", "item_2");
    const plan: Action[] = [{
      events: [
        started,
        turnStarted,
        message("Looking"),
        { type: "item.started", item: command("in_progress", null, "") },
        { type: "item.updated", item: command("in_progress", null, "a") },
        { type: "item.completed", item: command("completed", 0, "a\nb\n") },
        last,
        completed,
      ],
    }];
    const { result } = await observeRun({ plan });
    assert.deepEqual(result, {
      items: [message("Looking").item, command("completed", 0, "a\nb\n"), last.item],
      finalResponse: "Done",
      usage,
    });
    assert.deepEqual(Object.keys(result!), ["items", "finalResponse", "usage"]);
  });

  it("a turn without a message has an empty finalResponse", async () => {
    const { result } = await observeRun({ plan: [{ events: [started, completed] }] });
    assert.deepEqual(result, { items: [], finalResponse: "", usage });
  });

  it("cache_write_input_tokens is 0 where codex does not say", async () => {
    const { cache_write_input_tokens: _, ...older } = usage;
    const plan = [{ events: [started, { type: "turn.completed", usage: older }] }];
    const expected = { ...older, cache_write_input_tokens: 0 };
    assert.deepEqual((await observeRun({ plan })).result?.usage, expected);
    assert.deepEqual((await observeStream({ plan })).events[1], {
      type: "turn.completed",
      usage: expected,
    });
  });

  it("runStreamed() yields each event unchanged, those it does not know as well", async () => {
    const sent = [
      started,
      { type: "thread.renamed", name: "x", nested: { a: [1, null] } },
      { ...turnStarted, extra: true },
      { type: "item.started", item: { id: "item_0", type: "hologram", depth: 3 } },
      { type: "item.completed", item: { ...message("a").item, extra: [1] } },
      { type: "error", message: "Reconnecting... 1/5" },
      completed,
    ];
    const { events, error } = await observeStream({ plan: [{ events: sent }] });
    assert.equal(error, undefined);
    assert.deepEqual(events, sent);
  });

  it("runStreamed() resolves at once, and nothing is started before the first read", async () => {
    await withFake(answer, async (fake) => {
      const codex = new Codex({ codexPathOverride: fake.path });
      const unread = await codex.startThread().runStreamed("unread");
      // A whole turn goes by meanwhile.
      await codex.startThread().run("read");
      assert.deepEqual(fake.invocations().map(({ stdin }) => stdin), ["read"]);
      await unread.events.return(undefined);
      await codex.startThread().run("read, too");
      assert.deepEqual(fake.invocations().map(({ stdin }) => stdin), ["read", "read, too"]);
    });
  });

  it("the id is null until thread.started, and known from then on", async () => {
    await withFake(answer, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      assert.equal(thread.id, null);
      const { events } = await thread.runStreamed("Hello");
      assert.equal(thread.id, null);
      const first = await events.next();
      assert.deepEqual(first, { done: false, value: started });
      assert.equal(thread.id, threadId);
      for await (const _ of events);
      assert.equal(thread.id, threadId);
    });
  });

  it("a thread that is resumed has its id from the start", () => {
    const codex = new Codex({ codexPathOverride: "/nonexistent/codex" });
    assert.equal(codex.resumeThread(otherId).id, otherId);
  });

  it("run() rejects with the message of turn.failed, whatever codex exits with", async () => {
    for (const code of [0, 1]) {
      const plan: Action[] = [
        { events: [started, turnStarted, { type: "error", message: "first" }, failed] },
        { stderr: "noise" },
        { exit: code },
      ];
      const { error } = await observeRun({ plan });
      assert.ok(error instanceof Error);
      assert.equal(error.message, failed.error.message);
    }
  });

  it("runStreamed() yields turn.failed and then throws when codex exits with 1", async () => {
    const plan: Action[] = [{ events: [started, failed] }, { exit: 1 }];
    const { events, error } = await observeStream({ plan });
    assert.deepEqual(events, [started, failed]);
    assert.ok(error instanceof Error);
  });

  it("error events and error items are no failures", async () => {
    const item = { id: "item_9", type: "error", message: "odd" };
    const plan: Action[] = [{
      events: [
        started,
        { type: "error", message: "Reconnecting... 1/2 (timeout)" },
        { type: "item.completed", item },
        message("Hi!"),
        completed,
      ],
    }];
    const { result } = await observeRun({ plan });
    assert.deepEqual(result?.items, [item, message("Hi!").item]);
    assert.equal(result?.finalResponse, "Hi!");
  });

  it("an exit with another code than 0 fails the turn and quotes stderr", async () => {
    const plan: Action[] = [{ events: [started] }, { stderr: "line\nboom\n" }, { exit: 7 }];
    for (const { error } of [await observeRun({ plan }), await observeStream({ plan })]) {
      assert.match(error!.message, /^Codex Exec exited with code 7\b[^]*: line\nboom/);
    }
  });

  it("an exit with another code than 0 fails the turn even when it was completed", async () => {
    const plan: Action[] = [...answer, { stderr: "boom" }, { exit: 2 }];
    const { error } = await observeRun({ plan });
    assert.equal(error?.message, "Codex Exec exited with code 2: boom");
    const streamed = await observeStream({ plan });
    assert.equal(streamed.events.length, 4);
    assert.equal(streamed.error?.message, "Codex Exec exited with code 2: boom");
  });

  it("an end by a signal fails the turn and names the signal", async () => {
    const { error } = await observeRun({ plan: [{ events: [started] }, { kill: "SIGKILL" }] });
    assert.match(error!.message, /^Codex Exec exited with signal SIGKILL/);
  });

  it("stderr is no failure", async () => {
    const { result } = await observeRun({ plan: [{ stderr: "WARN odd\n" }, ...answer] });
    assert.equal(result?.finalResponse, "Hi!");
  });

  it("lines may end in CRLF, the last one in nothing, and characters may be split", async () => {
    const lines = [started, message("Grüße 👋"), completed].map((event) => JSON.stringify(event));
    for (const text of [lines.join("\r\n"), lines.join("\n") + "\r\n"]) {
      const { events, error } = await observeStream({ plan: [{ oneByteAtATime: text }] });
      assert.equal(error, undefined);
      assert.deepEqual(events, [started, message("Grüße 👋"), completed]);
    }
  });

  it("a line of 8 MiB arrives whole", async () => {
    const text = "x".repeat(8 * 1024 * 1024);
    const { result } = await observeRun({
      plan: [{ events: [started, message(text), completed] }],
    });
    assert.equal(result?.finalResponse === text, true);
  });

  it("the events are an async generator: read by hand, by a loop, or one after the other", async () => {
    await withFake(answer, async (fake) => {
      const codex = new Codex({ codexPathOverride: fake.path });
      const { events } = await codex.startThread().runStreamed("Hello");
      assert.equal(events[Symbol.asyncIterator](), events);
      const read: (ThreadEvent | undefined)[] = [(await events.next()).value];
      for await (const event of events) read.push(event);
      assert.deepEqual(read.map((event) => event?.type), [
        "thread.started",
        "turn.started",
        "item.completed",
        "turn.completed",
      ]);
      assert.deepEqual(await events.next(), { done: true, value: undefined });
      for await (const _ of events) assert.fail("There are no more events");
    });
  });

  it("several reads can be asked for at once", async () => {
    await withFake(answer, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const { events } = await thread.runStreamed("Hello");
      const read = await Promise.all(Array.from({ length: 6 }, () => events.next()));
      assert.deepEqual(read.map(({ done }) => done), [false, false, false, false, true, true]);
      assert.deepEqual(read[0]?.value, started);
      assert.deepEqual(read[3]?.value, completed);
    });
  });

  it("throw() ends the turn and rejects with what it was given", async () => {
    await withFake([{ event: started }, { hang: true }], async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const { events } = await thread.runStreamed("Hello");
      await events.next();
      const reason = new Error("enough");
      await assert.rejects(events.throw(reason), reason);
      assert.deepEqual(await events.next(), { done: true, value: undefined });
    });
  });

  it("a turn can follow as soon as turn.completed was read, with the events left as they are", async () => {
    await withFake(answer, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const { events } = await thread.runStreamed("one");
      let event: ThreadEvent | undefined;
      do event = (await events.next()).value || undefined; while (event?.type !== "turn.completed");
      await thread.run("two");
      assert.deepEqual(fake.invocations().map(({ stdin }) => stdin), ["one", "two"]);
    });
  });
});
