import type { ClientRequests } from "./app_server/protocol/mod.ts";
import { UnsupportedError } from "./errors.ts";
import { exec } from "./exec/mod.ts";
import { lazily } from "./lazily.ts";
import type { CodexOptions, ThreadOptions } from "./options.ts";
// For what it does when it is loaded; whoever needs it is loaded with the first turn.
import "./runtime/real_timers.ts";
import { Thread } from "./thread.ts";
import type {
  CodexVersion,
  NotificationListener,
  RequestOptions,
  ThreadTarget,
  Transport,
} from "./transport.ts";

/** A thread to go on with, other than by its id. */
export type ThreadReference =
  | {
    /** The name given to the thread. Codex begins a new thread when there is none of that name. */
    name: string;
  }
  | {
    /** The thread that was used last. */
    last: true;
    /** Whether it may belong to another working directory. Default: `false`. */
    allDirectories?: boolean;
  };

/**
 * The way in: starts and resumes threads.
 *
 * Making one costs nothing; codex is looked for and the options are checked when a turn starts,
 * or something else is asked of it.
 *
 * @example
 * ```ts
 * import { Codex } from "jsr:@codex/sdk";
 *
 * const codex = new Codex();
 * const turn = await codex.startThread().run("What does this project do?", { timeoutMs: 300_000 });
 * console.log(turn.finalResponse);
 * ```
 */
export class Codex implements AsyncDisposable {
  readonly #options: CodexOptions;
  readonly #lane: () => Promise<Transport>;

  /** See {@linkcode CodexOptions}; without any, codex runs as it does in your terminal. */
  constructor(options: CodexOptions = {}) {
    this.#options = options;
    this.#lane = lazily(async () => await (options.transport ?? exec())(options));
  }

  /** Starts a new thread. Codex learns of it with the first turn. */
  startThread(options: ThreadOptions = {}): Thread {
    return this.#thread({ type: "new" }, options);
  }

  /**
   * Goes on with a thread that codex keeps in `$CODEX_HOME/sessions`: by its id, by its name, or
   * the last one used. For an id codex answering with another thread is a `ThreadMismatchError`.
   */
  resumeThread(thread: string | ThreadReference, options: ThreadOptions = {}): Thread {
    return this.#thread(resumed(thread), options);
  }

  /** Starts a new thread that begins as a copy of another; `thread` is its id or name. */
  forkThread(thread: string, options: ThreadOptions = {}): Thread {
    return this.#thread({ type: "fork", id: thread }, options);
  }

  /**
   * Tells which codex runs, where it was found and what version it is.
   *
   * Rejects with `CodexNotFoundError` when there is none.
   */
  async version(): Promise<CodexVersion> {
    const transport = await this.#checkedLane();
    return await transport.version();
  }

  /**
   * Calls a method of the app-server, for what has no name of its own here; see
   * `@codex/sdk/protocol` for what there is.
   *
   * Rejects with `RpcError` when codex says no, with `UnsupportedError` on another lane, and with
   * `InvalidOptionsError`, before anything is started, when the options of the `Codex` cannot be used.
   *
   * @example
   * ```ts
   * import { Codex } from "jsr:@codex/sdk";
   * import { appServer } from "jsr:@codex/sdk/app-server";
   *
   * const codex = new Codex({ transport: appServer() });
   * const { data } = await codex.request("model/list", {});
   * console.log(data.map((model) => model.displayName));
   * await codex.close();
   * ```
   */
  async request<M extends keyof ClientRequests>(
    method: M,
    params: ClientRequests[M]["params"],
    options: RequestOptions = {},
  ): Promise<ClientRequests[M]["result"]> {
    const transport = await this.#checkedLane();
    if (transport.request === undefined) throw unsupported(`request("${method}")`, transport);
    return await transport.request(method, params, options) as ClientRequests[M]["result"];
  }

  /**
   * Hears what the app-server tells by itself, of whatever thread; resolves with how to stop. While
   * somebody listens, an idle server is kept. `onLost` hears when a server dies, or the connection
   * breaks: what it would have told is not told again by the next one.
   *
   * Rejects with `UnsupportedError` on another lane, and with `InvalidOptionsError` when the options
   * of the `Codex` cannot be used.
   */
  async onNotification(
    listener: NotificationListener,
    onLost?: (error: Error) => void,
  ): Promise<() => void> {
    const transport = await this.#checkedLane();
    if (transport.onNotification === undefined) throw unsupported("onNotification()", transport);
    return transport.onNotification(listener, onLost);
  }

  /**
   * Ends every running turn and resolves when nothing of them is left. The turns reject with an
   * `AbortError`; this never rejects. A closed `Codex` starts no more turns: those that wait for
   * another one of their thread reject with an `UnsupportedError`.
   */
  async close(): Promise<void> {
    const transport = await this.#lane().catch(() => null);
    await transport?.close();
  }

  /** As {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #thread(target: ThreadTarget, options: ThreadOptions): Thread {
    const context = { codexOptions: this.#options, transport: this.#lane };
    return new Thread(context, target, options);
  }

  /** The lane for what is no turn: those check the options themselves. */
  async #checkedLane(): Promise<Transport> {
    // Loaded now, so that importing the SDK costs next to nothing.
    const { validateCodexOptions } = await import("./validation.ts");
    validateCodexOptions(this.#options);
    return await this.#lane();
  }
}

function unsupported(what: string, { name }: Transport): UnsupportedError {
  return new UnsupportedError(
    `Cannot call ${what} on the "${name}" lane: make the Codex with { transport: appServer() }, ` +
      "from @codex/sdk/app-server",
  );
}

function resumed(thread: string | ThreadReference): ThreadTarget {
  if (typeof thread !== "object" || thread === null) return { type: "resume", id: thread };
  if ("name" in thread) return { type: "resume_name", name: thread.name };
  if (thread.last === true) {
    return { type: "resume_last", allDirectories: thread.allDirectories ?? false };
  }
  // An id that is none: what else could be meant is not to be guessed, it would get the prompt.
  return { type: "resume", id: "" };
}
