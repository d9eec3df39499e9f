/**
 * Type-checked, never run: unknown events and items are reached by the guards, and do not get into
 * the way of a `switch` over the known ones.
 */
import {
  isUnknownEvent,
  isUnknownItem,
  type ThreadEvent,
  type ThreadItem,
  type UnknownThreadEvent,
  type UnknownThreadItem,
} from "../../mod.ts";

export function fieldsOf(event: ThreadEvent): unknown {
  if (isUnknownEvent(event)) {
    const unknown: UnknownThreadEvent = event;
    return [unknown.type, unknown.anything];
  }
  // What remains is known, and narrows as before.
  const known: ThreadEvent = event;
  return known.type === "turn.failed" ? known.error.message : known.type;
}

export function dataOf(item: ThreadItem): unknown {
  if (isUnknownItem(item)) {
    const unknown: UnknownThreadItem = item;
    return [unknown.id, unknown.type, unknown.anything];
  }
  const known: ThreadItem = item;
  return known.type === "todo_list" ? known.items.length : known.id;
}

export function nameOf(event: ThreadEvent): string {
  if (isUnknownEvent(event)) return event.type;
  switch (event.type) {
    case "thread.started":
      return event.thread_id;
    case "turn.started":
    case "turn.completed":
    case "turn.failed":
    case "error":
      return event.type;
    case "item.started":
    case "item.updated":
    case "item.completed":
      return isUnknownItem(event.item) ? event.item.type : event.item.id;
    default:
      return event satisfies never;
  }
}

/** Events from elsewhere, e.g. a log, can be asked about as well. */
export function fromElsewhere(event: UnknownThreadEvent, item: UnknownThreadItem): boolean {
  return isUnknownEvent(event) && isUnknownItem(item);
}
