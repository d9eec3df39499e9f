import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadRuntime, runtimeName } from "../../src/runtime/mod.ts";

describe("loadRuntime()", () => {
  it("loads the adapter of this runtime, once", async () => {
    const runtime = await loadRuntime();
    assert.equal(runtime.name, runtimeName());
    assert.equal(await loadRuntime(), runtime);
  });
});

describe("runtimeName()", () => {
  it("tells the runtimes apart by their globals", () => {
    assert.equal(runtimeName({ Deno: {} }), "deno");
    assert.equal(runtimeName({ Bun: {} }), "bun");
    assert.equal(runtimeName({}), "node");
  });
});
