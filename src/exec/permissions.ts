import type { ThreadOptions } from "../options.ts";

/**
 * What the agent may do on the exec lane is always said. Else it would depend on codex's
 * configuration, which lets it write wherever somebody once answered that a folder is trusted.
 *
 * An empty string leaves the flag out, as the official SDK does; so does what the program says
 * itself in another way, because `--sandbox` would win over it, or be refused beside it.
 */
export function execPermissions(
  { sandboxMode, approvalPolicy }: ThreadOptions,
  configArguments: readonly string[],
  extraArgs: readonly string[],
): { sandboxMode: string | undefined; approvalPolicy: string | undefined } {
  const args = [...configArguments, ...extraArgs];
  return {
    sandboxMode: sandboxMode ??
      (args.some((arg) => aboutTheSandbox.test(arg)) ? undefined : "read-only"),
    approvalPolicy: approvalPolicy ??
      (args.some((arg) => aboutApprovals.test(arg)) ? undefined : "never"),
  };
}

const aboutTheSandbox =
  /^(?:-s|--sandbox|--approve-for-me|--full-auto|--yolo|--dangerously-bypass-approvals)|^(?:-c|--config)?=?\s*(?:sandbox_mode|default_permissions)\s*=/;

const aboutApprovals = /^(?:-c|--config)?=?\s*approval_policy\s*=/;
