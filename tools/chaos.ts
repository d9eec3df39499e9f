/**
 * Plays ten thousand turns in a world where everything that can go wrong does, by a seed.
 *
 *     deno task chaos [--seed N] [--runs N]
 *
 * A failure is named by its seed: `--seed <seed> --runs 1` plays it again.
 */
import { chaosTurn } from "../tests/support/chaos_turn.ts";
import { numberFlags } from "./number_flags.ts";

const maxFailuresShown = 5;

const { seed, runs } = numberFlags(Deno.args, {
  seed: crypto.getRandomValues(new Uint32Array(1))[0]!,
  runs: 10_000,
});
console.log(`seeds ${seed} to ${seed + runs - 1}`);

let current = seed;
let failures = 0;
const outcomes: Map<string, number> = new Map();
const start = performance.now();

addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  fail(`Seed ${current}: nobody handles the rejection ${event.reason?.stack ?? event.reason}`);
});
for (; current < seed + runs; current++) {
  try {
    const { outcome } = await chaosTurn(current);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}
const seconds = (performance.now() - start) / 1000;
const counts = [...outcomes].sort(([, a], [, b]) => b - a).map(([name, n]) => `${n} ${name}`);
console.log(`${runs} turns in ${seconds.toFixed(1)} s: ${counts.join(", ")}`);
console.log(`${failures} failures`);
Deno.exit(failures > 0 ? 1 : 0);

function fail(message: string): void {
  if (++failures > maxFailuresShown) return;
  console.error(`${message.slice(0, 4000)}\n    deno task chaos --seed ${current} --runs 1`);
}
