import { attempt } from "./attempt.ts";
import { hostSignals, raisePatienceMs } from "./host_signals.ts";
import { privateFile } from "./private_file.ts";
import { realTimers } from "./real_timers.ts";
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

// Nothing `node:` here: each such module costs Deno 4-23 ms of start-up.

// Deno has its own words for some systems and processors.
const platform: Platform = {
  os: Deno.build.os === "windows" ? "win32" : Deno.build.os,
  arch: { x86_64: "x64", aarch64: "arm64" }[Deno.build.arch],
};
const windows = platform.os === "win32";
const proc: ProcReader = {
  list: () => [...Deno.readDirSync("/proc")].map(({ name }) => name),
  read: (path) => Deno.readTextFileSync(path),
};

/** How long a signal may take from Deno's one thread to the other, in milliseconds; usually 0.1. */
const longestTellingMs = 500;

/** The adapter for Deno. */
export const denoRuntime: Runtime = {
  name: "deno",
  platform,

  // Deno throws what Node emits later.
  // deno-lint-ignore require-await
  async spawn(command: SpawnCommand): Promise<RuntimeProcess> {
    // Deno signals a group only with unrestricted permission to run. In a group that nobody can
    // signal, codex would outlive the host and hear no Ctrl-C.
    const leadsGroup = !windows && granted({ name: "run" });
    const child = new Deno.Command(command.executable, {
      args: [...command.args],
      cwd: command.cwd,
      // Deno adds to the host's environment by itself; to read it here would need permission.
      env: { ...command.env },
      clearEnv: !command.inheritEnv,
      detached: leadsGroup,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return {
      pid: child.pid,
      leadsGroup,
      // Deno's streams are web streams already, and read the pipe only when they are read.
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      status: child.status.then(processStatus, namelessSignal),
      signal: (signal) => signalProcess(child, signal),
      signalGroup: (signal) => {
        if (windows) endTree(child);
        else if (leadsGroup) signalGroup(child.pid, signal);
        else signalProcess(child, signal);
      },
    };
  },

  identify: (pid) => mayReadProc() ? identify(pid, proc) : null,

  relatives: (root, variable) => mayReadProc() ? findRelatives(root, variable, proc) : [],

  signalRelative: (relative, signal) => {
    if (!isStill(relative, proc)) return false;
    attempt(() => Deno.kill(relative.pid, signal));
    return true;
  },

  // Deno would ask the user for a permission that is neither granted nor denied.
  env: (name) => granted({ name: "env", variable: name }) ? Deno.env.get(name) : undefined,
  cwd: () => granted({ name: "read", path: "." }) ? attempt(() => Deno.cwd()) : undefined,
  execPath: () => granted({ name: "read" }) ? attempt(() => Deno.execPath()) : undefined,
  mayRun: (executable) => granted({ name: "run", command: executable }),

  async isFile(path: string): Promise<boolean> {
    return (await stat(path))?.isFile ?? false;
  },

  async isExecutable(path: string): Promise<boolean> {
    const info = await stat(path);
    // Windows has no x bits, and Deno no mode there.
    return info !== undefined && info.isFile && (windows || ((info.mode ?? 0) & 0o111) !== 0);
  },

  async realPath(path: string): Promise<string | undefined> {
    if (!granted({ name: "read", path })) return undefined;
    return await Deno.realPath(path).catch(() => undefined);
  },

  readTextFile: (path) => Deno.readTextFile(path),

  async writePrivateFile(
    folderPrefix: string,
    fileName: string,
    contents: string | Uint8Array,
  ): Promise<PrivateFile> {
    // Deno finds the temporary folder by itself; to ask where it is would need permission.
    // At once: a host that exits meanwhile would leave it.
    const folder = Deno.makeTempDirSync({ prefix: folderPrefix });
    const path = `${folder}${windows ? "\\" : "/"}${fileName}`;
    const file = privateFile(path, {
      remove: () => removeFolder(folder, path),
      removeSync: () => Deno.removeSync(folder, { recursive: true }),
    }, denoRuntime.onHostExit);
    const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
    try {
      await Deno.writeFile(file.path, bytes, { createNew: true, mode: 0o600 });
      return file;
    } catch (error) {
      await file.remove();
      throw error;
    }
  },

  onHostSignal: sharedListener<Signal>((notify) => {
    const stops = hostSignals.map((signal) => {
      const listener = () => notify(signal);
      // Older versions refuse SIGTERM and SIGHUP on Windows.
      attempt(() => Deno.addSignalListener(signal, listener));
      return () => attempt(() => Deno.removeSignalListener(signal, listener));
    });
    return () => stops.forEach((stop) => stop());
  }),

  whenSignalsAreTold,

  // Deno does not tell who else listens.
  hostSignalIsHandled: () => undefined,

  // Needs no permission: this is our own process.
  raiseHostSignal: (signal) => {
    Deno.kill(Deno.pid, signal);
    // Another thread of Deno's ends the program by it. One with nothing more to do would meanwhile
    // end by itself, as if all was well.
    setTimeout(() => {}, raisePatienceMs);
  },

  onHostExit: sharedListener<void>((notify) => {
    const listener = () => notify();
    // These end the program without an "unload", unless somebody handles them. Who prevents that as
    // an event listens already, as a rule; listeners of `process` are asked after us.
    const errorListener = (event: Event) => {
      if (!event.defaultPrevented && !isHandledAsInNode(event.type)) notify();
    };
    // Fires at the end of the program and on Deno.exit().
    globalThis.addEventListener("unload", listener);
    globalThis.addEventListener("error", errorListener);
    globalThis.addEventListener("unhandledrejection", errorListener);
    return () => {
      globalThis.removeEventListener("unload", listener);
      globalThis.removeEventListener("error", errorListener);
      globalThis.removeEventListener("unhandledrejection", errorListener);
    };
  }),
};

/** Whether a listener of `process` keeps an error from ending the program. */
function isHandledAsInNode(type: string): boolean {
  const { process } = globalThis as { process?: { listenerCount(name: string): number } };
  const names = ["uncaughtException", ...(type === "error" ? [] : ["unhandledRejection"])];
  return names.some((name) => (process?.listenerCount(name) ?? 0) > 0);
}

/**
 * Another of Deno's threads takes the signals and hands them on, one after the other. How long that
 * takes nobody knows; one that comes last, and that no program cares for, tells when it is done.
 */
function whenSignalsAreTold(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancelTimer();
      attempt(() => Deno.removeSignalListener("SIGURG", done));
      resolve();
    };
    // A program may have been started with the signal blocked.
    const cancelTimer = realTimers.after(longestTellingMs, done);
    try {
      Deno.addSignalListener("SIGURG", done);
      Deno.kill(Deno.pid, "SIGURG");
    } catch {
      // Windows does not have it.
      done();
    }
  });
}

/** How a process ended; Deno gives one that a signal ended the code a shell would give it. */
function processStatus({ code, signal }: Deno.CommandStatus): ProcessStatus {
  return signal === null ? { code, signal } : { code: null, signal };
}

/** How a process ended whose signal has no name, such as those for real time: Deno throws. */
function namelessSignal(error: Error): ProcessStatus {
  return { code: null, signal: `SIG${/\d+/.exec(error.message)?.[0] ?? ""}` };
}

/** Signals a process; Deno throws for one that has ended. */
function signalProcess(child: Deno.ChildProcess, signal: Signal): void {
  attempt(() => child.kill(signal));
}

/** Signals who is left of a group. */
function signalGroup(pid: number, signal: Signal): void {
  attempt(() => Deno.kill(-pid, signal));
}

/** Ends a process and what it started, or where Deno does not allow that, the process. */
function endTree(child: Deno.ChildProcess): void {
  const [executable, ...args] = taskkill(child.pid, denoRuntime.env("SystemRoot"));
  const ended = granted({ name: "run", command: executable }) &&
    attempt(() =>
      new Deno.Command(executable, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn()
    );
  if (!ended) signalProcess(child, "SIGKILL");
}

/** Removes a folder and the file in it, unless they are gone already. */
async function removeFolder(folder: string, file: string): Promise<void> {
  // To look into a folder takes a descriptor, and there may be none; this goes without.
  await Deno.remove(file).catch(() => {});
  await Deno.remove(folder).catch(async (error) => {
    if (error instanceof Deno.errors.NotFound) return;
    await Deno.remove(folder, { recursive: true });
  });
}

/** Whether a permission is granted; never asks the user. */
function granted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

/** Deno opens `/proc` only for a program that may do anything. */
function mayReadProc(): boolean {
  const permissions = ["read", "write", "net", "env", "sys", "run", "ffi"] as const;
  return permissions.every((name) => granted({ name }));
}

/** What is known of a file that may be read. */
async function stat(path: string): Promise<Deno.FileInfo | undefined> {
  if (!granted({ name: "read", path })) return undefined;
  return await Deno.stat(path).catch(() => undefined);
}
