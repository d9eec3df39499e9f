import { Random } from "../../tests/support/random.ts";
import { event, type Json } from "./grammar.ts";
import { damage, mutate, type Style, write } from "./mutations.ts";

/** What is given to the decoder, and what is known of it beforehand. */
export type FuzzInput = {
  /** What codex printed. */
  bytes: Uint8Array;
  /** The same, as it is read. */
  chunks: Uint8Array[];
  /** The longest line that is accepted. */
  maxLineBytes: number;
  /** The events that are valid by construction, by the number of their line. */
  valid: Map<number, Json>;
};

const plain: Style = { blanks: false, escapes: false, doubled: 0 };
const encoder = new TextEncoder();

const noises = [
  ...["", "\r", " ", "\uFEFF", "WARN something", "null", "[]", '"x"', "3", "{}", '{"type":7}', "{"],
  ...['{"level":"info"}', "\u2028", "\0", "\x1b[33mwarning\x1b[0m: {}", '{"type":"turn.started"}x'],
  ...['{"type":"turn.started"}{"type":"turn.started"}', '{"__proto__":{"type":"turn.started"}}'],
  ...["}", "data: {}", '{"type":"error","message":"a\u2028b"', "\u00a0", '{"type":null}', "-"],
];

/** Makes input number `index` of a seed; each can be made alone. */
export function fuzzInput(seed: number, index: number): FuzzInput {
  const random = new Random(seed, index);
  const pieces: Uint8Array[] = [];
  const valid = new Map<number, Json>();
  let line = 1;
  let atLineStart = true;
  const add = (bytes: Uint8Array) => {
    pieces.push(bytes);
    for (const byte of bytes) if (byte === 10) line++;
    if (bytes.length > 0) atLineStart = bytes.at(-1) === 10;
  };
  for (let count = random.between(1, 5); count > 0; count--) {
    const kind = random.below(10);
    if (kind < 4 && !atLineStart) add(encoder.encode("\n"));
    if (kind < 4) {
      const original = event(random);
      valid.set(line, original);
      // The last line may lack its end.
      add(
        encoder.encode(
          validLine(original, random) + (count === 1 ? random.pick(["\n", ""]) : "\n"),
        ),
      );
    } else if (kind < 7) {
      const text = write(mutate(event(random), random), styleOf(random, 0.1), random);
      add(encoder.encode(text + "\n"));
    } else if (kind === 7) {
      add(damage(encoder.encode(JSON.stringify(event(random)) + "\n"), random));
    } else if (kind === 8) {
      add(encoder.encode(random.pick(noises) + random.pick(["\n", "\n", "\r\n", ""])));
    } else {
      add(random.chance(0.002) ? nested(random) : damage(new Uint8Array(0), random));
    }
  }
  const bytes = joined(pieces);
  return { bytes, chunks: cut(bytes, random), maxLineBytes: limit(bytes, random), valid };
}

function validLine(original: Json, random: Random): string {
  const style = styleOf(random, random.pick([0, 0, 0.2]));
  const text = random.chance(0.5) ? JSON.stringify(original) : write(original, style, random);
  return random.pick(["", "", "", " ", "\uFEFF", "\t"]) + text +
    random.pick(["", "", "", " ", "\r"]);
}

function styleOf(random: Random, doubled: number): Style {
  if (random.chance(0.5)) return plain;
  return { blanks: random.chance(0.5), escapes: random.chance(0.3), doubled };
}

/** An event that is nested deeply, within what every runtime can read and far beyond. */
function nested(random: Random): Uint8Array {
  const depth = random.pick([10, 500, 20_000, 100_000]);
  const [open, close] = random.pick([["[", "]"], ['{"a":', "}"], ['{"__proto__":', "}"]]);
  const type = random.pick(["new", "error", "item.completed", ""]);
  const end = random.chance(0.8) ? close!.repeat(depth) + "}\n" : "\n";
  return encoder.encode(`{"type":"${type}","deep":${open!.repeat(depth)}1${end}`);
}

/** Mostly none; else around the length of a line, so that it is just met or just missed. */
function limit(bytes: Uint8Array, random: Random): number {
  return random.chance(0.9) ? Infinity : random.between(1, Math.min(bytes.length + 2, 400));
}

function cut(bytes: Uint8Array, random: Random): Uint8Array[] {
  const longest = random.pick([1, 3, 20, 200, bytes.length + 1, bytes.length + 1]);
  // Byte by byte only where that ends soon.
  const length = Math.max(longest, Math.ceil(bytes.length / 2000));
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + random.between(1, length);
    chunks.push(bytes.subarray(start, end));
    if (random.chance(0.02)) chunks.push(new Uint8Array(0));
    start = end;
  }
  return chunks;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}
