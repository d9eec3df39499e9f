import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import {
  Codex,
  CodexNotFoundError,
  type CodexOptions,
  ExitError,
  InvalidOptionsError,
  SpawnError,
  type ThreadOptions,
} from "../../mod.ts";
import {
  assertError,
  executable,
  fault,
  goodTurn,
  play,
  rejection,
  test,
  warmUp,
} from "./support.ts";

/** A turn that writes a schema, so that there is something to leave behind. */
function attempt(options: CodexOptions, thread: ThreadOptions = {}): Promise<unknown> {
  const turn = new Codex(options).startThread(thread).run("Hi", { outputSchema: {} });
  return rejection(turn);
}

/** Declares a test of a codex that is a file of the test's own. */
function broken(
  name: string,
  contents: string | Uint8Array,
  mode: number,
  check: (error: unknown, path: string) => void,
): void {
  test(name, () =>
    play([], async () => {
      const file = executable(contents, mode);
      try {
        check(await attempt({ codexPath: file.path }), file.path);
      } finally {
        file.remove();
      }
    }));
}

describe("a codex that cannot be started", () => {
  warmUp();

  test("missing is a CodexNotFoundError", () =>
    play([], async ({ fake }) => {
      const path = join(fake.folder, "missing");
      assertError(await attempt({ codexPath: path }), CodexNotFoundError, {
        code: "ENOENT",
        message: `Cannot find codex: "${path}" (codexPath) does not exist`,
      });
    }));

  test("in no folder of PATH is a CodexNotFoundError", () =>
    play([], async ({ fake }) => {
      const env = { PATH: fake.folder };
      assertError(await attempt({ codexPath: "no-codex", env }), CodexNotFoundError, {
        code: "ENOENT",
        message: /"no-codex" \(codexPath\) is not in PATH/,
      });
    }));

  test("named in CODEX_PATH and missing is a CodexNotFoundError", () =>
    play([], async ({ fake }) => {
      const env = { CODEX_PATH: join(fake.folder, "missing") };
      assertError(await attempt({ env }), CodexNotFoundError, { message: /\(CODEX_PATH\)/ });
    }));

  test("with a name that is too long is a CodexNotFoundError", () =>
    play([], async () => {
      const path = "/" + "x".repeat(300);
      assertError(await attempt({ codexPath: path }), CodexNotFoundError, { code: "ENOENT" });
    }));

  test("a directory is a SpawnError", () =>
    play([], async ({ fake }) => {
      const path = join(fake.folder, "directory");
      mkdirSync(path);
      assertError(await attempt({ codexPath: path }), SpawnError, {
        code: "SPAWN_FAILED",
        systemCode: "EACCES",
        message:
          `Cannot start codex: "${path}": it is not executable: check the file's permissions`,
      });
    }));

  broken("not executable is a SpawnError", "#!/bin/sh\n", 0o644, (error, path) => {
    assertError(error, SpawnError, { systemCode: "EACCES", message: new RegExp(path) });
    assert.ok(error.cause instanceof Error);
  });

  broken(
    "a script whose interpreter is missing is a CodexNotFoundError",
    "#!/missing/interpreter\n",
    0o755,
    (error) => assertError(error, CodexNotFoundError, { code: "ENOENT" }),
  );

  // Where the system refuses such a file, the C library may hand it to a shell, which fails.
  const refused = (error: unknown) => {
    if (ExitError.is(error)) assert.ok(error.exitCode! > 0 && error.stderr !== "");
    else assertError(error, SpawnError, { systemCode: "ENOEXEC" });
  };
  const elf = new Uint8Array(4096);
  // A 64-bit little-endian executable for a machine that does not exist.
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0xad, 0xde, 1]);
  broken("for another machine is a typed error", elf, 0o755, refused);
  broken("garbage is a typed error", "\u0001garbage\u0000\n)(\n", 0o755, refused);

  broken("an empty file is an error", "", 0o755, (error) => {
    if (ExitError.is(error)) assertError(error, ExitError, { exitCode: 0 });
    else assertError(error, SpawnError, { systemCode: "ENOEXEC" });
  });

  const huge = "x".repeat(200_000);
  for (
    const [name, options, thread] of [
      ["extraArgs", {}, { extraArgs: [huge] }],
      ["config", { config: { key: huge } }, {}],
      ["configOverrides", { configOverrides: Array(40).fill(`k="${"x".repeat(100_000)}"`) }, {}],
      ["env", { env: { HUGE: huge } }, {}],
    ] as [string, CodexOptions, ThreadOptions][]
  ) {
    test(`with ${name} longer than the system takes is a SpawnError`, () =>
      play([], async ({ fake }) => {
        const error = await attempt({ codexPath: fake.path, ...options }, thread);
        assertError(error, SpawnError, {
          systemCode: "E2BIG",
          message: /: the arguments are too long: move configuration into codex's config file$/,
        });
        assert.deepEqual(fake.invocations(), []);
      }));
  }

  for (
    const [name, options, thread] of [
      ["codexPath", { codexPath: "a\0b" }, {}],
      ["env", { env: { A: "a\0b" } }, {}],
      ["apiKey", { apiKey: "a\0b" }, {}],
      ["extraArgs", {}, { extraArgs: ["a\0b"] }],
      ["configOverrides", { configOverrides: ["a=\0"] }, {}],
      ["workingDirectory", {}, { workingDirectory: "a\0b" }],
    ] as [string, CodexOptions, ThreadOptions][]
  ) {
    test(`with NUL in ${name} is an InvalidOptionsError`, () =>
      play([], async ({ fake }) => {
        const error = await attempt({ codexPath: fake.path, ...options }, thread);
        assertError(error, InvalidOptionsError, { code: "INVALID_OPTIONS" });
        assert.deepEqual(fake.invocations(), []);
      }));
  }

  fault(
    "a workingDirectory that is missing is codex's matter",
    [{ events: goodTurn }],
    { thread: { workingDirectory: "/missing/directory" } },
    ({ turn }, { fake }) => {
      assert.equal(turn?.finalResponse, "Hello");
      assert.deepEqual(fake.invocations()[0]?.argv.slice(-4), [
        ...["--cd", "/missing/directory"],
        ...["--config", 'approval_policy="never"'],
      ]);
    },
  );

  test("is tried anew by the next turn", () =>
    play([{ events: goodTurn }], async ({ fake }) => {
      const options: CodexOptions = { codexPath: join(fake.folder, "missing") };
      const thread = new Codex(options).startThread();
      assertError(await rejection(thread.run("Hi")), CodexNotFoundError, {});
      options.codexPath = fake.path;
      assert.equal((await thread.run("Hi")).finalResponse, "Hello");
    }));
});
