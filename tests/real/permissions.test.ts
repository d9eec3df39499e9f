import assert from "node:assert/strict";
import { accessSync, constants } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { message } from "../../src/testing/mod.ts";
import { plantedKey } from "../support/planted_key.ts";
import { codexBinary } from "../support/real_codex.ts";
import { denoLine, type Line, Program } from "../support/programs.ts";
import { type Stage, Workbench } from "../support/workbench.ts";
import type { Task } from "./program.ts";

const isDeno = "Deno" in globalThis;

/** What the program is to do, and the environment in which the shell would start it. */
async function prepare(
  { settings, directory, codexHome }: Stage,
  mode: Task["mode"],
): Promise<[Task, Record<string, string | undefined>]> {
  const folder = join(codexHome, "..", "bin");
  await mkdir(folder, { recursive: true });
  await symlink(codexBinary(), join(folder, "codex")).catch(() => {});
  // Neither a path nor an environment: the program has to do with what it inherits.
  const { config } = settings;
  const PATH = `${folder}${delimiter}${process.env.PATH}`;
  return [
    { codex: { config }, thread: { workingDirectory: directory }, mode },
    {
      ...process.env,
      CODEX_HOME: codexHome,
      CODEX_API_KEY: plantedKey,
      PATH,
      CODEX_PATH: undefined,
    },
  ];
}

/**
 * Runs the program through a shell: to a Deno that it starts itself without any permission, Deno's
 * node:child_process gives all of them.
 */
function shell(flags: string[], task: Task): string[] {
  return ["/bin/sh", "-c", `exec ${denoLine(flags, task)}`];
}

/** What the program said, but for the process id and in short. */
function said(lines: Line[]): (string | undefined)[] {
  return lines.filter(({ pid }) => pid === undefined)
    .map(({ event, error, finalResponse }) => event?.type ?? error?.name ?? finalResponse);
}

const turn = ["thread.started", "turn.started", "item.completed", "turn.completed"];

if (!isDeno) {
  it("permissions", { skip: "this is a test of Deno's permissions" }, () => {});
} else {
  describe("permissions on the real codex", () => {
    const bench = new Workbench();

    bench.it("of --allow-run=codex are all that a buffered turn needs", [
      message("ok"),
    ], async (stage) => {
      const [task, env] = await prepare(stage, "run");
      const { lines, stderr, code } = await new Program(
        shell(["--no-prompt", "--allow-run=codex"], task),
        env,
      ).ended;
      assert.deepEqual([said(lines), stderr, code], [["ok"], "", 0]);
    });

    bench.it("of --allow-run=codex are all that a streamed turn needs", [
      message("ok"),
    ], async (stage) => {
      const [task, env] = await prepare(stage, "stream");
      const { lines, stderr, code } = await new Program(
        shell(["--no-prompt", "--allow-run=codex"], task),
        env,
      ).ended;
      assert.deepEqual([said(lines), stderr, code], [turn, "", 0]);
      // Where it lies may not be known.
      assert.equal(lines[0]?.executable, "codex");
    });

    bench.it("to run codex are named when they are missing", [], async (stage) => {
      const [task, env] = await prepare(stage, "stream");
      const { lines } = await new Program(shell(["--no-prompt"], task), env).ended;
      assert.deepEqual(said(lines), ["SpawnError"]);
      assert.match(lines[0]!.error!.message, /not granted\. Start Deno with "--allow-run=codex"/);
    });

    bench.it("to run something else are not enough", [], async (stage) => {
      const [task, env] = await prepare(stage, "stream");
      const { lines } = await new Program(shell(["--no-prompt", "--allow-run=git"], task), env)
        .ended;
      assert.deepEqual(said(lines), ["SpawnError"]);
      assert.match(lines[0]!.error!.message, /--allow-run=codex/);
    });

    if (!hasTerminal()) {
      it("are not asked for", { skip: '"script", which makes a terminal, is missing' }, () => {});
    } else {
      bench.it("are not asked for, even where somebody could answer", [
        message("ok"),
      ], async (stage) => {
        const [task, env] = await prepare(stage, "stream");
        const line = denoLine(["--allow-run=codex"], task);
        const terminal = ["script", "--quiet", "--return", "--command", line, "/dev/null"];
        const program = new Program(terminal, env);
        // A question would be answered with the end of the input.
        program.child.stdin.end();
        const { lines, stderr, code } = await program.ended;
        assert.deepEqual([said(lines), code], [turn, 0]);
        assert.equal(stderr, "");
      });
    }
  });
}

/** Whether a program can be given a terminal. */
function hasTerminal(): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, "script"), constants.X_OK);
      return process.platform === "linux";
    } catch {
      return false;
    }
  });
}
