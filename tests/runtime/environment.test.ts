import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mergeEnvironment } from "../../src/runtime/environment.ts";

describe("mergeEnvironment()", () => {
  it("puts the additions in place of the host's variables", () => {
    assert.deepEqual(
      mergeEnvironment({ A: "host", B: "host", C: undefined }, { B: "new", D: "new" }, "linux"),
      { A: "host", B: "new", D: "new" },
    );
  });

  it("tells names apart by their case, except on Windows", () => {
    const host = { Path: "host", path: "other" };
    assert.deepEqual(mergeEnvironment(host, { PATH: "new" }, "darwin"), { ...host, PATH: "new" });
    assert.deepEqual(mergeEnvironment(host, { PATH: "new" }, "win32"), { PATH: "new" });
  });

  it("leaves what it was given alone", () => {
    const host = { A: "host" };
    const additions = { A: "new" };
    mergeEnvironment(host, additions, "linux");
    assert.deepEqual([host, additions], [{ A: "host" }, { A: "new" }]);
  });
});
