import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { message } from "../../src/testing/mod.ts";
import { ServerBench } from "../support/app_server.ts";
import { isAlive } from "../support/processes.ts";
import { Program } from "../support/programs.ts";
import { codexBinary } from "../support/real_codex.ts";
import type { ServerTask } from "./app_server_program.ts";

if (!("Deno" in globalThis)) {
  it("permissions", { skip: "this is a test of Deno's permissions" }, () => {});
} else {
  describe("permissions on the real app-server", () => {
    const bench = new ServerBench();

    bench.it("of --allow-run=codex are all that a turn needs", [
      message("ok"),
    ], async ({ settings, directory, codexHome }) => {
      const folder = join(codexHome, "..", "bin");
      await mkdir(folder);
      await symlink(codexBinary(), join(folder, "codex"));
      // Neither a path nor an environment: the program has to do with what it inherits.
      const task: ServerTask = {
        codex: { config: settings.config },
        thread: { workingDirectory: directory, sandboxMode: "workspace-write" },
        server: { idleTimeoutMs: 1 },
      };
      const words = [
        process.execPath,
        ...["run", "--quiet", "--no-prompt", "--allow-run=codex"],
        join(import.meta.dirname!, "app_server_program.ts"),
        JSON.stringify(task),
      ];
      // To a Deno that it starts itself, Deno's node:child_process gives all permissions.
      const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
      const { lines, stderr, code } = await new Program(["/bin/sh", "-c", `exec ${line}`], {
        ...process.env,
        ...settings.env,
        CODEX_API_KEY: settings.apiKey,
        PATH: `${folder}${delimiter}${process.env.PATH}`,
      }).ended;
      assert.deepEqual([lines.at(-1)?.finalResponse, stderr, code], ["ok", "", 0]);
      assert.equal(isAlive(lines[0]!.pid!), false);
    });
  });
}
