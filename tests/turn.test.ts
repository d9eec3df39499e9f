import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ThreadEvent, Usage } from "../src/events.ts";
import { emptyTurn, type Turn, TurnFold } from "../src/turn.ts";
import { threadEvent } from "./support/arbitraries.ts";

const context = { ownUsage: null, stderr: "", diagnostics: [] };

function fold(events: readonly unknown[]): TurnFold {
  const fold = new TurnFold();
  for (const event of events) fold.add(event as ThreadEvent);
  return fold;
}

function turnOf(events: readonly unknown[]): Turn {
  return fold(events).turn(context);
}

/** All of a turn, the hidden members included. */
function all(turn: Turn): Record<string, unknown> {
  return Object.fromEntries(
    Object.getOwnPropertyNames(turn).map((name) => [name, turn[name as keyof Turn]]),
  );
}

const usage: Usage = {
  input_tokens: 3,
  cached_input_tokens: 1,
  cache_write_input_tokens: 0,
  output_tokens: 2,
  reasoning_output_tokens: 1,
};

describe("TurnFold", () => {
  it("folds a turn", () => {
    const command = { id: "0", type: "command_execution", command: "ls", status: "in_progress" };
    const done = { ...command, status: "completed" };
    const turn = turnOf([
      { type: "thread.started", thread_id: "t" },
      { type: "turn.started" },
      { type: "item.started", item: command },
      { type: "item.completed", item: done },
      { type: "item.completed", item: { id: "1", type: "agent_message", text: "a" } },
      { type: "item.completed", item: { id: "2", type: "agent_message", text: "b" } },
      { type: "turn.completed", usage },
    ]);
    assert.deepEqual(all(turn), {
      items: [
        done,
        { id: "1", type: "agent_message", text: "a" },
        { id: "2", type: "agent_message", text: "b" },
      ],
      finalResponse: "b",
      usage,
      ownUsage: null,
      threadId: "t",
      unfinishedItems: [],
      stderr: "",
      diagnostics: [],
    });
  });

  it("prints, compares and serialises as the official SDK's turn", () => {
    const turn = turnOf([{ type: "turn.completed", usage }]);
    assert.deepEqual(Object.keys(turn), ["items", "finalResponse", "usage"]);
    assert.equal(JSON.stringify(turn), JSON.stringify({ items: [], finalResponse: "", usage }));
    assert.deepEqual({ ...turn }, { items: [], finalResponse: "", usage });
  });

  it("lists items in the order of their completion", () => {
    const item = (id: string) => ({ id, type: "reasoning", text: "" });
    const turn = turnOf([
      { type: "item.started", item: item("a") },
      { type: "item.started", item: item("b") },
      { type: "item.completed", item: item("b") },
      { type: "item.completed", item: item("c") },
      { type: "item.completed", item: item("a") },
    ]);
    assert.deepEqual(turn.items.map((each) => each.id), ["b", "c", "a"]);
  });

  it("keeps the latest state of items that did not complete", () => {
    const item = (id: string, text: string) => ({ id, type: "reasoning", text });
    const turn = turnOf([
      { type: "item.started", item: item("a", "1") },
      { type: "item.started", item: item("b", "1") },
      { type: "item.updated", item: item("a", "2") },
      { type: "item.completed", item: item("b", "2") },
      { type: "item.updated", item: item("c", "1") },
    ]);
    assert.deepEqual(turn.unfinishedItems, [item("a", "2"), item("c", "1")] as unknown);
  });

  it("takes the first word on how the turn ended", () => {
    const completed = { type: "turn.completed", usage };
    const failed = { type: "turn.failed", error: { message: "boom" } };
    const later = { type: "turn.failed", error: { message: "later" } };
    assert.deepEqual(fold([]).outcome, { type: "open" });
    assert.deepEqual(fold([completed, failed]).outcome, { type: "completed" });
    assert.deepEqual(fold([failed, completed, later]).outcome, { type: "failed", message: "boom" });
  });

  it("has begun once codex named the thread", () => {
    assert.equal(fold([]).hasBegun, false);
    assert.equal(fold([{ type: "turn.started" }]).hasBegun, false);
    assert.equal(fold([{ type: "thread.started", thread_id: "t" }]).hasBegun, true);
  });

  it("takes an error event for a notice", () => {
    assert.deepEqual(fold([{ type: "error", message: "Reconnecting..." }]).outcome, {
      type: "open",
    });
  });

  it("has no usage when codex reported none", () => {
    assert.equal(turnOf([{ type: "turn.completed" }]).usage, null);
    assert.equal(turnOf([]).usage, null);
  });

  it("gives a turn that later events do not change", () => {
    const fold = new TurnFold();
    fold.add({ type: "item.started", item: { id: "a", type: "reasoning", text: "" } });
    const turn = fold.turn(context);
    const before = JSON.stringify(all(turn));
    fold.add({ type: "item.completed", item: { id: "a", type: "agent_message", text: "x" } });
    fold.add({ type: "thread.started", thread_id: "t" });
    assert.equal(JSON.stringify(all(turn)), before);
  });

  it("says of any events what can be read off them", () => {
    fc.assert(fc.property(fc.array(threadEvent, { maxLength: 20 }), (given) => {
      const before = JSON.stringify(given);
      const turn = turnOf(given);
      assert.equal(JSON.stringify(given), before, "the events were changed");
      assert.equal(JSON.stringify(all(turnOf(given))), JSON.stringify(all(turn)), "not pure");

      // The model: each member said in one sentence over the whole list.
      const events = given as unknown as ThreadEvent[];
      const items = events.flatMap((each) => each.type === "item.completed" ? [each.item] : []);
      assert.deepEqual(turn.items, items);
      const messages = items.flatMap((each) => each.type === "agent_message" ? [each.text] : []);
      assert.equal(turn.finalResponse, messages.at(-1) ?? "");
      const started = events.flatMap((each) => each.type === "thread.started" ? [each] : []);
      assert.equal(turn.threadId, started.at(-1)?.thread_id ?? null);
      const ends = events.filter((each) =>
        each.type === "turn.completed" || each.type === "turn.failed"
      );
      const outcome = ends[0]?.type.replace("turn.", "") ?? "open";
      assert.equal(fold(given).outcome.type, outcome);
      const lastState = new Map(
        events.flatMap((each) => "item" in each ? [[each.item.id, each.type] as const] : []),
      );
      for (const { id } of turn.unfinishedItems) {
        assert.notEqual(lastState.get(id), "item.completed");
        lastState.delete(id);
      }
      assert.ok([...lastState.values()].every((type) => type === "item.completed"));
    }));
  });
});

describe("emptyTurn()", () => {
  it("is a turn in which nothing arrived", () => {
    assert.deepEqual(all(emptyTurn()), all(turnOf([])));
  });

  it("is a new one each time", () => {
    assert.notEqual(emptyTurn(), emptyTurn());
    assert.notEqual(emptyTurn().items, emptyTurn().items);
  });
});
