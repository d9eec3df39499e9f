import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { readFile, realpath, rm, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { attempt } from "./attempt.ts";
import { mergeEnvironment } from "./environment.ts";
import { hostSignals, isHandled, markOurs, raisePatienceMs } from "./host_signals.ts";
import { readableFromNode, writableFromNode } from "./node_streams.ts";
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

const platform: Platform = { os: process.platform, arch: process.arch };
const windows = platform.os === "win32";
const proc: ProcReader = {
  list: () => readdirSync("/proc"),
  read: (path) => readFileSync(path, "utf8"),
};

/** The adapter for Node; works on Bun too, and on Deno but for signals that come very late. */
export const nodeRuntime: Runtime = {
  name: "node",
  platform,

  async spawn(command: SpawnCommand): Promise<RuntimeProcess> {
    // Node signals any group of its user.
    const leadsGroup = !windows;
    const child = spawn(command.executable, [...command.args], {
      cwd: command.cwd,
      // Node takes `env` for all there is.
      env: command.inheritEnv
        ? mergeEnvironment(process.env, command.env, platform.os)
        : { ...command.env },
      detached: leadsGroup,
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    const status = processStatus(child);
    await started(child);
    return {
      pid: child.pid as number,
      leadsGroup,
      // Node's streams are older than web streams.
      stdin: writableFromNode(child.stdin),
      stdout: readableFromNode(child.stdout),
      stderr: readableFromNode(child.stderr),
      status,
      signal: (signal) => signalProcess(child, signal),
      signalGroup: (signal) => {
        if (windows) endTree(child);
        else signalGroup(child.pid as number, signal);
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

  // Node asks nobody.
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
    }, nodeRuntime.onHostExit);
    try {
      await writeFile(file.path, contents, { flag: "wx", mode: 0o600 });
      return file;
    } catch (error) {
      await file.remove();
      throw error;
    }
  },

  onHostSignal: sharedListener<Signal>((notify) => {
    const stops = hostSignals.map((signal) => {
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

/** Waits for the system's answer, which Node emits after it has returned a process. */
async function started(child: ChildProcessWithoutNullStreams): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      // Stays: a signal that cannot be sent is emitted too, and unheard would end the host.
      child.on("error", reject);
    });
  } catch (error) {
    // Arguments may hold secrets.
    delete (error as { spawnargs?: unknown }).spawnargs;
    // Node makes no streams when it is out of file descriptors.
    for (const stream of child.stdio ?? []) stream?.destroy();
    throw error;
  }
}

/**
 * How a process ended. Signals without a name, such as those for real time, look to Node like an
 * exit with 0.
 */
function processStatus(child: ChildProcessWithoutNullStreams): Promise<ProcessStatus> {
  return new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
}

/** Signals a process, unless it has ended: the id may be somebody else's by now. */
function signalProcess(child: ChildProcessWithoutNullStreams, signal: Signal): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // On Deno, child.kill() also ends stdout early, and names the signal however the process ends.
  attempt(() => process.kill(child.pid as number, signal));
}

/** Signals who is left of a group. */
function signalGroup(pid: number, signal: Signal): void {
  attempt(() => process.kill(-pid, signal));
}

/** Ends a process and what it started, or where that fails, the process. */
function endTree(child: ChildProcessWithoutNullStreams): void {
  const [executable, ...args] = taskkill(child.pid as number, process.env.SystemRoot);
  spawn(executable, args, { stdio: "ignore", windowsHide: true })
    .once("error", () => signalProcess(child, "SIGKILL"));
}

/** Removes a folder and the file in it, unless they are gone already. */
async function removeFolder(folder: string, file: string): Promise<void> {
  // To look into a folder takes a descriptor, and there may be none; this goes without.
  await unlink(file).catch(() => {});
  await rmdir(folder).catch(() => rm(folder, { recursive: true, force: true }));
}
