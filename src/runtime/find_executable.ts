import type { Runtime } from "./types.ts";

/** What {@linkcode findExecutable} needs to know; a {@linkcode Runtime} is one. */
export type ExecutableEnvironment = Pick<Runtime, "platform" | "env" | "isExecutable">;

/**
 * The path of a program: `name` itself when it is a path, else its first match in PATH.
 * `undefined` when there is none.
 *
 * On Windows a name is tried with each ending of PATHEXT, and without only when it has one of them:
 * npm puts a shell script `codex` next to `codex.cmd`. The working directory counts only where PATH
 * names it.
 */
export async function findExecutable(
  name: string,
  { platform, env, isExecutable }: ExecutableEnvironment,
): Promise<string | undefined> {
  if (name === "") return undefined;
  const dialect = platform.os === "win32" ? windows : posix;
  const endings = dialect.endings(name, env);
  for (const folder of dialect.isPath(name) ? [undefined] : dialect.folders(env)) {
    for (const ending of endings) {
      const path = (folder === undefined ? name : dialect.join(folder, name)) + ending;
      if (await isExecutable(path)) return path;
    }
  }
  return undefined;
}

type Env = ExecutableEnvironment["env"];

const posix = {
  isPath: (name: string): boolean => name.includes("/"),
  // An empty entry is the working directory.
  folders: (env: Env): string[] => env("PATH")?.split(":").map((folder) => folder || ".") ?? [],
  endings: (_name: string, _env: Env): string[] => [""],
  join: (folder: string, name: string): string => `${folder.replace(/\/+$/, "")}/${name}`,
};

const windows = {
  isPath: (name: string): boolean => /[\\/:]/.test(name),
  // Real environments ignore the case of names, records that stand in for one do not.
  folders: (env: Env): string[] => unquoted(env("PATH") ?? env("Path") ?? env("path") ?? ""),
  endings(name: string, env: Env): string[] {
    const endings = (env("PATHEXT") || ".COM;.EXE;.BAT;.CMD").split(";").filter(Boolean);
    const has = endings.some((ending) => name.toLowerCase().endsWith(ending.toLowerCase()));
    return has ? ["", ...endings] : endings;
  },
  join: (folder: string, name: string): string => `${folder.replace(/[\\/]+$/, "")}\\${name}`,
};

/** The entries of a Windows PATH; quotes keep a semicolon in a folder's name. */
function unquoted(path: string): string[] {
  return (path.match(/(?:"[^"]*"?|[^;"])+/g) ?? [])
    .map((folder) => folder.replaceAll('"', "").trim())
    .filter(Boolean);
}
