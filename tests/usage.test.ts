import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Usage } from "../src/events.ts";
import { UsageMeter } from "../src/usage.ts";
import { usage as anyUsage } from "./support/arbitraries.ts";

function usage(input: number, output = 0): Usage {
  return {
    input_tokens: input,
    cached_input_tokens: 0,
    cache_write_input_tokens: 0,
    output_tokens: output,
    reasoning_output_tokens: 0,
  };
}

describe("UsageMeter", () => {
  it("gives all of it to the first turn of a new thread", () => {
    assert.deepEqual(new UsageMeter(true).share(usage(42, 5)), usage(42, 5));
  });

  it("gives each turn what was added", () => {
    const meter = new UsageMeter(true);
    assert.deepEqual(meter.share(usage(42, 5)), usage(42, 5));
    assert.deepEqual(meter.share(usage(84, 6)), usage(42, 1));
    assert.deepEqual(meter.share(usage(84, 6)), usage(0, 0));
  });

  it("does not know the share of the first turn of a thread that had begun", () => {
    const meter = new UsageMeter(false);
    assert.equal(meter.share(usage(84)), null);
    assert.deepEqual(meter.share(usage(126)), usage(42));
  });

  it("does not know the share of a turn without usage, nor of the one after it", () => {
    const meter = new UsageMeter(true);
    meter.share(usage(42));
    assert.equal(meter.share(null), null);
    assert.equal(meter.share(usage(126)), null);
    assert.deepEqual(meter.share(usage(168)), usage(42));
  });

  it("does not know the share when the figures went down, and goes on from there", () => {
    const meter = new UsageMeter(true);
    meter.share(usage(100, 10));
    assert.equal(meter.share(usage(50, 20)), null);
    assert.deepEqual(meter.share(usage(60, 21)), usage(10, 1));
  });

  it("counts what codex leaves out as nothing", () => {
    const meter = new UsageMeter(true);
    assert.deepEqual(meter.share({ input_tokens: 3 } as Usage), usage(3));
    assert.deepEqual(meter.share(usage(4, 1)), usage(1, 1));
  });

  it("gives shares that add up to the total", () => {
    fc.assert(fc.property(fc.array(anyUsage, { minLength: 1, maxLength: 6 }), (shares) => {
      const meter = new UsageMeter(true);
      const total: Record<string, number> = {};
      for (const share of shares as Record<string, number>[]) {
        for (const key of Object.keys(share)) total[key] = (total[key] ?? 0) + share[key]!;
        assert.deepEqual(meter.share({ ...total } as Usage), share);
      }
    }));
  });

  it("leaves what it is told alone", () => {
    const total = Object.freeze(usage(1));
    const meter = new UsageMeter(true);
    meter.share(total);
    assert.deepEqual(total, usage(1));
  });
});
