import { type Kind, named } from "./kind.ts";
import { platform } from "./platform.ts";

type Listen = (name: string, listener: unknown, options?: unknown) => void;

/** Listeners for what happens to the program: signals, its end, errors nobody caught. */
export function listeners(): Kind[] {
  const { Deno } = globalThis as unknown as { Deno?: Record<string, Listen> };
  if (Deno === undefined) return [counted("process.on", platform.listenerCounts)];
  // Deno does not tell which it was given.
  return [
    watched(Deno, "addSignalListener", "removeSignalListener"),
    watched(globalThis as never, "addEventListener", "removeEventListener"),
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

/** Who is added and not removed from now on. */
function watched(target: Record<string, Listen>, add: string, remove: string): Kind {
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
