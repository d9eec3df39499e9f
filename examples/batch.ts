/**
 * The same prompt in many repositories, some of them at a time, with a bar for each.
 *
 * Deno: `deno run --allow-env=NO_COLOR --allow-run examples/batch.ts`
 * Bun: `bun examples/batch.ts`
 * Node: `node examples/batch.ts`
 *
 * followed by `--prompt "Update the licence" [--at-once 4] <folder> <folder>…`
 *
 * At the first Ctrl-C no more turns are begun, and those that run are waited for; at the second one
 * they are ended. Exits with 0 if all went well, 1 if a turn failed, 2 if it was called wrongly and
 * 130 if it was interrupted.
 *
 * On Deno it takes `--allow-run` for everything: only then codex has a process group of its own,
 * and does not hear the Ctrl-C that this program has yet to think about.
 *
 * @module
 */

import PQueue from "p-queue";
import process from "node:process";
import { parseArgs } from "node:util";
import { AbortError, Codex, CodexError, type ThreadEvent, type Turn } from "../mod.ts";
import { Progress } from "./support/progress.ts";
import { printable, render, styleFor } from "./support/render.ts";

const { values, positionals } = parseArgs({
  options: { prompt: { type: "string" }, "at-once": { type: "string", default: "4" } },
  allowPositionals: true,
});
const folders = [...new Set(positionals)];
const { prompt } = values;
const atOnce = Number(values["at-once"]);
if (!prompt || folders.length === 0 || !Number.isInteger(atOnce) || atOnce < 1) {
  console.error('Usage: batch.ts --prompt "What to do" [--at-once 4] <folder> <folder>…');
  process.exit(2);
}

const style = styleFor({
  isTerminal: process.stdout.isTTY === true,
  noColor: process.env.NO_COLOR,
});
const plain = styleFor({ isTerminal: false });
const progress = new Progress(folders, style, process.stdout);
const queue = new PQueue({ concurrency: atOnce });
const stop = new AbortController();
let isInterrupted = false;

// What Ctrl-C means is ours to say, not the SDK's.
const codex = new Codex({ handleHostSignals: false });
process.on("SIGINT", () => isInterrupted ? stopTurns() : beginNoMore());
process.on("SIGTERM", stopTurns);
process.on("SIGHUP", stopTurns);

/** The turn of a folder, or what had arrived of it when it failed. */
type Result = { folder: string; turn: Turn; error?: CodexError };

const results: Result[] = [];
for (const folder of folders) {
  queue.add(async () => {
    progress.start(folder);
    const result = await work(folder, prompt);
    results.push(result);
    progress.end(folder, report(result));
  });
}
await queue.onIdle();
progress.close();

summarise();
if (isInterrupted) process.exitCode = 130;
else if (results.some(({ error }) => error !== undefined)) process.exitCode = 1;

/** Runs a turn in a folder; a turn that fails is a result, too. */
async function work(folder: string, prompt: string): Promise<Result> {
  const thread = codex.startThread({ workingDirectory: folder, sandboxMode: "workspace-write" });
  const { events, turn } = await thread.runStreamed(prompt, {
    signal: stop.signal,
    timeoutMs: 1_200_000,
  });
  try {
    for await (const event of events) show(folder, event);
    return { folder, turn: await turn() };
  } catch (error) {
    if (!CodexError.is(error)) throw error;
    return { folder, turn: error.turn, error };
  }
}

function show(folder: string, event: ThreadEvent): void {
  if ("item" in event && event.item.type === "todo_list") {
    const { items } = event.item;
    const done = items.filter(({ completed }) => completed).length;
    progress.update(folder, { done, total: items.length });
  } else if ("item" in event || event.type === "error") {
    const [activity] = render(event, plain, folder).filter((line) => line.trim() !== "");
    if (activity !== undefined) progress.update(folder, { activity: activity.trim() });
  }
}

function report({ folder, turn, error }: Result): string[] {
  if (error === undefined) {
    return [`${style.good("ok")} ${folder}: ${firstLine(turn.finalResponse)}`];
  }
  const word = AbortError.is(error) ? "stopped" : "failed";
  const arrived = turn.items.map(({ type }) => type).join(", ") || "nothing";
  return [
    `${style.bad(word)} ${folder}: ${firstLine(error.message)}`,
    style.faint(`  arrived: ${printable(arrived)}`),
  ];
}

function summarise(): void {
  const begun = new Set(results.map(({ folder }) => folder));
  const skipped = folders.filter((folder) => !begun.has(folder));
  for (const folder of skipped) console.log(`${style.faint("not begun")} ${folder}`);

  const stopped = results.filter(({ error }) => AbortError.is(error)).length;
  const ok = results.filter(({ error }) => error === undefined).length;
  const failed = results.length - ok - stopped;
  const counts = `${ok} ok, ${failed} failed, ${stopped} stopped, ${skipped.length} not begun`;
  console.log(style.strong(counts));

  // Of a turn that failed codex does not tell what it used.
  const known = results.flatMap(({ turn }) => turn.ownUsage ?? []);
  const sum = (key: "input_tokens" | "cached_input_tokens" | "output_tokens"): number =>
    known.reduce((total, usage) => total + usage[key], 0);
  const input = `${sum("input_tokens")} in (${sum("cached_input_tokens")} cached)`;
  console.log(
    style.faint(`tokens of ${known.length} turns: ${input}, ${sum("output_tokens")} out`),
  );
}

function firstLine(text: string): string {
  return printable(text.split("\n", 1)[0] ?? "");
}

function beginNoMore(): void {
  isInterrupted = true;
  queue.clear();
  progress.tell(`Waiting for what runs (${queue.pending}); Ctrl-C again ends it`);
}

function stopTurns(): void {
  isInterrupted = true;
  queue.clear();
  stop.abort();
}
