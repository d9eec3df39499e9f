import type { ReadStream } from "node:tty";
import { systemClock } from "../clock.ts";

/** How long nothing must have been typed before something is asked, in milliseconds. */
const quietMs = 100;

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
  const isOpen = await discardTyped(stdin, signal, () => process.kill(process.pid, "SIGINT"));
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

/** Reads until nothing more is typed; says whether more can be. Rejects as above. */
async function discardTyped(
  stdin: ReadStream,
  signal: AbortSignal,
  interrupt: () => void,
): Promise<boolean> {
  signal.throwIfAborted();
  return await new Promise<boolean>((resolve, reject) => {
    const onAbort = () => finish(() => reject(signal.reason));
    const onEnd = () => finish(() => resolve(false));
    const onTyped = (typed: unknown) => {
      cancelTimer();
      cancelTimer = systemClock.after(quietMs, () => finish(() => resolve(true)));
      // Ctrl-C, of which the terminal would make a signal itself, were it not raw.
      if (String(typed).includes("\x03")) finish(() => resolve(true), interrupt);
    };
    const finish = (settle: () => void, then = () => {}) => {
      cancelTimer();
      signal.removeEventListener("abort", onAbort);
      stdin.off("data", onTyped).off("end", onEnd).off("error", onEnd);
      stdin.pause();
      try {
        stdin.setRawMode(false);
      } catch {
        // The terminal is gone.
      }
      settle();
      then();
    };
    let cancelTimer = systemClock.after(quietMs, () => finish(() => resolve(true)));
    signal.addEventListener("abort", onAbort, { once: true });
    stdin.on("data", onTyped).on("end", onEnd).on("error", onEnd).resume();
    try {
      // Raw: half a line, too, is read, and not kept for the question.
      stdin.setRawMode(true);
    } catch {
      onEnd();
    }
  });
}
