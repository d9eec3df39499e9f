import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EventBuffer } from "../../src/app_server/event_buffer.ts";
import type { LiveEvent } from "../../src/live_events.ts";
import { inCharacters } from "../support/memory_server.ts";
import { Outcome } from "../support/outcome.ts";
import { settled } from "../support/virtual_clock.ts";

const message = (id: string, text = ""): LiveEvent => ({
  type: "item.completed",
  item: { id, type: "agent_message", text },
});
const delta = (text: string, id = "m"): LiveEvent => ({
  type: "item.agent_message.delta",
  item_id: id,
  delta: text,
});

describe("EventBuffer", () => {
  it("gives what waits, in order, then waits for more", async () => {
    const buffer = new EventBuffer(10_000);
    buffer.push(message("a"));
    buffer.push(message("b"));
    assert.deepEqual(await buffer.take(), [message("a"), message("b")]);
    const next = buffer.take();
    assert.equal(buffer.isAwaited, true);
    buffer.push(message("c"));
    assert.equal(buffer.isAwaited, false);
    assert.deepEqual(await next, [message("c")]);
  });

  it("ends after the last event", async () => {
    const buffer = new EventBuffer(10_000);
    buffer.push(message("a"));
    buffer.end();
    assert.deepEqual(await buffer.take(), [message("a")]);
    assert.equal(await buffer.take(), null);
    assert.equal(await buffer.take(), null);
  });

  it("raises its error after the last event", async () => {
    for (const error of [new Error("boom"), undefined]) {
      const buffer = new EventBuffer(10_000);
      buffer.push(message("a"));
      buffer.end({ error });
      assert.deepEqual(await buffer.take(), [message("a")]);
      await assert.rejects(buffer.take(), (thrown) => thrown === error);
    }
  });

  it("ends a wait", async () => {
    const buffer = new EventBuffer(10_000);
    const outcome = new Outcome(buffer.take());
    buffer.end({ error: "x" });
    await settled();
    assert.equal(outcome.error, "x");
  });

  it("ends once: the first end counts", async () => {
    const buffer = new EventBuffer(10_000);
    buffer.end();
    buffer.end({ error: "late" });
    assert.equal(await buffer.take(), null);
  });

  it("gives a sign of life as no events, once, and only where there are none", async () => {
    const buffer = new EventBuffer(10_000);
    const next = buffer.take();
    buffer.signOfLife();
    assert.deepEqual(await next, []);
    const outcome = new Outcome(buffer.take());
    await settled();
    assert.equal(outcome.state, "pending");
    buffer.push(message("a"));
    buffer.signOfLife();
    await settled();
    assert.deepEqual(outcome.value, [message("a")]);
    assert.deepEqual(new Outcome(buffer.take()).state, "pending");
  });

  it("forgets what waits when told to", async () => {
    const buffer = new EventBuffer(10_000);
    buffer.push(message("a", "x".repeat(9000)));
    buffer.clear();
    assert.equal(buffer.push(message("b", "x".repeat(9000))), true);
    assert.equal((await buffer.take())?.length, 1);
  });

  it("makes one of the deltas of an item that wait", async () => {
    const buffer = new EventBuffer(10_000);
    for (const text of ["a", "b", "c"]) buffer.push(delta(text));
    buffer.push(delta("d", "other"));
    buffer.push(delta("e"));
    assert.deepEqual(await buffer.take(), [delta("abc"), delta("d", "other"), delta("e")]);
  });

  it("leaves alone what was read, and what was given", async () => {
    const buffer = new EventBuffer(10_000);
    const first = delta("a");
    buffer.push(first);
    buffer.push(delta("b"));
    const read = await buffer.take();
    buffer.push(delta("c"));
    assert.deepEqual(first, delta("a"));
    assert.deepEqual(read, [delta("ab")]);
    assert.deepEqual(await buffer.take(), [delta("c")]);
  });

  it("refuses what is more than may wait, and all that comes after it", async () => {
    const buffer = new EventBuffer(3000);
    const accepted = Array.from(
      { length: 10 },
      (_, index) => buffer.push(message(`${index}`, "x".repeat(800))),
    );
    const count = accepted.indexOf(false);
    assert.ok(count >= 2 && count <= 3, `${count}`);
    assert.equal(accepted.lastIndexOf(true), count - 1);
    assert.equal(buffer.isFull, true);
    assert.equal((await buffer.take())?.length, count);
    // There would be a gap.
    assert.equal(buffer.push(message("late")), false);
    buffer.end({ error: "full" });
    await assert.rejects(buffer.take(), (error) => error === "full");
  });

  it("has room again when it was read", async () => {
    const buffer = new EventBuffer(3000);
    for (let i = 0; i < 50; i++) {
      assert.equal(buffer.push(message("a", "x".repeat(1000))), true);
      assert.equal(buffer.push(message("b", "x".repeat(500))), true);
      assert.equal((await buffer.take())?.length, 2);
    }
  });

  it("takes one event of any size where none waits", async () => {
    const buffer = new EventBuffer(0);
    assert.equal(buffer.push(message("a", "x".repeat(5000))), true);
    assert.equal(buffer.push(message("b")), false);
    assert.equal((await buffer.take())?.length, 1);
  });

  it("loses nothing, repeats nothing and keeps to its budget, however it is read", async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.tuple(fc.constantFrom("m", "n"), fc.string({ maxLength: 400 })) },
      { weight: 2, arbitrary: fc.constant("take" as const) },
      { weight: 1, arbitrary: fc.constant("message" as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const buffer = new EventBuffer(4000);
        const pushed: LiveEvent[] = [];
        const read: LiveEvent[] = [];
        for (const step of steps) {
          if (step === "take") {
            if (pushed.length > 0) buffer.signOfLife();
            else continue;
            const events = (await buffer.take())!;
            assert.ok(JSON.stringify(events).length < 4000 + 200);
            read.push(...events);
            continue;
          }
          const event = step === "message" ? message("i") : delta(step[1], step[0]);
          if (buffer.push(event)) pushed.push(event);
        }
        buffer.end();
        for (let events; (events = await buffer.take()) !== null;) read.push(...events);
        assert.deepEqual(inCharacters(read), inCharacters(pushed));
      }),
      { numRuns: 100 },
    );
  });
});
