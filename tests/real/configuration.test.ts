import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe } from "node:test";
import { Codex, type CodexConfigObject, ExitError, InvalidOptionsError } from "../../mod.ts";
import { message, type ModelRequest, repeat, shell, toolOutputs } from "../../src/testing/mod.ts";
import { Workbench } from "../support/workbench.ts";

/** Has the agent print the variables that the configuration sets for its commands. */
const printed = [shell('printf "%s|" "$A" "$B_1"', {}, { callId: "print" }), message("ok")];

function output(request: ModelRequest | undefined): string {
  return toolOutputs(request!).get("print") ?? "";
}

/** Spellings of the same setting. */
const spellings: [string, CodexConfigObject][] = [
  ["nested", { shell_environment_policy: { set: { A: 'a "b" \\ ü', B_1: "[1, 2]" } } }],
  ["dotted", { "shell_environment_policy.set": { A: 'a "b" \\ ü', B_1: "[1, 2]" } }],
  // A key that a dotted path cannot say makes an inline table of what holds it.
  ["inline", { shell_environment_policy: { set: { A: 'a "b" \\ ü', B_1: "[1, 2]", "C.D": "e" } } }],
];

describe("config on the real codex", () => {
  const bench = new Workbench();

  for (const [spelling, config] of spellings) {
    bench.it(`is understood when it is ${spelling}`, printed, async ({ model, startThread }) => {
      await startThread({ sandboxMode: "danger-full-access" }).run("Print");
      assert.match(output(model.requests[1]), /a "b" \\ ü\|\[1, 2\]\|/);
    }, { scripted: { config } });
  }

  bench.it("takes lists, numbers, booleans, and raw overrides last", [
    repeat(message("ok")),
  ], async ({ model, settings, directory }) => {
    const codex = new Codex({
      ...settings,
      config: {
        ...settings.config,
        notify: [],
        project_doc_max_bytes: 0,
        hide_agent_reasoning: true,
        model: "gpt-5.5-from-config",
      },
      configOverrides: ['model="gpt-5.5-from-overrides"', "model_context_window = 100_000"],
    });
    await codex.startThread({ workingDirectory: directory }).run("Hello");
    await codex.startThread({ workingDirectory: directory, model: "gpt-5.5-from-thread" })
      .run("Hello");
    assert.deepEqual(model.requests.map(({ body }) => body.model), [
      "gpt-5.5-from-overrides",
      "gpt-5.5-from-thread",
    ]);
    await codex.close();
  });

  bench.it(
    "rejects before anything is started when TOML cannot hold it",
    [],
    async ({ settings }) => {
      const spawned: unknown[] = [];
      const config = { ...settings.config, notify: [Infinity] };
      const codex = new Codex({ ...settings, config, onSpawn: (info) => spawned.push(info) });
      const error = await codex.startThread().run("Hello").catch((error) => error);
      assert.ok(InvalidOptionsError.is(error));
      assert.equal(error.path, "config.notify[0]");
      assert.deepEqual(spawned, []);
    },
  );

  bench.it("rejects with what codex says of a value it refuses", [], async ({ startThread }) => {
    const error = await startThread().run("Hello").catch((error) => error);
    assert.ok(ExitError.is(error));
    assert.match(error.message, /exited with code 1 before the turn ended: .*sandbox_mode/s);
  }, { scripted: { config: { sandbox_mode: "no-such-mode" } } });
});

describe("options of a thread on the real codex", () => {
  const bench = new Workbench();

  bench.it("reach the model", [repeat(message("ok"))], async ({ model, startThread }) => {
    await startThread({
      model: "gpt-5.5",
      modelReasoningEffort: "high",
      threadSource: "user",
      webSearchMode: "live",
      networkAccessEnabled: true,
      sandboxMode: "workspace-write",
      approvalPolicy: "on-request",
    }).run("Hello");
    const [{ body, headers }] = model.requests as [ModelRequest];
    assert.equal((body.reasoning as { effort: string }).effort, "high");
    const metadata = JSON.parse(headers["x-codex-turn-metadata"]!);
    assert.deepEqual(
      [metadata.thread_source, metadata.sandbox_mode, metadata.reasoning_effort],
      ["user", "workspace-write", "high"],
    );
    const tools = body.tools as { type: string; external_web_access?: boolean }[];
    assert.equal(tools.find(({ type }) => type === "web_search")?.external_web_access, true);
    assert.match(JSON.stringify(body.input), /[Nn]etwork access is enabled/);
  });

  bench.it("profile layers a file over the configuration, ignoreUserConfig leaves it unread", [
    repeat(message("ok")),
  ], async ({ model, settings, codexHome, directory }) => {
    const files = ["config.toml", "quick.config.toml"].map((name) => join(codexHome, name));
    await writeFile(files[0]!, 'model = "gpt-5.5-of-the-user"\n');
    await writeFile(files[1]!, 'model = "gpt-5.5-of-the-profile"\n');
    const { model: _, ...config } = settings.config;
    const codex = new Codex({ ...settings, config });
    try {
      for (const more of [{}, { profile: "quick" }, { ignoreUserConfig: true }]) {
        await codex.startThread({ workingDirectory: directory, ...more }).run("Hello");
      }
      const [user, profile, neither] = model.requests.map(({ body }) => body.model);
      assert.deepEqual([user, profile], ["gpt-5.5-of-the-user", "gpt-5.5-of-the-profile"]);
      assert.notEqual(neither, user);
    } finally {
      await codex.close();
      for (const file of files) await rm(file);
    }
  });

  bench.it("ephemeral leaves no record, and such a thread has one turn", [
    message("ok"),
    message("kept"),
  ], async ({ startThread, codexHome }) => {
    const records = () =>
      readdirSync(codexHome, { recursive: true, encoding: "utf8" })
        .filter((name) => /rollout-.*\.jsonl/.test(name)).length;
    const before = records();
    const thread = startThread({ ephemeral: true });
    await thread.run("Hello");
    assert.equal(records(), before);
    const error = await thread.run("Hello").catch((error) => error);
    assert.ok(InvalidOptionsError.is(error));
    assert.equal(error.path, "ephemeral");
    // What is looked for would be found.
    await startThread().run("Hello");
    assert.equal(records(), before + 1);
  });

  bench.it("extraArgs reach codex", [message("ok")], async ({ startThread, directory }) => {
    const file = join(directory, "last message.txt");
    await startThread({ extraArgs: ["--output-last-message", file] }).run("Hello");
    assert.equal(await readFile(file, "utf8"), "ok");
  });
});
