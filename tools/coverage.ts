/** How often each line of each file was run, by path below the project's folder. */
export type LineCounts = Map<string, Map<number, number>>;

/** Reads the line counts of an LCOV report. */
export function readLcov(text: string): LineCounts {
  const counts: LineCounts = new Map();
  let lines = new Map<number, number>();
  for (const row of text.split("\n")) {
    const [, field, value = ""] = /^(\w+):(.*)$/.exec(row) ?? [];
    if (field === "SF") {
      const path = value.replace(`${Deno.cwd()}/`, "");
      lines = counts.get(path) ?? new Map();
      counts.set(path, lines);
    } else if (field === "DA") {
      const [line, count] = value.split(",").map(Number) as [number, number];
      lines.set(line, (lines.get(line) ?? 0) + count);
    }
  }
  return counts;
}

/**
 * Merges reports: a line is covered when any runtime ran it. The runtimes differ in which lines
 * they count, so the first of `reports` that knows a file says which lines count in it; hence put
 * those first that leave out comments and types. A file with code that none of them knows was
 * never loaded and counts with each of its lines.
 */
export function coverageTable(
  sources: Map<string, string>,
  reports: LineCounts[],
): { text: string; percent: number } {
  const rows: [file: string, covered: number, lines: number, missing: string][] = [];
  for (const [file, source] of sources) {
    const known = reports.flatMap((report) => report.get(file) ?? []);
    if (known.length === 0 && !hasCode(source)) continue;
    const code = codeLines(source);
    const counting = known.length === 0
      ? code
      : [...known[0]!.keys()].filter((n) => code.includes(n));
    const missing = counting.filter((line) => !known.some((lines) => lines.get(line)! > 0));
    rows.push([file, counting.length - missing.length, counting.length, ranges(missing)]);
  }
  const covered = rows.reduce((sum, row) => sum + row[1], 0);
  const lines = rows.reduce((sum, row) => sum + row[2], 0);
  const percent = 100 * covered / lines;
  const width = Math.max(...rows.map(([file]) => file.length));
  const text = [...rows, ["total", covered, lines, ""] as const]
    .map(([file, covered, lines, missing]) => {
      const share = (100 * covered / lines).toFixed(1).padStart(5);
      return `${file.padEnd(width)} ${share} % of ${String(lines).padStart(5)}  ${missing}`
        .trimEnd();
    });
  return { text: text.join("\n"), percent };
}

/** Whether anything of a module is left once its types are stripped. */
function hasCode(source: string): boolean {
  return /^(export )?(default|const|let|(async )?function|(abstract )?class)\b/m.test(source);
}

/** The numbers of the lines that are neither empty nor a comment nor closing brackets only. */
function codeLines(source: string): number[] {
  return source.split("\n").flatMap((line, i) =>
    /^\s*($|\/\/|\/\*|\*|[)\]}]+[;,]?$)/.test(line) ? [] : [i + 1]
  );
}

/** Line numbers as `3-5, 8`. */
function ranges(numbers: number[]): string {
  const found: [number, number][] = [];
  for (const n of [...numbers].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === n - 1) last[1] = n;
    else found.push([n, n]);
  }
  return found.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(", ");
}
