import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setImmediate } from "node:timers";
import type { RuntimeProcess, SpawnCommand } from "../../src/runtime/types.ts";

/** A command with nothing special about it. */
export function command(
  executable: string,
  args: readonly string[] = [],
  more: Partial<SpawnCommand> = {},
): SpawnCommand {
  return { executable, args, env: {}, inheritEnv: true, ...more };
}

/** A shell script as a command. */
export function shell(script: string, more: Partial<SpawnCommand> = {}): SpawnCommand {
  return command("/bin/sh", ["-c", script], more);
}

/** A TypeScript file as a command, run by the runtime of the test. */
export function script(file: string, args: readonly string[]): SpawnCommand {
  const flags = "Deno" in globalThis ? ["run", "--quiet", "--allow-all"] : [];
  return command(process.execPath, [...flags, join(import.meta.dirname!, file), ...args]);
}

/** All that a stream gives, as text. */
export async function text(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let result = "";
  for await (const chunk of stream) result += decoder.decode(chunk, { stream: true });
  return result;
}

/** Reads until the text ends with `ending`, and leaves the stream open. */
export async function textUntil(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  ending: string,
): Promise<string> {
  const decoder = new TextDecoder();
  let result = "";
  while (!result.endsWith(ending)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`Expected "${ending}" but the stream ended after "${result}"`);
    result += decoder.decode(value, { stream: true });
  }
  return result;
}

/** Whether {@linkcode takeDescriptors} works here. */
export const hasLimits: boolean = process.platform === "linux" &&
  spawnSync("prlimit", ["--version"]).status === 0;

/** Leaves this program no descriptor to open, until what it returns is called. */
export function takeDescriptors(): () => void {
  const limit = (most: string | number) =>
    execFileSync("prlimit", [`--pid=${process.pid}`, `--nofile=${most}:`]);
  const [, before] = /^Max open files +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))!;
  const taken: number[] = [];
  limit(openFiles() + 20);
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    // None is left.
  }
  return () => {
    for (const descriptor of taken) closeSync(descriptor);
    limit(before!);
  };
}

/** Closes what a process left open, as whoever spawns one has to. */
export async function release(child: RuntimeProcess): Promise<void> {
  await Promise.allSettled([
    child.stdin.locked || child.stdin.close(),
    child.stdout.locked || child.stdout.cancel(),
    child.stderr.locked || child.stderr.cancel(),
    child.status,
  ]);
}

/** Runs a command to its end. */
export async function outcome(
  spawning: Promise<RuntimeProcess>,
): Promise<{ stdout: string; stderr: string; code: number | null; signal: string | null }> {
  const child = await spawning;
  await child.stdin.close();
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    child.status,
  ]);
  return { stdout, stderr, ...status };
}

/** Lets the event loop go round once. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => resolve()));
}

/** How long is waited for what does not come, in milliseconds; it fails the test then. */
const patienceMs = 20_000;

/** Waits for what the event loop brings about by itself; gives up in the end. */
export async function settled(condition: () => boolean): Promise<boolean> {
  for (const start = performance.now(); performance.now() - start < patienceMs;) {
    if (condition()) return true;
    await turn();
  }
  return condition();
}

/** Whether a promise is still pending after the event loop went round a few times. */
export async function pends(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const settle = () => {
    pending = false;
  };
  promise.then(settle, settle);
  for (let round = 0; round < 100 && pending; round++) await turn();
  return pending;
}

/** How many files this process has open. */
export function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

/** How much a process has written so far. */
export function written(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

/** Whether a process waits for something rather than run. */
function sleeps(pid: number): boolean {
  return /^\d+ \(.*\) S /s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

/**
 * Waits until a process that writes without end is held up, and says what it has written: asleep
 * over two hundred rounds of our event loop, any of which would have read its pipe.
 */
export async function writtenWhenBlocked(pid: number, enough: number): Promise<number> {
  let rounds = 0;
  let before = -1;
  for (;;) {
    const now = written(pid);
    rounds = now > 0 && now === before && sleeps(pid) ? rounds + 1 : 0;
    if (rounds === 200 || now >= enough) return now;
    before = now;
    await turn();
  }
}

/** A folder of its own for a test. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "codex-sdk-test-")));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Whether something is at a path. */
export function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
