import { type Kind, named } from "./kind.ts";

type Timer = ReturnType<typeof setTimeout>;
type SetTimer = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => Timer;

/**
 * Timers, those that hold the program open and those that do not: what is set from now on through
 * the global functions, but for what runtimes set themselves.
 */
export function timers(): Kind {
  const set = new Map<string, { timer: Timer; description: string | undefined }>();
  const names = new Map<Timer, string>();
  let last = 0;
  const drop = (name: string | undefined) => {
    const found = set.get(name!);
    if (found === undefined) return;
    names.delete(found.timer);
    set.delete(name!);
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
      const places = new Error().stack!.split("\n").slice(2, 5);
      const isRuntimes = /\b(node|ext):/.test(places[0] ?? "");
      const what = `timer: ${setter} of ${ms} ms\n${places.join("\n")}`;
      set.set(name, { timer, description: isRuntimes ? undefined : what });
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
      drop(names.get(timer));
      original(timer);
    }) as never;
  }
  return named(() => [...set.keys()], (name) => set.get(name)?.description);
}
