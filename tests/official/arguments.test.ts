import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { Codex, type CodexOptions, type ThreadOptions, type TurnOptions } from "../../mod.ts";
import { plantedKey } from "../support/planted_key.ts";
import {
  answer,
  flags,
  observeRun,
  observeStream,
  officialFlags,
  started,
  threadId,
  turnStarted,
  untyped,
  withFake,
} from "./observe.ts";

const allOfCodex: CodexOptions = {
  config: { model_provider: "mock", model_providers: { mock: { name: "Mock", retries: 0 } } },
  configOverrides: ["a.b=1", 'projects."/x".trust_level="trusted"'],
  baseUrl: "https://example.test/v1",
  apiKey: plantedKey,
};
const allOfThread: ThreadOptions = {
  model: "gpt-test-1",
  threadSource: "subagent",
  sandboxMode: "workspace-write",
  workingDirectory: "/work dir",
  skipGitRepoCheck: true,
  modelReasoningEffort: "high",
  networkAccessEnabled: true,
  webSearchMode: "cached",
  webSearchEnabled: true,
  approvalPolicy: "on-request",
  additionalDirectories: ["../one", "/two"],
};

/** The temporary file has another name each time. */
function withoutSchemaPath(args: string[]): string[] {
  return args.map((arg, i) => args[i - 1] === "--output-schema" ? "<file>" : arg);
}

describe("The arguments of codex, as with the official SDK:", () => {
  it("no options give no flags, and the prompt is not among the arguments", async () => {
    assert.deepEqual(flags(await observeRun()), []);
    assert.deepEqual(flags(await observeStream()), []);
  });

  it("the working directory of the process is the program's own", async () => {
    const { starts } = await observeRun({ thread: { workingDirectory: "/" } });
    assert.equal(starts[0]?.cwd, process.cwd());
  });

  it("all options together come in the official order", async () => {
    const observed = await observeRun({
      codex: allOfCodex,
      thread: allOfThread,
      turn: { outputSchema: { type: "object" }, cyberAccessProgram: "daybreak_blue" },
      input: [
        { type: "local_image", path: "first.png" },
        { type: "text", text: "What is it?" },
        { type: "local_image", path: "/second.jpg" },
      ],
    });
    assert.deepEqual(withoutSchemaPath(flags(observed)), [
      ...["--config", 'model_provider="mock"'],
      ...["--config", 'model_providers.mock.name="Mock"'],
      ...["--config", "model_providers.mock.retries=0"],
      ...["--config", "a.b=1"],
      ...["--config", 'projects."/x".trust_level="trusted"'],
      ...["--config", 'openai_base_url="https://example.test/v1"'],
      ...["--model", "gpt-test-1"],
      ...["--thread-source", "subagent"],
      ...["--sandbox", "workspace-write"],
      ...["--cd", "/work dir"],
      ...["--add-dir", "../one"],
      ...["--add-dir", "/two"],
      "--skip-git-repo-check",
      ...["--output-schema", "<file>"],
      ...["--cyber-access-program", "daybreak_blue"],
      ...["--config", 'model_reasoning_effort="high"'],
      ...["--config", "sandbox_workspace_write.network_access=true"],
      ...["--config", 'web_search="cached"'],
      ...["--config", 'approval_policy="on-request"'],
      ...["--image", "first.png"],
      ...["--image", "/second.jpg"],
    ]);
  });

  it("on resume the id stands between the flags and the images, and threadSource is left out", async () => {
    const observed = await observeRun({
      resume: threadId,
      thread: { threadSource: "subagent", model: "m", approvalPolicy: "never" },
      input: [{ type: "text", text: "And this?" }, { type: "local_image", path: "third.png" }],
    });
    assert.deepEqual(flags(observed), [
      ...["--model", "m"],
      ...["--config", 'approval_policy="never"'],
      ...["resume", threadId],
      ...["--image", "third.png"],
    ]);
  });

  it("empty values leave their flags out", async () => {
    const observed = await observeRun({
      codex: { config: {}, configOverrides: [], baseUrl: "", apiKey: "" },
      thread: untyped<ThreadOptions>({
        model: "",
        sandboxMode: "",
        workingDirectory: "",
        skipGitRepoCheck: false,
        modelReasoningEffort: "",
        webSearchMode: "",
        approvalPolicy: "",
        additionalDirectories: [],
      }),
    });
    assert.deepEqual(flags(observed), []);
  });

  it("options that are undefined leave their flags out", async () => {
    const observed = await observeRun({
      codex: {
        config: undefined,
        configOverrides: undefined,
        baseUrl: undefined,
        apiKey: undefined,
        env: undefined,
      },
      thread: {
        model: undefined,
        threadSource: undefined,
        sandboxMode: undefined,
        workingDirectory: undefined,
        skipGitRepoCheck: undefined,
        modelReasoningEffort: undefined,
        networkAccessEnabled: undefined,
        webSearchMode: undefined,
        webSearchEnabled: undefined,
        approvalPolicy: undefined,
        additionalDirectories: undefined,
      },
      turn: { outputSchema: undefined, signal: undefined, cyberAccessProgram: undefined },
    });
    assert.deepEqual(flags(observed), []);
  });

  it("options that are null count as not given where the official SDK asks for their truth", async () => {
    const observed = await observeRun({
      codex: untyped<CodexOptions>({
        config: null,
        configOverrides: null,
        baseUrl: null,
        apiKey: null,
        env: null,
      }),
      thread: untyped<ThreadOptions>({
        model: null,
        sandboxMode: null,
        workingDirectory: null,
        skipGitRepoCheck: null,
        modelReasoningEffort: null,
        webSearchMode: null,
        webSearchEnabled: null,
        approvalPolicy: null,
        additionalDirectories: null,
      }),
    });
    assert.deepEqual(flags(observed), []);
  });

  it("an empty threadSource or cyberAccessProgram is passed on", async () => {
    const observed = await observeRun({
      thread: { threadSource: "" },
      turn: untyped<TurnOptions>({ cyberAccessProgram: "" }),
    });
    assert.deepEqual(flags(observed), ["--thread-source", "", "--cyber-access-program", ""]);
  });

  it("what is switched off is said", async () => {
    const observed = await observeRun({
      thread: { networkAccessEnabled: false, webSearchEnabled: false },
    });
    assert.deepEqual(flags(observed), [
      ...["--config", "sandbox_workspace_write.network_access=false"],
      ...["--config", 'web_search="disabled"'],
    ]);
  });

  it("webSearchMode goes before webSearchEnabled, of which true stands for live", async () => {
    const search = async (thread: ThreadOptions) => flags(await observeRun({ thread })).at(-1);
    assert.equal(await search({ webSearchEnabled: true }), 'web_search="live"');
    assert.equal(
      await search({ webSearchEnabled: true, webSearchMode: "disabled" }),
      'web_search="disabled"',
    );
    assert.equal(
      await search({ webSearchEnabled: false, webSearchMode: "live" }),
      'web_search="live"',
    );
  });

  it("models, efforts and policies that the types do not list are passed on", async () => {
    const observed = await observeRun({
      thread: untyped<ThreadOptions>({
        model: "tomorrow's",
        modelReasoningEffort: "most",
        approvalPolicy: "granular",
      }),
    });
    assert.deepEqual(flags(observed), [
      ...["--model", "tomorrow's"],
      ...["--config", 'model_reasoning_effort="most"'],
      ...["--config", 'approval_policy="granular"'],
    ]);
  });

  it("the second turn of a thread resumes the id that codex told in the first", async () => {
    await withFake(answer, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread({
        threadSource: "subagent",
        model: "m",
      });
      await thread.run("one");
      const { events } = await thread.runStreamed("two");
      for await (const _ of events);
      await thread.run("three");
      assert.deepEqual(fake.invocations().map((start) => officialFlags(start)), [
        ["--model", "m", "--thread-source", "subagent"],
        ["--model", "m", "resume", threadId],
        ["--model", "m", "resume", threadId],
      ]);
    });
  });

  it("a turn after a failed one resumes the thread if its id had arrived", async () => {
    const failed = [{ events: [started, turnStarted] }, { stderr: "boom" }, { exit: 1 }];
    await withFake({ plans: [failed, answer] }, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      await assert.rejects(thread.run("one"));
      await thread.run("two");
      assert.deepEqual(officialFlags(fake.invocations()[1]!), ["resume", threadId]);
    });
  });

  it("a turn after one that codex said nothing of starts anew", async () => {
    await withFake({ plans: [[{ exit: 1 }], answer] }, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      await assert.rejects(thread.run("one"));
      assert.equal(thread.id, null);
      await thread.run("two");
      assert.deepEqual(officialFlags(fake.invocations()[1]!), []);
    });
  });

  it("threads of one Codex have options and ids of their own", async () => {
    await withFake(answer, async (fake) => {
      const codex = new Codex({ codexPathOverride: fake.path });
      const one = codex.startThread({ model: "one" });
      const two = codex.startThread({ model: "two" });
      await one.run("Hello");
      assert.equal(two.id, null);
      await two.run("Hello");
      assert.deepEqual(fake.invocations().map((start) => officialFlags(start)), [
        ["--model", "one"],
        ["--model", "two"],
      ]);
    });
  });
});
