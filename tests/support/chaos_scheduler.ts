import type { Random } from "./random.ts";
import { settled } from "./virtual_clock.ts";

/** Something that can happen now. */
export type Possibility = {
  /** Who does it; how eager each is, is drawn once. */
  actor: string;
  /** Names it in the trace. */
  name: string;
  act: () => void | Promise<void>;
};

const eagerness = [0.02, 0.2, 1, 1, 1, 5, 50];

/**
 * Decides what happens next among all that can, by a seed: which of several independent callbacks
 * comes first, and whether the program gets to react in between.
 */
export class ChaosScheduler {
  /** What happened, for whoever has to understand a failure. */
  readonly trace: string[] = [];
  readonly #random: Random;
  readonly #sources: (() => Possibility[])[] = [];
  readonly #weights: Map<string, number> = new Map();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Adds a source of possibilities; it is asked before each step. */
  add(source: () => Possibility[]): void {
    this.#sources.push(source);
  }

  /**
   * Lets things happen until `isOver`. When nothing more can happen by itself, `rescue` may do
   * something about it and say so; throws when it does not, or when there is no end to it.
   */
  async run(isOver: () => boolean, rescue: () => boolean): Promise<void> {
    let still = 0;
    for (let step = 0; step < 20_000; step++) {
      // Now and then two things happen before the program sees the first.
      if (!this.#random.chance(0.25)) await settled();
      else if (this.#random.chance(0.5)) await null;
      if (isOver()) return;
      const possible = this.#sources.flatMap((source) => source());
      if (possible.length === 0) {
        await settled();
        // Loading a module may take a few rounds of the event loop.
        if (++still <= 200) continue;
        if (!rescue()) throw new Error("Nothing more can happen, and the turn has not ended");
        this.trace.push("rescue");
        still = 0;
        continue;
      }
      still = 0;
      const { actor, name, act } = this.#choose(possible);
      this.trace.push(`${actor}: ${name}`);
      await act();
    }
    throw new Error("The turn does not end");
  }

  #choose(possible: Possibility[]): Possibility {
    const weights = possible.map(({ actor }) => this.#weight(actor));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    let at = this.#random.next() / 2 ** 32 * sum;
    return possible.find((_, index) => (at -= weights[index]!) < 0) ?? possible.at(-1)!;
  }

  #weight(actor: string): number {
    let weight = this.#weights.get(actor);
    if (weight === undefined) {
      weight = this.#random.pick(eagerness);
      this.#weights.set(actor, weight);
    }
    return weight;
  }
}
