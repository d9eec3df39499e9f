/**
 * One turn, waited for: a prompt in, an answer out.
 *
 * Deno: `deno run --allow-run=codex examples/run.ts`
 * Bun: `bun examples/run.ts`
 *
 * @module
 */

import { Codex } from "../mod.ts";

const thread = new Codex().startThread({ sandboxMode: "read-only" });

// Codex retries for ever when the model cannot be reached: always set a limit.
const turn = await thread.run("What does this project do? Answer in two sentences.", {
  timeoutMs: 300_000,
});

console.log(turn.finalResponse);
console.log(`Items: ${turn.items.length}, output tokens: ${turn.usage?.output_tokens}`);
