/** A promise and how to settle it. `Promise.withResolvers` is missing on Node 20. */
export type Deferred<T> = {
  /** The promise. */
  promise: Promise<T>;
  /** Resolves it. */
  resolve: (value: T) => void;
  /** Rejects it. */
  reject: (error: unknown) => void;
};

/** Makes a promise to be settled by someone else. */
export function deferred<T = void>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...settle) => [resolve, reject] = settle);
  return { promise, resolve, reject };
}
