import type { CodexConfigObject } from "../options.ts";

/**
 * Features of codex, such that the agent does no more than it is asked to, and allowed to: with goals
 * it would go on by itself when a turn has ended, and what it types into a command that was allowed
 * to run is to be allowed as well.
 */
export const safeFeatures = { goals: false, write_stdin_approval: true } as const;

/** `config` with these features, but for those of which it says something itself. */
export function withSafeFeatures(config: CodexConfigObject): CodexConfigObject {
  const dotted = Object.entries(config).flatMap(([key, value]) => {
    const [, name] = /^features\.([^.]+)$/.exec(key) ?? [];
    return name === undefined ? [] : [[name, value] as const];
  });
  // In one table, because codex takes over settings in any order.
  const features = config.features as CodexConfigObject | undefined;
  return {
    ...config,
    features: { ...safeFeatures, ...features, ...Object.fromEntries(dotted) },
  };
}
