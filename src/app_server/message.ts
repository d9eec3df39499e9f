import type { JsonObject } from "../streams/json_line.ts";

/** Tells an answer which request it belongs to. */
export type RequestId = string | number;

/** Asks something. */
export type RequestMessage = { id: RequestId; method: string; params?: unknown };

/** Tells something. */
export type NotificationMessage = {
  method: string;
  params?: unknown;
  /** When the app-server said it, in milliseconds since 1970. */
  emittedAtMs?: number;
};

/** Why a request failed, in the peer's words. */
export type RpcErrorObject = { code: number; message: string; data?: unknown };

/** Answers a request. */
export type ResponseMessage =
  | { id: RequestId; result: unknown }
  | { id: RequestId; error: RpcErrorObject };

/** What goes over the wire: one JSON object, JSON-RPC 2.0 without its `jsonrpc` member. */
export type Message = RequestMessage | NotificationMessage | ResponseMessage;

/** Messages in, messages out. */
export type MessageChannel = {
  /** What the peer sends. */
  readonly readable: ReadableStream<Message>;
  /** What is sent to the peer. */
  readonly writable: WritableStream<Message>;
};

/** A message, told apart. */
export type Classified =
  | { type: "request"; message: RequestMessage }
  | { type: "notification"; message: NotificationMessage }
  | { type: "response"; id: RequestId; result: unknown }
  | { type: "error"; id: RequestId; error: RpcErrorObject }
  /** None of them: a newer protocol, or nonsense. `id` is there when it seems to be an answer. */
  | { type: "unknown"; id?: RequestId };

/** Tells what a value from the wire is. Never throws. */
export function classify(value: unknown): Classified {
  const { id, method, result, error } = (value ?? {}) as JsonObject;
  if (typeof method === "string") {
    if (isId(id)) return { type: "request", message: value as RequestMessage };
    // With an id that is none there is nobody to answer to.
    if (id === undefined || id === null) {
      return { type: "notification", message: value as NotificationMessage };
    }
    return { type: "unknown" };
  }
  if (method !== undefined || !isId(id)) return { type: "unknown" };
  if (isErrorObject(error)) return { type: "error", id, error };
  if (result !== undefined && (error === undefined || error === null)) {
    return { type: "response", id, result };
  }
  return { type: "unknown", id };
}

function isId(value: unknown): value is RequestId {
  // A number beyond the range of numbers would go back as null.
  return typeof value === "string" || Number.isFinite(value);
}

function isErrorObject(value: unknown): value is RpcErrorObject {
  return typeof value === "object" && value !== null &&
    typeof (value as RpcErrorObject).code === "number" &&
    typeof (value as RpcErrorObject).message === "string";
}
