import type { Signal } from "./types.ts";

/** The signals that end a host which does not hear them. */
export const hostSignals: readonly Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

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
