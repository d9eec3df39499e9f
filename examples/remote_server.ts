/**
 * A turn on a codex that runs elsewhere, started there with
 *
 *     codex app-server --listen ws://127.0.0.1:4500 \
 *       --ws-auth capability-token --ws-token-file /path/of/token
 *
 * and reached through `ssh -L 4500:127.0.0.1:4500`, or through a proxy that speaks `wss:`.
 *
 * Deno: `deno run --allow-env=CODEX_SERVER_TOKEN --allow-net=127.0.0.1:4500 examples/remote_server.ts`
 * Bun: `bun examples/remote_server.ts`
 * Node: `node examples/remote_server.ts`
 *
 * with the token in CODEX_SERVER_TOKEN, followed by `[ws://127.0.0.1:4500]`
 *
 * @module
 */

import process from "node:process";
import { Codex, ConnectionError, ServerLostError } from "../mod.ts";
import { appServer } from "../src/app_server/mod.ts";

const url = process.argv[2] ?? "ws://127.0.0.1:4500";
const codex = new Codex({ transport: appServer({ url, token: process.env.CODEX_SERVER_TOKEN }) });

try {
  // Paths are paths there.
  const thread = codex.startThread({ workingDirectory: "/", sandboxMode: "read-only" });
  const { events } = await thread.runStreamed("What runs on this machine?", {
    liveEvents: true,
    timeoutMs: 600_000,
  });
  for await (const event of events) {
    if (event.type === "item.agent_message.delta") process.stdout.write(event.delta);
  }
  console.log();
} catch (error) {
  if (!ConnectionError.is(error) && !ServerLostError.is(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await codex.close();
}
