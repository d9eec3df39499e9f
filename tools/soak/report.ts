import { type Plot, plotSvg } from "./plot.ts";
import type { Leak, Sample, SoakRun } from "./sample.ts";
import { isCaught, judge, toleratedGrowth, type Verdict } from "./verdict.ts";

/** Where and when the runs were made. */
export type Setting = {
  /** `YYYY-MM-DD`. */
  date: string;
  /** The command line. */
  command: string;
  machine: string;
  /** Names and versions of all that took part. */
  versions: readonly (readonly [name: string, version: string])[];
  /** Colours of the runtimes. */
  colours: Readonly<Record<string, string>>;
};

const mebibyte = 1024 * 1024;
/** By then the engines have grown their heaps to what the load needs, as measured. */
const turnsToSettle = 4000;

const leaks: Record<Leak, string> = {
  memory: "64 KiB kept of each turn",
  handles: "a listener, a descriptor, a temporary folder and a process kept at each sample",
};

/** Whether a run shows what it should: nothing wrong, or the leak that was planted. */
export function passes(run: SoakRun): boolean {
  const verdict = judge(run);
  return run.leak === null ? verdict.problems.length === 0 : isCaught(run.leak, verdict);
}

/** A run in a few words. */
export function nameOf({ runtime, codex, leak }: SoakRun): string {
  return `${runtime}, ${codex} codex${leak === null ? "" : `, planted leak of ${leak}`}`;
}

/** What the runs showed, in Markdown. */
export function reportMarkdown(runs: readonly SoakRun[], setting: Setting): string {
  const honest = runs.filter(({ leak }) => leak === null);
  const planted = runs.filter(({ leak }) => leak !== null);
  return [
    "# Soak test",
    "",
    "Thousands of turns in one program, 16 at once, each ending in one of the ways in which turns " +
    "end. Does the program hold more at the end than at the start?",
    "",
    `- Date: ${setting.date}`,
    `- Command: \`${setting.command}\``,
    `- Machine: ${setting.machine}`,
    `- Versions: ${setting.versions.map((each) => each.join(" ")).join(", ")}`,
    "",
    "![Resident memory over turns](soak.svg)",
    "",
    "## What was measured",
    "",
    "The fake codex is a shell script that plays a recording of 40 KB a turn; the real one talks to " +
    "a scripted model in another process. Samples are taken between rounds of turns, while none " +
    "runs, after a garbage collection. A first round, in which everything is loaded, does not " +
    "count; nor do the turns on the fake that go before those on the real codex, which are too " +
    "few for the engine's memory to settle.",
    "",
    "A run passes when all turns ended as they should, the program exited by itself, its mean " +
    `resident memory in the last quarter is at most ${toleratedGrowth * 100} % above that in the ` +
    "second quarter, and descriptors, processes, temporary files and listeners (those on the " +
    "process and on an `AbortSignal` that all turns share) are back to what they were at the start.",
    "",
    "## Results",
    "",
    ...caveat(honest),
    ...table(
      [
        ...[
          "runtime",
          "codex",
          "turns",
          "minutes",
          "RSS, 2nd quarter",
          "RSS, 4th quarter",
          "growth",
        ],
        ...["heap", "descriptors", "processes", "temp. files", "listeners", "verdict"],
      ],
      honest.map(row),
    ),
    "",
    "Memory in MiB; `a → b` is the first and the last sample.",
    "",
    ...honest.flatMap(problemsOf),
    "How the turns ended:",
    "",
    ...table(
      ["ending", ...honest.map(({ runtime, codex }) => `${runtime}, ${codex}`)],
      [...new Set(honest.flatMap(({ endings }) => Object.keys(endings)))].map((ending) => [
        ending,
        ...honest.map(({ endings }) => `${endings[ending] ?? 0}`),
      ]),
    ),
    "",
    "## Planted leaks",
    "",
    "The same program, made to leak, to prove that the verdict would notice.",
    "",
    ...table(
      ["runtime", "leak", "turns", "what the verdict says", "caught"],
      planted.map((run) => [
        run.runtime,
        leaks[run.leak!],
        `${run.samples.at(-1)?.turns ?? 0}`,
        judge(run).problems.map(({ message }) => message).join("; ") || "nothing",
        passes(run) ? "yes" : "**no**",
      ]),
    ),
    "",
  ].join("\n");
}

/** Resident memory over turns, of the runs on the fake codex; `null` when there are none. */
export function reportSvg(runs: readonly SoakRun[], setting: Setting): string | null {
  const shown = runs
    .filter(({ codex, leak, samples }) => codex === "fake" && leak !== "handles" && samples.length)
    .sort((a, b) => Number(a.leak !== null) - Number(b.leak !== null));
  if (shown.length === 0) return null;
  const plot: Plot = {
    title: "Resident memory over turns, 16 at once, fake codex",
    xLabel: "Turns",
    yLabel: "Resident memory (MiB)",
    series: shown.map(({ runtime, leak, samples }) => ({
      label: leak === null ? runtime : `${runtime}, planted leak`,
      colour: setting.colours[runtime] ?? "#57606a",
      dashed: leak !== null,
      points: samples.map(({ turns, rssBytes }) => [turns, rssBytes / mebibyte] as const),
    })),
  };
  return plotSvg(plot);
}

function caveat(runs: readonly SoakRun[]): string[] {
  const turns = Math.max(0, ...runs.map(({ samples }) => samples.at(-1)?.turns ?? 0));
  if (turns >= turnsToSettle) return [];
  return [
    `**A shortened run of ${turns} turns at most.** The engines grow their heaps over the first ` +
    "1,000 to 2,000 turns, so its judgement of resident memory means little; the heap after a " +
    "collection says more.",
    "",
  ];
}

function row(run: SoakRun): string[] {
  const { samples } = run;
  const verdict = judge(run);
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return [run.runtime, run.codex, "0"];
  const change = (value: (sample: Sample) => number | string) => `${value(first)} → ${value(last)}`;
  return [
    run.runtime,
    run.codex,
    `${last.turns}`,
    (last.ms / 60_000).toFixed(1),
    inMebibytes(verdict.secondQuarter),
    inMebibytes(verdict.lastQuarter),
    percent(verdict),
    change(({ heapBytes }) => inMebibytes(heapBytes)),
    change(({ descriptors }) => descriptors),
    change(({ processes }) => processes),
    change(({ temporaryFiles }) => temporaryFiles),
    change(({ listeners }) => listeners),
    passes(run) ? "pass" : "**fail**",
  ];
}

function problemsOf(run: SoakRun): string[] {
  const { problems } = judge(run);
  if (problems.length === 0) return [];
  return [
    `${nameOf(run)}:`,
    "",
    ...problems.map(({ message }) => `- ${message.replaceAll("\n", " ")}`),
    "",
  ];
}

function percent({ growth }: Verdict): string {
  return `${growth < 0 ? "−" : "+"}${Math.abs(growth * 100).toFixed(1)} %`;
}

function inMebibytes(bytes: number): string {
  return (bytes / mebibyte).toFixed(1);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}
