import type { ThreadEvent, UnknownThreadEvent } from "./events.ts";
import type { ThreadItem, UnknownThreadItem } from "./items.ts";

/**
 * `T`, marked as not known for the type checker alone. Without the mark the known types would fit as
 * well, and where {@linkcode isUnknownEvent} or {@linkcode isUnknownItem} says no, none would be
 * left.
 */
export type Unknown<T> = T & {
  /** Nothing at run time. */
  readonly [Symbol.unscopables]: "unknown";
};

// The keys of the tables in schema.ts, which loads valibot; a test holds them together.

/** The types of {@linkcode ThreadEvent}. */
export const eventTypes: ReadonlySet<string> = new Set<ThreadEvent["type"]>([
  "thread.started",
  "turn.started",
  "turn.completed",
  "turn.failed",
  "item.started",
  "item.updated",
  "item.completed",
  "error",
]);

/** The types of {@linkcode ThreadItem}. */
export const itemTypes: ReadonlySet<string> = new Set<ThreadItem["type"]>([
  "agent_message",
  "reasoning",
  "command_execution",
  "file_change",
  "mcp_tool_call",
  "collab_tool_call",
  "web_search",
  "todo_list",
  "error",
]);

/**
 * Whether an event is of a type this version of the SDK does not know.
 *
 * @example
 * ```ts
 * import { Codex, isUnknownEvent } from "jsr:@codex/sdk";
 *
 * const { events } = await new Codex().startThread().runStreamed("Say hello");
 * for await (const event of events) {
 *   if (isUnknownEvent(event)) console.warn("not known yet:", event.type);
 * }
 * ```
 */
export function isUnknownEvent(
  event: ThreadEvent | UnknownThreadEvent,
): event is Unknown<UnknownThreadEvent> {
  return !eventTypes.has(event.type);
}

/**
 * Whether an item is of a type this version of the SDK does not know.
 *
 * @example
 * ```ts
 * import { Codex, isUnknownItem } from "jsr:@codex/sdk";
 *
 * const { items } = await new Codex().startThread().run("Say hello", { timeoutMs: 60_000 });
 * for (const item of items) {
 *   if (isUnknownItem(item)) console.warn("not known yet:", item.type, item);
 * }
 * ```
 */
export function isUnknownItem(
  item: ThreadItem | UnknownThreadItem,
): item is Unknown<UnknownThreadItem> {
  return !itemTypes.has(item.type);
}
