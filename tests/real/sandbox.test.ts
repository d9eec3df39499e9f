import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, before, describe } from "node:test";
import type { SandboxMode } from "../../mod.ts";
import { message, shell, toolOutputs } from "../../src/testing/mod.ts";
import { type ScratchFolder, scratchFolder } from "../support/real_codex.ts";
import { Workbench } from "../support/workbench.ts";

/** Where a file may be made. */
type Places = { inside: boolean; outside: boolean };

const modes: [SandboxMode, Places][] = [
  ["read-only", { inside: false, outside: false }],
  ["workspace-write", { inside: true, outside: false }],
  ["danger-full-access", { inside: true, outside: true }],
];

/** Codex counts the temporary folder as writable, and the project may lie in it. */
const withoutTemporaryFolder = ["exclude_slash_tmp", "exclude_tmpdir_env_var"]
  .flatMap((name) => ["--config", `sandbox_workspace_write.${name}=true`]);

describe("sandboxMode on the real codex", () => {
  const bench = new Workbench();
  let elsewhere: ScratchFolder;
  before(async () => {
    elsewhere = await scratchFolder();
  });
  after(() => elsewhere.remove());

  for (const [sandboxMode, expected] of modes) {
    bench.it(`"${sandboxMode}" allows what it says`, [
      shell(`touch ${sandboxMode}`, {}, { callId: "inside" }),
      () => shell(`touch ../${basename(elsewhere.path)}/${sandboxMode}`, {}, { callId: "outside" }),
      message("ok"),
    ], async ({ model, startThread, directory }) => {
      assert.equal(dirname(directory), dirname(elsewhere.path));
      await startThread({ sandboxMode, extraArgs: withoutTemporaryFolder }).run("Make files");
      const made = {
        inside: existsSync(join(directory, sandboxMode)),
        outside: existsSync(join(elsewhere.path, sandboxMode)),
      };
      assert.deepEqual(made, expected);
      // The items are not looked at: codex shows a command that the sandbox stopped, or does not.
      const outputs = toolOutputs(model.requests[2]!);
      for (const place of ["inside", "outside"] as const) {
        const refusal = /Read-only file system/.test(outputs.get(place)!);
        assert.equal(refusal, !expected[place]);
      }
    });
  }

  for (const isTrusted of [false, true]) {
    const whether = isTrusted ? "may be written to if" : "may not be written to unless";
    bench.it(`without one a folder ${whether} codex holds it for trusted`, [
      shell("touch undecided; true"),
      message("ok"),
    ], async ({ startThread, directory }) => {
      const trust = `projects={${JSON.stringify(directory)} = {trust_level = "trusted"}}`;
      await startThread({ extraArgs: isTrusted ? ["--config", trust] : [] }).run("Make a file");
      assert.equal(existsSync(join(directory, "undecided")), isTrusted);
    });
  }

  bench.it("additionalDirectories may be written to, too", [
    () => shell(`touch ../${basename(elsewhere.path)}/additional`),
    message("ok"),
  ], async ({ startThread }) => {
    await startThread({
      sandboxMode: "workspace-write",
      additionalDirectories: [elsewhere.path],
    }).run("Make a file");
    assert.equal(existsSync(join(elsewhere.path, "additional")), true);
  });

  bench.it("skipGitRepoCheck lets the agent work outside a repository", [
    message("ok"),
  ], async ({ startThread }) => {
    // The filesystem's root is in no repository.
    const refused = await startThread({ workingDirectory: "/" }).run("Hello").catch((error) =>
      error
    );
    assert.match(refused.message, /Not inside a trusted directory/);
    const { finalResponse } = await startThread({ workingDirectory: "/", skipGitRepoCheck: true })
      .run("Hello");
    assert.equal(finalResponse, "ok");
  });
});
