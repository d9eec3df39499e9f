/** An abort signal that knows how many listen to it, to tell leaks. */
export class WatchedAbort extends AbortController {
  readonly #listeners: Set<unknown> = new Set();

  constructor() {
    super();
    const { signal } = this;
    const { addEventListener, removeEventListener } = signal;
    Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof addEventListener>) => {
        this.#listeners.add(args[1]);
        addEventListener.apply(signal, args);
      },
      removeEventListener: (...args: Parameters<typeof removeEventListener>) => {
        if (args[0] === "abort") this.#listeners.delete(args[1]);
        removeEventListener.apply(signal, args);
      },
    });
  }

  /** How many were added and not removed. */
  get listeners(): number {
    return this.#listeners.size;
  }
}
