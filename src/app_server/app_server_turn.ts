import { atMost } from "../at_most.ts";
import type { CancelTimer, Clock } from "../clock.ts";
import { DiagnosticLog } from "../diagnostics.ts";
import {
  AbortError,
  ConnectionError,
  NoActiveTurnError,
  ReaderTooSlowError,
  RpcError,
  ServerLostError,
  UnsupportedError,
} from "../errors.ts";
import type { Usage } from "../events.ts";
import type { LiveEvent } from "../live_events.ts";
import type { CodexOptions, Input } from "../options.ts";
import type { Redact } from "../redact.ts";
import type { TransportTurn, TurnReport, TurnRequest } from "../transport.ts";
import { descendants } from "./descendants.ts";
import { EventBuffer } from "./event_buffer.ts";
import { isLiveOnly, TurnEventMapper } from "./event_mapping.ts";
import type { Parameters } from "./parameters.ts";
import type { Orphan } from "./orphaned_turns.ts";
import type { ServerEnd } from "./server_channel.ts";
import type { RequestOwner } from "./server_requests.ts";
import type { ServerSession, ThreadListener } from "./server_session.ts";
import { SubagentEvents } from "./subagent_events.ts";
import { turnInput } from "./turn_input.ts";
import { usageShare } from "./usage_mapping.ts";
import { answerTo, idIn } from "./wire_shape.ts";
import type { WorkspaceFolders } from "./workspace_folders.ts";

/** How long codex may take to stop a turn it was told to stop; it takes some 12 ms. */
const stopPatienceMs = 5000;
/** How long it may take to end the commands of a turn that it did not stop. */
const cleanPatienceMs = 1000;
/** How often a reader who is not told everything is told that something goes on. */
const signOfLifeMs = 100;

/** What an {@linkcode AppServerTurn} works with. */
export type AppServerTurnContext = {
  /** The options of the `Codex`. */
  codexOptions: CodexOptions;
  /** Time. */
  clock: Clock;
  /** How much may wait for the reader, in bytes. */
  maxUnreadBytes: number;
  /** A server that runs. */
  session(signal: AbortSignal): Promise<ServerSession>;
  /** Has the server load the thread of the turn. */
  openThread(
    session: ServerSession,
    request: TurnRequest,
    signal: AbortSignal,
  ): Promise<OpenThread>;
  /** What `turn/start` takes besides thread and input. */
  turnParameters(
    session: ServerSession,
    request: TurnRequest,
    signal: AbortSignal,
  ): Promise<Parameters>;
  /** What of it holds for the turn however it is begun: sandbox, approval policy, model. */
  settings(
    session: ServerSession,
    request: TurnRequest,
    signal: AbortSignal,
  ): Promise<Parameters>;
  /** What `review/start` takes besides the thread. */
  reviewParameters(request: TurnRequest): Parameters;
  /** Who answers what is asked in the turn; `signal` is aborted when it has ended. */
  owner(request: TurnRequest, signal: AbortSignal, turn: TurnItems): RequestOwner;
  /** Replaces secrets in text that is shown. */
  redact: Redact;
};

/** What a request about a turn needs to know of it. */
export type TurnItems = {
  /** The item of a thread as it was told when it began. */
  itemOf(threadId: string, itemId: string): Parameters | undefined;
  /** Notes something of the turn. */
  report(message: string): void;
  /** Has codex interrupt a turn: this one, or that of a sub-agent. */
  interrupt(threadId: string, turnId: string): void;
};

/** A thread that the server has loaded. */
export type OpenThread = {
  /** Its id. */
  id: string;
  /** What it has used before; `null` when that is not known. */
  usage: Usage | null;
  /** Whether codex keeps a record of it. */
  isStored: boolean;
  /** Where its agent works. */
  folders: WorkspaceFolders;
};

/** Where in its life a turn is. */
type Stage = "preparing" | "starting" | "running" | "over";

/** One turn on a server that others use as well. Begun by the first read. */
export class AppServerTurn implements TransportTurn, ThreadListener {
  readonly events: ReadableStream<readonly LiveEvent[]>;
  readonly ended: Promise<void>;
  /** Answers what is asked in this turn, that of its sub-agents included. */
  readonly owner: RequestOwner;
  readonly #request: TurnRequest;
  readonly #context: AppServerTurnContext;
  readonly #diagnostics: DiagnosticLog;
  readonly #buffer: EventBuffer;
  readonly #finished = new AbortController();
  /** Aborted when the turn is to end early: what only prepares it need not be waited for. */
  readonly #ending = new AbortController();
  /** Aborted when a server that was asked to start the turn has kept silent for long. */
  readonly #hopeless = new AbortController();
  #cancelHopeless: CancelTimer | null = null;
  /** What is being done, by thread and item: sub-agents may use the same ids. */
  readonly #items: Map<string, Parameters> = new Map();
  readonly #subagents: SubagentEvents = new SubagentEvents();
  #resolveEnded!: () => void;
  #begun: Promise<void> | null = null;
  #stage: Stage = "preparing";
  #session: ServerSession | null = null;
  #thread: OpenThread | null = null;
  #mapper: TurnEventMapper | null = null;
  #turnId: string | null = null;
  /** The id `turn/started` told; for a review it is another one. */
  #startedId: string | null = null;
  /** What was said of the thread before it was known which turn is ours. */
  #early: { method: string; params: Parameters }[] = [];
  /** How much of that had been said when codex was asked to start it; `null` before. */
  #askedAt: number | null = null;
  /** What names its message to codex. */
  #messageId: string | null = null;
  #usageBefore: Usage | null = null;
  #hasUsage = false;
  #failure: { error: unknown } | null = null;
  #isCancelled = false;
  /** Whether codex is to stop what it does; it goes on telling of the commands it then ends. */
  #isStopping = false;
  #lost: ServerEnd | null = null;
  /** Whether a request has failed with the connection. */
  #isCut = false;
  /** Whether codex has not stopped what it was told to stop. */
  #isUnstopped = false;
  /** Whether codex has said that the turn ended. */
  #isConcluded = false;
  #lastSignOfLife = -Infinity;
  /** Called at each change that somebody may wait for. */
  #waiters: (() => void)[] = [];

  /** Nothing happens before the first read. */
  constructor(request: TurnRequest, context: AppServerTurnContext) {
    this.#request = request;
    this.#context = context;
    this.#diagnostics = new DiagnosticLog(context.codexOptions.onDiagnostic);
    this.#buffer = new EventBuffer(context.maxUnreadBytes);
    this.ended = new Promise((resolve) => this.#resolveEnded = resolve);
    this.owner = context.owner(request, this.#finished.signal, {
      itemOf: (threadId, itemId) => this.#items.get(itemKey(threadId, itemId)),
      report: (message) => this.#diagnostics.add({ kind: "callback", message }),
      interrupt: (threadId, turnId) => {
        // It may have ended by itself.
        this.#session?.request("turn/interrupt", { threadId, turnId }).catch(() => {});
      },
    });
    this.events = new ReadableStream({
      pull: async (controller) => {
        this.#begun ??= this.#run();
        const events = await this.#buffer.take();
        if (events === null) controller.close();
        else controller.enqueue(events);
      },
      cancel: () => this.#cancel(),
    }, { highWaterMark: 0 });
  }

  /** The thread the turn belongs to, once it is known. */
  get threadId(): string | null {
    return this.#thread?.id ?? null;
  }

  /** What may go on at the server: the connection to it was lost, or it did not stop the turn. */
  get orphans(): Orphan[] {
    const isUnknown = this.#lost !== null || this.#isCut || this.#isUnstopped;
    if (!isUnknown || this.#thread === null) return [];
    const { running, threadIds } = this.#subagents;
    if (this.#isConcluded) return running;
    const threadId = this.#thread.id;
    const turnId = this.#startedId ?? this.#turnId ?? this.#earlyStart?.id ?? null;
    const messageId = turnId === null ? this.#messageId : null;
    return [
      ...(turnId === null ? [] : [{ threadId, turnId }]),
      ...(messageId === null ? [] : [{ threadId, turnId, messageId }]),
      // Those that have ended may have left commands.
      ...threadIds.map((id) =>
        running.find(({ threadId }) => threadId === id) ?? { threadId: id, turnId: null }
      ),
    ];
  }

  /**
   * Whether what is asked in a thread that is the turn's, or a sub-agent's, is asked in this turn:
   * another client can begin one in the same thread while sub-agents of ours are being stopped.
   */
  answersFor(threadId: string, turnId: string | null): boolean {
    if (threadId !== this.threadId || this.#turnId === null) return true;
    if (turnId === null) return !this.#isConcluded;
    return turnId === this.#turnId || turnId === this.#startedId;
  }

  /** What is known besides the events. */
  report(): TurnReport {
    const usage = this.#mapper?.usage ?? null;
    const ownUsage = this.#hasUsage ? usageShare(this.#usageBefore, usage) : null;
    return {
      diagnostics: this.#diagnostics.list(),
      stderr: this.#session?.stderr() ?? "",
      ownUsage,
    };
  }

  /** Replaces secrets, those of the environment once there was a server. */
  redact(text: string): string {
    return this.#context.redact(text);
  }

  /** Says something to the agent while it works. */
  async steer(input: Input): Promise<void> {
    if (this.#request.review !== undefined) {
      throw new UnsupportedError("Cannot steer a review: codex has no word for it");
    }
    const wire = await turnInput(input);
    await this.#until(() => this.#startedId !== null || this.#stage === "over");
    if (this.#stage === "over" || this.#failure !== null || this.#isCancelled) throw ended();
    const params = { threadId: this.threadId, expectedTurnId: this.#turnId, input: wire };
    const { signal } = this.#finished;
    await this.#session!.request("turn/steer", params, { signal }).catch((error) => {
      // Between codex's last word and ours the turn may have ended.
      throw this.#stage === "over" || isNoActiveTurn(error) ? ended(error) : error;
    });
  }

  /** Ends the turn with `error`, read or not; resolves when it is gone. Never rejects. */
  async end(error: unknown): Promise<void> {
    this.#fail(error);
    if (this.#begun === null) this.#over();
    await this.ended;
  }

  /** Hears what the server says of the thread, and of its sub-agents'. */
  notify(method: string, params: Parameters): void {
    if (this.#stage === "over" && !this.#isStopping) return;
    if (this.#turnId !== null) return this.#heard(method, params);
    this.#early.push({ method, params });
    this.#wake();
  }

  /** The server is gone. */
  lost(end: ServerEnd): void {
    this.#lost = end;
    const stderr = this.#session?.stderr() ?? "";
    const how = end.signal !== null
      ? ` by signal ${end.signal}`
      : end.exitCode !== null
      ? ` with code ${end.exitCode}`
      : "";
    const what = end.exitCode === null && end.signal === null
      ? "The connection to the app-server was lost"
      : `The app-server ended${how}`;
    const isResumable = this.#thread?.isStored ?? this.#request.thread.type !== "new";
    this.#fail(
      new ServerLostError(
        `${what} in the middle of the turn. ` +
          (isResumable ? "The thread can be resumed" : "The thread is lost with it"),
        { ...end, stderr, isResumable, ...(end.error === undefined ? {} : { cause: end.error }) },
      ),
    );
    // A turn that is over may still wait for its sub-agents.
    this.#wake();
  }

  async #run(): Promise<void> {
    const { signal } = this.#request;
    const onAbort = () => this.#fail(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    let stopListening = () => {};
    try {
      this.#throwIfEnding();
      const ending = this.#ending.signal;
      const session = this.#session = await this.#context.session(ending);
      this.#throwIfEnding();
      const thread = await this.#context.openThread(session, this.#request, ending);
      this.#thread = thread;
      this.#mapper = new TurnEventMapper({ threadId: thread.id, turnId: null });
      this.#usageBefore = thread.usage;
      stopListening = session.listen(thread.id, this);
      this.#emit({ type: "thread.started", thread_id: thread.id });
      this.#throwIfEnding();
      await this.#start(session, thread);
      await this.#until(() => this.#stage === "over" || this.#isEnding);
      if (this.#stage !== "over") await this.#stop(session, thread);
      else if (this.#isStopping) await this.#leaveNoSubagents(session);
    } catch (error) {
      // A request may learn of the end of the server before the turn does.
      this.#isCut = ConnectionError.is(error) && this.#session !== null;
      if (this.#isCut && !this.#isEnding) this.lost(await this.#session!.ended);
      this.#failure ??= { error };
    } finally {
      signal.removeEventListener("abort", onAbort);
      stopListening();
      this.#over();
    }
  }

  async #start(session: ServerSession, { id: threadId, folders }: OpenThread): Promise<void> {
    const { review } = this.#request;
    const { signal } = this.#ending;
    const method = review === undefined ? "turn/start" : "review/start";
    const params = review === undefined
      ? {
        ...await this.#context.turnParameters(session, this.#request, signal),
        ...(folders.cwd === null ? {} : { cwd: folders.cwd }),
        ...(folders.root === null ? {} : { runtimeWorkspaceRoots: [folders.root] }),
      }
      : this.#context.reviewParameters(this.#request);
    if (review !== undefined) {
      this.#checkReview(folders);
      // A review cannot be told what it may do: it may what the turn before it might.
      const settings = await this.#context.settings(session, this.#request, signal);
      await session.request("thread/settings/update", { threadId, ...settings }, { signal });
    }
    this.#throwIfEnding();
    this.#stage = "starting";
    this.#askedAt = this.#early.length;
    const { clientUserMessageId } = params as Parameters;
    if (typeof clientUserMessageId === "string") this.#messageId = clientUserMessageId;
    const answer = await session.request(method, { threadId, ...params }, {
      signal: this.#hopeless.signal,
    });
    if (review === undefined) session.folders.set(threadId, { ...folders, others: [] });
    let turnId: string;
    try {
      const [result, place] = answerTo(method, answer);
      turnId = idIn(result, "turn", place);
    } catch (error) {
      turnId = await this.#begunDespite(error);
    }
    this.#stage = "running";
    this.#turnId = turnId;
    this.#mapper!.setTurnId(turnId);
    for (const { method, params } of this.#early.splice(0)) this.#heard(method, params);
  }

  /** The turn that codex has begun although its answer cannot be used, so that it can be stopped. */
  async #begunDespite(error: unknown): Promise<string> {
    this.#fail(error);
    const isOver = () => this.#earlyStart !== null || this.#lost !== null;
    await atMost(stopPatienceMs, this.#context.clock, this.#until(isOver));
    const turn = this.#earlyStart;
    if (turn === null) throw error;
    // That of a review runs within the one that was asked for.
    return turn.rootId ?? turn.id;
  }

  /** The turn that codex has told of since it was asked for ours; it answers only afterwards. */
  get #earlyStart(): { id: string; rootId: string | null } | null {
    if (this.#askedAt === null) return null;
    const started = this.#early.slice(this.#askedAt).findLast(({ method, params }) =>
      method === "turn/started" && params.threadId === this.threadId
    );
    const { id, rootTurnId } = (started?.params.turn ?? {}) as Parameters;
    if (typeof id !== "string") return null;
    return { id, rootId: typeof rootTurnId === "string" ? rootTurnId : null };
  }

  /** A turn is told where alone it may write; a review cannot be. */
  #checkReview({ others }: WorkspaceFolders): void {
    if (others.length === 0 || this.#request.threadOptions.sandboxMode !== "workspace-write") {
      return;
    }
    throw new UnsupportedError(
      'Cannot review in this thread with the sandbox "workspace-write": codex would let it write ' +
        `in ${others.join(" and ")} as well. Run a turn in it first, review in a new thread, or ` +
        'with the sandbox "read-only"',
    );
  }

  /** Has codex stop the turn, and the commands it left running. */
  async #stop(session: ServerSession, { id: threadId }: OpenThread): Promise<void> {
    if (!session.isOpen) return;
    this.#isStopping = true;
    const { clock } = this.#context;
    // Before that codex refuses, and the turn would run on.
    const canStop = this.#until(() => this.#startedId !== null || !this.#isRunning);
    await atMost(stopPatienceMs, clock, canStop);
    const remainingMs = this.#stopPatience();
    // A review goes by one of two ids.
    for (const turnId of new Set([this.#turnId, this.#startedId])) {
      if (turnId === null || !this.#isRunning) continue;
      const isDone = await session.request("turn/interrupt", { threadId, turnId }, {
        timeoutMs: remainingMs(),
      }).then(() => true, () => false);
      if (isDone) break;
    }
    await atMost(remainingMs(), clock, this.#until(() => !this.#isRunning));
    await this.#findSubagents(session, remainingMs);
    await this.#endWork(session, () => [threadId, ...this.#subagents.threadIds], remainingMs);
    // Codex answers before they are dead, and tells when they are.
    const areGone = this.#until(() => !this.#hasCommands || this.#lost !== null);
    await atMost(cleanPatienceMs, clock, areGone);
    this.#isUnstopped = this.#isRunning || this.#subagents.running.length > 0;
    if (this.#isRunning) {
      const message = `Codex did not stop the turn within ${stopPatienceMs} ms`;
      this.#diagnostics.add({ kind: "process", message });
    }
  }

  /** Has codex stop the sub-agents that a turn which is over did not wait for. */
  async #leaveNoSubagents(session: ServerSession): Promise<void> {
    const remainingMs = this.#stopPatience();
    await this.#findSubagents(session, remainingMs);
    const threadIds = this.#subagents.running.map(({ threadId }) => threadId);
    await this.#endWork(session, () => threadIds, remainingMs);
    this.#isUnstopped = this.#subagents.running.length > 0;
  }

  /** Finds the sub-agents that codex was making when it was stopped, and of which it does not tell. */
  async #findSubagents(session: ServerSession, remainingMs: () => number): Promise<void> {
    if (!this.#isSpawning || this.#lost !== null) return;
    const threadId = this.threadId!;
    const family = [threadId, ...this.#subagents.threadIds];
    await descendants(session, family, remainingMs).then(
      (ids) => ids.forEach((id) => session.adopt(id, threadId)),
      // What is left to do can be done without.
      () => {},
    );
  }

  /** Begins to count how much is left of the time that codex may take to stop. */
  #stopPatience(): () => number {
    const { clock } = this.#context;
    const deadline = clock.now() + stopPatienceMs;
    return () => Math.max(0, deadline - clock.now());
  }

  /** Has codex stop the sub-agents, and then end the commands that threads left running. */
  async #endWork(
    session: ServerSession,
    threadIds: () => string[],
    remainingMs: () => number,
  ): Promise<void> {
    const stopped = this.#subagentsStopped(session, remainingMs);
    await atMost(remainingMs(), this.#context.clock, stopped);
    await Promise.all(
      threadIds().map((threadId) =>
        session.request("thread/backgroundTerminals/clean", { threadId }, {
          timeoutMs: Math.max(cleanPatienceMs, remainingMs()),
        }).catch(() => {})
      ),
    );
  }

  /** Has codex stop the sub-agents, which would work on without their parent. */
  #subagentsStopped(session: ServerSession, remainingMs: () => number): Promise<void> {
    const told = new Set<string>();
    return this.#until(() => {
      const { running } = this.#subagents;
      for (const { threadId, turnId } of running.filter(({ turnId }) => !told.has(turnId))) {
        told.add(turnId);
        const timeoutMs = remainingMs();
        // It may have ended by itself.
        session.request("turn/interrupt", { threadId, turnId }, { timeoutMs }).catch(() => {});
      }
      return running.length === 0 || this.#lost !== null;
    });
  }

  get #hasCommands(): boolean {
    // One that waits to be approved is no process yet.
    return [...this.#items.values()].some(({ type, processId }) =>
      type === "commandExecution" && typeof processId === "string"
    );
  }

  get #isSpawning(): boolean {
    return [...this.#items.values()].some(({ type, tool }) =>
      type === "collabAgentToolCall" && tool === "spawnAgent"
    );
  }

  get #isRunning(): boolean {
    return this.#stage === "running" && this.#lost === null;
  }

  /** Whether the turn is to end before codex says so. */
  get #isEnding(): boolean {
    return this.#failure !== null || this.#isCancelled;
  }

  #throwIfEnding(): void {
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#isCancelled) throw new AbortError("The events of the turn were cancelled");
  }

  #heard(method: string, params: Parameters): void {
    try {
      if (params.threadId !== undefined && params.threadId !== this.threadId) {
        this.#heardOfSubagent(method, params);
      } else if (this.#isOurs(method, params)) {
        this.#note(method, params);
        for (const event of this.#mapper!.map(method, params)) this.#emit(event);
        this.#conclude();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Other turns of the thread are not ours to tell: another client's, or one that is long over. */
  #isOurs(method: string, params: Parameters): boolean {
    const turnId = params.turnId ?? (params.turn as Parameters | undefined)?.id;
    return turnId === undefined || turnId === null || turnId === this.#turnId ||
      (method === "turn/started" && this.#isReviewTurn(params.turn));
  }

  /** Whether a turn is the one in which our review runs. */
  #isReviewTurn(turn: unknown): boolean {
    if (this.#request.review === undefined) return false;
    return this.#startedId === null ||
      (turn as { rootTurnId?: unknown } | null)?.rootTurnId === this.#turnId;
  }

  #note(method: string, params: Parameters): void {
    if (method === "turn/started") {
      this.#startedId = (params.turn as { id?: string } | undefined)?.id ?? this.#turnId;
      this.#wake();
    } else if (method === "thread/tokenUsage/updated") {
      // What was known when the thread was opened may have been told late.
      if (!this.#hasUsage) this.#usageBefore ??= this.#session!.usage.get(this.threadId!) ?? null;
      this.#hasUsage = true;
    } else if (method === "item/started" || method === "item/completed") {
      this.#noteItem(method, params);
    }
  }

  #noteItem(method: string, params: Parameters): void {
    const item = params.item as Parameters | undefined;
    if (typeof item?.id === "string") {
      const key = itemKey(params.threadId as string | undefined ?? this.threadId!, item.id);
      if (method === "item/started") this.#items.set(key, item);
      else if (method === "item/completed") this.#items.delete(key);
      this.#wake();
    }
    for (const id of subagentsOf(item)) this.#session!.adopt(id, this.threadId!);
  }

  #heardOfSubagent(method: string, params: Parameters): void {
    this.#noteItem(method, params);
    for (const event of this.#subagents.map(method, params)) this.#emit(event);
    if (method === "turn/started" || method === "turn/completed") this.#wake();
  }

  #emit(event: LiveEvent): void {
    const { liveEvents } = this.#request.turnOptions;
    if (isLiveOnly(event) && liveEvents !== true) {
      const now = this.#context.clock.now();
      if (!this.#buffer.isAwaited || now - this.#lastSignOfLife < signOfLifeMs) return;
      this.#lastSignOfLife = now;
      this.#buffer.signOfLife();
    } else if (!this.#isCancelled && !this.#buffer.isFull && !this.#buffer.push(event)) {
      const { maxUnreadBytes } = this.#context;
      this.#fail(
        new ReaderTooSlowError(
          `More than ${maxUnreadBytes} bytes of events wait for the reader of the turn: ` +
            'read faster, or raise "maxUnreadBytes"',
          { maxBytes: maxUnreadBytes },
        ),
      );
    }
  }

  #conclude(): void {
    const { outcome } = this.#mapper!;
    if (outcome.type === "open" || this.#stage === "over") return;
    if (outcome.type === "interrupted") {
      this.#failure ??= { error: new AbortError(new Error("The turn was interrupted")) };
    }
    this.#isConcluded = true;
    this.#isStopping ||= this.#subagents.running.length > 0 || this.#isSpawning;
    this.#stage = "over";
    this.#wake();
  }

  #fail(error: unknown): void {
    if (this.#stage === "over") return;
    this.#failure ??= { error };
    this.#beginEnding(error);
  }

  async #cancel(): Promise<void> {
    this.#isCancelled = true;
    this.#buffer.clear();
    this.#beginEnding(new AbortError("The events of the turn were cancelled"));
    if (this.#begun === null) this.#over();
    await this.ended;
  }

  #beginEnding(reason: unknown): void {
    if (this.#stage === "over") return;
    this.#ending.abort(reason);
    this.#cancelHopeless ??= this.#context.clock.after(
      stopPatienceMs,
      () => this.#hopeless.abort(reason),
    );
    this.#wake();
  }

  #over(): void {
    this.#stage = "over";
    this.#cancelHopeless?.();
    this.#finished.abort(new AbortError(new Error("The turn has ended")));
    this.#buffer.end(this.#failure ?? {});
    this.#wake();
    this.#resolveEnded();
  }

  /** Resolves once `condition` holds; it is looked at whenever something has changed. */
  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => condition() ? resolve() : void this.#waiters.push(look);
      look();
    });
  }

  #wake(): void {
    for (const look of this.#waiters.splice(0)) look();
  }
}

function itemKey(threadId: string, itemId: string): string {
  return JSON.stringify([threadId, itemId]);
}

function ended(cause?: unknown): NoActiveTurnError {
  return new NoActiveTurnError(
    "Cannot steer: the turn has ended",
    cause === undefined ? {} : { cause },
  );
}

function isNoActiveTurn(error: unknown): boolean {
  return RpcError.is(error) && /active turn/.test(error.message);
}

/** The threads of the sub-agents that an item of their parent names. */
function subagentsOf(item: Parameters | undefined): string[] {
  const { receiverThreadIds, agentThreadId } = item ?? {};
  const ids = Array.isArray(receiverThreadIds) ? receiverThreadIds : [agentThreadId];
  return ids.filter((id): id is string => typeof id === "string");
}
