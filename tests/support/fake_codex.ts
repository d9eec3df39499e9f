import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileAppears } from "./files.ts";
import { commandLine } from "./processes.ts";

/**
 * One step of a plan. Steps are played in order; output waits until the pipe has taken it, and a
 * closed pipe ends the fake with exit code 101, as it would a Rust program.
 */
export type Action =
  /** Writes text, as it is, to stdout. */
  | { stdout: string }
  /** Writes bytes to stdout. */
  | { stdoutBase64: string }
  /** Writes a JSON line to stdout, `repeat` times. */
  | { event: unknown; repeat?: number }
  /** Writes JSON lines to stdout. */
  | { events: readonly unknown[] }
  /** Writes text to stdout, a `write` for each byte. */
  | { oneByteAtATime: string }
  /** Writes to stdout for ever, with no line end. */
  | { endlessLine: true }
  /** Writes text to stderr. */
  | { stderr: string }
  /** Writes that many bytes to stderr, in lines of 100. */
  | { stderrRepeat: { bytes: number } }
  /**
   * Reads and records stdin: to its end, until that many bytes were read, or not at all. A plan
   * with neither this nor `closeStdin` reads stdin to its end first.
   */
  | { readStdin: boolean | number }
  /** Closes the reading end of stdin. */
  | { closeStdin: true }
  /** Closes stdout and lives on. */
  | { closeStdout: true }
  /** Records these signals and does nothing else about them. */
  | { ignore: readonly ("SIGINT" | "SIGTERM" | "SIGHUP")[] }
  /** Records these signals and plays actions, beside what is being played. */
  | { onSignal: { readonly [signal: string]: readonly Action[] } }
  /** Starts a process that sleeps for ever; goes on when it runs and ignores what it should. */
  | {
    spawnGrandchild: {
      /** Whether it holds the fake's stdout open. */
      keepStdout?: boolean;
      /** Whether it holds the fake's stderr open. */
      keepStderr?: boolean;
      /** Whether it lives in a session and process group of its own. */
      setsid?: boolean;
      ignore?: readonly ("SIGINT" | "SIGTERM" | "SIGHUP")[];
    };
  }
  /** Makes an empty file in the fake's folder; see {@linkcode FakeCodex.touched}. */
  | { touch: string }
  /** Waits for a file in the fake's folder; see {@linkcode FakeCodex.release}. */
  | { waitForFile: string }
  /** Exits. A plan that ends without it exits with 0. */
  | { exit: number }
  /** Sends itself a signal. */
  | { kill: "SIGKILL" | "SIGTERM" | "SIGSEGV" }
  /** Waits for ever. */
  | { hang: true };

/** What one start of the fake was given and what it met. */
export type Invocation = {
  /** The arguments, without the executable. */
  argv: string[];
  /** All of its environment. */
  env: Record<string, string>;
  cwd: string;
  pid: number;
  /** What was read from stdin so far. */
  stdin: string;
  /** Whether the end of stdin was seen. */
  stdinEnded: boolean;
  /** The signals that were heard, in order; only those the plan ignores or handles. */
  signals: string[];
  /** The process ids of its grandchildren. */
  grandchildren: number[];
};

/** An executable that plays plans in codex's place. */
export type FakeCodex = {
  /** The executable; its file name is `codex`. */
  path: string;
  /** Where the fake lives and records. */
  folder: string;
  /** What was started so far, oldest first. */
  invocations(): Invocation[];
  /** Resolves when the plan has played `{ touch: name }`. */
  touched(name: string): Promise<void>;
  /** Lets a plan that waits at `{ waitForFile: name }` go on. */
  release(name: string): void;
  /** Kills what still runs and removes the folder. */
  remove(): Promise<void>;
};

/** One plan for every start, or one for each (the last one repeats). */
export type FakePlan = readonly Action[] | { plans: readonly (readonly Action[])[] };

/**
 * Makes a fake codex. Asked for its `--version` it answers with `version` - text, or actions to
 * be played - and counts that neither as an invocation nor as the use of a plan.
 */
export function fakeCodex(
  plan: FakePlan,
  { version = "0.169.0" }: { version?: string | readonly Action[] } = {},
): Promise<FakeCodex> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "fake-codex-"));
  const path = join(folder, "codex");
  const file = {
    plans: "plans" in plan ? plan.plans : [plan],
    version: typeof version === "string"
      ? [{ readStdin: false }, { stdout: `codex-cli ${version}\n` }]
      : version,
  };
  writeFileSync(join(folder, "plan.json"), JSON.stringify(file));
  // An absolute `#!` line needs no PATH; a file without an ending is CommonJS, hence `import()`.
  const player = new URL("../fake/codex.mjs", import.meta.url).href;
  writeFileSync(
    path,
    `#!${findNode()}\nimport(${JSON.stringify(player)}).then((fake) => fake.play(__dirname));\n`,
  );
  chmodSync(path, 0o755);

  return Promise.resolve({
    path,
    folder,
    invocations: () => readInvocations(join(folder, "invocations")),
    touched: (name) => fileAppears(join(folder, name)),
    release: (name) => writeFileSync(join(folder, name), ""),
    remove: () => {
      for (const kind of ["invocations", "version-probes"]) {
        for (const { pid, grandchildren } of readInvocations(join(folder, kind))) {
          // The number may be another process's by now, unless it still runs this file.
          if (commandLine(pid).includes(path)) kill(pid);
          for (const grandchild of grandchildren) {
            if (commandLine(grandchild).includes("/bin/sleep")) kill(grandchild);
          }
        }
      }
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
}

function readInvocations(parent: string): Invocation[] {
  const numbers = existsSync(parent) ? readdirSync(parent).map(Number) : [];
  return numbers.sort((a, b) => a - b)
    .map((number) => join(parent, String(number)))
    .filter((record) => existsSync(join(record, "start.json")))
    .map((record) => ({
      ...JSON.parse(readFileSync(join(record, "start.json"), "utf8")),
      stdin: textOf(join(record, "stdin")),
      stdinEnded: existsSync(join(record, "stdin-ended")),
      signals: linesOf(join(record, "signals")),
      grandchildren: linesOf(join(record, "grandchildren")).map(Number),
    }));
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function linesOf(path: string): string[] {
  return textOf(path).split("\n").slice(0, -1);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}

function findNode(): string {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const candidate = join(folder, "node");
    try {
      accessSync(candidate, constants.X_OK);
      return realpathSync(candidate);
    } catch {
      // Look further.
    }
  }
  throw new Error('Cannot make a fake codex: executable "node" was not found in PATH');
}
