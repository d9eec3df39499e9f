import type { Definitions } from "./definitions.ts";
import { isObject, shapeOf } from "./schema.ts";
import { name, object, type Shape, union } from "./shape.ts";

/** A request or a notification. */
export type Method = {
  /** As on the wire, e.g. `"thread/start"`. */
  method: string;
  /** The type of `params`. */
  params: Shape;
  /** Whether `params` may be missing. */
  optional: boolean;
  /** The type of the params in the definitions, if it is one of them. */
  paramsName?: string | undefined;
  /** The type of the result in the definitions; undefined where none was found. */
  resultName?: string | undefined;
};

/** What the schema does not say itself. */
export type Supplements = {
  /** The type of the result where it is not called after that of the params. */
  results: { readonly [method: string]: string };
  /** Methods that the server has and its schema leaves out, with what types there are. */
  unlisted: { readonly [method: string]: { params?: string; result?: string } };
};

/** How the file of the maps calls the types. */
const types = "types.";
/** Params of which nothing is known. */
const anyObject = object([], name("unknown"));
/** What may be sent instead of no params: `{}` and null. */
const noParams = union([object([], name("never")), name("null")]);

/**
 * Reads the definition `title`, a union of messages told apart by `method`, sorted by that. The
 * result of a request is the type `XResponse` beside `XParams`, or what `supplements` says. Throws
 * for a supplement that is not needed (any more).
 */
export function readMethods(
  bundle: unknown,
  title: string,
  definitions: Definitions,
  supplements: Supplements,
): Method[] {
  const methods = messagesOf(bundle, title).map((message) => {
    const method = readMessage(message, definitions);
    return { ...method, resultName: resultOf(method, definitions, supplements) };
  });
  for (const [method, { params, result }] of Object.entries(supplements.unlisted)) {
    if (methods.some((one) => one.method === method)) throw needless(method, "is in the schema");
    const unknown = [params, result].find((one) => one && !definitions.shapes.has(one));
    if (unknown) throw new TypeError(`Cannot add "${method}": there is no type "${unknown}"`);
    methods.push({
      method,
      params: params ? name(types + params) : anyObject,
      optional: false,
      paramsName: params,
      resultName: result,
    });
  }
  for (const method of Object.keys(supplements.results)) {
    if (!methods.some((one) => one.method === method)) throw needless(method, "is not there");
  }
  return methods.sort((a, b) => a.method < b.method ? -1 : 1);
}

function messagesOf(bundle: unknown, title: string): readonly unknown[] {
  const definitions = isObject(bundle) ? bundle.definitions : undefined;
  const messages = isObject(definitions) ? definitions[title] : undefined;
  if (!isObject(messages) || !Array.isArray(messages.oneOf)) {
    throw new TypeError(`Cannot read the methods: "${title}" is not a list of messages`);
  }
  return messages.oneOf;
}

function readMessage(message: unknown, { nameOf }: Definitions): Method {
  const { properties, required } = isObject(message) ? message : {};
  const tag = isObject(properties) ? properties.method : undefined;
  if (!isObject(properties) || !isObject(tag) || !Array.isArray(tag.enum)) {
    throw new TypeError("Cannot read the methods: a message has no method");
  }
  const [method, ...others] = tag.enum;
  if (typeof method !== "string" || others.length > 0) {
    throw new TypeError("Cannot read the methods: a message has not exactly one method");
  }
  const { params } = properties;
  const resolve = (ref: string): Shape => name(types + nameOf(ref));
  const shape = shapeOf(params ?? { type: "null" }, resolve, `#${method}/params`);
  const empty = shape.kind === "name" && shape.text === "null";
  return {
    method,
    params: empty ? noParams : shape,
    optional: !(Array.isArray(required) && required.includes("params")),
    paramsName: typeNameOf(shape),
  };
}

/** The one type of the definitions that `shape` is, or null. */
function typeNameOf(shape: Shape): string | undefined {
  const names = (shape.kind === "union" ? shape.of : [shape])
    .flatMap((one) => one.kind === "name" && one.text !== "null" ? [one.text] : []);
  return names.length === 1 && names[0]!.startsWith(types)
    ? names[0]!.slice(types.length)
    : undefined;
}

function resultOf(
  { method, paramsName }: Method,
  { shapes }: Definitions,
  { results }: Supplements,
): string | undefined {
  const usual = paramsName?.endsWith("Params")
    ? `${paramsName.slice(0, -"Params".length)}Response`
    : undefined;
  const found = usual !== undefined && shapes.has(usual) ? usual : undefined;
  if (!Object.hasOwn(results, method)) return found;
  if (found) throw needless(method, `has the result "${found}"`);
  const named = results[method]!;
  if (!shapes.has(named)) {
    throw new TypeError(`Cannot tell the result of "${method}": there is no type "${named}"`);
  }
  return named;
}

function needless(method: string, reason: string): TypeError {
  return new TypeError(`Cannot use the supplement for "${method}": the method ${reason}`);
}

/** The map of requests: `{ params, result }` by method. */
export function requestMap(methods: readonly Method[]): Shape {
  return object(methods.map(({ method, params, optional, resultName }) => ({
    name: method,
    optional: false,
    shape: object([
      { name: "params", optional, shape: params },
      { name: "result", optional: false, shape: name(resultName ? types + resultName : "unknown") },
    ]),
  })));
}

/** The map of notifications: the params by method. */
export function notificationMap(methods: readonly Method[]): Shape {
  return object(methods.map(({ method, params, optional }) => ({
    name: method,
    optional: false,
    shape: optional ? union([params, name("undefined")]) : params,
  })));
}
