import * as v from "valibot";
import { ProtocolError } from "./errors.ts";
import type { ThreadEvent } from "./events.ts";
import { compileGuard, type Guard } from "./schema_guard.ts";
import { eventSchemas, itemSchemas } from "./schema.ts";

type AnySchema = v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>;
type Check = { schema: AnySchema; guard: Guard };

const eventChecks: Map<unknown, Check> = checks(eventSchemas);
const itemChecks: Map<unknown, Check> = checks(itemSchemas);

function checks(schemas: Record<string, AnySchema>): Map<unknown, Check> {
  return new Map(
    Object.entries(schemas).map((
      [type, schema],
    ) => [type, { schema, guard: compileGuard(schema) }]),
  );
}

/**
 * The event a JSON object stands for, unchanged; `null` for an object without a `type`, which is
 * no event (programs log JSON, too). What is unknown passes through.
 *
 * Throws `ProtocolError` when an event or item of a known type has a shape it must not have.
 */
export function toThreadEvent(
  object: Record<string, unknown>,
  line: number | null,
): ThreadEvent | null {
  const type = object.type;
  if (typeof type !== "string") return null;
  const check = eventChecks.get(type);
  if (check === undefined) return object as ThreadEvent;
  if (!check.guard(object)) throw wrongShape(type, check.schema, object, line, []);
  if (object.item !== undefined && type.startsWith("item.")) {
    const item = object.item as Record<string, unknown>;
    const itemCheck = itemChecks.get(item.type);
    if (itemCheck !== undefined && !itemCheck.guard(item)) {
      throw wrongShape(type, itemCheck.schema, item, line, ["item"]);
    }
  } else if (type === "turn.completed" && object.usage) {
    // Absent before codex reported it; the official SDK fills it in, and so do we.
    (object.usage as Record<string, unknown>).cache_write_input_tokens ??= 0;
  }
  return object as ThreadEvent;
}

function wrongShape(
  type: string,
  schema: AnySchema,
  value: unknown,
  line: number | null,
  parents: string[],
): ProtocolError {
  const { issues } = v.safeParse(schema, value, { abortEarly: true });
  const issue = issues?.[0];
  // Bounded: the names in a record are codex's, and as long as it likes.
  const steps = issue?.path?.map((step) => String(step.key).slice(0, 60)) ?? [];
  const keys = [...parents, ...steps];
  const path = keys.length === 0 ? null : keys.join(".");
  return new ProtocolError(
    `Codex sent ${quoteType(type)} in a shape this SDK cannot use` +
      (line === null ? "" : ` on line ${line}`) +
      (path === null ? "" : `, at "${path}"`) +
      (issue === undefined ? "" : `: expected ${issue.expected} but received ${kindOf(issue)}`),
    { line, path },
  );
}

function quoteType(type: string): string {
  return `a "${type}" event`;
}

/** The kind of what was received, not the value: it may be long, or secret. */
function kindOf(issue: v.BaseIssue<unknown>): string {
  return /^["']/.test(issue.received) ? "a string" : issue.received;
}
