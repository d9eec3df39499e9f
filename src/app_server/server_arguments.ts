import { configArguments } from "../exec/arguments.ts";
import type { CodexOptions } from "../options.ts";
import { safeFeatures } from "./safe_features.ts";

/** What the arguments of `codex app-server` are made of. */
export type ServerInput = {
  /** The options of the `Codex`. */
  codexOptions: CodexOptions;
  /** Further arguments, passed on as they are. */
  extraArgs?: readonly string[];
};

/**
 * The arguments of `codex app-server`, without the executable. What belongs to a thread or a turn
 * is not among them, nor is the API key: other users of the machine can see arguments.
 *
 * Throws `InvalidOptionsError` on what codex would misread.
 */
export function serverArguments({ codexOptions, extraArgs = [] }: ServerInput): string[] {
  return [
    "app-server",
    // Before what the program says, which wins.
    ...configArguments({ config: { features: safeFeatures } }),
    ...configArguments(codexOptions),
    ...extraArgs,
    // Codex would write a key that it is given by `account/login/start` into the user's auth.json,
    // in place of the user's login. Last, because the last one counts.
    ...(codexOptions.apiKey ? ["--config", 'cli_auth_credentials_store="ephemeral"'] : []),
  ];
}
