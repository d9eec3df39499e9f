/** Stops what was started. */
export type Stop = () => void;

/**
 * Many listeners behind one, which is installed with the first and stopped with the last. A
 * hundred turns at once are then one listener of the host, not a warning about a leak.
 *
 * @param install Installs the one listener.
 * @returns Adds a listener, and returns how to remove it.
 */
export function sharedListener<Value>(
  install: (notify: (value: Value) => void) => Stop,
): (listener: (value: Value) => void) => Stop {
  const listeners = new Map<symbol, (value: Value) => void>();
  let stop: Stop | undefined;
  return (listener) => {
    const key = Symbol();
    listeners.set(key, listener);
    stop ??= install((value) => {
      // A copy: listeners come and go while they are told.
      for (const listener of [...listeners.values()]) listener(value);
    });
    return () => {
      if (!listeners.delete(key) || listeners.size > 0) return;
      stop?.();
      stop = undefined;
    };
  };
}
