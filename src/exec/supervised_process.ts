import type { CancelTimer, Clock } from "../clock.ts";
import type {
  ProcessIdentity,
  ProcessStatus,
  Runtime,
  RuntimeProcess,
  Signal,
} from "../runtime/types.ts";
import type { ExecTiming } from "./timing.ts";

/** What of a runtime it takes to end processes. */
type Supervisor = Pick<Runtime, "platform" | "identify" | "relatives" | "signalRelative">;

/** What is said of a process that not even SIGKILL ended in time. */
const gaveUp: ProcessStatus = { code: null, signal: "SIGKILL" };

/**
 * A process that can be ended for certain: SIGINT, which lets codex end the commands it runs
 * (SIGTERM would orphan them), then SIGTERM, then SIGKILL, each after a grace. Whatever it leaves
 * behind is killed once it is gone, in its group or, where that can be known, anywhere else.
 */
export class SupervisedProcess {
  /** Resolves when the process is gone, or was given up; never rejects. */
  readonly ended: Promise<ProcessStatus>;
  /** `NAME=value`, found in the environment of what the process starts; `null` for none. */
  mark: string | null = null;
  readonly #process: RuntimeProcess;
  readonly #identity: ProcessIdentity | null;
  readonly #runtime: Supervisor;
  readonly #clock: Clock;
  readonly #timing: ExecTiming;
  #settle!: (status: ProcessStatus) => void;
  #status: ProcessStatus | null = null;
  #cancelTimer: CancelTimer | null = null;
  #terminating = false;
  #relatives: ProcessIdentity[] = [];
  #hasSearched = false;

  /** Takes charge of `process`, which `runtime` has started. */
  constructor(
    process: RuntimeProcess,
    runtime: Supervisor,
    clock: Clock,
    timing: ExecTiming,
  ) {
    this.#process = process;
    this.#identity = runtime.identify(process.pid);
    this.#runtime = runtime;
    this.#clock = clock;
    this.#timing = timing;
    this.ended = new Promise((resolve) => this.#settle = resolve);
    process.status.then((status) => this.#end(status));
  }

  /** How the process ended; `null` while it runs. */
  get status(): ProcessStatus | null {
    return this.#status;
  }

  /**
   * Begins to end the process: `interruptGraceMs` after SIGINT comes SIGTERM. With 0 there is no
   * SIGINT. Harmless when called again or too late.
   */
  terminate(interruptGraceMs: number = this.#timing.interruptGraceMs): void {
    if (this.#terminating || this.#status !== null) return;
    this.#terminating = true;
    this.noteRelatives();
    // Only codex itself: it sees to its commands, and its servers end when their pipes close.
    const interrupt = { send: () => this.#process.signal("SIGINT"), graceMs: interruptGraceMs };
    this.#escalate([
      ...(interruptGraceMs > 0 && !this.#isWindows ? [interrupt] : []),
      { send: () => this.#signalAll("SIGTERM"), graceMs: this.#timing.terminateGraceMs },
      { send: () => this.#signalAll("SIGKILL"), graceMs: this.#timing.killGraceMs },
    ]);
  }

  /**
   * Remembers who descends from the process. To be called while it lives: once a parent has ended,
   * nothing tells whose its children were.
   */
  noteRelatives(): void {
    if (!this.#process.leadsGroup || this.#status !== null) return;
    this.#lookForRelatives();
  }

  /**
   * Searches for what carries the mark, if that became known only after the process had ended.
   * Resolves when it is gone. Never rejects.
   */
  async sweep(): Promise<void> {
    if (!this.#process.leadsGroup || this.mark === null || this.#hasSearched) return;
    this.#lookForRelatives();
    await new Promise<void>((resolve) => this.#buryRelatives(resolve));
  }

  /** Signals the process at once and kills the rest; for a host that is about to exit. */
  signalNow(signal: Signal): void {
    if (this.#status !== null) return;
    this.noteRelatives();
    if (signal === "SIGKILL" || this.#isWindows) this.#signalAll(signal);
    else this.#process.signal(signal);
    this.#killRelatives();
  }

  #escalate([step, ...rest]: { send: () => void; graceMs: number }[]): void {
    if (step === undefined) return this.#end(gaveUp);
    step.send();
    this.#cancelTimer = this.#clock.after(step.graceMs, () => this.#escalate(rest));
  }

  /** Windows has no signals: a process ends at once, with its tree or without. */
  get #isWindows(): boolean {
    return this.#runtime.platform.os === "win32";
  }

  #signalAll(signal: Signal): void {
    if (this.#process.leadsGroup || this.#isWindows) this.#process.signalGroup(signal);
    else this.#process.signal(signal);
  }

  #end(status: ProcessStatus): void {
    if (this.#status !== null) return;
    this.#status = status;
    this.#cancelTimer?.();
    // What outlived its leader, such as a server that ignores a closed pipe, would outlive the turn.
    if (this.#process.leadsGroup) {
      this.#process.signalGroup("SIGKILL");
      if (this.mark !== null) {
        this.#hasSearched = true;
        this.#lookForRelatives();
      }
    }
    this.#buryRelatives(() => this.#settle(status));
  }

  /** Adds those that are found to those that were: a parent may have ended meanwhile. */
  #lookForRelatives(): void {
    const isKnown = (one: ProcessIdentity) =>
      this.#relatives.some(({ pid, started }) => pid === one.pid && started === one.started);
    if (this.#identity === null) return;
    const found = this.#runtime.relatives(this.#identity, this.mark);
    this.#relatives.push(...found.filter((each) => !isKnown(each)));
  }

  #killRelatives(): ProcessIdentity[] {
    return this.#relatives.filter((each) => this.#runtime.signalRelative(each, "SIGKILL"));
  }

  /** Goes on when they are gone, which nobody but their parent is told; gives up after a while. */
  #buryRelatives(settle: () => void, tries = 100): void {
    this.#relatives = this.#killRelatives();
    if (this.#relatives.length === 0 || tries === 0) return settle();
    this.#clock.after(10, () => this.#buryRelatives(settle, tries - 1));
  }
}
