/**
 * A turn that is told more while it runs: each line you type goes to the agent, and "stop" ends it.
 *
 * Deno: `deno run --allow-run=codex examples/steering.ts`
 * Bun: `bun examples/steering.ts`
 * Node: `node examples/steering.ts`
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { AbortError, Codex } from "../mod.ts";
import { appServer } from "../src/app_server/mod.ts";

const codex = new Codex({ transport: appServer() });
const thread = codex.startThread({ sandboxMode: "read-only" });
const streamed = await thread.runStreamed("Explain the code in this folder, file by file", {
  timeoutMs: 600_000,
});

const typed = createInterface({ input: process.stdin });
typed.on("line", (line) => {
  if (line === "stop") streamed.interrupt();
  // Too late when the turn has just ended: that is an error, and not said to the next turn.
  else streamed.steer(line).catch((error) => console.log(`! ${error.message}`));
});

try {
  for await (const event of streamed.events) {
    if (event.type !== "item.completed") continue;
    if (event.item.type === "agent_message") console.log(event.item.text);
    if (event.item.type === "command_execution") console.log(`$ ${event.item.command}`);
  }
} catch (error) {
  if (!AbortError.is(error)) throw error;
  console.log("Stopped");
} finally {
  typed.close();
  await codex.close();
}
