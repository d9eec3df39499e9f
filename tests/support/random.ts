/** Random numbers that a seed repeats, the same on every runtime (the generator is sfc32). */
export class Random {
  readonly #state: Uint32Array = new Uint32Array(4);

  /** `stream` tells apart the many sequences of one seed. */
  constructor(seed: number, stream = 0) {
    this.#state.set([seed, seed / 2 ** 32, stream, 1]);
    for (let round = 0; round < 12; round++) this.next();
  }

  /** A whole number from 0 to 2³² - 1. */
  next(): number {
    const state = this.#state;
    const [a, b, c, counter] = state as unknown as [number, number, number, number];
    const result = (a + b + counter) >>> 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + result;
    state[3] = counter + 1;
    return result;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.next() / 2 ** 32 * limit);
  }

  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** Whether something happens whose probability is `p`. */
  chance(p: number): boolean {
    return this.next() < p * 2 ** 32;
  }

  /** One of several. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** `count` of what `make` gives. */
  list<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }
}
