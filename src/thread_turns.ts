import { type Clock, systemClock } from "./clock.ts";
import { type CodexError, NoActiveTurnError, ThreadMismatchError } from "./errors.ts";
import type { ThreadEvent } from "./events.ts";
import type { Input, ThreadOptions, TurnOptions } from "./options.ts";
import { type EventSource, EventStream } from "./streams/event_stream.ts";
import type { StreamedTurn, ThreadContext, ThreadState } from "./thread.ts";
import type { ReviewTarget } from "./transport.ts";
import type { Turn } from "./turn.ts";
import { TurnQueue } from "./turn_queue.ts";
import { TurnRun } from "./turn_run.ts";
import { UsageMeter } from "./usage.ts";
import {
  validateCodexOptions,
  validateInput,
  validateReviewTarget,
  validateThreadOptions,
  validateTurnOptions,
} from "./validation.ts";

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

/** The turns of a {@linkcode Thread}: makes them, one after the other, and keeps what they share. */
export class ThreadTurns {
  readonly #context: ThreadContext;
  readonly #state: ThreadState;
  readonly #options: ThreadOptions;
  readonly #clock: Clock;
  readonly #queue: TurnQueue;
  readonly #usage: UsageMeter;
  #running: TurnRun | null = null;
  #hasBegun = false;

  /** The thread learns its id through `state`. */
  constructor(
    context: ThreadContext,
    state: ThreadState,
    options: ThreadOptions,
    clock: Clock = systemClock,
  ) {
    this.#context = context;
    this.#state = state;
    this.#options = options;
    this.#clock = clock;
    this.#queue = new TurnQueue(clock);
    this.#usage = new UsageMeter(state.target.type === "new");
  }

  /** Prepares a turn. */
  stream(task: Task, turnOptions: TurnOptions): StreamedTurn {
    const run = this.#turnRun(task, turnOptions);
    // Without `liveEvents` there are no others.
    const events = new EventStream(run as EventSource<ThreadEvent>);
    endWhenForgotten(events, run);
    return {
      events,
      turn: () => {
        this.#begins(run);
        return turnOf(events, run);
      },
      steer: (input) => steer(run, input),
      interrupt: () => run.interrupt(),
    };
  }

  /** Steers the turn that runs. */
  async steer(input: Input): Promise<void> {
    if (this.#running === null) {
      throw new NoActiveTurnError("Cannot steer: no turn of this thread is running");
    }
    await steer(this.#running, input);
  }

  /** Interrupts the turn that runs. */
  async interrupt(): Promise<void> {
    await this.#running?.interrupt();
  }

  /**
   * Apart from {@linkcode stream}, whose closures share their variables: the run would hold on to
   * its events, and what is forgotten would never be collected.
   */
  #turnRun(task: Task, turnOptions: TurnOptions): TurnRun {
    const { codexOptions } = this.#context;
    const run: TurnRun = new TurnRun(
      {
        codexOptions,
        queue: this.#queue,
        validate: () => {
          this.#validate(task, turnOptions);
          this.#begins(run);
        },
        startTurn: async (signal) => {
          const transport = await this.#context.transport();
          const turn = transport.startTurn({
            thread: this.#state.target,
            isFirst: !this.#hasBegun,
            ...task,
            threadOptions: this.#options,
            turnOptions,
            signal,
          });
          this.#running = run;
          return turn;
        },
        threadStarted: (id) => this.#started(id),
        turnUsed: (total) => this.#usage.share(total),
        turnEnded: () => {
          if (this.#running === run) this.#running = null;
        },
      },
      turnOptions,
      this.#clock,
    );
    return run;
  }

  /** From here on it can be interrupted, unless another one still runs. */
  #begins(run: TurnRun): void {
    this.#running ??= run;
    run.settled.then(() => {
      if (this.#running === run) this.#running = null;
    });
  }

  #validate({ input, review }: Task, turnOptions: TurnOptions): void {
    validateCodexOptions(this.#context.codexOptions);
    validateThreadOptions(this.#options);
    validateTurnOptions(turnOptions);
    if (review === undefined) validateInput(input);
    else validateReviewTarget(review);
  }

  #started(id: string): CodexError | null {
    const { target } = this.#state;
    if (target.type === "resume" && target.id.toLowerCase() !== id.toLowerCase()) {
      return new ThreadMismatchError(
        `Codex went on with thread "${id}" instead of "${target.id}": the thread does not exist. ` +
          `If it is a name, resume it as { name: "${target.id}" }`,
        { expected: target.id, actual: id },
      );
    }
    this.#state.target = { type: "resume", id };
    this.#hasBegun = true;
    return null;
  }
}

async function turnOf(events: EventStream<ThreadEvent>, run: TurnRun): Promise<Turn> {
  // A pipe that lets go does not tell: hence the look when nothing runs any more.
  let end = run.over;
  while (events.isReadElsewhere && !run.hasSettled) {
    await Promise.race([end.then(() => end = run.settled), events.letGo()]);
  }
  // Whoever read them may have stopped; a loop goes on with what is read for it.
  if (!events.isReadElsewhere) {
    run.readOn();
    if (events.isBegun) await events.readAhead();
    else await readAll(events);
  }
  await run.settled;
  return run.result();
}

/** Reads to the end, and keeps nothing. Never rejects: the result has the error. */
async function readAll(events: EventStream<ThreadEvent>): Promise<void> {
  try {
    while (!(await events.next()).done);
  } catch {
    // It comes with what arrived.
  }
}

async function steer(run: TurnRun, input: Input): Promise<void> {
  validateInput(input);
  await run.steer(input);
}
