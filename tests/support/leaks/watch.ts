/**
 * Fails each test that leaves something behind: a process, a descriptor, a temporary file, a
 * listener or a timer. Preloaded by the runner of the tests; on Linux only.
 *
 * - Deno: `deno test --preload=./tests/support/leaks/watch.ts`
 * - Bun: `bun test --preload=./tests/support/leaks/watch.ts`
 * - Node: `node --test --import=./tests/support/leaks/watch.ts`
 */
import { mkdirSync, realpathSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { setImmediate } from "node:timers";
import type { Kind } from "./kind.ts";
import { listeners } from "./listeners.ts";
import { descriptors, processes, temporaryFiles } from "./system.ts";
import { timers } from "./timers.ts";

/** For how many rounds of the event loop a look is put off at most. */
const longestPause = 16_384;

if (process.platform === "linux") await watch();

async function watch(): Promise<void> {
  const folder = ownTemporaryFolder();
  const kinds = [
    processes(folder),
    descriptors,
    temporaryFiles(folder),
    ...listeners(),
    timers(),
  ];
  // What was left behind is told once, and not again of the group in which the test is.
  const told = new Set<string>();
  await aroundEachTest(() => beginTest(kinds, told));
}

/** Notes what there is, and returns what checks that nothing was added. */
function beginTest(kinds: readonly Kind[], told: Set<string>): () => Promise<void> {
  const before = kinds.map((kind) => new Set(kind.names()));
  const added = () =>
    kinds.flatMap((kind, i) =>
      [...kind.names()].flatMap((name) => before[i]!.has(name) ? [] : kind.describe(name) ?? [])
    ).filter((leak) => !told.has(leak));
  return async () => {
    let left = added();
    // To look takes longer than a round: hence ever less often.
    for (let pause = 1; left.length > 0 && pause <= longestPause; pause *= 2) {
      for (let round = 0; round < pause; round++) {
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      left = added();
    }
    left.forEach((leak) => told.add(leak));
    if (left.length > 0) throw new Error(`The test left behind:\n- ${left.join("\n- ")}`);
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
  const name = `tests-${process.pid}`;
  const parent = realpathSync(tmpdir());
  const folder = basename(parent) === name ? parent : join(parent, name);
  mkdirSync(folder, { recursive: true });
  process.env.TMPDIR = folder;
  process.on("exit", () => {
    try {
      rmdirSync(folder);
    } catch {
      // Something is in it, which some test has been told.
    }
  });
  return folder;
}
