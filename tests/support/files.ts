import { existsSync, lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { watch } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { setImmediate } from "node:timers";

/** Resolves when `path` exists; its folder must exist already. */
export async function fileAppears(path: string): Promise<void> {
  const stop = new AbortController();
  const changes = watch(dirname(path), { signal: stop.signal })[Symbol.asyncIterator]();
  for (;;) {
    // Asking for a change starts the watch on Node; only then is it safe to look.
    const change = changes.next();
    if (existsSync(path)) {
      change.catch(() => {});
      return stop.abort();
    }
    await change;
  }
}

/** Removes a folder, also one that a process which was just killed is still writing to. */
export async function removeFolder(path: string): Promise<void> {
  for (;;) {
    try {
      return rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOTEMPTY") throw error;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}

/**
 * Whether codex's own sandbox has left something in a folder that may be written to, on either lane:
 * its register, and, when a command in it was interrupted, what it had put in the way, empty.
 */
export function isOfSandbox(folder: string, name: string): boolean {
  if (name.startsWith("codex-bwrap-")) return true;
  if (!/^\.(agents|aws|codex|git)$/.test(name)) return false;
  const path = join(folder, name);
  const info = lstatSync(path, { throwIfNoEntry: false });
  if (info === undefined) return true;
  return info.isDirectory() ? readdirSync(path).length === 0 : info.size === 0;
}

/** A temporary folder that is the system's as far as this program and its children can tell. */
export type OwnTempFolder = {
  path: string;
  /** The names of what is in it now, sorted. */
  entries(): string[];
  /** Gives the program its old temporary folder back and removes this one. */
  remove(): void;
};

/**
 * Points TMPDIR at a new, empty folder, so that a test can tell what its own code left behind from
 * what others do in the system's temporary folder at the same time.
 */
export function ownTempFolder(): OwnTempFolder {
  const before = process.env.TMPDIR;
  const path = mkdtempSync(join(realpathSync(tmpdir()), "own-temp-"));
  process.env.TMPDIR = path;
  return {
    path,
    entries: () => readdirSync(path).sort(),
    remove: () => {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      rmSync(path, { recursive: true, force: true });
    },
  };
}
