import assert from "node:assert/strict";
import { describe } from "node:test";
import type { SpawnInfo } from "../../mod.ts";
import { message } from "../../src/testing/mod.ts";
import { plantedKey } from "../support/planted_key.ts";
import { codexBinary } from "../support/real_codex.ts";
import { Workbench } from "../support/workbench.ts";

describe("Codex.version()", () => {
  const bench = new Workbench();

  bench.it("tells which codex the real one is", [], async ({ codex }) => {
    const expected = { version: "0.169.0", path: codexBinary(), source: "option" };
    assert.deepEqual(await codex.version(), expected);
  });
});

describe("onSpawn", () => {
  const bench = new Workbench();
  const seen: SpawnInfo[] = [];

  bench.it(
    "is told how the real codex was started, without secrets",
    [message("ok")],
    async ({ startThread, directory }) => {
      await startThread({ extraArgs: ["--color", "never"] }).run("A private prompt");
      const [info, ...more] = seen;
      assert.deepEqual(more, []);
      assert.ok(info);
      assert.ok(Number.isInteger(info.pid));
      assert.equal(info.cwd, undefined);
      assert.deepEqual(info.argv.slice(0, 3), [codexBinary(), "exec", "--experimental-json"]);
      assert.equal(info.argv[info.argv.indexOf("--cd") + 1], directory);
      assert.deepEqual(info.argv.slice(-2), ["--color", "never"]);
      assert.deepEqual([...info.envKeys].sort(), [
        "CODEX_API_KEY",
        "CODEX_INTERNAL_ORIGINATOR_OVERRIDE",
      ]);
      assert.equal(
        info.argv.includes(
          'model_providers.other.experimental_bearer_token="[redacted]"',
        ),
        true,
      );
      assert.doesNotMatch(JSON.stringify(info), /s3cr3t|A private prompt/);
    },
    {
      scripted: {
        apiKey: plantedKey,
        config: {
          model_providers: { other: { name: "O", experimental_bearer_token: "s3cr3t-token" } },
        },
      },
      codex: { onSpawn: (info) => seen.push(info) },
    },
  );
});
