import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseRetry } from "../src/retry.ts";

describe("parseRetry()", () => {
  const cases: [string, number | null, number | null][] = [
    ["Reconnecting... 2/5 (stream disconnected before completion)", 2, 5],
    ["Reconnecting... 1/2", 1, 2],
    ["Reconnecting… 2/5 (network error)", 2, 5],
    ["Reconnecting... 10/100 (x)", 10, 100],
    ["Reconnecting... waiting for network", null, null],
    ["Reconnecting...", null, null],
    ["Reconnecting", null, null],
  ];
  for (const [message, attempt, maxAttempts] of cases) {
    it(`reads ${JSON.stringify(message)}`, () => {
      assert.deepEqual(parseRetry(message), { attempt, maxAttempts, message });
    });
  }

  for (
    const message of [
      "",
      "unexpected status 401 Unauthorized: bad key",
      "We’re currently experiencing high demand, which may cause temporary errors.",
      "stream disconnected: Reconnecting... 2/5",
    ]
  ) {
    it(`does not take ${JSON.stringify(message)} for a retry`, () => {
      assert.equal(parseRetry(message), null);
    });
  }

  it("passes on codex's own words, whatever follows the figures", () => {
    fc.assert(fc.property(fc.nat(99), fc.nat(99), fc.string(), (attempt, maxAttempts, rest) => {
      const message = `Reconnecting... ${attempt}/${maxAttempts} (${rest})`;
      assert.deepEqual(parseRetry(message), { attempt, maxAttempts, message });
    }));
  });

  it("takes any text", () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const retry = parseRetry(text);
      assert.equal(retry !== null, text.startsWith("Reconnecting"));
    }));
  });
});
