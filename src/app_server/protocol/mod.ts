/**
 * The protocol of `codex app-server` as types: what can be asked and answered, and what is told.
 *
 * They are made of what codex {@linkcode protocolVersion} says of itself and change with it, without
 * regard to the version of this package; they cost nothing at run time, and no message is checked
 * against them. The parts of this package with types of their own do not change like that.
 *
 * @example The params and the result of a request
 * ```ts
 * import type { ClientParams, ClientResult } from "jsr:@codex/sdk/protocol";
 *
 * const params: ClientParams<"thread/list"> = { limit: 10, archived: false };
 * const titles = ({ data }: ClientResult<"thread/list">): string[] =>
 *   data.map((thread) => thread.name ?? thread.preview);
 * ```
 *
 * @example Telling notifications apart
 * ```ts
 * import type { ServerNotification } from "jsr:@codex/sdk/protocol";
 *
 * function print(notification: ServerNotification): void {
 *   switch (notification.method) {
 *     case "item/agentMessage/delta":
 *       return console.log(notification.params.delta);
 *     case "turn/completed":
 *       return console.log(notification.params.turn.status);
 *   }
 * }
 * ```
 *
 * @module
 */
import type {
  ClientNotifications,
  ClientRequests,
  ServerNotifications,
  ServerRequests,
} from "./methods.ts";
import type { RequestId } from "./types.ts";

export { protocolVersion } from "./version.ts";
export type * from "./methods.ts";
export type * from "./types.ts";

/** A method of the server, e.g. `"thread/start"`. @internal */
export type ClientMethod = keyof ClientRequests;

/** What the server takes for `M`. @internal */
export type ClientParams<M extends ClientMethod> = ClientRequests[M]["params"];

/** What the server answers to `M`. @internal */
export type ClientResult<M extends ClientMethod> = ClientRequests[M]["result"];

/**
 * What follows the method in a call, to be spread: the params, which may be left out where `{}` will
 * do. The server wants `{}` then; it refuses most requests without params.
 *
 * @internal
 */
export type ClientArguments<M extends ClientMethod> = Record<never, never> extends ClientParams<M>
  ? [params?: ClientParams<M>]
  : [params: ClientParams<M>];

/** What the server can ask, e.g. `"item/tool/call"`. @internal */
export type ServerMethod = keyof ServerRequests;

/** What the server gives with `M`. @internal */
export type ServerParams<M extends ServerMethod> = ServerRequests[M]["params"];

/** What the server wants for an answer to `M`. @internal */
export type ServerResult<M extends ServerMethod> = ServerRequests[M]["result"];

/** What the server can tell, e.g. `"turn/started"`. @internal */
export type NotificationMethod = keyof ServerNotifications;

/** What the server tells with `M`. @internal */
export type NotificationParams<M extends NotificationMethod> = ServerNotifications[M];

/** A request to the server, told apart by `method`. @internal */
export type ClientRequest = {
  [M in ClientMethod]: { id: RequestId; method: M } & Pick<ClientRequests[M], "params">;
}[ClientMethod];

/** A request of the server, told apart by `method`. @internal */
export type ServerRequest = {
  [M in ServerMethod]: { id: RequestId; method: M; params: ServerParams<M> };
}[ServerMethod];

/** A notification of the server, told apart by `method`. @internal */
export type ServerNotification = {
  [M in NotificationMethod]: {
    method: M;
    params: NotificationParams<M>;
    /** When it was sent, in milliseconds since 1970. */
    emittedAtMs?: number;
  };
}[NotificationMethod];

/** A notification to the server, told apart by `method`. @internal */
export type ClientNotification = {
  [M in keyof ClientNotifications]: { method: M; params?: ClientNotifications[M] };
}[keyof ClientNotifications];
