/**
 * One turn, word by word: the answer as the model writes it, and what commands print.
 *
 * Deno: `deno run --allow-run=codex examples/live.ts`
 * Bun: `bun examples/live.ts`
 * Node: `node examples/live.ts`
 *
 * @module
 */

import process from "node:process";
import { Codex } from "../mod.ts";
import { appServer } from "../src/app_server/mod.ts";

const codex = new Codex({ transport: appServer() });
try {
  const thread = codex.startThread({ sandboxMode: "read-only" });
  const { events } = await thread.runStreamed("Which tests are slow, and why?", {
    liveEvents: true,
    timeoutMs: 600_000,
  });
  for await (const event of events) {
    switch (event.type) {
      case "item.agent_message.delta":
        process.stdout.write(event.delta);
        break;
      case "item.started":
        if (event.item.type === "command_execution") console.log(`$ ${event.item.command}`);
        break;
      case "item.completed":
        if (event.item.type === "agent_message") console.log();
        // Of what a command prints not all is told as it comes; here is all of it.
        if (event.item.type === "command_execution") console.log(event.item.aggregated_output);
        break;
      case "thread.token_usage.updated":
        console.log(`(${event.total.input_tokens + event.total.output_tokens} tokens so far)`);
        break;
      case "model.error":
        console.log(`! ${event.error_code}: ${event.message}`);
        break;
    }
  }
} finally {
  await codex.close();
}
