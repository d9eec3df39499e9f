import type { Trial } from "./report.ts";

const windowsOnly = {
  "endTree(child)": "Windows only",
  'signalProcess(child, "SIGKILL")': "Windows only",
};

/** Why no test can miss a call, by file and call. */
const reasons: Record<string, Record<string, string>> = {
  "src/app_server/app_server_turn.ts": {
    "this.#buffer.clear()": "memory, of a turn that nobody reads any more",
  },
  "src/app_server/terminal.ts": {
    "reader.close()": "pausing the input is enough to let the program end",
  },
  "src/app_server/server_session.ts": {
    "await this.#channel.close()": "the end of either stream, by then, closes the channel as well",
  },
  "src/app_server/server_sessions.ts": {
    "this.#forget(opening)": "said in two places, each of which is enough",
    "this.#closing.delete(closing)": "memory, of a settled promise for each server that was closed",
  },
  "src/app_server/websocket_channel.ts": {
    "response.body?.cancel().catch(() => {})": "the answer has no body to speak of",
  },
  "src/exec/host_guard.ts": {
    "this.#stopSignals?.()": "nothing runs by then, and so nobody listens",
  },
  "src/runtime/bun.ts": windowsOnly,
  "src/runtime/deno.ts": windowsOnly,
  "src/runtime/node.ts": {
    ...windowsOnly,
    "stream?.destroy()": "Node does so itself, a moment later",
  },
  "src/testing/scripted_model.ts": {
    'server.off("error", reject)':
      "a server that listens tells of no error, and the promise has settled",
    "this.#exchanges.delete(exchange)": "memory, of a model that a test uses",
    'this.#end("abandoned")': "the response closes next, which says the same",
    'this.#end("answered")': "the response closes next, which says the same",
  },
  "src/thread_turns.ts": {
    "forgotten.unregister(run)": "to cancel a turn that has settled does nothing",
  },
};

/** Why no test misses a call; `undefined` when none is known. */
export function reasonFor({ file, cleanUp }: Pick<Trial, "file" | "cleanUp">): string | undefined {
  return reasons[file]?.[cleanUp.text];
}
