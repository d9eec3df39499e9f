import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidOptionsError } from "../../src/errors.ts";
import { type ExecEnvironment, execEnvironment } from "../../src/exec/environment.ts";
import type { CodexOptions } from "../../src/options.ts";

const originator = "CODEX_INTERNAL_ORIGINATOR_OVERRIDE";
const sdk = { [originator]: "codex_sdk_ts" };

function environmentOf(
  codexOptions: CodexOptions,
  { host = {}, pathDirs = [], os = "linux" }: {
    host?: Record<string, string>;
    pathDirs?: string[];
    os?: string;
  } = {},
): ExecEnvironment {
  return execEnvironment({
    codexOptions,
    hostEnv: (name) => host[name],
    pathDirs,
    platform: { os, arch: "x64" },
  });
}

describe("execEnvironment()", () => {
  it("inherits the host's environment and adds the originator", () => {
    assert.deepEqual(environmentOf({}, { host: { HOME: "/h", PATH: "/bin" } }), {
      env: sdk,
      inheritEnv: true,
      keys: [originator],
    });
  });

  it("inherits nothing when env is given", () => {
    assert.deepEqual(environmentOf({ env: { A: "1" } }, { host: { PATH: "/bin" } }), {
      env: { A: "1", ...sdk },
      inheritEnv: false,
      keys: [originator],
    });
    assert.deepEqual(environmentOf({ env: {} }).env, sdk);
  });

  it("leaves the caller's env as it is, and out what is undefined", () => {
    const env = Object.freeze({ PATH: "/bin", B: undefined as never });
    const { env: written } = environmentOf({ env, apiKey: "k" }, { pathDirs: ["/x"] });
    assert.deepEqual(env, { PATH: "/bin", B: undefined });
    assert.deepEqual(written, { PATH: "/x:/bin", ...sdk, CODEX_API_KEY: "k" });
  });

  describe("originator", () => {
    const cases: [string, CodexOptions, Record<string, string>, string | undefined][] = [
      ["is the official one by default", {}, {}, "codex_sdk_ts"],
      ["is the option's", { originator: "mine" }, {}, "mine"],
      ["is the default when the option is empty", { originator: "" }, {}, "codex_sdk_ts"],
      ["is env's before the option's", { originator: "mine", env: { [originator]: "e" } }, {}, "e"],
      [
        "is the option's when env's is empty",
        { originator: "mine", env: { [originator]: "" } },
        {},
        "mine",
      ],
      ["is inherited from the host", {}, { [originator]: "host" }, undefined],
      ["is the default when the host's is empty", {}, { [originator]: "" }, "codex_sdk_ts"],
      [
        "is the option's before the host's",
        { originator: "mine" },
        { [originator]: "host" },
        "mine",
      ],
      [
        "is not the host's when env is given",
        { env: {} },
        { [originator]: "host" },
        "codex_sdk_ts",
      ],
    ];
    for (const [name, options, host, expected] of cases) {
      it(name, () => assert.equal(environmentOf(options, { host }).env[originator], expected));
    }
  });

  it("sets CODEX_API_KEY to the apiKey, before env's", () => {
    const { env, keys } = environmentOf({ apiKey: "k", env: { CODEX_API_KEY: "e" } });
    assert.equal(env.CODEX_API_KEY, "k");
    assert.deepEqual(keys, [originator, "CODEX_API_KEY"]);
    assert.equal(environmentOf({ apiKey: "", env: { CODEX_API_KEY: "e" } }).env.CODEX_API_KEY, "e");
    assert.equal(environmentOf({ apiKey: "" }).env.CODEX_API_KEY, undefined);
  });

  describe("PATH", () => {
    const dirs = ["/v/codex-path"];
    const windows = { pathDirs: ["C:\\v\\codex-path"], os: "win32" };

    it("has the folders first, each once", () => {
      const { env, keys } = environmentOf({}, {
        host: { PATH: "/bin:/v/codex-path:/usr/bin" },
        pathDirs: dirs,
      });
      assert.equal(env.PATH, "/v/codex-path:/bin:/usr/bin");
      assert.deepEqual(keys, [originator, "PATH"]);
    });
    it("keeps its empty entries, which stand for the working directory", () => {
      assert.equal(
        environmentOf({}, { host: { PATH: "/a::/b" }, pathDirs: dirs }).env.PATH,
        "/v/codex-path:/a::/b",
      );
    });
    it("is left alone without folders to add", () => {
      assert.equal("PATH" in environmentOf({}, { host: { PATH: "/bin" } }).env, false);
    });
    it("is left alone when the host's is not known", () => {
      assert.equal("PATH" in environmentOf({}, { pathDirs: dirs }).env, false);
    });
    it("is made when env is given without one", () => {
      assert.equal(
        environmentOf({ env: {} }, { host: { PATH: "/bin" }, pathDirs: dirs }).env.PATH,
        "/v/codex-path",
      );
      assert.equal(
        environmentOf({ env: { PATH: "" } }, { pathDirs: dirs }).env.PATH,
        "/v/codex-path",
      );
    });
    it("keeps its spelling on Windows", () => {
      const env = { Path: "C:\\Windows;c:\\V\\CODEX-PATH" };
      assert.deepEqual(environmentOf({ env }, windows).env, {
        Path: "C:\\v\\codex-path;C:\\Windows",
        ...sdk,
      });
      assert.equal(
        environmentOf({}, { ...windows, host: { PATH: "C:\\Windows" } }).env.PATH,
        "C:\\v\\codex-path;C:\\Windows",
      );
      assert.equal(environmentOf({ env: {} }, windows).env.PATH, "C:\\v\\codex-path");
    });
    it("is the one that Windows would take where several differ by case", () => {
      const env = { A: "1", Path: "C:\\x", PATH: "C:\\y" };
      assert.deepEqual(environmentOf({ env }, windows).env, {
        A: "1",
        Path: "C:\\x",
        PATH: "C:\\v\\codex-path;C:\\y",
        ...sdk,
      });
      assert.deepEqual(environmentOf({ env: { A: "1" } }, windows).env, {
        A: "1",
        PATH: "C:\\v\\codex-path",
        ...sdk,
      });
    });
    it("is not Path elsewhere", () => {
      assert.deepEqual(environmentOf({ env: { Path: "x" } }, { pathDirs: dirs }).env, {
        Path: "x",
        PATH: "/v/codex-path",
        ...sdk,
      });
    });
  });

  const refused: [name: string, options: CodexOptions, path: string, message: string][] = [
    [
      "an empty name",
      { env: { "": "x" } },
      "env",
      'Invalid environment variable name "": expected a non-empty string without "=" and NUL',
    ],
    [
      'a name with "="',
      { env: { "A=B": "x" } },
      "env",
      'Invalid environment variable name "A=B": expected a non-empty string without "=" and NUL',
    ],
    [
      "a name with NUL",
      { env: { "A\0": "x" } },
      "env",
      'Invalid environment variable name "A\\u0000": expected a non-empty string without "=" and NUL',
    ],
    [
      "NUL in a value, without quoting it",
      { env: { A: "secret\0" } },
      "env.A",
      'Invalid value of environment variable "A": expected no NUL',
    ],
    [
      "NUL in the API key, without quoting it",
      { apiKey: "secret\0" },
      "apiKey",
      'Invalid value of environment variable "CODEX_API_KEY": expected no NUL',
    ],
  ];
  for (const [name, options, path, message] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => environmentOf(options),
        (error) =>
          InvalidOptionsError.is(error) && error.message === message && error.path === path,
      );
    });
  }
});
