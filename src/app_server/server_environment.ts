import {
  type EnvironmentInput,
  type ExecEnvironment,
  execEnvironment,
} from "../exec/environment.ts";
import { serverArguments } from "./server_arguments.ts";

/** Tells what one server has started from all else that runs, whatever its threads are. */
export const serverMark = "CODEX_SDK_SERVER_ID";

const apiKeyName = "CODEX_API_KEY";
const originatorName = "CODEX_INTERNAL_ORIGINATOR_OVERRIDE";

/**
 * The environment the app-server is started with: that of the exec lane, but
 *
 * - with `serverId`, which the commands of the agent inherit, so that none of them is left behind
 * - without the API key, which the app-server would not use, and which the commands of the agent
 *   would see. When the settings name the variable (say, as the `env_key` of a provider), codex
 *   needs it, and it is there.
 * - without the originator, which the app-server takes from the client's name
 */
export function serverEnvironment(input: EnvironmentInput, serverId: string): ExecEnvironment {
  const { codexOptions } = input;
  const isKeyNamed = serverArguments({ codexOptions }).some((each) => each.includes(apiKeyName));
  const { env, inheritEnv, keys } = execEnvironment({
    ...input,
    codexOptions: isKeyNamed ? codexOptions : { ...codexOptions, apiKey: undefined },
  });
  const ours = keys.filter((key) => key !== originatorName);
  // One that the user has set stays, and goes first with codex.
  if (ours.length < keys.length) delete env[originatorName];
  return { env: { ...env, [serverMark]: serverId }, inheritEnv, keys: [...ours, serverMark] };
}
