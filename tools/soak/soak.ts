import { JsonLinesStream } from "../../src/streams/mod.ts";
import { processesWith } from "../../tests/support/processes.ts";
import type { SoakLine, SoakTask } from "./program.ts";
import type { SoakRuntime } from "./runtimes.ts";
import type { Leak, Sample, SoakRun } from "./sample.ts";
import { fakeStage, realStage } from "./stages.ts";

const program = new URL("program.ts", import.meta.url).pathname;
/** A round takes seconds. */
const longestSilenceMs = 300_000;
/** After its last line nothing is left for the program to do. */
const longestExitMs = 10_000;

/** What to soak. */
export type SoakPlan = {
  runtime: SoakRuntime;
  codex: "fake" | "real";
  turns: number;
  leak: Leak | null;
  /** How many turns of the fake codex go first. Default: 0. */
  warmUp?: number;
};

/** Runs the program on a runtime, hands on each sample, and leaves nothing behind. */
export async function soak(
  { runtime, codex, turns, leak, warmUp = 0 }: SoakPlan,
  onSample: (sample: Sample) => void,
): Promise<SoakRun> {
  const temp = await Deno.makeTempDir({ prefix: "soak-temp-" });
  const mark = { SOAK_RUN: crypto.randomUUID() };
  const markText = `SOAK_RUN=${mark.SOAK_RUN}`;
  const fake = await fakeStage(mark);
  const stage = codex === "fake" ? fake : await realStage(mark);
  const task: SoakTask = {
    warmUp: { ...fake.place, turns: warmUp },
    ...stage.place,
    ...{ turns, ...pace(turns), mark: markText, leak },
  };
  const run: SoakRun = {
    runtime: runtime.name,
    codex,
    leak,
    samples: [],
    endings: {},
    surprises: [],
  };
  try {
    await play(run, [...runtime.command, program, JSON.stringify(task)], temp, onSample);
  } finally {
    for (const pid of processesWith(markText)) Deno.kill(pid, "SIGKILL");
    for (const each of new Set([fake, stage])) await each.remove();
    await Deno.remove(temp, { recursive: true });
  }
  return run;
}

/** Some 50 samples, but whole rounds. */
function pace(turns: number): Pick<SoakTask, "every" | "concurrency"> {
  const concurrency = 16;
  return { concurrency, every: Math.max(concurrency, Math.round(turns / 50)) };
}

async function play(
  run: SoakRun,
  [executable, ...args]: string[],
  temp: string,
  onSample: (sample: Sample) => void,
): Promise<void> {
  const child = new Deno.Command(executable!, {
    args,
    env: { TMPDIR: temp },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const expect = (what: string, ms: number) => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => {
      run.surprises.push(`The program was killed: ${what} took more than ${ms / 1000} s`);
      child.kill("SIGKILL");
    }, ms);
  };
  let isComplete = false;
  expect("a round", longestSilenceMs);
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(
    new JsonLinesStream(),
  );
  for await (const each of lines) {
    if (!("object" in each)) throw new Error(`The program printed "${each.noise}"`);
    const line = each.object as SoakLine;
    if ("sample" in line) {
      run.samples.push(line.sample);
      onSample(line.sample);
      expect("a round", longestSilenceMs);
    } else {
      Object.assign(run, line.ended);
      isComplete = true;
      expect("its exit", longestExitMs);
    }
  }
  const { success, code } = await child.status;
  clearTimeout(watchdog);
  if (!success || !isComplete) run.surprises.push(`The program exited with code ${code}`);
}
