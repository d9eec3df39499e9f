import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidOptionsError } from "../../src/errors.ts";
import { exec } from "../../src/exec/mod.ts";

describe("exec()", () => {
  it("makes the lane for a Codex", async () => {
    const lane = await exec()({});
    assert.equal(lane.name, "exec");
    await lane.close();
  });

  it("passes its options on", async () => {
    await assert.rejects(async () => await exec({ lingerMs: -1 })({}), InvalidOptionsError);
    const lane = await exec({ lingerMs: 1 })({});
    await lane.close();
  });

  it("works on the runtime that it runs on", async () => {
    const lane = await exec()({ codexPath: "/nowhere/codex" });
    await assert.rejects(async () => await lane.version?.(), {
      name: "CodexNotFoundError",
      message: 'Cannot find codex: "/nowhere/codex" (codexPath) does not exist',
    });
    await lane.close();
  });
});
