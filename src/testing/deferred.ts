/** A promise and the function that resolves it. */
export type Deferred<T> = { promise: Promise<T>; resolve: (value: T) => void };

/** `Promise.withResolvers()`, which Node 20 does not have. */
export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
