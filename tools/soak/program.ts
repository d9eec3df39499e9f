/**
 * Plays turns, many at once, and prints JSON lines: samples of itself between rounds of turns, at
 * last how the turns ended. Runs on any runtime; its argument is a {@linkcode SoakTask} in JSON.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Codex, type CodexOptions, type ThreadOptions } from "../../mod.ts";
import { endings } from "./endings.ts";
import { Probe } from "./probe.ts";
import type { Leak, Sample, SoakRun } from "./sample.ts";

/** Where turns are played. */
export type SoakPlace = {
  codex: CodexOptions;
  thread: ThreadOptions;
  /** For the turns that run into it. */
  timeoutMs: number;
};

/** What the program is told to do. */
export type SoakTask = SoakPlace & {
  /** What goes first and does not count; one round of the turns themselves follows, and neither. */
  warmUp: SoakPlace & { turns: number };
  turns: number;
  /** How many turns a round has, between two samples. */
  every: number;
  /** How many turns run at once. */
  concurrency: number;
  /** `NAME=value` in the environment of codex. */
  mark: string;
  leak: Leak | null;
};

/** A line the program prints. */
export type SoakLine =
  | { sample: Sample }
  | { ended: Pick<SoakRun, "endings" | "surprises"> };

const task: SoakTask = JSON.parse(process.argv[2]!);
const probe = new Probe(task.mark);
const ways = Object.entries(endings);
const counts: Record<string, number> = Object.fromEntries(ways.map(([name]) => [name, 0]));
const surprises: string[] = [];
const kept: Uint8Array[] = [];

// What is loaded and opened with the first turns is no leak.
await playRound(task.warmUp, 0, task.warmUp.turns);
await playRound(task, 0, task.every);
for (const name of Object.keys(counts)) counts[name] = 0;
print({ sample: await probe.sample(0) });
for (let turn = 0; turn < task.turns; turn += task.every) {
  const end = Math.min(turn + task.every, task.turns);
  await playRound(task, turn, end);
  if (task.leak === "handles") leakHandles();
  print({ sample: await probe.sample(end) });
}
print({ ended: { endings: counts, surprises: surprises.slice(0, 20) } });

async function playRound(place: SoakPlace, begin: number, end: number): Promise<void> {
  const { thread: threadOptions, timeoutMs } = place;
  const codex = new Codex(place.codex);
  let next = begin;
  await Promise.all(Array.from({ length: task.concurrency }, async () => {
    const thread = codex.startThread(threadOptions);
    const stage = { codex, thread, threadOptions, timeoutMs, signal: probe.signal };
    while (next < end) {
      const [name, play] = ways[next++ % ways.length]!;
      await play(stage).then(() => counts[name]!++, (error) => {
        surprises.push(`A turn that should end "${name}" did not: ${error}`);
      });
      if (task.leak === "memory") kept.push(new Uint8Array(64 * 1024).fill(1));
    }
  }));
  await codex.close();
}

function leakHandles(): void {
  process.setMaxListeners(0);
  process.on("exit", () => {});
  openSync("/dev/null", "r");
  mkdtempSync(join(tmpdir(), "codex-leak-"));
  const [name, value] = task.mark.split("=") as [string, string];
  const env = { PATH: process.env.PATH, [name]: value };
  // Not waited for, and killed by whoever runs this program.
  spawn("sleep", ["1000"], { env, stdio: "ignore", detached: true }).unref();
}

function print(line: SoakLine): void {
  console.log(JSON.stringify(line));
}
