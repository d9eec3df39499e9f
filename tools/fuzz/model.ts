import * as v from "valibot";
import { eventSchemas, itemSchemas } from "../../src/schema.ts";

type AnySchema = v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>;

/** What has to become of bytes. */
export type Expected = {
  /** The events, with the lines they stand on. */
  events: { line: number; value: unknown }[];
  /** The lines that are no events. */
  noise: number[];
  /** The line that ends it, and how; `null` when all is well. */
  error: { line: number; kind: "shape" | "length" } | null;
};

/**
 * Says what has to become of what codex printed, in the plainest way: all at once, line by line,
 * each judged by the schemas themselves. Shares no code with what it judges but the schemas.
 */
export function expected(bytes: Uint8Array, maxLineBytes = Infinity): Expected {
  const outcome: Expected = { events: [], noise: [], error: null };
  for (const [index, lineBytes] of linesOf(bytes).entries()) {
    const line = index + 1;
    if (lineBytes.length > maxLineBytes) return { ...outcome, error: { line, kind: "length" } };
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(lineBytes).trim();
    if (text === "") continue;
    const value = parsed(text);
    if (value === null || typeof value.type !== "string") outcome.noise.push(line);
    else if (!fits(value)) return { ...outcome, error: { line, kind: "shape" } };
    else outcome.events.push({ line, value: filled(value) });
  }
  return outcome;
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 10) continue;
    lines.push(bytes.subarray(start, at));
    start = at + 1;
  }
  if (start < bytes.length) lines.push(bytes.subarray(start));
  return lines;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function fits(event: Record<string, unknown>): boolean {
  if (!conforms(eventSchemas, event)) return false;
  return !["item.started", "item.updated", "item.completed"].includes(event.type as string) ||
    conforms(itemSchemas, event.item as Record<string, unknown>);
}

function conforms(schemas: Record<string, AnySchema>, value: Record<string, unknown>): boolean {
  const known = typeof value.type === "string" && Object.hasOwn(schemas, value.type);
  return !known || v.safeParse(schemas[value.type as string]!, value).success;
}

/** The one thing that is added to what codex says. */
export function filled(event: Record<string, unknown>): Record<string, unknown> {
  if (event.type !== "turn.completed" || !event.usage) return event;
  // Not Object.assign, for which `__proto__` is no plain key.
  const usage: Record<string, unknown> = Array.isArray(event.usage)
    ? [...event.usage] as unknown as Record<string, unknown>
    : { ...event.usage };
  usage.cache_write_input_tokens ??= 0;
  return { ...event, usage };
}
