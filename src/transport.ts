import type { Usage } from "./events.ts";
import type { LiveEvent } from "./live_events.ts";
import type { CodexOptions, Input, ThreadOptions, TurnOptions } from "./options.ts";
import type { Diagnostic } from "./diagnostics.ts";

/** Which thread a turn belongs to. */
export type ThreadTarget =
  | { type: "new" }
  | { type: "resume"; id: string }
  | { type: "resume_name"; name: string }
  | { type: "resume_last"; allDirectories: boolean }
  | { type: "fork"; id: string };

/** One turn, as a {@linkcode Thread} hands it to its lane. */
export type TurnRequest = {
  /** Which thread the turn belongs to. */
  thread: ThreadTarget;
  /** Whether no turn has begun yet that was run by way of the same `Thread`. */
  isFirst: boolean;
  /** What the user says; a review instead of a prompt when {@linkcode TurnRequest.review} is set. */
  input: Input;
  /** What to review, for a review turn. */
  review?: ReviewTarget;
  /** The thread's options. */
  threadOptions: ThreadOptions;
  /** The turn's options. The thread sees to `signal`, timeouts and callbacks. */
  turnOptions: TurnOptions;
  /** Aborted when the turn is to end early. */
  signal: AbortSignal;
};

/** What a review looks at. */
export type ReviewTarget =
  | { type: "uncommitted_changes" }
  | { type: "base_branch"; branch: string }
  | { type: "commit"; sha: string; title?: string }
  | { type: "custom"; instructions: string };

/** What is known of a turn besides its events. */
export type TurnReport = {
  /** Lines that were not events, and other oddities; bounded. */
  diagnostics: readonly Diagnostic[];
  /** The end of what codex wrote to stderr, redacted; bounded. */
  stderr: string;
  /**
   * This turn's share of the usage, on a lane that knows it; `null` where even that does not. Left
   * out, the thread reckons it from the figures of its turns.
   */
  ownUsage?: Usage | null;
};

/** A turn as a lane runs it. */
export type TransportTurn = {
  /**
   * The events, in the batches in which they arrived. Nothing is started before the first read.
   * Errors only after every event that arrived was read. Cancelling resolves when whatever the
   * turn had started is gone.
   *
   * Without `liveEvents` none but `ThreadEvent`s.
   * An empty batch says no more than that something goes on.
   */
  events: ReadableStream<readonly LiveEvent[]>;
  /** Resolves when whatever the turn had started is gone, also when nobody reads; never rejects. */
  ended: Promise<void>;
  /** What else is known, at any time. */
  report(): TurnReport;
  /**
   * Replaces what the lane knows to be secret in text that is shown. Left out, it is what the
   * options of the `Codex` hold.
   */
  redact?(text: string): string;
  /**
   * Says something to the agent while it works. Rejects with `NoActiveTurnError` when it has ended.
   * Left out on a lane that cannot.
   */
  steer?(input: Input): Promise<void>;
};

/** What codex was found and what it says of itself. */
export type CodexVersion = {
  /** The version, e.g. `"0.169.0"`. */
  version: string;
  /** The executable that runs; the URL of a server elsewhere. */
  path: string;
  /** Where it was found. */
  source: "option" | "CODEX_PATH" | "package" | "shim" | "PATH" | "url";
};

/** A lane: a way of running turns. Made by a {@linkcode TransportFactory}, owned by a `Codex`. */
export interface Transport extends AsyncDisposable {
  /** Names the lane in errors, e.g. `"exec"`. */
  readonly name: string;
  /** Prepares a turn; nothing is started before its events are read. */
  startTurn(request: TurnRequest): TransportTurn;
  /** Which codex this lane runs. */
  version(): Promise<CodexVersion>;
  /** Ends every running turn and waits until all is gone. Never rejects. */
  close(): Promise<void>;
  /** Calls a method of codex that is no turn. Left out on a lane without one. */
  request?(method: string, params: unknown, options?: RequestOptions): Promise<unknown>;
  /**
   * Hears what codex tells by itself, of whatever thread, and, with `onLost`, that what tells is
   * gone; returns how to stop hearing. Left out on a lane where codex tells nothing outside of turns.
   */
  onNotification?(listener: NotificationListener, onLost?: (error: Error) => void): () => void;
}

/** Options for a request to codex. */
export type RequestOptions = {
  /** Gives the request up; codex may still carry it out. */
  signal?: AbortSignal;
  /** How long to wait for the answer, in milliseconds; `Infinity` for no limit. Default: the lane's. */
  timeoutMs?: number;
};

/**
 * Hears a notification; what it throws is a diagnostic. `redact` replaces secrets in text that is
 * shown or thrown: `params` are what codex said, to the letter.
 */
export type NotificationListener = (
  method: string,
  params: unknown,
  redact: (text: string) => string,
) => void;

/** Makes a lane for a `Codex`, when its first turn starts. */
export type TransportFactory = (options: CodexOptions) => Transport | Promise<Transport>;
