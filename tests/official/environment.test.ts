import assert from "node:assert/strict";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { Codex, type CodexOptions } from "../../mod.ts";
import { plantedKey } from "../support/planted_key.ts";
import { answer, observeRun, untyped, withFake } from "./observe.ts";

const originator = "CODEX_INTERNAL_ORIGINATOR_OVERRIDE";
const marker = "CODEX_SDK_TEST_MARKER";

describe("The environment of codex, as with the official SDK:", () => {
  let originatorBefore: string | undefined;
  before(() => {
    originatorBefore = process.env[originator];
    delete process.env[originator];
  });
  after(() => {
    delete process.env[marker];
    if (originatorBefore !== undefined) process.env[originator] = originatorBefore;
  });

  const seen = async (codex: CodexOptions) => {
    const { starts, error } = await observeRun({ codex });
    if (starts.length !== 1) throw error;
    return starts[0]!.env;
  };

  it("without env it is the program's own as each turn finds it, and the originator", async () => {
    await withFake(answer, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      process.env[marker] = "one";
      await thread.run("Hello");
      process.env[marker] = "two";
      await thread.run("Hello");
      delete process.env[marker];
      await thread.run("Hello");
      const starts = fake.invocations();
      assert.deepEqual(starts.map(({ env }) => env[marker]), ["one", "two", undefined]);
      assert.equal(starts[0]?.env.PATH, process.env.PATH);
      assert.equal(starts[0]?.env[originator], "codex_sdk_ts");
      assert.equal("CODEX_API_KEY" in starts[0]!.env, "CODEX_API_KEY" in process.env);
    });
  });

  it("with env it is exactly that, and the originator", async () => {
    assert.deepEqual(await seen({ env: { CUSTOM: "1", EMPTY: "" } }), {
      CUSTOM: "1",
      EMPTY: "",
      [originator]: "codex_sdk_ts",
    });
    assert.deepEqual(await seen({ env: {} }), { [originator]: "codex_sdk_ts" });
  });

  it("apiKey becomes CODEX_API_KEY and goes before that of env; an empty one is not given", async () => {
    const env = { CODEX_API_KEY: "sk-env" };
    assert.equal((await seen({ env: {}, apiKey: plantedKey })).CODEX_API_KEY, plantedKey);
    assert.equal((await seen({ env, apiKey: plantedKey })).CODEX_API_KEY, plantedKey);
    assert.equal((await seen({ env, apiKey: "" })).CODEX_API_KEY, "sk-env");
    assert.equal("CODEX_API_KEY" in await seen({ env: {} }), false);
  });

  it("an originator of one's own is kept, an empty one replaced", async () => {
    assert.equal((await seen({ env: { [originator]: "mine" } }))[originator], "mine");
    assert.equal((await seen({ env: { [originator]: "" } }))[originator], "codex_sdk_ts");
    process.env[originator] = "inherited";
    try {
      assert.equal((await seen({}))[originator], "inherited");
    } finally {
      delete process.env[originator];
    }
  });

  it("baseUrl sets no variable", async () => {
    const env = await seen({ env: {}, baseUrl: "https://example.test", apiKey: plantedKey });
    assert.deepEqual(Object.keys(env).sort(), ["CODEX_API_KEY", originator]);
  });

  it("the object given as env is left as it is", async () => {
    const env = Object.freeze({ CUSTOM: "1" });
    await seen({ env, apiKey: plantedKey });
    assert.deepEqual(env, { CUSTOM: "1" });
  });

  it("variables of env that are undefined are left out", async () => {
    const env = await seen({ env: untyped({ ONE: "1", TWO: undefined }) });
    assert.deepEqual(env, { ONE: "1", [originator]: "codex_sdk_ts" });
  });

  it("a bare name of an executable is looked up in codex's own PATH", async () => {
    await withFake(answer, async (fake) => {
      const env = { PATH: `/nonexistent:${fake.folder}` };
      await new Codex({ codexPathOverride: "codex", env }).startThread().run("Hello");
      assert.equal(fake.invocations().length, 1);

      const path = process.env.PATH;
      process.env.PATH = `${fake.folder}:${path}`;
      try {
        const elsewhere = new Codex({ codexPathOverride: "codex", env: { PATH: "/nonexistent" } });
        await assert.rejects(elsewhere.startThread().run("Hello"), { code: "ENOENT" });
        assert.equal(fake.invocations().length, 1);

        await new Codex({ codexPathOverride: "codex" }).startThread().run("Hello");
        assert.equal(fake.invocations().length, 2);
      } finally {
        process.env.PATH = path;
      }
    });
  });
});
