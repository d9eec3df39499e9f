/** Runs the examples as a user would, on the real codex with a scripted model. */
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { configOverrides } from "../../src/exec/config_overrides.ts";
import { runtimeName } from "../../src/runtime/mod.ts";
import { type Script, ScriptedModel } from "../../src/testing/mod.ts";
import { isOfSandbox, type OwnTempFolder, ownTempFolder } from "./files.ts";
import { isAlive, processesWith } from "./processes.ts";
import {
  codexBinary,
  freshHome,
  type ScratchFolder,
  scratchFolder,
  scratchRepository,
} from "./real_codex.ts";
import { assertKeyless } from "./witness.ts";

/** Why the examples are not run here; `false` where they are. */
export const notHere: string | false = runtimeName() === "node"
  ? "the examples are for Deno and Bun"
  : false;

const project = fileURLToPath(new URL("../../", import.meta.url));

/** How a program ended and what it said. */
export type Outcome = { code: number | null; stdout: string; stderr: string };

/** A program that runs. */
export class Program {
  readonly pid: number;
  /** Resolves at its end. */
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcessWithoutNullStreams;
  #waiting: { pattern: RegExp; resolve: (match: RegExpExecArray) => void }[] = [];
  #output = "";

  /** `typed` says that someone is going to {@linkcode type}; else stdin is at its end. */
  constructor(
    command: string[],
    options: { cwd: string; env: Record<string, string> },
    { typed = false }: { typed?: boolean } = {},
  ) {
    const [executable, ...args] = command;
    this.#child = spawn(executable!, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
    if (!typed) this.#child.stdin.end();
    this.pid = this.#child.pid!;
    let stdout = "";
    let stderr = "";
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      this.#hear(text);
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      this.#hear(text);
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code) => resolve({ code, stdout, stderr }));
    });
  }

  /** Waits until the program has printed something, on either output. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const match = pattern.exec(this.#output);
    return match ??
      await this.whileItRuns(
        new Promise((resolve) => this.#waiting.push({ pattern, resolve })),
      );
  }

  /** Waits for something that cannot come once the program has ended. */
  async whileItRuns<T>(awaited: Promise<T>): Promise<T> {
    const ended = this.ended.then(({ stderr }) => assert.fail(`Ended too soon: ${stderr}`));
    return await Promise.race([awaited, ended]);
  }

  /** Writes to the program's stdin. */
  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Sends a signal to the program alone. */
  signal(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): void {
    // Not `child.kill()`: Deno then reports that signal as the end, whatever the program makes of it.
    if (isAlive(this.pid)) process.kill(this.pid, signal);
  }

  /** Ends a program that does not end by itself. */
  async stop(): Promise<void> {
    this.signal("SIGTERM");
    await this.ended;
  }

  #hear(text: string): void {
    this.#output += text;
    this.#waiting = this.#waiting.filter(({ pattern, resolve }) => {
      const match = pattern.exec(this.#output);
      if (match !== null) resolve(match);
      return match === null;
    });
  }
}

/** How a program is started. */
export type StartOptions = {
  /** Whether someone is going to type. */
  typed?: boolean;
  /** Further variables of the environment. */
  env?: Record<string, string>;
  /** Whether it gets a terminal; see {@linkcode hasTerminal}. */
  terminal?: boolean;
};

/** Where an example runs. */
export type ExampleStage = {
  model: ScriptedModel;
  /** The working directory: a git repository of the test's own. */
  directory: string;
  /** The process ids of the codexes that were started and are not gone. */
  codexes(): number[];
  /** The variables that lead a plain `new Codex()` to the real codex and the scripted model. */
  env: Record<string, string>;
  /** Starts an example with exactly the command that its header names, and further arguments. */
  start(
    example: string,
    args?: string[],
    change?: (argument: string) => string,
    options?: StartOptions,
  ): Promise<Program>;
  /** Starts an example and waits for its end. */
  run(example: string, args?: string[]): Promise<Outcome>;
  /** Starts a command. */
  startCommand(command: string[], cwd: string, options?: StartOptions): Program;
};

/**
 * Plays a test of an example, then checks that the script was played to its end, that neither a
 * codex nor a temporary file is left, and that the planted key was not printed.
 */
export async function playExample(
  script: Script,
  test: (stage: ExampleStage) => Promise<void>,
): Promise<void> {
  const home = await freshHome();
  const directory = await scratchRepository();
  const bin = await scratchFolder("bin-");
  const temp = ownTempFolder();
  const model = await ScriptedModel.start(script);
  const programs: Program[] = [];
  try {
    const env = await environment(home, bin, temp, model);
    const config = await readFile(join(home.codexHome, "config.toml"), "utf8");
    const codexes = () => {
      const ours = programs.map(({ pid }) => pid);
      return processesWith(`CODEX_HOME=${home.codexHome}`).filter((pid) => !ours.includes(pid));
    };
    const startCommand: ExampleStage["startCommand"] = (command, cwd, options = {}) => {
      const { typed, terminal } = options;
      const program = new Program(terminal ? onTerminal(command) : command, {
        cwd,
        env: { ...env, ...options.env },
      }, { typed });
      programs.push(program);
      return program;
    };
    const start: ExampleStage["start"] = async (example, args = [], change, options) => {
      const command = await headerCommand(example);
      const changed = change === undefined ? command : command.map(change);
      return startCommand([...changed, ...args], directory.path, options);
    };
    const run: ExampleStage["run"] = async (example, args) => (await start(example, args)).ended;
    await test({ model, directory: directory.path, codexes, env, start, run, startCommand });
    await Promise.all(programs.map((program) => program.stop()));
    for (const { ended } of programs) assertKeyless(await ended);
    assert.deepEqual(codexes(), []);
    // Codex does note things down there, unless it is told not to.
    assert.equal(await readFile(join(home.codexHome, "config.toml"), "utf8"), config);
    assert.deepEqual(temp.entries().filter((name) => !isOfSandbox(temp.path, name)), []);
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    await model.stop();
    temp.remove();
    await Promise.all([home, directory, bin].map((folder) => folder.remove()));
  }
  await model.close();
}

/** The command for this runtime in the header of an example, with paths that hold anywhere. */
export async function headerCommand(example: string): Promise<string[]> {
  const path = join(project, "examples", example);
  const text = await readFile(path, "utf8");
  const runtime = runtimeName();
  const [, command] = new RegExp(`^ \\* ${runtime}: \`(.+)\`$`, "mi").exec(text) ?? [];
  assert.ok(command, `"${path}" does not say how to run it on ${runtime}`);
  const [program, ...args] = command.split(" ");
  assert.equal(program, runtime);
  assert.equal(args.at(-1), `examples/${example}`);
  return [process.execPath, ...args.slice(0, -1), path];
}

/** Whether a program can be given a terminal here. */
export function hasTerminal(): boolean {
  return process.platform === "linux" &&
    (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, "script")));
}

/** The command in a terminal of its own, which shows what is typed. */
function onTerminal(command: string[]): string[] {
  const line = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return ["script", "--quiet", "--return", "--command", line, "/dev/null"];
}

async function environment(
  home: { home: string; codexHome: string },
  bin: ScratchFolder,
  temp: OwnTempFolder,
  model: ScriptedModel,
): Promise<Record<string, string>> {
  // Dotted keys are as good in a TOML file as they are in codex's arguments.
  const { config } = model.codexOptions();
  await writeFile(join(home.codexHome, "config.toml"), configOverrides(config).join("\n"));
  const codex = join(bin.path, "codex");
  await symlink(codexBinary(), codex);
  return {
    PATH: `${bin.path}${delimiter}${process.env.PATH}`,
    CODEX_PATH: codex,
    CODEX_HOME: home.codexHome,
    HOME: home.home,
    TMPDIR: temp.path,
    NO_COLOR: "1",
    // Deno compiles the same files again otherwise, and complains when it cannot.
    DENO_DIR: process.env.DENO_DIR ?? join(homedir(), ".cache", "deno"),
    DENO_NO_UPDATE_CHECK: "1",
  };
}
