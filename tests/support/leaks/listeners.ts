import process from "node:process";
import type { Kind } from "./kind.ts";

type Listen = (name: string, listener: unknown, options?: unknown) => void;

/** Listeners for what happens to the program: signals, its end, errors nobody caught. */
export function listeners(): Kind {
  const { Deno } = globalThis as { Deno?: Record<string, Listen> };
  // Deno tells of none that it was given.
  const counts = Deno === undefined ? [] : [
    count(Deno, "addSignalListener", "removeSignalListener"),
    count(globalThis as never, "addEventListener", "removeEventListener"),
  ];
  return {
    names: () => {
      const names = process.eventNames().flatMap((name) =>
        numbered(String(name), process.listenerCount(name))
      );
      return names.concat(...counts.map((count) => [...count].flatMap(([name, set]) => numbered(name, set.size))));
    },
    describe: (name) => `listener ${name}`,
  };
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i + 1} for ${name}`);
}

/** Counts who is added and not removed, by name, from now on. */
function count(target: Record<string, Listen>, add: string, remove: string): Map<string, Set<unknown>> {
  const sets = new Map<string, Set<unknown>>();
  const [adding, removing] = [target[add]!, target[remove]!];
  target[add] = (name, listener, options) => {
    adding.call(target, name, listener, options);
    sets.set(name, (sets.get(name) ?? new Set()).add(listener));
  };
  target[remove] = (name, listener, options) => {
    removing.call(target, name, listener, options);
    sets.get(name)?.delete(listener);
  };
  return sets;
}
