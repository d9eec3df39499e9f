import fc from "fast-check";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { ProtocolError } from "../src/errors.ts";
import { toThreadEvent } from "../src/protocol.ts";
import { eventSchemas, itemSchemas } from "../src/schema.ts";
import { eventTypes, isUnknownEvent, isUnknownItem, itemTypes } from "../src/unknown.ts";
import { json, mutatedEvent, threadEvent } from "./support/arbitraries.ts";

const folder = new URL("./fixtures/exec/", import.meta.url);
const recordings = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));

function refusal(object: Record<string, unknown>, line: number | null = 3): ProtocolError {
  try {
    toThreadEvent(object, line);
  } catch (error) {
    assert.ok(ProtocolError.is(error), `not a ProtocolError: ${error}`);
    return error;
  }
  assert.fail("was not refused");
}

describe("toThreadEvent()", () => {
  for (const name of recordings) {
    it(`takes every event of the recording "${name}" as it is`, () => {
      const lines = readFileSync(new URL(name, folder), "utf8").trimEnd().split("\n");
      for (const line of lines) {
        const object = JSON.parse(line);
        const event = toThreadEvent(object, 1);
        assert.equal(event, object);
        assert.deepEqual(event, JSON.parse(line));
        assert.equal(isUnknownEvent(event!), false);
        if ("item" in event!) assert.equal(isUnknownItem(event.item), false);
      }
    });
  }

  it("gives back the very object, unchanged", () => {
    fc.assert(fc.property(threadEvent, (object) => {
      const before = JSON.stringify(object);
      assert.equal(toThreadEvent(object, 1), object);
      assert.equal(JSON.stringify(object), before);
    }));
  });

  it("fills in the cache_write_input_tokens that an older codex leaves out", () => {
    const usage = { input_tokens: 1, cached_input_tokens: 0, output_tokens: 2 };
    assert.deepEqual(toThreadEvent({ type: "turn.completed", usage }, 1), {
      type: "turn.completed",
      usage: { ...usage, cache_write_input_tokens: 0 },
    });
  });

  it("takes a turn.completed without usage", () => {
    for (const object of [{ type: "turn.completed" }, { type: "turn.completed", usage: null }]) {
      assert.equal(toThreadEvent(object, 1), object);
    }
  });

  it("takes statuses and kinds of a newer codex", () => {
    const item = {
      id: "1",
      type: "file_change",
      changes: [{ path: "a", kind: "move" }],
      status: "x",
    };
    const object = { type: "item.completed", item };
    assert.equal(toThreadEvent(object, 1), object);
  });

  it("says of an object without a type that it is no event", () => {
    for (const object of [{}, { type: 1 }, { type: null }, { type: {} }, { level: "info" }]) {
      assert.equal(toThreadEvent(object, 1), null);
    }
  });

  it("passes on events and items of unknown types, whatever they hold", () => {
    fc.assert(fc.property(json, (payload) => {
      const event = { type: "future.event", item: payload, usage: payload };
      assert.equal(toThreadEvent(event, 1), event);
      const item = { type: "item.completed", item: { type: "future", id: payload, text: payload } };
      assert.equal(toThreadEvent(item, 1), item);
    }));
  });

  it("does not take the names of an object's own functions for known types", () => {
    for (const type of ["toString", "constructor", "__proto__", "hasOwnProperty", ""]) {
      const event = { type };
      assert.equal(toThreadEvent(event, 1), event);
      const item = { type: "item.started", item: { type } };
      assert.equal(toThreadEvent(item, 1), item);
    }
  });

  it("names line, path and expectation of what it refuses", () => {
    const cases: [Record<string, unknown>, string, string][] = [
      [{ type: "thread.started" }, "thread_id", 'expected "thread_id" but received undefined'],
      [{ type: "thread.started", thread_id: 7 }, "thread_id", "expected string but received 7"],
      [{ type: "turn.failed", error: "boom" }, "error", "expected Object but received a string"],
      [{ type: "item.started", item: null }, "item", "expected Object but received null"],
      [{ type: "item.started", item: {} }, "item.type", 'expected "type" but received undefined'],
      [
        { type: "item.completed", item: { id: "1", type: "agent_message", text: null } },
        "item.text",
        "expected string but received null",
      ],
      [
        {
          type: "item.updated",
          item: { id: "1", type: "todo_list", items: [{ text: "a", completed: true }, {}] },
        },
        "item.items.1.text",
        'expected "text" but received undefined',
      ],
      [
        { type: "turn.completed", usage: { input_tokens: "7" } },
        "usage.input_tokens",
        "expected number but received a string",
      ],
    ];
    for (const [object, path, expectation] of cases) {
      const error = refusal(object, 3);
      assert.equal(
        error.message,
        `Codex sent a "${object.type}" event in a shape this SDK cannot use on line 3, ` +
          `at "${path}": ${expectation}`,
      );
      assert.equal(error.line, 3);
      assert.equal(error.path, path);
    }
  });

  it("names no line where there are none", () => {
    const error = refusal({ type: "error" }, null);
    assert.match(error.message, /cannot use, at "message"/);
    assert.equal(error.line, null);
  });

  it("throws nothing but short ProtocolErrors, on whatever input", () => {
    const object = fc.oneof(
      mutatedEvent,
      json.filter((value) => typeof value === "object" && value !== null) as fc.Arbitrary<
        Record<string, unknown>
      >,
    );
    fc.assert(
      fc.property(object, (value) => {
        try {
          const event = toThreadEvent(value, 1);
          assert.ok(event === null || event === value as unknown);
        } catch (error) {
          assert.ok(ProtocolError.is(error), `not a ProtocolError: ${error}`);
          assert.match(error.message, /^Codex sent a "[a-z.]+" event in a shape .*: expected .+/);
          assert.ok(error.message.length < 500, error.message);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("quotes no value and bounds the names it quotes", () => {
    const secret = "sk-secret-".repeat(200);
    const states = { [secret]: { status: 5 } };
    const item = {
      id: "1",
      type: "collab_tool_call",
      tool: "wait",
      sender_thread_id: "a",
      receiver_thread_ids: [],
      agents_states: states,
      status: "completed",
    };
    const refused = [
      { type: "error", message: [secret] },
      { type: "error", message: { [secret]: secret } },
      { type: "turn.failed", error: secret },
      { type: "turn.failed", error: { message: { secret } } },
      { type: "item.completed", item: secret },
      { type: "item.completed", item: { type: "agent_message", id: { secret }, text: secret } },
      { type: "turn.completed", usage: { input_tokens: secret } },
      { type: "item.completed", item },
    ];
    for (const object of refused) {
      const error = refusal(object);
      assert.ok(error.message.length < 500, error.message);
      assert.equal(error.message.includes(secret), false);
      assert.equal(JSON.stringify(error).includes(secret), false);
    }
  });
});

describe("isUnknownEvent() and isUnknownItem()", () => {
  it("know the types the schemas know", () => {
    assert.deepEqual([...eventTypes].sort(), Object.keys(eventSchemas).sort());
    assert.deepEqual([...itemTypes].sort(), Object.keys(itemSchemas).sort());
  });

  it("tell what is of a newer codex", () => {
    assert.equal(isUnknownEvent({ type: "turn.paused" }), true);
    assert.equal(isUnknownEvent({ type: "toString" }), true);
    assert.equal(isUnknownEvent({ type: "error", message: "" }), false);
    assert.equal(isUnknownItem({ id: "1", type: "hologram" }), true);
    assert.equal(isUnknownItem({ id: "1", type: "error", message: "" }), false);
  });
});
