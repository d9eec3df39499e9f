import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mergeDeltas, sizeOf } from "../../src/app_server/delta_merging.ts";
import type { LiveEvent } from "../../src/live_events.ts";
import { json } from "../support/arbitraries.ts";

function message(delta: string, item_id = "msg_1"): LiveEvent {
  return { type: "item.agent_message.delta", item_id, delta };
}

/** A queue that merges whatever can be merged. */
function queueOf(events: LiveEvent[]): LiveEvent[] {
  const pending: LiveEvent[] = [];
  for (const event of events) if (!mergeDeltas(pending, event)) pending.push(event);
  return pending;
}

const item_id = fc.constantFrom("a", "b");
const delta = fc.string({ maxLength: 4 });
const index = fc.nat(1);
const plainEvent = fc.oneof(
  fc.record({ type: fc.constant("item.agent_message.delta"), item_id, delta }),
  fc.record({ type: fc.constant("item.command_execution.output_delta"), item_id, delta }),
  fc.record({ type: fc.constant("item.plan.delta"), item_id, delta }),
  fc.record({
    type: fc.constant("item.reasoning.summary_text_delta"),
    item_id,
    delta,
    summary_index: index,
  }),
  fc.record({
    type: fc.constant("item.reasoning.text_delta"),
    item_id,
    delta,
    content_index: index,
  }),
  fc.record({ type: fc.constant("turn.diff.updated"), diff: delta }),
  fc.record({ type: fc.constant("notification"), method: delta, params: json }),
) as fc.Arbitrary<LiveEvent>;
const anyEvent = fc.oneof(
  { arbitrary: plainEvent, weight: 3 },
  fc.record({ type: fc.constant("subagent" as const), thread_id: item_id, event: plainEvent }),
);

/** Every letter of every delta and every other event, in order, each with where it belongs. */
function told(events: LiveEvent[]): string[] {
  return events.flatMap((event) => {
    const inner = event.type === "subagent" ? event.event : event;
    if (!("delta" in inner)) return [JSON.stringify(event)];
    const { delta, ...rest } = inner;
    const owner = event.type === "subagent" ? event.thread_id : "";
    return delta.split("").map((letter) => JSON.stringify([owner, rest, letter]));
  });
}

describe("mergeDeltas()", () => {
  it("merges what follows of the same item", () => {
    assert.deepEqual(queueOf([message("a"), message("b"), message("c")]), [message("abc")]);
  });

  it("keeps items, kinds and parts apart", () => {
    const apart: LiveEvent[] = [
      message("a", "1"),
      message("b", "2"),
      message("c", "1"),
      { type: "item.plan.delta", item_id: "1", delta: "d" },
      { type: "item.reasoning.summary_text_delta", item_id: "1", delta: "e", summary_index: 0 },
      { type: "item.reasoning.summary_text_delta", item_id: "1", delta: "f", summary_index: 1 },
      { type: "item.reasoning.text_delta", item_id: "1", delta: "g", content_index: 1 },
      { type: "item.reasoning.text_delta", item_id: "1", delta: "h", content_index: 0 },
      { type: "subagent", thread_id: "T", event: message("i", "1") },
      { type: "subagent", thread_id: "U", event: message("j", "1") },
    ];
    assert.deepEqual(queueOf(apart), apart);
  });

  it("merges within a sub-agent", () => {
    const event = (delta: string): LiveEvent => ({
      type: "subagent",
      thread_id: "T",
      event: message(delta),
    });
    assert.deepEqual(queueOf([event("a"), event("b")]), [event("ab")]);
  });

  it("does not change the events it was given", () => {
    const events = [message("a"), message("b")];
    queueOf(events);
    assert.deepEqual(events, [message("a"), message("b")]);
  });

  it("begins anew when a delta is long", () => {
    const events = Array.from({ length: 100_000 }, () => message("ab"));
    const merged = queueOf(events);
    assert.ok(merged.length > 1 && merged.length < 10, `${merged.length} events`);
    assert.equal(merged.map((event) => "delta" in event && event.delta).join(""), "ab".repeat(1e5));
  });

  it("does not begin anew within a character", () => {
    const long = "x".repeat(64 * 1024 - 1);
    assert.equal(queueOf([message(`${long}\ud83d`), message("\ude00"), message("y")]).length, 2);
  });

  it("changes neither what is told nor the order", () => {
    fc.assert(fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
      const merged = queueOf(events);
      assert.deepEqual(told(merged), told(events));
      for (let at = 1; at < merged.length; at++) {
        assert.equal(mergeDeltas([merged[at - 1]!], merged[at]!), false);
      }
    }));
  });
});

describe("sizeOf()", () => {
  it("counts the texts of an event, wherever they are", () => {
    const text = "x".repeat(10_000);
    const events: LiveEvent[] = [
      message(text),
      { type: "subagent", thread_id: "T", event: message(text) },
      { type: "turn.diff.updated", diff: text },
      { type: "item.completed", item: { id: "1", type: "agent_message", text } },
      { type: "notification", method: "x", params: { a: [{ b: text }] } },
    ];
    for (const event of events) {
      assert.ok(sizeOf(event) >= 10_000 && sizeOf(event) < 11_000, `${sizeOf(event)}`);
    }
  });

  it("counts an event that says nothing", () => {
    assert.ok(sizeOf({ type: "turn.started" }) > 0);
    assert.ok(sizeOf(message("")) > 0);
  });

  it("counts at least what is left of merged deltas", () => {
    fc.assert(fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
      const size = (list: LiveEvent[]): number => list.reduce((sum, each) => sum + sizeOf(each), 0);
      assert.ok(size(queueOf(events)) <= size(events));
    }));
  });

  it("counts values however deeply they are nested", () => {
    const depth = 100_000;
    const params = { value: JSON.parse("[".repeat(depth) + "]".repeat(depth)) };
    assert.ok(sizeOf({ type: "notification", method: "x", params }) > depth);
  });
});
