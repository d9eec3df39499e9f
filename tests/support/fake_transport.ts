import type { ThreadEvent } from "../../src/events.ts";
import type { Input } from "../../src/options.ts";
import type { CodexVersion, Transport, TransportTurn, TurnRequest } from "../../src/transport.ts";

/** A turn that emits what the test tells it to, and ends as a real one does when it is aborted. */
export class FakeTurn implements TransportTurn {
  readonly request: TurnRequest;
  readonly events: ReadableStream<readonly ThreadEvent[]>;
  readonly ended: Promise<void>;
  /** Hears what is said while it runs. */
  steer?: (input: Input) => Promise<void>;
  stderr = "";
  /** Whether someone has begun to read it. */
  isStarted = false;
  isCancelled = false;
  /** Whether `gone()` is left to the test when it is cancelled. */
  goesSlowly = false;
  /** Whether an abort is left to the test. */
  ignoresAbort = false;
  #resolveEnded!: () => void;
  #batches: (readonly ThreadEvent[])[] = [];
  #outcome: { error?: unknown } | null = null;
  #wake: () => void = () => {};

  constructor(request: TurnRequest) {
    this.request = request;
    this.ended = new Promise((resolve) => this.#resolveEnded = resolve);
    this.events = new ReadableStream({
      pull: async (controller) => {
        if (!this.isStarted) {
          this.isStarted = true;
          const { signal } = request;
          const onAbort = () => this.ignoresAbort || this.fail(signal.reason);
          signal.aborted ? onAbort() : signal.addEventListener("abort", onAbort, { once: true });
          this.ended.then(() => signal.removeEventListener("abort", onAbort));
        }
        while (this.#batches.length === 0 && this.#outcome === null && !this.isCancelled) {
          await new Promise<void>((resolve) => this.#wake = resolve);
        }
        const batch = this.#batches.shift();
        if (batch !== undefined) controller.enqueue(batch);
        else if (this.isCancelled) return;
        else if ("error" in this.#outcome!) throw this.#outcome.error;
        else controller.close();
      },
      cancel: () => {
        this.isCancelled = true;
        this.#wake();
        if (!this.goesSlowly) this.#resolveEnded();
        return this.ended;
      },
    }, { highWaterMark: 0 });
  }

  /** Whether it ends or has ended. */
  get isOver(): boolean {
    return this.isCancelled || this.#outcome !== null;
  }

  /** Emits events, in one batch. */
  emit(...events: unknown[]): void {
    this.#batches.push(events as ThreadEvent[]);
    this.#wake();
  }

  /** Ends well; with `isGone: false` what it had started is not gone yet. */
  end({ isGone = true }: { isGone?: boolean } = {}): void {
    this.#outcome ??= {};
    if (isGone) this.#resolveEnded();
    this.#wake();
  }

  /** Whatever it had started is gone. */
  gone(): void {
    this.#resolveEnded();
  }

  /** Ends badly. */
  fail(error: unknown): void {
    this.#outcome ??= { error };
    this.#resolveEnded();
    this.#wake();
  }

  report(): { stderr: string; diagnostics: [] } {
    return { stderr: this.stderr, diagnostics: [] };
  }
}

/** A lane whose turns are played by the test. */
export class FakeTransport implements Transport {
  readonly name = "fake";
  readonly turns: FakeTurn[] = [];
  /** Called with each turn when it is prepared; may throw. */
  onTurn: (turn: FakeTurn) => void = () => {};
  isClosed = false;

  /** The turn prepared last. */
  get turn(): FakeTurn {
    return this.turns.at(-1)!;
  }

  startTurn(request: TurnRequest): TransportTurn {
    const turn = new FakeTurn(request);
    this.onTurn(turn);
    this.turns.push(turn);
    return turn;
  }

  version(): Promise<CodexVersion> {
    return Promise.resolve({ version: "0.0.0", path: "fake", source: "option" });
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
