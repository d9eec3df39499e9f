import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SpawnError } from "../../mod.ts";
import { TurnFiles } from "../../src/exec/turn_files.ts";
import type { Runtime } from "../../src/runtime/types.ts";

describe("TurnFiles", () => {
  const cause = Object.assign(new Error("the disk is full"), { code: "ENOSPC" });
  const runtime = { writePrivateFile: () => Promise.reject(cause) };
  const files = new TurnFiles(runtime as unknown as Runtime);

  const writes: [string, () => Promise<unknown>][] = [
    ["a schema", () => files.outputSchema({ type: "object" })],
    ["an image", () => files.images([new Uint8Array([1])])],
  ];
  for (const [what, write] of writes) {
    it(`says that ${what} cannot be written`, async () => {
      await assert.rejects(write(), (error) => {
        assert.ok(SpawnError.is(error));
        assert.equal(
          error.message,
          "Cannot start codex: a temporary file for it cannot be written: the disk is full",
        );
        assert.deepEqual([error.systemCode, error.cause], ["ENOSPC", cause]);
        return true;
      });
    });
  }
});
