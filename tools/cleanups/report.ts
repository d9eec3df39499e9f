import type { CleanUp } from "./find.ts";
import { reasonFor } from "./reasons.ts";
import type { Verdict } from "./suite.ts";

/** What became of the tests without a clean-up call. */
export type Trial = { file: string; cleanUp: CleanUp; verdict: Verdict };

/** Whether a test fails without a call, or it is known why none does. */
export function isAccountedFor(trial: Trial): boolean {
  return trial.verdict.type !== "passed" || reasonFor(trial) !== undefined;
}

/** The trials as a document. */
export function report(trials: readonly Trial[]): string {
  const missed = trials.filter(({ verdict }) => verdict.type !== "passed").length;
  const files = [...new Set(trials.map(({ file }) => file))];
  return `# Clean-up calls

Written by \`deno task cleanups\`, which leaves out each call of \`src\` that gives something back (a
timer, a listener, a process, a file, an entry in a list) and runs the tests, the nearest ones first,
until one fails. Here is the first that did; others may have followed.

Without ${missed} of ${trials.length} calls a test fails. For the others there is a reason instead.
${files.map((file) => section(file, trials.filter((trial) => trial.file === file))).join("")}`;
}

function section(file: string, trials: readonly Trial[]): string {
  const cells = [["call", "test that fails without it"], ...trials.map(row)]
    .map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  const [head, ...rows] = cells.map((row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return `\n## \`${file}\`\n\n${[head, rule, ...rows].join("\n")}\n`;
}

function row(trial: Trial): string[] {
  const { cleanUp, verdict } = trial;
  const text = cleanUp.text.length > 60 ? `${cleanUp.text.slice(0, 59)}…` : cleanUp.text;
  // Backticks in a call need two around it.
  const call = text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
  if (verdict.type === "passed") return [call, `none: ${reasonFor(trial) ?? "a test is missing"}`];
  if (verdict.type === "broken") return [call, `the run on ${verdict.runtime} does not end`];
  return [call, verdict.runtime === "bun" ? verdict.test : `${verdict.test} (${verdict.runtime})`];
}
