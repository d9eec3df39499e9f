import process from "node:process";
import type { CodexConfigObject } from "../options.ts";

/** How codex is to reach a scripted model. */
export type ScriptedCodexOptions = {
  /**
   * A folder for codex to keep its state in (`CODEX_HOME`). Codex then gets a small environment:
   * `PATH` and the like, this folder, and `env`. Codex wants it to exist and complains of a folder
   * within the system's temporary one. Default: the environment of this program is inherited, and
   * with it the user's own configuration and threads.
   */
  codexHome?: string;
  /**
   * `HOME` when `codexHome` is given. The shell that runs commands reads its start-up files from
   * there. Default: `codexHome`, where there are none.
   */
  home?: string;
  /** Further variables of the environment when `codexHome` is given. */
  env?: Record<string, string>;
  /** The API key codex sends. Default: none, `"scripted"` for the built-in provider. */
  apiKey?: string;
  /**
   * The model codex believes to talk to. Default: `"gpt-5.5"`, which is offered a shell, patches and
   * functions as plain tools; most others are offered code mode instead.
   */
  model?: string;
  /**
   * How often codex tries again when a response fails, is cut, or is an HTTP error of any kind but
   * 400. Each try is a request of its own, shown as an `error` event. Default: 0.
   */
  retries?: number;
  /**
   * Which provider codex uses. With `"builtin"` it ignores `retries` and tries again as it likes,
   * with growing delays.
   * Default: `"custom"`.
   */
  provider?: "custom" | "builtin";
  /** Further settings of codex; they win over those of this module. */
  config?: CodexConfigObject;
};

/** What to construct a `Codex` with; assignable to its options. */
export type ScriptedCodexSettings = {
  /** Set for the built-in provider only. */
  baseUrl?: string;
  /** The API key, if any. */
  apiKey?: string;
  /** The settings that point codex at the scripted model. */
  config: CodexConfigObject;
  /** The environment of codex, if a `codexHome` was given. */
  env?: Record<string, string>;
};

/** Settings that point codex at a model on `baseUrl`. */
export function codexOptionsFor(
  baseUrl: string,
  options: ScriptedCodexOptions = {},
): ScriptedCodexSettings {
  const builtin = options.provider === "builtin";
  const apiKey = options.apiKey ?? (builtin ? "scripted" : undefined);
  const config: CodexConfigObject = {
    model: options.model ?? "gpt-5.5",
    ...(!builtin && customProvider(baseUrl, options)),
    tools: { update_plan: { enabled: true } },
    // A snapshot starts a login shell for each thread; compressed bodies could not be read here.
    features: { shell_snapshot: false, enable_request_compression: false },
    analytics: { enabled: false },
  };
  return {
    ...(builtin && { baseUrl }),
    ...(apiKey !== undefined && { apiKey }),
    config: merge(config, options.config ?? {}),
    ...(options.codexHome !== undefined && { env: environment(options.codexHome, options) }),
  };
}

function customProvider(baseUrl: string, options: ScriptedCodexOptions): CodexConfigObject {
  return {
    model_provider: "scripted",
    model_providers: {
      scripted: {
        name: "Scripted model",
        base_url: baseUrl,
        wire_api: "responses",
        supports_websockets: false,
        // Retries of a request come on top of those of the stream, and codex does not show them.
        request_max_retries: 0,
        stream_max_retries: options.retries ?? 0,
        // The key itself travels in the environment, where other users cannot read it.
        ...(options.apiKey !== undefined && { env_key: "CODEX_API_KEY" }),
      },
    },
  };
}

/** What programs need to be found and to run at all. */
const inherited = ["PATH", "TMPDIR", "TMP", "TEMP", "SystemRoot", "ComSpec", "PATHEXT"];

function environment(codexHome: string, options: ScriptedCodexOptions): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, HOME: options.home ?? codexHome, CODEX_HOME: codexHome, ...options.env };
}

function merge(base: CodexConfigObject, over: CodexConfigObject): CodexConfigObject {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    merged[key] = isObject(old) && isObject(value) ? merge(old, value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is CodexConfigObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
