import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { InvalidOptionsError } from "../../src/errors.ts";
import { execArguments, type ExecInput } from "../../src/exec/arguments.ts";
import { plantedKey } from "../support/planted_key.ts";

const id = "01a2053c-a2d6-7f81-93e5-de07e1dd54b5";

function inputOf(input: Partial<ExecInput>): ExecInput {
  return {
    codexOptions: {},
    threadOptions: {},
    turnOptions: {},
    target: { type: "new" },
    images: [],
    ...input,
  };
}

const everything: Partial<ExecInput> = {
  codexOptions: {
    config: { a: { b: 1 }, c: "x" },
    configOverrides: ["d=2", "e = { f = 3 }"],
    baseUrl: "http://localhost:1/v1",
    apiKey: plantedKey,
  },
  threadOptions: {
    model: "gpt-5.5",
    threadSource: "tests",
    sandboxMode: "workspace-write",
    workingDirectory: "/w d",
    additionalDirectories: ["/a", "/b"],
    skipGitRepoCheck: true,
    modelReasoningEffort: "high",
    networkAccessEnabled: true,
    webSearchMode: "cached",
    webSearchEnabled: false,
    approvalPolicy: "never",
  },
  turnOptions: { cyberAccessProgram: "standard" },
  outputSchemaFile: "/tmp/s/schema.json",
  images: ["/i/1.png", "/i/2.png"],
};

// deno-fmt-ignore
const everythingWritten = [
  "--config", "a.b=1", "--config", 'c="x"', "--config", "d=2", "--config", "e = { f = 3 }",
  "--config", 'openai_base_url="http://localhost:1/v1"', "--model", "gpt-5.5",
  "--thread-source", "tests", "--sandbox", "workspace-write", "--cd", "/w d", "--add-dir", "/a",
  "--add-dir", "/b", "--skip-git-repo-check", "--output-schema", "/tmp/s/schema.json",
  "--cyber-access-program", "standard", "--config", 'model_reasoning_effort="high"',
  "--config", "sandbox_workspace_write.network_access=true", "--config", 'web_search="cached"',
  "--config", 'approval_policy="never"',
];
const images = ["--image", "/i/1.png", "--image", "/i/2.png"];
const withoutSource = everythingWritten.filter((arg) =>
  arg !== "--thread-source" && arg !== "tests"
);

/** What is said of the sandbox and of approvals when the options say nothing. */
const readOnly = ["--sandbox", "read-only"];
const never = ["--config", 'approval_policy="never"'];

// deno-fmt-ignore
const golden: [name: string, input: Partial<ExecInput>, args: string[]][] = [
  ["the narrowest permissions for no options", {}, [...readOnly, ...never]],
  ["every official option in the official order", everything, [...everythingWritten, ...images]],
  ["a resumed thread after the flags and before the images, without threadSource",
    { ...everything, target: { type: "resume", id } }, [...withoutSource, "resume", id, ...images]],
  ["a thread resumed by name",
    { target: { type: "resume_name", name: "my thread" }, images: ["a.png"] },
    [...readOnly, ...never, "resume", "my thread", "--image", "a.png"]],
  ["the last thread",
    { target: { type: "resume_last", allDirectories: false }, images: ["a.png"] },
    [...readOnly, ...never, "resume", "--last", "--image", "a.png"]],
  ["the last thread of all folders",
    { target: { type: "resume_last", allDirectories: true } },
    [...readOnly, ...never, "resume", "--last", "--all"]],
  ["a fork, with its prompt from stdin and threadSource",
    { ...everything, target: { type: "fork", id } }, [...everythingWritten, "fork", id, "-", ...images]],
  ["our own options after the official ones",
    { threadOptions: { approvalPolicy: "never", profile: "p", ephemeral: true, ignoreUserConfig: true,
      extraArgs: ["--ignore-rules", "-c", "x=1"] }, target: { type: "resume", id } },
    [...readOnly, ...never, "--profile", "p", "--ephemeral", "--ignore-user-config",
      "--ignore-rules", "-c", "x=1", "resume", id]],
  ["a review of uncommitted changes",
    { review: { type: "uncommitted_changes" }, threadOptions: { model: "m" } },
    ["--model", "m", ...readOnly, ...never, "review", "--uncommitted"]],
  ["a review against a branch",
    { review: { type: "base_branch", branch: "main" } },
    [...readOnly, ...never, "review", "--base", "main"]],
  ["a review of a commit",
    { review: { type: "commit", sha: "abc" } },
    [...readOnly, ...never, "review", "--commit", "abc"]],
  ["a review of a commit with a title that starts with a dash",
    { review: { type: "commit", sha: "abc", title: "- fix" } },
    [...readOnly, ...never, "review", "--commit", "abc", "--title=- fix"]],
  ["a review with instructions from stdin",
    { review: { type: "custom", instructions: "look here" } },
    [...readOnly, ...never, "review", "-"]],
  ["nothing for empty options",
    { codexOptions: { config: {}, configOverrides: [], baseUrl: "" },
      threadOptions: { model: "", sandboxMode: "" as never, approvalPolicy: "" as never, workingDirectory: "", additionalDirectories: [], profile: "",
        skipGitRepoCheck: false, ephemeral: false, ignoreUserConfig: false, extraArgs: [] },
      outputSchemaFile: "" }, []],
  ["an empty threadSource", { threadOptions: { threadSource: "" } },
    ["--thread-source", "", ...readOnly, ...never]],
  ["an empty cyberAccessProgram",
    { turnOptions: { cyberAccessProgram: "" as never } },
    [...readOnly, "--cyber-access-program", "", ...never]],
  ["networkAccessEnabled false", { threadOptions: { networkAccessEnabled: false } },
    [...readOnly, "--config", "sandbox_workspace_write.network_access=false", ...never]],
  ["webSearchEnabled true", { threadOptions: { webSearchEnabled: true } },
    [...readOnly, "--config", 'web_search="live"', ...never]],
  ["webSearchEnabled false", { threadOptions: { webSearchEnabled: false } },
    [...readOnly, "--config", 'web_search="disabled"', ...never]],
  ["settings as TOML strings that nothing leaves",
    { codexOptions: { baseUrl: 'http://x/"\\\x7f' },
      threadOptions: { modelReasoningEffort: 'high", bogus="' as never, approvalPolicy: 'a"\n' as never,
        webSearchMode: '"' as never } },
    ["--config", 'openai_base_url="http://x/\\"\\\\\\u007F"',
      ...readOnly, "--config", 'model_reasoning_effort="high\\", bogus=\\""',
      "--config", 'web_search="\\""', "--config", 'approval_policy="a\\"\\n"']],
  ["paths that start with a dash as relative ones",
    { threadOptions: { workingDirectory: "-w", additionalDirectories: ["--a", "b"] },
      images: ["-i.png", "a b.png"], outputSchemaFile: "-s.json" },
    [...readOnly, "--cd", "./-w", "--add-dir", "./--a", "--add-dir", "b",
      "--output-schema", "./-s.json", ...never, "--image", "./-i.png", "--image", "a b.png"]],
];

const dash = 'expected a string that does not start with "-" but received "-x"';
// deno-fmt-ignore
const refused: [name: string, input: Partial<ExecInput>, path: string | null, message: string][] = [
  ["a model like a flag", { threadOptions: { model: "-x" } }, "model", `Invalid model: ${dash}`],
  ["a profile like a flag", { threadOptions: { profile: "-x" } }, "profile", `Invalid profile: ${dash}`],
  ["a threadSource like a flag", { threadOptions: { threadSource: "-x" } }, "threadSource", `Invalid threadSource: ${dash}`],
  ["a sandboxMode like a flag", { threadOptions: { sandboxMode: "-x" as never } }, "sandboxMode", `Invalid sandboxMode: ${dash}`],
  ["a cyberAccessProgram like a flag", { turnOptions: { cyberAccessProgram: "-x" as never } }, "cyberAccessProgram", `Invalid cyberAccessProgram: ${dash}`],
  ["a raw override like a flag", { codexOptions: { configOverrides: ["a=1", "-x"] } }, "configOverrides[1]", `Invalid configOverrides[1]: ${dash}`],
  ["a raw override like a flag, of which it does not quote what is set", { codexOptions: { configOverrides: ['--config=x.token="s3cret"\n='] } }, "configOverrides[0]", `Invalid configOverrides[0]: ${dash.replace("-x", "--config=…")}`],
  ["a thread id like a flag", { target: { type: "resume", id: "-x" } }, "thread id", `Invalid thread id: ${dash}`],
  ["an id to fork like a flag", { target: { type: "fork", id: "-x" } }, "thread id", `Invalid thread id: ${dash}`],
  ["a thread name like a flag", { target: { type: "resume_name", name: "-x" } }, "thread name", `Invalid thread name: ${dash}`],
  ["a branch like a flag", { review: { type: "base_branch", branch: "-x" } }, "branch", `Invalid branch: ${dash}`],
  ["a sha like a flag", { review: { type: "commit", sha: "-x" } }, "sha", `Invalid sha: ${dash}`],
  ["an empty thread id", { target: { type: "resume", id: "" } }, "thread id", 'Invalid thread id: expected a non-empty string but received ""'],
  ["an empty sha", { review: { type: "commit", sha: "" } }, "sha", 'Invalid sha: expected a non-empty string but received ""'],
  ["control characters in a thread name", { target: { type: "resume_name", name: "a\nb" } }, "thread name", 'Invalid thread name: expected a string without control characters but received "a\\nb"'],
  ["NUL in a model", { threadOptions: { model: "a\0" } }, "model", 'Invalid model: expected a string without NUL but received "a\\u0000"'],
  ["NUL in a path", { threadOptions: { workingDirectory: "a\0" } }, "workingDirectory", 'Invalid workingDirectory: expected a string without NUL but received "a\\u0000"'],
  ["NUL in extraArgs", { threadOptions: { extraArgs: ["\0"] } }, "extraArgs[0]", 'Invalid extraArgs[0]: expected a string without NUL but received "\\u0000"'],
  ["a lone surrogate in a setting", { codexOptions: { baseUrl: "\ud800" } }, "baseUrl", '"baseUrl" must be well-formed Unicode: it holds a lone surrogate'],
  ["an empty further folder", { threadOptions: { additionalDirectories: [""] } }, "additionalDirectories[0]", 'Invalid additionalDirectories[0]: expected a path but received ""'],
  ["an image path with a comma", { images: ["a.png", "a,b.png"] }, "images[1]", 'Cannot pass images[1] "a,b.png" to codex, which splits paths at commas: rename it, or pass its bytes as an input of type "image"'],
  ["a number for a string", { threadOptions: { model: 5 as never } }, "model", "Invalid model: expected a string but received number"],
  ["a string for a list", { threadOptions: { extraArgs: "-v" as never } }, "extraArgs", 'Invalid extraArgs: expected an array of strings but received "-v"'],
  ["a string for a boolean", { threadOptions: { networkAccessEnabled: "true" as never } }, "networkAccessEnabled", 'Invalid networkAccessEnabled: expected a boolean but received "true"'],
  ["what config cannot hold", { codexOptions: { config: { a: null as never } } }, "config.a", "Codex config override at a cannot be null"],
  ["NUL in a modelReasoningEffort", { threadOptions: { modelReasoningEffort: "\0" as never } }, "modelReasoningEffort", 'Invalid modelReasoningEffort: expected a string without NUL but received "\\u0000"'],
  ["NUL in a webSearchMode", { threadOptions: { webSearchMode: "\0" as never } }, "webSearchMode", 'Invalid webSearchMode: expected a string without NUL but received "\\u0000"'],
  ["NUL in an approvalPolicy", { threadOptions: { approvalPolicy: "\0" as never } }, "approvalPolicy", 'Invalid approvalPolicy: expected a string without NUL but received "\\u0000"'],
  ["NUL in the path of the schema", { outputSchemaFile: "\0" }, "outputSchema", 'Invalid outputSchema: expected a string without NUL but received "\\u0000"'],
  ["NUL in the title of a commit", { review: { type: "commit", sha: "a", title: "\0" } }, "title", 'Invalid title: expected a string without NUL but received "\\u0000"'],
  ["a long value, of which it quotes the beginning", { threadOptions: { model: "-" + "x".repeat(900) } }, "model", `Invalid model: expected a string that does not start with "-" but received "-${"x".repeat(199)}"`],
  ["a review in an existing thread", { target: { type: "resume", id }, review: { type: "uncommitted_changes" } }, null, "Cannot review in an existing thread: codex starts a new one for each review"],
  ["a review with images", { images: ["a.png"], review: { type: "uncommitted_changes" } }, "images", "Cannot pass images to a review: codex takes none"],
  ["a review with a schema", { outputSchemaFile: "s.json", review: { type: "uncommitted_changes" } }, "outputSchema", 'Cannot use "outputSchema" with a review: codex ignores it'],
];

describe("execArguments()", () => {
  for (const [name, input, args] of golden) {
    it(`writes ${name}`, () => {
      assert.deepEqual(execArguments(inputOf(input)), ["exec", "--experimental-json", ...args]);
    });
  }

  for (const [name, input, path, message] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => execArguments(inputOf(input)), (error) => {
        assert.ok(InvalidOptionsError.is(error));
        assert.equal(error.message, message);
        assert.equal(error.path, path);
        return true;
      });
    });
  }

  it("says the sandbox once, unless the program says it in another way", () => {
    for (const extraArgs of sandboxArguments) {
      assert.ok(!execArguments(inputOf({ threadOptions: { extraArgs } })).includes("read-only"));
    }
    for (const extraArgs of otherArguments) {
      const args = execArguments(inputOf({ threadOptions: { extraArgs } }));
      assert.equal(args.filter((arg) => arg === "--sandbox").length, 1, String(extraArgs));
    }
    const config = { sandbox_workspace_write: { network_access: true }, projects: { a: "x" } };
    assert.ok(execArguments(inputOf({ codexOptions: { config } })).includes("read-only"));
  });

  it("says an approval policy once, unless the program says it in another way", () => {
    const said = (input: Partial<ExecInput>) =>
      execArguments(inputOf(input)).filter((arg) => /approval_policy/.test(arg));
    for (const other of ["approval_policy = 'x'", "approval_policy=x", "approval_policy.x=1"]) {
      assert.deepEqual(said({ codexOptions: { configOverrides: [other] } }), [other]);
      assert.deepEqual(said({ threadOptions: { extraArgs: ["-c", other] } }), [other]);
    }
    assert.deepEqual(said({ threadOptions: { extraArgs: ["--approve-for-me"] } }), []);
    assert.deepEqual(said({ codexOptions: { config: { approvals_reviewer: "auto_review" } } }), []);
    const granular = { approval_policy: { granular: { rules: true } } };
    assert.deepEqual(said({ codexOptions: { config: granular } }), [
      "approval_policy.granular.rules=true",
    ]);
    for (const another of ["my.approval_policy=x", "approval_policy_of=x"]) {
      const codexOptions = { configOverrides: [another] };
      assert.deepEqual(said({ codexOptions }), [another, 'approval_policy="never"']);
    }
  });

  it("writes arguments or throws InvalidOptionsError, and never lets a value become a flag", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        let args: string[];
        try {
          args = execArguments(input);
        } catch (error) {
          if (!InvalidOptionsError.is(error)) throw error;
          return;
        }
        for (const arg of args) {
          assert.ok(!arg.includes("\0"));
          if (arg.startsWith("-")) assert.ok(flags.has(arg.replace(/^(--title)=.*/s, "$1")), arg);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("writes different arguments for different options", () => {
    fc.assert(
      fc.property(canonicalInput, canonicalInput, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        const sameArgs =
          JSON.stringify(execArguments(one)) === JSON.stringify(execArguments(other));
        assert.equal(sameArgs, same);
      }),
      { numRuns: 500 },
    );
  });

  it("writes different arguments when a single option differs", () => {
    const full = inputOf({
      ...everything,
      threadOptions: {
        ...everything.threadOptions,
        webSearchEnabled: undefined,
        // Not what is said anyway.
        approvalPolicy: "on-request",
      },
    });
    const written = new Set([JSON.stringify(execArguments(full))]);
    let variants = 1;
    for (const group of ["codexOptions", "threadOptions", "turnOptions"] as const) {
      for (const option of Object.keys(full[group])) {
        // The key goes into the environment; undefined is left out anyway.
        if (option === "apiKey" || option === "webSearchEnabled") continue;
        written.add(
          JSON.stringify(
            execArguments({ ...full, [group]: { ...full[group], [option]: undefined } }),
          ),
        );
        variants++;
      }
    }
    assert.equal(written.size, variants);
  });
});

/** Raw arguments about the sandbox, beside which codex refuses `--sandbox` or would hold to it. */
const sandboxArguments = [
  ["-s", "workspace-write"],
  ["-sworkspace-write"],
  ["--sandbox", "workspace-write"],
  ["--sandbox=workspace-write"],
  ["--dangerously-bypass-approvals-and-sandbox"],
  ["--yolo"],
  ["--approve-for-me"],
  ["-c", 'sandbox_mode="workspace-write"'],
  ["-c=sandbox_mode=workspace-write"],
  ["-csandbox_mode=workspace-write"],
  ["--config", ' default_permissions = ":workspace"'],
  ["--config=default_permissions=:workspace"],
];

/** Raw arguments that only look like it. */
const otherArguments = [
  ["--skip-git-repo-check"],
  ["--dangerously-bypass-hook-trust"],
  ["-c", "sandbox_workspace_write.network_access=true"],
  ["-c", 'projects={"/sandbox_mode=1" = {trust_level = "trusted"}}'],
  ["--add-dir", "/-s/sandbox_mode"],
];

// deno-fmt-ignore
const flags = new Set(["--experimental-json", "--config", "--model", "--thread-source", "--sandbox", "--cd",
  "--add-dir", "--skip-git-repo-check", "--output-schema", "--cyber-access-program", "--profile", "--ephemeral",
  "--ignore-user-config", "--last", "--all", "--uncommitted", "--base", "--commit", "--title", "--image", "-"]);

const anyString = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom("-", "a", "=", '"', ",", " ", "\0", "\n", "\ud800") }),
) as fc.Arbitrary<never>;
const anyInput: fc.Arbitrary<ExecInput> = fc.record({
  codexOptions: fc.record({
    config: fc.dictionary(anyString, anyString),
    configOverrides: fc.array(anyString),
    baseUrl: anyString,
  }, { requiredKeys: [] }),
  threadOptions: fc.record({
    model: anyString,
    threadSource: anyString,
    sandboxMode: anyString,
    workingDirectory: anyString,
    skipGitRepoCheck: fc.boolean(),
    modelReasoningEffort: anyString,
    networkAccessEnabled: fc.boolean(),
    webSearchMode: anyString,
    webSearchEnabled: fc.boolean(),
    approvalPolicy: anyString,
    additionalDirectories: fc.array(anyString),
    profile: anyString,
    ephemeral: fc.boolean(),
    ignoreUserConfig: fc.boolean(),
  }, { requiredKeys: [] }),
  turnOptions: fc.record({ cyberAccessProgram: anyString }, { requiredKeys: [] }),
  target: fc.oneof(
    fc.constant({ type: "new" as const }),
    fc.record({ type: fc.constant("resume" as const), id: anyString }),
    fc.record({ type: fc.constant("resume_name" as const), name: anyString }),
    fc.record({ type: fc.constant("resume_last" as const), allDirectories: fc.boolean() }),
    fc.record({ type: fc.constant("fork" as const), id: anyString }),
  ),
  review: fc.option(
    fc.oneof(
      fc.constant({ type: "uncommitted_changes" as const }),
      fc.record({ type: fc.constant("base_branch" as const), branch: anyString }),
      fc.record({ type: fc.constant("commit" as const), sha: anyString, title: anyString }),
      fc.record({ type: fc.constant("custom" as const), instructions: anyString }),
    ),
    { nil: undefined, freq: 3 },
  ),
  images: fc.array(anyString),
  outputSchemaFile: fc.option(anyString, { nil: undefined }),
}, { requiredKeys: ["codexOptions", "threadOptions", "turnOptions", "target", "images"] });

/** Options of which each says something, and nothing that another one says. */
const word = fc.stringMatching(/^[a-c]{1,2}$/) as fc.Arbitrary<never>;
const on = fc.constant(true as const);
const canonicalInput: fc.Arbitrary<ExecInput> = fc.record({
  codexOptions: fc.record({
    config: fc.record({ one: word, two: fc.record({ three: word }) }),
    baseUrl: word,
  }, { requiredKeys: [] }),
  threadOptions: fc.record({
    model: word,
    sandboxMode: word,
    workingDirectory: word,
    additionalDirectories: fc.array(word, { minLength: 1 }),
    skipGitRepoCheck: on,
    modelReasoningEffort: word,
    networkAccessEnabled: fc.boolean(),
    webSearchMode: word,
    approvalPolicy: word,
    profile: word,
    ephemeral: on,
    ignoreUserConfig: on,
  }, { requiredKeys: [] }),
  turnOptions: fc.record({ cyberAccessProgram: word }, { requiredKeys: [] }),
  target: fc.oneof(
    fc.constant({ type: "new" as const }),
    fc.record({ type: fc.constant("resume" as const), id: word }),
    fc.record({ type: fc.constant("resume_last" as const), allDirectories: fc.boolean() }),
    fc.record({ type: fc.constant("fork" as const), id: word }),
  ),
  images: fc.array(word, { maxLength: 2 }),
  outputSchemaFile: fc.option(word, { nil: undefined }),
});
