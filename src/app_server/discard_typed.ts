import type { CancelTimer, Clock } from "../clock.ts";

/** How long nothing must have been typed, in milliseconds. */
const quietMs = 100;

/** The terminal that a program reads from; `stdin` of `node:process`. */
export interface TerminalInput {
  /** Hears what is typed, its end, and its failure. */
  on(name: "data" | "end" | "error", listener: (typed: unknown) => void): unknown;
  /** Hears it no longer. */
  off(name: "data" | "end" | "error", listener: (typed: unknown) => void): unknown;
  /** Begins to read. */
  resume(): unknown;
  /** Ends to read. */
  pause(): unknown;
  /** Whether what is typed arrives at once, unseen, or line by line. Throws without a terminal. */
  setRawMode(isRaw: boolean): unknown;
}

/**
 * Reads from a terminal until nothing more is typed, and throws it away; resolves with whether more
 * can come. Rejects when the signal is aborted. `interrupt` is called for a Ctrl-C, once the terminal
 * is as it was.
 */
export async function discardTyped(
  input: TerminalInput,
  signal: AbortSignal,
  interrupt: () => void,
  clock: Clock,
): Promise<boolean> {
  signal.throwIfAborted();
  return await new Promise<boolean>((resolve, reject) => {
    let cancelTimer: CancelTimer = () => {};
    const waitOn = () => cancelTimer = clock.after(quietMs, () => finish(() => resolve(true)));
    const onAbort = () => finish(() => reject(signal.reason));
    const onEnd = () => finish(() => resolve(false));
    const onTyped = (typed: unknown) => {
      cancelTimer();
      waitOn();
      if (!String(typed).includes("\x03")) return;
      // The terminal would make a signal of it, were it not raw.
      finish(() => resolve(true));
      interrupt();
    };
    const finish = (settle: () => void) => {
      cancelTimer();
      signal.removeEventListener("abort", onAbort);
      input.off("data", onTyped);
      input.off("end", onEnd);
      input.off("error", onEnd);
      input.pause();
      try {
        input.setRawMode(false);
      } catch {
        // The terminal is gone.
      }
      settle();
    };
    waitOn();
    signal.addEventListener("abort", onAbort, { once: true });
    input.on("data", onTyped);
    input.on("end", onEnd);
    input.on("error", onEnd);
    input.resume();
    try {
      // Half a line, too, is read then, and not kept for what is asked.
      input.setRawMode(true);
    } catch {
      onEnd();
    }
  });
}
