import { textOfThrown } from "../callback.ts";
import type { Clock } from "../clock.ts";
import { AbortError } from "../errors.ts";

/** How a call of the user's code came out. */
export type Outcome<T> =
  | { type: "answered"; value: T }
  | { type: "threw"; error: unknown }
  /** It took too long. */
  | { type: "late" }
  /** Nobody waits for the answer any more. */
  | { type: "pointless" };

/** When a call of the user's code is given up. */
export type Patience = {
  /** Each of these makes an answer pointless. */
  signals: readonly AbortSignal[];
  /** The longest it may take, in milliseconds; `Infinity` for no limit. */
  timeoutMs: number;
  /** Time. */
  clock: Clock;
};

/**
 * Calls the user's code, and waits for it for as long as its answer is of use; it is told through
 * the signal when that is over. Never rejects; what comes later is dropped.
 */
export function callUser<T>(
  call: (signal: AbortSignal) => T | Promise<T>,
  { signals, timeoutMs, clock }: Patience,
): Promise<Outcome<T>> {
  const controller = new AbortController();
  return new Promise((resolve) => {
    const settle = (outcome: Outcome<T>) => {
      cancelTimer();
      for (const signal of signals) signal.removeEventListener("abort", giveUp);
      resolve(outcome);
    };
    const giveUp = () => {
      settle({ type: "pointless" });
      controller.abort(signals.find((signal) => signal.aborted)?.reason);
    };
    const cancelTimer = Number.isFinite(timeoutMs)
      ? clock.after(timeoutMs, () => {
        settle({ type: "late" });
        controller.abort(new AbortError(new Error(`It took longer than ${timeoutMs} ms`)));
      })
      : () => {};
    if (signals.some((signal) => signal.aborted)) return giveUp();
    for (const signal of signals) signal.addEventListener("abort", giveUp);
    attempt(() => call(controller.signal)).then(
      (value) => settle({ type: "answered", value }),
      (error) => settle({ type: "threw", error }),
    );
  });
}

/** What an error says; anything can be thrown. */
export function messageOf(error: unknown): string {
  try {
    if (error instanceof Error) return error.message;
  } catch {
    // It has no message that can be read.
  }
  return textOfThrown(error);
}

function attempt<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return Promise.resolve(call());
  } catch (error) {
    return Promise.reject(error);
  }
}
