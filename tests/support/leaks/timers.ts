import type { Kind } from "./kind.ts";

type Timer = ReturnType<typeof setTimeout>;
type SetTimer = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => Timer;

/**
 * Timers, those that hold the program open and those that do not. Only what a global function has
 * set from now on, as the SDK and its tests do: runtimes have timers of their own.
 */
export function timers(): Kind {
  const set = new Map<string, { timer: Timer; description: string }>();
  const names = new Map<Timer, string>();
  let last = 0;
  const drop = (name: string) => {
    const found = set.get(name);
    if (found !== undefined) names.delete(found.timer);
    set.delete(name);
  };

  const globals = globalThis as unknown as Record<string, SetTimer & ((timer: Timer) => void)>;
  for (const setter of ["setTimeout", "setInterval"]) {
    const original = globals[setter]!;
    const watched: SetTimer = (callback, ms, ...args) => {
      const name = String(++last);
      const timer = original(
        (...args) => {
          if (setter === "setTimeout") drop(name);
          callback(...args);
        },
        ms,
        ...args,
      );
      const place = new Error().stack?.split("\n").slice(2, 4).map((line) => line.trim()).join(" ");
      set.set(name, { timer, description: `timer: ${setter} of ${ms} ms ${place}` });
      names.set(timer, name);
      return timer;
    };
    // Node's carries what makes a promise of it.
    Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original));
    globals[setter] = watched as never;
  }
  for (const clearer of ["clearTimeout", "clearInterval"]) {
    const original = globals[clearer]!;
    globals[clearer] = ((timer: Timer) => {
      drop(names.get(timer)!);
      original(timer);
    }) as never;
  }
  return { names: () => set.keys(), describe: (name) => set.get(name)?.description };
}
