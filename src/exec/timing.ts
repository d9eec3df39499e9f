import { longestTimer } from "../clock.ts";
import { InvalidOptionsError } from "../errors.ts";

/** How patient the exec lane is with codex, in milliseconds. */
export type ExecTiming = {
  /** After SIGINT, which lets codex end its commands; then comes SIGTERM. */
  interruptGraceMs: number;
  /** After SIGTERM; then comes SIGKILL. */
  terminateGraceMs: number;
  /** After SIGKILL; then the process is given up as not killable. */
  killGraceMs: number;
  /** After the turn's last event or the end of stdout; then codex is told to stop. */
  lingerMs: number;
  /** After the exit, for output that someone else still holds open. */
  drainMs: number;
};

/**
 * `timing` with what is not given filled in. Throws `InvalidOptionsError` for what is no option, or
 * no number of milliseconds that a timer takes.
 */
export function checkedTiming(timing: Partial<ExecTiming>): ExecTiming {
  const checked = { ...defaultTiming };
  for (const [name, value] of Object.entries(timing)) {
    if (!(name in defaultTiming)) {
      throw new InvalidOptionsError(`Unknown exec option "${name}"`, { path: name });
    }
    if (value === undefined) continue;
    if (typeof value !== "number" || !(value >= 0 && value <= longestTimer)) {
      throw new InvalidOptionsError(
        `Invalid exec option "${name}": it must be a number from 0 to ${longestTimer}`,
        { path: name },
      );
    }
    checked[name as keyof ExecTiming] = value;
  }
  return checked;
}

/** Measured: codex takes 40 ms to exit after its last event, and as long after SIGINT. */
export const defaultTiming: ExecTiming = {
  interruptGraceMs: 1500,
  terminateGraceMs: 500,
  killGraceMs: 5000,
  lingerMs: 5000,
  drainMs: 250,
};
