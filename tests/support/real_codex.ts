/** The real codex, and places where it may work without touching anything of the user's. */
import { execFile, spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { CodexConfigObject, CodexConfigValue } from "../../src/options.ts";
import type { ScriptedCodexSettings } from "../../src/testing/mod.ts";
import { removeFolder } from "./files.ts";

const scratch = fileURLToPath(new URL("../../.scratch/", import.meta.url));

const triples: Record<string, string> = {
  "linux-x64": "x86_64-unknown-linux-musl",
  "linux-arm64": "aarch64-unknown-linux-musl",
  "darwin-x64": "x86_64-apple-darwin",
  "darwin-arm64": "aarch64-apple-darwin",
  "win32-x64": "x86_64-pc-windows-msvc",
  "win32-arm64": "aarch64-pc-windows-msvc",
};

/** The path of the native binary of the installed `@openai/codex`. Throws if there is none. */
export function codexBinary(): string {
  const platform = `${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  const shim = realpathSync(require.resolve("@openai/codex/package.json"));
  // The optional package is a neighbour: of the real folder in Deno's layout, or hoisted by npm.
  const native = dirname(
    createRequire(shim).resolve(`@openai/codex-${platform}/package.json`),
  );
  const name = process.platform === "win32" ? "codex.exe" : "codex";
  const path = join(native, "vendor", triples[platform] ?? platform, "bin", name);
  if (!existsSync(path)) throw new Error(`Cannot find codex: "${path}" does not exist`);
  return realpathSync(path);
}

/** Where a codex of a test keeps its things. */
export type FreshHome = {
  /** A `HOME` without start-up files for a shell. */
  home: string;
  /** A `CODEX_HOME` without a configuration. */
  codexHome: string;
  /** Removes both. */
  remove: () => Promise<void>;
};

/**
 * Makes homes in a git-ignored folder of the project; codex is not at ease when its home is in the
 * system's temporary folder.
 */
export async function freshHome(): Promise<FreshHome> {
  const { path, remove } = await scratchFolder("home-");
  const home = join(path, "home");
  const codexHome = join(path, "codex");
  await mkdir(home);
  await mkdir(codexHome);
  return { home, codexHome, remove };
}

/** A folder of a test. */
export type ScratchFolder = {
  /** Its absolute path. */
  path: string;
  /** Removes it with all that is in it. */
  remove: () => Promise<void>;
};

/** Makes an empty folder in the project, git-ignored and within the project's own repository. */
export async function scratchFolder(prefix: string = "folder-"): Promise<ScratchFolder> {
  await mkdir(scratch, { recursive: true });
  const path = realpathSync(await mkdtemp(join(scratch, prefix)));
  return { path, remove: () => removeFolder(path) };
}

/** Makes a git repository with one empty commit on the branch `main`. */
export async function scratchRepository(): Promise<ScratchFolder> {
  const folder = await scratchFolder("repository-");
  await git(folder.path, "init", "--quiet", "--initial-branch=main");
  await git(folder.path, "commit", "--quiet", "--allow-empty", "--message=Start");
  return folder;
}

/** Runs git, untouched by the user's configuration, and returns what it prints. */
export async function git(directory: string, ...args: string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Test",
    GIT_AUTHOR_EMAIL: "test@example.com",
    GIT_COMMITTER_NAME: "Test",
    GIT_COMMITTER_EMAIL: "test@example.com",
  };
  const { stdout } = await promisify(execFile)("git", args, { cwd: directory, env });
  return stdout;
}

/** What a run of `codex exec` left. */
export type CodexRun = {
  /** The events on stdout. */
  // deno-lint-ignore no-explicit-any
  events: any[];
  /** What it wrote to stderr. */
  stderr: string;
  /** The exit code; `null` after a signal. */
  code: number | null;
  /** The arguments it was given. */
  args: string[];
};

/** Runs `codex exec` without the SDK, for tests of what the SDK builds on. */
export async function runCodexExec(
  settings: ScriptedCodexSettings,
  options: { prompt: string; directory: string; args?: string[]; signal?: AbortSignal },
): Promise<CodexRun> {
  const config = flatten(settings.config);
  if (settings.baseUrl !== undefined) config.push(["openai_base_url", settings.baseUrl]);
  const args = ["exec", "--experimental-json", "--skip-git-repo-check"];
  for (const [key, value] of config) args.push("--config", `${key}=${JSON.stringify(value)}`);
  args.push(...options.args ?? []);
  const env = { ...settings.env };
  if (settings.apiKey !== undefined) env.CODEX_API_KEY = settings.apiKey;
  const child = spawn(codexBinary(), args, {
    cwd: options.directory,
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // Only SIGINT lets codex tidy up.
  options.signal?.addEventListener("abort", () => child.kill("SIGINT"), { once: true });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  child.stdin.on("error", () => {});
  child.stdin.end(options.prompt);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const events = stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  return { events, stderr, code, args };
}

/** Nested settings as dotted keys. JSON is TOML for strings, numbers, booleans and their lists. */
function flatten(config: CodexConfigObject, prefix = ""): [string, CodexConfigValue][] {
  return Object.entries(config).flatMap(([key, value]) =>
    typeof value === "object" && !Array.isArray(value)
      ? flatten(value, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value] as [string, CodexConfigValue]]
  );
}
