import type { Runtime, Signal } from "../runtime/types.ts";

/** Something of ours that must not outlive the host. */
export interface Guarded {
  /** Resolves when it is gone; never rejects. */
  readonly ended: Promise<unknown>;
  /** Begins to end it because the host was told to end. */
  endForHost(signal: Signal): void;
  /** Ends it at once, synchronously, as well as that can be done. */
  endNow(signal: Signal): void;
}

/**
 * Ends what runs when the host ends. Listens to the host only while something runs, so that a
 * program without a running turn sees nothing of it.
 */
export class HostGuard {
  readonly #runtime: Runtime;
  readonly #guarded: Map<Guarded, { handleSignals: boolean }> = new Map();
  #stopExit: (() => void) | null = null;
  #stopSignals: (() => void) | null = null;
  #heard: Signal | null = null;

  /** Guards against the end of `runtime`'s host. */
  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Guards `guarded` until it has ended. */
  add(guarded: Guarded, options: { handleSignals: boolean }): void {
    this.#guarded.set(guarded, options);
    this.#stopExit ??= this.#runtime.onHostExit(() => {
      for (const each of this.#guarded.keys()) each.endNow("SIGINT");
    });
    this.#listen();
    // The host is ending: whatever still starts ends with it.
    if (this.#heard !== null && options.handleSignals) guarded.endForHost(this.#heard);
    guarded.ended.then(() => {
      this.#guarded.delete(guarded);
      this.#listen();
      if (this.#guarded.size > 0) return;
      this.#stopExit?.();
      this.#stopExit = null;
    });
  }

  #listen(): void {
    const wanted = [...this.#guarded.values()].some((options) => options.handleSignals);
    if (wanted && this.#stopSignals === null) {
      this.#heard = null;
      this.#stopSignals = this.#runtime.onHostSignal((signal) => this.#hear(signal));
    } else if (!wanted && this.#stopSignals !== null) {
      this.#stopSignals();
      this.#stopSignals = null;
    }
  }

  #hear(signal: Signal): void {
    // A program that handles the signal decides itself what becomes of its turns.
    if (this.#runtime.hostSignalIsHandled(signal) === true) return;
    if (this.#heard !== null) {
      // Told a second time: no more patience.
      for (const each of this.#ours()) each.endNow("SIGKILL");
      return;
    }
    this.#heard = signal;
    for (const each of this.#ours()) each.endForHost(signal);
    this.#raiseWhenEnded(signal);
  }

  async #raiseWhenEnded(signal: Signal): Promise<void> {
    // More than once: what ends may be followed by what starts.
    for (let ours = this.#ours(); ours.length > 0; ours = this.#ours()) {
      await Promise.all(ours.map((each) => each.ended));
    }
    // Unheard by us now, the signal does what it would have done.
    this.#stopSignals?.();
    this.#stopSignals = null;
    this.#heard = null;
    this.#runtime.raiseHostSignal(signal);
  }

  #ours(): Guarded[] {
    return [...this.#guarded]
      .filter(([, { handleSignals }]) => handleSignals)
      .map(([each]) => each);
  }
}

const guards = new WeakMap<Runtime, HostGuard>();

/** The guard of a runtime; there is one for all turns. */
export function hostGuard(runtime: Runtime): HostGuard {
  let guard = guards.get(runtime);
  if (guard === undefined) guards.set(runtime, guard = new HostGuard(runtime));
  return guard;
}
