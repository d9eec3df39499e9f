import type { ThreadEvent } from "../../src/events.ts";
import { ExecTurn } from "../../src/exec/exec_turn.ts";
import type { ExecTiming } from "../../src/exec/timing.ts";
import type { CodexOptions } from "../../src/options.ts";
import type { TurnRequest } from "../../src/transport.ts";
import { codexPath, type FakeProcess, FakeRuntime } from "./fake_runtime.ts";
import { settled, VirtualClock } from "./virtual_clock.ts";
import { WatchedAbort } from "./watched_signal.ts";

/** Patience of round figures. */
export const timing: ExecTiming = {
  interruptGraceMs: 100,
  terminateGraceMs: 200,
  killGraceMs: 400,
  lingerMs: 1000,
  drainMs: 50,
};

/** What is special about a turn. */
export type ExecStageOptions = {
  codexOptions?: CodexOptions;
  request?: Partial<TurnRequest>;
};

/** An exec turn on a fake runtime and a virtual clock, and someone who reads it. */
export class ExecStage {
  readonly clock: VirtualClock = new VirtualClock();
  readonly runtime: FakeRuntime = new FakeRuntime();
  readonly abort: WatchedAbort = new WatchedAbort();
  readonly turn: ExecTurn;
  /** What was read. */
  readonly events: ThreadEvent[] = [];
  /** How often reading ended, and how. */
  readonly outcomes: { error?: unknown }[] = [];
  isEnded = false;
  isReading = false;
  readonly #reader: ReadableStreamDefaultReader<readonly ThreadEvent[]>;

  constructor({ codexOptions = {}, request = {} }: ExecStageOptions = {}) {
    this.turn = new ExecTurn({
      thread: { type: "new" },
      isFirst: true,
      input: "Say hello",
      threadOptions: {},
      turnOptions: {},
      signal: this.abort.signal,
      ...request,
    }, {
      codexOptions,
      runtime: () => Promise.resolve(this.runtime),
      locate: () => Promise.resolve({ path: codexPath, pathDirs: [], source: "option" }),
      clock: this.clock,
      timing,
    });
    this.turn.ended.then(() => this.isEnded = true);
    this.#reader = this.turn.events.getReader();
  }

  get process(): FakeProcess {
    return this.runtime.process;
  }

  /** Begins to read the next events, unless someone waits for them already. */
  read(): void {
    if (this.isReading || this.outcomes.length > 0) return;
    this.isReading = true;
    this.#reader.read().then(({ done, value }) => {
      this.isReading = false;
      if (done) this.outcomes.push({});
      else this.events.push(...value);
    }, (error) => {
      this.isReading = false;
      this.outcomes.push({ error });
    });
  }

  /** Reads until nothing more comes, or all is said. */
  async readOn(): Promise<void> {
    for (;;) {
      const before = this.events.length;
      this.read();
      await settled();
      if (this.isReading || this.outcomes.length > 0) return;
      if (this.events.length === before) return;
    }
  }

  /** Starts codex. */
  async start(): Promise<FakeProcess> {
    this.read();
    await settled();
    return this.process;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }

  get outcome(): { error?: unknown } | undefined {
    return this.outcomes[0];
  }

  /** What should be gone and is not. */
  leftovers(): string[] {
    const { runtime, clock, abort } = this;
    const counts: Record<string, number> = {
      "timers": clock.pending,
      "listeners of the host": runtime.hostListeners,
      "listeners of the signal": abort.listeners,
      "files": runtime.privateFiles.size,
      "open stdouts": runtime.processes.filter((each) => !each.out.isClosed).length,
      "open stderrs": runtime.processes.filter((each) => !each.err.isClosed).length,
      "open stdins": runtime.processes.filter((each) => !each.stdinIsClosed).length,
    };
    return Object.entries(counts).filter(([, count]) => count > 0).map(([what, count]) =>
      `${count} ${what}`
    );
  }
}
