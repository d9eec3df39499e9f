import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const { Bun } = globalThis as { Bun?: { gc(force: boolean): void } };

/** Collects what nobody holds any longer. */
export const collectGarbage: () => void = Bun === undefined ? v8Gc() : () => Bun.gc(true);

function v8Gc(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
