import type {
  CollabAgentState,
  McpToolCallItem,
  ThreadItem,
  TodoListItem,
  UnknownThreadItem,
} from "../items.ts";
import { itemTypes } from "../unknown.ts";
import {
  listIn,
  listOr,
  numberOr,
  objectIn,
  objectOr,
  objectsIn,
  type Place,
  snakeCase,
  textIn,
  textOr,
  textsIn,
  type WireObject,
  within,
  wrongShape,
} from "./wire_shape.ts";

/** A piece of what a tool of the program answered. */
export type DynamicToolCallContent =
  | { type: "text"; text: string }
  | {
    type: "image" | "audio";
    /** A `data:` URL. */
    url: string;
  };

/**
 * A call to a tool that the program itself offers. Only the app-server lane has them, and so they
 * are no part of `ThreadItem`: reach them with {@linkcode isDynamicToolCall}.
 */
export type DynamicToolCallItem = {
  /** Identifies the item within its turn, and the call. */
  id: string;
  /** Always `"dynamic_tool_call"`; a literal would leave nothing where the guard says yes. */
  type: string;
  /** Name of the tool. */
  tool: string;
  /** What the name is part of; `null` for none. */
  namespace: string | null;
  /** What the model passed to it, unchecked. */
  arguments: unknown;
  /** State of the call. */
  status: "in_progress" | "completed" | "failed";
  /** Whether the tool succeeded; `null` while it runs. */
  success: boolean | null;
  /** The texts the model was told, joined by line feeds; `null` while the tool runs. */
  text: string | null;
  /** All that the model was told; `null` while the tool runs. */
  content: DynamicToolCallContent[] | null;
};

const dynamicToolCall = "dynamic_tool_call";

/** Whether an item is a call to a tool that the program itself offers. */
export function isDynamicToolCall(
  item: ThreadItem | UnknownThreadItem,
): item is DynamicToolCallItem {
  return item.type as string === dynamicToolCall;
}

/** The id of the plan of a turn, which has none on the wire. */
const todoListId = "todo_list";

/** Items that `codex exec` says nothing of. */
const unseen: ReadonlySet<string> = new Set([
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
]);

/**
 * The item as `codex exec` would tell it, under the app-server's own id; `null` for one that exec
 * says nothing of. Items of a type that is not known keep their members.
 *
 * Throws `ProtocolError` when an item of a known type has a shape it must not have.
 */
export function toThreadItem(item: WireObject, place: Place): ThreadItem | null {
  const id = textIn(item, "id", place);
  const type = textIn(item, "type", place);
  switch (type) {
    case "agentMessage":
      return { id, type: "agent_message", text: textIn(item, "text", place) };
    case "reasoning": {
      const parts = textsIn(listOr(item, "summary", place), within(place, "summary"));
      return { id, type: "reasoning", text: parts.join("\n") };
    }
    case "commandExecution":
      return {
        id,
        type: "command_execution",
        command: textIn(item, "command", place),
        aggregated_output: textOr(item, "aggregatedOutput", "", place),
        exit_code: numberOr(item, "exitCode", null, place),
        status: wordIn(item, "status", place),
      };
    case "fileChange":
      return toFileChange(id, item, wordIn(item, "status", place), place);
    case "mcpToolCall":
      return toMcpToolCall(id, item, place);
    case "collabAgentToolCall":
      return toCollabToolCall(id, item, place);
    case "webSearch":
      return {
        id,
        type: "web_search",
        query: textOr(item, "query", "", place),
        action: toSearchAction(objectOr(item, "action", { type: "other" }, place)),
      };
    case "dynamicToolCall":
      return toDynamicToolCall(id, item, place) as unknown as ThreadItem;
    default:
      return unseen.has(type) ? null : toUnknownItem(item, type);
  }
}

/** The changes of a patch, from an item or from news about one. */
export function toFileChange(
  id: string,
  holder: WireObject,
  status: string,
  place: Place,
): ThreadItem {
  const changes = objectsIn(listIn(holder, "changes", place), within(place, "changes"));
  return {
    id,
    type: "file_change",
    changes: changes.map(([change, at]) => ({
      path: textIn(change, "path", at),
      kind: toChangeKind(change, at),
    })),
    status,
  } as ThreadItem;
}

/** The plan of a turn as an item. */
export function toTodoList(plan: readonly { step: string; status: string }[]): TodoListItem {
  return {
    id: todoListId,
    type: "todo_list",
    items: plan.map(({ step, status }) => ({ text: step, completed: status === "completed" })),
  };
}

/** A status, kind or name in the words of exec; those of a newer codex pass. */
function wordIn<T extends string>(holder: WireObject, key: string, place: Place): T {
  return snakeCase(textIn(holder, key, place)) as T;
}

/** An object on the wire, `{ type: "add" }`; of a move, exec tells no more than `"update"`. */
function toChangeKind(change: WireObject, place: Place): string {
  if (typeof change.kind === "string") return snakeCase(change.kind);
  const kind = objectOr(change, "kind", null, place);
  if (kind === null) throw wrongShape(within(place, "kind"), "Object", change.kind);
  return wordIn(kind, "type", within(place, "kind"));
}

function toMcpToolCall(id: string, item: WireObject, place: Place): McpToolCallItem {
  const result = objectOr(item, "result", null, place);
  const error = objectOr(item, "error", null, place);
  return {
    id,
    type: "mcp_tool_call",
    server: textIn(item, "server", place),
    tool: textIn(item, "tool", place),
    arguments: item.arguments ?? null,
    result: result === null ? null : {
      content: listOr(result, "content", within(place, "result")) as never[],
      // Exec leaves it out where there is none.
      ...(result._meta === null || result._meta === undefined ? {} : { _meta: result._meta }),
      structured_content: result.structuredContent ?? null,
    },
    error: error === null ? null : { message: textIn(error, "message", within(place, "error")) },
    status: wordIn(item, "status", place),
  };
}

function toCollabToolCall(id: string, item: WireObject, place: Place): ThreadItem {
  const receivers = listOr(item, "receiverThreadIds", place);
  const states = objectOr(item, "agentsStates", {}, place);
  const at = within(place, "agentsStates");
  return {
    id,
    type: "collab_tool_call",
    tool: wordIn(item, "tool", place),
    sender_thread_id: textIn(item, "senderThreadId", place),
    receiver_thread_ids: textsIn(receivers, within(place, "receiverThreadIds")),
    prompt: textOr(item, "prompt", null, place),
    agents_states: Object.fromEntries(
      Object.keys(states).map((threadId) => [
        threadId,
        toAgentState(objectIn(states, threadId, at), within(at, threadId)),
      ]),
    ),
    status: wordIn(item, "status", place),
  };
}

function toAgentState(state: WireObject, place: Place): CollabAgentState {
  return {
    status: wordIn(state, "status", place),
    message: textOr(state, "message", null, place),
  };
}

/** Exec leaves out what is null. */
function toSearchAction(action: WireObject): WireObject {
  const told = Object.entries(action).filter(([, value]) => value !== null);
  const { type, ...rest } = Object.fromEntries(told);
  return { ...(typeof type === "string" ? { type: snakeCase(type) } : {}), ...rest };
}

function toDynamicToolCall(id: string, item: WireObject, place: Place): DynamicToolCallItem {
  const parts = objectsIn(listOr(item, "contentItems", place), within(place, "contentItems"));
  const content = parts.map(([part, at]) => toToolContent(part, at));
  const isAnswered = Array.isArray(item.contentItems);
  return {
    id,
    type: dynamicToolCall,
    tool: textIn(item, "tool", place),
    namespace: textOr(item, "namespace", null, place),
    arguments: item.arguments ?? null,
    status: wordIn(item, "status", place),
    success: typeof item.success === "boolean" ? item.success : null,
    text: isAnswered
      ? content.flatMap((part) => part.type === "text" ? [part.text] : []).join("\n")
      : null,
    content: isAnswered ? content : null,
  };
}

function toToolContent(part: WireObject, place: Place): DynamicToolCallContent {
  switch (part.type) {
    case "inputText":
      return { type: "text", text: textIn(part, "text", place) };
    case "inputImage":
      return { type: "image", url: textIn(part, "imageUrl", place) };
    case "inputAudio":
      return { type: "audio", url: textIn(part, "audioUrl", place) };
    default:
      return part as DynamicToolCallContent;
  }
}

/** `null` where the name would promise the shape of an item that we know. */
function toUnknownItem(item: WireObject, wireType: string): ThreadItem | null {
  const type = snakeCase(wireType);
  if (itemTypes.has(type) || type === dynamicToolCall) return null;
  return { ...item, type } as unknown as ThreadItem;
}
