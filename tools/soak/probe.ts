import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { setImmediate } from "node:timers";
import { childrenOf, openDescriptors, processesWith } from "../../tests/support/processes.ts";
import type { Sample } from "./sample.ts";

type Listening = Pick<EventTarget, "addEventListener" | "removeEventListener">;
type SignalListening = {
  addSignalListener(...args: never[]): void;
  removeSignalListener(...args: never[]): void;
};

/** Takes samples of the program it runs in, on any runtime. Linux only: it asks `/proc`. */
export class Probe {
  /** A signal for all turns, never aborted. */
  readonly signal: AbortSignal = new AbortController().signal;
  readonly #mark: string;
  readonly #counters: (() => number)[];
  #start: number | null = null;

  /** `mark` is what the environment of codex holds, as `NAME=value`. To be made before any turn. */
  constructor(mark: string) {
    this.#mark = mark;
    this.#counters = [countEvents(this.signal)];
    // Deno does not tell who listens.
    const { Deno } = globalThis as unknown as { Deno?: SignalListening };
    if (Deno !== undefined) {
      this.#counters.push(
        countEvents(globalThis),
        countListeners(Deno, "addSignalListener", "removeSignalListener"),
      );
    }
  }

  /** Collects garbage and takes a sample. */
  async sample(turns: number): Promise<Sample> {
    await collectGarbage();
    this.#start ??= performance.now();
    const { rss, heapUsed } = process.memoryUsage();
    const processes = new Set([...childrenOf(process.pid), ...processesWith(this.#mark)]);
    return {
      turns,
      ms: Math.round(performance.now() - this.#start),
      rssBytes: rss,
      heapBytes: heapUsed,
      descriptors: openDescriptors(),
      processes: processes.size,
      temporaryFiles: readdirSync(tmpdir()).filter((name) => name.startsWith("codex-")).length,
      listeners: processListeners() +
        this.#counters.reduce((sum, count) => sum + count(), 0),
    };
  }
}

function processListeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}

function countEvents(target: Listening): () => number {
  return countListeners(target, "addEventListener", "removeEventListener");
}

/** Counts those that are added from now on and not removed again. */
function countListeners<Add extends string, Remove extends string>(
  target: { [key in Add | Remove]: (...args: never[]) => void },
  add: Add,
  remove: Remove,
): () => number {
  const listeners = new Map<unknown, Set<unknown>>();
  const observe = (name: Add | Remove, note: (type: unknown, listener: unknown) => void) => {
    const original = target[name] as (...args: unknown[]) => void;
    const observed = (...args: unknown[]) => {
      note(args[0], args[1]);
      return original.apply(target, args);
    };
    Object.defineProperty(target, name, { value: observed, configurable: true, writable: true });
  };
  observe(add, (type, listener) => {
    listeners.set(type, (listeners.get(type) ?? new Set()).add(listener));
  });
  // Deno also removes what was never added.
  observe(remove, (type, listener) => listeners.get(type)?.delete(listener));
  return () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0);
}

/** More than once, because what is freed by a finalizer can be collected only after it has run. */
async function collectGarbage(): Promise<void> {
  const { Bun, gc } = globalThis as { Bun?: { gc(full: boolean): void }; gc?: () => void };
  for (let times = 0; times < 3; times++) {
    if (Bun !== undefined) Bun.gc(true);
    else gc?.();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
