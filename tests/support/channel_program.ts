// A program of its own that holds a channel, for tests of what outlives it and of what it may do:
// `channel_program.ts <task as JSON>`. It prints a JSON line for each thing that happens.
import process from "node:process";
import type { ServerChannel } from "../../src/app_server/server_channel.ts";
import { spawnServer } from "../../src/app_server/stdio_channel.ts";
import { connectServer } from "../../src/app_server/websocket_channel.ts";
import { systemClock } from "../../src/clock.ts";
import type { CodexOptions } from "../../src/options.ts";
import { loadRuntime } from "../../src/runtime/mod.ts";

/** What to do. */
export type ChannelTask = {
  /** The options of the `Codex`. */
  codex?: CodexOptions;
  /** A server that runs elsewhere. */
  url?: string;
  token?: string;
  /** What to do once the server has answered. */
  then: "close" | "wait" | "exit" | "throw";
};

/** A line that the program prints. */
export type ChannelLine = {
  pid?: number;
  userAgent?: string;
  end?: unknown;
  error?: { name: string; message: string };
};

function print(line: ChannelLine): void {
  console.log(JSON.stringify(line));
}

async function open({ codex = {}, url, token }: ChannelTask): Promise<ServerChannel> {
  if (url !== undefined) return await connectServer({ url, token, clock: systemClock });
  const codexOptions: CodexOptions = { ...codex, onSpawn: ({ pid }) => print({ pid }) };
  return await spawnServer({ codexOptions, runtime: await loadRuntime(), clock: systemClock });
}

async function main(task: ChannelTask): Promise<void> {
  try {
    const channel = await open(task);
    const writer = channel.writable.getWriter();
    const clientInfo = { name: "test", title: "Test", version: "1.0.0" };
    await writer.write({ id: 0, method: "initialize", params: { clientInfo } });
    const reader = channel.readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const { id, result } = value as { id?: number; result?: { userAgent: string } };
      if (id !== 0) continue;
      print({ userAgent: result?.userAgent });
      if (task.then === "exit") process.exit(7);
      if (task.then === "throw") {
        queueMicrotask(() => {
          throw new Error("the host's own");
        });
      }
      if (task.then === "close") channel.close();
    }
    print({ end: await channel.ended });
  } catch (error) {
    const { name, message } = error as Error;
    print({ error: { name, message } });
  }
}

// Not awaited: while its main module waits, Bun puts off the end that an uncaught error brings.
main(JSON.parse(process.argv[2]!));
