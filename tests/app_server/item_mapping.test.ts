import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type DynamicToolCallItem,
  isDynamicToolCall,
  toThreadItem,
} from "../../src/app_server/item_mapping.ts";
import { ProtocolError } from "../../src/errors.ts";
import type { ThreadItem } from "../../src/items.ts";
import { toThreadEvent } from "../../src/protocol.ts";
import { isUnknownItem } from "../../src/unknown.ts";
import { appServerRecording } from "../support/app_server_recordings.ts";
import { json } from "../support/arbitraries.ts";

const place = { method: "item/completed", path: "item" };

function map(item: Record<string, unknown>): ThreadItem | null {
  return toThreadItem(item, place);
}

function refusal(item: Record<string, unknown>): ProtocolError {
  try {
    map(item);
  } catch (error) {
    assert.ok(ProtocolError.is(error), `not a ProtocolError: ${error}`);
    return error;
  }
  assert.fail("was not refused");
}

/** As the app-server sends them, without what is not read. */
const samples = {
  agentMessage: { type: "agentMessage", id: "msg_1", text: "hello", phase: null },
  reasoning: { type: "reasoning", id: "rs_1", summary: ["**One**", "**Two**"], content: [] },
  commandExecution: {
    type: "commandExecution",
    id: "call_1",
    command: "ls",
    cwd: "/w",
    status: "declined",
    aggregatedOutput: null,
    exitCode: null,
  },
  fileChange: {
    type: "fileChange",
    id: "call_2",
    changes: [
      { path: "/w/a", kind: { type: "update", move_path: "/w/b" }, diff: "@@" },
      { path: "/w/c", kind: { type: "delete" }, diff: "" },
    ],
    status: "inProgress",
  },
  mcpToolCall: {
    type: "mcpToolCall",
    id: "call_3",
    server: "demo",
    tool: "add",
    status: "completed",
    arguments: { a: 1 },
    result: { content: [{ type: "text", text: "1" }], structuredContent: null, _meta: null },
    error: null,
  },
  collabAgentToolCall: {
    type: "collabAgentToolCall",
    id: "call_4",
    tool: "sendInput",
    status: "inProgress",
    senderThreadId: "T",
    receiverThreadIds: ["U"],
    prompt: "go on",
    agentsStates: { U: { status: "notFound", message: null } },
  },
  webSearch: {
    type: "webSearch",
    id: "ws_1",
    query: "x",
    action: { type: "findInPage", url: "https://example.com/", pattern: null },
    results: null,
  },
  dynamicToolCall: {
    type: "dynamicToolCall",
    id: "call_5",
    namespace: null,
    tool: "lookup",
    arguments: { id: 1 },
    status: "completed",
    contentItems: [
      { type: "inputText", text: "one" },
      { type: "inputImage", imageUrl: "data:image/png;base64,AA==" },
      { type: "inputText", text: "two" },
    ],
    success: true,
  },
};

describe("toThreadItem()", () => {
  it("maps a message", () => {
    assert.deepEqual(map(samples.agentMessage), {
      id: "msg_1",
      type: "agent_message",
      text: "hello",
    });
  });

  it("joins the parts of a reasoning summary as exec does", () => {
    assert.deepEqual(map(samples.reasoning), {
      id: "rs_1",
      type: "reasoning",
      text: "**One**\n**Two**",
    });
  });

  it("maps a command that has no output", () => {
    assert.deepEqual(map(samples.commandExecution), {
      id: "call_1",
      type: "command_execution",
      command: "ls",
      aggregated_output: "",
      exit_code: null,
      status: "declined",
    });
  });

  it("tells of a change its path and kind; a move is an update", () => {
    assert.deepEqual(map(samples.fileChange), {
      id: "call_2",
      type: "file_change",
      changes: [{ path: "/w/a", kind: "update" }, { path: "/w/c", kind: "delete" }],
      status: "in_progress",
    });
  });

  it("maps a call to an MCP tool, with _meta where there is one", () => {
    const item = {
      id: "call_3",
      type: "mcp_tool_call",
      server: "demo",
      tool: "add",
      arguments: { a: 1 },
      result: { content: [{ type: "text", text: "1" }], structured_content: null },
      error: null,
      status: "completed",
    };
    assert.deepEqual(map(samples.mcpToolCall), item);
    const result = { ...samples.mcpToolCall.result, structuredContent: { b: 1 }, _meta: { c: 2 } };
    assert.deepEqual(map({ ...samples.mcpToolCall, result }), {
      ...item,
      result: { ...item.result, structured_content: { b: 1 }, _meta: { c: 2 } },
    });
    assert.deepEqual(
      map({ ...samples.mcpToolCall, status: "failed", result: null, error: { message: "no" } }),
      { ...item, status: "failed", result: null, error: { message: "no" } },
    );
  });

  it("maps a call that concerns other agents", () => {
    assert.deepEqual(map(samples.collabAgentToolCall), {
      id: "call_4",
      type: "collab_tool_call",
      tool: "send_input",
      sender_thread_id: "T",
      receiver_thread_ids: ["U"],
      prompt: "go on",
      agents_states: { U: { status: "not_found", message: null } },
      status: "in_progress",
    });
  });

  it("takes an agent named __proto__ for what it is", () => {
    const agentsStates = JSON.parse('{"__proto__":{"status":"running"}}');
    const item = map({ ...samples.collabAgentToolCall, agentsStates });
    assert.equal(
      JSON.stringify(item).includes('{"__proto__":{"status":"running","message":null}}'),
      true,
    );
  });

  it("maps a web search without what is null", () => {
    assert.deepEqual(map(samples.webSearch), {
      id: "ws_1",
      type: "web_search",
      query: "x",
      action: { type: "find_in_page", url: "https://example.com/" },
    });
    assert.deepEqual(map({ type: "webSearch", id: "ws_1" }), {
      id: "ws_1",
      type: "web_search",
      query: "",
      action: { type: "other" },
    });
  });

  it("maps a call to a tool of the program", () => {
    const item = map(samples.dynamicToolCall)!;
    assert.ok(isDynamicToolCall(item));
    // The types agree: a guard that leaves nothing would not compile.
    const call: DynamicToolCallItem = item;
    assert.deepEqual(call, {
      id: "call_5",
      type: "dynamic_tool_call",
      tool: "lookup",
      namespace: null,
      arguments: { id: 1 },
      status: "completed",
      success: true,
      text: "one\ntwo",
      content: [
        { type: "text", text: "one" },
        { type: "image", url: "data:image/png;base64,AA==" },
        { type: "text", text: "two" },
      ],
    });
    assert.equal(isUnknownItem(item as ThreadItem), true);
    const started = { ...samples.dynamicToolCall, status: "inProgress", contentItems: null };
    const running = map({ ...started, success: null })!;
    assert.ok(isDynamicToolCall(running));
    assert.equal(running.status, "in_progress");
    assert.equal(running.success, null);
    assert.equal(running.text, null);
    assert.equal(running.content, null);
  });

  for (
    const type of [
      "userMessage",
      "hookPrompt",
      "functionCallOutput",
      "plan",
      "subAgentActivity",
      "imageView",
      "imageGeneration",
      "sleep",
      "enteredReviewMode",
      "exitedReviewMode",
      "contextCompaction",
    ]
  ) {
    it(`has nothing for ${type}, as exec has not`, () => {
      assert.equal(map({ type, id: "x" }), null);
    });
  }

  it("passes an item that is not known, its type in the manner of the others", () => {
    const item = map({ type: "holoDeckScene", id: "h_1", sceneName: "x", depth: { z: 1 } })!;
    assert.deepEqual(item as unknown, {
      type: "holo_deck_scene",
      id: "h_1",
      sceneName: "x",
      depth: { z: 1 },
    });
    assert.equal(isUnknownItem(item), true);
    assert.equal(isDynamicToolCall(item), false);
  });

  it("does not pass an item that would be taken for another", () => {
    for (const type of ["error", "todoList", "todo_list", "collabToolCall", "dynamic_tool_call"]) {
      assert.equal(map({ type, id: "x" }), null);
    }
  });

  it("passes words that are not known", () => {
    const command = { ...samples.commandExecution, status: "waitingForUser" };
    assert.equal((map(command) as { status: string }).status, "waiting_for_user");
    const changes = [{ path: "a", kind: { type: "chmodOnly" } }];
    assert.deepEqual(map({ ...samples.fileChange, changes, status: "undone" }) as unknown, {
      id: "call_2",
      type: "file_change",
      changes: [{ path: "a", kind: "chmod_only" }],
      status: "undone",
    });
    const contentItems = [{ type: "inputSmell", smell: "roses" }];
    const call = map({ ...samples.dynamicToolCall, contentItems })!;
    assert.deepEqual(isDynamicToolCall(call) && call.content as unknown, contentItems);
  });

  it("does without members that older or newer versions leave out", () => {
    const { aggregatedOutput: _, exitCode: __, ...command } = samples.commandExecution;
    assert.deepEqual(map(command), map(samples.commandExecution));
    const { prompt: _p, agentsStates: _a, receiverThreadIds: _r, ...collab } =
      samples.collabAgentToolCall;
    assert.deepEqual(map(collab), {
      ...map(samples.collabAgentToolCall),
      prompt: null,
      agents_states: {},
      receiver_thread_ids: [],
    });
    assert.deepEqual(map({ type: "reasoning", id: "rs_1" }), {
      id: "rs_1",
      type: "reasoning",
      text: "",
    });
    const { arguments: _args, result: _result, error: _error, ...call } = samples.mcpToolCall;
    assert.deepEqual(map(call), { ...map(samples.mcpToolCall), arguments: null, result: null });
  });

  const refused: [string, Record<string, unknown>, string][] = [
    ["item.id", { type: "agentMessage", text: "" }, "string but received undefined"],
    ["item.type", { id: "x" }, "string but received undefined"],
    ["item.text", { ...samples.agentMessage, text: 5 }, "string but received 5"],
    ["item.summary", { ...samples.reasoning, summary: "s" }, "Array but received a string"],
    ["item.summary.1", { ...samples.reasoning, summary: ["", {}] }, "string but received Object"],
    ["item.command", { ...samples.commandExecution, command: ["ls"] }, "string but received Array"],
    [
      "item.exitCode",
      { ...samples.commandExecution, exitCode: "0" },
      "number but received a string",
    ],
    ["item.changes", { ...samples.fileChange, changes: null }, "Array but received null"],
    ["item.changes.0", { ...samples.fileChange, changes: [1] }, "Object but received 1"],
    [
      "item.changes.0.kind",
      { ...samples.fileChange, changes: [{ path: "a" }] },
      "Object but received undefined",
    ],
    [
      "item.changes.0.kind.type",
      { ...samples.fileChange, changes: [{ path: "a", kind: {} }] },
      "string but received undefined",
    ],
    [
      "item.result.content",
      { ...samples.mcpToolCall, result: { content: {} } },
      "Array but received Object",
    ],
    ["item.error.message", { ...samples.mcpToolCall, error: {} }, "string but received undefined"],
    [
      "item.agentsStates.U",
      { ...samples.collabAgentToolCall, agentsStates: { U: true } },
      "Object but received true",
    ],
    ["item.action", { ...samples.webSearch, action: "search" }, "Object but received a string"],
    [
      "item.contentItems.0.text",
      { ...samples.dynamicToolCall, contentItems: [{ type: "inputText" }] },
      "string but received undefined",
    ],
  ];
  for (const [path, item, expected] of refused) {
    it(`refuses a wrong ${path} in ${item.type ?? "an item"}`, () => {
      const error = refusal(item);
      assert.equal(error.path, path);
      assert.equal(error.line, null);
      assert.equal(
        error.message,
        'Codex sent a "item/completed" notification in a shape this SDK cannot use, ' +
          `at "${path}": expected ${expected}`,
      );
    });
  }

  it("keeps the words of codex out of long paths", () => {
    const agentsStates = { ["x".repeat(10_000)]: null };
    assert.ok(refusal({ ...samples.collabAgentToolCall, agentsStates }).path!.length < 100);
  });

  it("makes nothing that the rest of the SDK would refuse, and throws only ProtocolErrors", () => {
    const types = fc.constantFrom(...Object.keys(samples), "userMessage", "newThing", "error");
    const member = fc.constantFrom(
      ...new Set(Object.values(samples).flatMap((sample) => Object.keys(sample))),
    );
    fc.assert(fc.property(types, member, json, fc.boolean(), (type, key, value, isRaw) => {
      const sample = (samples as Record<string, object>)[type] ?? { type, id: "x" };
      const item = isRaw ? { type, id: "x", [key]: value } : { ...sample, [key]: value };
      let mapped: ThreadItem | null;
      try {
        mapped = map(item);
      } catch (error) {
        assert.ok(ProtocolError.is(error), String(error));
        assert.match(error.path!, /^item\./);
        return;
      }
      if (mapped !== null) toThreadEvent({ type: "item.completed", item: mapped }, null);
    }));
  });

  it("leaves what it was given alone", () => {
    for (const { msg } of appServerRecording("full")) {
      if (msg.params?.item === undefined) continue;
      const before = JSON.stringify(msg.params.item);
      map(msg.params.item);
      assert.equal(JSON.stringify(msg.params.item), before);
    }
  });
});
