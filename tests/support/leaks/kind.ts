/** A kind of thing that a test may leave behind. */
export interface Kind {
  /** Notes what there is, and returns what names that which was added since. */
  note(): () => string[];
  /** What it is; `undefined` for what is no test's, or gone. */
  describe(name: string): string | undefined;
}

/** A kind of which all there are can be named; who keeps its name is the same one. */
export function named(names: () => string[], describe: Kind["describe"]): Kind {
  return {
    note: () => {
      const before = new Set(names());
      return () => names().filter((name) => !before.has(name));
    },
    describe,
  };
}
