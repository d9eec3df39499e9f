/**
 * Type-checked, never run: messages as they went to and came from a real `codex app-server` are of
 * the generated types, and calls can be written the way they are meant to.
 */
import type {
  ClientArguments,
  ClientMethod,
  ClientNotification,
  ClientRequest,
  ClientRequests,
  ClientResult,
  NotificationMethod,
  NotificationParams,
  ServerMethod,
  ServerNotification,
  ServerNotifications,
  ServerParams,
  ServerRequest,
  ServerRequests,
  ServerResult,
  ThreadItem,
} from "../../src/app_server/protocol/mod.ts";

// What the client sent.
export const requests: ClientRequest[] = [
  {
    method: "initialize",
    id: 0,
    params: {
      clientInfo: { name: "exp", title: "e", version: "0" },
      capabilities: { experimentalApi: true },
    },
  },
  {
    method: "thread/start",
    id: 1,
    params: {
      cwd: "/home/dev/w",
      model: "gpt-5.5",
      approvalPolicy: "never",
      sandbox: "danger-full-access",
      dynamicTools: [{
        type: "function",
        name: "lookup_ticket",
        description: "Fetch a ticket",
        inputSchema: { type: "object", properties: { id: { type: "string" } } },
      }],
    },
  },
  {
    method: "turn/start",
    id: 2,
    params: {
      threadId: "01a20343-0103-7943-af30-6b00960a2c97",
      input: [{ type: "text", text: "please do the work" }],
      collaborationMode: {
        mode: "plan",
        settings: { model: "gpt-5.5", reasoning_effort: null, developer_instructions: null },
      },
    },
  },
  {
    method: "turn/steer",
    id: 3,
    params: {
      threadId: "01a20343-0a91-7c91-a680-10ce6808bed5",
      expectedTurnId: "01a20343-0aa6-77d1-aba5-1c5c6f2afd26",
      input: [{ type: "text", text: "also do Y" }],
    },
  },
  // Both ways are taken where there are no params.
  { method: "account/logout", id: 4 },
  { method: "account/logout", id: 5, params: {} },
];
export const initialized: ClientNotification = { method: "initialized" };

// What the server answered.
export const initializeResult: ClientResult<"initialize"> = {
  userAgent: "exp/0.169.0 (Debian 12.0.0; x86_64) xterm (exp; 0)",
  codexHome: "/home/dev/ch",
  platformFamily: "unix",
  platformOs: "linux",
};
export const turnResult: ClientResult<"turn/start"> = {
  turn: {
    id: "01a20342-ac9b-7262-a4cc-45f5039bdd2d",
    rootTurnId: "01a20342-ac9b-7262-a4cc-45f5039bdd2d",
    items: [],
    itemsView: "notLoaded",
    status: "inProgress",
    error: null,
    startedAt: null,
    completedAt: null,
    durationMs: null,
  },
};

// What the server asked, and was answered.
export const asked: ServerRequest[] = [
  {
    method: "item/tool/call",
    id: 0,
    params: {
      threadId: "01a20342-fcfc-7d52-a3b6-adcac7ae7a0b",
      turnId: "01a20342-fd1a-7eb1-b51b-f8b2f4dcd2e2",
      callId: "d1",
      namespace: null,
      tool: "lookup_ticket",
      arguments: { id: "ABC-1" },
    },
  },
  {
    method: "mcpServer/elicitation/request",
    id: 0,
    params: {
      threadId: "01a20343-02fd-7cb2-9bdd-f85e0a34a25a",
      turnId: "01a20343-031a-7362-9399-1bac2e1461a6",
      serverName: "demo",
      mode: "form",
      _meta: null,
      message: "Your name?",
      requestedSchema: {
        type: "object",
        properties: { name: { type: "string" } },
        required: ["name"],
      },
    },
  },
];
export const answers: { [Method in ServerMethod]?: ServerResult<Method> } = {
  "item/commandExecution/requestApproval": { decision: "accept" },
  "item/tool/call": {
    contentItems: [{ type: "inputText", text: "Ticket ABC-1 is open" }],
    success: true,
  },
  "item/tool/requestUserInput": { answers: { q1: { answers: ["Blue"] } } },
  "mcpServer/elicitation/request": { action: "accept", content: { name: "Bob" }, _meta: null },
};

// What the server told.
export const told: ServerNotification[] = [
  {
    method: "item/started",
    params: {
      item: {
        type: "agentMessage",
        moderation: null,
        id: "msg_ok",
        text: "",
        phase: null,
        memoryCitation: null,
        delivery: null,
        questions: null,
        startedAtMs: 1795351031032,
        completedAtMs: null,
      },
      threadId: "01a20342-ac85-7300-be56-24cc8a036ab1",
      turnId: "01a20342-ac9b-7262-a4cc-45f5039bdd2d",
      startedAtMs: 1795351031032,
    },
    emittedAtMs: 1795351031032,
  },
  {
    method: "item/agentMessage/delta",
    params: {
      threadId: "01a20342-ac85-7300-be56-24cc8a036ab1",
      turnId: "01a20342-ac9b-7262-a4cc-45f5039bdd2d",
      itemId: "msg_ok",
      delta: "ok",
    },
    emittedAtMs: 1795351031032,
  },
];

/** How a client is meant to be typed. */
declare function request<Method extends ClientMethod>(
  method: Method,
  ...params: ClientArguments<Method>
): Promise<ClientResult<Method>>;
declare function on<Method extends NotificationMethod>(
  method: Method,
  listener: (params: NotificationParams<Method>) => void,
): void;
declare function answer<Method extends ServerMethod>(
  method: Method,
  handler: (params: ServerParams<Method>) => ServerResult<Method>,
): void;

export async function calls(): Promise<unknown[]> {
  const { data } = await request("model/list", {});
  await request("model/list");
  await request("account/logout");
  await request("account/rateLimits/read", null);
  // Of these the schema does not tell.
  const status: unknown = await request("getAuthStatus", { includeToken: false });
  const { thread } = await request("thread/start", { ephemeral: true });
  // @ts-expect-error The thread must be named.
  await request("thread/read");
  // @ts-expect-error The thread must be named.
  await request("thread/read", {});
  // @ts-expect-error There is no such param.
  await request("model/list", { limits: 10 });
  // @ts-expect-error There are no params.
  await request("account/logout", { now: true });
  // @ts-expect-error There is no such method.
  await request("thread/begin", {});
  // @ts-expect-error Null is not the same as nothing here: it takes a thread out of its section.
  await request("thread/section/move", { threadId: thread.id });
  on("turn/completed", ({ turn }) => turn.status);
  answer("item/fileChange/requestApproval", () => ({ decision: "decline" }));
  // @ts-expect-error There is no such decision.
  answer("item/fileChange/requestApproval", () => ({ decision: "approved" }));
  return [data[0]?.displayName, status];
}

/** Items are told apart by their type, what they have in common included. */
export function textOf(item: ThreadItem): string {
  switch (item.type) {
    case "agentMessage":
      return item.text;
    case "commandExecution":
      return `${item.command}: ${item.exitCode ?? "?"} at ${item.completedAtMs ?? 0}`;
    default:
      return item.id;
  }
}

/** Checks that `Part` can stand where `Whole` is asked for. */
type Fits<Part extends Whole, Whole> = Part;

// The maps are what the unions are made of.
export type EveryMethod = [
  Fits<ClientRequest["method"], keyof ClientRequests>,
  Fits<ServerRequest["method"], keyof ServerRequests>,
  Fits<ServerNotification["method"], keyof ServerNotifications>,
];
