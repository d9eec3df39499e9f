/** The words in which the tests of a misbehaving codex, system or caller are written. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { before, it } from "node:test";
import { setImmediate } from "node:timers";
import {
  Codex,
  CodexError,
  type CodexOptions,
  exec,
  type ExecOptions,
  type Input,
  type StreamedTurn,
  type Thread,
  type ThreadEvent,
  type ThreadOptions,
  type Turn,
  type TurnOptions,
} from "../../mod.ts";
import { ExecTransport } from "../../src/exec/transport.ts";
import { loadRuntime } from "../../src/runtime/mod.ts";
import type { TransportFactory } from "../../src/transport.ts";
import { timing } from "../support/exec_stage.ts";
import { type FakeCodex, fakeCodex, type FakePlan } from "../support/fake_codex.ts";
import { ownTempFolder } from "../support/files.ts";
import { isAlive, openDescriptors, processState, until } from "../support/processes.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { assertKeyless, Witness } from "../support/witness.ts";

/** The thread that the fake runs. */
export const threadId = "0199a213-81c0-7800-8aa1-bbab2a035a53";

/** What every turn begins with. */
export const started = [
  { type: "thread.started", thread_id: threadId },
  { type: "turn.started" },
] as const;

/** What a good turn ends with. */
export const completed = {
  type: "turn.completed",
  usage: {
    input_tokens: 42,
    cached_input_tokens: 0,
    cache_write_input_tokens: 0,
    output_tokens: 5,
    reasoning_output_tokens: 0,
  },
} as const;

/** A whole turn that goes well. */
export const goodTurn = [...started, answer("Hello"), completed];

/** An agent's message. */
export function answer(text: string, id = "item_0") {
  return { type: "item.completed", item: { id, type: "agent_message", text } } as const;
}

/** What a bad turn ends with. */
export function failed(message: string) {
  return { type: "turn.failed", error: { message } } as const;
}

/** Events as codex prints them. */
export function lines(...events: readonly unknown[]): string {
  return events.map((event) => JSON.stringify(event) + "\n").join("");
}

/** Where a test plays. */
export type Scene = {
  fake: FakeCodex;
  /** A `Codex` that runs the fake, with the planted key. */
  codex(options?: CodexOptions, timing?: ExecOptions): Codex;
  /** A new thread of such a `Codex`. */
  thread(options?: CodexOptions, threadOptions?: ThreadOptions): Thread;
  /** What of ours is in the system's temporary folder. */
  temporary(): string[];
};

/**
 * Plays a test, then checks by what the system says that nothing of it is left: no process, no
 * descriptor, no temporary file, no listener of the host; and that the planted key showed nowhere.
 */
export async function play(
  plan: FakePlan,
  body: (scene: Scene) => unknown,
): Promise<void> {
  const fake = await fakeCodex(plan);
  const temporary = ownTempFolder();
  const listeners = hostListeners();
  const descriptors = openDescriptors();
  const witness = new Witness();
  const codex: Scene["codex"] = (options = {}, timing = {}) =>
    witness.watch(
      new Codex(witness.options({ codexPath: fake.path, transport: exec(timing), ...options })),
    );
  try {
    await body({
      fake,
      codex,
      thread: (options, threadOptions) => codex(options).startThread(threadOptions),
      temporary: temporary.entries,
    });
    witness.assertUnseen();
    await assertNothingLeft(fake);
    assert.deepEqual(temporary.entries(), []);
    assert.deepEqual(hostListeners(), listeners);
    assert.ok(
      await becomes(() => openDescriptors() <= descriptors),
      `${openDescriptors()} descriptors are open, but ${descriptors} were`,
    );
  } finally {
    temporary.remove();
    await fake.remove();
  }
}

/** Checks that neither a fake nor what it started in its own group runs any more. */
export async function assertNothingLeft(fake: FakeCodex): Promise<void> {
  for (const { pid, grandchildren } of fake.invocations()) {
    assert.equal(processState(pid), undefined, "the fake must have been collected");
    for (const grandchild of grandchildren) {
      // Nothing tells whose it is once a codex that was not stopped has ended; only codex marks it.
      if (processState(grandchild)?.group === grandchild) continue;
      assert.ok(await becomes(() => !isAlive(grandchild)), `grandchild ${grandchild} still runs`);
    }
  }
}

/** How long is waited for what does not come, in milliseconds; it fails the test then. */
const patienceMs = 20_000;

/** Whether a condition comes to hold while the event loop goes round; gives up in the end. */
export async function becomes(condition: () => boolean): Promise<boolean> {
  for (const start = performance.now(); performance.now() - start < patienceMs;) {
    if (condition()) return true;
    await eventLoop();
  }
  return condition();
}

/** Lets the event loop go round once. */
export function eventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => resolve()));
}

/** Declares a test; the fake needs a system with `#!`, and the checks one with `/proc`. */
export function test(name: string, body: () => Promise<void>): void {
  (process.platform === "linux" ? it : it.skip)(name, { timeout: 60_000 }, body);
}

/** Has a good turn run first: what a runtime opens once and keeps is no leak. */
export function warmUp(): void {
  if (process.platform !== "linux") return;
  before(async () => {
    const fake = await fakeCodex([{ events: goodTurn }]);
    await new Codex({ codexPath: fake.path }).startThread().run("Hi", { outputSchema: {} });
    await fake.remove();
  });
}

/** What is special about a turn. */
export type Setting = {
  input?: Input;
  codex?: CodexOptions;
  timing?: ExecOptions;
  thread?: ThreadOptions;
  turn?: TurnOptions;
};

/** What the caller of a turn got. */
export type Outcome = {
  /** Everything that could be read. */
  events: readonly unknown[];
  /** The turn, unless it failed. */
  turn?: Turn;
  error?: unknown;
};

/** Declares a test that plays one turn and looks at what its caller gets. */
export function fault(
  name: string,
  plan: FakePlan,
  setting: Setting,
  check: (outcome: Outcome, scene: Scene) => unknown,
): void {
  test(name, () =>
    play(plan, async (scene) => {
      const thread = scene.codex(setting.codex, setting.timing).startThread(setting.thread);
      const streamed = await thread.runStreamed(setting.input ?? "Hi", setting.turn);
      await check(await outcome(streamed), scene);
    }));
}

/** Reads a turn to its end; its events and its result must say the same. */
export async function outcome(streamed: StreamedTurn): Promise<Outcome> {
  const events: ThreadEvent[] = [];
  let thrown: { error: unknown } | undefined;
  try {
    for await (const event of streamed.events) events.push(event);
  } catch (error) {
    thrown = { error };
  }
  const [result] = await Promise.allSettled([streamed.turn()]);
  if (thrown === undefined) {
    assert.equal(result.status, "fulfilled");
    assert.deepEqual(result.value.items, completedItems(events));
    return { events, turn: result.value };
  }
  assert.equal(result.status, "rejected");
  assert.equal(result.reason, thrown.error);
  assertBounded(thrown.error);
  assert.deepEqual((thrown.error as CodexError).turn.items, completedItems(events));
  return { events, error: thrown.error };
}

/** A codex is told to end step by step, each taken once the fake has noted the one before. */
export class Escalation {
  readonly clock: VirtualClock = new VirtualClock();
  /** The lane for it, whose patience is of round figures. */
  readonly transport: TransportFactory = (options) =>
    new ExecTransport(options, timing, { clock: this.clock, runtime: loadRuntime });

  /** Lets so much time pass after each of so many signals that the next step is due. */
  async after(signals: number, fake: FakeCodex): Promise<void> {
    for (let noted = 1; noted <= signals; noted++) {
      await until(() => (fake.invocations()[0]?.signals.length ?? 0) >= noted);
      await this.clock.advance(timing.terminateGraceMs);
    }
  }

  /** Lets so much time pass after the last event that codex is told to end. */
  async afterTheEnd(): Promise<void> {
    await until(() => this.clock.pending > 0);
    await this.clock.advance(timing.lingerMs);
  }
}

/** What an awaited turn rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const [result] = await Promise.allSettled([promise]);
  assert.equal(result.status, "rejected", "expected a rejection");
  assertBounded(result.reason);
  return result.reason;
}

/** Checks that an error is one of ours, and has these members; text may be given as a pattern. */
export function assertError<E extends CodexError>(
  error: unknown,
  type:
    & (abstract new (...args: never[]) => E)
    & { readonly prototype: E; is(error: unknown): boolean },
  members: Partial<Record<keyof E, unknown>>,
): asserts error is E {
  assert.ok(type.is(error) && error instanceof type, `expected ${type.name} but got ${error}`);
  assert.equal((error as CodexError).name, type.name);
  const actuals = error as unknown as Record<string, unknown>;
  for (const [name, expected] of Object.entries(members)) {
    const actual = actuals[name];
    if (expected instanceof RegExp) assert.match(String(actual), expected);
    else assert.deepEqual(actual, expected, name);
  }
}

/** The texts of the agent's messages that an error or a turn holds. */
export function texts(turn: Turn): string[] {
  return turn.items.map((item) => item.type === "agent_message" ? item.text : item.type);
}

/** Writes an executable of the test's own. */
export function executable(
  contents: string | Uint8Array,
  mode = 0o755,
): { path: string; folder: string; remove(): void } {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "hostile-"));
  const path = join(folder, "codex");
  writeFileSync(path, contents);
  chmodSync(path, mode);
  return { path, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Errors are ours, short however much codex printed, and without the planted key. */
function assertBounded(error: unknown): void {
  assert.ok(CodexError.is(error), `expected a CodexError but got ${error}`);
  assert.ok(error.message.length < 4_000, `the message is ${error.message.length} long`);
  const json = JSON.stringify(error).length;
  assert.ok(json < 40_000, `the JSON is ${json} long`);
  assertKeyless(error);
}

function completedItems(events: readonly ThreadEvent[]): unknown[] {
  return events.flatMap((event) => event.type === "item.completed" ? [event.item] : []);
}

/** How many listeners the host has for its end; Deno keeps its own from view. */
function hostListeners(): number[] {
  return ["SIGINT", "SIGTERM", "SIGHUP", "exit"].map((name) => process.listenerCount(name));
}
