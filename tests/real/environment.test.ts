import assert from "node:assert/strict";
import process from "node:process";
import { after, before, describe } from "node:test";
import { Codex } from "../../mod.ts";
import { message, shell, toolOutputs } from "../../src/testing/mod.ts";
import { plantedKey } from "../support/planted_key.ts";
import { codexBinary } from "../support/real_codex.ts";
import { Workbench } from "../support/workbench.ts";

/** Prints the environment of codex, which is the parent of the shell that runs this. */
const printEnvironment = shell("tr '\\0' '\\n' < /proc/$PPID/environ", {}, { callId: "environ" });

describe("the environment of the real codex", () => {
  const bench = new Workbench();
  const name = "CODEX_SDK_TEST_VARIABLE";
  before(() => process.env[name] = "of the host");
  after(() => delete process.env[name]);

  const linux = process.platform === "linux";
  if (linux) {
    bench.it("is exactly what env says and what the SDK sets", [
      printEnvironment,
      message("ok"),
    ], async ({ model, settings, startThread }) => {
      await startThread({ sandboxMode: "danger-full-access" }).run("Print");
      const printed = toolOutputs(model.requests[1]!).get("environ")!
        .split("\n")
        .filter((line) => /^[A-Z_]+=/.test(line))
        .map((line) => line.split("=")[0]!);
      assert.deepEqual(
        printed.sort(),
        [
          ...Object.keys(settings.env!),
          "CODEX_API_KEY",
          "CODEX_INTERNAL_ORIGINATOR_OVERRIDE",
        ].sort(),
      );
    }, { scripted: { apiKey: plantedKey } });

    bench.it("is that of the host when env is not given", [
      printEnvironment,
      message("ok"),
    ], async ({ model, settings, directory }) => {
      const { CODEX_HOME, HOME } = process.env;
      Object.assign(process.env, {
        CODEX_HOME: settings.env!.CODEX_HOME,
        HOME: settings.env!.HOME,
      });
      const codex = new Codex({ ...settings, env: undefined });
      try {
        await codex.startThread({ workingDirectory: directory, sandboxMode: "danger-full-access" })
          .run("Print");
      } finally {
        await codex.close();
        restore({ CODEX_HOME, HOME });
      }
      assert.match(toolOutputs(model.requests[1]!).get("environ")!, /VARIABLE=of the host$/m);
    });
  }

  const argvs: string[][] = [];
  bench.it("carries the API key, which is no argument", [
    message("ok"),
  ], async ({ model, startThread }) => {
    await startThread().run("Hello");
    assert.equal(model.requests[0]!.headers.authorization, `Bearer ${plantedKey}`);
    assert.equal(argvs[0]?.[0], codexBinary());
    assert.doesNotMatch(argvs.join(), /\[redacted\]/);
    assert.equal(argvs.join().includes(plantedKey), false);
  }, {
    scripted: { apiKey: plantedKey },
    codex: { onSpawn: ({ argv }) => argvs.push(argv) },
  });

  bench.it("carries the API key to the built-in provider at baseUrl", [
    message("ok"),
  ], async ({ model, startThread }) => {
    await startThread().run("Hello");
    assert.equal(model.requests[0]!.headers.authorization, `Bearer ${plantedKey}`);
  }, { scripted: { provider: "builtin", apiKey: plantedKey } });

  const originators: [string, string | undefined, Record<string, string>][] = [
    ["codex_sdk_ts", undefined, {}],
    ["my_program", "my_program", {}],
    ["from_env", "my_program", { CODEX_INTERNAL_ORIGINATOR_OVERRIDE: "from_env" }],
  ];
  for (const [expected, originator, env] of originators) {
    bench.it(`names the program "${expected}" to the model`, [
      message("ok"),
    ], async ({ model, startThread }) => {
      await startThread().run("Hello");
      const { headers } = model.requests[0]!;
      assert.equal(headers.originator, expected);
      assert.equal(headers["user-agent"]?.split("/")[0], expected);
    }, { scripted: { env }, codex: { originator } });
  }
});

function restore(variables: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
