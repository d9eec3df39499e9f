/**
 * Makes something when it is first asked for, and once. A failure is not kept: what it came from,
 * such as a lack of descriptors while a module was loaded, may be over when it is asked for again.
 */
export function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
}
