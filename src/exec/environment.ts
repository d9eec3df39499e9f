import { InvalidOptionsError } from "../errors.ts";
import type { CodexOptions } from "../options.ts";
import type { Platform } from "../runtime/types.ts";

/** What the environment of codex is made of. */
export type EnvironmentInput = {
  /** The options of the `Codex`. */
  codexOptions: CodexOptions;
  /** The host's variables; `undefined` where unset or not readable. */
  hostEnv: (name: string) => string | undefined;
  /** Folders to put first in PATH. */
  pathDirs: readonly string[];
  /** What codex runs on. */
  platform: Platform;
};

/** The environment of codex. */
export type ExecEnvironment = {
  /** The variables; on top of the host's when {@linkcode inheritEnv}, else all there are. */
  env: Record<string, string>;
  /** Whether codex also sees the host's variables. */
  inheritEnv: boolean;
  /** The names of the variables that the SDK sets itself. */
  keys: string[];
};

const originatorKey = "CODEX_INTERNAL_ORIGINATOR_OVERRIDE";
const defaultOriginator = "codex_sdk_ts";

/**
 * The environment codex is started with. Throws `InvalidOptionsError` on what no environment can
 * hold. The caller's `env` is left as it is.
 */
export function execEnvironment(input: EnvironmentInput): ExecEnvironment {
  const { codexOptions, hostEnv, platform } = input;
  const inheritEnv = !codexOptions.env;
  const env = copyOf(codexOptions.env ?? {});
  const ours: Record<string, string> = {};

  const host = inheritEnv ? hostEnv(originatorKey) : undefined;
  if (!env[originatorKey] && (codexOptions.originator || !host)) {
    ours[originatorKey] = codexOptions.originator || defaultOriginator;
  }
  if (codexOptions.apiKey) ours.CODEX_API_KEY = codexOptions.apiKey;

  const key = pathKey(env, platform);
  const path = inheritEnv ? hostEnv("PATH") : env[key] ?? "";
  // An unknown PATH is left alone: setting it would hide the one that codex inherits.
  if (input.pathDirs.length > 0 && path !== undefined) {
    ours[key] = prepend(input.pathDirs, path, platform);
  }

  for (const [name, value] of Object.entries(ours)) checkVariable(name, value);
  return { env: { ...env, ...ours }, inheritEnv, keys: Object.keys(ours) };
}

/** The value of PATH in `env`, whatever its case on Windows; `undefined` when there is none. */
export function pathVariable(
  env: Readonly<Record<string, string>>,
  platform: Platform,
): string | undefined {
  return env[pathKey(env, platform)];
}

/** How PATH is spelt in `env`: Windows, where case does not matter, often says `Path`. */
function pathKey(env: Readonly<Record<string, string>>, { os }: Platform): string {
  if (os !== "win32") return "PATH";
  // Where both are, Node passes on the one that sorts first.
  return Object.keys(env).filter((name) => name.toUpperCase() === "PATH").sort()[0] ?? "PATH";
}

function prepend(dirs: readonly string[], path: string, { os }: Platform): string {
  const windows = os === "win32";
  const separator = windows ? ";" : ":";
  const spelling = (dir: string): string => windows ? dir.toLowerCase() : dir;
  const first = new Set(dirs.map(spelling));
  const rest = path === "" ? [] : path.split(separator).filter((dir) => !first.has(spelling(dir)));
  return [...dirs, ...rest].join(separator);
}

function copyOf(env: Record<string, string>): Record<string, string> {
  const copy: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    // What TypeScript forbids and copies of process.env hold.
    if (value === undefined) continue;
    copy[name] = `${value}`;
    checkVariable(name, copy[name]);
  }
  return copy;
}

function checkVariable(name: string, value: string): void {
  // Windows keeps the current folder of each drive in variables such as "=C:".
  if (name === "" || name.includes("=", 1) || name.includes("\0")) {
    throw new InvalidOptionsError(
      `Invalid environment variable name ${JSON.stringify(name)}: expected a non-empty string ` +
        `without "=" and NUL`,
      { path: "env" },
    );
  }
  if (value.includes("\0")) {
    // The value may be a secret.
    throw new InvalidOptionsError(
      `Invalid value of environment variable ${JSON.stringify(name)}: expected no NUL`,
      { path: name === "CODEX_API_KEY" ? "apiKey" : `env.${name}` },
    );
  }
}
