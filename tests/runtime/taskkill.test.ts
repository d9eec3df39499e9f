import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { taskkill } from "../../src/runtime/taskkill.ts";

describe("taskkill()", () => {
  it("ends the tree below a process by force", () => {
    assert.deepEqual(taskkill(42), ["taskkill", "/PID", "42", "/T", "/F"]);
  });

  it("names the system's own program where the system folder is known", () => {
    assert.equal(taskkill(42, "C:\\Windows")[0], "C:\\Windows\\System32\\taskkill.exe");
  });
});
