import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isLiveOnly, TurnEventMapper } from "../../src/app_server/event_mapping.ts";
import { isDynamicToolCall } from "../../src/app_server/item_mapping.ts";
import { ProtocolError } from "../../src/errors.ts";
import type { ThreadEvent } from "../../src/events.ts";
import type { ThreadItem } from "../../src/items.ts";
import type { LiveEvent } from "../../src/live_events.ts";
import { toThreadEvent } from "../../src/protocol.ts";
import { parseRetry } from "../../src/retry.ts";
import { TurnFold } from "../../src/turn.ts";
import { isUnknownItem } from "../../src/unknown.ts";
import { appServerRecording, mappedTurn, mappedTurns } from "../support/app_server_recordings.ts";
import { json } from "../support/arbitraries.ts";
import { recording } from "../support/recordings.ts";

/** What both lanes have recorded. */
const bothLanes = [
  "code_mode",
  "command_failed",
  "command_outlives_turn",
  "fail_401",
  "fail_500",
  "fail_context",
  "full",
  "mcp",
  "patch_move_delete",
  "retry",
  "simple",
  "subagent",
  "web_search",
];

/** Where the lanes differ for good. */
const differences: Record<string, { why: string; app: (events: unknown[]) => unknown[] }> = {
  command_outlives_turn: {
    why: "exec ends with its turn, and a command with it; the app-server completes it later",
    app: (events) => events.slice(0, -1),
  },
};

/**
 * Events without what differs between any two runs: ids, which are numbered in the order in which
 * they are met, folders, and ports.
 */
function comparable(threadId: string, events: readonly LiveEvent[]): unknown[] {
  const names = new Map<string, string>([[threadId, "the thread"]]);
  const nameOf = (id: string): string => {
    if (!names.has(id)) names.set(id, `id ${names.size}`);
    return names.get(id)!;
  };
  const rename = (value: unknown, key = ""): unknown => {
    if (Array.isArray(value)) return value.map((each) => rename(each, key));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [
          key === "agents_states" ? nameOf(name) : name,
          rename(each, name),
        ]),
      );
    }
    if (typeof value !== "string") return value;
    if (/^(id|.*thread_ids?)$/.test(key)) return nameOf(value);
    return value.replace(/\/w\/(exec|as)_/, "/w/").replace(/:\d{5}\//, ":<port>/");
  };
  return events.map((event) => rename(event));
}

/** The events exec would have printed. */
function plain(events: readonly LiveEvent[]): ThreadEvent[] {
  return events.filter((event) => !isLiveOnly(event)) as ThreadEvent[];
}

function typesOf(events: readonly LiveEvent[]): string[] {
  return events.map((event) => "item" in event ? `${event.type} ${event.item.type}` : event.type);
}

function newMapper(turnId: string | null = "U"): TurnEventMapper {
  return new TurnEventMapper({ threadId: "T", turnId });
}

/** Parameters of the turn "U" of the thread "T". */
function about(params: Record<string, unknown>): Record<string, unknown> {
  return { threadId: "T", turnId: "U", ...params };
}

function started(id = "U", rootTurnId: string | null = id): Record<string, unknown> {
  return { threadId: "T", turn: { id, rootTurnId, items: [], status: "inProgress", error: null } };
}

function completed(turn: Record<string, unknown> = {}): Record<string, unknown> {
  return { threadId: "T", turn: { id: "U", items: [], status: "completed", error: null, ...turn } };
}

function messageItem(text: string, id = "msg_1"): Record<string, unknown> {
  return { type: "agentMessage", id, text, phase: null };
}

function commandItem(status: string, id = "call_1"): Record<string, unknown> {
  return { type: "commandExecution", id, command: "ls", status };
}

function plan(...statuses: string[]): Record<string, unknown> {
  return about({
    explanation: null,
    plan: statuses.map((status, at) => ({ step: `${at}`, status })),
  });
}

describe("TurnEventMapper", () => {
  for (const name of bothLanes) {
    const difference = differences[name];
    const title = difference === undefined ? "" : ` but for this: ${difference.why}`;

    it(`makes of the recording "${name}" what exec printed${title}`, () => {
      const { threadId, events } = mappedTurn(name);
      const exec = recording(name);
      const first = exec[0]!;
      assert.equal(first.type, "thread.started");
      const execThread = "thread_id" in first ? first.thread_id : "";
      // The first event is told by the answer to thread/start.
      const app = comparable(threadId, [
        { type: "thread.started", thread_id: threadId },
        ...plain(events),
      ]);
      const expected = comparable(execThread, exec);
      assert.deepEqual(difference === undefined ? app : difference.app(app), expected);
      if (difference !== undefined) assert.notDeepEqual(app, expected);
    });

    it(`makes of the recording "${name}" events in the shapes of exec`, () => {
      for (const event of plain(mappedTurn(name).events)) {
        assert.equal(toThreadEvent({ ...event }, null) !== null, true);
      }
    });

    it(`loses nothing of the recording "${name}"`, () => {
      const { threadId, steps } = mappedTurn(name);
      for (const { method, events } of steps) {
        assert.ok(events.length > 0, `nothing came of ${method}`);
      }
      const told = steps.flatMap(({ events }) => events)
        .filter((event) => event.type === "notification")
        .filter(({ params }) => params.threadId === threadId)
        .map(({ method }) => method);
      const quiet = new Set([
        "item/started",
        "item/completed",
        "item/reasoning/summaryPartAdded",
        "mcpServer/startupStatus/updated",
        "thread/status/changed",
      ]);
      assert.deepEqual(told.filter((method) => !quiet.has(method)), []);
    });
  }

  it("keeps the ids of the app-server", () => {
    const items = plain(mappedTurn("full").events)
      .filter((event) => event.type === "item.completed")
      .map(({ item }) => item.id);
    assert.deepEqual(items, ["rs_1", "call_cmd", "call_patch", "msg_final", "todo_list"]);
  });

  it("tells in between what exec does not", () => {
    const { events } = mappedTurn("full");
    const live = events.filter((event) => isLiveOnly(event) && event.type !== "notification");
    const kinds = [...new Set(live.map(({ type }) => type))];
    assert.deepEqual(kinds.sort(), [
      "account.rate_limits.updated",
      "item.agent_message.delta",
      "item.command_execution.output_delta",
      "item.reasoning.summary_text_delta",
      "thread.token_usage.updated",
      "turn.diff.updated",
      "turn.plan.updated",
    ]);
    assert.deepEqual(live.filter(({ type }) => type === "turn.plan.updated"), [{
      type: "turn.plan.updated",
      explanation: "start",
      plan: [
        { step: "Look around", status: "in_progress" },
        { step: "Write file", status: "pending" },
      ],
    }, {
      type: "turn.plan.updated",
      explanation: null,
      plan: [
        { step: "Look around", status: "completed" },
        { step: "Write file", status: "completed" },
      ],
    }]);
    const text = live.flatMap((event) =>
      event.type === "item.agent_message.delta" ? [event.delta] : []
    );
    assert.equal(text.join(""), "All done: wrote hello.txt");
  });

  it("tells messages and reasoning when they are complete, and no empty reasoning", () => {
    const mapper = newMapper();
    const reasoning = { type: "reasoning", id: "rs_1", summary: [" ", ""], content: ["secret"] };
    for (const item of [messageItem(""), reasoning]) {
      const params = about({ item });
      assert.deepEqual(mapper.map("item/started", params), [
        { type: "notification", method: "item/started", params },
      ]);
    }
    const params = about({ item: reasoning });
    assert.deepEqual(mapper.map("item/completed", params), [
      { type: "notification", method: "item/completed", params },
    ]);
    assert.deepEqual(mapper.map("item/completed", about({ item: messageItem("hi") })), [
      { type: "item.completed", item: { id: "msg_1", type: "agent_message", text: "hi" } },
    ]);
    assert.deepEqual(mapper.unfinishedItems, []);
  });

  it("lets the plan live as long as the turn", () => {
    const mapper = newMapper();
    const events = [
      ...mapper.map("turn/plan/updated", plan("inProgress", "pending")),
      ...mapper.map("turn/plan/updated", plan("completed", "inProgress")),
      ...mapper.map("turn/completed", completed()),
      ...mapper.map("turn/plan/updated", plan("completed", "completed")),
    ];
    assert.deepEqual(typesOf(events), [
      "turn.plan.updated",
      "item.started todo_list",
      "turn.plan.updated",
      "item.updated todo_list",
      "item.completed todo_list",
      "turn.completed",
      "turn.plan.updated",
    ]);
    assert.deepEqual(events[4], {
      type: "item.completed",
      item: {
        id: "todo_list",
        type: "todo_list",
        items: [{ text: "0", completed: true }, { text: "1", completed: false }],
      },
    });
  });

  it("completes the plan of a turn that fails or is interrupted, too", () => {
    for (const status of ["failed", "interrupted"]) {
      const mapper = newMapper();
      mapper.map("turn/plan/updated", plan("pending"));
      const events = mapper.map("turn/completed", completed({ status }));
      assert.equal(typesOf(events)[0], "item.completed todo_list");
    }
  });

  it("tells each warning as an item of its own", () => {
    const mapper = newMapper();
    assert.deepEqual(
      [
        ...mapper.map("warning", { threadId: "T", message: "one" }),
        ...mapper.map("warning", { threadId: null, message: "two" }),
        ...mapper.map("model/rerouted", about({ fromModel: "a", toModel: "b", reason: "tooBusy" })),
      ],
      ["one", "two", "model rerouted: a -> b (TooBusy)"].map((message, at) => ({
        type: "item.completed",
        item: { id: `error_${at}`, type: "error", message },
      })),
    );
  });

  it("tells warnings that exec does not print as live events", () => {
    const mapper = newMapper();
    const warn = (method: string, params: unknown): unknown => mapper.map(method, params)[0];
    assert.deepEqual(warn("configWarning", { summary: "a", details: null }), {
      type: "warning",
      message: "a",
    });
    assert.deepEqual(warn("deprecationNotice", { summary: "a", details: "b" }), {
      type: "warning",
      message: "a (b)",
    });
    assert.deepEqual(warn("guardianWarning", { threadId: "T", message: "c" }), {
      type: "warning",
      message: "c",
    });
  });

  it("tells of a retry what exec does, and the server's word for it", () => {
    const { events } = mappedTurn("retry");
    const details = "stream disconnected before completion: Transport error: network error: " +
      "error decoding response body";
    const at = events.findIndex(({ type }) => type === "model.error");
    assert.deepEqual(events.slice(at, at + 2), [
      {
        type: "model.error",
        message: "Reconnecting... 1/2",
        error_code: "responseStreamDisconnected",
        http_status: null,
        details,
        will_retry: true,
      },
      { type: "error", message: `Reconnecting... 1/2 (${details})` },
    ]);
    const error = events[at + 1]!;
    const retry = error.type === "error" ? parseRetry(error.message) : null;
    assert.equal(retry?.attempt, 1);
    assert.equal(retry?.maxAttempts, 2);
  });

  it("knows how a turn ended", () => {
    assert.deepEqual(newMapper().outcome, { type: "open" });
    assert.deepEqual(mappedTurn("simple").mapper.outcome, { type: "completed" });
    assert.deepEqual(mappedTurn("interrupt").mapper.outcome, { type: "interrupted" });
    const { mapper, events } = mappedTurn("fail_401");
    const { message } = events.find((event) => event.type === "error")!;
    assert.deepEqual(mapper.outcome, {
      type: "failed",
      message,
      errorCode: "httpConnectionFailed",
      httpStatus: 401,
    });
    const context = mappedTurn("fail_context").mapper.outcome;
    assert.equal(context.type === "failed" && context.errorCode, "contextWindowExceeded");
    assert.equal(context.type === "failed" && context.httpStatus, null);
  });

  it("finds a message for a failure that says nothing", () => {
    const silent = newMapper();
    assert.deepEqual(silent.map("turn/completed", completed({ status: "failed" })), [
      { type: "turn.failed", error: { message: "turn failed" } },
    ]);
    const told = newMapper();
    told.map("error", about({ error: { message: "no", additionalDetails: "why" } }));
    assert.deepEqual(told.map("turn/completed", completed({ status: "failed" })), [
      { type: "turn.failed", error: { message: "no (why)" } },
    ]);
    const newer = newMapper();
    assert.deepEqual(newer.map("turn/completed", completed({ status: "outOfCredits" })), [
      { type: "turn.failed", error: { message: 'turn ended with the status "outOfCredits"' } },
    ]);
  });

  it("understands every form of an error's code", () => {
    const codes: [unknown, string | null, number | null][] = [
      [null, null, null],
      [undefined, null, null],
      ["badRequest", "badRequest", null],
      [{ httpConnectionFailed: { httpStatusCode: 503 } }, "httpConnectionFailed", 503],
      [{ activeTurnNotSteerable: { turnKind: "review" } }, "activeTurnNotSteerable", null],
      [{ newKind: null }, "newKind", null],
      [{}, null, null],
      [7, null, null],
    ];
    for (const [codexErrorInfo, error_code, http_status] of codes) {
      const [event] = newMapper().map("error", about({ error: { message: "no", codexErrorInfo } }));
      assert.deepEqual(event, {
        type: "model.error",
        message: "no",
        error_code,
        http_status,
        details: null,
        will_retry: false,
      });
    }
  });

  it("tells an interrupted turn by its notification alone", () => {
    const { events } = mappedTurn("interrupt");
    assert.deepEqual(typesOf(plain(events)), ["turn.started"]);
    const last = events.at(-1)!;
    assert.equal(last.type === "notification" && last.method, "turn/completed");
  });

  it("reports the last total, and none where there was none", () => {
    const { mapper, events } = mappedTurn("full");
    const last = events.at(-1)!;
    assert.ok(last.type === "turn.completed");
    assert.deepEqual(last.usage, mapper.usage);
    assert.equal(mapper.usage?.input_tokens, 6000);
    const [event] = newMapper().map("turn/completed", completed());
    assert.deepEqual(event, { type: "turn.completed" });
  });

  it("maps a review, which is announced under another id than it was asked for", () => {
    const { mapper, events } = mappedTurn("review");
    assert.deepEqual(typesOf(plain(events)), [
      "turn.started",
      "item.completed agent_message",
      "turn.completed",
    ]);
    assert.deepEqual(mapper.outcome, { type: "completed" });
    assert.notEqual(mapper.turnId, mapper.startedTurnId);
    assert.deepEqual(mapper.unfinishedItems, [{ id: "msg_r", type: "agent_message", text: "" }]);
  });

  it("takes what comes under either id of a review", () => {
    const mapper = newMapper("asked");
    assert.deepEqual(mapper.map("turn/started", started("inner", "asked")), [
      { type: "turn.started" },
    ]);
    for (const turnId of ["asked", "inner"]) {
      const [event] = mapper.map("warning", { threadId: "T", turnId, message: "x" });
      assert.equal(event?.type, "item.completed");
    }
    // The same when the answer to the request comes last.
    const late = newMapper(null);
    late.map("turn/started", started("inner", "asked"));
    late.setTurnId("asked");
    for (const turnId of ["asked", "inner"]) {
      const [event] = late.map("warning", { threadId: "T", turnId, message: "x" });
      assert.equal(event?.type, "item.completed");
    }
    late.map("turn/completed", completed({ id: "asked" }));
    assert.deepEqual(late.outcome, { type: "completed" });
  });

  it("maps a compaction, whose turn is told by its first notification", () => {
    const [turn, compaction] = mappedTurns("compact");
    assert.deepEqual(turn!.mapper.outcome, { type: "completed" });
    const events = compaction!.steps.flatMap((step) => step.events);
    assert.deepEqual(typesOf(plain(events)), ["turn.started", "turn.completed"]);
    assert.deepEqual(compaction!.mapper.outcome, { type: "completed" });
    assert.notEqual(compaction!.mapper.turnId, turn!.mapper.turnId);
    assert.equal(compaction!.mapper.turnId, compaction!.mapper.startedTurnId);
    assert.deepEqual(compaction!.mapper.unfinishedItems, []);
  });

  it("keeps what began and did not complete", () => {
    const cutOff: ThreadItem = { id: "msg_slow", type: "agent_message", text: "a b " };
    assert.deepEqual(mappedTurn("interrupt").mapper.unfinishedItems, [cutOff]);
    assert.deepEqual(mappedTurn("steer").mapper.unfinishedItems, [cutOff]);
    assert.deepEqual(mappedTurn("retry").mapper.unfinishedItems, [
      { id: "msg_cut", type: "agent_message", text: "par" },
    ]);
    const [patch] = mappedTurn("approval_patch_cancel").mapper.unfinishedItems;
    assert.equal(patch?.type === "file_change" && patch.status, "in_progress");
    assert.deepEqual(mappedTurn("approval_command_cancel").mapper.unfinishedItems, []);
  });

  it("hands out unfinished items that do not change any more", () => {
    const mapper = newMapper();
    mapper.map("item/started", about({ item: messageItem("") }));
    const before = mapper.unfinishedItems;
    mapper.map("item/agentMessage/delta", about({ itemId: "msg_1", delta: "more" }));
    assert.deepEqual(before, [{ id: "msg_1", type: "agent_message", text: "" }]);
    assert.deepEqual(mapper.unfinishedItems, [{
      id: "msg_1",
      type: "agent_message",
      text: "more",
    }]);
  });

  it("maps what comes after the end, and does not end again", () => {
    const { mapper, events } = mappedTurn("command_outlives_turn");
    assert.deepEqual(typesOf(plain(events)).slice(-2), [
      "turn.completed",
      "item.completed command_execution",
    ]);
    assert.deepEqual(mapper.unfinishedItems, []);
    assert.deepEqual(mapper.outcome, { type: "completed" });

    const ended = newMapper();
    ended.map("turn/completed", completed());
    const again = completed({ status: "failed", error: { message: "no" } });
    assert.deepEqual(ended.map("turn/completed", again), [
      { type: "notification", method: "turn/completed", params: again },
    ]);
    assert.deepEqual(ended.outcome, { type: "completed" });
  });

  it("completes what the turn holds and nobody told", () => {
    const mapper = newMapper();
    mapper.map("item/started", about({ item: commandItem("inProgress", "call_1") }));
    mapper.map("item/started", about({ item: commandItem("inProgress", "call_2") }));
    const items = [
      { type: "userMessage", id: "1", content: [] },
      commandItem("completed", "call_1"),
      commandItem("inProgress", "call_2"),
      messageItem("earlier", "msg_0"),
      messageItem("done", "msg_1"),
    ];
    assert.deepEqual(
      plain(mapper.map("turn/completed", completed({ items }))).map((event) =>
        "item" in event ? event.item.id : event.type
      ),
      ["call_1", "msg_1", "turn.completed"],
    );
    assert.deepEqual(mapper.unfinishedItems.map(({ id }) => id), ["call_2"]);
  });

  it("tells a message once, also when the turn names it anew", () => {
    for (const id of ["msg_1", "item-7"]) {
      const mapper = newMapper();
      mapper.map("item/completed", about({ item: messageItem("done") }));
      const events = mapper.map("turn/completed", completed({ items: [messageItem("done", id)] }));
      assert.deepEqual(typesOf(events), ["turn.completed"]);
    }
  });

  it("updates an item that begins twice, and a patch that grows", () => {
    const mapper = newMapper();
    const changes = [{ path: "a", kind: { type: "add" }, diff: "" }];
    const item = { type: "fileChange", id: "call_1", changes: [], status: "inProgress" };
    const events = [
      ...mapper.map("item/started", about({ item })),
      ...mapper.map("item/fileChange/patchUpdated", about({ itemId: "call_1", changes })),
      ...mapper.map("item/started", about({ item: { ...item, changes } })),
    ];
    assert.deepEqual(typesOf(events), [
      "item.started file_change",
      "item.updated file_change",
      "item.updated file_change",
    ]);
    assert.deepEqual(events[1], {
      type: "item.updated",
      item: {
        id: "call_1",
        type: "file_change",
        changes: [{ path: "a", kind: "add" }],
        status: "in_progress",
      },
    });
  });

  it("tells calls to tools of the program as items, not as live events", () => {
    for (
      const [name, status] of [["dynamic_tool", "completed"], ["dynamic_tool_error", "failed"]]
    ) {
      const { events } = mappedTurn(name!);
      const calls = plain(events).flatMap((event) =>
        "item" in event && isDynamicToolCall(event.item) ? [event] : []
      );
      assert.deepEqual(calls.map(({ type }) => type), ["item.started", "item.completed"]);
      const { item } = calls[1]!;
      assert.ok(isDynamicToolCall(item));
      assert.equal(item.status, status);
      assert.equal(item.tool, "lookup_ticket");
      assert.ok(item.text !== null && item.text.length > 0);
    }
  });

  it("declines what was declined", () => {
    for (const name of ["approval_patch_decline", "approval_command_decline"]) {
      const completions = plain(mappedTurn(name).events).flatMap((event) =>
        event.type === "item.completed" && "status" in event.item ? [event.item.status] : []
      );
      assert.deepEqual(completions, ["declined"]);
    }
  });

  it("passes what is not known", () => {
    const mapper = newMapper();
    const params = about({ anything: [1] });
    assert.deepEqual(mapper.map("turn/somethingNew", params), [
      { type: "notification", method: "turn/somethingNew", params },
    ]);
    for (const odd of [null, undefined, 5, "text", [1]]) {
      assert.deepEqual(mapper.map("turn/somethingNew", odd), [
        { type: "notification", method: "turn/somethingNew", params: {} },
      ]);
    }
    const item = { type: "holoDeckScene", id: "h_1", scene: 1 };
    for (const type of ["item.started", "item.completed"] as const) {
      const [event] = mapper.map(type.replace(".", "/"), about({ item }));
      assert.deepEqual(event as unknown, {
        type,
        item: { type: "holo_deck_scene", id: "h_1", scene: 1 },
      });
      assert.ok(event !== undefined && "item" in event && isUnknownItem(event.item));
    }
  });

  it("takes nothing of other threads and turns", () => {
    const mapper = newMapper();
    const item = messageItem("x");
    const others: [string, Record<string, unknown>][] = [
      ["turn/started", { ...started("V"), threadId: "child" }],
      ["turn/started", started("V", "V")],
      ["turn/completed", { ...completed(), threadId: "child" }],
      ["turn/completed", completed({ id: "V" })],
      ["item/completed", { threadId: "child", turnId: "U", item }],
      ["item/completed", { threadId: "T", turnId: "V", item }],
      ["item/agentMessage/delta", { threadId: "T", turnId: "V", itemId: "m", delta: "x" }],
      ["warning", { threadId: "child", message: "x" }],
    ];
    for (const [method, params] of others) {
      assert.deepEqual(mapper.map(method, params), [{ type: "notification", method, params }]);
    }
    assert.deepEqual(mapper.outcome, { type: "open" });
    assert.equal(mapper.startedTurnId, null);
  });

  it("begins once", () => {
    const mapper = newMapper();
    assert.equal(mapper.startedTurnId, null);
    assert.deepEqual(mapper.map("turn/started", started()), [{ type: "turn.started" }]);
    assert.equal(mapper.startedTurnId, "U");
    assert.equal(mapper.map("turn/started", started())[0]?.type, "notification");
  });

  it("does not mind limits of the account in a shape of their own", () => {
    const mapper = newMapper();
    const rateLimits = { primary: null };
    assert.deepEqual(mapper.map("account/rateLimits/updated", { rateLimits }), [
      { type: "account.rate_limits.updated", rate_limits: rateLimits },
    ]);
    assert.equal(mapper.map("account/rateLimits/updated", {})[0]?.type, "notification");
  });

  it("maps every delta", () => {
    const mapper = newMapper();
    const delta = (method: string, params: Record<string, unknown> = {}): unknown =>
      mapper.map(method, about({ itemId: "i", delta: "d", ...params }))[0];
    const common = { item_id: "i", delta: "d" };
    assert.deepEqual(delta("item/agentMessage/delta"), {
      type: "item.agent_message.delta",
      ...common,
    });
    assert.deepEqual(delta("item/plan/delta"), { type: "item.plan.delta", ...common });
    assert.deepEqual(delta("item/commandExecution/outputDelta"), {
      type: "item.command_execution.output_delta",
      ...common,
    });
    assert.deepEqual(delta("item/reasoning/summaryTextDelta", { summaryIndex: 2 }), {
      type: "item.reasoning.summary_text_delta",
      ...common,
      summary_index: 2,
    });
    assert.deepEqual(delta("item/reasoning/textDelta", { contentIndex: 1 }), {
      type: "item.reasoning.text_delta",
      ...common,
      content_index: 1,
    });
  });

  const refused: [string, unknown, string | null, string][] = [
    [
      "item/started",
      about({ item: { type: "agentMessage" } }),
      "item.id",
      "string but received undefined",
    ],
    ["item/completed", about({}), "item", "Object but received undefined"],
    ["item/completed", null, null, "Object but received null"],
    [
      "item/agentMessage/delta",
      about({ itemId: "i", delta: 5 }),
      "delta",
      "string but received 5",
    ],
    ["item/agentMessage/delta", about({ delta: "" }), "itemId", "string but received undefined"],
    ["item/agentMessage/delta", [], null, "Object but received Array"],
    ["turn/diff/updated", about({ diff: null }), "diff", "string but received null"],
    [
      "turn/plan/updated",
      about({ plan: [{ step: "x" }] }),
      "plan.0.status",
      "string but received undefined",
    ],
    ["turn/completed", { threadId: "T", turn: {} }, "turn.id", "string but received undefined"],
    ["turn/started", { threadId: "T" }, "turn", "Object but received undefined"],
    ["error", about({ error: {} }), "error.message", "string but received undefined"],
    ["warning", { threadId: "T" }, "message", "string but received undefined"],
    ["thread/tokenUsage/updated", about({}), "tokenUsage", "Object but received undefined"],
  ];
  for (const [method, params, path, expected] of refused) {
    it(`refuses ${method} without a proper ${path ?? "object"}`, () => {
      try {
        newMapper().map(method, params);
      } catch (error) {
        assert.ok(ProtocolError.is(error), String(error));
        assert.equal(error.path, path);
        assert.equal(error.line, null);
        assert.equal(
          error.message,
          `Codex sent a "${method}" notification in a shape this SDK cannot use` +
            (path === null ? "" : `, at "${path}"`) + `: expected ${expected}`,
        );
        return;
      }
      assert.fail("was not refused");
    });
  }

  it("throws nothing but ProtocolErrors, whatever it is sent", () => {
    const names = ["full", "mcp", "subagent", "retry", "dynamic_tool", "fail_401"];
    // All as if of one turn, so that all are mapped.
    const recorded = names.flatMap((name) => {
      const { threadId, mapper } = mappedTurn(name);
      return appServerRecording(name)
        .filter(({ dir, msg }) => dir === "in" && msg.method !== undefined)
        .map(({ msg }): { method: string; params: unknown } =>
          JSON.parse(
            JSON.stringify(msg).replaceAll(threadId, "T").replaceAll(mapper.turnId!, "U"),
          )
        );
    });
    const methods = fc.constantFrom(...new Set(recorded.map(({ method }) => method)));
    const mutated = fc.tuple(fc.constantFrom(...recorded), fc.nat(), fc.option(json)).map(
      ([{ method, params }, choice, value]): [string, unknown] => {
        const copy = structuredClone(params);
        const places = membersOf(copy);
        const { holder, key } = places[choice % places.length]!;
        if (value === null) delete holder[key];
        else holder[key] = value;
        // A member less of an array is a hole, which JSON has not.
        return [method, JSON.parse(JSON.stringify(copy))];
      },
    );
    const anything = fc.oneof(
      mutated,
      fc.tuple(fc.oneof(methods, fc.string()), json) as fc.Arbitrary<[string, unknown]>,
    );
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 10 }), (notifications) => {
        const mapper = newMapper();
        const fold = new TurnFold();
        for (const [method, params] of notifications) {
          let events: LiveEvent[];
          try {
            events = mapper.map(method, params);
          } catch (error) {
            assert.ok(ProtocolError.is(error), String(error));
            continue;
          }
          for (const event of events) {
            if (!isLiveOnly(event)) toThreadEvent({ ...event }, null);
            fold.add(event);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("leaves what it was given alone", () => {
    for (const name of bothLanes) {
      const before = appServerRecording(name);
      const turnId = before.find(({ msg }) => msg.params?.turnId)!.msg.params.turnId;
      const mapper = new TurnEventMapper({ threadId: mappedTurn(name).threadId, turnId });
      const given = structuredClone(before);
      for (const { dir, msg } of given) {
        if (dir === "in" && msg.method !== undefined) mapper.map(msg.method, msg.params);
      }
      assert.deepEqual(given, before);
    }
  });
});

describe("isLiveOnly()", () => {
  it("is false for what exec prints, and for items of whatever type", () => {
    for (const name of bothLanes) {
      for (const event of recording(name)) assert.equal(isLiveOnly(event), false);
    }
    const item = { id: "x", type: "holo_deck_scene" } as unknown as ThreadItem;
    assert.equal(isLiveOnly({ type: "item.completed", item }), false);
  });

  it("is true for all else", () => {
    const event = { type: "turn.started" } as const;
    assert.equal(isLiveOnly({ type: "subagent", thread_id: "T", event }), true);
    assert.equal(isLiveOnly({ type: "notification", method: "x", params: {} }), true);
    assert.equal(isLiveOnly({ type: "warning", message: "x" }), true);
    assert.equal(isLiveOnly({ type: "item.plan.delta", item_id: "x", delta: "" }), true);
  });
});

function membersOf(value: unknown): { holder: Record<string, unknown>; key: string }[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...membersOf(holder[key])]);
}
