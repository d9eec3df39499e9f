/** A kind of thing that a test may leave behind. */
export interface Kind {
  /** Names all there are now; who keeps its name is the same one. */
  names(): Iterable<string>;
  /** What it is; `undefined` for what is no test's, or gone. */
  describe(name: string): string | undefined;
}
