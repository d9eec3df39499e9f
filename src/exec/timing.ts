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

/** Measured: codex takes 40 ms to exit after its last event, and as long after SIGINT. */
export const defaultTiming: ExecTiming = {
  interruptGraceMs: 1500,
  terminateGraceMs: 500,
  killGraceMs: 5000,
  lingerMs: 5000,
  drainMs: 250,
};
