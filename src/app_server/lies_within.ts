import { loadRuntime } from "../runtime/mod.ts";

/** Folders with settings that run programs, or decide what the agent may do. */
const guarded: ReadonlySet<string> = new Set([".git", ".codex", ".agents"]);

/**
 * Whether each of the paths lies below the folder, as far as the file system of this machine tells:
 * links are followed, also those of folders on the way. `false` for what cannot be told, and for
 * what lies in a folder of that name by which git or codex are configured.
 */
export async function liesWithin(folder: string, paths: readonly string[]): Promise<boolean> {
  const base = partsOf(folder);
  if (base === null) return false;
  const { realPath } = await loadRuntime();
  const realFolder = await realPath(folder);
  const realBase = realFolder === undefined ? null : partsOf(realFolder);
  if (realBase === null) return false;
  for (const path of paths) {
    const parts = partsOf(path);
    if (parts === null || !isBelow(base, parts)) return false;
    const real = await realParts(parts, base.length, realPath);
    if (real === null || !isBelow(realBase, real)) return false;
  }
  return true;
}

/** Whether a path says by itself where it is. */
export function isAbsolute(path: string): boolean {
  return partsOf(path) !== null;
}

/** A path that may not exist yet, with its links resolved. */
async function realParts(
  parts: readonly string[],
  known: number,
  realPath: (path: string) => Promise<string | undefined>,
): Promise<string[] | null> {
  for (let length = parts.length; length >= known; length--) {
    const path = pathOf(parts.slice(0, length));
    const real = await realPath(path);
    if (real !== undefined) {
      const start = partsOf(real);
      return start === null ? null : [...start, ...parts.slice(length)];
    }
    // A link to something that does not exist would be written through.
    if (!await isMissing(path)) return null;
  }
  return null;
}

async function isMissing(path: string): Promise<boolean> {
  const { lstat } = await import("node:fs/promises");
  return await lstat(path).then(() => false, (error) => error?.code === "ENOENT");
}

/** A path as its root and its names, without `.` and `..`; `null` unless it is absolute and plain. */
function partsOf(path: string): string[] | null {
  if (/\p{Cc}/u.test(path)) return null;
  const drive = /^[A-Za-z]:[\\/]/.test(path);
  if (!drive && !path.startsWith("/")) return null;
  const [root = "", ...names] = drive ? path.split(/[\\/]/) : path.split("/");
  const parts = [drive ? root.toUpperCase() : root];
  for (const name of names) {
    if (name === "" || name === ".") continue;
    // Windows takes `name.`, `name ` and `name:stream` for `name`.
    if (drive && name !== ".." && /[. ]$|:/.test(name)) return null;
    if (name !== "..") parts.push(name);
    else if (parts.length > 1) parts.pop();
  }
  return parts;
}

function pathOf(parts: readonly string[]): string {
  const [root = "", ...names] = parts;
  return root === "" ? `/${names.join("/")}` : `${root}\\${names.join("\\")}`;
}

function isBelow(base: readonly string[], parts: readonly string[]): boolean {
  if (parts.length <= base.length) return false;
  if (!base.every((name, index) => name === parts[index])) return false;
  return !parts.slice(base.length).some((name) => guarded.has(folded(name)));
}

/** As file systems may fold names: by case, by form, without what is not seen; `GIT~1` is `.git`. */
function folded(name: string): string {
  const plain = name.normalize("NFKC").replace(/\p{Cf}/gu, "").toLowerCase();
  return plain === "git~1" ? ".git" : plain;
}
