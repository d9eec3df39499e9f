/**
 * What codex holds for the workspace of a thread. A sandbox that may write may write to all of it,
 * whatever else it is told; the configuration, or another client, may have added to it.
 */
export type WorkspaceFolders = {
  /** The agent's folder as an absolute path; `null` where that need not be said. */
  root: string | null;
  /** Where the agent is to work, where others might say otherwise; `null` elsewhere. */
  cwd: string | null;
  /** What would count as well. */
  others: readonly string[];
};

/** What the server tells of a thread that it loads. */
export type LoadedFolders = { cwd?: string; runtimeWorkspaceRoots?: readonly string[] };

/**
 * The folders of a thread that was loaded for an agent that works in `root`, if that is known. On a
 * server that is shared with other clients these may move the thread: there its folder is the one it
 * had before for us, or has now.
 */
export function workspaceFolders(
  { cwd, runtimeWorkspaceRoots = [] }: LoadedFolders,
  root: string | undefined,
  shared?: { before: WorkspaceFolders | undefined },
): WorkspaceFolders {
  const others = runtimeWorkspaceRoots.filter((folder) => folder !== cwd);
  if (shared !== undefined) {
    const own = root ?? shared.before?.root ?? cwd ?? null;
    return { root: own, cwd: own, others };
  }
  // Without others codex counts the agent's folder, wherever that will be.
  return {
    root: root ?? (others.length > 0 && cwd !== undefined ? cwd : null),
    cwd: null,
    others,
  };
}
