// A program of its own for host.test.ts: `host.ts <codex> <what to do when the turn has begun>`.
import process from "node:process";
import { Codex } from "../../mod.ts";

const [codexPath, task] = process.argv.slice(2);
const tasks: Record<string, () => unknown> = {
  /** Says that it is ready, and reads on. */
  "read on": () => console.log("ready"),

  /** As above, but with signals of its own. */
  "handle SIGTERM": () => {
    process.on("SIGTERM", () => console.log("heard SIGTERM"));
    console.log("ready");
  },

  "exit": () => process.exit(0),
  "exit with 7": () => process.exit(7),
  "throw": () =>
    queueMicrotask(() => {
      throw new Error("the host's own");
    }),
  "reject": () => void Promise.reject(new Error("the host's own")),
};

async function main(): Promise<void> {
  const { events } = await new Codex({ codexPath }).startThread().runStreamed("Hi", {
    outputSchema: {},
  });
  try {
    for await (const event of events) {
      console.log(event.type);
      if (event.type === "turn.started") tasks[task ?? ""]!();
    }
  } catch (error) {
    console.log((error as Error).name);
  }
}

// Not awaited: while its main module waits, Bun puts off the end that an uncaught error brings.
main();
