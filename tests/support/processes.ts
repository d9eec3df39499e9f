import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { setImmediate } from "node:timers";

/** What /proc says of a process (Linux only). */
export type ProcessState = {
  pid: number;
  /** The parent's process id. */
  parent: number;
  /** The process group. */
  group: number;
  /** One letter as in `ps`: `R` running, `S` sleeping, `Z` zombie, … */
  state: string;
};

/** The state of a process; `undefined` when there is none. */
export function processState(pid: number): ProcessState | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may hold spaces and parentheses.
  const [state = "", parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid, parent: Number(parent), group: Number(group), state };
}

/** Whether a process runs. A zombie does not: it is dead, only not yet collected. */
export function isAlive(pid: number): boolean {
  const found = processState(pid);
  return found !== undefined && found.state !== "Z" && found.state !== "X";
}

/**
 * Resolves when a process no longer runs. For one's own child await its exit status instead; this
 * is for the children of others, whose end no runtime can report.
 */
export async function waitUntilGone(pid: number): Promise<void> {
  await until(() => !isAlive(pid));
}

/**
 * Resolves when a condition holds. The only place where tests poll, for facts the system announces
 * to nobody but a parent: it asks again each time the event loop comes round, so no clock decides
 * whether a test passes; the runner's own time limit ends a wait for what never comes.
 */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** The process ids of the children of a process, zombies included: those are leaks as well. */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => processState(child)?.parent === pid);
}

/** How many file descriptors this program has open. */
export function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** A command that lasts, and that nobody else runs; `number` tells those of a program apart. */
export function lastingCommand(number: number): string {
  return `sleep ${process.pid}${number}.${process.pid}`;
}

/** The process ids of those that run a command. */
export function running(command: string): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number)
    .filter((pid) => commandLine(pid).join(" ") === command && isAlive(pid));
}

/** The command line of a process; empty when there is none. */
export function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/**
 * Kills a process, provided that `text` is in its command line: the number of one that has ended may
 * be another's by now.
 */
export async function killIfRunning(pid: number, text: string): Promise<void> {
  // One that is about to become another program has none for a moment.
  await until(() => commandLine(pid).length > 0 || !isAlive(pid));
  if (!commandLine(pid).join(" ").includes(text)) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}

/** The process ids of those that run with a variable, given as `NAME=value`, in their environment. */
export function processesWith(variable: string): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      return variables.includes(variable) && isAlive(pid);
    } catch {
      return false;
    }
  });
}
