/** Judges inputs one after the other, and tells how it fares. */
import { ThreadEventDecoder } from "../../src/streams/thread_event_decoder.ts";
import { check, type Seen } from "./check.ts";
import { type FuzzInput, fuzzInput } from "./input.ts";

/** What the worker is to do. */
export type FuzzOrder = {
  seed: number;
  first: number;
  runs: number;
  /** Where it says how far it is, so that a hang is seen from outside. */
  progress: SharedArrayBuffer;
};

/** How the worker fares. */
export type FuzzReport =
  | {
    type: "progress";
    done: number;
    events: number;
    noise: number;
    errors: number;
    kinds: number;
    slowestMs: number;
    heapBytes: number;
    rssBytes: number;
  }
  | { type: "failure"; index: number; message: string; bytes: Uint8Array }
  | { type: "end" };

/** Every so many inputs the streams are asked, too; they take twenty times as long. */
const streamsEvery = 8;

/** A decoder that sees everything there is, to show that it keeps nothing. */
const survivor = new ThreadEventDecoder(Infinity, () => {});
const lineFeed = Uint8Array.of(10);

const scope = globalThis as unknown as {
  onmessage: (message: MessageEvent<FuzzOrder>) => void;
  postMessage(report: FuzzReport): void;
  gc?: () => void;
};

scope.onmessage = async ({ data: { seed, first, runs, progress } }) => {
  const done = new Int32Array(progress);
  const kinds = new Set<string>();
  const sum = { events: 0, noise: 0, errors: 0, slowestMs: 0 };
  for (let run = 0; run < runs; run++) {
    const index = first + run;
    Atomics.store(done, 0, run);
    const input = fuzzInput(seed, index);
    const start = performance.now();
    try {
      const seen = await check(input, index % streamsEvery === 0);
      surviveToo(input, seen);
      sum.events += seen.events;
      sum.noise += seen.noise;
      if (seen.error !== null) {
        sum.errors++;
        kinds.add(seen.error.replace(/line \d+|than \d+/g, ""));
      }
    } catch (error) {
      const message = error instanceof Error ? error.stack ?? error.message : String(error);
      scope.postMessage({ type: "failure", index, message, bytes: input.bytes });
    }
    sum.slowestMs = Math.max(sum.slowestMs, performance.now() - start);
    if ((run + 1) % Math.ceil(runs / 20) !== 0 && run + 1 !== runs) continue;
    scope.gc?.();
    const { heapUsed, rss } = Deno.memoryUsage();
    const memory = { heapBytes: heapUsed, rssBytes: rss };
    scope.postMessage({ type: "progress", done: run + 1, ...sum, ...memory, kinds: kinds.size });
  }
  scope.postMessage({ type: "end" });
};

function surviveToo({ bytes, maxLineBytes }: FuzzInput, { events, error }: Seen): void {
  if (error !== null || maxLineBytes !== Infinity) return;
  const count = survivor.decode(bytes).events.length + survivor.decode(lineFeed).events.length;
  if (count !== events) throw new Error(`A used decoder gives ${count} events, not ${events}`);
}
