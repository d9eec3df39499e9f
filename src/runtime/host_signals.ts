import type { Signal } from "./types.ts";

/** The signals that end a host which does not hear them. */
export const hostSignals: readonly Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** How long a program may take to end by a signal that it sent itself, in milliseconds. */
export const raisePatienceMs = 1000;

// Registered: another copy of this module in the same program is not somebody else.
const mark: unique symbol = Symbol.for("@codex/sdk/host-signal-listener") as never;

/** Marks a listener as one of this module. */
export function markOurs<Listener extends object>(listener: Listener): Listener {
  return Object.defineProperty(listener, mark, { value: true });
}

/** Whether a listener is one of this module. */
export function isOurs(listener: object): boolean {
  return mark in listener;
}

/**
 * Whether a program handles a signal itself, by its listeners. Those of signal-exit, which many
 * programs load without knowing, do not count: it leaves the signal to whoever else listens.
 */
export function isHandled(listeners: readonly object[], host: object): boolean {
  const others = listeners.filter((listener) => !isOurs(listener));
  return others.length > signalExits(host);
}

/** How many copies of signal-exit listen, of versions 3 and 4; each listens once to each signal. */
function signalExits(host: object): number {
  const emitters = [
    (host as Record<string, unknown>)["__signal_exit_emitter__"],
    (globalThis as Record<symbol, unknown>)[Symbol.for("signal-exit emitter")],
  ] as ({ count?: unknown } | undefined)[];
  return emitters.reduce((sum, each) => sum + (Number(each?.count) || 0), 0);
}

const numbers: Partial<Record<Signal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** Whether a signal is ignored, as by `nohup`, by the text of `/proc/self/status`. */
export function isIgnored(signal: Signal, status: string): boolean {
  const mask = BigInt(`0x${/^SigIgn:\s*([\da-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return (mask >> BigInt((numbers[signal] ?? 1) - 1) & 1n) === 1n;
}
