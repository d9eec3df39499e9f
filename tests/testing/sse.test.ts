import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  applyPatch,
  disconnect,
  failure,
  Gate,
  hold,
  httpError,
  incomplete,
  mcpCall,
  message,
  type ModelTurn,
  rawItem,
  reasoning,
  repeat,
  shell,
  turn,
  usage,
  webSearch,
} from "../../src/testing/mod.ts";
import { encodeEvent, responseEvents } from "../../src/testing/sse.ts";

// deno-lint-ignore no-explicit-any
function eventsOf(script: ModelTurn): any[] {
  let count = 0;
  return [...responseEvents(script, (prefix) => `${prefix}_${++count}`)];
}

describe("encodeEvent()", () => {
  it("writes the type and one line of data", () => {
    assert.equal(
      encodeEvent({ type: "response.output_text.delta", delta: "a\nb\u2028" }),
      'event: response.output_text.delta\ndata: {"type":"response.output_text.delta",' +
        '"delta":"a\\nb\u2028"}\n\n',
    );
  });
});

describe("responseEvents()", () => {
  it("streams a message in its deltas, numbered throughout", () => {
    const events = eventsOf(turn(message("All done", { deltas: ["All ", "done"] })));
    assert.deepEqual(events.map(({ type }) => type), [
      "response.created",
      "response.output_item.added",
      "response.output_text.delta",
      "response.output_text.delta",
      "response.output_text.done",
      "response.output_item.done",
      "response.completed",
    ]);
    assert.deepEqual(events.map((event) => event.sequence_number), [0, 1, 2, 3, 4, 5, 6]);
    assert.deepEqual(events[2], {
      type: "response.output_text.delta",
      sequence_number: 2,
      output_index: 0,
      item_id: "msg_2",
      content_index: 0,
      delta: "All ",
    });
    assert.deepEqual(events[5].item, {
      type: "message",
      id: "msg_2",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: "All done", annotations: [] }],
    });
    assert.deepEqual(events[6].response.usage, {
      input_tokens: 42,
      input_tokens_details: { cached_tokens: 12, cache_write_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 47,
    });
  });

  it("sends several items in one response", () => {
    const raw = { type: "image_generation_call", id: "ig_1" };
    const events = eventsOf(turn(
      reasoning("a", "b"),
      shell("ls", { workdir: "/" }, { callId: "call_ls" }),
      applyPatch("*** Begin Patch"),
      mcpCall("demo", "add", { a: 1 }),
      webSearch("weather"),
      rawItem(raw),
      usage({ input_tokens: 1 }),
    ));
    const items = events.filter(({ type }) => type === "response.output_item.done");
    assert.deepEqual(items.map(({ output_index }) => output_index), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(items.map(({ item }) => item), [
      {
        type: "reasoning",
        id: "rs_2",
        summary: [{ type: "summary_text", text: "a" }, { type: "summary_text", text: "b" }],
      },
      {
        type: "function_call",
        id: "fc_3",
        call_id: "call_ls",
        name: "exec_command",
        arguments: '{"cmd":"ls","workdir":"/"}',
        status: "completed",
      },
      {
        type: "custom_tool_call",
        id: "ctc_4",
        call_id: "call_5",
        name: "apply_patch",
        input: "*** Begin Patch",
        status: "completed",
      },
      {
        type: "function_call",
        id: "fc_6",
        call_id: "call_7",
        name: "add",
        namespace: "mcp__demo",
        arguments: '{"a":1}',
        status: "completed",
      },
      {
        type: "web_search_call",
        id: "ws_8",
        status: "completed",
        action: { type: "search", query: "weather" },
      },
      raw,
    ]);
    assert.equal(events.at(-1).response.usage.input_tokens, 1);
    assert.equal(events.at(-1).response.usage.output_tokens, 5);
  });

  it("ends with a failure, an incomplete response or a disconnect", () => {
    const failed = eventsOf(turn(message("a"), failure("rate_limit_exceeded", "Slow down")));
    assert.deepEqual([failed.at(-1).type, failed.at(-1).response.error], [
      "response.failed",
      { code: "rate_limit_exceeded", message: "Slow down" },
    ]);
    const unfinished = eventsOf(turn(message("a"), incomplete()));
    assert.deepEqual([unfinished.at(-1).type, unfinished.at(-1).response.incomplete_details], [
      "response.incomplete",
      { reason: "max_output_tokens" },
    ]);
    const cut = eventsOf(turn(message("ab", { deltas: ["a", disconnect()] })));
    assert.deepEqual(cut.slice(-2).map(({ type }) => type), [
      "response.output_text.delta",
      "disconnect",
    ]);
  });

  it("passes holds on where they stand", () => {
    const gate = new Gate();
    const events = eventsOf(turn(hold(gate), message("ab", { deltas: ["a", hold(gate), "b"] })));
    assert.deepEqual(
      events.flatMap(({ type }, index) => type === "hold" ? [index] : []),
      [1, 4],
    );
  });
});

describe("turn() and the other builders", () => {
  it("refuse what makes no response", () => {
    assert.throws(() => turn(failure("x"), message("a")), /nothing can follow "failure"/);
    assert.throws(() => turn(message("a"), httpError(500)), /can come before "http_error"/);
    assert.throws(() => turn(usage({}), usage({})), /"usage" is given more than once/);
    assert.throws(() => message("ab", { deltas: ["a"] }), /deltas join to "a", not to "ab"/);
    assert.throws(() => httpError(200), /status 200 is not 400 to 599/);
    assert.throws(() => repeat(message("a"), 0), /"times" is 0, not a positive whole number/);
  });
});
