import process from "node:process";
import { type Kind, named } from "./kind.ts";

type Listen = (name: string, listener: unknown, options?: unknown) => void;

/** Listeners for what happens to the program: signals, its end, errors nobody caught. */
export function listeners(): Kind[] {
  const { Deno } = globalThis as unknown as { Deno?: Record<string, Listen> };
  // Deno does not tell which it was given.
  const watched = Deno === undefined ? [] : [
    watch(Deno, "addSignalListener", "removeSignalListener"),
    watch(globalThis as never, "addEventListener", "removeEventListener"),
  ];
  return [
    counted(
      "process.on",
      () => process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    ),
    ...watched,
  ];
}

/** Listeners of which only the number is known. */
function counted(source: string, counts: () => [name: string, count: number][]): Kind {
  return named(
    () =>
      counts().flatMap(([name, count]) =>
        Array.from({ length: count }, (_, i) => `${i + 1} for ${name}`)
      ),
    (name) => `listener: ${source}, ${name}`,
  );
}

/** Counts who is added and not removed from now on. */
function watch(target: Record<string, Listen>, add: string, remove: string): Kind {
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
  return counted(add, () => [...sets].map(([name, { size }]) => [name, size]));
}
