import type { Usage } from "../events.ts";
import type { RequestOptions } from "../transport.ts";
import { type CodexError, ConnectionError, ExitError, ThreadBusyError } from "../errors.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import type { Parameters } from "./parameters.ts";
import type { ServerChannel, ServerEnd } from "./server_channel.ts";
import type { WorkspaceFolders } from "./workspace_folders.ts";
import { toTokenUsage } from "./usage_mapping.ts";
import { answerTo } from "./wire_shape.ts";

/** Who hears what the server says of a thread. */
export interface ThreadListener {
  /** Hears a notification; must not throw. */
  notify(method: string, params: Parameters): void;
  /** Hears that the server is gone. */
  lost(end: ServerEnd): void;
}

/** What a {@linkcode ServerSession} is opened with. */
export type SessionOptions = {
  /** How this program names itself to codex and the model's service. */
  clientInfo: { name: string; title: string; version: string };
  /** For the connection. */
  connection: Omit<ConnectionOptions, "onNotification">;
  /** Hears every notification. */
  onNotification: (method: string, params: unknown) => void;
};

/** How much is kept for threads that nobody listens to yet. */
const maxUnheard = 256;

/** One connection to one server, from its handshake to its end. */
export class ServerSession {
  /** Resolves when the server is gone; never rejects. */
  readonly ended: Promise<ServerEnd>;
  /** What each thread has used, as far as the server told; the whole thread. */
  readonly usage: Map<string, Usage> = new Map();
  /** The threads the server has loaded for us, and what they were loaded with. */
  readonly loaded: Map<string, string> = new Map();
  /** Where their agents work, as far as the server told. */
  readonly folders: Map<string, WorkspaceFolders> = new Map();
  readonly #channel: ServerChannel;
  readonly #connection: Connection;
  readonly #listeners: Map<string, ThreadListener> = new Map();
  /** The threads of sub-agents, and the thread whose turn listens to them. */
  readonly #parents: Map<string, string> = new Map();
  /** The threads somebody has listened to, and that the server still has. */
  readonly #known: Set<string> = new Set();
  /** The threads in which a turn runs, whoever started it. */
  readonly #active: Set<string> = new Set();
  #unheard: { threadId: string; method: string; params: Parameters }[] = [];
  #userAgent = "";
  #isOpen = true;

  private constructor(channel: ServerChannel, options: SessionOptions) {
    this.#channel = channel;
    this.#connection = new Connection(channel, {
      ...options.connection,
      onNotification: (method, params) => {
        options.onNotification(method, params);
        this.#heard(method, (params ?? {}) as Parameters);
      },
    });
    this.ended = this.#watchEnd();
  }

  /** Shakes hands. Closes the channel when that fails, or is aborted. */
  static async open(
    channel: ServerChannel,
    options: SessionOptions,
    signal?: AbortSignal,
  ): Promise<ServerSession> {
    const session = new ServerSession(channel, options);
    try {
      const answer = await session.request("initialize", {
        clientInfo: options.clientInfo,
        capabilities: { experimentalApi: true },
      }, { signal });
      const [{ userAgent }] = answerTo("initialize", answer);
      session.#userAgent = typeof userAgent === "string" ? userAgent : "";
      await session.#connection.notify("initialized");
      return session;
    } catch (error) {
      await session.close();
      throw ConnectionError.is(error) ? session.#notReady(await session.ended, error) : error;
    }
  }

  /** Whether requests can still be answered. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The version of codex; empty when it does not say. */
  get version(): string {
    return /\/(\d\S*)/.exec(this.#userAgent)?.[1] ?? "";
  }

  /** The end of what the server wrote to stderr, redacted. */
  stderr(): string {
    return this.#channel.stderr();
  }

  /** Calls a method. */
  request(method: string, params: unknown, options: RequestOptions = {}): Promise<unknown> {
    return this.#connection.request(method, params, options);
  }

  /**
   * Hears what is said of a thread, from what was said since the server has it; returns the stop.
   * Throws as {@linkcode throwIfBusy} does.
   */
  listen(threadId: string, listener: ThreadListener): () => void {
    this.throwIfBusy(threadId);
    this.#listeners.set(threadId, listener);
    this.#known.add(threadId);
    this.#replay(threadId);
    return () => {
      if (this.#listeners.get(threadId) !== listener) return;
      this.#listeners.delete(threadId);
      for (const [child, parent] of this.#parents) {
        if (parent === threadId) this.#parents.delete(child);
      }
    };
  }

  /**
   * Throws `ThreadBusyError` while a turn of ours, or of another client, runs in a thread: codex would
   * take a second turn for something said in the first, sandbox and all.
   */
  throwIfBusy(threadId: string): void {
    if (!this.isBusy(threadId)) return;
    const advice = this.#listeners.has(threadId)
      ? "Use one Thread object for a thread: its turns wait for each other"
      : "It was not started here: wait until it has ended";
    throw new ThreadBusyError(
      `Cannot start a turn: another turn of the thread "${threadId}" is running. ${advice}`,
    );
  }

  /** Whether a turn runs in a thread, as far as the server has told. */
  isBusy(threadId: string): boolean {
    return this.#listeners.has(threadId) || this.isActive(threadId);
  }

  /** Whether the server has said that a turn runs in a thread, whoever began it. */
  isActive(threadId: string): boolean {
    return this.#active.has(threadId);
  }

  /** Notes what the server said of a thread: `{ type: "idle" }` and the like. */
  noteStatus(threadId: string, status: unknown): void {
    const isActive = (status as { type?: unknown } | null | undefined)?.type === "active";
    if (isActive) this.#active.add(threadId);
    else this.#active.delete(threadId);
  }

  /** Lets the listener of a thread also hear of its sub-agent's. */
  adopt(childId: string, threadId: string): void {
    const parent = this.#parents.get(threadId) ?? threadId;
    if (childId === parent || this.#parents.has(childId) || this.#listeners.has(childId)) return;
    this.#parents.set(childId, parent);
    this.#replay(childId);
  }

  /** The listener of a thread, or of the thread whose sub-agent it belongs to. */
  listenerOf(threadId: string): ThreadListener | undefined {
    return this.#listeners.get(threadId) ??
      this.#listeners.get(this.#parents.get(threadId) ?? "");
  }

  /** Ends the server, or the connection to one that is not ours. Never rejects. */
  async close(): Promise<void> {
    await this.#channel.close();
    await this.ended;
  }

  /** A codex that cannot start says why; of a server elsewhere nothing more is known. */
  #notReady({ exitCode, signal }: ServerEnd, cause: ConnectionError): CodexError {
    if (exitCode === null && signal === null) return cause;
    const stderr = this.stderr();
    const how = signal === null ? `code ${exitCode}` : `signal ${signal}`;
    const said = stderr.trim().slice(-2000);
    return new ExitError(
      `The app-server exited with ${how} before it was ready${said === "" ? "" : `: ${said}`}`,
      { exitCode, signal, stderr, diagnostics: [], cause },
    );
  }

  async #watchEnd(): Promise<ServerEnd> {
    const { error } = await this.#connection.closed;
    this.#isOpen = false;
    // A server that cannot be talked to is of no use.
    await this.#channel.close();
    const channelEnd = await this.#channel.ended;
    const end = { ...channelEnd, error: channelEnd.error ?? error };
    for (const listener of new Set(this.#listeners.values())) listener.lost(end);
    return end;
  }

  #heard(method: string, params: Parameters): void {
    const threadId = params.threadId;
    if (typeof threadId !== "string") {
      // What concerns no thread concerns whoever listens.
      if (method === "account/rateLimits/updated") {
        for (const listener of this.#listeners.values()) listener.notify(method, params);
      }
      return;
    }
    if (method === "thread/status/changed") this.noteStatus(threadId, params.status);
    if (method === "thread/closed" || method === "thread/archived" || method === "thread/deleted") {
      this.loaded.delete(threadId);
      this.folders.delete(threadId);
      this.#known.delete(threadId);
      this.#active.delete(threadId);
    }
    const listener = this.listenerOf(threadId);
    if (listener !== undefined) listener.notify(method, params);
    // Threads that have had a turn of ours, and have none now, have nobody who could miss it.
    else if (!this.#known.has(threadId)) this.#keep({ threadId, method, params });
    if (method === "thread/tokenUsage/updated") this.#noteUsage(threadId, params);
  }

  #noteUsage(threadId: string, params: Parameters): void {
    try {
      this.usage.set(threadId, toTokenUsage(params).total);
    } catch {
      // The turn it belongs to fails with it.
    }
  }

  #keep(unheard: { threadId: string; method: string; params: Parameters }): void {
    this.#unheard.push(unheard);
    if (this.#unheard.length > maxUnheard) this.#unheard.shift();
  }

  #replay(threadId: string): void {
    const listener = this.listenerOf(threadId)!;
    const unheard = this.#unheard.filter((each) => each.threadId === threadId);
    if (unheard.length === 0) return;
    this.#unheard = this.#unheard.filter((each) => each.threadId !== threadId);
    for (const { method, params } of unheard) listener.notify(method, params);
  }
}
