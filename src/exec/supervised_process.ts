import type { CancelTimer, Clock } from "../clock.ts";
import type { ProcessStatus, RuntimeProcess, Signal } from "../runtime/types.ts";
import type { ExecTiming } from "./timing.ts";

/** What is said of a process that not even SIGKILL ended in time. */
const gaveUp: ProcessStatus = { code: null, signal: "SIGKILL" };

/**
 * A process that can be ended for certain: SIGINT, which lets codex end the commands it runs
 * (SIGTERM would orphan them), then SIGTERM, then SIGKILL, each after a grace. Whatever the process
 * leaves behind in its group is killed once it is gone.
 */
export class SupervisedProcess {
  /** Resolves when the process is gone, or was given up; never rejects. */
  readonly ended: Promise<ProcessStatus>;
  readonly #process: RuntimeProcess;
  readonly #clock: Clock;
  readonly #timing: ExecTiming;
  #settle!: (status: ProcessStatus) => void;
  #status: ProcessStatus | null = null;
  #cancelTimer: CancelTimer | null = null;
  #terminating = false;

  /** Takes charge of `process`. */
  constructor(process: RuntimeProcess, clock: Clock, timing: ExecTiming) {
    this.#process = process;
    this.#clock = clock;
    this.#timing = timing;
    this.ended = new Promise((resolve) => this.#settle = resolve);
    process.status.then((status) => this.#end(status));
  }

  /** How the process ended; `null` while it runs. */
  get status(): ProcessStatus | null {
    return this.#status;
  }

  /** Begins to end the process; harmless when called again or too late. */
  terminate(): void {
    if (this.#terminating || this.#status !== null) return;
    this.#terminating = true;
    this.#escalate([
      // Only codex itself: it sees to its commands, and its servers end when their pipes close.
      { send: () => this.#process.signal("SIGINT"), graceMs: this.#timing.interruptGraceMs },
      { send: () => this.#signalAll("SIGTERM"), graceMs: this.#timing.terminateGraceMs },
      { send: () => this.#signalAll("SIGKILL"), graceMs: this.#timing.killGraceMs },
    ]);
  }

  /** Sends one signal at once, without waiting; for a host that is about to exit. */
  signalNow(signal: Signal): void {
    if (this.#status !== null) return;
    if (signal === "SIGKILL") this.#signalAll(signal);
    else this.#process.signal(signal);
  }

  #escalate([step, ...rest]: { send: () => void; graceMs: number }[]): void {
    if (step === undefined) return this.#end(gaveUp);
    step.send();
    this.#cancelTimer = this.#clock.after(step.graceMs, () => this.#escalate(rest));
  }

  #signalAll(signal: Signal): void {
    if (this.#process.leadsGroup) this.#process.signalGroup(signal);
    else this.#process.signal(signal);
  }

  #end(status: ProcessStatus): void {
    if (this.#status !== null) return;
    this.#status = status;
    this.#cancelTimer?.();
    // The leader is gone; members that outlived it, such as a server that ignores a closed pipe,
    // would outlive the turn.
    if (this.#process.leadsGroup) this.#process.signalGroup("SIGKILL");
    this.#settle(status);
  }
}
