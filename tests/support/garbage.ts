import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { until } from "./processes.ts";

const { Bun } = globalThis as { Bun?: { gc(force: boolean): void } };

/** Collects what nobody holds any longer. */
export const collectGarbage: () => void = Bun === undefined ? v8Gc() : () => Bun.gc(true);

/** Resolves once nobody holds what `make` makes, time and again, any longer. */
export async function waitUntilForgotten(make: () => object | Promise<object>): Promise<void> {
  const count = 50;
  let left = count;
  const registry = new FinalizationRegistry(() => left--);
  for (let i = 0; i < count; i++) registry.register(await make(), undefined);
  await until(() => {
    collectGarbage();
    // A collector may take what it finds on the stack for a reference.
    return left < count / 2;
  });
}

function v8Gc(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
