import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidOptionsError } from "../../src/errors.ts";
import { checkedTiming, defaultTiming } from "../../src/exec/timing.ts";

describe("checkedTiming()", () => {
  it("fills in what is not given", () => {
    assert.deepEqual(checkedTiming({}), defaultTiming);
    assert.deepEqual(checkedTiming({ lingerMs: undefined }), defaultTiming);
    assert.deepEqual(checkedTiming({ lingerMs: 0 }), { ...defaultTiming, lingerMs: 0 });
  });

  it("refuses what is no option and what no timer takes", () => {
    for (const wrong of [{ linger: 1 }, { lingerMs: -1 }, { lingerMs: NaN }, { lingerMs: "5" }]) {
      assert.throws(() => checkedTiming(wrong as never), InvalidOptionsError);
    }
    assert.throws(() => checkedTiming({ interruptGraceMs: Infinity }), InvalidOptionsError);
  });

  it("takes the longest time that a timer takes, and no longer one", () => {
    const longest = 2 ** 31 - 1;
    assert.equal(checkedTiming({ lingerMs: longest }).lingerMs, longest);
    assert.throws(() => checkedTiming({ lingerMs: longest + 1 }), InvalidOptionsError);
  });

  it("names what is wrong", () => {
    for (
      const [wrong, path, message] of [
        [{ linger: 1 }, "linger", 'Unknown exec option "linger"'],
        [
          { drainMs: -1 },
          "drainMs",
          'Invalid exec option "drainMs": it must be a number from 0 to 2147483647',
        ],
      ] as const
    ) {
      assert.throws(() => checkedTiming(wrong as never), { path, message });
    }
  });
});
