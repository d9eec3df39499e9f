import type { LiveEvent } from "../live_events.ts";

/** What an event takes up besides its texts: objects, ids, a place in a queue. */
const overhead = 128;

/** A delta of that length is left alone, in UTF-16 units. */
const longestDelta = 64 * 1024;

/**
 * Adds a delta to the last event of a queue when both are of one item, and says whether it did.
 * Nothing else in the queue changes, and no event in it is changed in place.
 */
export function mergeDeltas(pending: LiveEvent[], next: LiveEvent): boolean {
  const last = pending.at(-1);
  if (last === undefined) return false;
  const merged = merge(last, next);
  if (merged === null) return false;
  pending[pending.length - 1] = merged;
  return true;
}

function merge(last: LiveEvent, next: LiveEvent): LiveEvent | null {
  if (last.type === "subagent" && next.type === "subagent") {
    if (last.thread_id !== next.thread_id) return null;
    const event = merge(last.event, next.event);
    return event === null ? null : { ...last, event };
  }
  if (!isDelta(last) || !isDelta(next)) return null;
  if (last.type !== next.type || last.item_id !== next.item_id) return null;
  if (indexOf(last) !== indexOf(next)) return null;
  if (isFull(last.delta)) return null;
  return { ...last, delta: last.delta + next.delta };
}

/**
 * Whether a delta is long, and does not end within a character. Reading a character also makes
 * engines copy the pieces together and let go of them: they would take four times the memory.
 */
function isFull(delta: string): boolean {
  return delta.length >= longestDelta && !isHighSurrogate(delta.charCodeAt(delta.length - 1));
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

type Delta = Extract<LiveEvent, { delta: string }>;

function isDelta(event: LiveEvent): event is Delta {
  return "delta" in event;
}

function indexOf(event: Delta): number | null {
  switch (event.type) {
    case "item.reasoning.summary_text_delta":
      return event.summary_index;
    case "item.reasoning.text_delta":
      return event.content_index;
    default:
      return null;
  }
}

/** About how many bytes of memory an event takes up. */
export function sizeOf(event: LiveEvent): number {
  if (isDelta(event)) return overhead + event.delta.length;
  let size = overhead;
  // Not by recursion: how deep the values of a tool are is not ours to say.
  const values: unknown[] = [event];
  while (values.length > 0) {
    const value = values.pop();
    if (typeof value === "string") size += value.length;
    else if (typeof value === "object" && value !== null) {
      for (const key of Object.keys(value)) {
        size += 16;
        values.push((value as Record<string, unknown>)[key]);
      }
    }
  }
  return size;
}
