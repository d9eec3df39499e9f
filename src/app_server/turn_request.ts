import { isObject, type WireObject } from "./wire_shape.ts";

/** What every request about a turn tells; `raw` is a copy, so that nobody can change what is asked. */
export function turnRequest(
  params: WireObject,
): { threadId: string; turnId: string | null; itemId: string | null; raw: WireObject } {
  return {
    threadId: textOrNull(params.threadId) ?? "",
    turnId: textOrNull(params.turnId),
    itemId: textOrNull(params.itemId),
    raw: structuredClone(params),
  };
}

/** A string; `null` for anything else. A question is rather asked with a gap than not at all. */
export function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** The strings in what should be an array of them; `null` when it is not. */
export function textsOrNull(value: unknown): string[] | null {
  return Array.isArray(value) && value.every((each) => typeof each === "string")
    ? value as string[]
    : null;
}

/** The objects in what should be an array of them. */
export function objectsOf(value: unknown): WireObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
