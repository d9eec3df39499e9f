import type { CommandApprovalRequest, FileChangeApprovalRequest } from "../approvals.ts";
import { elicited } from "./elicitation.ts";
import { grantedPart, withoutNull } from "./permission_grants.ts";
import type { Decided, Question } from "./question.ts";
import { objectsOf, textOrNull, textsOrNull, turnRequest } from "./turn_request.ts";
import { isObject, type WireObject } from "./wire_shape.ts";

const words: ReadonlySet<unknown> = new Set(["accept", "acceptForSession", "decline", "cancel"]);

/** `item/commandExecution/requestApproval` */
export function commandApproval(params: WireObject): Question {
  const network = isObject(params.networkApprovalContext) ? params.networkApprovalContext : null;
  const permissions = isObject(params.additionalPermissions) ? params.additionalPermissions : null;
  const base = turnRequest(params);
  const kind = textOrNull(params.kind) ?? "command";
  const request: CommandApprovalRequest = {
    ...base,
    type: "command",
    kind: (wireKinds.get(kind) ?? kind) as CommandApprovalRequest["kind"],
    command: textOrNull(params.command) ?? "",
    cwd: textOrNull(params.cwd) ?? "",
    reason: textOrNull(params.reason),
    actions: objectsOf(base.raw.commandActions)
      .map((action) => ({ ...action, type: textOrNull(action.type) ?? "unknown" })),
    network: network === null ? null : {
      host: textOrNull(network.host) ?? "",
      protocol: textOrNull(network.protocol) ?? "",
    },
    additionalPermissions: permissions === null ? null : structuredClone(permissions),
    proposedRule: textsOrNull(base.raw.proposedExecpolicyAmendment),
  };
  const canKeepRule = kind === "command" && network === null;
  return {
    handler: "onApproval",
    request,
    decide(decision) {
      if (words.has(decision)) return { result: { decision } };
      const rule = canKeepRule ? ruleOf(decision) : null;
      if (rule === null) return null;
      const acceptWithExecpolicyAmendment = { execpolicy_amendment: rule };
      return { result: { decision: { acceptWithExecpolicyAmendment } } };
    },
  };
}

const wireKinds = new Map([["humanCommand", "human_command"], ["writeStdin", "write_stdin"]]);

function ruleOf(decision: unknown): string[] | null {
  const rule = isObject(decision) ? textsOrNull(decision.acceptAndPersistRule) : null;
  return rule !== null && rule.length > 0 && rule.every((word) => word !== "") ? [...rule] : null;
}

/**
 * `item/fileChange/requestApproval`; `item` is the file change as it was started, because the
 * request does not say what would be changed. `null` when the item does not say it either: nobody
 * can judge what is not known.
 */
export function fileChangeApproval(params: WireObject, item: unknown): Question | null {
  const changes = changesOf(item);
  if (changes === null) return null;
  return {
    handler: "onApproval",
    request: {
      ...turnRequest(params),
      type: "file_change",
      changes,
      reason: textOrNull(params.reason),
      grantRoot: textOrNull(params.grantRoot),
    },
    decide(decision) {
      return words.has(decision) ? { result: { decision } } : null;
    },
  };
}

type Change = FileChangeApprovalRequest["changes"][number];

function changesOf(item: unknown): Change[] | null {
  if (!isObject(item) || !Array.isArray(item.changes) || item.changes.length === 0) return null;
  const changes = item.changes.map(changeOf);
  return changes.includes(null) ? null : changes as Change[];
}

function changeOf(change: unknown): Change | null {
  if (!isObject(change) || !isObject(change.kind)) return null;
  const { path, diff, kind: { type, move_path } } = change as WireObject & { kind: WireObject };
  const isKnown = type === "add" || type === "delete" || type === "update";
  const isMove = typeof move_path === "string";
  if (typeof path !== "string" || !isKnown) return null;
  if (!isMove && move_path !== null && move_path !== undefined) return null;
  return { path, kind: type, movePath: isMove ? move_path : null, diff: textOrNull(diff) ?? "" };
}

/** `item/permissions/requestApproval` */
export function permissionsApproval(params: WireObject): Question {
  const asked = isObject(params.permissions) ? params.permissions : {};
  const base = turnRequest(params);
  const none = { permissions: {}, scope: "turn" };
  const all = withoutNull(asked);
  return {
    handler: "onApproval",
    request: {
      ...base,
      type: "permissions",
      permissions: structuredClone(asked),
      cwd: textOrNull(params.cwd) ?? "",
      reason: textOrNull(params.reason),
    },
    decide(decision) {
      if (decision === "accept") return granting(all, "turn");
      if (decision === "acceptForSession") return granting(all, "session");
      // The protocol has no word for it.
      if (decision === "cancel") return { result: none, interrupts: true };
      if (decision === "decline") return { result: none };
      if (!isObject(decision)) return null;
      const { grant, scope } = decision;
      const part = scope === "turn" || scope === "session" ? grantedPart(asked, grant) : null;
      return part === null ? null : granting(part, scope as string);
    },
  };
}

function granting(permissions: WireObject, scope: string): Decided {
  return { result: { permissions, scope } };
}

/**
 * Whether an MCP elicitation is codex asking for the approval of a tool call. A server can make its
 * own question look so, and then answers only its own question; but a form is never an approval.
 */
export function isMcpToolApproval(params: WireObject): boolean {
  const { mode, _meta, requestedSchema } = params;
  if (mode !== "form" || !isObject(_meta)) return false;
  if (_meta.codex_approval_kind !== "mcp_tool_call") return false;
  const properties = isObject(requestedSchema) ? requestedSchema.properties : undefined;
  return !isObject(properties) || Object.keys(properties).length === 0;
}

/** `mcpServer/elicitation/request`, where {@linkcode isMcpToolApproval} holds. */
export function mcpToolApproval(params: WireObject): Question {
  const base = turnRequest(params);
  const meta = isObject(base.raw._meta) ? base.raw._meta : {};
  const { persist } = meta;
  const canPersist = persist === "session" ||
    (Array.isArray(persist) && persist.includes("session"));
  return {
    handler: "onApproval",
    request: {
      ...base,
      type: "mcp_tool",
      server: textOrNull(params.serverName) ?? "",
      tool: textOrNull(meta.tool_name),
      arguments: meta.tool_params ?? null,
      annotations: isObject(meta.tool_annotations) ? meta.tool_annotations : {},
      message: textOrNull(params.message) ?? "",
    },
    decide(decision) {
      switch (decision) {
        case "accept":
        case "decline":
          return elicited(decision);
        case "acceptForSession":
          // Where codex cannot keep it, it is accepted this once: less than was said, never more.
          return elicited("accept", null, canPersist ? { persist: "session" } : null);
        case "cancel":
          // To codex that ends the call only.
          return { ...elicited("cancel"), interrupts: true };
        default:
          return null;
      }
    },
  };
}
