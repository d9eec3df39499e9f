import type { ThreadOptions } from "../options.ts";

/**
 * What the agent may do on the exec lane is always said. Else it would depend on codex's
 * configuration, which lets it write wherever somebody once answered that a folder is trusted, and
 * may have a model approve what the sandbox forbids.
 *
 * An empty string leaves the flag out, as the official SDK does; so does what the program says
 * itself in another way, because these would win over it, or be refused beside it.
 */
export function execPermissions(
  { sandboxMode, approvalPolicy }: ThreadOptions,
  configArguments: readonly string[],
  extraArgs: readonly string[],
): { sandboxMode: string | undefined; approvalPolicy: string | undefined } {
  const args = [...configArguments, ...extraArgs];
  const says = (...about: RegExp[]) =>
    args.some((arg) => about.some((pattern) => pattern.test(arg)));
  return {
    sandboxMode: sandboxMode ?? (says(aboutBoth, aboutTheSandbox) ? undefined : "read-only"),
    approvalPolicy: approvalPolicy ?? (says(aboutBoth, aboutApprovals) ? undefined : "never"),
  };
}

const aboutBoth = /^--(?:approve-for-me|full-auto|yolo|dangerously-bypass-approvals)/;

const aboutTheSandbox =
  /^(?:-s|--sandbox)|^(?:-c|--config)?=?\s*(?:sandbox_mode|default_permissions)\s*=/;

/** A policy may be a table, too, whose members come one by one. */
const aboutApprovals = /^(?:-c|--config)?=?\s*(?:approval_policy|approvals_reviewer)\s*[.=]/;
