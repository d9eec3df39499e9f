import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { message, shell } from "../../src/testing/mod.ts";
import { argumentFor, type Line, Program, programFile } from "../support/programs.ts";
import { codexBinary } from "../support/real_codex.ts";
import { RemoteAppServer, serverToken } from "../support/remote_app_server.ts";
import { Workbench } from "../support/workbench.ts";
import type { Task } from "./program.ts";

if (!("Bun" in globalThis)) {
  it("a single-file program", { skip: "it is built by Bun" }, () => {});
} else {
  describe("a single-file program made by Bun, on the app-server lane", () => {
    const bench = new Workbench();
    let folder: string;
    let program: string;

    before(async () => {
      // Not in the project, whose modules it could find.
      folder = await realpath(await mkdtemp(join(tmpdir(), "single-file-")));
      program = join(folder, "program");
      await promisify(execFile)(process.execPath, [
        ...["build", "--compile", "--minify"],
        ...[programFile, "--outfile", program],
      ]);
    });
    after(() => rm(folder, { recursive: true }));

    async function run(task: Task): Promise<Line[]> {
      const command = [program, argumentFor(task)];
      const { lines, stderr, code } = await new Program(command, { PATH: "/usr/bin:/bin" }, folder)
        .ended;
      assert.deepEqual([stderr, code], ["", 0]);
      return lines;
    }

    bench.it("runs a turn on a server of its own", [
      shell("true"),
      message("ok"),
    ], async ({ settings, directory }) => {
      const thread = { workingDirectory: directory };
      const [first, ...lines] = await run({ codex: settings, thread, mode: "stream", server: {} });
      assert.equal(first?.executable, codexBinary());
      assert.deepEqual(lines.map(({ event }) => event?.type), [
        "thread.started",
        "turn.started",
        "item.started",
        "item.completed",
        "item.completed",
        "turn.completed",
      ]);
    });

    bench.it("runs a turn on a server elsewhere", [
      message("ok"),
    ], async ({ settings, directory }) => {
      const server = await RemoteAppServer.start({ settings });
      try {
        const thread = { workingDirectory: directory };
        const lines = await run({
          thread,
          mode: "run",
          server: { url: server.url, token: serverToken },
        });
        assert.deepEqual(lines, [{ finalResponse: "ok" }]);
      } finally {
        await server.stop();
      }
    });
  });
}
