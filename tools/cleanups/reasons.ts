import type { Trial } from "./report.ts";

/** Why no test can miss a call, by file and call. */
const reasons: Record<string, Record<string, string>> = {};

/** Why no test misses a call; `undefined` when none is known. */
export function reasonFor({ file, cleanUp }: Pick<Trial, "file" | "cleanUp">): string | undefined {
  return reasons[file]?.[cleanUp.text];
}
