import { type Clock, systemClock } from "../clock.ts";
import {
  AbortError,
  ConnectionError,
  InvalidOptionsError,
  RpcError,
  UnsupportedError,
} from "../errors.ts";
import { callOnlooker, textOfThrown } from "../callback.ts";
import { isAbsolutePath, joinPath } from "../exec/paths.ts";
import { readOutputSchema } from "../output_schema.ts";
import type { CodexConfigObject, CodexOptions, ThreadOptions } from "../options.ts";
import { type Redact, redactor, secretsIn, secretsOf } from "../redact.ts";
import { loadRuntime } from "../runtime/mod.ts";
import type { Runtime } from "../runtime/types.ts";
import type {
  CodexVersion,
  NotificationListener,
  RequestOptions,
  Transport,
  TransportTurn,
  TurnRequest,
} from "../transport.ts";
import { sdkVersion } from "../version.ts";
import { AppServerTurn, type AppServerTurnContext, type TurnItems } from "./app_server_turn.ts";
import { Backoff } from "./backoff.ts";
import { Heartbeat } from "./heartbeat.ts";
import { openThread } from "./open_threads.ts";
import { type CheckedAppServerOptions, refuseLocalOnly, threadSettings } from "./options.ts";
import { OrphanedTurns } from "./orphaned_turns.ts";
import { type Parameters, refuseExecOnly, reviewTarget, turnParameters } from "./parameters.ts";
import type { ServerChannel } from "./server_channel.ts";
import { type RequestOwner, ServerRequests } from "./server_requests.ts";
import { ServerSession } from "./server_session.ts";
import { ServerSessions } from "./server_sessions.ts";
import { spawnServer, StdioChannel } from "./stdio_channel.ts";
import { temporaryFolders } from "./temporary_folders.ts";
import { toolSet } from "./tool_calls.ts";
import { turnInput } from "./turn_input.ts";
import { connectServer } from "./websocket_channel.ts";

/** What tests replace. */
export type AppServerSeams = {
  /** Time. */
  clock: Clock;
  /** The runtime. */
  runtime: () => Promise<Runtime>;
  /** Numbers from 0 to below 1. */
  random: () => number;
  /** A server, in place of one that is started or connected to. */
  channel?: () => Promise<ServerChannel>;
};

const systemSeams: AppServerSeams = {
  clock: systemClock,
  runtime: loadRuntime,
  random: Math.random,
};

/** Who hears what the server tells by itself. */
type Listener = { heard: NotificationListener; lost?: (error: Error) => void };

/** The lane behind `appServer()`: one server, many turns. */
export class AppServerTransport implements Transport {
  readonly name = "app-server";
  readonly #codexOptions: CodexOptions;
  readonly #options: CheckedAppServerOptions;
  readonly #seams: AppServerSeams;
  readonly #sessions: ServerSessions;
  readonly #turns: Set<AppServerTurn> = new Set();
  readonly #orphans: OrphanedTurns = new OrphanedTurns();
  readonly #listeners: Set<Listener> = new Set();
  /** Keys that were told the server in requests of the program. */
  readonly #toldSecrets: Set<string> = new Set();
  #codex: CodexVersion | null = null;
  /** Reads variables, once there is a server. */
  #env: Runtime["env"] | undefined;
  #redact: Redact;
  #isClosed = false;

  /** `codexOptions` are read when a server is started, and at each turn. */
  constructor(
    codexOptions: CodexOptions,
    options: CheckedAppServerOptions,
    seams: AppServerSeams = systemSeams,
  ) {
    if (options.url !== undefined) refuseLocalOnly(codexOptions);
    this.#codexOptions = codexOptions;
    this.#options = options;
    this.#seams = seams;
    this.#redact = this.#redactor();
    this.#sessions = new ServerSessions({
      open: (signal) => this.#open(signal),
      backoff: new Backoff({ maxTries: options.maxRestarts }, seams.clock, seams.random),
      clock: seams.clock,
      idleTimeoutMs: options.idleTimeoutMs,
    });
  }

  /** Prepares a turn; nothing is asked of the server before it is read. */
  startTurn(given: TurnRequest): TransportTurn {
    this.#throwIfClosed();
    refuseExecOnly(given.threadOptions);
    const request = this.#inFolder(given);
    const tools = toolSet(request.threadOptions.tools ?? []);
    let release = () => {};
    const context: AppServerTurnContext = {
      codexOptions: this.#codexOptions,
      clock: this.#seams.clock,
      maxUnreadBytes: this.#options.maxUnreadBytes,
      session: (signal) => {
        release = this.#sessions.acquire();
        return this.#sessions.get(signal);
      },
      openThread: async (session, request, signal) => {
        const root = await this.#workspaceRoot(request.threadOptions);
        const loading = { config: this.#threadSettings(), root, isShared: this.#isRemote };
        return await openThread(session, request, [...tools.values()], signal, loading);
      },
      turnParameters: (...turn) => this.#turnParameters(...turn),
      settings: (...turn) => this.#settings(...turn),
      reviewParameters: (request) => ({ target: reviewTarget(request.review!) }),
      owner: (request, signal, turn) => this.#owner(request, tools, signal, turn),
      redact: (text) => this.#redact(text),
    };
    const turn = new AppServerTurn(request, context);
    this.#turns.add(turn);
    turn.ended.then(() => {
      this.#turns.delete(turn);
      // A server of ours ends with its connection, and its turns with it. One elsewhere is told to end
      // them on the next connection, also when it does not listen on this one.
      for (const orphan of this.#isRemote ? turn.orphans : []) this.#orphans.add(orphan);
      release();
    });
    return turn;
  }

  /** Which codex the server is, starting one if need be. */
  async version(): Promise<CodexVersion> {
    this.#throwIfClosed();
    return await this.#sessions.with(() => Promise.resolve(this.#codex!));
  }

  /** Calls a method of the server, starting one if need be. */
  async request(method: string, params: unknown, options?: RequestOptions): Promise<unknown> {
    this.#throwIfClosed();
    if (method === "account/login/start") {
      for (const secret of secretsIn(params)) this.#toldSecrets.add(secret);
      this.#redact = this.#redactor();
    }
    return await this.#sessions.with(
      (session) => session.request(method, params, options),
      options?.signal,
    );
  }

  /** Hears every notification; a server that is idle is kept for it, but not started. */
  onNotification(heard: NotificationListener, lost?: (error: Error) => void): () => void {
    const listener: Listener = { heard, lost };
    this.#listeners.add(listener);
    const release = this.#sessions.acquire();
    return () => {
      this.#listeners.delete(listener);
      release();
    };
  }

  /** Ends every running turn, then the server. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const reason = new Error("The Codex that ran the turn was closed");
    await Promise.all([...this.#turns].map((turn) => turn.end(new AbortError(reason))));
    await this.#sessions.close();
  }

  /** As {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #isRemote(): boolean {
    return this.#options.url !== undefined;
  }

  #threadSettings(): CodexConfigObject {
    return this.#isRemote ? threadSettings(this.#codexOptions) : {};
  }

  #throwIfClosed(): void {
    if (this.#isClosed) throw new UnsupportedError("This Codex is closed: make a new one");
  }

  async #open(signal: AbortSignal): Promise<ServerSession> {
    const { clock } = this.#seams;
    this.#env = (await this.#seams.runtime()).env;
    this.#redact = this.#redactor();
    const codexOptions = await this.#serverOptions();
    const channel = await this.#channel(codexOptions, signal);
    const requests = new ServerRequests({
      ownerOf: (threadId, turnId) => this.#ownerOf(session, threadId, turnId),
      clock,
      timeoutMs: this.#options.approvalTimeoutMs,
      isShared: this.#isRemote,
      redact: (text) => this.#redact(text),
      onDiagnostic: (diagnostic) => this.#codexOptions.onDiagnostic?.(diagnostic),
    });
    let session: ServerSession | null = null;
    let heartbeat: Heartbeat | null = null;
    session = await ServerSession.open(channel, {
      clientInfo: {
        name: this.#codexOptions.originator ?? "codex_sdk_ts",
        title: "Codex SDK",
        version: sdkVersion,
      },
      connection: {
        redact: (text) => this.#redact(text),
        clock,
        random: this.#seams.random,
        requestTimeoutMs: this.#options.requestTimeoutMs,
        onRequest: (method, params, context) => requests.handle(method, params, context),
        onSign: () => heartbeat?.heard(),
        onDiagnostic: (diagnostic) => this.#codexOptions.onDiagnostic?.(diagnostic),
      },
      onNotification: (method, params) => {
        if (method === "serverRequest/resolved") {
          requests.resolved((params as { requestId: string | number }).requestId);
        }
        if (method === "turn/completed") this.#orphans.hasEnded(params as Parameters);
        this.#tell(method, params);
      },
    }, signal);
    await this.#login(session, codexOptions, signal);
    const opened = session;
    opened.ended.then(() => this.#tellLost());
    if (this.#isRemote) {
      heartbeat = new Heartbeat({
        ping: () => opened.request("thread/loaded/list", { limit: 1 }).catch(unlessRefused),
        clock,
        onDead: () => void opened.close(),
      });
      opened.ended.then(() => heartbeat?.stop());
      await this.#endOrphans(opened, signal);
    }
    this.#codex = channel instanceof StdioChannel
      ? { version: opened.version, path: channel.codex.path, source: channel.codex.source }
      : { version: opened.version, path: shownUrl(this.#options.url ?? "memory:"), source: "url" };
    return opened;
  }

  /**
   * What the server is started with. The exec lane takes a key from the environment, so this one
   * does, although the server would not.
   */
  async #serverOptions(): Promise<CodexOptions> {
    const options = this.#codexOptions;
    const name = "CODEX_API_KEY";
    const fromEnv = async () =>
      options.env ? options.env[name] : (await this.#seams.runtime()).env(name);
    const apiKey = options.apiKey || (this.#isRemote ? undefined : await fromEnv());
    // The exec lane takes a key with the line break of the file it was read from; the server does
    // not, and would send none.
    return apiKey ? { ...options, apiKey: apiKey.trim() } : options;
  }

  async #channel(codexOptions: CodexOptions, signal: AbortSignal): Promise<ServerChannel> {
    const { clock, runtime, channel } = this.#seams;
    if (channel !== undefined) return await channel();
    const { url, token, closeGraceMs } = this.#options;
    const onDiagnostic = this.#codexOptions.onDiagnostic;
    // Keys may be told while it runs.
    const redact: Redact = (text) => this.#redact(text);
    if (url !== undefined) {
      return await connectServer({ url, token, clock, signal, redact, onDiagnostic });
    }
    return await spawnServer({
      codexOptions,
      runtime: await runtime(),
      clock,
      timing: { inputEndGraceMs: closeGraceMs },
      redact,
      onDiagnostic,
    });
  }

  /** Replaces all that is known to be secret by now. */
  #redactor(): Redact {
    const { url, token } = this.#options;
    return redactor([
      ...secretsOf(this.#codexOptions, this.#env),
      // A `URL` has no members of its own to look into.
      ...secretsIn({ url: url?.toString(), token }),
      ...this.#toldSecrets,
    ]);
  }

  /** Ends turns that went on without us; a server that does not answer is of no use. */
  async #endOrphans(session: ServerSession, signal: AbortSignal): Promise<void> {
    try {
      await this.#orphans.end(session, signal);
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** The server takes no key from its environment; this way it is kept in its memory only. */
  async #login(
    session: ServerSession,
    { apiKey }: CodexOptions,
    signal: AbortSignal,
  ): Promise<void> {
    if (!apiKey) return;
    try {
      await session.request("account/login/start", { type: "apiKey", apiKey }, { signal });
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  #tell(method: string, params: unknown): void {
    for (const { heard } of this.#listeners) {
      this.#call(() => heard(method, params, (text) => this.#redact(text)));
    }
  }

  #tellLost(): void {
    const error = new ConnectionError("The app-server is gone", { reason: "lost" });
    for (const { lost } of this.#listeners) this.#call(() => lost?.(error));
  }

  #call(listener: () => void): void {
    callOnlooker(
      listener,
      (error) => this.#report(`A notification listener threw: ${textOfThrown(error)}`),
    );
  }

  #report(message: string): void {
    const shown = this.#redact(message).slice(0, 2000);
    callOnlooker(
      () => this.#codexOptions.onDiagnostic?.({ kind: "callback", message: shown }),
      // Nobody is left to tell.
      () => {},
    );
  }

  #ownerOf(
    session: ServerSession | null,
    threadId: string,
    turnId: string | null,
  ): RequestOwner | null {
    const listener = session?.listenerOf(threadId);
    const isOurs = listener instanceof AppServerTurn && listener.answersFor(threadId, turnId);
    return isOurs ? listener.owner : null;
  }

  #owner(
    { threadOptions, turnOptions }: TurnRequest,
    tools: RequestOwner["tools"],
    signal: AbortSignal,
    turn: TurnItems,
  ): RequestOwner {
    const of = <K extends "onApproval" | "onUserInput" | "onElicitation">(name: K) =>
      turnOptions[name] ?? threadOptions[name] ?? this.#codexOptions[name];
    return {
      onApproval: of("onApproval"),
      onUserInput: of("onUserInput"),
      onElicitation: of("onElicitation"),
      tools,
      signal,
      itemOf: (threadId, itemId) => turn.itemOf(threadId, itemId),
      interrupt: (threadId, turnId) => turn.interrupt(threadId, turnId),
      report: (message) => turn.report(this.#redact(message)),
    };
  }

  /** An agent on a server of ours works where this program does, unless it is told otherwise. */
  #inFolder(request: TurnRequest): TurnRequest {
    const { threadOptions } = request;
    if (this.#isRemote || threadOptions.workingDirectory) return request;
    // The server works there, too; codex would have the agent work where the thread began.
    return { ...request, threadOptions: { ...threadOptions, workingDirectory: "." } };
  }

  /** The absolute path of the agent's folder, if that can be told. */
  async #workspaceRoot({ workingDirectory }: ThreadOptions): Promise<string | undefined> {
    if (!workingDirectory) return undefined;
    const { platform, cwd } = await this.#seams.runtime();
    if (isAbsolutePath(platform, workingDirectory)) return workingDirectory;
    const folder = this.#isRemote ? undefined : cwd();
    if (folder === undefined || workingDirectory === ".") return folder;
    return joinPath(platform, folder, workingDirectory);
  }

  async #settings(
    session: ServerSession,
    { threadOptions, turnOptions }: TurnRequest,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const asks = (turnOptions.onApproval ?? threadOptions.onApproval ??
      this.#codexOptions.onApproval) !== undefined;
    const runtime = await this.#seams.runtime();
    // Where a path leads on another machine is for the server to say.
    const absolute = (path: string, option: string) =>
      this.#isRemote ? path : absolutePath(path, option, runtime);
    const folders = await temporaryFolders(session, threadOptions, signal);
    return turnParameters(threadOptions, turnOptions, asks, absolute, folders);
  }

  async #turnParameters(
    session: ServerSession,
    request: TurnRequest,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const { input, turnOptions } = request;
    const runtime = await this.#seams.runtime();
    const outputSchema = await readOutputSchema(turnOptions.outputSchema, runtime);
    return {
      ...await this.#settings(session, request, signal),
      input: await turnInput(input),
      // By it the turn is known again when the connection is lost before codex has told its id.
      ...(this.#isRemote ? { clientUserMessageId: crypto.randomUUID() } : {}),
      ...(outputSchema === undefined ? {} : { outputSchema }),
    };
  }
}

/** A query may hold what is secret. */
function shownUrl(url: string | URL): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** A server that says no is alive. */
function unlessRefused(error: unknown): void {
  if (!RpcError.is(error)) throw error;
}

function absolutePath(path: string, option: string, runtime: Runtime): string {
  if (isAbsolutePath(runtime.platform, path)) return path;
  const folder = runtime.cwd();
  if (folder !== undefined) return joinPath(runtime.platform, folder, path);
  throw new InvalidOptionsError(
    `Invalid thread option "${option}": it must be an absolute path, because the working ` +
      "directory of this program may not be read",
    { path: option },
  );
}
