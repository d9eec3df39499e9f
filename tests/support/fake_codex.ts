import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { playerScript } from "./fake_player.ts";
import { type Invocation, readInvocations, readProcesses } from "./fake_records.ts";
import { fakeScript, scriptNeeds } from "./fake_script.ts";
import { fileAppears, removeFolder } from "./files.ts";
import { killIfRunning } from "./processes.ts";

export type { Invocation } from "./fake_records.ts";

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

/** What is special about a fake. */
export type FakeOptions = {
  /** The version it tells, or actions to be played when it is asked for that. */
  version?: string | readonly Action[];
  /**
   * What plays the plans: `"any"` chooses a shell script, which starts ten times faster, where that
   * can play all of them.
   *
   * @default "any"
   */
  player?: "any" | "javascript";
};

/**
 * Makes a fake codex. Asked for its `--version` it counts that neither as an invocation nor as the
 * use of a plan.
 */
export function fakeCodex(
  plan: FakePlan,
  { version = "0.169.0", player = "any" }: FakeOptions = {},
): Promise<FakeCodex> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "fake-codex-"));
  const path = join(folder, "codex");
  const kinds = ["invocations", "version-probes"].map((kind) => join(folder, kind));
  const [invocations] = kinds as [string];
  for (const kind of kinds) mkdirSync(kind);
  const plans = "plans" in plan ? plan.plans : [plan];
  const versionPlan = typeof version === "string"
    ? [{ readStdin: false }, { stdout: `codex-cli ${version}\n` }]
    : version;
  const script = player === "any" && hasShell()
    ? fakeScript(folder, plans, versionPlan)
    : undefined;
  if (script === undefined) {
    writeFileSync(join(folder, "plan.json"), JSON.stringify({ plans, version: versionPlan }));
    writeFileSync(path, playerScript("codex.mjs", folder));
  } else {
    for (const [name, contents] of script.files) writeFileSync(join(folder, name), contents);
    writeFileSync(path, script.text);
  }
  chmodSync(path, 0o755);

  return Promise.resolve({
    path,
    folder,
    invocations: () => readInvocations(invocations),
    touched: (name) => fileAppears(join(folder, name)),
    release: (name) => {
      writeFileSync(join(folder, name), "");
      for (const wake of readdirSync(invocations).filter((name) => name.endsWith(".wake"))) {
        // Open for reading, too, a named pipe never blocks.
        writeFileSync(join(invocations, wake), "\n", { flag: "r+" });
      }
    },
    remove: async () => {
      for (const { pid, grandchildren } of kinds.flatMap(readProcesses)) {
        await killIfRunning(pid, path);
        // Or the shell that is about to become it.
        for (const grandchild of grandchildren) await killIfRunning(grandchild, "/bin/sleep ");
      }
      await removeFolder(folder);
    },
  });
}

function hasShell(): boolean {
  return process.platform === "linux" && scriptNeeds.every((path) => existsSync(path));
}
