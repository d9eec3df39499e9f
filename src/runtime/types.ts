/** A signal the SDK sends to codex, or hears from its host. */
export type Signal = "SIGINT" | "SIGTERM" | "SIGKILL" | "SIGHUP";

/** Operating system and processor, in Node's words: `linux`, `darwin`, `win32`; `x64`, `arm64`. */
export interface Platform {
  /** The operating system. */
  readonly os: string;
  /** The processor architecture. */
  readonly arch: string;
}

/** A program to start. No shell is involved. */
export interface SpawnCommand {
  /** A path, or a bare name that is looked up in PATH. */
  readonly executable: string;
  /** The arguments, without the executable. */
  readonly args: readonly string[];
  /** Environment variables; on top of the host's when `inheritEnv`, else all there are. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether the child also sees the host's environment. */
  readonly inheritEnv: boolean;
  /** Working directory; the host's when not given. */
  readonly cwd?: string;
}

/** How a process ended: an exit code, or the signal that ended it. */
export interface ProcessStatus {
  /** The exit code; `null` when a signal ended the process. */
  readonly code: number | null;
  /** The name of the signal, e.g. `"SIGTERM"`; `null` when the process exited by itself. */
  readonly signal: string | null;
}

/**
 * A running program, seen through web streams. Each stream holds a file descriptor until it is read
 * to the end, cancelled or closed.
 */
export interface RuntimeProcess {
  /** The process id. */
  readonly pid: number;
  /** Whether the process leads a group of its own that {@linkcode signalGroup} reaches. */
  readonly leadsGroup: boolean;
  /**
   * What the program reads. Writing rejects when the program no longer reads; aborting waits for a
   * write under way, so end the program first.
   */
  readonly stdin: WritableStream<Uint8Array>;
  /** What the program writes; the pipe is read only as fast as this stream is. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** What the program writes to stderr. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Resolves when the process has ended; never rejects. Does not wait for the streams. */
  readonly status: Promise<ProcessStatus>;
  /** Sends a signal to the process; does nothing when it is gone. Never throws. */
  signal(signal: Signal): void;
  /** Sends a signal to the whole group (on Windows: ends the tree). Never throws. */
  signalGroup(signal: Signal): void;
}

/** A process, told apart from a later one with the same id. */
export interface ProcessIdentity {
  /** The process id. */
  readonly pid: number;
  /** When it started, in the system's words. */
  readonly started: string;
}

/** A private temporary file, in a folder of its own. */
export interface PrivateFile {
  /** The path of the file. */
  readonly path: string;
  /** Removes file and folder; harmless when called again. Never rejects. */
  remove(): Promise<void>;
}

/** What the SDK needs of the runtime it runs on; one adapter each for Deno, Bun and Node. */
export interface Runtime {
  /** The runtime. */
  readonly name: "deno" | "bun" | "node";
  /** What it runs on. */
  readonly platform: Platform;
  /**
   * Starts a program in a process group of its own where that group can be signalled.
   * Rejects with the runtime's own error, whose `code` is e.g. `"ENOENT"` or `"EACCES"`.
   */
  spawn(command: SpawnCommand): Promise<RuntimeProcess>;
  /** Who has a process id; `null` where that cannot be known, as for {@linkcode relatives}. */
  identify(pid: number): ProcessIdentity | null;
  /**
   * The running processes that descend from `root`, or are no older and have `variable`
   * (`NAME=value`) in their environment. Empty where that cannot be known: off Linux, and on Deno
   * without all permissions.
   */
  relatives(root: ProcessIdentity, variable: string | null): ProcessIdentity[];
  /** Sends a signal to a process if it still is the same one, and says so. Never throws. */
  signalRelative(relative: ProcessIdentity, signal: Signal): boolean;
  /** The value of an environment variable; `undefined` when unset or when reading is not granted. */
  env(name: string): string | undefined;
  /** The working directory; `undefined` when reading it is not granted. */
  cwd(): string | undefined;
  /** The path of the running executable; `undefined` when reading it is not granted. */
  execPath(): string | undefined;
  /** Whether a program may be started without the user being asked; `path` or bare name. */
  mayRun(executable: string): boolean;
  /** Whether `path` is a file; `false` when reading is not granted. Never asks the user. */
  isFile(path: string): Promise<boolean>;
  /** Whether `path` is a file that may be executed. Never asks the user. */
  isExecutable(path: string): Promise<boolean>;
  /** `path` with its links resolved; `undefined` when it is missing or reading is not granted. */
  realPath(path: string): Promise<string | undefined>;
  /** The text of a file. Rejects with the runtime's own error. */
  readTextFile(path: string): Promise<string>;
  /**
   * Writes a file only the user can read (file 0600, folder 0700) into a new folder below the
   * system's temporary folder. Removed at the latest when the host exits.
   */
  writePrivateFile(
    folderPrefix: string,
    fileName: string,
    contents: string | Uint8Array,
  ): Promise<PrivateFile>;
  /** Hears SIGINT, SIGTERM and SIGHUP of the host; returns how to stop hearing them. */
  onHostSignal(listener: (signal: Signal) => void): () => void;
  /**
   * Resolves when the listeners were told of the signals that the host has got until now. Whoever
   * stops listening before loses them: they have no effect at all.
   */
  whenSignalsAreTold(): Promise<void>;
  /** Whether someone else in this program hears the signal; `undefined` where that is not known. */
  hostSignalIsHandled(signal: Signal): boolean | undefined;
  /** Sends the host a signal, as if it had not been heard. */
  raiseHostSignal(signal: Signal): void;
  /** Calls a synchronous listener when the host exits; returns how to stop it. */
  onHostExit(listener: () => void): () => void;
}
