/**
 * A turn that ends when its time is up or at Ctrl-C; codex and its commands are gone by then.
 * Without any of this, Ctrl-C ends codex, then the program.
 *
 * Deno: `deno run --allow-run=codex examples/abort.ts`
 * Bun: `bun examples/abort.ts`
 *
 * @module
 */

import process from "node:process";
import { AbortError, Codex, TimeoutError } from "../mod.ts";

const seconds = Number(process.argv[2] ?? 120);

const controller = new AbortController();
process.once("SIGINT", () => controller.abort(new Error("Ctrl-C")));

// The signal is ours to handle; Deno does not tell the SDK that somebody listens.
const thread = new Codex({ handleHostSignals: false }).startThread({ sandboxMode: "read-only" });
try {
  const turn = await thread.run("Explain every file in this folder", {
    signal: controller.signal,
    timeoutMs: seconds * 1000,
  });
  console.log(turn.finalResponse);
} catch (error) {
  if (AbortError.is(error)) console.log(`Stopped: ${(error.cause as Error).message}`);
  else if (TimeoutError.is(error)) console.log(`Stopped: ${error.message}`);
  else throw error;
  console.log(`${error.turn.items.length} items had arrived`);
}
