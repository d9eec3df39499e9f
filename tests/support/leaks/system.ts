/** What the system knows of this program (Linux only). */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { commandLine, processState } from "../processes.ts";
import type { Kind } from "./kind.ts";

/**
 * Processes: children of this program, zombies included, and whatever else was started with its
 * temporary folder, such as what is left of a child that is gone.
 */
export function processes(temporaryFolder: string): Kind {
  const variable = `\0TMPDIR=${temporaryFolder}`;
  return {
    names: () => readdirSync("/proc").filter((name) => name.charCodeAt(0) <= 57),
    describe: (name) => {
      const state = processState(Number(name));
      if (state === undefined) return undefined;
      const isOurs = state.parent === process.pid || `\0${environment(name)}`.includes(variable);
      const command = commandLine(state.pid).join(" ").slice(0, 200);
      return isOurs ? `process ${name} (${state.state}, ${command})` : undefined;
    },
  };
}

/** Descriptors: files, pipes, sockets and processes. What runtimes wait with is theirs. */
export const descriptors: Kind = {
  names: () => {
    const names: string[] = [];
    for (const number of readdirSync("/proc/self/fd")) {
      const target = linkTarget(`/proc/self/fd/${number}`);
      if (target !== undefined) names.push(`${number} ${target}`);
    }
    return names;
  },
  describe: (name) => {
    const [number, target] = name.split(/ (.*)/);
    const isTheirs = /^anon_inode:|^\/dev\/|^\/proc\//.test(target!) && !/pidfd/.test(target!);
    const path = `/proc/self/fd/${number}`;
    if (isTheirs || linkTarget(path) !== target) return undefined;
    return `descriptor ${number} (${target}, ${mode(path)})`;
  },
};

/** Files and folders in the temporary folder. */
export function temporaryFiles(folder: string): Kind {
  return {
    names: () => readdirSync(folder),
    describe: (name) => `temporary file ${name}`,
  };
}

/** `r-` for what is read, `-w` for what is written, `rw` for both. */
function mode(path: string): string {
  const bits = lstatSync(path).mode;
  return `${bits & 0o400 ? "r" : "-"}${bits & 0o200 ? "w" : "-"}`;
}

function environment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
