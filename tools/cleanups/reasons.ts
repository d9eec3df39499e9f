import type { Trial } from "./report.ts";

/** Why no test can miss a call, by file and call. */
const reasons: Record<string, Record<string, string>> = {
  "src/app_server/app_server_turn.ts": {
    "this.#buffer.clear()": "memory, of a turn that nobody reads any more",
  },
  "src/exec/host_guard.ts": {
    "this.#stopSignals?.()": "nothing runs by then, and so nobody listens",
  },
  "src/runtime/bun.ts": {
    "endTree(child)": "Windows only",
    'signalProcess(child, "SIGKILL")': "Windows only",
  },
};

/** Why no test misses a call; `undefined` when none is known. */
export function reasonFor({ file, cleanUp }: Pick<Trial, "file" | "cleanUp">): string | undefined {
  return reasons[file]?.[cleanUp.text];
}
