import type {
  Platform,
  PrivateFile,
  ProcessIdentity,
  ProcessStatus,
  Runtime,
  RuntimeProcess,
  Signal,
  SpawnCommand,
} from "../../src/runtime/types.ts";

/** The reading end of a pipe, and what the test does at its other end. */
export class FakePipe {
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  /** Whether it was cancelled, ended or broken; what is not is a leak. */
  isClosed = false;
  /** Whether the reader cancelled it. */
  isCancelled = false;
  /** What cancelling rejects with. */
  cancelError: Error | undefined = undefined;

  constructor() {
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.isClosed = true;
        this.isCancelled = true;
        if (this.cancelError !== undefined) throw this.cancelError;
      },
    }, { highWaterMark: 0 });
  }

  /** Writes; goes nowhere once the reader is gone, as with a real pipe. */
  write(data: string | Uint8Array): void {
    if (this.isClosed) return;
    this.#controller.enqueue(typeof data === "string" ? new TextEncoder().encode(data) : data);
  }

  /** How many writes nobody has read yet. */
  get unread(): number {
    return Math.abs(this.#controller.desiredSize ?? 0);
  }

  /** Closes the writing end. */
  end(): void {
    if (!this.isClosed) this.#controller.close();
    this.isClosed = true;
  }

  /** Breaks the pipe. */
  fail(error: unknown): void {
    if (!this.isClosed) this.#controller.error(error);
    this.isClosed = true;
  }
}

/** A process that does what the test tells it to. */
export class FakeProcess implements RuntimeProcess {
  readonly pid = 4711;
  readonly leadsGroup: boolean;
  readonly command: SpawnCommand;
  readonly stdin: WritableStream<Uint8Array>;
  readonly status: Promise<ProcessStatus>;
  readonly out: FakePipe = new FakePipe();
  readonly err: FakePipe = new FakePipe();
  /** The signals it got, in order; those to the group with a minus, as for kill(2). */
  readonly signals: string[] = [];
  /** What it read. */
  input = "";
  /** Whether its stdin was closed or aborted. */
  stdinIsClosed = false;
  /** Decides what a signal does; nothing by itself. */
  onSignal: (signal: Signal) => void = () => {};
  hasExited = false;
  #resolveStatus!: (status: ProcessStatus) => void;

  constructor(
    command: SpawnCommand,
    options: { leadsGroup: boolean; readsStdin: boolean; stdinIsHeldOpen?: boolean },
  ) {
    this.command = command;
    this.leadsGroup = options.leadsGroup;
    this.status = new Promise((resolve) => this.#resolveStatus = resolve);
    const decoder = new TextDecoder();
    this.stdin = new WritableStream({
      write: (chunk) => {
        if (!options.readsStdin) {
          // A full pipe: the write ends when nobody can read it any more.
          const end = options.stdinIsHeldOpen ? new Promise<never>(() => {}) : this.status;
          return end.then(() => {
            this.stdinIsClosed = true;
            throw new Error("EPIPE");
          });
        }
        this.input += decoder.decode(chunk, { stream: true });
      },
      close: () => {
        this.stdinIsClosed = true;
      },
      abort: () => {
        this.stdinIsClosed = true;
      },
    });
  }

  get stdout(): ReadableStream<Uint8Array> {
    return this.out.stream;
  }

  get stderr(): ReadableStream<Uint8Array> {
    return this.err.stream;
  }

  /** Writes events to stdout, a line each, all in one chunk. */
  print(...events: unknown[]): void {
    this.out.write(events.map((event) => JSON.stringify(event) + "\n").join(""));
  }

  /** Ends; the pipes stay open, as when someone else holds them. */
  exit(status: Partial<ProcessStatus> = { code: 0 }): void {
    this.hasExited = true;
    this.#resolveStatus({ code: null, signal: null, ...status });
  }

  /** Ends as a process does that shared its pipes with nobody. */
  exitAlone(status: Partial<ProcessStatus> = { code: 0 }): void {
    this.out.end();
    this.err.end();
    this.exit(status);
  }

  signal(signal: Signal): void {
    this.signals.push(signal);
    this.onSignal(signal);
  }

  signalGroup(signal: Signal): void {
    this.signals.push(`-${signal}`);
    this.onSignal(signal);
  }
}

/** Where the fake codex is. */
export const codexPath = "/opt/codex";

/** A runtime without an outside world: processes are played by the test, files are in memory. */
export class FakeRuntime implements Runtime {
  readonly name = "node";
  platform: Platform = { os: "linux", arch: "x64" };
  /** The processes that were started. */
  readonly processes: FakeProcess[] = [];
  /** The private files there are; what is left of them is a leak. */
  readonly privateFiles: Map<string, string | Uint8Array> = new Map();
  /** The signals the host raised. */
  readonly raised: Signal[] = [];
  readonly variables: Record<string, string> = {};
  readonly files: Record<string, string> = { [codexPath]: "" };
  leadsGroup = true;
  readsStdin = true;
  /** Whether someone else could read what the process does not, and lives on. */
  stdinIsHeldOpen = false;
  signalIsHandled: boolean | undefined = undefined;
  /** Called when a process was asked for; may throw, or make it wait. */
  beforeSpawn: (command: SpawnCommand) => Promise<void> | void = () => {};
  /** Called with each process that was started. */
  onSpawned: (process: FakeProcess) => void = () => {};
  /** Called when a private file was asked for; may throw, or make it wait. */
  beforePrivateFile: (fileName: string) => Promise<void> | void = () => {};
  /** Called before the host's signals are said to be told; may make that wait. */
  beforeSignalsAreTold: () => Promise<void> | void = () => {};
  /** Processes that codex left behind: they die by SIGKILL, unless they are said to be immortal. */
  strays: (ProcessIdentity & { variable?: string; isImmortal?: boolean })[] = [];
  readonly #signalListeners: Set<(signal: Signal) => void> = new Set();
  readonly #exitListeners: Set<() => void> = new Set();
  #privateFileCount = 0;

  /** The process started last. */
  get process(): FakeProcess {
    return this.processes.at(-1)!;
  }

  /** How many listen to the host. */
  get hostListeners(): number {
    return this.#signalListeners.size + this.#exitListeners.size;
  }

  /** Sends the host a signal. */
  hostSignal(signal: Signal): void {
    for (const listener of [...this.#signalListeners]) listener(signal);
  }

  /** Ends the host. */
  hostExit(): void {
    for (const listener of [...this.#exitListeners]) listener();
  }

  async spawn(command: SpawnCommand): Promise<RuntimeProcess> {
    await this.beforeSpawn(command);
    if (!(command.executable in this.files)) {
      throw Object.assign(new Error(`spawn ${command.executable}`), { code: "ENOENT" });
    }
    const { leadsGroup, readsStdin, stdinIsHeldOpen } = this;
    const options = { leadsGroup, readsStdin, stdinIsHeldOpen };
    this.processes.push(new FakeProcess(command, options));
    this.onSpawned(this.process);
    return this.process;
  }

  env(name: string): string | undefined {
    return this.variables[name];
  }

  cwd(): string {
    return "/home/dev";
  }

  execPath(): string {
    return "/usr/bin/host";
  }

  mayRun(): boolean {
    return true;
  }

  isFile(path: string): Promise<boolean> {
    return Promise.resolve(path in this.files);
  }

  isExecutable(path: string): Promise<boolean> {
    return this.isFile(path);
  }

  realPath(path: string): Promise<string | undefined> {
    return Promise.resolve(path in this.files ? path : undefined);
  }

  readTextFile(path: string): Promise<string> {
    const text = this.files[path];
    return text === undefined
      ? Promise.reject(Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" }))
      : Promise.resolve(text);
  }

  async writePrivateFile(
    folderPrefix: string,
    fileName: string,
    contents: string | Uint8Array,
  ): Promise<PrivateFile> {
    await this.beforePrivateFile(fileName);
    const path = `/tmp/${folderPrefix}${++this.#privateFileCount}/${fileName}`;
    this.privateFiles.set(path, contents);
    return {
      path,
      remove: () => {
        this.privateFiles.delete(path);
        return Promise.resolve();
      },
    };
  }

  onHostSignal(listener: (signal: Signal) => void): () => void {
    this.#signalListeners.add(listener);
    return () => this.#signalListeners.delete(listener);
  }

  hostSignalIsHandled(): boolean | undefined {
    return this.signalIsHandled;
  }

  async whenSignalsAreTold(): Promise<void> {
    await this.beforeSignalsAreTold();
  }

  raiseHostSignal(signal: Signal): void {
    this.raised.push(signal);
  }

  onHostExit(listener: () => void): () => void {
    this.#exitListeners.add(listener);
    return () => this.#exitListeners.delete(listener);
  }

  identify(pid: number): ProcessIdentity | null {
    return { pid, started: "1" };
  }

  relatives(_root: ProcessIdentity, variable: string | null): ProcessIdentity[] {
    return this.strays.filter((each) => each.variable === undefined || each.variable === variable);
  }

  signalRelative(relative: ProcessIdentity, signal: Signal): boolean {
    const stray = this.strays.find((each) => each.pid === relative.pid);
    if (stray !== undefined && signal === "SIGKILL" && !stray.isImmortal) {
      this.strays = this.strays.filter((each) => each !== stray);
    }
    return stray !== undefined;
  }
}
