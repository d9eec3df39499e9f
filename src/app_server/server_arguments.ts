import { configArguments } from "../exec/arguments.ts";
import type { CodexOptions } from "../options.ts";

/**
 * Features of codex, such that the agent does no more than it is asked to, and allowed to: with goals
 * it would go on by itself when a turn has ended, and what it types into a command that was allowed
 * to run is to be allowed as well.
 */
export const safeFeatures = { goals: false, write_stdin_approval: true } as const;

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
