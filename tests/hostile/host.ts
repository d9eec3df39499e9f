// A program of its own for host.test.ts: `host.ts <codex> <what to do when the turn has begun>`.
import { createRequire, syncBuiltinESMExports } from "node:module";
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

  "handle SIGTERM once": () => {
    process.once("SIGTERM", () => console.log("heard SIGTERM"));
    console.log("ready");
  },

  /** As a program that has loaded the package signal-exit, version 4 or 3. */
  "leave SIGTERM to others": () => onlyListensAlone(Symbol.for("signal-exit emitter"), globalThis),
  "leave SIGTERM to others, as it was": () => onlyListensAlone("__signal_exit_emitter__", process),

  "hold the time": () => console.log("ready"),

  "exit": () => process.exit(0),
  "exit with 7": () => process.exit(7),
  "throw": () =>
    queueMicrotask(() => {
      throw new Error("the host's own");
    }),
  "reject": () => void Promise.reject(new Error("the host's own")),

  /** As above, in a program that carries on. */
  "handle a rejection": () => {
    process.on("unhandledRejection", () => console.log("ready"));
    Promise.reject(new Error("the host's own"));
  },
  "handle a rejection as an error": () => {
    process.on("uncaughtException", () => console.log("ready"));
    Promise.reject(new Error("the host's own"));
  },
  "handle an error": () => {
    process.on("uncaughtException", () => console.log("ready"));
    queueMicrotask(() => {
      throw new Error("the host's own");
    });
  },
};

/** Listens to SIGTERM as signal-exit does: it steps in only when nobody else listens. */
function onlyListensAlone(name: PropertyKey, holder: object): void {
  Object.defineProperty(holder, name, { value: { count: 1 } });
  const listener = () => {
    if (process.listeners("SIGTERM").length > 1) return;
    process.off("SIGTERM", listener);
    console.log("alone");
    process.kill(process.pid, "SIGTERM");
  };
  process.on("SIGTERM", listener);
  console.log("ready");
}

/** As a test of the program does that plays the clock: no timer fires. */
function holdTime(): void {
  const timers = createRequire(import.meta.url)("node:timers");
  for (const holder of [globalThis, timers]) {
    for (const name of ["setTimeout", "setInterval", "setImmediate", "clearTimeout"]) {
      Object.assign(holder, { [name]: () => 0 });
    }
  }
  syncBuiltinESMExports();
}

async function main(): Promise<void> {
  // Before the first turn: with it most of the SDK is loaded.
  if (task === "hold the time") holdTime();
  const { events } = await new Codex({ codexPath }).startThread().runStreamed("Hi", {
    outputSchema: {},
  });
  try {
    for await (const event of events) {
      console.log(event.type);
      if (event.type === "turn.started") tasks[task ?? ""]!();
    }
    console.log("over");
  } catch (error) {
    console.log((error as Error).name);
  }
}

// Not awaited: while its main module waits, Bun puts off the end that an uncaught error brings.
main();
