/** A stream of these values; works where `ReadableStream.from` is missing. */
export function streamOf<T>(values: Iterable<T>): ReadableStream<T> {
  return new ReadableStream({
    start(controller) {
      for (const value of values) controller.enqueue(value);
      controller.close();
    },
  });
}

/** Everything a stream holds. */
export async function collect<T>(stream: ReadableStream<T>): Promise<T[]> {
  const all: T[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return all;
    all.push(value);
  }
}

/** What was read before a stream ended or failed, and how it failed. */
export async function drain<T>(
  events: { next(): Promise<IteratorResult<T, void>> },
): Promise<{ values: T[]; error?: unknown }> {
  const values: T[] = [];
  try {
    for (;;) {
      const { done, value } = await events.next();
      if (done) return { values };
      values.push(value as T);
    }
  } catch (error) {
    return { values, error };
  }
}
