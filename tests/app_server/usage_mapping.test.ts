import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noUsage, toTokenUsage, usageShare } from "../../src/app_server/usage_mapping.ts";
import { ProtocolError } from "../../src/errors.ts";
import type { Usage } from "../../src/events.ts";
import { usage as anyUsage } from "../support/arbitraries.ts";
import { usageOf } from "../support/turns.ts";

describe("usageShare()", () => {
  it("is what was added", () => {
    assert.deepEqual(usageShare(noUsage, usageOf(42)), usageOf(42));
    assert.deepEqual(usageShare(usageOf(42), usageOf(126)), usageOf(84));
    assert.deepEqual(usageShare(usageOf(42), usageOf(42)), noUsage);
  });

  it("is not known without both totals, or when they went down", () => {
    assert.equal(usageShare(null, usageOf(42)), null);
    assert.equal(usageShare(usageOf(42), null), null);
    assert.equal(usageShare(null, null), null);
    assert.equal(usageShare(usageOf(43), usageOf(42)), null);
  });

  it("adds up over turns", () => {
    const shares = fc.array(anyUsage as fc.Arbitrary<Usage>, { minLength: 1, maxLength: 5 });
    fc.assert(fc.property(shares, (turns) => {
      let before: Usage = noUsage;
      for (const turn of turns) {
        const after = { ...before };
        for (const key of Object.keys(turn) as (keyof Usage)[]) after[key] += turn[key];
        assert.deepEqual(usageShare(before, after), turn);
        before = after;
      }
    }));
  });
});

describe("toTokenUsage()", () => {
  const counts = {
    totalTokens: 15,
    inputTokens: 10,
    cachedInputTokens: 4,
    cacheWriteInputTokens: 1,
    outputTokens: 5,
    reasoningOutputTokens: 2,
  };
  const usage = {
    input_tokens: 10,
    cached_input_tokens: 4,
    cache_write_input_tokens: 1,
    output_tokens: 5,
    reasoning_output_tokens: 2,
  };

  it("maps all figures", () => {
    const tokenUsage = { total: counts, last: counts, modelContextWindow: 258400 };
    assert.deepEqual(toTokenUsage({ threadId: "T", turnId: "U", tokenUsage }), {
      type: "thread.token_usage.updated",
      total: usage,
      last: usage,
      model_context_window: 258400,
    });
  });

  it("does without figures that a version does not have", () => {
    const { cacheWriteInputTokens: _, ...total } = counts;
    assert.deepEqual(toTokenUsage({ tokenUsage: { total } }), {
      type: "thread.token_usage.updated",
      total: { ...usage, cache_write_input_tokens: 0 },
      last: noUsage,
      model_context_window: null,
    });
  });

  it("refuses what are no figures", () => {
    const total = { ...counts, outputTokens: "5" };
    assert.throws(() => toTokenUsage({ tokenUsage: { total } }), (error) => {
      assert.ok(ProtocolError.is(error));
      assert.equal(error.path, "tokenUsage.total.outputTokens");
      return true;
    });
  });
});
