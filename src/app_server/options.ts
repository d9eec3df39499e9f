import { longestTimer } from "../clock.ts";
import { configOverrides } from "../exec/config_overrides.ts";
import type { CodexConfigObject, CodexOptions } from "../options.ts";
import { InvalidOptionsError } from "../errors.ts";
import { withSafeFeatures } from "./safe_features.ts";

/**
 * Options for `appServer()`. Times are in milliseconds, at most 2,147,483,647 (24 days), and
 * `Infinity` stands for no limit.
 */
export type AppServerOptions = {
  /**
   * A server that runs elsewhere: `ws://` or `wss://`. Default: one is started, as a child of this
   * program.
   *
   * Such a server is told `config` and `baseUrl` of the `Codex` with each thread; what concerns the
   * server as a whole it does not take over. `codexPath`, `apiKey`, `env` and `configOverrides` are
   * an `InvalidOptionsError`.
   */
  url?: string | URL;
  /**
   * The capability token of the server at `url`; sent as a bearer token, over `ws://` to this machine
   * only. Default: none.
   */
  token?: string;
  /** How long to wait for an answer of the server to a request. Default: 60,000. */
  requestTimeoutMs?: number;
  /**
   * How long a handler of approvals, questions and elicitations may take; then the answer is no.
   * Default: no limit.
   */
  approvalTimeoutMs?: number;
  /**
   * How much may wait for the reader of a turn, in bytes. More interrupts that turn with a
   * `ReaderTooSlowError`. Default: 64 MiB.
   */
  maxUnreadBytes?: number;
  /**
   * How long the server is kept when nothing is asked of it; the next turn starts another one, or
   * connects again. It keeps the program alive for as long, unless the `Codex` is closed. Ephemeral
   * threads end with it.
   * Default: 10,000.
   */
  idleTimeoutMs?: number;
  /** How long the server may take to end by itself when it is closed; then it is told to. Default: 2,000. */
  closeGraceMs?: number;
  /** How often a server may be started again within a minute. Default: 5. */
  maxRestarts?: number;
};

/** The options with all that has a default. */
export type CheckedAppServerOptions =
  & Required<Omit<AppServerOptions, "url" | "token">>
  & Pick<AppServerOptions, "url" | "token">;

const defaults = {
  requestTimeoutMs: 60_000,
  approvalTimeoutMs: Infinity,
  maxUnreadBytes: 64 * 1024 * 1024,
  idleTimeoutMs: 10_000,
  closeGraceMs: 2_000,
  maxRestarts: 5,
};

/** `options` with what is not given filled in. Throws `InvalidOptionsError` for what cannot be used. */
export function checkedOptions(options: AppServerOptions): CheckedAppServerOptions {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (name === "url") {
      if (typeof value === "string" || value instanceof URL) continue;
      throw invalid(name, "it must be a URL");
    }
    if (name === "token") {
      if (typeof value === "string" && value !== "") continue;
      throw invalid(name, "it must be text");
    }
    if (!(name in defaults)) {
      throw new InvalidOptionsError(`Unknown app-server option "${name}"`, { path: name });
    }
    if (typeof value !== "number" || !(value >= 0)) {
      throw invalid(name, "it must be a number from 0, or Infinity");
    }
    if (name.endsWith("Ms") && value > longestTimer && value !== Infinity) {
      throw invalid(name, `it must be a number from 0 to ${longestTimer}, or Infinity`);
    }
  }
  if (options.token !== undefined && options.url === undefined) {
    throw invalid("token", 'it is for a server at "url"');
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

/** Options of a `Codex` that are for a codex started here, with what to do instead. */
const localOnly = {
  codexPath: "that codex is there already",
  codexPathOverride: "that codex is there already",
  apiKey: 'log in there, e.g. with "codex login"',
  configOverrides: 'use "config"',
  env: "start that codex with it",
} as const;

/** Throws for options of a `Codex` that a server elsewhere cannot be given. */
export function refuseLocalOnly(options: CodexOptions): void {
  for (const name of Object.keys(localOnly) as (keyof typeof localOnly)[]) {
    if (options[name] === undefined) continue;
    throw new InvalidOptionsError(
      `Cannot use "${name}" with a server at a URL: ${localOnly[name]}`,
      { path: name },
    );
  }
}

/**
 * The settings of a `Codex` for a server that was not started with them: each thread can be told.
 * Throws `InvalidOptionsError` on what codex would misread.
 */
export function threadSettings({ config = {}, baseUrl }: CodexOptions): CodexConfigObject {
  // The same checks as for a codex that is started here.
  configOverrides(config);
  return { ...withSafeFeatures(config), ...(baseUrl ? { openai_base_url: baseUrl } : {}) };
}

function invalid(name: string, problem: string): InvalidOptionsError {
  return new InvalidOptionsError(`Invalid app-server option "${name}": ${problem}`, { path: name });
}
