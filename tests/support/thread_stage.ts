import type { CodexOptions, ThreadOptions } from "../../src/options.ts";
import { Thread } from "../../src/thread.ts";
import type { ThreadTarget } from "../../src/transport.ts";
import { FakeTransport, type FakeTurn } from "./fake_transport.ts";
import { until } from "./processes.ts";
import { settled, VirtualClock } from "./virtual_clock.ts";

/** A thread on a fake lane and a virtual clock. */
export class ThreadStage {
  readonly clock: VirtualClock = new VirtualClock();
  readonly transport: FakeTransport = new FakeTransport();
  readonly thread: Thread;

  constructor({ target = { type: "new" }, threadOptions = {}, codexOptions = {} }: {
    target?: ThreadTarget;
    threadOptions?: ThreadOptions;
    codexOptions?: CodexOptions;
  } = {}) {
    const context = { codexOptions, transport: () => Promise.resolve(this.transport) };
    this.thread = new Thread(context, target, threadOptions, this.clock);
  }

  /** The turn with that number, counted from 0, once it was started. */
  async started(number = 0): Promise<FakeTurn> {
    await until(() => this.transport.turns[number]?.isStarted === true);
    return this.transport.turns[number]!;
  }
}

/** Resolves when whatever can happen by itself has happened, lazily loaded modules included. */
export async function quiet(): Promise<void> {
  await import("../../src/thread_turns.ts");
  for (let i = 0; i < 5; i++) await settled();
}

/** What became of a promise so far. */
export class Watched<T> {
  value: T | undefined = undefined;
  error: unknown = undefined;
  state: "pending" | "resolved" | "rejected" = "pending";
  /** Resolves when it has settled, however. */
  readonly settled: Promise<void>;

  constructor(promise: Promise<T>) {
    this.settled = promise.then((value) => {
      Object.assign(this, { value, state: "resolved" });
    }, (error) => {
      Object.assign(this, { error, state: "rejected" });
    });
  }
}

/** Begins to watch a promise. */
export function watch<T>(promise: Promise<T>): Watched<T> {
  return new Watched(promise);
}
