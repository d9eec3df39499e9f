import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidOptionsError } from "../src/errors.ts";
import * as validation from "../src/validation.ts";

type Validate = (value: unknown) => void;
const codexOptions = validation.validateCodexOptions as Validate;
const threadOptions = validation.validateThreadOptions as Validate;
const turnOptions = validation.validateTurnOptions as Validate;
const input = validation.validateInput as Validate;
const reviewTarget = validation.validateReviewTarget as Validate;

/** A tool that was not made by `tool()`, which checks its options itself. */
function withTimeout(timeoutMs: unknown): object {
  return { ...handMade, timeoutMs };
}

function refusal(validate: Validate, value: unknown): InvalidOptionsError {
  try {
    validate(value);
  } catch (error) {
    assert.ok(InvalidOptionsError.is(error), `not an InvalidOptionsError: ${error}`);
    return error;
  }
  assert.fail(`was not refused: ${JSON.stringify(value)}`);
}

/** What an option takes and what it refuses; nothing takes what `refused` lists. */
type Rule = { taken: unknown[]; refused: unknown[] };
const text: Rule = { taken: ["", "a", undefined, null], refused: [5, true, {}, [], "a\0b"] };
const requiredText: Rule = { taken: ["", "a", undefined], refused: [5, {}, "a\0b", null] };
const flag: Rule = { taken: [true, false, undefined, null], refused: [0, 1, "true", {}] };
const callback: Rule = { taken: [() => {}, undefined], refused: [{}, "f", 5, null] };
const texts: Rule = { taken: [[], ["a", ""], undefined, null], refused: ["a", [5], ["a\0"], {}] };
const handMade = { name: "a", description: "", inputSchema: {}, call: () => {} };
const time: Rule = {
  taken: [1, 0.5, 2 ** 31 - 1, Infinity, undefined],
  refused: [0, -1, NaN, 2 ** 31, -Infinity, "5", null, 5n],
};

const rules: { name: string; validate: Validate; options: Record<string, Rule> }[] = [
  {
    name: "validateCodexOptions()",
    validate: codexOptions,
    options: {
      codexPath: {
        taken: ["codex", new URL("file:///opt/codex"), undefined],
        refused: [5, {}, "a\0b", []],
      },
      codexPathOverride: text,
      baseUrl: text,
      apiKey: text,
      config: { taken: [{}, { a: { b: 1 } }, undefined, null, "whatever"], refused: [] },
      configOverrides: texts,
      env: {
        taken: [{}, { A: "1", B: undefined }, undefined, null],
        refused: [5, { A: 1 }, "A=1"],
      },
      originator: text,
      transport: callback,
      handleHostSignals: flag,
      maxLineBytes: { taken: [1, 1e9, Infinity, undefined], refused: [0, -1, NaN, "5"] },
      onSpawn: callback,
      onDiagnostic: callback,
    },
  },
  {
    name: "validateThreadOptions()",
    validate: threadOptions,
    options: {
      model: text,
      threadSource: requiredText,
      sandboxMode: {
        taken: ["read-only", "workspace-write", "danger-full-access", "", undefined, null],
        refused: ["readonly", "full", 5, {}],
      },
      workingDirectory: text,
      skipGitRepoCheck: flag,
      modelReasoningEffort: { ...text, taken: [...text.taken, "an-effort-of-tomorrow"] },
      networkAccessEnabled: { ...flag, taken: [true, false, undefined], refused: [null, 0, "no"] },
      webSearchMode: {
        taken: ["disabled", "cached", "live", "", undefined, null],
        refused: ["on", true, 5],
      },
      webSearchEnabled: flag,
      approvalPolicy: { ...text, taken: [...text.taken, "a-policy-of-tomorrow"] },
      additionalDirectories: texts,
      profile: text,
      ephemeral: flag,
      ignoreUserConfig: flag,
      extraArgs: { ...texts, taken: [[], ["--x"], undefined] },
      tools: {
        taken: [[], undefined, [handMade], ...time.taken.map((each) => [withTimeout(each)])],
        refused: ["a", {}, [5], [{}], ...time.refused.map((each) => [withTimeout(each)])],
      },
    },
  },
  {
    name: "validateTurnOptions()",
    validate: turnOptions,
    options: {
      cyberAccessProgram: requiredText,
      outputSchema: {
        taken: [{}, { type: "object" }, "schema.json", new URL("file:///s.json"), undefined],
        refused: [null, [], 5, true, "", () => {}],
      },
      signal: {
        taken: [new AbortController().signal, AbortSignal.abort(), undefined],
        refused: [new AbortController(), {}, "signal", true],
      },
      timeoutMs: time,
      idleTimeoutMs: time,
      onRetry: callback,
    },
  },
];

for (const { name, validate, options } of rules) {
  describe(name, () => {
    it("takes no options", () => {
      validate({});
    });

    for (const [option, { taken, refused }] of Object.entries(options)) {
      it(`takes and refuses values of "${option}"`, () => {
        for (const value of taken) validate({ [option]: value });
        for (const value of refused) {
          const error = refusal(validate, { [option]: value });
          assert.equal(error.path?.split(".")[0], option);
          assert.ok(error.message.includes(option), error.message);
        }
      });
    }

    it("hints at the option that was meant", () => {
      for (const option of Object.keys(options)) {
        const misspelt = option.slice(0, -1) + option.at(-1)!.toUpperCase();
        const error = refusal(validate, { [misspelt]: true });
        assert.match(error.message, new RegExp(`"${misspelt}": did you mean "${option}"\\?$`));
        assert.equal(error.path, misspelt);
      }
    });

    it("refuses what is no object", () => {
      for (const value of [null, 5, "text", true]) refusal(validate, value);
    });

    it("takes nothing but its options, and throws nothing but InvalidOptionsError", () => {
      const names = fc.oneof(fc.constantFrom(...Object.keys(options)), fc.string());
      fc.assert(fc.property(fc.dictionary(names, fc.anything()), (value) => {
        try {
          validate(value);
        } catch (error) {
          assert.ok(InvalidOptionsError.is(error), `not an InvalidOptionsError: ${error}`);
          return;
        }
        for (const key of Object.keys(value)) assert.ok(key in options, key);
      }));
    });
  });
}

describe("validation", () => {
  it("names the option, what it must be and what it is", () => {
    const cases: [Validate, unknown, string, string][] = [
      [
        threadOptions,
        { sandboxMode: "readonly" },
        "sandboxMode",
        'Invalid thread option "sandboxMode": it must be ("read-only" | "workspace-write" | ' +
        '"danger-full-access" | "") but is "readonly"',
      ],
      [
        threadOptions,
        { additionalDirectories: ["a", 5] },
        "additionalDirectories.1",
        'Invalid thread option "additionalDirectories.1": it must be string but is 5',
      ],
      [
        codexOptions,
        { env: { HOME: 5 } },
        "env.HOME",
        'Invalid Codex option "env.HOME": it must be string but is 5',
      ],
      [
        turnOptions,
        { timeoutMs: -1 },
        "timeoutMs",
        'Invalid turn option "timeoutMs": it must be greater than 0',
      ],
      [
        turnOptions,
        { timeoutMs: 2 ** 31 },
        "timeoutMs",
        'Invalid turn option "timeoutMs": it must be at most 2147483647, or Infinity for no limit',
      ],
      [
        turnOptions,
        { signal: {} },
        "signal",
        'Invalid turn option "signal": it must be an AbortSignal',
      ],
      [
        codexOptions,
        { apiKey: "a\0" },
        "apiKey",
        'Invalid Codex option "apiKey": it must not hold NUL',
      ],
      [
        turnOptions,
        { outputSchema: [] },
        "outputSchema",
        "outputSchema must be a plain JSON object, or the path or URL of a file that holds one",
      ],
    ];
    for (const [validate, value, path, message] of cases) {
      const error = refusal(validate, value);
      assert.equal(error.message, message);
      assert.equal(error.path, path);
    }
  });

  it("quotes nothing that may be secret", () => {
    const secret = "sk-this is/a=secret+value";
    const long = "a".repeat(1000);
    const refused: [Validate, unknown][] = [
      [codexOptions, { apiKey: [secret] }],
      [codexOptions, { apiKey: `${secret}\0` }],
      [codexOptions, { env: { A: [secret] } }],
      [codexOptions, { env: { A: `${secret}\0` } }],
      [codexOptions, { env: secret }],
      [codexOptions, { configOverrides: secret }],
      [codexOptions, { configOverrides: [`a="${secret}\0"`] }],
      [codexOptions, { maxLineBytes: secret }],
      [threadOptions, { sandboxMode: secret }],
      [threadOptions, { sandboxMode: long }],
      [turnOptions, { timeoutMs: secret }],
      [input, [{ type: secret, text: secret }]],
      [input, [{ type: "text", text: { secret } }]],
      [reviewTarget, { type: secret }],
    ];
    // What could be a short word, or a number, but is where none is expected.
    const word = "secret+".replace("+", "-0123456789abcdef");
    for (const value of [word, 123456789012]) {
      refused.push(
        [codexOptions, value],
        [codexOptions, { env: value }],
        [codexOptions, { configOverrides: value }],
        [codexOptions, { handleHostSignals: value }],
        [codexOptions, { onSpawn: value }],
        [codexOptions, { maxLineBytes: `${value}` }],
        [codexOptions, { env: { MY_TOKEN: 123456789012 } }],
        [codexOptions, { apiKey: 123456789012 }],
      );
    }
    for (const [validate, value] of refused) {
      const error = refusal(validate, value);
      assert.doesNotMatch(error.message, /secret-|123456/);
      for (const words of [error.message, JSON.stringify(error)]) {
        assert.equal(words.includes("secret+"), false, words);
        assert.ok(words.length < 1000, words);
      }
    }
  });
});

describe("validateInput()", () => {
  it("takes a text, and texts with images", () => {
    input("a");
    input([{ type: "text", text: "a" }]);
    input([
      { type: "local_image", path: "a.png" },
      { type: "text", text: "" },
      { type: "text", text: "a" },
      { type: "image", data: new Uint8Array([1]) },
      { type: "image", data: new ArrayBuffer(1) },
      { type: "image", data: new Blob(["a"]) },
    ]);
  });

  it("refuses an input without a text, which codex does not take", () => {
    const image = { type: "local_image", path: "a.png" };
    for (const empty of ["", [], [{ type: "text", text: "" }], [image]]) {
      const error = refusal(input, empty);
      assert.match(error.message, /^Cannot start a turn with an empty input/);
      assert.equal(error.path, "input");
    }
  });

  it("refuses what is neither a text nor a list of parts", () => {
    for (const value of [undefined, null, 5, {}, { type: "text", text: "a" }]) {
      refusal(input, value);
    }
  });

  it("says where in the list a part is wrong", () => {
    const good = { type: "text", text: "a" };
    const cases: [unknown, string][] = [
      [{ type: "text" }, "1.text"],
      [{ type: "text", text: 5 }, "1.text"],
      [{ type: "local_image", path: "" }, "1.path"],
      [{ type: "local_image", path: "a\0" }, "1.path"],
      [{ type: "image", data: "base64" }, "1.data"],
      [{ type: "video", path: "a" }, "1.type"],
      [{ type: "text", text: "a", extra: 1 }, "1.extra"],
    ];
    for (const [part, path] of cases) assert.equal(refusal(input, [good, part]).path, path);
  });
});

describe("validateReviewTarget()", () => {
  it("takes each kind of target", () => {
    reviewTarget({ type: "uncommitted_changes" });
    reviewTarget({ type: "base_branch", branch: "main" });
    reviewTarget({ type: "commit", sha: "abc" });
    reviewTarget({ type: "commit", sha: "abc", title: "Fix it" });
    reviewTarget({ type: "custom", instructions: "Look\nhere" });
  });

  it("refuses the rest, saying where", () => {
    const cases: [unknown, string | null][] = [
      [null, null],
      ["main", null],
      [{}, "type"],
      [{ type: "everything" }, "type"],
      [{ type: "base_branch" }, "branch"],
      [{ type: "base_branch", branch: "" }, "branch"],
      [{ type: "commit", sha: 5 }, "sha"],
      [{ type: "commit", sha: "a\0" }, "sha"],
      [{ type: "custom", instructions: "" }, "instructions"],
      [{ type: "uncommitted_changes", branch: "main" }, "branch"],
    ];
    for (const [value, path] of cases) assert.equal(refusal(reviewTarget, value).path, path);
  });
});
