// A program that uses the SDK, for tests that need one of its own: `program.ts <task as JSON>`. It
// prints a JSON line for each thing that happens.
import process from "node:process";
import { Codex, CodexError, type CodexOptions, type ThreadOptions } from "../../mod.ts";
import type { AppServerOptions } from "../../src/app_server/mod.ts";

/** What to do. */
export type Task = {
  codex?: CodexOptions;
  thread?: ThreadOptions;
  /** The app-server to use. Default: the exec lane. */
  server?: AppServerOptions;
  /** Whether to read the events, or to wait for the turn. */
  mode: "stream" | "run";
  /** Whether to exit, with code 7, at the end of stdin. */
  exitWithStdin?: boolean;
};

function print(line: unknown): void {
  console.log(JSON.stringify(line));
}

const task: Task = JSON.parse(process.argv[2]!);
if (task.exitWithStdin) process.stdin.on("end", () => process.exit(7)).resume();
const lane = task.server === undefined ? undefined : await import("../../src/app_server/mod.ts");
const codex = new Codex({
  ...task.codex,
  transport: lane?.appServer(task.server),
  onSpawn: ({ pid, argv }) => print({ pid, executable: argv[0] }),
});
const thread = codex.startThread(task.thread);
try {
  if (task.mode === "run") {
    const { finalResponse } = await thread.run("Hello");
    print({ finalResponse });
  } else {
    const { events } = await thread.runStreamed("Hello");
    for await (const event of events) print({ event });
  }
} catch (error) {
  print({ error: CodexError.is(error) ? error : String(error) });
} finally {
  await codex.close();
}
