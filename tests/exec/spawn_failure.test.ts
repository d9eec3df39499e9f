import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CodexNotFoundError, InvalidOptionsError, SpawnError } from "../../src/errors.ts";
import { spawnFailure } from "../../src/exec/spawn_failure.ts";

function failure(facts: { code?: unknown; name?: string; message?: string }): Error {
  return Object.assign(new Error(facts.message ?? "spawn failed"), facts);
}

describe("spawnFailure()", () => {
  it("says how to get a codex that is missing", () => {
    const cause = failure({ code: "ENOENT" });
    const error = spawnFailure(cause, "/x/codex");
    assert.ok(CodexNotFoundError.is(error));
    assert.equal(
      error.message,
      'Cannot start codex: executable "/x/codex" was not found. ' +
        'Install it with "npm install -g @openai/codex", or set the option "codexPath"',
    );
    assert.equal(error.cause, cause);
  });

  it("tells a folder that is gone from a codex that is: Deno gives both the same code", () => {
    const message = "Failed to spawn 'codex': failed resolving cwd: No such file (os error 2)";
    const cause = failure({ code: "ENOENT", message });
    const error = spawnFailure(cause, "codex");
    assert.ok(SpawnError.is(error));
    assert.equal(
      error.message,
      "Cannot start codex: the folder that this program runs in is gone. Start it in one that exists",
    );
    assert.deepEqual([error.systemCode, error.cause], ["ENOENT", cause]);
  });

  const advice: [code: string, reason: string][] = [
    ["EACCES", "it is not executable: check the file's permissions"],
    ["EPERM", "starting it is not allowed"],
    ["ENOEXEC", "it is not a program for this machine"],
    ["E2BIG", "the arguments are too long: move configuration into codex's config file"],
    ["EAGAIN", "the limit of processes is reached"],
    ["EMFILE", "the limit of open files is reached"],
    ["ENOMEM", "there is not enough memory"],
    ["EIO", "spawn failed"],
  ];
  for (const [code, reason] of advice) {
    it(`says what ${code} means`, () => {
      const cause = failure({ code });
      const error = spawnFailure(cause, "codex");
      assert.ok(SpawnError.is(error));
      assert.equal(error.message, `Cannot start codex: "codex": ${reason}`);
      assert.deepEqual([error.systemCode, error.cause], [code, cause]);
    });
  }

  // Deno says "NotCapable" of a permission that was not granted; once it was "PermissionDenied",
  // which now is what the system refuses, and then has a code.
  for (const name of ["NotCapable", "PermissionDenied"]) {
    it(`names the permission that Deno lacks by ${name}`, () => {
      const cause = failure({ name });
      const error = spawnFailure(cause, "codex");
      assert.ok(SpawnError.is(error));
      assert.equal(
        error.message,
        'Cannot start codex: permission to run "codex" was not granted. ' +
          'Start Deno with "--allow-run=codex"',
      );
      assert.deepEqual([error.systemCode, error.cause], [null, cause]);
    });
  }

  it("does not take what the system refuses for a permission of Deno's", () => {
    const denied = spawnFailure(failure({ name: "PermissionDenied", code: "EACCES" }), "codex");
    assert.match(denied.message, /it is not executable/);
    const incapable = spawnFailure(failure({ name: "NotCapable", code: "EPERM" }), "codex");
    assert.match(incapable.message, /--allow-run=codex/);
  });

  it("quotes what it does not know, whatever was thrown", () => {
    for (
      const [cause, reason] of [
        [new TypeError("odd"), "odd"],
        [failure({ code: 5, message: "numbered" }), "numbered"],
        [{}, "[object Object]"],
        ["text", "text"],
        [null, "null"],
        [undefined, "undefined"],
      ] as const
    ) {
      const error = spawnFailure(cause, "codex");
      assert.ok(SpawnError.is(error));
      assert.equal(error.message, `Cannot start codex: "codex": ${reason}`);
      assert.deepEqual([error.systemCode, error.cause], [null, cause]);
    }
  });

  it("leaves errors of ours as they are", () => {
    const error = new InvalidOptionsError("wrong");
    assert.equal(spawnFailure(error, "codex"), error);
  });
});
