import { attempt } from "./attempt.ts";
import type { ProcessIdentity } from "./types.ts";

/** Reads `/proc`; tests pass another one. */
export interface ProcReader {
  /** The names in `/proc`; throws where there is none. */
  list(): string[];
  /** The text of a file below `/proc`; throws when the process is gone or not ours. */
  read(path: string): string;
}

/** Who has a process id now; `null` where that cannot be known, and for nobody. Never throws. */
export function identify(pid: number, proc: ProcReader): ProcessIdentity | null {
  const started = processOf(pid, proc)?.started;
  return started === undefined ? null : { pid, started };
}

/**
 * The processes that descend from `root`, or carry its mark, `NAME=value`, in their environment: a
 * descendant whose parent has ended belongs to nobody. What was there before `root` is not its own,
 * whatever it carries. Linux only; elsewhere, and where `/proc` may not be read, there are none.
 * Never throws.
 *
 * Synchronous, because `/proc` is memory, and so that it can be asked while the host exits.
 */
export function findRelatives(
  { pid, started }: ProcessIdentity,
  variable: string | null,
  proc: ProcReader,
): ProcessIdentity[] {
  const names = attempt(() => proc.list()) ?? [];
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const all = pids.map((each) => processOf(each, proc)).filter((each) => each !== undefined);
  const relatives = new Map<number, ProcessIdentity>();
  // Children may have lower ids than their parents, once ids have wrapped around.
  let found = descend(all, new Set([pid]));
  while (found.length > 0) {
    for (const each of found) relatives.set(each.pid, { pid: each.pid, started: each.started });
    found = descend(all, new Set([pid, ...relatives.keys()]));
  }
  if (variable !== null) {
    for (const each of all) {
      if (each.pid === pid || relatives.has(each.pid)) continue;
      if (Number(each.started) < Number(started)) continue;
      const environment = attempt(() => proc.read(`/proc/${each.pid}/environ`));
      if (`\0${environment}\0`.includes(`\0${variable}\0`)) {
        relatives.set(each.pid, { pid: each.pid, started: each.started });
      }
    }
  }
  return [...relatives.values()];
}

/** Whether a process still is the one that was found: its id may be somebody else's by now. */
export function isStill(identity: ProcessIdentity, proc: ProcReader): boolean {
  return processOf(identity.pid, proc)?.started === identity.started;
}

type KnownProcess = ProcessIdentity & { parent: number };

function descend(all: KnownProcess[], parents: Set<number>): KnownProcess[] {
  return all.filter((each) => parents.has(each.parent) && !parents.has(each.pid));
}

function processOf(pid: number, proc: ProcReader): KnownProcess | undefined {
  const stat = attempt(() => proc.read(`/proc/${pid}/stat`)) ?? "";
  // The second field is the program's name in parentheses, and may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent] = fields;
  const started = fields[19];
  // A zombie is dead, only not yet collected by its parent.
  if (started === undefined || state === "Z") return undefined;
  return { pid, parent: Number(parent), started };
}
