/**
 * Feeds the decoder of codex's output with a million inputs: events by a grammar, damaged and cut.
 *
 *     deno task fuzz [--seed N] [--runs N] [--first N]
 *
 * A failure is named by its number: `--seed N --first <number> --runs 1` plays it again.
 */
import type { FuzzOrder, FuzzReport } from "./fuzz/worker.ts";
import { numberFlags } from "./number_flags.ts";

/** What the heap may grow by after the first inputs. */
const maxGrowthBytes = 32 * 1024 * 1024;
const maxSecondsPerInput = 30;
const maxFailuresShown = 5;

const { seed, runs, first } = numberFlags(Deno.args, {
  seed: crypto.getRandomValues(new Uint32Array(1))[0]!,
  runs: 1_000_000,
  first: 0,
});
console.log(`seed ${seed}, ${runs} inputs from number ${first}`);

const start = performance.now();
const progress = new SharedArrayBuffer(4);
const worker = new Worker(new URL("./fuzz/worker.ts", import.meta.url), { type: "module" });
let failures = 0;
let firstHeap: number | null = null;

worker.onerror = (event) => end(`The worker failed: ${event.message}`);
worker.onmessage = ({ data }: MessageEvent<FuzzReport>) => {
  if (data.type === "end") end(null);
  else if (data.type === "failure") showFailure(data);
  else showProgress(data);
};
worker.postMessage({ seed, first, runs, progress } satisfies FuzzOrder);

let lastDone = -1;
let stillFor = 0;
setInterval(() => {
  const done = Atomics.load(new Int32Array(progress), 0);
  stillFor = done === lastDone ? stillFor + 1 : 0;
  lastDone = done;
  if (stillFor >= maxSecondsPerInput) end(`Input ${first + done} hangs`);
}, 1000);

function showProgress(report: Extract<FuzzReport, { type: "progress" }>): void {
  const { done, events, noise, errors, kinds, slowestMs, heapBytes, rssBytes } = report;
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${done} inputs in ${seconds.toFixed(0)} s: ${events} events, ${noise} lines of noise, ` +
      `${errors} errors in ${kinds} wordings, slowest ${slowestMs.toFixed(0)} ms, ` +
      `heap ${mebibytes(heapBytes)}, RSS ${mebibytes(rssBytes)}`,
  );
  firstHeap ??= heapBytes;
  if (heapBytes - firstHeap > maxGrowthBytes) end("The heap grows");
}

function showFailure({ index, message, bytes }: Extract<FuzzReport, { type: "failure" }>): void {
  failures++;
  if (failures > maxFailuresShown) return;
  console.error(`Input ${index} fails: ${message.slice(0, 4000)}`);
  console.error(`    deno task fuzz --seed ${seed} --first ${index} --runs 1`);
  console.error(`    ${JSON.stringify(new TextDecoder().decode(bytes)).slice(0, 2000)}`);
}

function end(problem: string | null): never {
  if (problem !== null) console.error(problem);
  console.log(`${failures} failures`);
  Deno.exit(problem !== null || failures > 0 ? 1 : 0);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
