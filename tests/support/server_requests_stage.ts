/** What the app-server asks, and who answers, without an app-server. */
import { type RequestOwner, ServerRequests } from "../../src/app_server/server_requests.ts";
import { redactor } from "../../src/redact.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** A request as it comes over the wire. */
export type Asked = { method: string; params: Record<string, unknown> };

/** The thread whose turn runs in a stage; there are no others. */
export const threadId = "thread-1";

/** {@linkcode ServerRequests} with a turn whose owner the test makes up. */
export class ServerRequestsStage {
  readonly clock: VirtualClock = new VirtualClock();
  /** What the turn was told. */
  readonly reports: string[] = [];
  /** What the `Codex` was told. */
  readonly diagnostics: string[] = [];
  /** The turns that were interrupted. */
  readonly interrupted: string[] = [];
  readonly requests: ServerRequests;
  /** Ends the turn. */
  readonly turn: AbortController = new AbortController();
  /** Ends the connection. */
  readonly connection: AbortController = new AbortController();
  #nextId = 0;

  constructor(owner: Partial<RequestOwner> = {}, timeoutMs?: number) {
    this.requests = new ServerRequests({
      ownerOf: (id) =>
        id !== threadId ? null : {
          tools: new Map(),
          signal: this.turn.signal,
          itemOf: () => undefined,
          report: (message) => void this.reports.push(message),
          interrupt: (...ids) => void this.interrupted.push(ids.join("/")),
          ...owner,
        },
      clock: this.clock,
      timeoutMs,
      onDiagnostic: ({ message }) => void this.diagnostics.push(message),
      redact: redactor(["top-secret"]),
    });
  }

  /** Asks, under an id of its own unless one is given. */
  async ask({ method, params }: Asked, id: string | number = this.#nextId++): Promise<unknown> {
    return await this.requests.handle(method, params, { id, signal: this.connection.signal });
  }
}

const about = { threadId, turnId: "turn-1", itemId: "item-1", startedAtMs: 1 };

/** May this command run? */
export function commandRequest(script: string, more: Record<string, unknown> = {}): Asked {
  return {
    method: "item/commandExecution/requestApproval",
    params: {
      ...about,
      kind: "command",
      environmentId: "local",
      reason: "To see",
      command: `/bin/bash -lc '${script}'`,
      cwd: "/w",
      commandActions: [{ type: "unknown", command: script }],
      proposedExecpolicyAmendment: script.split(" "),
      availableDecisions: ["accept", "cancel"],
      ...more,
    },
  };
}

/** May these files be changed? Which, tells {@linkcode fileChange}. */
export const fileChangeRequest: Asked = {
  method: "item/fileChange/requestApproval",
  params: { ...about, reason: null, grantRoot: null },
};

/** The item of a {@linkcode fileChangeRequest}. */
export const fileChange = {
  type: "fileChange",
  id: "item-1",
  changes: [
    { path: "/w/a.txt", kind: { type: "add" }, diff: "hello\n" },
    { path: "/w/b.txt", kind: { type: "update", move_path: "/w/c.txt" }, diff: "@@ -1 +1 @@" },
  ],
  status: "inProgress",
};

/** Permissions as the app-server asks for them. */
export const askedPermissions = {
  network: { enabled: true },
  fileSystem: {
    read: ["/etc"],
    write: ["/srv/a", "/srv/b"],
    entries: [
      { path: { type: "path", path: "/etc" }, access: "read" },
      { path: { type: "path", path: "/srv/a" }, access: "write" },
      { path: { type: "path", path: "/srv/b" }, access: "write" },
    ],
  },
};

/** May the agent have further permissions? */
export function permissionsRequest(permissions: unknown = askedPermissions): Asked {
  return {
    method: "item/permissions/requestApproval",
    params: { ...about, environmentId: "local", cwd: "/w", reason: "To install", permissions },
  };
}

/** May this tool of an MCP server be called? */
export function mcpToolRequest(more: Record<string, unknown> = {}): Asked {
  return {
    method: "mcpServer/elicitation/request",
    params: {
      threadId,
      turnId: "turn-1",
      serverName: "demo",
      mode: "form",
      _meta: {
        codex_approval_kind: "mcp_tool_call",
        persist: ["session", "always"],
        tool_name: "write",
        tool_annotations: { readOnlyHint: false, destructiveHint: true },
        tool_description: "destructive",
        tool_params: { x: 1 },
        tool_params_display: [],
      },
      message: 'Allow the demo MCP server to run tool "write"?',
      requestedSchema: { type: "object", properties: {} },
      ...more,
    },
  };
}

/** An MCP server asks for a name. */
export function elicitationRequest(more: Record<string, unknown> = {}): Asked {
  return {
    method: "mcpServer/elicitation/request",
    params: {
      threadId,
      turnId: null,
      serverName: "demo",
      mode: "form",
      _meta: null,
      message: "Your name?",
      requestedSchema: {
        type: "object",
        properties: { name: { type: "string" } },
        required: ["name"],
      },
      ...more,
    },
  };
}

/** The agent asks for a colour. */
export const userInputRequest: Asked = {
  method: "item/tool/requestUserInput",
  params: {
    ...about,
    questions: [
      {
        id: "q1",
        header: "Colour",
        question: "Which colour?",
        isOther: true,
        isSecret: false,
        options: [{ label: "Red", description: "Warm" }, { label: "Blue", description: "Cold" }],
      },
      { id: "q2", header: "Key", question: "Which key?", isSecret: true, options: null },
    ],
    isBlocking: true,
    autoResolutionMs: null,
  },
};

/** The agent calls a tool. */
export function toolCallRequest(tool: string, args: unknown = {}): Asked {
  return {
    method: "item/tool/call",
    params: {
      threadId,
      turnId: "turn-1",
      callId: "call-1",
      namespace: null,
      tool,
      arguments: args,
    },
  };
}
