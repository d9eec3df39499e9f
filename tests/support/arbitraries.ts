import fc from "fast-check";

/** A JSON value, as `JSON.parse` gives it: keys such as `__proto__` are plain keys. */
export const json: fc.Arbitrary<unknown> = fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text));

// Not the library's "binary" characters: making those takes a second.
const character = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code)),
  fc.constantFrom("\u0085", "\u2028", "\u2029", "\uFEFF", "\uFFFD", "\uD800", "é", "€", "😀"),
);
const text = fc.string({ unit: character, maxLength: 12 });
const id = fc.constantFrom("item_0", "item_1", "item_2", "item_3");
const status = fc.constantFrom("in_progress", "completed", "failed", "declined", "new_status");
const extra = fc.constantFrom({}, { added_by_newer_codex: { deep: [1] } });

function record(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> {
  return fc.tuple(fc.record(fields), extra).map(([object, more]) => ({ ...object, ...more }));
}

function item(type: string, fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> {
  return record({ id, type: fc.constant(type), ...fields });
}

/** An item in the shape codex gives it. */
export const threadItem: fc.Arbitrary<object> = fc.oneof(
  item("agent_message", { text }),
  item("reasoning", { text }),
  item("command_execution", {
    command: text,
    aggregated_output: text,
    exit_code: fc.option(fc.integer()),
    status,
  }),
  item("file_change", {
    changes: fc.array(record({ path: text, kind: fc.constantFrom("add", "delete", "update") }), {
      maxLength: 3,
    }),
    status,
  }),
  item("mcp_tool_call", {
    server: text,
    tool: text,
    arguments: json,
    result: fc.option(
      record({ content: fc.array(json, { maxLength: 2 }), structured_content: json }),
    ),
    error: fc.option(record({ message: text })),
    status,
  }),
  item("collab_tool_call", {
    tool: text,
    sender_thread_id: text,
    receiver_thread_ids: fc.array(text, { maxLength: 2 }),
    prompt: fc.option(text),
    agents_states: fc.dictionary(
      fc.uuid(),
      record({ status: text, message: fc.option(text) }),
      { maxKeys: 2 },
    ),
    status,
  }),
  item("web_search", { query: text, action: json }),
  item("todo_list", {
    items: fc.array(record({ text, completed: fc.boolean() }), { maxLength: 3 }),
  }),
  item("error", { message: text }),
  item("item_of_a_newer_codex", { payload: json }),
);

const tokens = fc.nat(100_000);

/** Token counts, as codex reports them. */
export const usage: fc.Arbitrary<object> = fc.record({
  input_tokens: tokens,
  cached_input_tokens: tokens,
  cache_write_input_tokens: tokens,
  output_tokens: tokens,
  reasoning_output_tokens: tokens,
}, { noNullPrototype: true });

function event(type: string, fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> {
  return record({ type: fc.constant(type), ...fields });
}

/** An event in the shape codex gives it, of a known or an unknown type. */
export const threadEvent: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  event("thread.started", { thread_id: fc.uuid() }),
  event("turn.started", {}),
  event("turn.completed", { usage }),
  event("turn.failed", { error: record({ message: text }) }),
  { arbitrary: event("item.started", { item: threadItem }), weight: 3 },
  event("item.updated", { item: threadItem }),
  { arbitrary: event("item.completed", { item: threadItem }), weight: 3 },
  event("error", { message: text }),
  event("event.of.a.newer.codex", { payload: json }),
) as fc.Arbitrary<Record<string, unknown>>;

/** An event with one member, anywhere in it, replaced or removed. */
export const mutatedEvent: fc.Arbitrary<Record<string, unknown>> = fc.tuple(
  threadEvent,
  fc.nat(),
  fc.option(fc.oneof(json, fc.constantFrom("", 0, null, [], {}, true)), { nil: undefined }),
).map(([original, choice, replacement]) => {
  const copy = structuredClone(original);
  const places = membersOf(copy);
  const { holder, key } = places[choice % places.length]!;
  if (replacement === undefined) delete holder[key];
  else holder[key] = replacement;
  return copy;
});

function membersOf(value: unknown): { holder: Record<string, unknown>; key: string }[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...membersOf(holder[key])]);
}

/** Cuts bytes into chunks, anywhere. */
export function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set(at.map((each) => each % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, i) => bytes.slice(places[i - 1] ?? 0, end));
}

/** Where to cut. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(), { maxLength: 12 });

const piece: fc.Arbitrary<Uint8Array> = fc.oneof(
  { arbitrary: threadEvent.map((each) => utf8(JSON.stringify(each) + "\n")), weight: 3 },
  mutatedEvent.map((each) => utf8(JSON.stringify(each) + "\n")),
  fc.constantFrom(
    ...["\n", "\r\n", "\r", "\0", "\uFEFF", "\u2028", "\u2029", " ", "{", "}", "null\n", "[]\n"],
    ...["{}\n", '{"type":1}\n', '{"type":"x"}\n', '\uFEFF{"type":"turn.started"}\n', "WARN a\n"],
    ...['{"type":"error","message":"a\u2028b\u2029c"}\r\n', ' {"type":"turn.started"} \n'],
  ).map(utf8),
  fc.uint8Array({ maxLength: 6 }),
  // The beginnings of characters that are longer.
  fc.constantFrom([0xe2, 0x80], [0xf0, 0x9f, 0x98], [0xef, 0xbb], [0xc3]).map((each) =>
    new Uint8Array(each)
  ),
);

/** What might come out of a pipe: events, text, rubbish. */
export const output: fc.Arbitrary<Uint8Array> = fc.array(piece, { maxLength: 8 }).map(concat);

/** One array of many. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

/** Text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
