import type { Diagnostic } from "./diagnostics.ts";
import { emptyTurn, type Turn } from "./turn.ts";

/** Marks our errors, also across two copies of this module, where `instanceof` fails. */
const brand: symbol = Symbol.for("@codex/sdk/error");

/** The `code` of each error class. */
export type CodexErrorCode =
  | "ENOENT"
  | "SPAWN_FAILED"
  | "EXITED"
  | "PROTOCOL"
  | "TURN_FAILED"
  | "THREAD_BUSY"
  | "THREAD_MISMATCH"
  | "TIMEOUT"
  | "ABORT_ERR"
  | "INVALID_OPTIONS"
  | "UNSUPPORTED"
  | "NO_ACTIVE_TURN"
  | "RPC"
  | "REQUEST_TIMEOUT"
  | "LOGIN_FAILED"
  | "SERVER_LOST"
  | "READER_TOO_SLOW"
  | "CONNECTION";

/**
 * What every error of this module is. Catch the classes below it, or switch on `code`.
 *
 * Messages and what is printed or serialised are bounded and hold no secrets.
 *
 * @example
 * ```ts
 * import { Codex, CodexError } from "jsr:@codex/sdk";
 *
 * try {
 *   await new Codex().startThread().run("Make the tests pass", { timeoutMs: 600_000 });
 * } catch (error) {
 *   if (!CodexError.is(error)) throw error;
 *   console.error(error.code, error.message);
 *   console.error(`${error.turn.items.length} items had arrived`);
 * }
 * ```
 */
export abstract class CodexError extends Error {
  /** Names the class; the same in every version. */
  abstract readonly code: CodexErrorCode;

  /** What had arrived when the error struck; empty when the turn had not begun. */
  declare readonly turn: Turn;

  /** Made by the SDK. */
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    // Hidden from printing: a turn can be large, and says what the user's files say.
    hide(this, "turn", emptyTurn());
    hide(this, brand, true);
  }

  /**
   * Whether `error` is one of these, also when it comes from another copy of this module, where
   * `instanceof` fails: `CodexError.is(error)` for any, `ExitError.is(error)` for one class.
   */
  static is<T extends CodexError>(
    this: (abstract new (...args: never[]) => T) & { readonly prototype: T },
    error: unknown,
  ): error is T {
    if (typeof error !== "object" || error === null || !(brand in error)) return false;
    // Unbound, `CodexError.is` has no `this`.
    return this === undefined || this.prototype === CodexError.prototype ||
      (error as CodexError).name === this.prototype.name;
  }

  /** A bounded summary without secrets; the turn is counted, not quoted. */
  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      ...this.details(),
      turn: {
        threadId: this.turn.threadId,
        items: this.turn.items.length,
        usage: this.turn.usage,
      },
    };
  }

  /** What {@linkcode toJSON} tells besides the message. */
  protected details(): Record<string, unknown> {
    return {};
  }
}

/**
 * The codex executable was not found; the message says where it was looked for. Its `code` is the
 * one that starting a missing program has everywhere.
 */
export class CodexNotFoundError extends CodexError {
  /** Names the class. */
  declare readonly name: "CodexNotFoundError";
  /** Names the class, for a `switch`. */
  override readonly code: "ENOENT" = "ENOENT";
}

/** The system refused to start codex; `cause` is the runtime's own error. */
export class SpawnError extends CodexError {
  /** Names the class. */
  declare readonly name: "SpawnError";
  /** Names the class, for a `switch`. */
  override readonly code: "SPAWN_FAILED" = "SPAWN_FAILED";
  /** The system's word for it, e.g. `"EACCES"` or `"E2BIG"`; `null` when there is none. */
  readonly systemCode: string | null;

  /** Made by the SDK. */
  constructor(message: string, options: { cause?: unknown; systemCode?: string | null } = {}) {
    super(message, options);
    this.systemCode = options.systemCode ?? null;
  }

  /** @internal */
  protected override details(): Record<string, unknown> {
    return { systemCode: this.systemCode };
  }
}

/** What {@linkcode ExitError} is made of. */
export type ExitErrorOptions = {
  /** The exit code; `null` when a signal ended codex. */
  exitCode: number | null;
  /** The signal; `null` when codex exited by itself. */
  signal: string | null;
  /** The end of stderr, redacted. */
  stderr: string;
  /** What else was noticed. */
  diagnostics: readonly Diagnostic[];
  /** What led to it. */
  cause?: unknown;
};

/** Codex ended badly: with a code, by a signal, or without saying how the turn ended. */
export class ExitError extends CodexError {
  /** Names the class. */
  declare readonly name: "ExitError";
  /** Names the class, for a `switch`. */
  override readonly code: "EXITED" = "EXITED";
  /** The exit code; `null` when a signal ended codex. */
  readonly exitCode: number | null;
  /** The signal, e.g. `"SIGKILL"`; `null` when codex exited by itself. */
  readonly signal: string | null;
  /** The end of what codex wrote to stderr, redacted, at most 16 KiB. */
  declare readonly stderr: string;
  /** What else was noticed, e.g. lines on stdout that were no events. */
  declare readonly diagnostics: readonly Diagnostic[];

  /** Made by the SDK. */
  constructor(message: string, options: ExitErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.exitCode = options.exitCode;
    this.signal = options.signal;
    hide(this, "stderr", options.stderr);
    hide(this, "diagnostics", options.diagnostics);
  }

  /** @internal */
  protected override details(): Record<string, unknown> {
    return {
      exitCode: this.exitCode,
      signal: this.signal,
      stderr: this.stderr.slice(-2000),
      diagnostics: this.diagnostics.slice(-10),
    };
  }
}

/** What {@linkcode ProtocolError} is made of. */
export type ProtocolErrorOptions = {
  /** The line on stdout, counted from 1. */
  line: number | null;
  /** Where in the event, e.g. `"item.text"`. */
  path: string | null;
  /** What led to it. */
  cause?: unknown;
};

/**
 * Codex printed an event of a known type, or answered a request, in a shape that it must not have; or
 * an endless line.
 */
export class ProtocolError extends CodexError {
  /** Names the class. */
  declare readonly name: "ProtocolError";
  /** Names the class, for a `switch`. */
  override readonly code: "PROTOCOL" = "PROTOCOL";
  /** The line on stdout, counted from 1; `null` where there are no lines. */
  readonly line: number | null;
  /** Where in the event, e.g. `"item.text"`; `null` when the event as a whole is meant. */
  readonly path: string | null;

  /** Made by the SDK. */
  constructor(message: string, options: ProtocolErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.line = options.line;
    this.path = options.path;
  }

  /** @internal */
  protected override details(): Record<string, unknown> {
    return { line: this.line, path: this.path };
  }
}

/** Codex reported that the turn failed; the message is codex's own. */
export class TurnFailedError extends CodexError {
  /** Names the class. */
  declare readonly name: "TurnFailedError";
  /** Names the class, for a `switch`. */
  override readonly code: "TURN_FAILED" = "TURN_FAILED";
}

/**
 * Another turn of the thread is under way, and waiting for it might never end: nobody reads it, or it
 * was started by another `Thread` object or another client of the server.
 */
export class ThreadBusyError extends CodexError {
  /** Names the class. */
  declare readonly name: "ThreadBusyError";
  /** Names the class, for a `switch`. */
  override readonly code: "THREAD_BUSY" = "THREAD_BUSY";
}

/** Codex went on with another thread than the one asked for; the turn was stopped. */
export class ThreadMismatchError extends CodexError {
  /** Names the class. */
  declare readonly name: "ThreadMismatchError";
  /** Names the class, for a `switch`. */
  override readonly code: "THREAD_MISMATCH" = "THREAD_MISMATCH";
  /** The id that was asked for. */
  readonly expectedThreadId: string;
  /** The id that codex answered with. */
  readonly actualThreadId: string;

  /** Made by the SDK. */
  constructor(message: string, options: { expected: string; actual: string }) {
    super(message);
    this.expectedThreadId = options.expected;
    this.actualThreadId = options.actual;
  }

  /** @internal */
  protected override details(): Record<string, unknown> {
    return { expectedThreadId: this.expectedThreadId, actualThreadId: this.actualThreadId };
  }
}

/** The turn took longer than `timeoutMs`, or codex was silent for longer than `idleTimeoutMs`. */
export class TimeoutError extends CodexError {
  /** Names the class. */
  declare readonly name: "TimeoutError";
  /** Names the class, for a `switch`. */
  override readonly code: "TIMEOUT" = "TIMEOUT";
  /** Which limit was reached. */
  readonly kind: "turn" | "idle";
  /** The limit, in milliseconds. */
  readonly timeoutMs: number;

  /** Made by the SDK. */
  constructor(message: string, options: { kind: "turn" | "idle"; timeoutMs: number }) {
    super(message);
    this.kind = options.kind;
    this.timeoutMs = options.timeoutMs;
  }

  /** @internal */
  protected override details(): Record<string, unknown> {
    return { kind: this.kind, timeoutMs: this.timeoutMs };
  }
}

/** The turn was ended by its signal, by closing its `Codex`, or because the host is ending. */
export class AbortError extends CodexError {
  /** Names the class. */
  declare readonly name: "AbortError";
  /** Names the class, for a `switch`. */
  override readonly code: "ABORT_ERR" = "ABORT_ERR";

  /** Made by the SDK; `cause` is the reason of the signal. */
  constructor(cause: unknown) {
    super("The operation was aborted", { cause });
  }
}

/** An option or input that cannot work. Nothing was started. */
export class InvalidOptionsError extends CodexError {
  /** Names the class. */
  declare readonly name: "InvalidOptionsError";
  /** Names the class, for a `switch`. */
  override readonly code: "INVALID_OPTIONS" = "INVALID_OPTIONS";
  /** The option, e.g. `"sandboxMode"` or `"config.model_providers"`; `null` for none in particular. */
  readonly path: string | null;

  /** Made by the SDK. */
  constructor(message: string, options: { path?: string; cause?: unknown } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.path = options.path ?? null;
  }

  /** @internal */
  protected override details(): Record<string, unknown> {
    return { path: this.path };
  }
}

/** This lane, or this version of codex, cannot do what was asked; the message says which can. */
export class UnsupportedError extends CodexError {
  /** Names the class. */
  declare readonly name: "UnsupportedError";
  /** Names the class, for a `switch`. */
  override readonly code: "UNSUPPORTED" = "UNSUPPORTED";
}

/** There is no running turn that could be steered: it has not begun, or it has ended. */
export class NoActiveTurnError extends CodexError {
  /** Names the class. */
  declare readonly name: "NoActiveTurnError";
  /** Names the class, for a `switch`. */
  override readonly code: "NO_ACTIVE_TURN" = "NO_ACTIVE_TURN";
}

/** What {@linkcode ConnectionError} is made of. */
export type ConnectionErrorOptions = {
  /** What went wrong. */
  reason: ConnectionError["reason"];
  /** The close code of a WebSocket. */
  closeCode?: number | null;
  /** What led to it. */
  cause?: unknown;
};

/** There is no connection to the app-server, or not any more. */
export class ConnectionError extends CodexError {
  /** Names the class. */
  declare readonly name: "ConnectionError";
  /** Names the class, for a `switch`. */
  override readonly code: "CONNECTION" = "CONNECTION";
  /**
   * - `"unreachable"`: nobody answers there; trying again may help
   * - `"timeout"`: the connection took too long; trying again may help
   * - `"refused"`: somebody answers there and does not let us in; trying again does not help
   * - `"lost"`: there was a connection, and it broke off
   */
  readonly reason: "unreachable" | "timeout" | "refused" | "lost";
  /** The close code of the WebSocket, mostly 1006; `null` where there is none. */
  readonly closeCode: number | null;

  /** Made by the SDK. */
  constructor(message: string, options: ConnectionErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.reason = options.reason;
    this.closeCode = options.closeCode ?? null;
  }

  /** @internal */
  protected override details(): Record<string, unknown> {
    return { reason: this.reason, closeCode: this.closeCode };
  }
}

/** Codex refused a request to the app-server; the message is codex's own. */
export class RpcError extends CodexError {
  /** Names the class. */
  declare readonly name: "RpcError";
  /** Names the class, for a `switch`. */
  override readonly code: "RPC" = "RPC";
  /** The method that was called, e.g. `"thread/resume"`. */
  readonly method: string;
  /** The JSON-RPC code. Codex says -32600 for nearly everything. */
  readonly rpcCode: number;
  /** What codex said, at most 2,000 characters; the message has it, too. */
  declare readonly rpcMessage: string;
  /** Details, if codex gave any. */
  declare readonly data: unknown;

  /** Made by the SDK. */
  constructor(method: string, options: { code: number; message: string; data?: unknown }) {
    // An unknown method is answered with the names of all there are.
    const rpcMessage = options.message.slice(0, 2000);
    super(`Codex refused "${method}": ${rpcMessage}`);
    this.method = method;
    this.rpcCode = options.code;
    hide(this, "rpcMessage", rpcMessage);
    hide(this, "data", options.data);
  }

  /** @internal */
  protected override details(): Record<string, unknown> {
    return { method: this.method, rpcCode: this.rpcCode };
  }
}

/** The app-server did not answer a request in time. It may still carry it out. */
export class RequestTimeoutError extends CodexError {
  /** Names the class. */
  declare readonly name: "RequestTimeoutError";
  /** Names the class, for a `switch`. */
  override readonly code: "REQUEST_TIMEOUT" = "REQUEST_TIMEOUT";
  /** The method that was called. */
  readonly method: string;
  /** The limit, in milliseconds. */
  readonly timeoutMs: number;

  /** Made by the SDK. */
  constructor(method: string, timeoutMs: number) {
    super(`The app-server did not answer "${method}" within ${timeoutMs} ms`);
    this.method = method;
    this.timeoutMs = timeoutMs;
  }

  /** @internal */
  protected override details(): Record<string, unknown> {
    return { method: this.method, timeoutMs: this.timeoutMs };
  }
}

/** A login did not come about; the message has codex's own words. */
export class LoginError extends CodexError {
  /** Names the class. */
  declare readonly name: "LoginError";
  /** Names the class, for a `switch`. */
  override readonly code: "LOGIN_FAILED" = "LOGIN_FAILED";
}

/** What {@linkcode ServerLostError} is made of. */
export type ServerLostErrorOptions = {
  /** The exit code of the server; `null` when a signal ended it, or when it is not ours. */
  exitCode: number | null;
  /** The signal that ended it; `null` when there was none, or when it is not ours. */
  signal: string | null;
  /** The end of its stderr, redacted. */
  stderr: string;
  /** Whether the thread can be gone on with. */
  isResumable: boolean;
  /** What led to it. */
  cause?: unknown;
};

/**
 * The app-server died, or the connection to it broke, in the middle of the turn. The turn is not
 * run again by itself. The next turn of the thread starts a server or connects again.
 */
export class ServerLostError extends CodexError {
  /** Names the class. */
  declare readonly name: "ServerLostError";
  /** Names the class, for a `switch`. */
  override readonly code: "SERVER_LOST" = "SERVER_LOST";
  /** The exit code of the server; `null` when a signal ended it, or when it is not ours. */
  readonly exitCode: number | null;
  /** The signal that ended it; `null` when there was none, or when it is not ours. */
  readonly signal: string | null;
  /** The end of its stderr, redacted, at most 16 KiB. */
  declare readonly stderr: string;
  /**
   * Whether the thread can be gone on with: what was said before this turn is kept, and of this
   * turn at least the prompt. An ephemeral thread is lost with its server.
   */
  readonly isResumable: boolean;

  /** Made by the SDK. */
  constructor(message: string, options: ServerLostErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.exitCode = options.exitCode;
    this.signal = options.signal;
    this.isResumable = options.isResumable;
    hide(this, "stderr", options.stderr);
  }

  /** @internal */
  protected override details(): Record<string, unknown> {
    return {
      exitCode: this.exitCode,
      signal: this.signal,
      isResumable: this.isResumable,
      stderr: this.stderr.slice(-2000),
    };
  }
}

/** More events waited for the reader of the turn than may; the turn was interrupted. */
export class ReaderTooSlowError extends CodexError {
  /** Names the class. */
  declare readonly name: "ReaderTooSlowError";
  /** Names the class, for a `switch`. */
  override readonly code: "READER_TOO_SLOW" = "READER_TOO_SLOW";
  /** How much may wait, in bytes. */
  readonly maxBytes: number;

  /** Made by the SDK. */
  constructor(message: string, options: { maxBytes: number }) {
    super(message);
    this.maxBytes = options.maxBytes;
  }

  /** @internal */
  protected override details(): Record<string, unknown> {
    return { maxBytes: this.maxBytes };
  }
}

// On the prototypes, so that the first line of `stack`, written by `super()`, has the right name.
for (
  const errorClass of [
    CodexNotFoundError,
    SpawnError,
    ExitError,
    ProtocolError,
    TurnFailedError,
    ThreadBusyError,
    ThreadMismatchError,
    TimeoutError,
    AbortError,
    InvalidOptionsError,
    UnsupportedError,
    NoActiveTurnError,
    RpcError,
    RequestTimeoutError,
    LoginError,
    ServerLostError,
    ReaderTooSlowError,
    ConnectionError,
  ]
) {
  hide(errorClass.prototype, "name", errorClass.name);
  // Predicates are passed around: `errors.filter(ExitError.is)`.
  hide(errorClass, "is", CodexError.is.bind(errorClass as never));
}

/** Adds what had arrived to an error. For the SDK only. */
export function attachTurn(error: CodexError, turn: Turn): void {
  hide(error, "turn", turn);
}

function hide(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, configurable: true });
}
