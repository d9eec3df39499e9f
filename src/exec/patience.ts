import type { CancelTimer, Clock } from "../clock.ts";

/**
 * Calls `giveUp` after `ms` milliseconds, in two waits: a host that was busy for longer hears what
 * has arrived meanwhile between the first and the second. (Node calls timers that are late before it
 * looks at its pipes.)
 */
export function withPatience(clock: Clock, ms: number, giveUp: () => void): CancelTimer {
  let cancel = clock.after(ms / 2, () => {
    cancel = clock.after(ms / 2, giveUp);
  });
  return () => cancel();
}
