/** An app-server that is played by the test itself: no process, no time but the test's. */
import { AppServerTransport } from "../../src/app_server/transport.ts";
import type { AppServerTurn } from "../../src/app_server/app_server_turn.ts";
import type { Message, RequestMessage } from "../../src/app_server/message.ts";
import { type AppServerOptions, checkedOptions } from "../../src/app_server/options.ts";
import type { ServerChannel, ServerEnd } from "../../src/app_server/server_channel.ts";
import { type Deferred, deferred } from "../../src/deferred.ts";
import type { LiveEvent } from "../../src/live_events.ts";
import type { CodexOptions, ThreadOptions } from "../../src/options.ts";
import { loadRuntime } from "../../src/runtime/mod.ts";
import { Thread } from "../../src/thread.ts";
import type { ThreadTarget, TurnRequest } from "../../src/transport.ts";
import type { RecordedMessage } from "./app_server_recordings.ts";
import type { WireMessage } from "./fake_app_server.ts";
import { Outcome } from "./outcome.ts";
import { settled, VirtualClock } from "./virtual_clock.ts";
import { WatchedAbort } from "./watched_signal.ts";

/** The id of the thread that a server starts as its first, its second, and so on. */
export function startedThread(number: number): string {
  return `01a20000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

/** The first thread a server starts. */
export const thread1: string = startedThread(1);
/** The second one. */
export const thread2: string = startedThread(2);
/** One that was there before. */
export const oldThread: string = startedThread(99);

// Loaded by now, so that nothing waits for a file in the middle of a test.
const runtime = await loadRuntime();
await import("../../src/thread_turns.ts");

/** A request of ours, and how the server answers it. */
export class Asked {
  readonly method: string;
  // deno-lint-ignore no-explicit-any
  readonly params: any;
  readonly #server: MemoryServer;
  readonly #id: number | string;

  constructor(server: MemoryServer, { id, method, params }: RequestMessage) {
    this.#server = server;
    this.#id = id;
    this.method = method;
    this.params = params;
  }

  /** Answers with a result; that of the real one if none is given. */
  answer(result: unknown = this.#server.usualAnswer(this)): void {
    this.#server.send({ id: this.#id, result });
  }

  refuse(message: string, code = -32600): void {
    this.#server.send({ id: this.#id, error: { code, message } });
  }
}

/** What a server does when it is asked something. */
type Answering = (asked: Asked, server: MemoryServer) => void;

/** The server's end of a {@linkcode ServerChannel}. What it is asked it answers at once, as the real one would. */
export class MemoryServer {
  readonly channel: ServerChannel;
  /** What we sent, in order. */
  readonly received: WireMessage[] = [];
  /** How many closed it. */
  closes = 0;
  /** Whether it ends when it is closed; else it is for {@linkcode die} to end it. */
  obeys = true;
  /** What it has written to stderr. */
  stderr = "";
  readonly #answering: Map<string, Answering> = new Map();
  readonly #held: Map<string, Asked[]> = new Map();
  readonly #ended: Deferred<ServerEnd> = deferred();
  #out!: ReadableStreamDefaultController<Message>;
  #in!: WritableStreamDefaultController;
  #isOver = false;
  #isSilent = false;
  #threads = 0;
  #turns = 0;
  #requests = 0;

  constructor() {
    this.channel = {
      readable: new ReadableStream<Message>({
        start: (controller) => {
          this.#out = controller;
        },
        cancel: () => {
          this.#isSilent = true;
          return this.#close();
        },
      }),
      writable: new WritableStream<Message>({
        start: (controller) => {
          this.#in = controller;
        },
        write: (message) => this.#hear(JSON.parse(JSON.stringify(message))),
        close: () => this.#close(),
        abort: () => this.#close(),
      }),
      ended: this.#ended.promise,
      close: () => this.#close(),
      stderr: () => this.stderr,
    };
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The requests of ours for a method, in order. */
  asked(method: string): WireMessage[] {
    return this.received.filter((each) => each.method === method && each.id !== undefined);
  }

  /** The methods we called, in order, without the handshake. */
  get calls(): string[] {
    return this.received.flatMap(({ id, method }) =>
      method === undefined || id === undefined || method === "initialize" ? [] : [method]
    );
  }

  /** Our answers to its requests. */
  get answers(): WireMessage[] {
    return this.received.filter((each) => each.method === undefined);
  }

  /** Does something else when a method is called. */
  on(method: string, answering: Answering): this {
    this.#answering.set(method, answering);
    return this;
  }

  /** Leaves a method unanswered until {@linkcode held} is. */
  hold(method: string): this {
    this.#held.set(method, []);
    return this.on(method, (asked) => this.#held.get(method)!.push(asked));
  }

  /** The oldest request that {@linkcode hold} has held. */
  held(method: string): Asked {
    const asked = this.#held.get(method)?.shift();
    if (asked === undefined) throw new Error(`"${method}" was not called`);
    return asked;
  }

  /** Whether {@linkcode held} has something. */
  holds(method: string): boolean {
    return (this.#held.get(method)?.length ?? 0) > 0;
  }

  /** Sends anything. Several messages arrive together. */
  send(...messages: unknown[]): void {
    if (this.#isSilent) return;
    for (const message of messages) this.#out.enqueue(message as Message);
  }

  /** Tells something. */
  notify(method: string, params: unknown): void {
    this.send({ method, params, emittedAtMs: 1795349031000 });
  }

  /** Asks something; returns its id. */
  ask(method: string, params: unknown): number {
    const id = this.#requests++;
    this.send({ id, method, params });
    return id;
  }

  /** Ends; what was sent can still be read. */
  die(end: Partial<ServerEnd> = { exitCode: null, signal: "SIGKILL" }): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.endOutput();
    this.#in.error(new Error("EPIPE"));
    this.#ended.resolve({ exitCode: null, signal: null, ...end });
  }

  /** Sends no more, and lives on. */
  endOutput(): void {
    if (this.#isSilent) return;
    this.#isSilent = true;
    this.#out.close();
  }

  /** Reads no more: a broken pipe. */
  breakInput(): void {
    this.#in.error(new Error("EPIPE"));
  }

  /** What it would answer. */
  usualAnswer({ method, params }: Asked): unknown {
    switch (method) {
      case "initialize":
        return { userAgent: "codex_sdk_ts/0.169.0 (Memory 1.0.0; x86_64) unknown" };
      case "thread/start":
      case "thread/fork":
        return { thread: threadOf(startedThread(++this.#threads), params) };
      case "thread/resume":
      case "thread/read":
        return { thread: threadOf(params.threadId, params) };
      case "thread/list":
        return { data: [], nextCursor: null };
      case "turn/start":
      case "review/start":
        return { turn: turnOf(`turn_${++this.#turns}`, "inProgress") };
      case "turn/steer":
        return { turnId: params.expectedTurnId };
      default:
        return {};
    }
  }

  #hear(message: WireMessage): void {
    if (this.#isOver) throw new Error("EPIPE");
    this.received.push(message);
    const { id, method } = message;
    if (method === undefined || id === undefined) return;
    const asked = new Asked(this, message as RequestMessage);
    const answering = this.#answering.get(method) ?? ((asked: Asked) => asked.answer());
    answering(asked, this);
  }

  async #close(): Promise<void> {
    this.closes++;
    if (this.obeys) this.die({ exitCode: 0 });
    await this.#ended.promise;
  }
}

/** What a server says in one turn. */
export class ServerTurn {
  readonly server: MemoryServer;
  readonly threadId: string;
  readonly id: string;
  #items = 0;

  constructor(server: MemoryServer, threadId = thread1, id = "turn_1") {
    this.server = server;
    this.threadId = threadId;
    this.id = id;
  }

  /** Tells something of the turn. */
  tell(method: string, params: Record<string, unknown> = {}): this {
    this.server.notify(method, { threadId: this.threadId, turnId: this.id, ...params });
    return this;
  }

  start(): this {
    const turn = turnOf(this.id, "inProgress");
    this.server.notify("turn/started", { threadId: this.threadId, turn });
    return this;
  }

  delta(delta: string, itemId = "msg_1"): this {
    return this.tell("item/agentMessage/delta", { itemId, delta });
  }

  /** A message of the agent, complete. */
  message(text: string, id = `msg_${++this.#items}`): this {
    return this.item({ type: "agentMessage", id, text, phase: null });
  }

  /** An item, complete. */
  item(item: Record<string, unknown>): this {
    return this.tell("item/completed", { item, completedAtMs: 2 });
  }

  /** The thread has used that many input tokens. */
  usage(inputTokens: number): this {
    const total = {
      totalTokens: inputTokens,
      inputTokens,
      cachedInputTokens: 0,
      cacheWriteInputTokens: 0,
      outputTokens: 0,
      reasoningOutputTokens: 0,
    };
    const tokenUsage = { total, last: total, modelContextWindow: 258400 };
    return this.tell("thread/tokenUsage/updated", { tokenUsage });
  }

  end(status: "completed" | "interrupted" | "failed" = "completed", message = "boom"): this {
    const error = status === "failed" ? { message, codexErrorInfo: null } : null;
    const turn = { ...turnOf(this.id, status), error };
    this.server.notify("turn/completed", { threadId: this.threadId, turn });
    return this;
  }
}

/** The events of a turn without a word. */
export const bareTurn: readonly LiveEvent[] = [
  { type: "thread.started", thread_id: thread1 },
  { type: "turn.started" },
];

/** An `item.completed` of what {@linkcode ServerTurn.message} said. */
export function said(text: string, id = "msg_1"): LiveEvent {
  return { type: "item.completed", item: { id, type: "agent_message", text } };
}

/** What is special about a test. */
export type MemoryStageOptions = {
  codex?: CodexOptions;
  server?: AppServerOptions;
  /** Told of each server before anything is asked of it. */
  onServer?: (server: MemoryServer, index: number) => unknown;
  /** The numbers that waits are made of. Default: the longest waits there are. */
  random?: () => number;
  /** The variables of the environment. Default: none. */
  env?: Record<string, string>;
};

/** The app-server lane with {@linkcode MemoryServer}s and a virtual clock. */
export class MemoryStage {
  readonly clock: VirtualClock = new VirtualClock();
  /** Those that were started, in order. */
  readonly servers: MemoryServer[] = [];
  readonly transport: AppServerTransport;
  /** What was told to `onDiagnostic`. */
  readonly diagnostics: string[] = [];
  readonly codexOptions: CodexOptions;
  /** While set, nothing can be started. */
  startFailure: Error | null = null;
  /** Told of each server before anything is asked of it. */
  onServer: (server: MemoryServer, index: number) => unknown;

  constructor(options: MemoryStageOptions = {}) {
    const { random = () => 0.999, env = {} } = options;
    this.onServer = options.onServer ?? (() => {});
    this.codexOptions = {
      onDiagnostic: ({ message }) => this.diagnostics.push(message),
      ...options.codex,
    };
    this.transport = new AppServerTransport(
      this.codexOptions,
      checkedOptions(options.server ?? {}),
      {
        clock: this.clock,
        runtime: () => Promise.resolve({ ...runtime, env: (name) => env[name] }),
        random,
        channel: () => {
          if (this.startFailure !== null) return Promise.reject(this.startFailure);
          const server = new MemoryServer();
          this.onServer(server, this.servers.length);
          this.servers.push(server);
          return Promise.resolve(server.channel);
        },
      },
    );
  }

  /** The last server that was started. */
  get server(): MemoryServer {
    const server = this.servers.at(-1);
    if (server === undefined) throw new Error("No server was started");
    return server;
  }

  /** Prepares a turn. */
  turn(request: Partial<Omit<TurnRequest, "signal">> = {}): StagedTurn {
    return new StagedTurn(this, request);
  }

  /** A turn that runs: it has begun, and codex has said so. */
  async running(
    request: Partial<Omit<TurnRequest, "signal">> = {},
  ): Promise<StagedTurn & { server: ServerTurn }> {
    const turn = this.turn(request);
    turn.read();
    await quiet();
    const { params } = this.server.asked(request.review ? "review/start" : "turn/start").at(-1)!;
    const number = ["turn/start", "review/start"]
      .reduce((sum, method) => sum + this.server.asked(method).length, 0);
    const server = new ServerTurn(this.server, params.threadId, `turn_${number}`);
    server.start();
    await quiet();
    return Object.assign(turn, { server });
  }

  /** A thread on this lane. */
  thread(options: ThreadOptions = {}, target: ThreadTarget = { type: "new" }): Thread {
    const { codexOptions, transport, clock } = this;
    const context = { codexOptions, transport: () => Promise.resolve(transport) };
    return new Thread(context, target, options, clock);
  }
}

/** A turn, what is read of it, and what becomes of it. */
export class StagedTurn {
  readonly abort: WatchedAbort = new WatchedAbort();
  readonly turn: AppServerTurn;
  /** What was read, in order. */
  readonly events: LiveEvent[] = [];
  /** How many batches without an event were read. */
  signsOfLife = 0;
  /** How reading came to an end, each time it did. */
  readonly outcomes: { error?: unknown }[] = [];
  isEnded = false;
  readonly #reader: ReadableStreamDefaultReader<readonly LiveEvent[]>;
  #reading: Promise<void> | null = null;

  constructor(stage: MemoryStage, request: Partial<Omit<TurnRequest, "signal">>) {
    this.turn = stage.transport.startTurn({
      thread: { type: "new" },
      isFirst: true,
      input: "Hi",
      threadOptions: {},
      turnOptions: {},
      ...request,
      signal: this.abort.signal,
    }) as AppServerTurn;
    this.turn.ended.then(() => this.isEnded = true);
    this.#reader = this.turn.events.getReader();
  }

  /** How it came out; `undefined` while it has not. */
  get outcome(): { error?: unknown } | undefined {
    return this.outcomes[0];
  }

  /** What it failed with. */
  get error(): unknown {
    return this.outcome?.error;
  }

  /** Reads one batch, unless that is being done. */
  read(): Promise<void> {
    if (this.outcome !== undefined) return Promise.resolve();
    return this.#reading ??= this.#reader.read().then(
      ({ done, value }) => {
        if (done) this.outcomes.push({});
        else if (value.length === 0) this.signsOfLife++;
        else this.events.push(...value);
      },
      (error) => {
        this.outcomes.push({ error });
      },
    ).finally(() => this.#reading = null);
  }

  /** Reads to the end. */
  async readOn(): Promise<void> {
    while (this.outcome === undefined) await this.read();
  }

  /** Reads all there is by now. */
  async readAll(): Promise<void> {
    for (let count = -1; this.outcome === undefined && count !== this.#count;) {
      count = this.#count;
      this.read();
      await quiet();
    }
  }

  /** Leaves. */
  cancel(): Promise<void> {
    return this.#reader.cancel();
  }

  /** Steers, and returns what becomes of that. */
  steer(text = "Rather this"): Outcome {
    return new Outcome(this.turn.steer(text));
  }

  get #count(): number {
    return this.events.length + this.signsOfLife;
  }
}

/** Events with their deltas in single characters: the same however deltas were merged. */
export function inCharacters(events: readonly LiveEvent[]): LiveEvent[] {
  return events.flatMap((event): LiveEvent[] =>
    "delta" in event ? [...event.delta].map((delta) => ({ ...event, delta })) : [event]
  );
}

/** Resolves when whatever waits for neither time nor the test has happened. */
export async function quiet(): Promise<void> {
  for (let i = 0; i < 3; i++) await settled();
}

/** What the server said in a recording of one turn after it was asked for that, with the ids of here. */
export function messagesOf(recording: readonly RecordedMessage[], turn: ServerTurn): unknown[] {
  const start = recording.findIndex(({ msg }) => msg.method === "turn/start");
  const { id, params } = recording[start]!.msg;
  const said = recording.slice(start).filter(({ dir }) => dir === "in").map(({ msg }) => msg);
  const answer = said.findIndex((msg) => msg.method === undefined && msg.id === id);
  const turnId = said[answer]!.result.turn.id;
  return said.slice(answer + 1).map((message) =>
    JSON.parse(
      JSON.stringify(message)
        .replaceAll(params.threadId, turn.threadId)
        .replaceAll(turnId, turn.id),
    )
  );
}

function threadOf(id: string, params: { ephemeral?: boolean; model?: string }): unknown {
  return {
    id,
    ephemeral: params.ephemeral ?? false,
    model: params.model ?? "gpt-5.5",
    name: null,
    status: { type: "idle" },
    turns: [],
  };
}

function turnOf(id: string, status: string): Record<string, unknown> {
  return { id, rootTurnId: id, items: [], itemsView: "notLoaded", status, error: null };
}
