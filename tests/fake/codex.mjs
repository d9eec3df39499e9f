// Plays a plan in codex's place. Plain JavaScript for Node, whatever runtime the test runs on.
// The wrapper that `tests/support/fake_codex.ts` writes calls `play()`; the actions are described
// there, and in `tests/support/fake_records.ts` how all that happens is recorded.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  watch,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";

const CHUNK_BYTES = 65_536;
/** As in `tests/support/fake_records.ts`. */
const RECORD_MARK = "\0-- next part of the record --\0";
/** What a Rust program exits with when it prints to a closed stdout. */
const CLOSED_OUTPUT_EXIT_CODE = 101;

export async function play(folder) {
  const { plans, version } = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8"));
  const argv = process.argv.slice(2);
  const probe = argv.length === 1 && argv[0] === "--version";
  const { number, record } = claim(join(folder, probe ? "version-probes" : "invocations"));
  recordStart(record);
  const actions = probe ? version : plans[Math.min(number, plans.length - 1)];

  const player = new Player(folder, record);
  if (!actions.some((action) => "readStdin" in action || "closeStdin" in action)) {
    await player.readStdin(true);
  }
  await player.playAll(actions);
  process.exit(0);
}

/** Takes the next free number; of concurrent invocations only one makes the file. */
function claim(parent) {
  for (let number = 0;; number++) {
    const record = join(parent, String(number));
    try {
      writeFileSync(record, `${process.pid}\n${process.cwd()}\n`, { flag: "wx" });
      return { number, record };
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
}

function recordStart(record) {
  const variables = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const parts = [process.argv, variables].map((part) => part.map((entry) => entry + "\0").join(""));
  writeFileSync(record + ".record", parts.map((part) => part + RECORD_MARK).join(""));
}

class Player {
  #folder;
  #record;
  #stdinBytes = 0;
  #stdin;

  constructor(folder, record) {
    this.#folder = folder;
    this.#record = record;
    // The write's own callback reports it; without a listener Node would print a stack trace.
    process.stdout.on("error", () => {});
    process.stderr.on("error", () => {});
  }

  async playAll(actions) {
    for (const action of actions) {
      for (const [verb, value] of Object.entries(action)) await this.#play(verb, value, action);
    }
  }

  async #play(verb, value, action) {
    switch (verb) {
      case "stdout":
        return await write(process.stdout, value);
      case "stdoutBase64":
        return await write(process.stdout, Buffer.from(value, "base64"));
      case "event":
        return await repeat(process.stdout, JSON.stringify(value) + "\n", action.repeat ?? 1);
      case "events":
        for (const event of value) await write(process.stdout, JSON.stringify(event) + "\n");
        return;
      case "repeat":
        return;
      case "oneByteAtATime":
        for (const byte of Buffer.from(value)) await write(process.stdout, Buffer.of(byte));
        return;
      case "endlessLine":
        return await repeat(process.stdout, "x".repeat(CHUNK_BYTES), Infinity);
      case "stderr":
        return await write(process.stderr, value);
      case "stderrRepeat":
        return await repeat(process.stderr, "e".repeat(99) + "\n", Math.ceil(value.bytes / 100));
      case "readStdin":
        return await this.readStdin(value);
      case "closeStdin":
        process.stdin.destroy();
        return replaceWithNull(0);
      case "closeStdout":
        process.stdout.destroy();
        return replaceWithNull(1);
      case "ignore":
        for (const signal of value) this.#hear(signal, []);
        return;
      case "onSignal":
        for (const [signal, actions] of Object.entries(value)) this.#hear(signal, actions);
        return;
      case "spawnGrandchild":
        return await this.#spawnGrandchild(value);
      case "touch":
        return writeFileSync(join(this.#folder, value), "");
      case "waitForFile":
        return await appearance(this.#folder, value);
      case "exit":
        return process.exit(value);
      case "kill":
        process.kill(process.pid, value);
        return await forever();
      case "hang":
        return await forever();
      default:
        throw new TypeError(`Unknown action "${verb}"`);
    }
  }

  /** Reads until the end, or until at least `amount` bytes were read in all; `false` reads none. */
  async readStdin(amount) {
    if (amount === false) return;
    const wanted = amount === true ? Infinity : amount;
    this.#stdin ??= process.stdin.iterator({ destroyOnReturn: false });
    while (this.#stdinBytes < wanted) {
      const { value: chunk, done } = await this.#stdin.next();
      if (done) {
        appendFileSync(this.#record + ".record", RECORD_MARK);
        return;
      }
      this.#stdinBytes += chunk.length;
      appendFileSync(this.#record + ".record", chunk);
    }
  }

  #hear(signal, actions) {
    process.on(signal, () => {
      appendFileSync(this.#record + ".signals", signal + "\n");
      this.playAll(actions);
    });
  }

  /** A `sleep`, because it starts in a millisecond; `exec` keeps the signals `trap` ignores. */
  async #spawnGrandchild({ keepStdout = false, keepStderr = false, setsid = false, ignore = [] }) {
    const names = ignore.map((signal) => signal.replace(/^SIG/, "")).join(" ");
    const trap = names === "" ? "" : `trap "" ${names}; `;
    const child = spawn("/bin/sh", [
      "-c",
      `${trap}echo ready >&3; exec /bin/sleep 2147483647 3>&-`,
    ], {
      detached: setsid,
      stdio: ["ignore", keepStdout ? 1 : "ignore", keepStderr ? 2 : "ignore", "pipe"],
    });
    await once(child.stdio[3], "data");
    child.stdio[3].destroy();
    child.unref();
    appendFileSync(this.#record + ".grandchildren", child.pid + "\n");
  }
}

/** Resolves when the pipe has taken it all; signals are heard meanwhile. */
async function write(stream, data) {
  const error = await new Promise((resolve) => stream.write(data, resolve));
  if (error) process.exit(CLOSED_OUTPUT_EXIT_CODE);
}

/** Writes `text` `times` times, joined to chunks of about a pipe's size. */
async function repeat(stream, text, times) {
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / text.length));
  const chunk = Buffer.from(text.repeat(Math.min(perChunk, times)));
  let left = times;
  for (; left >= perChunk; left -= perChunk) await write(stream, chunk);
  if (left > 0) await write(stream, text.repeat(left));
}

/** Watches before it looks, so that no file slips through between the two. */
async function appearance(folder, name) {
  const watcher = watch(folder);
  while (!existsSync(join(folder, name))) await once(watcher, "change");
  watcher.close();
}

/** A new file takes the lowest free number; a stray one must not land in place of a pipe. */
function replaceWithNull(descriptor) {
  // Bun opens pipes once more for itself.
  for (const other of process.versions.bun ? readdirSync("/proc/self/fd").map(Number) : []) {
    if (other > 2 && targetOf(other) === targetOf(descriptor)) closeSync(other);
  }
  closeSync(descriptor);
  openSync("/dev/null", "r+");
}

function targetOf(descriptor) {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // The one with which the list was read.
  }
}

function forever() {
  return new Promise(() => setInterval(() => {}, 2 ** 30));
}
