import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { readFile, realpath, rm, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { attempt } from "./attempt.ts";
import { mergeEnvironment } from "./environment.ts";
import { hostSignals, isHandled, isIgnored, markOurs, raisePatienceMs } from "./host_signals.ts";
import { privateFile } from "./private_file.ts";
import { eventLoopRound } from "./real_timers.ts";
import { findRelatives, identify, isStill, type ProcReader } from "./relatives.ts";
import { sharedListener } from "./shared_listener.ts";
import { taskkill } from "./taskkill.ts";
import type {
  Platform,
  PrivateFile,
  ProcessStatus,
  Runtime,
  RuntimeProcess,
  Signal,
  SpawnCommand,
} from "./types.ts";

/** What is used of Bun's buffered writer. */
interface FileSink {
  write(chunk: Uint8Array): number | Promise<number>;
  flush(): number | Promise<number>;
  end(): number | Promise<number>;
}

/** What is used of Bun's process. */
interface Subprocess {
  readonly pid: number;
  readonly stdin: FileSink;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<number>;
  readonly exitCode: number | null;
  readonly signalCode: string | null;
  kill(signal: Signal): void;
}

declare const Bun: {
  spawn(command: string[], options: Record<string, unknown>): Subprocess;
};

const platform: Platform = { os: process.platform, arch: process.arch };
const windows = platform.os === "win32";
const proc: ProcReader = {
  list: () => readdirSync("/proc"),
  read: (path) => readFileSync(path, "utf8"),
};

/** The adapter for Bun. */
export const bunRuntime: Runtime = {
  name: "bun",
  platform,

  // Bun throws what Node emits later.
  // deno-lint-ignore require-await
  async spawn(command: SpawnCommand): Promise<RuntimeProcess> {
    // Bun signals any group of its user.
    const leadsGroup = !windows;
    const child = Bun.spawn([command.executable, ...command.args], {
      cwd: command.cwd,
      // Bun takes `env` for all there is.
      env: command.inheritEnv
        ? mergeEnvironment(process.env, command.env, platform.os)
        : { ...command.env },
      detached: leadsGroup,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      // Otherwise Bun reads all the output into memory before anyone asks for it.
      lazy: true,
      windowsHide: true,
    });
    return {
      pid: child.pid,
      leadsGroup,
      // Bun's stdin is a FileSink; its other streams are web streams already.
      stdin: writableFromSink(child),
      stdout: child.stdout,
      stderr: child.stderr,
      status: processStatus(child),
      signal: (signal) => signalProcess(child, signal),
      signalGroup: (signal) => {
        if (windows) endTree(child);
        else signalGroup(child.pid, signal);
      },
    };
  },

  identify: (pid) => identify(pid, proc),

  relatives: (root, variable) => findRelatives(root, variable, proc),

  signalRelative: (relative, signal) => {
    if (!isStill(relative, proc)) return false;
    attempt(() => process.kill(relative.pid, signal));
    return true;
  },

  // Bun asks nobody.
  env: (name) => process.env[name],
  cwd: () => attempt(() => process.cwd()),
  execPath: () => process.execPath,
  mayRun: () => true,

  async isFile(path: string): Promise<boolean> {
    return (await stat(path).catch(() => undefined))?.isFile() ?? false;
  },

  async isExecutable(path: string): Promise<boolean> {
    const info = await stat(path).catch(() => undefined);
    // Windows has no x bits.
    return info !== undefined && info.isFile() && (windows || (info.mode & 0o111) !== 0);
  },

  async realPath(path: string): Promise<string | undefined> {
    return await realpath(path).catch(() => undefined);
  },

  readTextFile: (path) => readFile(path, "utf8"),

  async writePrivateFile(
    folderPrefix: string,
    fileName: string,
    contents: string | Uint8Array,
  ): Promise<PrivateFile> {
    // At once: a host that exits meanwhile would leave it.
    const folder = mkdtempSync(join(tmpdir(), folderPrefix));
    const file = privateFile(join(folder, fileName), {
      remove: () => removeFolder(folder, file.path),
      removeSync: () => rmSync(folder, { recursive: true, force: true }),
    }, bunRuntime.onHostExit);
    try {
      await writeFile(file.path, contents, { flag: "wx", mode: 0o600 });
      return file;
    } catch (error) {
      await file.remove();
      throw error;
    }
  },

  onHostSignal: sharedListener<Signal>((notify) => {
    // To listen and to stop would undo that, and a program under nohup ends with its terminal.
    const status = attempt(() => readFileSync("/proc/self/status", "utf8")) ?? "";
    const heard = hostSignals.filter((signal) => !isIgnored(signal, status));
    const stops = heard.map((signal) => {
      const listener = markOurs(() => notify(signal));
      // First: whoever listens once is gone by the time the next one is called.
      process.prependListener(signal, listener);
      return () => process.off(signal, listener);
    });
    return () => stops.forEach((stop) => stop());
  }),

  whenSignalsAreTold: eventLoopRound,

  hostSignalIsHandled: (signal) => isHandled(process.listeners(signal as "SIGINT"), process),

  raiseHostSignal: (signal) => {
    // Where somebody listens, the signal arrives a moment later, and a program that has nothing
    // else to do would exit with 0 before.
    if (process.listenerCount(signal) > 0) setTimeout(() => {}, raisePatienceMs);
    process.kill(process.pid, signal);
  },

  onHostExit: sharedListener<void>((notify) => {
    const listener = () => notify();
    // Fires at the end of the program and on process.exit().
    process.on("exit", listener);
    return () => process.off("exit", listener);
  }),
};

/** A web stream whose writes end when the system has taken them. */
function writableFromSink(child: Subprocess): WritableStream<Uint8Array> {
  // Closing a sink with a reader that is gone rejects; every write was waited for, so that nothing
  // is lost.
  const close = async () => {
    try {
      await child.stdin.end();
    } catch {
      // The reader is gone.
    }
  };
  return new WritableStream<Uint8Array>({
    async write(chunk) {
      // Bun closes the sink of a process that has ended, and takes what is written all the same.
      if (hasEnded(child)) throw brokenPipe();
      await child.stdin.write(chunk);
      // A small write is only buffered; flushing it tells whether the reader is gone.
      await child.stdin.flush();
    },
    close,
    abort: close,
  });
}

/** What the other runtimes' write to a process that has ended rejects with. */
function brokenPipe(): Error {
  return Object.assign(new Error("EPIPE: broken pipe, write"), { code: "EPIPE" });
}

/** Whether a process was reaped. */
function hasEnded(child: Subprocess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** How a process ended; Bun resolves to the code a shell would give. */
async function processStatus(child: Subprocess): Promise<ProcessStatus> {
  await child.exited;
  const { exitCode, signalCode } = child;
  if (signalCode === null) return { code: exitCode, signal: null };
  // Bun gives those without a name, such as those for real time, by their number.
  const isNamed = typeof signalCode === "string";
  return { code: null, signal: isNamed ? signalCode : `SIG${signalCode}` };
}

/** Signals a process; Bun does nothing for one that has ended. */
function signalProcess(child: Subprocess, signal: Signal): void {
  attempt(() => child.kill(signal));
}

/** Signals who is left of a group. */
function signalGroup(pid: number, signal: Signal): void {
  attempt(() => process.kill(-pid, signal));
}

/** Ends a process and what it started, or where that fails, the process. */
function endTree(child: Subprocess): void {
  const command = taskkill(child.pid, process.env.SystemRoot);
  const ended = attempt(() =>
    Bun.spawn(command, {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
      windowsHide: true,
    })
  );
  if (!ended) signalProcess(child, "SIGKILL");
}

/** Removes a folder and the file in it, unless they are gone already. */
async function removeFolder(folder: string, file: string): Promise<void> {
  // To look into a folder takes a descriptor, and there may be none; this goes without.
  await unlink(file).catch(() => {});
  await rmdir(folder).catch(() => rm(folder, { recursive: true, force: true }));
}
