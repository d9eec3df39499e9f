/**
 * What codex holds for the workspace of a thread. A sandbox that may write may write to all of it,
 * whatever else it is told; the configuration, or another client, may have added to it.
 */
export type WorkspaceFolders = {
  /** The agent's folder as an absolute path; `null` where that need not be said. */
  root: string | null;
  /** What would count as well. */
  others: readonly string[];
};

/** What the server tells of a thread that it loads. */
export type LoadedFolders = { cwd?: string; runtimeWorkspaceRoots?: readonly string[] };

/** The folders of a thread that was loaded for an agent that works in `root`, if that is known. */
export function workspaceFolders(
  { cwd, runtimeWorkspaceRoots = [] }: LoadedFolders,
  root: string | undefined,
): WorkspaceFolders {
  const others = runtimeWorkspaceRoots.filter((folder) => folder !== cwd);
  // Without others codex counts the agent's folder, wherever that will be.
  return { root: root ?? (others.length > 0 && cwd !== undefined ? cwd : null), others };
}
