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
  #reading = 0;

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
  }

  /** Whether a call of {@linkcode next} waits for an event. */
  get isAwaited(): boolean {
    return this.#reading > 0;
  }

  /** Whether someone other than {@linkcode next} reads. */
  get isReadElsewhere(): boolean {
    return this.locked && this.#reader === null;
  }

  /** The next event. */
  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#state.failed) return { done: true, value: undefined };
    this.#reader ??= this.getReader();
    this.#reading++;
    try {
      return await this.#reader.read() as IteratorResult<T, undefined>;
    } finally {
      this.#reading--;
    }
  }

  /** Ends the turn early; resolves when nothing of it is left. A value is taken and ignored. */
  async return(_value?: unknown): Promise<IteratorResult<T, undefined>> {
    if (!this.#state.failed) await this.cancel();
    return { done: true, value: undefined };
  }

  /** Ends the turn early, then rejects with `error`. */
  async throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    await this.return();
    throw error;
  }

  /** Ends the turn early; resolves when nothing of it is left. */
  override cancel(reason?: unknown): Promise<void> {
    return this.#reader === null ? super.cancel(reason) : this.#reader.cancel(reason);
  }

  /** The stream itself; leaving the loop early ends the turn. */
  override [Symbol.asyncIterator](): this {
    return this;
  }

  /** As {@linkcode return}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
