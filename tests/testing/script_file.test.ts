import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as kit from "../../src/testing/mod.ts";
import { scratchFolder } from "../support/real_codex.ts";

const everything = `{
  // Comments are fine.
  "steps": [
    { "message": "ab", "deltas": ["a", "b"] },
    { "turn": [
      { "reasoning": ["x", "y"] },
      { "shell": "ls", "arguments": { "workdir": "/" }, "callId": "c1" },
      { "usage": { "input_tokens": 7 } },
    ] },
    { "applyPatch": ["*** Begin Patch", "*** End Patch"] },
    { "updatePlan": [{ "step": "s", "status": "pending" }], "explanation": "why" },
    { "functionCall": "f", "arguments": { "a": 1 }, "namespace": "n" },
    { "customToolCall": "exec", "input": "js", "namespace": "functions" },
    { "mcpCall": "add", "server": "demo", "arguments": { "a": 1 } },
    { "webSearch": "q" },
    { "rawItem": { "type": "t", "x": 1 } },
    { "failure": "context_length_exceeded", "text": "Too long" },
    { "incomplete": "max_output_tokens" },
    { "disconnect": true },
    { "httpError": 429, "body": "slow", "headers": { "retry-after": "1" } },
    { "repeat": { "message": "again" }, "times": 2 },
    { "repeat": { "message": "for ever" } },
  ],
}`;

function request(text: string): kit.ModelRequest {
  const input = [{ type: "message", role: "user", content: [{ type: "input_text", text }] }];
  const ended = Promise.resolve("answered" as const);
  return { index: 0, path: "/", headers: {}, body: { input }, threadId: "", ended };
}

describe("parseScript()", () => {
  it("reads every kind of step", () => {
    assert.deepEqual(kit.parseScript(everything), [
      kit.message("ab", { deltas: ["a", "b"] }),
      kit.turn(
        kit.reasoning("x", "y"),
        kit.shell("ls", { workdir: "/" }, { callId: "c1" }),
        kit.usage({ input_tokens: 7 }),
      ),
      kit.applyPatch("*** Begin Patch\n*** End Patch"),
      kit.updatePlan([{ step: "s", status: "pending" }], "why"),
      kit.functionCall("f", { a: 1 }, { namespace: "n" }),
      kit.customToolCall("exec", "js", { namespace: "functions" }),
      kit.mcpCall("demo", "add", { a: 1 }),
      kit.webSearch("q"),
      kit.rawItem({ type: "t", x: 1 }),
      kit.failure("context_length_exceeded", "Too long"),
      kit.incomplete("max_output_tokens"),
      kit.disconnect(),
      kit.httpError(429, { body: "slow", headers: { "retry-after": "1" } }),
      kit.repeat(kit.message("again"), 2),
      kit.repeat(kit.message("for ever")),
    ]);
  });

  it("reads scenarios", () => {
    const script = kit.parseScript(`{ "scenarios": [
      { "name": "greeting", "when": { "userText": "ello" }, "perThread": true,
        "steps": [{ "message": "Hello" }] },
      { "steps": [{ "message": "What?" }] }
    ] }`) as kit.Scenario[];
    const [greeting, rest] = script;
    assert.equal(greeting?.when?.(request("Hello")), true);
    assert.equal(greeting?.when?.(request("Goodbye")), false);
    assert.equal(greeting?.name, "greeting");
    assert.equal(greeting?.perThread, true);
    assert.deepEqual(rest, { steps: [kit.message("What?")] });
  });

  it("reads what is expected of a request", () => {
    const [step] = kit.parseScript(`{ "steps": [{ "expecting": { "userText": "ello" } }] }`) as [
      kit.ExpectPart,
    ];
    step.check(request("Hello"));
    assert.throws(() => step.check(request("Bye")), /said "Bye", which does not include "ello"/);
  });

  const mistakes: [string, string, RegExp][] = [
    [`{`, "", /^Cannot read script: /],
    [`[]`, "", /Expected an object$/],
    [`{}`, "", /Expected either "steps" or "scenarios"$/],
    [`{ "step": [] }`, "", /Unknown key "step"; expected steps, scenarios$/],
    [`{ "steps": {} }`, "steps", /Expected a list$/],
    [`{ "steps": [1] }`, "steps[0]", /Expected an object$/],
    [`{ "steps": [{ "mesage": "a" }] }`, "steps[0]", /Unknown step "mesage"; expected one of turn/],
    [`{ "steps": [{}] }`, "steps[0]", /Unknown step \(empty\)/],
    [`{ "steps": [{ "toString": 1 }] }`, "steps[0]", /Unknown step "toString"/],
    [`{ "steps": [{ "message": 1 }] }`, "steps[0].message", /Expected string but received 1$/],
    [`{ "steps": [{ "message": "a", "delta": 1 }] }`, "steps[0].delta", /Invalid key/],
    [
      `{ "steps": [{ "turn": [{ "message": "ab", "deltas": ["a", 1] }] }] }`,
      "steps[0].turn[0].deltas[1]",
      /^Cannot read script at steps\[0\]\.turn\[0\]\.deltas\[1\]: Invalid type: /,
    ],
    [
      `{ "steps": [{ "turn": [{ "message": "ab", "deltas": ["a"] }] }] }`,
      "steps[0].turn[0]",
      /deltas join to "a"/,
    ],
    [`{ "steps": [{ "turn": [{ "disconnect": true }, { "message": "a" }] }] }`, "steps[0]", /foll/],
    [`{ "steps": [{ "httpError": 200 }] }`, "steps[0].httpError", /Expected >=400/],
    [`{ "steps": [{ "repeat": { "message": "a" }, "times": "b" }] }`, "steps[0].times", /number$/],
    [`{ "scenarios": [{ "when": {}, "steps": [] }] }`, "scenarios[0].when.userText", /Invalid key/],
  ];
  for (const [text, path, reason] of mistakes) {
    it(`refuses ${text}`, () => {
      assert.throws(() => kit.parseScript(text), (error) => {
        assert.ok(kit.ScriptFileError.is(error));
        assert.match(error.message, reason);
        assert.equal(error.path, path);
        return true;
      });
    });
  }
});

describe("loadScript()", () => {
  it("reads a file, and names it in errors", async () => {
    const folder = await scratchFolder();
    try {
      const file = join(folder.path, "script.jsonc");
      await writeFile(file, everything);
      assert.deepEqual(await kit.loadScript(file), kit.parseScript(everything));
      await writeFile(file, "[]");
      await assert.rejects(kit.loadScript(file), {
        name: "ScriptFileError",
        message: `Cannot read ${JSON.stringify(file)}: Expected an object`,
      });
    } finally {
      await folder.remove();
    }
  });
});
