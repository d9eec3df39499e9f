import { describe, it } from "node:test";
import { chaosTurn } from "../support/chaos_turn.ts";

const seeds = 100;
const group = 50;

describe("Thread in a world where everything goes wrong", () => {
  for (let first = 1; first <= seeds; first += group) {
    it(`settles the turns of seeds ${first} to ${first + group - 1} as it must`, async () => {
      for (let seed = first; seed < first + group; seed++) await chaosTurn(seed);
    });
  }

  it("can end a turn that codex begins anew after it told its end", async () => {
    for (const seed of [653, 4182, 9196, 9460, 9558, 20682]) await chaosTurn(seed);
  });
});
