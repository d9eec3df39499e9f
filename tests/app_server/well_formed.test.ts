import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { wellFormed } from "../../src/app_server/well_formed.ts";

describe("wellFormed()", () => {
  it("replaces lone surrogates wherever they are", () => {
    const half = "\ud800";
    assert.deepEqual(wellFormed({ [half]: [half, { a: `x${half}` }], b: "😀", c: null, d: 1 }), {
      "\ufffd": ["\ufffd", { a: "x\ufffd" }],
      b: "😀",
      c: null,
      d: 1,
    });
  });

  it("leaves everything else as it is", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      assert.equal(JSON.stringify(wellFormed(JSON.parse(text))), text);
    }));
  });
});
