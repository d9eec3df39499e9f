/**
 * One turn, watched: the events as they come.
 *
 * Deno: `deno run --allow-run=codex examples/stream.ts`
 * Bun: `bun examples/stream.ts`
 *
 * @module
 */

import { Codex } from "../mod.ts";

const thread = new Codex().startThread({ sandboxMode: "workspace-write" });
const { events, turn } = await thread.runStreamed("Make the tests pass", { timeoutMs: 600_000 });

for await (const event of events) {
  if (event.type === "error") console.log(`! ${event.message}`);
  if (event.type !== "item.completed") continue;
  const { item } = event;
  switch (item.type) {
    case "reasoning":
    case "agent_message":
      console.log(item.text);
      break;
    case "command_execution":
      console.log(`$ ${item.command} -> ${item.exit_code}`);
      break;
    case "file_change":
      for (const { kind, path } of item.changes) console.log(`${kind} ${path}`);
      break;
  }
}

// The same turn as `run()` would have returned it.
const { ownUsage } = await turn();
console.log(`This turn used ${ownUsage?.input_tokens} input tokens`);
