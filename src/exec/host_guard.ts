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
  #raised = false;

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
      this.#raised = false;
      this.#stopSignals = this.#runtime.onHostSignal((signal) => this.#hear(signal));
    } else if (!wanted && this.#stopSignals !== null) {
      this.#stopSignals();
      this.#stopSignals = null;
    }
  }

  #hear(signal: Signal): void {
    // A program that handles the signal decides itself what becomes of its turns.
    if (this.#runtime.hostSignalIsHandled(signal) === true) return;
    const ours = [...this.#guarded].filter(([, { handleSignals }]) => handleSignals);
    if (this.#raised) {
      // Told a second time: no more patience.
      for (const [each] of ours) each.endNow("SIGKILL");
      return;
    }
    this.#raised = true;
    for (const [each] of ours) each.endForHost(signal);
    Promise.all(ours.map(([each]) => each.ended)).then(() => {
      // Unheard by us now, the signal does what it would have done.
      this.#stopSignals?.();
      this.#stopSignals = null;
      this.#runtime.raiseHostSignal(signal);
    });
  }
}

const guards = new WeakMap<Runtime, HostGuard>();

/** The guard of a runtime; there is one for all turns. */
export function hostGuard(runtime: Runtime): HostGuard {
  let guard = guards.get(runtime);
  if (guard === undefined) guards.set(runtime, guard = new HostGuard(runtime));
  return guard;
}
