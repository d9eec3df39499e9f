import type { Leak, Sample, SoakRun } from "./sample.ts";

/** How much resident memory may grow from the second quarter of a run to the last. */
export const toleratedGrowth = 0.05;
/** Fewer samples than this make no quarters. */
const fewestSamples = 8;

/** What {@linkcode judge} can find fault with. */
export type ProblemKind = "turns" | "memory" | Countable;

/** Something that is not as it should be. */
export type Problem = { kind: ProblemKind; message: string };

/** What a run showed. */
export type Verdict = {
  /** Mean resident memory in the second quarter of the run, in bytes. */
  secondQuarter: number;
  /** The same in the last quarter. */
  lastQuarter: number;
  /** From the one to the other: 0.01 is 1 % more. */
  growth: number;
  /** None of them is a pass. */
  problems: Problem[];
};

type Countable = "descriptors" | "processes" | "temporaryFiles" | "listeners";

/** What must be back to the start, and what to call it. */
const countables: Record<Countable, string> = {
  descriptors: "open descriptors",
  processes: "processes",
  temporaryFiles: "temporary files",
  listeners: "listeners",
};

/** Which problems a planted leak must bring to light. */
const symptoms: Record<Leak, readonly ProblemKind[]> = {
  memory: ["memory"],
  handles: ["descriptors", "processes", "temporaryFiles", "listeners"],
};

/**
 * Judges a run: its turns ended as they should, its memory is flat, and everything that can be
 * counted is back to the start. Less of anything is no problem.
 */
export function judge({ samples, surprises }: SoakRun): Verdict {
  const memory = samples.slice(1).map(({ rssBytes }) => rssBytes);
  const secondQuarter = mean(quarter(memory, 2));
  const lastQuarter = mean(quarter(memory, 4));
  const growth = lastQuarter / secondQuarter - 1;
  const problems: Problem[] = surprises.map((message) => ({ kind: "turns", message }));
  if (memory.length < fewestSamples) {
    const message = `${memory.length} samples are too few: take at least ${fewestSamples}`;
    problems.push({ kind: "memory", message });
  } else if (lastQuarter > secondQuarter * (1 + toleratedGrowth)) {
    const message = `resident memory grew by ${(growth * 100).toFixed(1)} %`;
    problems.push({ kind: "memory", message });
  }
  problems.push(...whatIsLeft(samples));
  return { secondQuarter, lastQuarter, growth, problems };
}

/**
 * Whether a verdict shows the leak that was planted, in each of its symptoms. A run whose turns
 * went wrong proves nothing.
 */
export function isCaught(leak: Leak, { problems }: Verdict): boolean {
  const kinds = problems.map(({ kind }) => kind);
  return !kinds.includes("turns") && symptoms[leak].every((symptom) => kinds.includes(symptom));
}

function whatIsLeft(samples: readonly Sample[]): Problem[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return [];
  return Object.entries(countables).flatMap(([key, name]) => {
    const kind = key as Countable;
    if (last[kind] <= first[kind]) return [];
    return { kind, message: `${name} went from ${first[kind]} to ${last[kind]}` };
  });
}

function quarter(values: readonly number[], which: number): readonly number[] {
  const end = (part: number) => Math.round(values.length * part / 4);
  return values.slice(end(which - 1), end(which));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
