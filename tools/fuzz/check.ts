import type { FuzzInput } from "./input.ts";
import { expected, filled } from "./model.ts";
import { decoded, type Outcome, piped } from "./outcome.ts";
import { isSame } from "./same.ts";

/** What a check saw, for statistics. */
export type Seen = { events: number; noise: number; error: string | null };

/** Judges one input, by the streams too if asked; throws with what is wrong. */
export async function check(input: FuzzInput, streams: boolean): Promise<Seen> {
  const { bytes, chunks, maxLineBytes, valid } = input;
  const outcome = decoded(chunks, maxLineBytes);
  assertSame(decoded([bytes], maxLineBytes), outcome, "in one chunk, as in many");
  const model = expected(bytes, maxLineBytes);
  assertSame(
    outcome.events,
    model.events.map(({ value }) => value),
    "events, as the model has them",
  );
  assertSame(outcome.noise.map(({ line }) => line), model.noise, "noise, as the model has it");
  const kind = outcome.error === null
    ? null
    : /longer than/.test(outcome.error)
    ? "length"
    : "shape";
  assertSame(kind, model.error?.kind ?? null, "the kind of error");
  if (model.error !== null) {
    const line = Number(/on line (\d+)/.exec(outcome.error!)?.[1]);
    assertSame(line, model.error.line, "the line of the error");
    if (outcome.error!.length > 1000) throw new Error(`The message is endless: ${outcome.error}`);
  }
  if (outcome.noise.some(({ text }) => text.length > 2000)) throw new Error("Noise is endless");
  assertValidArrived(valid, model);
  if (streams) await assertReferenceAgrees(input, outcome);
  return { events: outcome.events.length, noise: outcome.noise.length, error: outcome.error };
}

function assertValidArrived(valid: FuzzInput["valid"], model: ReturnType<typeof expected>): void {
  const arrived = new Map(model.events.map(({ line, value }) => [line, value]));
  for (const [line, original] of valid) {
    if (model.error !== null && line >= model.error.line) continue;
    assertSame(arrived.get(line), filled(original), `the valid event on line ${line}`);
  }
}

async function assertReferenceAgrees(input: FuzzInput, outcome: Outcome): Promise<void> {
  const { bytes, chunks, maxLineBytes } = input;
  // The composition counts characters, which differ from bytes beyond ASCII. In it, the error of a
  // long line overtakes that of an event before it.
  const isComparable = bytes.every((byte) => byte < 0x80) &&
    !/in a shape/.test(outcome.error ?? "");
  const limit = isComparable ? maxLineBytes : Infinity;
  const same = limit === maxLineBytes ? outcome : decoded(chunks);
  const reference = await piped(chunks, limit);
  assertSame(reference.error, same.error, "the error of the streams");
  // A chain of pipes drops what is queued behind an error; what did arrive is the same.
  const events = same.error === null ? same.events : same.events.slice(0, reference.events.length);
  assertSame(reference.events, events, "the events of the streams");
}

function assertSame(actual: unknown, wanted: unknown, what: string): void {
  if (isSame(actual, wanted)) return;
  throw new Error(`Not the same (${what}): ${shown(actual)} instead of ${shown(wanted)}`);
}

function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? "nothing").slice(0, 1500);
  } catch {
    return "something nested deeply";
  }
}
