import { type Clock, systemClock } from "./clock.ts";
import {
  type CodexError,
  InvalidOptionsError,
  ThreadMismatchError,
  UnsupportedError,
} from "./errors.ts";
import type { ThreadEvent } from "./events.ts";
import type { CodexOptions, Input, ThreadOptions, TurnOptions } from "./options.ts";
import { EventStream } from "./streams/event_stream.ts";
import type { ReviewTarget, ThreadTarget, Transport } from "./transport.ts";
import type { Turn } from "./turn.ts";
import { TurnQueue } from "./turn_queue.ts";
import { TurnRun } from "./turn_run.ts";
import { UsageMeter } from "./usage.ts";

/** A turn whose events are read as they come. */
export type StreamedTurn = {
  /** The events: a `ReadableStream` that is also an `AsyncGenerator`. Reading starts the turn. */
  events: EventStream<ThreadEvent>;
  /**
   * The turn as a whole. Called before anyone reads the events, it reads them itself; called while
   * someone does, it waits for the end; called after they were cancelled, it is what had arrived.
   * Rejects as the events do.
   */
  turn(): Promise<Turn>;
};

/** What a turn is about. */
type Task = { input: Input; review?: ReviewTarget };

/** Ends turns whose events were started and then forgotten. */
const forgotten = new FinalizationRegistry<TurnRun>((run) => run.cancel());

/**
 * Ends `run` when `events` are forgotten. Not longer than it lasts: it holds on to the options,
 * whose callbacks and signal may hold on to the events, which would then never be collected.
 */
function endWhenForgotten(events: EventStream<ThreadEvent>, run: TurnRun): void {
  forgotten.register(events, run, run);
  run.settled.then(() => forgotten.unregister(run));
}

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
  readonly #codexOptions: CodexOptions;
  readonly #transport: () => Promise<Transport>;
  readonly #options: ThreadOptions;
  readonly #clock: Clock;
  readonly #queue: TurnQueue;
  readonly #usage: UsageMeter;
  #target: ThreadTarget;
  #isEphemeral = false;

  /** @internal */
  constructor(
    context: { codexOptions: CodexOptions; transport: () => Promise<Transport> },
    target: ThreadTarget,
    options: ThreadOptions,
    clock: Clock = systemClock,
  ) {
    this.#codexOptions = context.codexOptions;
    this.#transport = context.transport;
    this.#target = target;
    this.#options = options;
    this.#clock = clock;
    this.#queue = new TurnQueue(clock);
    this.#usage = new UsageMeter(target.type === "new");
  }

  /** The id of the thread; `null` until codex has told it, in the first event of the first turn. */
  get id(): string | null {
    return this.#target.type === "resume" ? this.#target.id : null;
  }

  /**
   * Runs a turn and resolves when it has ended.
   *
   * Rejects with a {@linkcode CodexError}; what had arrived is its `turn`.
   */
  run(input: Input, options: TurnOptions = {}): Promise<Turn> {
    return this.#stream({ input }, options).turn();
  }

  /**
   * Prepares a turn whose events are read as they come; nothing is started before the first read.
   *
   * Never rejects: what goes wrong is raised where the events are read, after those that arrived.
   */
  runStreamed(input: Input, options: TurnOptions = {}): Promise<StreamedTurn> {
    return Promise.resolve(this.#stream({ input }, options));
  }

  /**
   * Has the agent review code, and resolves with the turn: `finalResponse` is the review. On the
   * exec lane a review begins a thread of its own, so it has to be the first turn.
   *
   * Rejects as {@linkcode run} does.
   */
  review(target: ReviewTarget, options: TurnOptions = {}): Promise<Turn> {
    return this.#stream({ input: "", review: target }, options).turn();
  }

  /** As {@linkcode review}, but the events are read as they come. Never rejects. */
  reviewStreamed(target: ReviewTarget, options: TurnOptions = {}): Promise<StreamedTurn> {
    return Promise.resolve(this.#stream({ input: "", review: target }, options));
  }

  #stream(task: Task, turnOptions: TurnOptions): StreamedTurn {
    const run = this.#turnRun(task, turnOptions);
    const events = new EventStream<ThreadEvent>(run);
    endWhenForgotten(events, run);
    return { events, turn: () => this.#turn(events, run) };
  }

  /**
   * Apart from {@linkcode #stream}, whose closures share their variables: the run would hold on to
   * its events, and what is forgotten would never be collected.
   */
  #turnRun(task: Task, turnOptions: TurnOptions): TurnRun {
    return new TurnRun(
      {
        codexOptions: this.#codexOptions,
        queue: this.#queue,
        validate: () => this.#validate(task, turnOptions),
        startTurn: async (signal) => {
          const transport = await this.#transport();
          this.#refuseWhatCannotFollow(task, transport.name);
          return transport.startTurn({
            thread: this.#target,
            ...task,
            threadOptions: this.#options,
            turnOptions,
            signal,
          });
        },
        threadStarted: (id) => this.#started(id),
        turnUsed: (total) => this.#usage.share(total),
      },
      turnOptions,
      this.#clock,
    );
  }

  async #turn(events: EventStream<ThreadEvent>, run: TurnRun): Promise<Turn> {
    if (events.isReadElsewhere || events.isAwaited) {
      await run.settled;
    } else {
      run.readOn();
      try {
        while (!(await events.next()).done);
      } catch {
        // The result below has it, together with what arrived.
      }
      await run.settled;
    }
    return run.result();
  }

  async #validate({ input, review }: Task, turnOptions: TurnOptions): Promise<void> {
    // Loaded with the first turn, so that importing the SDK costs next to nothing.
    const validation = await import("./validation.ts");
    validation.validateCodexOptions(this.#codexOptions);
    validation.validateThreadOptions(this.#options);
    validation.validateTurnOptions(turnOptions);
    if (review === undefined) validation.validateInput(input);
    else validation.validateReviewTarget(review);
  }

  #refuseWhatCannotFollow({ review }: Task, lane: string): void {
    if (this.#isEphemeral) {
      throw new InvalidOptionsError(
        'Cannot run another turn of an "ephemeral" thread: codex kept no record of it',
        { path: "ephemeral" },
      );
    }
    if (review !== undefined && this.#target.type !== "new") {
      throw new UnsupportedError(
        `Cannot review in a thread that has begun on the "${lane}" lane: review in a new thread`,
      );
    }
  }

  #started(id: string): CodexError | null {
    const target = this.#target;
    if (target.type === "resume" && target.id.toLowerCase() !== id.toLowerCase()) {
      return new ThreadMismatchError(
        `Codex went on with thread "${id}" instead of "${target.id}": the thread does not exist. ` +
          `If it is a name, resume it as { name: "${target.id}" }`,
        { expected: target.id, actual: id },
      );
    }
    this.#target = { type: "resume", id };
    this.#isEphemeral = this.#options.ephemeral === true;
    return null;
  }
}
