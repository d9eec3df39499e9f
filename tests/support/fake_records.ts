import { Buffer } from "node:buffer";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What one start of the fake was given and what it met. */
export type Invocation = {
  /** The arguments, without the executable. */
  argv: string[];
  /** All of its environment. */
  env: Record<string, string>;
  cwd: string;
  pid: number;
  /** What was read from stdin so far. */
  stdin: string;
  /** Whether the end of stdin was seen. */
  stdinEnded: boolean;
  /** The signals that were heard, in order; only those the plan ignores or handles. */
  signals: string[];
  /** The process ids of its grandchildren. */
  grandchildren: number[];
};

/** Stands after the arguments, after the environment and, once it has ended, after stdin. */
export const recordMark = "\0-- next part of the record --\0";

/**
 * Reads the records of all starts, oldest first; not yet those of which the arguments or the
 * environment are still being written.
 *
 * A start takes the next free number by making the file `<number>`, with its process id and working
 * directory. `<number>.record` holds its command line, environment and stdin, each followed by
 * {@linkcode recordMark}; `.signals` and `.grandchildren` have a line for each.
 */
export function readInvocations(folder: string): Invocation[] {
  return startsIn(folder).flatMap((start) => {
    const path = join(folder, String(start));
    const [cmdline, environ, stdin, rest] = partsOf(`${path}.record`);
    if (stdin === undefined) return [];
    const [pid, cwd] = /^(\d+)\n(.*)\n$/s.exec(textOf(path))!.slice(1) as [string, string];
    const variables = environ!.split("\0").slice(0, -1);
    return [{
      // The program that plays and the script that it plays come first.
      argv: cmdline!.split("\0").slice(2, -1),
      env: Object.fromEntries(variables.map((variable) => {
        const end = variable.indexOf("=");
        return [variable.slice(0, end), variable.slice(end + 1)];
      })),
      cwd,
      pid: Number(pid),
      stdin,
      stdinEnded: rest !== undefined,
      signals: linesOf(`${path}.signals`),
      grandchildren: linesOf(`${path}.grandchildren`).map(Number),
    }];
  });
}

/** The processes that were started, however far they came. */
export function readProcesses(folder: string): { pid: number; grandchildren: number[] }[] {
  return startsIn(folder).map((start) => ({
    pid: Number.parseInt(textOf(join(folder, String(start)))),
    grandchildren: linesOf(join(folder, `${start}.grandchildren`)).map(Number),
  }));
}

function startsIn(folder: string): number[] {
  return readdirSync(folder).filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b);
}

function partsOf(path: string): string[] {
  let left = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const parts: string[] = [];
  for (let end = 0; end >= 0;) {
    end = left.indexOf(recordMark);
    parts.push(left.toString("utf8", 0, end < 0 ? left.length : end));
    left = left.subarray(end + recordMark.length);
  }
  return parts;
}

function linesOf(path: string): string[] {
  return textOf(path).split("\n").slice(0, -1);
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
