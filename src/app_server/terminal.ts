import { systemClock } from "../clock.ts";
import { discardTyped } from "./discard_typed.ts";

/**
 * Asks on the terminal of this program; `null` without one, and at the end of its input. Rejects when
 * the signal is aborted. Afterwards stdin keeps the program alive no longer.
 *
 * What was typed before the question was shown is thrown away: it cannot be an answer to it.
 */
export async function readTerminalLine(text: string, signal: AbortSignal): Promise<string | null> {
  const [{ createInterface }, { default: process }] = await Promise.all([
    import("node:readline"),
    import("node:process"),
  ]);
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return null;
  const interrupt = () => process.kill(process.pid, "SIGINT");
  const isOpen = await discardTyped(stdin, signal, interrupt, systemClock);
  if (!isOpen) return null;
  return await new Promise<string | null>((resolve, reject) => {
    // Not as a terminal of readline's own: Ctrl-C is to end the program, as ever.
    const reader = createInterface({ input: stdin, output: stderr, terminal: false });
    const onAbort = () => {
      stderr.write("(no answer needed any more)\n");
      finish(() => reject(signal.reason));
    };
    const finish = (settle: () => void) => {
      signal.removeEventListener("abort", onAbort);
      settle();
      reader.close();
      stdin.pause();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    reader.on("close", () => finish(() => resolve(null)));
    reader.question(text, (line) => finish(() => resolve(line)));
  });
}
