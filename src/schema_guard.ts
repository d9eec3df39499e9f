import type * as v from "valibot";

/** Says whether a value fits, by looking only: nothing is copied or allocated. */
export type Guard = (value: unknown) => boolean;

type AnySchema = v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>;

/** Names that valibot does not look at in a record: it will not copy them. */
const passedOver: ReadonlySet<string> = new Set(["__proto__", "prototype", "constructor"]);

/**
 * Compiles a valibot schema into a guard that agrees with it. Valibot copies what it checks, which
 * halves the throughput of a turn's events; it then only words the error for a refused value.
 *
 * Knows the kinds of schema the protocol uses and throws on any other.
 */
export function compileGuard(schema: AnySchema): Guard {
  const known = schema as unknown as KnownSchema;
  switch (known.type) {
    case "unknown":
      return () => true;
    case "string":
      return (value) => typeof value === "string";
    case "number":
      return (value) => typeof value === "number" && !Number.isNaN(value);
    case "boolean":
      return (value) => typeof value === "boolean";
    case "nullish": {
      const wrapped = compileGuard(known.wrapped);
      return (value) => value === null || value === undefined || wrapped(value);
    }
    case "array": {
      const item = compileGuard(known.item);
      return (value) => {
        if (!Array.isArray(value)) return false;
        for (const member of value) if (!item(member)) return false;
        return true;
      };
    }
    case "record": {
      const member = compileGuard(known.value);
      return (value) =>
        isObject(value) &&
        Object.keys(value).every((key) => passedOver.has(key) || member(value[key]));
    }
    case "loose_object": {
      const entries = Object.entries(known.entries).map(([key, entry]) => ({
        key,
        guard: compileGuard(entry),
        // An entry that is missing altogether is refused, even where its schema takes undefined.
        optional: entry.type === "nullish",
      }));
      return (value) => {
        if (!isObject(value)) return false;
        for (const { key, guard, optional } of entries) {
          const member = value[key];
          if (member === undefined && !(key in value) ? !optional : !guard(member)) return false;
        }
        return true;
      };
    }
    default:
      throw new TypeError(`Cannot compile a guard for the schema "${schema.type}"`);
  }
}

type KnownSchema =
  | { type: "unknown" | "string" | "number" | "boolean" }
  | { type: "nullish"; wrapped: AnySchema }
  | { type: "array"; item: AnySchema }
  | { type: "record"; value: AnySchema }
  | { type: "loose_object"; entries: Record<string, AnySchema> };

function isObject(value: unknown): value is Record<string, unknown> {
  // Valibot takes arrays for objects, and the two must agree; no required member is found in one.
  return typeof value === "object" && value !== null;
}
