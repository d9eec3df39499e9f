import type { TransportFactory } from "../transport.ts";
import type { ExecTiming } from "./timing.ts";

/** Options for {@linkcode exec}. */
export type ExecOptions = Partial<ExecTiming>;

/**
 * The exec lane: each turn is a `codex exec` process of its own. This is the default.
 *
 * @example
 * ```ts
 * import { Codex, exec } from "jsr:@codex/sdk";
 *
 * const codex = new Codex({ transport: exec({ interruptGraceMs: 10_000 }) });
 * ```
 */
export function exec(options: ExecOptions = {}): TransportFactory {
  // Loaded with the first turn, so that importing the SDK costs next to nothing.
  return async (codexOptions) => {
    const { ExecTransport } = await import("./transport.ts");
    return new ExecTransport(codexOptions, options);
  };
}
