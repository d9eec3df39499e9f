import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { render, styleFor } from "../../examples/support/render.ts";
import type { ThreadEvent, ThreadItem, UnknownThreadEvent } from "../../mod.ts";

const plain = styleFor({ isTerminal: false });

function started(item: ThreadItem): string[] {
  return render({ type: "item.started", item }, plain);
}

function completed(item: ThreadItem, directory?: string): string[] {
  return render({ type: "item.completed", item }, plain, directory);
}

function command(fields: { command?: string; output?: string; exitCode?: number }): ThreadItem {
  return {
    id: "item_0",
    type: "command_execution",
    command: fields.command ?? "ls",
    aggregated_output: fields.output ?? "",
    exit_code: fields.exitCode ?? null,
    status: fields.exitCode === undefined ? "declined" : "completed",
  };
}

describe("render()", () => {
  it("shows what a command is, prints and ends with", () => {
    assert.deepEqual(started(command({ command: "/bin/bash -lc 'ls -l'" })), ["$ ls -l"]);
    assert.deepEqual(completed(command({ output: "a\nb\n\n", exitCode: 0 })), [
      "  a",
      "  b",
      "  exit 0",
    ]);
    assert.deepEqual(completed(command({ exitCode: 1 })), ["  exit 1"]);
    assert.deepEqual(completed(command({})), ["  declined"]);
  });

  it("leaves a command alone that is no plain shell script", () => {
    for (
      const [shown, whole] of [
        ["ls", "bash -c ls"],
        ["echo hi there", '/bin/zsh -lc "echo hi there"'],
        ["bash -lc 'a'\"'\"'b'", "bash -lc 'a'\"'\"'b'"],
        ["git push", "git push"],
      ]
    ) assert.deepEqual(started(command({ command: whole! })), [`$ ${shown}`]);
  });

  it("shows the end of a long output", () => {
    const output = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join("");
    const lines = completed(command({ output, exitCode: 0 }));
    assert.equal(lines[0], "  … 8 more lines");
    assert.deepEqual(lines.slice(-2), ["  line 19", "  exit 0"]);
    assert.equal(lines.length, 14);
  });

  it("shows a plan when it is made and when it changes, not again at its end", () => {
    const item: ThreadItem = {
      id: "item_0",
      type: "todo_list",
      items: [{ text: "Look", completed: true }, { text: "Fix", completed: false }],
    };
    const lines = ["[x] Look", "[ ] Fix"];
    assert.deepEqual(started(item), lines);
    assert.deepEqual(render({ type: "item.updated", item }, plain), lines);
    assert.deepEqual(completed(item), []);
  });

  it("shows changed files by their path within the folder", () => {
    const item: ThreadItem = {
      id: "item_0",
      type: "file_change",
      changes: [{ kind: "add", path: "/project/a.ts" }, { kind: "update", path: "/else/b.ts" }],
      status: "completed",
    };
    assert.deepEqual(completed(item, "/project"), ["add a.ts", "update /else/b.ts"]);
    assert.deepEqual(completed({ ...item, status: "failed" }, "/project"), [
      "add a.ts failed",
      "update /else/b.ts failed",
    ]);
  });

  it("shows every other kind of event and item", () => {
    const id = "item_0";
    const usage = {
      input_tokens: 42,
      cached_input_tokens: 12,
      cache_write_input_tokens: 0,
      output_tokens: 5,
      reasoning_output_tokens: 2,
    };
    const seen: [ThreadEvent, string[]][] = [
      [{ type: "thread.started", thread_id: "t-1" }, ["thread t-1"]],
      [{ type: "turn.started" }, []],
      [{ type: "turn.completed", usage }, ["tokens: 42 in (12 cached), 5 out"]],
      [{ type: "turn.failed", error: { message: "no" } }, ["The turn failed: no"]],
      [{ type: "error", message: "Reconnecting... 1/5" }, ["! Reconnecting... 1/5"]],
    ];
    for (const [event, lines] of seen) assert.deepEqual(render(event, plain), lines);
    assert.deepEqual(completed({ id, type: "reasoning", text: "Hm" }), ["Hm"]);
    assert.deepEqual(completed({ id, type: "agent_message", text: "a\nb" }), ["", "a", "b", ""]);
    assert.deepEqual(completed({ id, type: "web_search", query: "rain" }), ["? rain"]);
    assert.deepEqual(completed({ id, type: "error", message: "odd" }), ["! odd"]);
    const call: ThreadItem = {
      id,
      type: "mcp_tool_call",
      server: "calc",
      tool: "add",
      arguments: {},
      status: "in_progress",
    };
    assert.deepEqual(started(call), ["> calc.add"]);
    assert.deepEqual(completed({ ...call, status: "completed" }), []);
    assert.deepEqual(completed({ ...call, error: { message: "no" }, status: "failed" }), ["  no"]);
  });

  it("names events and items that are not known", () => {
    const event: UnknownThreadEvent = { type: "turn.paused" };
    const item = { id: "item_0", type: "song" };
    assert.deepEqual(render(event as ThreadEvent, plain), ["(turn.paused)"]);
    assert.deepEqual(completed(item as unknown as ThreadItem), ["(song)"]);
  });

  it("lets no control character through", () => {
    const output = "\x1b[31mred\x1b[0m\ttab\n\x1b]0;title\x07\rback";
    assert.deepEqual(completed(command({ output, exitCode: 0 })), [
      "  red\ttab",
      "  �]0;title��back",
      "  exit 0",
    ]);
  });

  it("colours on a terminal only, and not against NO_COLOR", () => {
    const event: ThreadEvent = { type: "error", message: "odd" };
    const coloured = render(event, styleFor({ isTerminal: true }));
    assert.deepEqual(coloured, ["\x1b[31m! odd\x1b[39m"]);
    assert.deepEqual(render(event, styleFor({ isTerminal: true, noColor: "" })), coloured);
    assert.deepEqual(render(event, styleFor({ isTerminal: true, noColor: "1" })), ["! odd"]);
    assert.deepEqual(render(event, styleFor({ isTerminal: false })), ["! odd"]);
  });
});
