import { CodexNotFoundError, InvalidOptionsError } from "../errors.ts";
import type { CodexOptions } from "../options.ts";
import { findExecutable } from "../runtime/find_executable.ts";
import type { Runtime } from "../runtime/types.ts";
import type { CodexVersion } from "../transport.ts";
import { pathVariable } from "./environment.ts";
import { type NativeCodex, nativeCodexOf, nativePackageName } from "./native_codex.ts";
import {
  fileUrlPath,
  foldersUpward,
  isBareName,
  joinPath,
  lastName,
  parentFolder,
} from "./paths.ts";

/** The codex that was found. */
export type FoundCodex = {
  /** The executable: a path, or a bare name where nothing better is known. */
  path: string;
  /** Folders to put first in its PATH. */
  pathDirs: string[];
  /** Where it was found. */
  source: CodexVersion["source"];
};

/** What {@linkcode locateCodex} works with. */
export type LocateInput = {
  /** The options of the `Codex`. */
  codexOptions: CodexOptions;
  /** The runtime. */
  runtime: Runtime;
  /** Where this module lies; tests pass another one. */
  moduleUrl?: string;
};

const advice = 'Install it with "npm install -g @openai/codex", or set the option "codexPath"';

/**
 * Finds codex: the one the options name, else the one in `CODEX_PATH`, else the native executable
 * of an installed `@openai/codex`, else the one behind the `codex` on PATH, else that `codex`.
 *
 * Nobody is asked for a permission; what may not be read or run is passed over. Rejects with
 * `CodexNotFoundError` when it is certain that there is none.
 */
export async function locateCodex(input: LocateInput): Promise<FoundCodex> {
  const { codexOptions, runtime } = input;
  const search = new CodexSearch(runtime, searchPath(codexOptions, runtime));
  const option = codexOptions.codexPath ? "codexPath" : "codexPathOverride";
  const given = codexOptions[option];
  if (given) return await search.named(optionPath(given, option, runtime), "option", option);
  const variable = codexOptions.env?.CODEX_PATH || runtime.env("CODEX_PATH");
  if (variable) return await search.named(variable, "CODEX_PATH", "CODEX_PATH");
  return await search.installed(startFolders(input)) ?? await search.onPath();
}

function optionPath(value: string | URL, option: string, { platform }: Runtime): string {
  if (typeof value === "string" && !value.startsWith("file:")) return value;
  const url = value instanceof URL ? value : URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined) return fileUrlPath(platform, url, option);
  throw new InvalidOptionsError(`Invalid ${option}: expected a path or a "file:" URL`, {
    path: option,
  });
}

/** The PATH of codex if it is given one, else the host's. */
function searchPath({ env }: CodexOptions, runtime: Runtime): string | undefined {
  return (env && pathVariable(env, runtime.platform)) ?? runtime.env("PATH");
}

/** Where an installed package may be near: the project, this module, a single-file program. */
function startFolders({ runtime, moduleUrl = import.meta.url }: LocateInput): string[] {
  const { platform } = runtime;
  // A bundle may have no URL of its own.
  const module = moduleUrl?.startsWith("file:")
    ? parentFolder(platform, fileUrlPath(platform, new URL(moduleUrl), "moduleUrl"))
    : undefined;
  const program = parentFolder(platform, runtime.execPath() ?? "");
  return [runtime.cwd(), module, program].filter((folder) => folder !== undefined);
}

/** One search, which remembers where it looked. */
class CodexSearch {
  readonly #runtime: Runtime;
  readonly #path: string | undefined;
  /** What was found and could not be used, for the error. */
  readonly #unusable: Set<string> = new Set();
  #startFolders: string[] = [];

  constructor(runtime: Runtime, path: string | undefined) {
    this.#runtime = runtime;
    this.#path = path;
  }

  /** The codex that the user names. Whether it can be run is for the system to say. */
  async named(path: string, source: FoundCodex["source"], origin: string): Promise<FoundCodex> {
    const { platform } = this.#runtime;
    if (!isBareName(platform, path)) {
      const missing = await this.#exists(path) === false &&
        // Windows adds the ending by itself.
        !(platform.os === "win32" && await this.#runtime.isFile(`${path}.exe`));
      if (missing) {
        throw new CodexNotFoundError(`Cannot find codex: "${path}" (${origin}) does not exist`);
      }
      return { path, pathDirs: [], source };
    }
    const found = await this.#lookUp(path);
    if (found === undefined && await this.#surelyNotOnPath(path)) {
      throw new CodexNotFoundError(
        `Cannot find codex: "${path}" (${origin}) is not in PATH: ${quoted(this.#pathFolders())}`,
      );
    }
    return { path: this.#runnable(found, path), pathDirs: [], source };
  }

  /** The native codex of a package near one of the folders. */
  async installed(startFolders: string[]): Promise<FoundCodex | undefined> {
    const { platform } = this.#runtime;
    this.#startFolders = startFolders;
    const folders = new Set(startFolders.flatMap((start) => [...foldersUpward(platform, start)]));
    for (const folder of folders) {
      if (lastName(platform, folder) === "node_modules") continue;
      const native = await this.#nativeIn(joinPath(platform, folder, "node_modules"));
      if (native !== undefined) return { ...native, source: "package" };
    }
    return undefined;
  }

  /** The native codex behind npm's shim on PATH, else whatever codex is on PATH. */
  async onPath(): Promise<FoundCodex> {
    const found = await this.#lookUp("codex");
    const native = found === undefined ? undefined : await this.#nativeBehind(found);
    if (native !== undefined) return { ...native, source: "shim" };
    if (found === undefined && await this.#surelyNotOnPath("codex")) throw this.#notFound();
    return { path: this.#runnable(found, "codex"), pathDirs: [], source: "PATH" };
  }

  async #nativeBehind(shim: string): Promise<NativeCodex | undefined> {
    const { platform } = this.#runtime;
    const folder = parentFolder(platform, shim);
    // A link to .../node_modules/@openai/codex/bin/codex.js, or on Windows a script.
    const target = await this.#runtime.realPath(shim) ?? shim;
    for (const parent of foldersUpward(platform, target)) {
      const scope = parentFolder(platform, parent);
      const isPackage = lastName(platform, parent) === "codex" && scope !== undefined &&
        lastName(platform, scope) === "@openai";
      if (isPackage) return await this.#usable(parent);
    }
    if (folder === undefined) return undefined;
    // Scripts lie beside node_modules when installed globally, else in node_modules/.bin.
    return await this.#nativeIn(
      lastName(platform, folder) === ".bin"
        ? parentFolder(platform, folder) ?? folder
        : joinPath(platform, folder, "node_modules"),
    );
  }

  async #nativeIn(modules: string): Promise<NativeCodex | undefined> {
    return await this.#usable(joinPath(this.#runtime.platform, modules, "@openai", "codex"));
  }

  async #usable(packageFolder: string): Promise<NativeCodex | undefined> {
    const native = await nativeCodexOf(packageFolder, this.#runtime);
    if (native !== undefined && this.#runtime.mayRun(native.path)) return native;
    if (native !== undefined) {
      this.#unusable.add(`"${native.path}" may not be run`);
    } else if (await this.#runtime.realPath(packageFolder) !== undefined) {
      const name = nativePackageName(this.#runtime.platform);
      this.#unusable.add(
        name === undefined
          ? `"${packageFolder}" has no executable for this platform`
          : `"${packageFolder}" is installed without its optional dependency "@openai/${name}"`,
      );
    }
    return undefined;
  }

  /** `found`, unless only the name was granted. */
  #runnable(found: string | undefined, name: string): string {
    return found !== undefined && this.#runtime.mayRun(found) ? found : name;
  }

  async #lookUp(name: string): Promise<string | undefined> {
    if (this.#path === undefined) return undefined;
    return await findExecutable(name, {
      platform: this.#runtime.platform,
      env: (variable) => variable === "PATH" ? this.#path : this.#runtime.env(variable),
      isExecutable: (path) => this.#runtime.isExecutable(path),
    });
  }

  #pathFolders(): string[] {
    const windows = this.#runtime.platform.os === "win32";
    const path = windows ? this.#path?.replaceAll('"', "") : this.#path;
    return (path ?? "").split(windows ? ";" : ":").filter((folder) => folder !== "");
  }

  async #surelyNotOnPath(name: string): Promise<boolean> {
    if (this.#path === undefined) return false;
    for (const folder of this.#pathFolders()) {
      const path = joinPath(this.#runtime.platform, folder, name);
      if (await this.#exists(path) !== false) return false;
    }
    return true;
  }

  /** Whether there is something at `path`; `undefined` when that may not be known. */
  async #exists(path: string): Promise<boolean | undefined> {
    const { platform } = this.#runtime;
    if (await this.#runtime.realPath(path) !== undefined) return true;
    // A missing path and one that may not be read look the same; a folder above it that can be
    // read tells them apart.
    for (const folder of foldersUpward(platform, path)) {
      if (await this.#runtime.realPath(folder) !== undefined) return false;
    }
    return undefined;
  }

  #notFound(): CodexNotFoundError {
    const installed = this.#unusable.size > 0
      ? [...this.#unusable].join(", ")
      : `"@openai/codex" is not in a node_modules at or above ${quoted(this.#startFolders)}`;
    const onPath = `"codex" is not in PATH: ${quoted(this.#pathFolders())}`;
    return new CodexNotFoundError(`Cannot find codex: ${installed}; ${onPath}. ${advice}`);
  }
}

function quoted(folders: string[]): string {
  return folders.length === 0
    ? "none"
    : [...new Set(folders)].map((folder) => `"${folder}"`).join(", ");
}
