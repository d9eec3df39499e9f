/**
 * An HTTP server that shuts down in the middle of turns: at SIGTERM or Ctrl-C it takes no more
 * turns, waits for those that run, ends what still runs after 25 s, or at a second signal, tells
 * the clients of those what had arrived, and exits with 0.
 *
 * Deno: `deno run --allow-net=127.0.0.1 --allow-run examples/graceful_server.ts`
 * Bun: `bun examples/graceful_server.ts`
 * Node: `node examples/graceful_server.ts`
 *
 * curl -N http://127.0.0.1:8000 --json '{"prompt":"What does this project do?"}'
 *
 * On Deno it takes `--allow-run` for everything: only then codex has a process group of its own,
 * and does not hear the Ctrl-C of a terminal.
 *
 * @module
 */

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { json } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { Codex } from "../mod.ts";
import { ServerSentEventsStream } from "../src/streams/mod.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8000" },
    /** Shorter than the patience of what stops the server: 30 s for Kubernetes, 10 s for Docker. */
    "drain-ms": { type: "string", default: "25000" },
  },
});

// What the signals mean is ours to say, not the SDK's.
const codex = new Codex({ handleHostSignals: false });
const running = new Set<Promise<void>>();
const impatience = Promise.withResolvers<void>();
let isDraining = false;

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
});
server.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => isDraining ? impatience.resolve() : void shutDown());
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Still answered while draining, so that the load balancer learns of it.
  if (request.url === "/health") {
    return isDraining ? refuse(response, 503, "Draining") : refuse(response, 200, "OK");
  }
  // Pages of other sites cannot send this type unasked. A server for others also needs a login.
  if (request.headers["content-type"] !== "application/json") {
    return refuse(response, 415, 'POST {"prompt":"…"} as application/json');
  }
  const { prompt } = await json(request).catch(() => ({})) as { prompt?: unknown };
  if (typeof prompt !== "string" || prompt === "") {
    return refuse(response, 400, "A prompt is needed");
  }
  if (isDraining) return refuse(response, 503, "Draining");
  const turn = runTurn(prompt, response);
  running.add(turn);
  await turn.finally(() => running.delete(turn));
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { connection: "close", "content-type": "text/plain" });
  response.end(`${text}\n`);
}

/** Streams a turn; resolves when codex is gone and the client has been told everything. */
async function runTurn(prompt: string, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const thread = codex.startThread({ sandboxMode: "read-only" });
  const { events } = await thread.runStreamed(prompt, {
    signal: gone.signal,
    timeoutMs: 600_000,
  });
  response.writeHead(200, {
    // Without it, the end of the turn would not be the end of the connection.
    connection: "close",
    "content-type": "text/event-stream",
    "cache-control": "no-store",
  });
  try {
    for await (const frame of events.pipeThrough(new ServerSentEventsStream())) {
      // Codex waits for a client that reads slowly.
      if (!response.write(frame)) await once(response, "drain", { signal: gone.signal });
    }
  } catch (error) {
    if (gone.signal.aborted) return; // nobody is left to be told
    throw error;
  }
  response.end();
}

async function shutDown(): Promise<void> {
  isDraining = true;
  console.log(`Draining: waiting for ${running.size} turns`);
  const deadline = setTimeout(impatience.resolve, Number(values["drain-ms"]));
  await Promise.race([ended(), impatience.promise]);
  clearTimeout(deadline);

  // Ends the turns that still run; their clients are told in `runTurn`.
  await codex.close();
  server.close();
  // A client that does not read, or keeps a connection for later, does not hold the server up.
  setTimeout(() => server.closeAllConnections(), 1_000).unref();
  await ended();
  console.log("Drained");
}

async function ended(): Promise<void> {
  await Promise.allSettled(running);
}
