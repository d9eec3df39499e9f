import type { LiveEvent } from "./live_events.ts";
import type { ThreadEvent } from "./events.ts";
import type { Clock } from "./clock.ts";
import { lazily } from "./lazily.ts";
import type { CodexOptions, Input, ThreadOptions, TurnOptions } from "./options.ts";
import type { EventStream } from "./streams/event_stream.ts";
import type { ThreadTurns } from "./thread_turns.ts";
import type { ReviewTarget, ThreadTarget, Transport } from "./transport.ts";
import type { Turn } from "./turn.ts";

/** A turn whose events are read as they come. */
export type StreamedTurn<E = ThreadEvent> = {
  /** The events: a `ReadableStream` that is also an `AsyncGenerator`. Reading starts the turn. */
  events: EventStream<E>;
  /**
   * The turn as a whole. Called before anyone reads the events, it reads them itself; called when
   * `next()` or a loop has read some, it reads on, and the loop still gets them all; while a reader or
   * a pipe has them, it waits for the end; called after they were cancelled, it is what had arrived.
   * Rejects as the events do.
   */
  turn(): Promise<Turn>;
  /**
   * Says something to the agent while it works; resolves when codex has taken it. Rejects with
   * `NoActiveTurnError` when the turn is not running, and with `UnsupportedError` on a lane that
   * cannot steer.
   */
  steer(input: Input): Promise<void>;
  /**
   * Has codex stop the turn, and resolves when nothing of it is left. What had arrived can still be
   * read; then the events raise an `AbortError`. Never rejects.
   */
  interrupt(): Promise<void>;
};

/** What a {@linkcode Thread} has of its `Codex`. */
export type ThreadContext = {
  /** The options of the `Codex`. */
  codexOptions: CodexOptions;
  /** Its lane. */
  transport: () => Promise<Transport>;
};

/** Which thread it is, as far as known. */
export type ThreadState = { target: ThreadTarget };

/**
 * A conversation with the agent: one turn after the other, each going on where the last one ended.
 * Made by {@linkcode Codex}.
 *
 * Turns of one thread run one at a time. A turn waits for the one before it, unless that is a
 * streamed one that nobody reads just then: that is a `ThreadBusyError`.
 *
 * @example
 * ```ts
 * import { Codex } from "jsr:@codex/sdk";
 *
 * const thread = new Codex().startThread({ sandboxMode: "workspace-write" });
 * const fixed = await thread.run("Make the tests pass", { timeoutMs: 600_000 });
 * console.log(fixed.finalResponse);
 *
 * const { events } = await thread.runStreamed("Now document it");
 * for await (const event of events) console.log(event.type);
 * ```
 */
export class Thread {
  readonly #state: ThreadState;
  readonly #turns: () => Promise<ThreadTurns>;

  /** @internal */
  constructor(
    context: ThreadContext,
    target: ThreadTarget,
    options: ThreadOptions,
    clock?: Clock,
  ) {
    this.#state = { target };
    // Loaded with the first turn, so that importing the SDK costs next to nothing.
    this.#turns = lazily(async () => {
      const { ThreadTurns } = await import("./thread_turns.ts");
      return new ThreadTurns(context, this.#state, options, clock);
    });
  }

  /** The id of the thread; `null` until codex has told it, in the first event of the first turn. */
  get id(): string | null {
    const { target } = this.#state;
    return target.type === "resume" ? target.id : null;
  }

  /**
   * Runs a turn and resolves when it has ended.
   *
   * Rejects with a `CodexError`; what had arrived is its `turn`.
   */
  async run(input: Input, options: TurnOptions = {}): Promise<Turn> {
    return await (await this.#turns()).stream({ input }, options).turn();
  }

  /** As below; `liveEvents` also tells what is going on in between, on the lanes that know. */
  runStreamed(
    input: Input,
    options: TurnOptions & { liveEvents: true },
  ): Promise<StreamedTurn<LiveEvent>>;
  /**
   * Prepares a turn whose events are read as they come; nothing is started before the first read.
   *
   * Never rejects: what goes wrong is raised where the events are read, after those that arrived.
   */
  runStreamed(input: Input, options?: TurnOptions): Promise<StreamedTurn>;
  async runStreamed(input: Input, options: TurnOptions = {}): Promise<StreamedTurn> {
    return (await this.#turns()).stream({ input }, options);
  }

  /**
   * Has the agent review code, and resolves with the turn: `finalResponse` is the review. On the
   * exec lane a review begins a thread of its own, so it has to be the first turn.
   *
   * Rejects as {@linkcode run} does.
   */
  async review(target: ReviewTarget, options: TurnOptions = {}): Promise<Turn> {
    return await (await this.#turns()).stream({ input: "", review: target }, options).turn();
  }

  /** As {@linkcode review}, but the events are read as they come. Never rejects. */
  async reviewStreamed(target: ReviewTarget, options: TurnOptions = {}): Promise<StreamedTurn> {
    return (await this.#turns()).stream({ input: "", review: target }, options);
  }

  /** Says something to the agent in the turn that runs; see {@linkcode StreamedTurn.steer}. */
  async steer(input: Input): Promise<void> {
    await (await this.#turns()).steer(input);
  }

  /** Has codex stop the turn that runs, if any; see {@linkcode StreamedTurn.interrupt}. */
  async interrupt(): Promise<void> {
    await (await this.#turns()).interrupt();
  }
}
