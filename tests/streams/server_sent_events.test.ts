import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AbortError, type ThreadEvent } from "../../mod.ts";
import { EventStream, ServerSentEventsStream } from "../../src/streams/mod.ts";

function streamOf(...events: ThreadEvent[]): ReadableStream<ThreadEvent> {
  return new ReadableStream({
    start(controller) {
      for (const event of events) controller.enqueue(event);
      controller.close();
    },
  });
}

async function sent(...events: ThreadEvent[]): Promise<string> {
  const body = streamOf(...events).pipeThrough(new ServerSentEventsStream());
  return await new Response(body).text();
}

describe("ServerSentEventsStream", () => {
  it("writes each event as a frame with its type and its JSON", async () => {
    assert.equal(
      await sent({ type: "thread.started", thread_id: "t-1" }, { type: "turn.started" }),
      'event: thread.started\ndata: {"type":"thread.started","thread_id":"t-1"}\n\n' +
        'event: turn.started\ndata: {"type":"turn.started"}\n\n',
    );
  });

  it("keeps every character of a text, and every frame to three lines", async () => {
    const message = "a\nb\r\nc\rd\u2028e\u2029f\u0085g \u{1F600} \ud800 ü";
    const text = await sent({ type: "error", message });
    assert.equal(text.split(/[\r\n\u2028\u2029]/).length, 4);
    const data = /^data: (.+)$/m.exec(text)![1]!;
    assert.deepEqual(JSON.parse(data), { type: "error", message });
  });

  it("lets no type forge a field", async () => {
    const event = { type: "x\r\n\ndata: forged\n\n" } as unknown as ThreadEvent;
    const lines = (await sent(event)).split("\n");
    assert.deepEqual([lines.length, lines[0]], [4, "event: x data: forged "]);
    assert.deepEqual(JSON.parse(lines[1]!.slice("data: ".length)), event);
  });

  it("passes each event on at once", async () => {
    const batches: Promise<ThreadEvent[]>[] = [
      Promise.resolve([{ type: "turn.started" }]),
      new Promise(() => {}),
    ];
    const events = new EventStream<ThreadEvent>({
      pull: () => batches.shift()!,
      cancel: () => Promise.resolve(),
    });
    const reader = events.pipeThrough(new ServerSentEventsStream()).getReader();
    const { value } = await reader.read();
    assert.match(new TextDecoder().decode(value), /^event: turn\.started\n/);
    await reader.cancel();
  });

  it("cancels the turn when its reader goes away", async () => {
    const cancelled = Promise.withResolvers<unknown>();
    const events = new EventStream<ThreadEvent>({
      pull: () => new Promise(() => {}),
      cancel: (reason) => Promise.resolve(cancelled.resolve(reason)),
    });
    const reason = new Error("The client went away");
    await events.pipeThrough(new ServerSentEventsStream()).cancel(reason);
    assert.equal(await cancelled.promise, reason);
  });

  for (
    const [title, failure, error] of [
      ["an error of the SDK", new AbortError("left\nearly"), {
        name: "AbortError",
        code: "ABORT_ERR",
        message: "The operation was aborted",
      }],
      ["another error", new TypeError("It failed"), { name: "TypeError", message: "It failed" }],
      ["what is no error", "It failed", { name: "Error", message: "It failed" }],
      ["what cannot be shown", Object.create(null), {
        name: "Error",
        message: "a value that cannot be shown",
      }],
    ] as const
  ) {
    it(`ends with a frame of its own when the events fail with ${title}`, async () => {
      const batches: (() => readonly ThreadEvent[])[] = [
        () => [{ type: "turn.started" }],
        () => {
          throw failure;
        },
      ];
      const events = new EventStream<ThreadEvent>({
        // deno-lint-ignore require-await
        pull: async () => batches.shift()!(),
        cancel: () => Promise.resolve(),
      });
      // Told late, as a slow client would be: nothing may be lost by then.
      const body = events.pipeThrough(new ServerSentEventsStream());
      await new Promise((resolve) => setImmediate(resolve));
      const text = await new Response(body).text();
      const [first, last, ...rest] = text.split("\n\n");
      assert.equal(first, 'event: turn.started\ndata: {"type":"turn.started"}');
      const data = /^event: request\.failed\ndata: (.+)$/.exec(last!)![1]!;
      assert.deepEqual(JSON.parse(data), { error });
      assert.deepEqual(rest, [""]);
    });
  }
});
