import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, before, describe } from "node:test";
import { Codex, type CodexOptions, type SandboxMode, type ThreadOptions } from "../../mod.ts";
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

  /** What `config.toml` may hold that lets the agent write. */
  const permissive: [name: string, (directory: string) => string][] = [
    ["nothing", () => ""],
    [
      "a trusted folder",
      (directory) => `[projects.${JSON.stringify(directory)}]\ntrust_level = "trusted"`,
    ],
    ["sandbox_mode", () => 'sandbox_mode = "workspace-write"'],
    ["default_permissions", () => 'default_permissions = ":workspace"'],
  ];

  for (const [name, configuration] of permissive) {
    bench.it(`without one nothing may be written, with ${name} in config.toml`, [
      shell("touch unsaid; true"),
      message("ok"),
      shell("touch unsaid; true"),
      message("ok"),
    ], async ({ startThread, directory, codexHome }) => {
      const file = join(codexHome, "config.toml");
      writeFileSync(file, configuration(directory));
      await startThread().run("Make a file");
      assert.equal(existsSync(join(directory, "unsaid")), false);
      // With the flag left out, which an empty value does, the configuration has its way.
      await startThread({ sandboxMode: "" as SandboxMode }).run("Make a file");
      assert.equal(existsSync(join(directory, "unsaid")), name !== "nothing");
      rmSync(join(directory, "unsaid"), { force: true });
      rmSync(file);
    });
  }

  bench.it("without an approvalPolicy codex's reviewer cannot let a command out of the sandbox", [
    shell("touch reviewed", { sandbox_permissions: "require_escalated" }, { callId: "escape" }),
    message("ok"),
  ], async ({ startThread, directory, codexHome, model }) => {
    const file = join(codexHome, "config.toml");
    writeFileSync(file, 'approvals_reviewer = "auto_review"\napproval_policy = "on-request"\n');
    await startThread().run("Make a file");
    rmSync(file);
    assert.match(toolOutputs(model.requests[1]!).get("escape")!, /approval policy is Never/i);
    assert.equal(existsSync(join(directory, "reviewed")), false);
  });

  const saidOtherwise: [name: string, CodexOptions, ThreadOptions][] = [
    ["config", { config: { sandbox_mode: "workspace-write" } }, {}],
    ["configOverrides", { configOverrides: ['default_permissions=":workspace"'] }, {}],
    ["extraArgs", {}, { extraArgs: ["-s", "workspace-write"] }],
    ["extraArgs that say all", {}, { extraArgs: ["--dangerously-bypass-approvals-and-sandbox"] }],
    ["extraArgs with a reviewer", {}, { extraArgs: ["--approve-for-me"] }],
  ];

  for (const [name, codexOptions, threadOptions] of saidOtherwise) {
    bench.it(`without one holds what ${name} says`, [
      shell("touch said; true"),
      message("ok"),
    ], async ({ settings, directory }) => {
      const config = { ...settings.config, ...codexOptions.config };
      await using codex = new Codex({ ...settings, ...codexOptions, config });
      await codex.startThread({ workingDirectory: directory, ...threadOptions }).run("Make a file");
      assert.equal(existsSync(join(directory, "said")), true);
      rmSync(join(directory, "said"));
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
