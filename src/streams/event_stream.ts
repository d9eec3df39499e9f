/** Where an {@linkcode EventStream} gets its events from. */
export interface EventSource<T> {
  /** The next events, `null` at the end; rejects when the source fails. One call at a time. */
  pull(): Promise<readonly T[] | null>;
  /** Ends the source early; resolves when nothing of it is left. */
  cancel(reason: unknown): Promise<void>;
}

/**
 * A `ReadableStream` that is also an `AsyncGenerator`: read it with `for await`, with `next()`, with
 * a reader, or pipe it into a `Response`.
 *
 * Nothing starts before the first read, and nothing is read ahead. An error is raised only after
 * the last event that arrived was read. `break`, `return()` and `cancel()` resolve when nothing of
 * the turn is left.
 */
export class EventStream<T> extends ReadableStream<T>
  implements AsyncGenerator<T, undefined, undefined> {
  readonly #state: { failed: boolean };
  #reader: ReadableStreamDefaultReader<T> | null = null;
  #ahead: ReadAhead<T> | null = null;
  #wakeWhenLetGo: (() => void)[] = [];

  /** Reads from `source`. */
  constructor(source: EventSource<T>) {
    // Shared with the source below, which must not hold on to the stream itself: a stream that
    // nobody holds can then be collected while its source still runs.
    const state = { failed: false };
    super({
      async pull(controller) {
        try {
          let events = await source.pull();
          // Without an event, the stream would not ask again.
          while (events?.length === 0) events = await source.pull();
          if (events === null) controller.close();
          else for (const event of events) controller.enqueue(event);
        } catch (error) {
          state.failed = true;
          throw error;
        }
      },
      cancel: (reason) => source.cancel(reason),
    }, { highWaterMark: 0 });
    this.#state = state;
    tellReleases(this, () => {
      for (const wake of this.#wakeWhenLetGo.splice(0)) wake();
    });
  }

  /** Whether {@linkcode next} was called, as loops do. */
  get isBegun(): boolean {
    return this.#reader !== null;
  }

  /** Whether someone other than {@linkcode next} reads. */
  get isReadElsewhere(): boolean {
    return this.locked && this.#reader === null;
  }

  /** Resolves when a reader lets go of the events that is someone else's. */
  letGo(): Promise<void> {
    return new Promise((resolve) => this.#wakeWhenLetGo.push(resolve));
  }

  /** The next event. */
  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#ahead !== null) return await this.#ahead.next();
    if (this.#state.failed) return { done: true, value: undefined };
    this.#reader ??= this.getReader();
    return await this.#reader.read() as IteratorResult<T, undefined>;
  }

  /**
   * Reads to the end, whoever calls {@linkcode next} meanwhile or later: the events are kept for
   * that. Resolves at the end, also when it is an error; never rejects.
   */
  async readAhead(): Promise<void> {
    this.#reader ??= this.getReader();
    this.#ahead ??= new ReadAhead(this.#reader);
    await this.#ahead.ended;
  }

  /** Ends the turn early; resolves when nothing of it is left. A value is taken and ignored. */
  async return(_value?: unknown): Promise<IteratorResult<T, undefined>> {
    if (!this.#state.failed) await this.cancel();
    this.#ahead?.drop();
    return { done: true, value: undefined };
  }

  /** Ends the turn early, then rejects with `error`. */
  async throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    await this.return();
    throw error;
  }

  /** Ends the turn early; resolves when nothing of it is left. */
  override cancel(reason?: unknown): Promise<void> {
    this.#ahead?.drop();
    return this.#reader === null ? super.cancel(reason) : this.#reader.cancel(reason);
  }

  /** The stream itself; leaving the loop early ends the turn. */
  override [Symbol.asyncIterator](): this {
    return this;
  }

  /** As {@linkcode return}; leaves events alone that someone else reads, such as a pipe. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isReadElsewhere) await this.return();
  }
}

/** Has `onRelease` called whenever a reader of the stream lets go of it, which nobody else tells. */
function tellReleases<T>(stream: ReadableStream<T>, onRelease: () => void): void {
  const { getReader } = stream;
  const value = (...options: []) => {
    const reader = getReader.apply(stream, options);
    const { releaseLock } = reader;
    return Object.defineProperty(reader, "releaseLock", {
      value: () => {
        releaseLock.call(reader);
        onRelease();
      },
    });
  };
  // Not as a method, which would have to repeat every overload of it.
  Object.defineProperty(stream, "getReader", { value });
}

/** Reads a stream to its end as fast as it goes, and hands out what it has read. */
class ReadAhead<T> {
  /** Resolves when all was read; never rejects. */
  readonly ended: Promise<void>;
  #events: T[] = [];
  #outcome: { error?: unknown } | null = null;
  #wake: (() => void)[] = [];

  constructor(reader: ReadableStreamDefaultReader<T>) {
    this.ended = this.#read(reader);
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (this.#events.length === 0 && this.#outcome === null) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    if (this.#events.length > 0) return { done: false, value: this.#events.shift()! };
    const outcome = this.#outcome!;
    // An error is raised once.
    this.#outcome = {};
    if ("error" in outcome) throw outcome.error;
    return { done: true, value: undefined };
  }

  /** Forgets what was read: nobody wants it any more. */
  drop(): void {
    this.#events = [];
    this.#outcome = {};
    this.#wakeAll();
  }

  async #read(reader: ReadableStreamDefaultReader<T>): Promise<void> {
    try {
      for (let next; !(next = await reader.read()).done;) {
        if (this.#outcome === null) this.#events.push(next.value);
        this.#wakeAll();
      }
      this.#outcome ??= {};
    } catch (error) {
      this.#outcome ??= { error };
    }
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
