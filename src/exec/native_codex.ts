import type { Platform, Runtime } from "../runtime/types.ts";
import { joinPath, parentFolder } from "./paths.ts";

/** A native codex executable. */
export type NativeCodex = {
  /** The executable. */
  path: string;
  /** Folders with the programs that come with it, to be put first in PATH. */
  pathDirs: string[];
};

const triples: Readonly<Record<string, string>> = {
  "linux-x64": "x86_64-unknown-linux-musl",
  "linux-arm64": "aarch64-unknown-linux-musl",
  "darwin-x64": "x86_64-apple-darwin",
  "darwin-arm64": "aarch64-apple-darwin",
  "win32-x64": "x86_64-pc-windows-msvc",
  "win32-arm64": "aarch64-pc-windows-msvc",
};

/** The name, without scope, of the package with the native codex; `undefined` where none is. */
export function nativePackageName(platform: Platform): string | undefined {
  const name = platformName(platform);
  return name in triples ? `codex-${name}` : undefined;
}

/**
 * The native executable that belongs to the `@openai/codex` installed in `packageFolder`;
 * `undefined` when it is missing. `packageFolder` may be a link.
 */
export async function nativeCodexOf(
  packageFolder: string,
  runtime: Runtime,
): Promise<NativeCodex | undefined> {
  const { platform } = runtime;
  const name = nativePackageName(platform);
  const real = await runtime.realPath(packageFolder);
  if (name === undefined || real === undefined) return undefined;
  const packages = new Set([
    joinPath(platform, real, "node_modules", "@openai", name),
    // pnpm and Deno link the package from a store, where its dependencies lie beside it.
    joinPath(platform, parentFolder(platform, real) ?? real, name),
    joinPath(platform, parentFolder(platform, packageFolder) ?? packageFolder, name),
    // Before it had packages of its own, the executable was in the main one.
    real,
  ]);
  for (const folder of packages) {
    const native = await nativeCodexIn(folder, runtime);
    if (native !== undefined) return native;
  }
  return undefined;
}

async function nativeCodexIn(folder: string, runtime: Runtime): Promise<NativeCodex | undefined> {
  const { platform } = runtime;
  const root = joinPath(platform, folder, "vendor", triples[platformName(platform)]!);
  const file = platform.os === "win32" ? "codex.exe" : "codex";
  for (const [binaries, programs] of [["bin", "codex-path"], ["codex", "path"]] as const) {
    const path = joinPath(platform, root, binaries, file);
    if (!await runtime.isFile(path)) continue;
    const dir = joinPath(platform, root, programs);
    return { path, pathDirs: await runtime.realPath(dir) === undefined ? [] : [dir] };
  }
  return undefined;
}

function platformName({ os, arch }: Platform): string {
  return `${os === "android" ? "linux" : os}-${arch}`;
}
