import { intersection, name, object, type Shape, union } from "./shape.ts";

/** A JSON Schema (draft 7), as far as it is understood here. */
export type Schema = boolean | { readonly [keyword: string]: unknown };

/** What the type is that a `$ref` points to, e.g. for `"#/definitions/v2/Thread"`. */
export type Resolve = (ref: string) => Shape;

/** Keywords that narrow a value further than a type can say, or only describe it. */
const silent = new Set([
  ...["$schema", "$id", "$comment", "title", "description", "default", "examples"],
  ...["deprecated", "readOnly", "writeOnly", "definitions", "$defs"],
  ...["format", "pattern", "minLength", "maxLength"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  ...["uniqueItems", "minProperties", "maxProperties"],
]);

const ofObjects = ["properties", "required", "additionalProperties"];
const ofArrays = ["items", "additionalItems", "minItems", "maxItems"];

const understood = new Set([
  ...silent,
  ...ofObjects,
  ...ofArrays,
  ...["type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf"],
]);

/**
 * The type of the values that `schema` admits. Throws for what has no faithful type here rather
 * than give a wrong one; `path` tells where that was.
 */
export function shapeOf(schema: unknown, resolve: Resolve, path: string = "#"): Shape {
  if (schema === true) return name("unknown");
  if (schema === false) return name("never");
  if (!isObject(schema)) throw refusal(path, "a schema must be an object or a boolean");
  for (const keyword of Object.keys(schema)) {
    if (!understood.has(keyword)) throw refusal(path, `the keyword "${keyword}" is not known`);
  }
  if ("$ref" in schema) return referred(schema, resolve, path);
  return intersection([
    ownShape(schema, resolve, path),
    ...listed(schema, "allOf", path).map((one, at) => shapeOf(one, resolve, `${path}/allOf/${at}`)),
    ...["anyOf", "oneOf"].filter((keyword) => keyword in schema).map((keyword) =>
      union(
        listed(schema, keyword, path).map((one, at) =>
          shapeOf(one, resolve, `${path}/${keyword}/${at}`)
        ),
      )
    ),
  ]);
}

type Keywords = { readonly [keyword: string]: unknown };

/** What a `$ref` stands for; what else the schema says must not matter. */
function referred(schema: Keywords, resolve: Resolve, path: string): Shape {
  const { $ref: ref } = schema;
  if (typeof ref !== "string") throw refusal(path, '"$ref" must be a string');
  // Draft 7 ignores the neighbours of a reference, later drafts do not.
  const neighbour = Object.keys(schema).find((keyword) =>
    keyword !== "$ref" && !silent.has(keyword)
  );
  if (neighbour) throw refusal(path, `"${neighbour}" beside "$ref" is not clear`);
  return resolve(ref);
}

/** What the schema says without its parts: by `type`, `enum` and `const`. */
function ownShape(schema: Keywords, resolve: Resolve, path: string): Shape {
  const types = typesOf(schema, path);
  if ("enum" in schema || "const" in schema) {
    const values = "const" in schema ? [schema.const] : listed(schema, "enum", path);
    const stray = [...ofObjects, ...ofArrays].find((keyword) => keyword in schema);
    if (stray) throw refusal(path, `"${stray}" beside a list of values is not clear`);
    return union(values.map((value) => literal(value, types, path)));
  }
  if (!types) return name("unknown");
  for (const [type, keywords] of [["object", ofObjects], ["array", ofArrays]] as const) {
    const stray = types.includes(type) ? undefined : keywords.find((one) => one in schema);
    if (stray) throw refusal(path, `"${stray}" needs the type "${type}"`);
  }
  return union(types.map((type) => {
    if (type === "object") return objectShape(schema, resolve, path);
    if (type === "array") return arrayShape(schema, resolve, path);
    return name(type === "integer" ? "number" : type);
  }));
}

const typeNames = ["null", "boolean", "integer", "number", "string", "array", "object"];

/** The types named or implied, if any. */
function typesOf(schema: Keywords, path: string): string[] | undefined {
  if (!("type" in schema)) {
    if (ofObjects.some((keyword) => keyword in schema)) return ["object"];
    if (ofArrays.some((keyword) => keyword in schema)) return ["array"];
    return undefined;
  }
  const types: unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  for (const type of types) {
    if (!typeNames.includes(String(type))) {
      throw refusal(path, `the type ${JSON.stringify(type)} is not known`);
    }
  }
  return types.map(String);
}

function literal(value: unknown, types: string[] | undefined, path: string): Shape {
  const type = value === null ? "null" : typeof value;
  if (!["null", "boolean", "number", "string"].includes(type)) {
    throw refusal(path, `the value ${JSON.stringify(value)} has no type of its own`);
  }
  const named = types?.map((one) => one === "integer" ? "number" : one);
  if (named && !named.includes(type)) {
    throw refusal(path, `the value ${JSON.stringify(value)} is not of the type`);
  }
  return name(JSON.stringify(value));
}

function objectShape(schema: Keywords, resolve: Resolve, path: string): Shape {
  const properties = schema.properties ?? {};
  if (!isObject(properties)) throw refusal(path, '"properties" must be an object');
  const required = new Set(
    "required" in schema ? listed(schema, "required", path).map(String) : [],
  );
  const members = Object.entries(properties).map(([key, value]) => ({
    name: key,
    optional: !required.delete(key),
    shape: shapeOf(value, resolve, `${path}/properties/${key}`),
  }));
  // What is left is required without being described.
  for (const key of required) members.push({ name: key, optional: false, shape: name("unknown") });
  const { additionalProperties: more } = schema;
  if (members.length === 0) {
    return object([], more === undefined ? name("unknown") : shapeOf(more, resolve, `${path}/*`));
  }
  // A type cannot close an object; left open is how TypeScript takes it anyway.
  if (more === undefined || more === false) return object(members);
  if (more === true) return object(members, name("unknown"));
  throw refusal(path, '"additionalProperties" with a type beside "properties" is not supported');
}

function arrayShape(schema: Keywords, resolve: Resolve, path: string): Shape {
  const { items, additionalItems, minItems, maxItems } = schema;
  if (!Array.isArray(items)) {
    if (additionalItems !== undefined) throw refusal(path, '"additionalItems" needs a list');
    return { kind: "array", of: shapeOf(items ?? true, resolve, `${path}/items`) };
  }
  const closed = maxItems === items.length || additionalItems === false;
  if (minItems !== items.length || !closed) {
    throw refusal(path, "a tuple must have a fixed length");
  }
  return {
    kind: "tuple",
    of: items.map((item, at) => shapeOf(item, resolve, `${path}/items/${at}`)),
  };
}

function listed(schema: Keywords, keyword: string, path: string): unknown[] {
  const list = schema[keyword] ?? [];
  if (!Array.isArray(list)) throw refusal(path, `"${keyword}" must be a list`);
  return list;
}

/** Whether `value` is an object with string keys. */
export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refusal(path: string, reason: string): TypeError {
  return new TypeError(`Cannot make a type of the schema at "${path}": ${reason}`);
}
