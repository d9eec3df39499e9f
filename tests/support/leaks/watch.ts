/**
 * Fails each test that leaves something behind: a process, a descriptor, a temporary file, a
 * listener or a timer. Preloaded by the runner of the tests; on Linux only.
 *
 * - Deno: `deno test --preload=./tests/support/leaks/watch.ts`
 * - Bun: `bun test --preload=./tests/support/leaks/watch.ts`
 * - Node: `node --test --import=./tests/support/leaks/watch.ts`
 */
import type { Kind } from "./kind.ts";
import { listeners } from "./listeners.ts";
import { platform } from "./platform.ts";
import { descriptors, processes, temporaryFiles } from "./system.ts";
import { timers } from "./timers.ts";

/** How long is waited for what is just about to go, in milliseconds. */
const patienceMs = Number(platform.env("LEAK_WATCH_PATIENCE") ?? 5000);

if (platform.isLinux) await watch();

async function watch(): Promise<void> {
  const folder = ownTemporaryFolder();
  const kinds = [
    processes(folder),
    descriptors(),
    temporaryFiles(folder),
    ...listeners(),
    timers(),
  ].map((kind) => ({ kind, told: new Set<string>() }));
  await aroundEachTest(() => beginTest(kinds));
}

/** A kind of leaks, and which were told: once is enough, also for the group of the test. */
type Watched = { kind: Kind; told: Set<string> };

/** Notes what there is, and returns what checks that nothing was added. */
function beginTest(kinds: readonly Watched[]): () => Promise<void> {
  const looks = kinds.map(({ kind, told }) => {
    const added = kind.note();
    return () =>
      added().filter((name) => !told.has(name)).flatMap((name) => {
        const leak = kind.describe(name);
        return leak === undefined ? [] : { leak, tell: () => told.add(name) };
      });
  });
  return async () => {
    let left = looks.flatMap((look) => look());
    // To look takes longer than a round: hence ever less often.
    const start = performance.now();
    for (let pause = 1; left.length > 0 && performance.now() - start < patienceMs; pause *= 2) {
      for (let round = 0; round < pause; round++) {
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      left = looks.flatMap((look) => look());
    }
    if (left.length === 0) return;
    for (const { tell } of left) tell();
    throw new Error(`The test left behind:\n${left.map(({ leak }) => `- ${leak}`).join("\n")}`);
  };
}

/** Calls `begin` before each test, and what it returns after it. */
async function aroundEachTest(begin: () => () => Promise<void>): Promise<void> {
  if ("Deno" in globalThis) return aroundDenoTests(begin);
  // As a variable: only Bun has it, and only its own hooks are for the tests of all files.
  const runner = "Bun" in globalThis ? "bun:test" : "node:test";
  const { beforeEach, afterEach }: typeof import("node:test") = await import(runner);
  let end = () => Promise.resolve();
  beforeEach(() => {
    end = begin();
  });
  afterEach(() => end());
}

type DenoContext = { step(definition: DenoTest): Promise<boolean> };
type DenoTest = { fn(context: DenoContext): unknown };

/** Deno's `node:test` makes a test or a step of each test and group, and swallows what hooks throw. */
function aroundDenoTests(begin: () => () => Promise<void>): void {
  const { Deno } = globalThis as unknown as { Deno: { test(definition: DenoTest): void } };
  const { test } = Deno;
  const watched = (definition: DenoTest): DenoTest => ({
    ...definition,
    fn: async (context) => {
      const end = begin();
      await definition.fn({ ...context, step: (step) => context.step(watched(step)) });
      await end();
    },
  });
  Deno.test = Object.assign((definition: DenoTest) => test(watched(definition)), test);
}

/**
 * Gives this program a temporary folder of its own, so that others can do what they like in the
 * system's. Deno begins anew for each file of tests.
 */
function ownTemporaryFolder(): string {
  const name = `/tests-${platform.pid}`;
  const given = platform.env("TMPDIR") ?? "/tmp";
  const folder = given.endsWith(name) ? given : platform.real(given) + name;
  platform.makeFolder(folder);
  platform.setEnv("TMPDIR", folder);
  platform.onEnd(() => {
    try {
      platform.removeFolder(folder);
    } catch {
      // What is left in it some test has been told.
    }
  });
  return folder;
}
