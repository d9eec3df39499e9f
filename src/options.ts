import type { ApprovalHandler, ElicitationHandler, UserInputHandler } from "./approvals.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Tool } from "./tools.ts";
import type { TransportFactory } from "./transport.ts";

/** A value in {@linkcode CodexConfigObject}. */
export type CodexConfigValue =
  | string
  | number
  | boolean
  | CodexConfigValue[]
  | CodexConfigObject;

/** Settings as in codex's `config.toml`, nested as there. */
export type CodexConfigObject = { [key: string]: CodexConfigValue };

/** What {@linkcode CodexOptions.onSpawn} is told. Secrets are replaced by `[redacted]`. */
export type SpawnInfo = {
  /** The executable and its arguments. */
  argv: string[];
  /** The working directory codex is started in; `undefined` stands for the program's own. */
  cwd: string | undefined;
  /** The names of the environment variables the SDK sets; never their values. */
  envKeys: string[];
  /** The process id. */
  pid: number;
};

/**
 * Who answers when the agent asks, on the app-server lane; on the exec lane these are an
 * `UnsupportedError`. What is given for a turn goes first, then what is given for the thread, then
 * what is given for the `Codex`.
 */
export type RequestHandlers = {
  /** Decides what the agent may do when codex asks. Default: everything is declined. */
  onApproval?: ApprovalHandler;
  /** Answers questions of the agent. Default: it is told that nobody answered. */
  onUserInput?: UserInputHandler;
  /** Answers questions of MCP servers. Default: they are declined. */
  onElicitation?: ElicitationHandler;
};

/** Options for a {@linkcode Codex}. They are read and checked at the start of each turn. */
export type CodexOptions = RequestHandlers & {
  /**
   * The codex executable: a path, a `file:` URL, or a name to be looked up in PATH.
   *
   * Default: `CODEX_PATH`, else the native binary of an installed `@openai/codex`, else the native
   * binary behind the `codex` on PATH, else the `codex` on PATH.
   */
  codexPath?: string | URL;
  /** The official SDK's name for {@linkcode CodexOptions.codexPath}. */
  codexPathOverride?: string;
  /** Where the model is served; sets `openai_base_url` for codex. Default: codex's own. */
  baseUrl?: string;
  /**
   * API key, passed to codex in its environment as `CODEX_API_KEY`; the app-server is told it, without
   * white space around it. Default: codex's login.
   */
  apiKey?: string;
  /**
   * Settings that override codex's `config.toml` for each turn, e.g. `{ features: { x: true } }`. They
   * are arguments of codex, which others on the machine can read: name a variable that holds a secret
   * (`env_key`, `env_http_headers`) rather than the secret.
   */
  config?: CodexConfigObject;
  /** Raw `key=value` overrides, the value in TOML; passed on unchanged after `config`. */
  configOverrides?: string[];
  /**
   * The environment of codex. When given, codex sees **only** these variables (and those the SDK
   * sets itself). Default: the environment of this program.
   */
  env?: Record<string, string>;
  /**
   * Names your program to the model's service. Default: `"codex_sdk_ts"`, the name of the official
   * TypeScript SDK, with which this one is compatible; an environment variable
   * `CODEX_INTERNAL_ORIGINATOR_OVERRIDE` in `env` goes first.
   */
  originator?: string;
  /** How turns are run. Default: `exec()`, a process per turn. */
  transport?: TransportFactory;
  /**
   * Whether running turns are ended when this program gets SIGINT, SIGTERM or SIGHUP. The signal
   * is raised again afterwards, so that the program ends as it would have. On Node and Bun a
   * signal that your program handles itself is left to it. Default: `true`.
   */
  handleHostSignals?: boolean;
  /** The longest line codex may print, in bytes. Default: 256 MiB. */
  maxLineBytes?: number;
  /** Called when codex was started. */
  onSpawn?: (info: SpawnInfo) => void;
  /** Called for each diagnostic: a line on stdout that is not an event, and the like. */
  onDiagnostic?: (diagnostic: Diagnostic) => void;
};

/** When codex would ask before it acts. On the exec lane nobody is asked: see `approvalPolicy`. */
export type ApprovalMode = "never" | "on-request" | "on-failure" | "untrusted";

/** What commands of the agent may touch. */
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";

/** How much the model thinks; which values are valid depends on the model. */
export type ModelReasoningEffort =
  | "minimal"
  | "low"
  | "medium"
  | "high"
  | "xhigh"
  | "max"
  | "ultra"
  | "persistent";

/** Whether and how the agent may search the web. */
export type WebSearchMode = "disabled" | "cached" | "live";

/** Options for a {@linkcode Thread}; they hold for each of its turns. */
export type ThreadOptions = RequestHandlers & {
  /** The model. Default: codex's own. */
  model?: string;
  /** Classifies where the thread comes from; only used when it is created. */
  threadSource?: string;
  /**
   * What commands of the agent may touch. Default: `"read-only"`, whatever `config.toml` says;
   * without being told, codex would let them write in a folder that it holds for trusted (measured
   * on codex 0.169.0). On the exec lane what `config`, `configOverrides` or `extraArgs` say of it
   * counts, too. Requirements that an administrator has set win over all of it.
   */
  sandboxMode?: SandboxMode;
  /**
   * Where the agent works. Default: the working directory of this program; with a server elsewhere,
   * that of the server, or of the thread that is resumed.
   */
  workingDirectory?: string;
  /** Whether the agent may work outside a git repository. Default: `false`. */
  skipGitRepoCheck?: boolean;
  /** How much the model thinks. Default: the model's own. */
  modelReasoningEffort?: ModelReasoningEffort;
  /**
   * Whether commands may use the network in the `"workspace-write"` sandbox. Default: codex's own; on
   * the app-server lane `false`.
   */
  networkAccessEnabled?: boolean;
  /** Whether and how the agent may search the web. Default: codex's own. */
  webSearchMode?: WebSearchMode;
  /** `true` stands for `"live"`, `false` for `"disabled"`; `webSearchMode` goes first. */
  webSearchEnabled?: boolean;
  /**
   * Passed on to codex. Default: `"never"`; `"on-request"` on the app-server lane with a handler of
   * approvals. Some values are refused by some versions of codex.
   *
   * On the exec lane this program is never asked: what the sandbox forbids fails. But for one case:
   * if the configuration names a model that reviews approvals (`approvals_reviewer`), codex asks
   * that one under any policy but `"never"`, and does what it approves outside the sandbox (measured
   * on codex 0.169.0). There what `config`, `configOverrides` or `extraArgs` say of approvals counts,
   * too.
   */
  approvalPolicy?: ApprovalMode;
  /** Further folders the agent may write to. */
  additionalDirectories?: string[];
  /**
   * A profile: codex layers `$CODEX_HOME/<profile>.config.toml` on top of the configuration. Its
   * sandbox and approval policy do not count; `sandboxMode` and `approvalPolicy` do.
   */
  profile?: string;
  /** Whether codex keeps no record of the thread; such a thread has one turn. Default: `false`. */
  ephemeral?: boolean;
  /** Whether codex leaves `$CODEX_HOME/config.toml` unread. Default: `false`. */
  ignoreUserConfig?: boolean;
  /**
   * Further arguments for `codex exec`, passed on as they are before the subcommand. For what
   * has no option here; the SDK does not check them.
   */
  extraArgs?: string[];
  /**
   * Tools in this program that the agent can call; see `tool()` of `@codex/sdk/app-server`, the lane
   * they need. Codex stores their descriptions with the thread, so give them again when it is
   * resumed.
   */
  tools?: readonly Tool[];
};

/** Experimental access programs of the built-in provider. */
export type CyberAccessProgram = "standard" | "daybreak_blue" | "daybreak_red";

/** A reconnect that codex reported. */
export type RetryInfo = {
  /** Which try this is, counted from 1; `null` where codex does not say. */
  attempt: number | null;
  /** How many there will be; `null` where codex does not say. */
  maxAttempts: number | null;
  /** Codex's own words. */
  message: string;
};

/** Options for one turn. */
export type TurnOptions = RequestHandlers & {
  /** Experimental access program for this turn (built-in provider only). */
  cyberAccessProgram?: CyberAccessProgram;
  /**
   * JSON Schema of the answer: a plain object, or the path or `file:` URL of a `.json` or `.jsonc`
   * file. The answer is then JSON text in `finalResponse`.
   */
  outputSchema?: unknown;
  /** Ends the turn early; it then rejects with an `AbortError`. */
  signal?: AbortSignal;
  /**
   * The longest the turn may take, in milliseconds, waiting for earlier turns included. Codex
   * retries for ever when the model cannot be reached, so set it. Default: no limit.
   */
  timeoutMs?: number;
  /**
   * The longest codex may stay silent, in milliseconds. Reconnect notices do not count as a sign
   * of life; the time your code takes to read an event is not counted. A command that runs long
   * is silent, too. Default: no limit.
   */
  idleTimeoutMs?: number;
  /** Called when codex reports that it tries to reach the model again. */
  onRetry?: (retry: RetryInfo) => void;
  /**
   * Whether `runStreamed` also tells what goes on between the events of the exec lane: text as it
   * grows, diffs, plans, token counts. See `LiveEvent`. Needs the app-server lane. Default: `false`.
   */
  liveEvents?: boolean;
};

/** A piece of what the user says. */
export type UserInput =
  | { type: "text"; text: string }
  | { type: "local_image"; path: string }
  | { type: "image"; data: Uint8Array<ArrayBuffer> | ArrayBuffer | Blob }
  | {
    /** A skill the agent is to use; only on the app-server lane. */
    type: "skill";
    /** Its name. */
    name: string;
    /** Where its `SKILL.md` is. */
    path: string;
  }
  | {
    /** A file the user speaks of; only on the app-server lane. */
    type: "mention";
    /** How it is called. */
    name: string;
    /** Where it is. */
    path: string;
  };

/**
 * What the user says: text, or texts and images. On the exec lane texts are joined by a blank line.
 */
export type Input = string | UserInput[];
