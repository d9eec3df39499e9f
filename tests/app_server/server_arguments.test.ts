import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serverArguments } from "../../src/app_server/server_arguments.ts";
import { serverEnvironment } from "../../src/app_server/server_environment.ts";
import { InvalidOptionsError } from "../../src/errors.ts";
import type { CodexOptions } from "../../src/options.ts";

const key = "sk-secret-1234567890";

const begin = [
  "app-server",
  ...["--config", "features.goals=false"],
  ...["--config", "features.write_stdin_approval=true"],
];

describe("serverArguments()", () => {
  const golden: [string, CodexOptions, string[]][] = [
    ["nothing", {}, begin],
    ["an empty key", { apiKey: "" }, begin],
    ["a key", { apiKey: key }, [
      ...begin,
      "--config",
      'cli_auth_credentials_store="ephemeral"',
    ]],
    ["everything", {
      config: { model: "m", tools: { update_plan: { enabled: true } } },
      configOverrides: ["x=1"],
      baseUrl: "http://localhost:1/v1",
      apiKey: key,
    }, [
      ...begin,
      "--config",
      'model="m"',
      "--config",
      "tools.update_plan.enabled=true",
      "--config",
      "x=1",
      "--config",
      'openai_base_url="http://localhost:1/v1"',
      "--config",
      'cli_auth_credentials_store="ephemeral"',
    ]],
    [
      "another store",
      { apiKey: key, config: { cli_auth_credentials_store: "file" } },
      [
        ...begin,
        "--config",
        'cli_auth_credentials_store="file"',
        "--config",
        'cli_auth_credentials_store="ephemeral"',
      ],
    ],
  ];
  for (const [what, codexOptions, args] of golden) {
    it(`of ${what}`, () => {
      assert.deepEqual(serverArguments({ codexOptions }), args);
    });
  }

  it("never hold the key", () => {
    const args = serverArguments({ codexOptions: { apiKey: key } });
    assert.equal(args.join(" ").includes(key), false);
  });

  it("put further arguments before the store of the key, which must count", () => {
    assert.deepEqual(
      serverArguments({ codexOptions: { apiKey: key }, extraArgs: ["--disable", "plugins"] }),
      [...begin, "--disable", "plugins", "--config", 'cli_auth_credentials_store="ephemeral"'],
    );
  });

  it("refuse what codex would misread", () => {
    for (
      const codexOptions of [
        { configOverrides: ["--yolo"] },
        { config: { "a=b": 1 } },
        { baseUrl: "a\0b" },
      ]
    ) {
      assert.throws(() => serverArguments({ codexOptions }), InvalidOptionsError);
    }
  });
});

describe("serverEnvironment()", () => {
  const environment = (codexOptions: CodexOptions, host: Record<string, string> = {}) =>
    serverEnvironment({
      codexOptions,
      hostEnv: (name) => host[name],
      pathDirs: [],
      platform: { os: "linux", arch: "x64" },
    }, "id");

  it("marks what the server starts, and says nothing else by itself", () => {
    assert.deepEqual(environment({ originator: "mine", apiKey: key }), {
      env: { CODEX_SDK_SERVER_ID: "id" },
      inheritEnv: true,
      keys: ["CODEX_SDK_SERVER_ID"],
    });
  });

  it("holds what the user puts there", () => {
    const env = { CODEX_API_KEY: "theirs", CODEX_INTERNAL_ORIGINATOR_OVERRIDE: "theirs" };
    assert.deepEqual(environment({ env, originator: "mine", apiKey: key }), {
      env: { ...env, CODEX_SDK_SERVER_ID: "id" },
      inheritEnv: false,
      keys: ["CODEX_SDK_SERVER_ID"],
    });
  });

  for (
    const options of [
      { config: { model_providers: { mine: { env_key: "CODEX_API_KEY" } } } },
      { configOverrides: ['mcp_servers.x.env_vars=["CODEX_API_KEY"]'] },
    ]
  ) {
    it(`holds the key where ${Object.keys(options)[0]} names its variable`, () => {
      const { env, keys } = environment({ ...options, apiKey: key });
      assert.deepEqual(env, { CODEX_API_KEY: key, CODEX_SDK_SERVER_ID: "id" });
      assert.deepEqual(keys, ["CODEX_API_KEY", "CODEX_SDK_SERVER_ID"]);
    });
  }

  it("leaves the options as they are", () => {
    const codexOptions = { env: { A: "1" }, apiKey: key };
    environment(codexOptions);
    assert.deepEqual(codexOptions, { env: { A: "1" }, apiKey: key });
  });
});
