import * as v from "valibot";

// What callers rely on is required and checked; what older or newer versions of codex leave out is
// optional. Statuses and kinds are plain strings: a value of a newer codex must not break a turn.

const text = v.string();
const nullishText = v.nullish(v.string());
const count = v.nullish(v.number());

const item = { id: text, type: text };

/** Schemas of the known items, by `type`. */
export const itemSchemas = {
  agent_message: v.looseObject({ ...item, text }),
  reasoning: v.looseObject({ ...item, text }),
  command_execution: v.looseObject({
    ...item,
    command: text,
    aggregated_output: text,
    exit_code: v.nullish(v.number()),
    status: text,
  }),
  file_change: v.looseObject({
    ...item,
    changes: v.array(v.looseObject({ path: text, kind: text })),
    status: text,
  }),
  mcp_tool_call: v.looseObject({
    ...item,
    server: text,
    tool: text,
    result: v.nullish(v.looseObject({ content: v.array(v.unknown()) })),
    error: v.nullish(v.looseObject({ message: text })),
    status: text,
  }),
  collab_tool_call: v.looseObject({
    ...item,
    tool: text,
    sender_thread_id: text,
    receiver_thread_ids: v.array(text),
    prompt: nullishText,
    agents_states: v.record(text, v.looseObject({ status: text, message: nullishText })),
    status: text,
  }),
  web_search: v.looseObject({ ...item, query: text }),
  todo_list: v.looseObject({
    ...item,
    items: v.array(v.looseObject({ text, completed: v.boolean() })),
  }),
  error: v.looseObject({ ...item, message: text }),
} as const;

/** Schema of an item whose type is not known. */
export const unknownItemSchema = v.looseObject({ type: text });

/** Schemas of the known events, by `type`; an `item` is checked by its own schema. */
export const eventSchemas = {
  "thread.started": v.looseObject({ type: text, thread_id: text }),
  "turn.started": v.looseObject({ type: text }),
  "turn.completed": v.looseObject({
    type: text,
    usage: v.nullish(v.looseObject({
      input_tokens: count,
      cached_input_tokens: count,
      cache_write_input_tokens: count,
      output_tokens: count,
      reasoning_output_tokens: count,
    })),
  }),
  "turn.failed": v.looseObject({ type: text, error: v.looseObject({ message: text }) }),
  "item.started": v.looseObject({ type: text, item: unknownItemSchema }),
  "item.updated": v.looseObject({ type: text, item: unknownItemSchema }),
  "item.completed": v.looseObject({ type: text, item: unknownItemSchema }),
  "error": v.looseObject({ type: text, message: text }),
} as const;
