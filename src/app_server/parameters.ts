import { InvalidOptionsError, UnsupportedError } from "../errors.ts";
import type { CodexConfigObject, SandboxMode, ThreadOptions, TurnOptions } from "../options.ts";
import type { ReviewTarget } from "../transport.ts";
import { openTemporaryFolders, type TemporaryFolders } from "./temporary_folders.ts";

// The app-server ignores parameters it does not know, so a name that is wrong here is a test that
// fails on the real one.

/** Parameters of a request, as JSON. */
export type Parameters = Record<string, unknown>;

/** Options that only the exec lane has, with what to use instead. */
const execOnly = {
  profile: '"config"',
  ignoreUserConfig: '"env" with another CODEX_HOME',
  extraArgs: '"configOverrides" or "config"',
} as const;

/** Throws for options that the app-server has no word for. */
export function refuseExecOnly(options: ThreadOptions): void {
  approvalPolicy(options);
  for (const name of Object.keys(execOnly) as (keyof typeof execOnly)[]) {
    if (options[name] === undefined || options[name] === false) continue;
    throw new UnsupportedError(
      `Cannot use "${name}" on the "app-server" lane: use ${execOnly[name]}, or the "exec" lane`,
    );
  }
}

/**
 * Who is asked for approval. The configuration may name a model of codex's, which would then approve
 * what this program was to decide, beyond the sandbox.
 */
export const reviewedByTheProgram = { approvalsReviewer: "user" } as const;

/**
 * What `thread/start`, `thread/resume` and `thread/fork` have in common.
 *
 * The sandbox is always the narrowest here: a wider one makes codex note the folder as trusted in
 * the user's `config.toml`, for good. The one that is meant is told with each turn.
 *
 * `root` is the agent's folder. Codex counts what it takes for roots of the workspace as writable,
 * whatever the sandbox says, and would take further ones from the configuration.
 */
export function threadParameters(options: ThreadOptions, root?: string): Parameters {
  return {
    ...defined({
      model: options.model || undefined,
      cwd: options.workingDirectory || undefined,
      config: threadConfig(options),
      runtimeWorkspaceRoots: root === undefined ? undefined : [root],
    }),
    sandbox: "read-only",
    approvalPolicy: approvalPolicy(options),
    ...reviewedByTheProgram,
  };
}

/** What holds for one turn; codex keeps it for later ones, so all of it is told each time. */
export function turnParameters(
  options: ThreadOptions,
  turnOptions: TurnOptions,
  asks: boolean,
  absolutePath: (path: string, option: string) => string,
  folders: TemporaryFolders = openTemporaryFolders,
): Parameters {
  return {
    ...defined({
      model: options.model || undefined,
      effort: options.modelReasoningEffort || undefined,
      cwd: options.workingDirectory || undefined,
      cyberAccessProgram: turnOptions.cyberAccessProgram,
    }),
    sandboxPolicy: sandboxPolicy(options, absolutePath, folders),
    approvalPolicy: approvalPolicy(options, asks),
    ...reviewedByTheProgram,
  };
}

/** When codex asks: only if someone is there to answer, unless the user says otherwise. */
export function approvalPolicy(options: ThreadOptions, asks: boolean = false): string {
  const { approvalPolicy } = options;
  if (approvalPolicy === "on-failure") {
    throw new InvalidOptionsError(
      'Invalid thread option "approvalPolicy": codex has no "on-failure" any more: ' +
        'use "on-request", "untrusted" or "never"',
      { path: "approvalPolicy" },
    );
  }
  return approvalPolicy || (asks ? "on-request" : "never");
}

function sandboxPolicy(
  options: ThreadOptions,
  absolutePath: (path: string, option: string) => string,
  folders: TemporaryFolders,
): Parameters {
  const networkAccess = options.networkAccessEnabled ?? false;
  const mode: SandboxMode = options.sandboxMode || "read-only";
  switch (mode) {
    case "danger-full-access":
      return { type: "dangerFullAccess" };
    case "workspace-write":
      return {
        type: "workspaceWrite",
        writableRoots: (options.additionalDirectories ?? [])
          .map((path, i) => absolutePath(path, `additionalDirectories[${i}]`)),
        networkAccess,
        ...folders,
      };
    case "read-only":
      // `networkAccessEnabled` is about the sandbox that may write.
      return { type: "readOnly", networkAccess: false };
  }
}

function threadConfig(options: ThreadOptions): CodexConfigObject | undefined {
  const { webSearchMode, webSearchEnabled } = options;
  const webSearch = webSearchMode ||
    (webSearchEnabled === true ? "live" : webSearchEnabled === false ? "disabled" : undefined);
  return webSearch === undefined ? undefined : { web_search: webSearch };
}

/** A review's target in the words of the app-server. */
export function reviewTarget(target: ReviewTarget): Parameters {
  switch (target.type) {
    case "uncommitted_changes":
      return { type: "uncommittedChanges" };
    case "base_branch":
      return { type: "baseBranch", branch: target.branch };
    case "commit":
      return { type: "commit", sha: target.sha, title: target.title ?? null };
    case "custom":
      return { type: "custom", instructions: target.instructions };
  }
}

/** `values` without those that are not set. */
function defined(values: Parameters): Parameters {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null));
}
