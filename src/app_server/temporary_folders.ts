import { RpcError } from "../errors.ts";
import type { ThreadOptions } from "../options.ts";
import type { ServerSession } from "./server_session.ts";
import { isObject } from "./wire_shape.ts";

/** Which folders for temporary files a sandbox that may write keeps closed. */
export type TemporaryFolders = {
  /** The one that `TMPDIR` names. */
  excludeTmpdirEnvVar: boolean;
  /** `/tmp`. */
  excludeSlashTmp: boolean;
};

/** Codex's own default: none is closed. */
export const openTemporaryFolders: Readonly<TemporaryFolders> = Object.freeze({
  excludeTmpdirEnvVar: false,
  excludeSlashTmp: false,
});

/**
 * As the configuration has it: a sandbox that is told with a turn takes the place of the configured
 * one, and is not to be wider.
 */
export async function temporaryFolders(
  session: ServerSession,
  { sandboxMode, workingDirectory }: ThreadOptions,
  signal: AbortSignal,
): Promise<TemporaryFolders> {
  if (sandboxMode !== "workspace-write") return openTemporaryFolders;
  const params = { cwd: workingDirectory || null };
  const answer = await session.request("config/read", params, { signal }).catch((error) => {
    if (RpcError.is(error)) return null;
    throw error;
  });
  // Where it is not known, they stay closed.
  if (!isObject(answer)) return { excludeTmpdirEnvVar: true, excludeSlashTmp: true };
  const config = isObject(answer.config) ? answer.config : {};
  const settings = isObject(config.sandbox_workspace_write) ? config.sandbox_workspace_write : {};
  return {
    excludeTmpdirEnvVar: settings.exclude_tmpdir_env_var === true,
    excludeSlashTmp: settings.exclude_slash_tmp === true,
  };
}
