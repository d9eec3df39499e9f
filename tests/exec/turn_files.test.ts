import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidOptionsError, SpawnError } from "../../mod.ts";
import { TurnFiles } from "../../src/exec/turn_files.ts";
import type { Runtime } from "../../src/runtime/types.ts";
import { FakeRuntime } from "../support/fake_runtime.ts";

describe("TurnFiles", () => {
  it("passes on the paths of images and writes the bytes of others", async () => {
    const host = new FakeRuntime();
    const written = new TurnFiles(host);
    const jpeg = new Uint8Array([0xff, 0xd8, 0xff]);
    const gif = new Uint8Array([0x47, 0x49, 0x46, 0x38]);
    assert.deepEqual(await written.images(["/i/1.png", jpeg, "2.png", gif]), [
      "/i/1.png",
      "/tmp/codex-image-1/image.jpg",
      "2.png",
      "/tmp/codex-image-2/image.gif",
    ]);
    assert.deepEqual([...host.privateFiles.values()], [jpeg, gif]);
    await written.remove();
    assert.equal(host.privateFiles.size, 0);
  });

  it("writes the schema", async () => {
    const host = new FakeRuntime();
    const path = await new TurnFiles(host).outputSchema({ type: "object" });
    assert.equal(path, "/tmp/codex-output-schema-1/schema.json");
    assert.equal(host.privateFiles.get(path), '{"type":"object"}');
    assert.equal(await new TurnFiles(host).outputSchema(undefined), undefined);
    assert.equal(host.privateFiles.size, 1);
  });

  it("refuses a schema that JSON cannot say", async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const unfriendly = {
      toJSON(): never {
        throw "no";
      },
    };
    const silent = { toJSON: () => undefined };
    const cases = [[cyclic, /: .+/], [unfriendly, /: no$/], [
      silent,
      /: its toJSON\(\) gives nothing$/,
    ]];
    for (const [schema, reason] of cases as [object, RegExp][]) {
      const host = new FakeRuntime();
      await assert.rejects(new TurnFiles(host).outputSchema(schema), (error) => {
        assert.ok(InvalidOptionsError.is(error));
        assert.equal(error.path, "outputSchema");
        assert.match(error.message, /^outputSchema must be a plain JSON object: /);
        assert.match(error.message, reason);
        assert.notEqual(error.cause, undefined);
        return true;
      });
      assert.equal(host.privateFiles.size, 0);
    }
  });

  it("says that a file cannot be written, whatever was thrown", async () => {
    for (
      const [thrown, said] of [
        [Object.assign(new Error("odd"), { code: 5 }), "odd"],
        ["text", "text"],
        [null, "null"],
      ] as const
    ) {
      const host = new FakeRuntime();
      host.beforePrivateFile = () => {
        throw thrown;
      };
      await assert.rejects(new TurnFiles(host).outputSchema({}), (error) => {
        assert.ok(SpawnError.is(error));
        assert.equal(
          error.message,
          `Cannot start codex: a temporary file for it cannot be written: ${said}`,
        );
        assert.deepEqual([error.systemCode, error.cause], [null, thrown]);
        return true;
      });
    }
  });

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
