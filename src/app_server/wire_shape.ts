import { ProtocolError } from "../errors.ts";

/** An object as the app-server sent it. */
export type WireObject = Record<string, unknown>;

/** Where something was found, for the error about it. */
export type Place = {
  /** The notification, or the request. */
  method: string;
  /** The holder in its parameters, e.g. `"item.changes.0"`; empty for the parameters themselves. */
  path: string;
  /** Whether it is the answer to a request instead. */
  isAnswer?: boolean;
};

/** Whether a value is an object, and no array. */
export function isObject(value: unknown): value is WireObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The place of a member. Names can be codex's, and as long as it likes: bounded. */
export function within(place: Place, key: string | number): Place {
  const step = String(key).slice(0, 60);
  return { ...place, path: place.path === "" ? step : `${place.path}.${step}` };
}

/** A string; anything else is a `ProtocolError`. */
export function textIn(holder: WireObject, key: string, place: Place): string {
  const value = holder[key];
  if (typeof value !== "string") throw wrongShape(within(place, key), "string", value);
  return value;
}

/** A string, or the fallback where it is `null` or missing. */
export function textOr<T>(holder: WireObject, key: string, fallback: T, place: Place): string | T {
  return isMissing(holder[key]) ? fallback : textIn(holder, key, place);
}

/** A number, or the fallback where it is `null` or missing. */
export function numberOr<T>(
  holder: WireObject,
  key: string,
  fallback: T,
  place: Place,
): number | T {
  const value = holder[key];
  if (isMissing(value)) return fallback;
  if (typeof value !== "number") throw wrongShape(within(place, key), "number", value);
  return value;
}

/** An object; anything else is a `ProtocolError`. */
export function objectIn(holder: WireObject, key: string, place: Place): WireObject {
  const value = holder[key];
  if (!isObject(value)) throw wrongShape(within(place, key), "Object", value);
  return value;
}

/** An object, or the fallback where it is `null` or missing. */
export function objectOr<T>(
  holder: WireObject,
  key: string,
  fallback: T,
  place: Place,
): WireObject | T {
  return isMissing(holder[key]) ? fallback : objectIn(holder, key, place);
}

/** An array; anything else is a `ProtocolError`. */
export function listIn(holder: WireObject, key: string, place: Place): unknown[] {
  const value = holder[key];
  if (!Array.isArray(value)) throw wrongShape(within(place, key), "Array", value);
  return value;
}

/** An array, or an empty one where it is `null` or missing. */
export function listOr(holder: WireObject, key: string, place: Place): unknown[] {
  return isMissing(holder[key]) ? [] : listIn(holder, key, place);
}

/** Objects in an array, each with its place. */
export function objectsIn(list: unknown[], place: Place): [WireObject, Place][] {
  return list.map((value, index) => {
    const at = within(place, index);
    if (!isObject(value)) throw wrongShape(at, "Object", value);
    return [value, at];
  });
}

/** Strings in an array. */
export function textsIn(list: unknown[], place: Place): string[] {
  return list.map((value, index) => {
    if (typeof value !== "string") throw wrongShape(within(place, index), "string", value);
    return value;
  });
}

/** The parameters of a known notification. */
export function paramsOf(params: unknown, place: Place): WireObject {
  if (!isObject(params)) throw wrongShape(place, "Object", params);
  return params;
}

/** What a request was answered with, and its place; anything but an object is a `ProtocolError`. */
export function answerTo(method: string, answer: unknown): [WireObject, Place] {
  const place: Place = { method, path: "", isAnswer: true };
  return [paramsOf(answer, place), place];
}

/** The id of the `"thread"` or the `"turn"` that an answer is about. */
export function idIn(answer: WireObject, key: "thread" | "turn", place: Place): string {
  return textIn(objectIn(answer, key, place), "id", within(place, key));
}

/** Says what was expected where; worded like the errors about what `codex exec` prints. */
export function wrongShape(place: Place, expected: string, received: unknown): ProtocolError {
  const path = place.path === "" ? null : place.path;
  const what = place.isAnswer
    ? `answered "${place.method}"`
    : `sent a "${place.method}" notification`;
  return new ProtocolError(
    `Codex ${what} in a shape this SDK cannot use` +
      (path === null ? "" : `, at "${path}"`) +
      `: expected ${expected} but received ${kindOf(received)}`,
    { line: null, path },
  );
}

/** Words of the app-server in the form `codex exec` uses: `inProgress` as `in_progress`. */
export function snakeCase(word: string): string {
  return word.replace(/[A-Z]/g, (letter, at) => (at === 0 ? "" : "_") + letter.toLowerCase());
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** The kind of what was received; a string may be long, or secret. */
function kindOf(value: unknown): string {
  if (typeof value === "string") return "a string";
  if (Array.isArray(value)) return "Array";
  return isObject(value) ? "Object" : String(value);
}
