/**
 * Looks for leaks: runs thousands of turns on each runtime, and judges what the program holds on
 * to. Linux only.
 *
 *     deno task soak [--turns=5000] [--real-turns=200] [--runtime=deno|bun|node …]
 *
 * Writes `docs/soak.md` and `docs/soak.svg` when all runtimes were run. The last line reads
 * `N passed, N failed`; a planted leak passes when it is caught.
 */
import { cpus, release, totalmem } from "node:os";
import { nameOf, passes, reportMarkdown, reportSvg, type Setting } from "./report.ts";
import { type SoakRuntime, soakRuntimes } from "./runtimes.ts";
import type { SoakRun } from "./sample.ts";
import { soak, type SoakPlan } from "./soak.ts";
import { judge } from "./verdict.ts";

/** How many cheap turns go before the real codex's, which are too few for the engines to settle. */
const settlingTurns = 2000;

const flags = readFlags(Deno.args);
const all = await soakRuntimes();
const chosen = all.filter(({ name }) =>
  flags.runtimes.length === 0 || flags.runtimes.includes(name.toLowerCase())
);
if (chosen.length < flags.runtimes.length) {
  fail(`Cannot soak on ${flags.runtimes.join(", ")}: choose from deno, bun, node`);
}

const runs: SoakRun[] = [];
for (const plan of plans(chosen)) runs.push(await runPlan(plan));
if (chosen.length === all.length) await writeReport();
const failed = runs.filter((run) => !passes(run)).length;
console.log(`${runs.length - failed} passed, ${failed} failed`);
Deno.exit(failed > 0 ? 1 : 0);

function* plans(runtimes: SoakRuntime[]): Generator<SoakPlan> {
  const { turns, realTurns } = flags;
  for (const runtime of runtimes) {
    if (turns > 0) {
      yield { runtime, codex: "fake", turns, leak: null };
      yield { runtime, codex: "fake", turns, leak: "memory" };
      yield { runtime, codex: "fake", turns: Math.min(turns, 200), leak: "handles" };
    }
    if (realTurns > 0) {
      const warmUp = Math.min(turns, settlingTurns);
      yield { runtime, codex: "real", turns: realTurns, leak: null, warmUp };
    }
  }
}

async function runPlan(plan: SoakPlan): Promise<SoakRun> {
  const start = performance.now();
  const run = await soak(plan, ({ turns, rssBytes }) => {
    if (Deno.stderr.isTerminal()) {
      const line = `\r${plan.runtime.name} ${turns}/${plan.turns} turns, ${rssBytes >> 20} MiB `;
      Deno.stderr.writeSync(new TextEncoder().encode(line));
    }
  });
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode("\r\x1b[K"));
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const { growth, problems } = judge(run);
  console.log(
    `${passes(run) ? "ok    " : "FAILED"}  ${nameOf(run)}: ${plan.turns} turns in ${seconds} s, ` +
      `memory ${growth < 0 ? "" : "+"}${(growth * 100).toFixed(1)} %`,
  );
  for (const { message } of problems) console.log(`        ${message}`);
  return run;
}

async function writeReport(): Promise<void> {
  const versions = [
    ...all.map(({ name, version }) => [name, version] as const),
    ["codex", await codexVersion()] as const,
  ];
  const setting: Setting = {
    date: new Date().toISOString().slice(0, 10),
    command: ["deno task soak", ...Deno.args].join(" "),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? Deno.build.arch}, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release().split("-")[0]}`,
    versions,
    colours: Object.fromEntries(all.map(({ name, colour }) => [name, colour])),
  };
  await Deno.mkdir("docs", { recursive: true });
  await Deno.writeTextFile("docs/soak.md", reportMarkdown(runs, setting));
  const svg = reportSvg(runs, setting);
  if (svg !== null) await Deno.writeTextFile("docs/soak.svg", svg);
  await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "docs/soak.md", "docs/soak.svg"],
  }).output();
}

/** The version that is pinned. */
async function codexVersion(): Promise<string> {
  const manifest = "node_modules/@openai/codex/package.json";
  return JSON.parse(await Deno.readTextFile(manifest)).version;
}

function readFlags(args: string[]): { turns: number; realTurns: number; runtimes: string[] } {
  const found = { turns: 5000, realTurns: 200, runtimes: [] as string[] };
  for (const arg of args) {
    const [, name, value = ""] = /^--([a-z-]+)=(.+)$/.exec(arg) ?? [];
    if (name === "runtime") found.runtimes.push(...value.split(","));
    else if (name === "turns" && /^\d+$/.test(value)) found.turns = Number(value);
    else if (name === "real-turns" && /^\d+$/.test(value)) found.realTurns = Number(value);
    else fail(`Cannot use "${arg}": known are --turns=N, --real-turns=N and --runtime=NAME`);
  }
  return found;
}

function fail(message: string): never {
  console.error(message);
  Deno.exit(2);
}
