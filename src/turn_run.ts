import { callOnlooker, textOfThrown } from "./callback.ts";
import type { Clock } from "./clock.ts";
import {
  AbortError,
  attachTurn,
  CodexError,
  ExitError,
  NoActiveTurnError,
  ProtocolError,
  TimeoutError,
  TurnFailedError,
  UnsupportedError,
} from "./errors.ts";
import type { Usage } from "./events.ts";
import { IdleTimer } from "./idle_timer.ts";
import type { LiveEvent } from "./live_events.ts";
import type { CodexOptions, Input, TurnOptions } from "./options.ts";
import { redactor, secretsOf } from "./redact.ts";
import { parseRetry } from "./retry.ts";
import type { EventSource } from "./streams/event_stream.ts";
import type { TransportTurn } from "./transport.ts";
import { type Turn, TurnFold } from "./turn.ts";
import type { Place, TurnQueue } from "./turn_queue.ts";

/** What a turn needs of its thread. */
export interface TurnOwner {
  /** The options of the `Codex`. */
  readonly codexOptions: CodexOptions;
  /** The turns of the thread. */
  readonly queue: TurnQueue;
  /** Throws `InvalidOptionsError` before anything is started. */
  validate(): void;
  /** Prepares the turn on the thread's lane, once it has its place. */
  startTurn(signal: AbortSignal): Promise<TransportTurn>;
  /** Hears which thread codex runs; returns an error when it is not the one asked for. */
  threadStarted(id: string): CodexError | null;
  /** Hears what a turn that reached codex used; returns its own share. */
  turnUsed(total: Usage | null): Usage | null;
  /** Hears that nothing of the turn is left. */
  turnEnded(): void;
}

/** How much of codex's own words a message holds; the event has them all. */
const longestMessage = 8000;

/** The turn as the lane runs it, and its reader. */
type Lane = {
  turn: TransportTurn;
  reader: ReadableStreamDefaultReader<readonly LiveEvent[]>;
};

/**
 * One turn from its first read to its end: waits for its place, starts the lane, watches the
 * clocks and the signal, folds the events, and says how it all ended.
 */
export class TurnRun implements EventSource<LiveEvent> {
  /** Resolves when the turn has ended, however; never rejects. */
  readonly settled: Promise<void>;
  /** Resolves when nothing runs any more, although not all may have been read; never rejects. */
  readonly over: Promise<void>;
  readonly #owner: TurnOwner;
  readonly #options: TurnOptions;
  readonly #clock: Clock;
  readonly #fold = new TurnFold();
  readonly #abort = new AbortController();
  readonly #releases: (() => void)[] = [];
  #resolveSettled!: () => void;
  #resolveOver!: () => void;
  #place: Place | null = null;
  #lane: Lane | null = null;
  #idle: IdleTimer | null = null;
  #deadline: number | null = null;
  #isCancelled = false;
  /** The event that ends the turn and what came with it, until the reader has all before it. */
  #held: readonly LiveEvent[] | null = null;
  #isReadToItsEnd = false;
  #readsOn = false;
  #hasBegun = false;
  #hasEnded = false;
  /** Fails the turn also when it had ended by the time it was noticed. */
  #mismatch: CodexError | null = null;
  #result: { turn: Turn; error?: unknown } | null = null;

  /** Nothing happens before the first pull. */
  constructor(owner: TurnOwner, options: TurnOptions, clock: Clock) {
    this.#owner = owner;
    this.#options = options;
    this.#clock = clock;
    this.settled = new Promise((resolve) => this.#resolveSettled = resolve);
    this.over = new Promise((resolve) => this.#resolveOver = resolve);
  }

  /** Whether the turn has ended, and there is a {@linkcode result}. */
  get hasSettled(): boolean {
    return this.#result !== null;
  }

  /** The next events, `null` at the end; rejects when the turn failed. */
  async pull(): Promise<readonly LiveEvent[] | null> {
    this.#hasBegun = true;
    try {
      this.#lane ??= await this.#start();
      this.#place?.setRead(true);
      if (this.#held !== null) return this.#handOver(this.#held);
      this.#idle?.resume();
      const { done, value } = await this.#lane.reader.read();
      this.#idle?.pause();
      if (done) return this.#isCancelled ? null : this.#complete();
      // A lane that tells nothing still says that codex is alive.
      if (value.length === 0) this.#idle?.reset();
      for (const event of value) this.#take(event);
      return this.#handOver(value);
    } catch (error) {
      // One of our own: whatever runs is not to outlive it.
      if (!CodexError.is(error)) this.#abort.abort(error);
      throw this.#fail(error);
    } finally {
      this.#place?.setRead(this.#readsOn);
      this.#leave();
    }
  }

  /** Says that the reader goes on to the end: the next turn can wait for that at any moment. */
  readOn(): void {
    this.#readsOn = true;
  }

  /** Ends the turn early; resolves when nothing of it is left. */
  async cancel(): Promise<void> {
    this.#isCancelled = true;
    this.#leave();
    // Ends a wait for the place, or for the lane to start.
    if (this.#lane === null) this.#abort.abort(new AbortError("The events were cancelled"));
    await this.#lane?.reader.cancel().catch(() => {});
    this.#settle(undefined);
  }

  /** Says something to the agent; see `StreamedTurn.steer`. */
  async steer(input: Input): Promise<void> {
    if (this.#lane === null || this.#result !== null) {
      const state = this.#lane === null ? "has not begun: read its events" : "has ended";
      throw new NoActiveTurnError(`Cannot steer: the turn ${state}`);
    }
    const { turn } = this.#lane;
    if (turn.steer === undefined) {
      throw new UnsupportedError(
        "Cannot steer a turn on this lane: make the Codex with { transport: appServer() }, " +
          "from @codex/sdk/app-server",
      );
    }
    await turn.steer(input);
  }

  /** Has codex stop; see `StreamedTurn.interrupt`. */
  async interrupt(): Promise<void> {
    if (this.#result !== null) return;
    this.#abort.abort(new AbortError(new Error("The turn was interrupted")));
    if (this.#lane !== null) await this.#lane.turn.ended;
    else if (this.#hasBegun) await this.settled;
  }

  /** The turn as it ended; throws when it failed. Only once it has settled. */
  result(): Turn {
    const { turn, error } = this.#result!;
    if (error !== undefined) throw error;
    return turn;
  }

  async #start(): Promise<Lane> {
    this.#owner.validate();
    this.#abort.signal.throwIfAborted();
    this.#watchSignal();
    this.#watchClock();
    const place = await this.#owner.queue.enter(this.#abort.signal);
    let turn: TransportTurn;
    try {
      turn = await this.#owner.startTurn(this.#abort.signal);
    } catch (error) {
      place.leave();
      throw error;
    }
    this.#place = place;
    turn.ended.then(() => {
      this.#hasEnded = true;
      // There is nothing left to end; a timer would keep the program waiting for its reader.
      this.#release();
      this.#owner.turnEnded();
      this.#leave();
      this.#resolveOver();
    });
    this.#abort.signal.addEventListener("abort", () => this.#leave(), { once: true });
    return { turn, reader: turn.events.getReader() };
  }

  /** The event that ends the turn is read only when all before it was: then the reader is done. */
  #handOver(events: readonly LiveEvent[]): readonly LiveEvent[] {
    const end = events.findIndex(isEnd);
    if (end > 0) {
      this.#held = events.slice(end);
      return events.slice(0, end);
    }
    this.#held = null;
    this.#isReadToItsEnd ||= end === 0;
    return events;
  }

  /**
   * Makes way for the next turn once nothing of this one runs, and its reader is done, or was told
   * to be. A turn that nobody reads keeps its place: who starts another one is to know.
   */
  #leave(): void {
    const isDone = this.#isReadToItsEnd || this.#isCancelled || this.#result !== null ||
      this.#abort.signal.aborted;
    if (this.#hasEnded && isDone) this.#place?.leave();
    else if (isDone) this.#place?.setRead(true);
  }

  #watchSignal(): void {
    const { signal } = this.#options;
    if (signal === undefined) return;
    if (signal.aborted) throw new AbortError(signal.reason);
    const onAbort = () => this.#abort.abort(new AbortError(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    this.#releases.push(() => signal.removeEventListener("abort", onAbort));
  }

  #watchClock(): void {
    const { timeoutMs, idleTimeoutMs } = this.#options;
    if (timeoutMs !== undefined && timeoutMs !== Infinity) {
      const now = this.#clock.now();
      this.#deadline ??= now + timeoutMs;
      const remainingMs = Math.max(0, this.#deadline - now);
      this.#releases.push(this.#clock.after(remainingMs, () => this.#timeOut("turn", timeoutMs)));
    }
    if (idleTimeoutMs !== undefined && idleTimeoutMs !== Infinity) {
      this.#idle = new IdleTimer(
        this.#clock,
        idleTimeoutMs,
        () => this.#timeOut("idle", idleTimeoutMs),
      );
    }
  }

  #timeOut(kind: "turn" | "idle", timeoutMs: number): void {
    const message = kind === "turn"
      ? `The turn did not end within ${timeoutMs} ms`
      : `Codex was silent for ${timeoutMs} ms`;
    this.#abort.abort(new TimeoutError(message, { kind, timeoutMs }));
  }

  #take(event: LiveEvent): void {
    this.#fold.add(event);
    const retry = event.type === "error" ? parseRetry(event.message) : null;
    if (retry === null) this.#idle?.reset();
    else {
      callOnlooker(
        () => this.#options.onRetry?.(retry),
        (error) => reportUnheard(this.#owner.codexOptions, `onRetry threw: ${textOfThrown(error)}`),
      );
    }
    if (event.type === "thread.started") {
      this.#mismatch ??= this.#owner.threadStarted(event.thread_id);
      if (this.#mismatch !== null) this.#abort.abort(this.#mismatch);
    } else if (isEnd(event)) {
      this.#release();
    } else if (event.type === "turn.started" && this.#fold.outcome.type !== "open") {
      this.#watchAgain();
    }
  }

  /** Codex goes on after the end it told: it must be possible to end that, too. */
  #watchAgain(): void {
    this.#release();
    if (this.#hasEnded) return;
    const { signal } = this.#options;
    if (signal?.aborted) return this.#abort.abort(new AbortError(signal.reason));
    this.#watchSignal();
    this.#watchClock();
  }

  #complete(): null {
    if (this.#mismatch !== null) throw this.#mismatch;
    const { outcome } = this.#fold;
    if (outcome.type === "failed") throw this.#turnFailed(outcome.message);
    if (outcome.type === "open") {
      const message = "The events ended before the turn did";
      throw new ProtocolError(message, { line: null, path: null });
    }
    this.#settle(undefined);
    return null;
  }

  #fail(error: unknown): unknown {
    if (this.#isCancelled) return error;
    const { outcome } = this.#fold;
    const failure = this.#mismatch ??
      (outcome.type === "failed" && ExitError.is(error)
        ? this.#turnFailed(outcome.message, error)
        : error);
    this.#settle(failure);
    if (CodexError.is(failure)) attachTurn(failure, this.#result!.turn);
    return failure;
  }

  #turnFailed(message: string, ...cause: unknown[]): TurnFailedError {
    const { turn } = this.#lane ?? {};
    const shown = turn?.redact?.(message) ??
      redactor(secretsOf(this.#owner.codexOptions))(message);
    return new TurnFailedError(
      shown.slice(0, longestMessage),
      cause.length > 0 ? { cause: cause[0] } : {},
    );
  }

  #settle(error: unknown): void {
    if (this.#result !== null) return;
    this.#release();
    const report = this.#lane?.turn.report() ?? { stderr: "", diagnostics: [] };
    // A turn that codex never heard of has used nothing.
    const share = this.#fold.hasBegun ? this.#owner.turnUsed(this.#fold.usage) : null;
    const ownUsage = report.ownUsage === undefined ? share : report.ownUsage;
    this.#result = { turn: this.#fold.turn({ ...report, ownUsage }), error };
    this.#resolveSettled();
    this.#resolveOver();
  }

  /** Stops every clock and listener. */
  #release(): void {
    for (const release of this.#releases.splice(0)) release();
    this.#idle?.pause();
    this.#idle = null;
  }
}

function isEnd(event: LiveEvent): boolean {
  return event.type === "turn.completed" || event.type === "turn.failed";
}

/** Tells the user's listener of something that must not disturb the turn. */
function reportUnheard(options: CodexOptions, message: string): void {
  const shown = redactor(secretsOf(options))(message).slice(0, 2000);
  // Nobody is left to tell of a listener that throws.
  callOnlooker(() => options.onDiagnostic?.({ kind: "callback", message: shown }), () => {});
}
