/**
 * The same question about many folders at once, with a bar for each: all threads share one codex,
 * which takes a fraction of the memory and the time of a process for each turn.
 *
 * Deno: `deno run --allow-env=NO_COLOR --allow-run=codex examples/many_threads.ts`
 * Bun: `bun examples/many_threads.ts`
 * Node: `node examples/many_threads.ts`
 *
 * followed by `<folder> <folder>…`
 *
 * @module
 */

import process from "node:process";
import { Codex, CodexError } from "../mod.ts";
import { appServer } from "../src/app_server/mod.ts";
import { Progress } from "./support/progress.ts";
import { printable, styleFor } from "./support/render.ts";

const folders = [...new Set(process.argv.slice(2))];
if (folders.length === 0) {
  console.error("Usage: many_threads.ts <folder> <folder>…");
  process.exit(2);
}
const isTerminal = process.stdout.isTTY === true;
const style = styleFor({ isTerminal, noColor: process.env.NO_COLOR });
const progress = new Progress(folders, style, process.stdout);

const codex = new Codex({ transport: appServer() });
try {
  await Promise.all(folders.map(describe));
} finally {
  progress.close();
  await codex.close();
}

/** A turn in a thread of its own; one that fails leaves the others alone. */
async function describe(folder: string): Promise<void> {
  progress.start(folder);
  const thread = codex.startThread({ workingDirectory: folder, sandboxMode: "read-only" });
  const { events, turn } = await thread.runStreamed("What is this folder for? In one sentence", {
    liveEvents: true,
    timeoutMs: 600_000,
  });
  let written = 0;
  try {
    for await (const event of events) {
      if (event.type === "item.started" && event.item.type === "command_execution") {
        progress.update(folder, { activity: printable(`$ ${event.item.command}`) });
      } else if (event.type === "turn.plan.updated") {
        const done = event.plan.filter(({ status }) => status === "completed").length;
        progress.update(folder, { done, total: event.plan.length });
      } else if (event.type === "item.agent_message.delta" && isTerminal) {
        written += event.delta.length;
        progress.update(folder, { activity: `writes (${written})` });
      }
    }
    const { finalResponse } = await turn();
    progress.end(folder, [`${style.good("ok")} ${folder}: ${printable(finalResponse)}`]);
  } catch (error) {
    if (!CodexError.is(error)) throw error;
    progress.end(folder, [`${style.bad("failed")} ${folder}: ${printable(error.message)}`]);
    process.exitCode = 1;
  }
}
