import type { Random } from "../../tests/support/random.ts";

/** A JSON object under construction. */
export type Json = { [key: string]: unknown };

const words = [
  ...["", "ok", "npm test", "/home/dev/a.txt", "…", "\u2028", "\u2029", "\uFEFF", "a\nb\r\n", "\0"],
  ...["😀", "\ud83d", "é", '"', "\\", "\\u0022", "</script>", "__proto__", "null", "{}", "\x7f"],
  ...[
    "Reconnecting... 2/5 (x)",
    "item.completed",
    " ",
    "\t",
    "0199a213-81c0-7800-8aa1-bbab2a035a53",
  ],
];
const numbers = [0, 1, -1, 42, 0.5, 1e21, 2 ** 53, -(2 ** 31), 1e-7, Number.MAX_VALUE, 5e-324];
const keys = ["a", "id", "type", "", "length", "constructor", "toString", "item", "é", "0", "-1"];

/** A text such as codex might send. */
export function text(random: Random): string {
  if (random.chance(0.001)) return random.pick(words).repeat(random.below(2000));
  let text = "";
  for (let count = random.below(4); count > 0; count--) text += random.pick(words);
  return text;
}

/** Any JSON value. */
export function json(random: Random, depth = 3): unknown {
  switch (random.below(depth > 0 ? 7 : 5)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(numbers);
    case 3:
    case 4:
      return text(random);
    case 5:
      return random.list(random.below(4), () => json(random, depth - 1));
    default: {
      const object: Json = {};
      for (let i = random.below(4); i > 0; i--) object[random.pick(keys)] = json(random, depth - 1);
      return object;
    }
  }
}

const statuses = ["in_progress", "completed", "failed", "declined", "status_of_a_newer_codex"];

type Member = (random: Random) => unknown;
/** Where a member may be missing, `undefined` is one of its values. */
const rules: Record<string, Record<string, Member>> = {
  agent_message: { text },
  reasoning: { text },
  command_execution: {
    command: text,
    aggregated_output: text,
    exit_code: (random) => random.pick([undefined, null, 0, 1, 127, -1, 0.5]),
    status,
  },
  file_change: {
    changes: several((random) => ({
      path: text(random),
      kind: random.pick(["add", "delete", "update", "kind_of_a_newer_codex"]),
    })),
    status,
  },
  mcp_tool_call: {
    server: text,
    tool: text,
    arguments: (random) => json(random),
    result: maybe((random) => ({
      content: random.list(random.below(3), () => json(random, 2)),
      structured_content: json(random, 2),
    })),
    error: maybe((random) => ({ message: text(random) })),
    status,
  },
  collab_tool_call: {
    tool: (random) => random.pick(["spawn_agent", "wait", "send_input"]),
    sender_thread_id: text,
    receiver_thread_ids: several(text),
    prompt: maybe(text),
    agents_states: (random) =>
      Object.fromEntries(random.list(random.below(3), () => [
        random.pick(["a", "b", "constructor", "prototype", "0199a213"]),
        {
          status: random.pick(["running", "completed"]),
          message: random.pick([null, text(random)]),
        },
      ])),
    status,
  },
  web_search: { query: text, action: maybe((random) => json(random, 2)) },
  todo_list: {
    items: several((random) => ({ text: text(random), completed: random.chance(0.5) })),
  },
  error: { message: text },
  item_of_a_newer_codex: { payload: (random) => json(random) },
};

function status(random: Random): string {
  return random.pick(statuses);
}

function maybe(member: Member): Member {
  return (random) => random.chance(0.3) ? random.pick([undefined, null]) : member(random);
}

function several(member: Member): Member {
  return (random) => random.list(random.below(4), () => member(random));
}

function made(random: Random, type: string, members: Record<string, Member>): Json {
  const object: Json = { type };
  for (const [key, member] of Object.entries(members)) {
    const value = member(random);
    if (value !== undefined) object[key] = value;
  }
  if (random.chance(0.1)) object.added_by_a_newer_codex = json(random);
  return object;
}

/** An item in a shape that codex gives it. */
export function item(random: Random): Json {
  const type = random.pick(Object.keys(rules));
  return { id: `item_${random.below(5)}`, ...made(random, type, rules[type]!) };
}

const events: Record<string, Record<string, Member>> = {
  "thread.started": { thread_id: text },
  "turn.started": {},
  "turn.completed": { usage: maybe(usage) },
  "turn.failed": { error: (random) => ({ message: text(random) }) },
  "item.started": { item },
  "item.updated": { item },
  "item.completed": { item },
  "error": { message: text },
  "event.of.a.newer.codex": { item: (random) => json(random), payload: (random) => json(random) },
};
const eventTypes = Object.keys(events);

function usage(random: Random): Json {
  const counts: Json = {};
  for (const name of ["input", "cached_input", "cache_write_input", "output", "reasoning_output"]) {
    const count = random.chance(0.1) ? random.pick([undefined, null]) : random.below(1e6);
    if (count !== undefined) counts[`${name}_tokens`] = count;
  }
  return counts;
}

/** An event in a shape that codex gives it, of a known or an unknown type. */
export function event(random: Random): Json {
  const type = random.chance(0.5) ? random.pick(eventTypes.slice(4, 7)) : random.pick(eventTypes);
  return made(random, type, events[type]!);
}
