import type { ThreadEvent } from "./events.ts";
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
};

/** A turn as a lane runs it. */
export type TransportTurn = {
  /**
   * The events, in the batches in which they arrived. Nothing is started before the first read.
   * Errors only after every event that arrived was read. Cancelling resolves when whatever the
   * turn had started is gone.
   */
  events: ReadableStream<readonly ThreadEvent[]>;
  /** Resolves when whatever the turn had started is gone, also when nobody reads; never rejects. */
  ended: Promise<void>;
  /** What else is known, at any time. */
  report(): TurnReport;
};

/** What codex was found and what it says of itself. */
export type CodexVersion = {
  /** The version, e.g. `"0.169.0"`. */
  version: string;
  /** The executable that runs. */
  path: string;
  /** Where it was found. */
  source: "option" | "CODEX_PATH" | "package" | "shim" | "PATH";
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
}

/** Makes a lane for a `Codex`, when its first turn starts. */
export type TransportFactory = (options: CodexOptions) => Transport | Promise<Transport>;
