import type { Random } from "../../tests/support/random.ts";
import { type Json, json } from "./grammar.ts";

/** JSON text that no value is written as, e.g. a huge number. */
class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Place = { holder: Json | unknown[]; key: string };

function places(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null || value instanceof Raw) return found;
  for (const key of Object.keys(value)) {
    found.push({ holder: value as Json, key });
    places((value as Json)[key], found);
  }
  return found;
}

const strange = [
  ...["1e400", "-1e400", "1e-400", "-0", "123456789012345678901234567890", "01", "+1", ".5", "NaN"],
  ...[
    '"\\ud800"',
    '"\\u0000"',
    '"\\x"',
    "'a'",
    "undefined",
    "tru",
    "",
    '{"__proto__":{"type":"x"}}',
  ],
  ...['{"__proto__":null}', '"unended', "[1,]", "/**/1", "1e1000000", '"\\u2028"', "9".repeat(400)],
];
const otherKeys = ["type", "Type", "type ", "item", "__proto__", "constructor", "toJSON", "", "id"];
const otherTypes = [
  ...["turn.failed", "item.completed", "item.", "item.deleted", "thread.started", "error"],
  ...["", "toString", "__proto__", "agent_message", "todo_list", "mcp_tool_call"],
];

/** Changes one member, anywhere in `event`. */
function mutateOnce(event: Json, random: Random): void {
  const all = places(event);
  if (all.length === 0) return;
  const { holder, key } = random.pick(all) as { holder: Json; key: string };
  const value = holder[key];
  switch (random.below(9)) {
    case 0:
      delete holder[key];
      break;
    case 1:
      holder[key] = json(random, 2);
      break;
    case 2:
      holder[key] = random.pick([null, "", 0, [], {}, true, false, "null"]);
      break;
    case 3:
      holder[key] = random.chance(0.5) ? [value] : { [random.pick(otherKeys)]: value };
      break;
    case 4:
      delete holder[key];
      define(holder, random.pick(otherKeys), value);
      break;
    case 5:
      define(holder, random.pick(otherKeys), json(random, 2));
      break;
    case 6:
      holder[key] = new Raw(random.pick(strange));
      break;
    case 7:
      if ("type" in holder) holder.type = random.pick(otherTypes);
      break;
    default: {
      const other = random.pick(all) as { holder: Json; key: string };
      holder[key] = copied(other.holder[other.key]);
    }
  }
}

/** `__proto__` too is a plain key in JSON; an array has no keys. */
function define(holder: Json, key: string, value: unknown): void {
  if (Array.isArray(holder)) return void holder.push(value);
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** No value may come to hold itself. */
function copied(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Raw) return value;
  if (Array.isArray(value)) return value.map(copied);
  const copy: Json = {};
  for (const key of Object.keys(value)) define(copy, key, copied((value as Json)[key]));
  return copy;
}

/** Changes up to three members. */
export function mutate(event: Json, random: Random): Json {
  for (let times = random.between(1, 3); times > 0; times--) mutateOnce(event, random);
  return event;
}

/** How an object is written. */
export type Style = {
  /** Whether blanks stand between the tokens. */
  blanks: boolean;
  /** Whether characters are escaped that need not be. */
  escapes: boolean;
  /** How probable it is that a member is written twice, the first time with another value. */
  doubled: number;
};

/** Writes JSON in one of the many ways in which that can be done. */
export function write(value: unknown, style: Style, random: Random): string {
  if (value instanceof Raw) return value.text;
  if (typeof value === "string") return quote(value, style, random);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const gap = () => style.blanks ? random.pick(["", " ", "\t", "\r", "  "]) : "";
  if (Array.isArray(value)) {
    return `[${value.map((each) => gap() + write(each, style, random) + gap()).join(",")}]`;
  }
  const members = Object.keys(value).flatMap((key) => {
    const name = quote(key, style, random) + gap() + ":" + gap();
    const member = name + write((value as Json)[key], style, random);
    return random.chance(style.doubled)
      ? [name + write(json(random, 1), style, random), member]
      : member;
  });
  return `{${members.map((each) => gap() + each + gap()).join(",")}}`;
}

function quote(text: string, { escapes }: Style, random: Random): string {
  if (!escapes) return JSON.stringify(text);
  const units = Array.from(
    { length: text.length },
    (_, at) =>
      random.chance(0.2)
        ? "\\u" + text.charCodeAt(at).toString(16).padStart(4, "0")
        : JSON.stringify(text[at]).slice(1, -1),
  );
  return `"${units.join("")}"`;
}

const insertions = [
  ...[[0], [10], [13], [13, 10], [0xe2, 0x80, 0xa8], [0xe2, 0x80, 0xa9], [0xef, 0xbb, 0xbf], [
    0xff,
  ]],
  ...[[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x80], [0xf0, 0x9f], [
    0x80,
  ]],
  ...[[0x22], [0x5c], [0x7b], [0x7d], [0x20], [0xc2, 0x85], [0xc2, 0xa0], [0xff, 0xfe, 0x0a, 0x00]],
];

/** Damages bytes: flips, truncates, splices, inserts, repeats. */
export function damage(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = [...bytes];
  for (let times = random.between(1, 3); times > 0; times--) {
    const at = random.below(copy.length + 1);
    switch (random.below(6)) {
      case 0:
        if (at < copy.length) copy[at]! ^= 1 << random.below(8);
        break;
      case 1:
        copy.length = at;
        break;
      case 2:
        copy.splice(at, random.between(1, 8));
        break;
      case 3:
        copy.splice(at, 0, ...copy.slice(random.below(copy.length + 1)).slice(0, 200));
        break;
      case 4:
        copy.splice(at, 0, ...random.list(random.between(1, 4), () => random.below(256)));
        break;
      default:
        copy.splice(at, 0, ...random.pick(insertions));
    }
  }
  return Uint8Array.from(copy);
}
