/**
 * An HTTP endpoint that streams the events of a turn as Server-Sent Events. A client that goes away
 * ends its turn.
 *
 * Deno: `deno serve --allow-run=codex --host=127.0.0.1 --port=8000 examples/server.ts`
 * Bun: `bun --port=8000 examples/server.ts`
 *
 * curl -N http://127.0.0.1:8000 --json '{"prompt":"What does this project do?"}'
 *
 * @module
 */

import { Codex } from "../mod.ts";
import { ServerSentEventsStream } from "../src/streams/mod.ts";

const codex = new Codex();

async function fetch(request: Request): Promise<Response> {
  // Pages of other sites cannot send this type unasked. A server for others also needs a login.
  if (request.headers.get("content-type") !== "application/json") {
    return new Response('POST {"prompt":"…"} as application/json\n', { status: 415 });
  }
  const { prompt } = await request.json();
  if (typeof prompt !== "string" || prompt === "") {
    return new Response("A prompt is needed\n", { status: 400 });
  }
  const thread = codex.startThread({ sandboxMode: "read-only" });
  const { events } = await thread.runStreamed(prompt, { timeoutMs: 600_000 });
  return new Response(events.pipeThrough(new ServerSentEventsStream()), {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

// Both runtimes serve such an export; Bun also takes the host from it.
export default { fetch, hostname: "127.0.0.1" };
