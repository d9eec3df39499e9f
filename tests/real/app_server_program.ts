// A program that uses the app-server lane and forgets to close its Codex, for tests that need one of
// its own: `app_server_program.ts <task as JSON>`. It prints a JSON line for each thing that happens.
import process from "node:process";
import { Codex, type CodexOptions, type ThreadOptions } from "../../mod.ts";
import { appServer, type AppServerOptions } from "../../src/app_server/mod.ts";

/** What to do. */
export type ServerTask = { codex: CodexOptions; thread: ThreadOptions; server: AppServerOptions };

const task: ServerTask = JSON.parse(process.argv[2]!);
const codex = new Codex({
  ...task.codex,
  transport: appServer(task.server),
  onSpawn: ({ pid }) => console.log(JSON.stringify({ pid })),
});
const { finalResponse } = await codex.startThread(task.thread).run("Hello");
console.log(JSON.stringify({ finalResponse }));
