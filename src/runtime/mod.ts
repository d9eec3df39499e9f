import { lazily } from "../lazily.ts";
import type { Runtime } from "./types.ts";

/** What tells the runtimes apart. */
export interface RuntimeGlobals {
  /** Deno's own global. */
  readonly Deno?: unknown;
  /** Bun's own global. */
  readonly Bun?: unknown;
}

/** The runtime that has these globals. */
export function runtimeName(
  globals: RuntimeGlobals = globalThis as RuntimeGlobals,
): Runtime["name"] {
  if (globals.Deno !== undefined) return "deno";
  if (globals.Bun !== undefined) return "bun";
  return "node";
}

// Literal imports, so that bundlers take the adapters along; dynamic ones, because each `node:`
// module costs Deno 4-23 ms of start-up.
const adapters: Record<Runtime["name"], () => Promise<Runtime>> = {
  deno: async () => (await import("./deno.ts")).denoRuntime,
  bun: async () => (await import("./bun.ts")).bunRuntime,
  node: async () => (await import("./node.ts")).nodeRuntime,
};

/** The adapter of the runtime this program runs on; loaded once. */
export const loadRuntime: () => Promise<Runtime> = lazily(() => adapters[runtimeName()]());
