import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { Codex, type CodexConfigObject } from "../../mod.ts";
import { answer, flags, observeRun, observeStream, untyped, withFake } from "./observe.ts";

/** The values of the `--config` flags. */
async function overrides(config: unknown): Promise<string[]> {
  const observed = await observeRun({ codex: { config: untyped<CodexConfigObject>(config) } });
  return flags(observed).filter((arg) => arg !== "--config");
}

describe("config as arguments, as with the official SDK:", () => {
  it("scalars", async () => {
    assert.deepEqual(
      await overrides({
        text: 'say "hi"\n\\ é 👋',
        empty: "",
        yes: true,
        no: false,
        whole: 3.0,
        negative: -7,
        zero: -0,
        fraction: 0.25,
        small: 1e-7,
        large: 1e21,
      }),
      [
        'text="say \\"hi\\"\\n\\\\ é 👋"',
        'empty=""',
        "yes=true",
        "no=false",
        "whole=3",
        "negative=-7",
        "zero=0",
        "fraction=0.25",
        "small=1e-7",
        "large=1e+21",
      ],
    );
  });

  it("nested objects become dotted paths, whose keys are not quoted", async () => {
    assert.deepEqual(
      await overrides({
        a: { b: { c: 1 }, d: "x" },
        "x.y": 2,
        "k k": 3,
        empty: {},
        deep: { empty: {} },
      }),
      ["a.b.c=1", 'a.d="x"', "x.y=2", "k k=3", "empty={}", "deep.empty={}"],
    );
  });

  it("arrays, and objects inside them with their keys quoted where needed", async () => {
    assert.deepEqual(
      await overrides({
        list: ["a", 1, true, [], {}],
        rules: [{ k: 1, "b c": "x", deep: { "d.e": [2] }, gone: undefined }],
      }),
      [
        'list=["a", 1, true, [], {}]',
        'rules=[{k = 1, "b c" = "x", deep = {"d.e" = [2]}}]',
      ],
    );
  });

  it("members that are undefined are left out", async () => {
    assert.deepEqual(await overrides({ a: undefined, b: { c: undefined }, d: 1 }), ["d=1"]);
  });

  it("the order is that of the object, whole numbers first", async () => {
    assert.deepEqual(await overrides({ b: 1, a: 2, 10: 3, 9: 4 }), ["9=4", "10=3", "b=1", "a=2"]);
  });

  it("an object without a prototype is as good as any", async () => {
    assert.deepEqual(await overrides(Object.assign(Object.create(null), { a: 1 })), ["a=1"]);
  });

  const refused: [string, unknown, RegExp][] = [
    ["null", { a: { b: [1, null] } }, /^Codex config override at a\.b\[1\] cannot be null/],
    ["NaN", { a: NaN }, /^Codex config override at a must be a finite number/],
    ["infinity", { a: [-Infinity] }, /^Codex config override at a\[0\] must be a finite number/],
    ["a bigint", { a: 1n }, /^Unsupported Codex config override value at a: bigint/],
    ["a function", { a: () => {} }, /^Unsupported Codex config override value at a: function/],
    ["a symbol", { a: Symbol("s") }, /^Unsupported Codex config override value at a: symbol/],
    [
      "undefined in an array",
      { a: [undefined] },
      /^Unsupported Codex config override value at a\[0\]: undefined/,
    ],
    ["an empty key", { "": 1 }, /^Codex config override keys must be non-empty strings/],
    ["a nested empty key", { a: { "": 1 } }, /^Codex config override keys must be non-empty/],
    ["an array as config", ["a=1"], /^Codex config overrides must be a plain object/],
    ["a string as config", "a=1", /^Codex config overrides must be a plain object/],
  ];
  for (const [what, config, message] of refused) {
    it(`${what} is refused at the first read, before anything is started`, async () => {
      const scene = { codex: { config: untyped<CodexConfigObject>(config) } };
      for (const observed of [await observeRun(scene), await observeStream(scene)]) {
        assert.match(observed.error!.message, message);
        assert.deepEqual(observed.starts, []);
      }
    });
  }

  it("neither the constructor nor runStreamed() look at it", async () => {
    const codex = new Codex({ config: untyped({ a: null }), codexPathOverride: process.execPath });
    const { events } = await codex.startThread().runStreamed("Hello");
    await assert.rejects(events.next(), /cannot be null/);
    assert.deepEqual(await events.next(), { done: true, value: undefined });
  });

  it("is read anew for each turn", async () => {
    await withFake(answer, async (fake) => {
      const config: CodexConfigObject = { a: 1 };
      const thread = new Codex({ codexPathOverride: fake.path, config }).startThread();
      await thread.run("one");
      config.a = 2;
      await thread.run("two");
      assert.deepEqual(fake.invocations().map(({ argv }) => argv[3]), ["a=1", "a=2"]);
    });
  });
});
