import { InvalidOptionsError } from "../errors.ts";
import type { Platform } from "../runtime/types.ts";

/** `folder` and names below it as one path. */
export function joinPath({ os }: Platform, folder: string, ...names: string[]): string {
  const separator = os === "win32" ? "\\" : "/";
  const start = folder.endsWith(separator) ? folder.slice(0, -1) : folder;
  return [start, ...names].join(separator);
}

/** Whether a path says where it is by itself. */
export function isAbsolutePath({ os }: Platform, path: string): boolean {
  return os === "win32" ? /^([A-Za-z]:)?[\\/]/.test(path) : path.startsWith("/");
}

/** The folder a path lies in; `undefined` for a root and for a name alone. */
export function parentFolder(platform: Platform, path: string): string | undefined {
  const end = lastSeparator(platform, path);
  if (end < 0 || path.length === 1) return undefined;
  const parent = path.slice(0, end);
  if (parent === "") return path[end];
  if (platform.os !== "win32" || !parent.endsWith(":")) return parent;
  return end === path.length - 1 ? undefined : path.slice(0, end + 1);
}

/** `folder` and the folders it lies in, the innermost first. */
export function* foldersUpward(platform: Platform, folder: string): Generator<string> {
  let next: string | undefined = folder;
  while (next !== undefined) {
    yield next;
    next = parentFolder(platform, next);
  }
}

/** The last part of a path. */
export function lastName(platform: Platform, path: string): string {
  return path.slice(lastSeparator(platform, path) + 1);
}

/** Whether a program is given by its name alone, to be looked up in PATH. */
export function isBareName(platform: Platform, path: string): boolean {
  return lastSeparator(platform, path) < 0 && !(platform.os === "win32" && path.includes(":"));
}

/** The path that a `file:` URL stands for. `option` is where it comes from, for the error. */
export function fileUrlPath({ os }: Platform, url: URL, option: string): string {
  const path = decoded(url.pathname);
  if (url.protocol !== "file:" || path === undefined || (url.host !== "" && os !== "win32")) {
    throw new InvalidOptionsError(
      `Invalid ${option}: expected a path or a "file:" URL of a local file but received "${url}"`,
      { path: option },
    );
  }
  if (os !== "win32") return path;
  const windows = path.replaceAll("/", "\\");
  return url.host === "" ? windows.replace(/^\\(?=[A-Za-z]:)/, "") : `\\\\${url.host}${windows}`;
}

function lastSeparator({ os }: Platform, path: string): number {
  return os === "win32"
    ? Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"))
    : path.lastIndexOf("/");
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
