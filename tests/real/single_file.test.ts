import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { message } from "../../src/testing/mod.ts";
import { argumentFor, Program, programFile } from "../support/programs.ts";
import { codexBinary } from "../support/real_codex.ts";
import { Workbench } from "../support/workbench.ts";
import type { Task } from "./program.ts";

if (!("Bun" in globalThis)) {
  it("a single-file program", { skip: "it is built by Bun" }, () => {});
} else {
  describe("a single-file program made by Bun", () => {
    const bench = new Workbench();
    let folder: string;
    let program: string;

    before(async () => {
      // Not in the project, whose codex it would find.
      folder = await realpath(await mkdtemp(join(tmpdir(), "single-file-")));
      program = join(folder, "program");
      await promisify(execFile)(process.execPath, [
        "build",
        "--compile",
        programFile,
        "--outfile",
        program,
      ]);
    });
    after(() => rm(folder, { recursive: true }));

    /** Runs the program in its folder and checks which codex it started. */
    async function run(task: Task, env: Record<string, string>, executable: string) {
      const command = [program, argumentFor(task)];
      const { lines, stderr, code } = await new Program(command, env, folder).ended;
      assert.deepEqual([lines.shift()?.executable, stderr, code], [executable, "", 0]);
      return lines;
    }

    bench.it("runs a turn on the codex in PATH", [message("ok")], async (stage) => {
      const { settings: { config, apiKey, env }, directory } = stage;
      const bin = join(folder, "bin");
      await mkdir(bin);
      // No link, which would lead to the project's own package.
      const codex = join(bin, "codex");
      await writeFile(codex, `#!/bin/sh\nexec '${codexBinary()}' "$@"\n`, { mode: 0o755 });
      const lines = await run(
        { codex: { config, apiKey }, thread: { workingDirectory: directory }, mode: "run" },
        { ...env, PATH: `${bin}${delimiter}/usr/bin:/bin` },
        codex,
      );
      assert.deepEqual(lines, [{ finalResponse: "ok" }]);
    });

    bench.it("runs a turn on the codex that codexPath names", [message("ok")], async (stage) => {
      const lines = await run(
        { codex: stage.settings, thread: { workingDirectory: stage.directory }, mode: "stream" },
        { PATH: "/usr/bin:/bin" },
        codexBinary(),
      );
      assert.deepEqual(lines.map(({ event }) => event?.type), [
        "thread.started",
        "turn.started",
        "item.completed",
        "turn.completed",
      ]);
    });
  });
}
