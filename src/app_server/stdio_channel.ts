import { atMost } from "../at_most.ts";
import { callOnlooker, textOfThrown } from "../callback.ts";
import type { CancelTimer, Clock } from "../clock.ts";
import { type Deferred, deferred } from "../deferred.ts";
import type { Diagnostic } from "../diagnostics.ts";
import { ConnectionError, ProtocolError } from "../errors.ts";
import { type Guarded, hostGuard } from "../exec/host_guard.ts";
import { type FoundCodex, locateCodex } from "../exec/locate.ts";
import { ProcessOutput } from "../exec/process_output.ts";
import { spawnFailure } from "../exec/spawn_failure.ts";
import { StderrTail } from "../exec/stderr_tail.ts";
import { SupervisedProcess } from "../exec/supervised_process.ts";
import { defaultTiming } from "../exec/timing.ts";
import type { CodexOptions } from "../options.ts";
import { type Redact, redactor, secretsOf } from "../redact.ts";
import type { Runtime, RuntimeProcess, Signal } from "../runtime/types.ts";
import type { Message } from "./message.ts";
import { frameMessages } from "./message_framing.ts";
import { serverArguments } from "./server_arguments.ts";
import type { ServerChannel, ServerEnd } from "./server_channel.ts";
import { serverEnvironment, serverMark } from "./server_environment.ts";

const defaultMaxLineBytes = 256 * 1024 * 1024;

/** How patient to be with a server, in milliseconds. */
export type ServerTiming = {
  /**
   * After the end of stdin, which lets the server end its commands; then comes SIGTERM. `Infinity`
   * for no limit.
   */
  inputEndGraceMs: number;
  /** After SIGTERM; then comes SIGKILL. */
  terminateGraceMs: number;
  /** After SIGKILL; then the process is given up as not killable. */
  killGraceMs: number;
  /** After the exit, for output that someone else still holds open. */
  drainMs: number;
};

/** Measured: a server takes 10 to 300 ms to exit after the end of stdin, and as long after SIGTERM. */
export const defaultServerTiming: ServerTiming = {
  inputEndGraceMs: 2000,
  terminateGraceMs: 1000,
  killGraceMs: 5000,
  drainMs: 250,
};

/** What {@linkcode spawnServer} works with. */
export type SpawnServerInput = {
  /** The options of the `Codex`. */
  codexOptions: CodexOptions;
  /** The runtime. */
  runtime: Runtime;
  /** Time. */
  clock: Clock;
  /** How patient to be. */
  timing?: Partial<ServerTiming>;
  /** The arguments, without the executable. Default: {@linkcode serverArguments}. */
  args?: readonly string[];
  /** Keeps secrets out of what is shown. Default: those that the options and the host hold now. */
  redact?: Redact;
  /** Told of oddities: lines that are no messages, and the like. */
  onDiagnostic?: (diagnostic: Diagnostic) => void;
};

/**
 * Finds codex and starts `codex app-server`. Rejects with `CodexNotFoundError`, `SpawnError` or
 * `InvalidOptionsError`; a server that starts and exits at once is told by the end of the channel.
 */
export async function spawnServer(input: SpawnServerInput): Promise<StdioChannel> {
  const { codexOptions, runtime } = input;
  const codex = await locateCodex({ codexOptions, runtime });
  const args = input.args ?? serverArguments({ codexOptions });
  const serverId = crypto.randomUUID();
  const { env, inheritEnv, keys } = serverEnvironment({
    codexOptions,
    hostEnv: (name) => runtime.env(name),
    pathDirs: codex.pathDirs,
    platform: runtime.platform,
  }, serverId);
  const child = await runtime.spawn({ executable: codex.path, args, env, inheritEnv })
    .catch((error) => {
      throw spawnFailure(error, codex.path);
    });
  const channel = new StdioChannel(child, input, codex, `${serverMark}=${serverId}`);
  channel.announce([codex.path, ...args], keys);
  return channel;
}

/**
 * A `codex app-server` of our own, spoken to through its stdin and stdout. It is read only as fast
 * as `readable` is; whoever holds that must not wait for anything else.
 *
 * It never gets a SIGINT: that would kill it before it could end the commands it runs.
 */
export class StdioChannel implements ServerChannel, Guarded {
  readonly readable: ReadableStream<Message>;
  readonly writable: WritableStream<Message>;
  readonly ended: Promise<ServerEnd>;
  /** The codex that runs. */
  readonly codex: FoundCodex;
  /** Its process id. */
  readonly pid: number;
  readonly #input: SpawnServerInput;
  readonly #timing: ServerTiming;
  readonly #redact: Redact;
  readonly #process: SupervisedProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: ProcessOutput;
  readonly #stderr: StderrTail;
  readonly #outputEnded: Deferred<void> = deferred();
  #closing = false;
  #cancelGrace: CancelTimer | null = null;

  /** Takes charge of `child`; `mark` is found in the environment of what it starts. */
  constructor(child: RuntimeProcess, input: SpawnServerInput, codex: FoundCodex, mark: string) {
    const { codexOptions, runtime, clock } = input;
    this.#input = input;
    this.#timing = { ...defaultServerTiming, ...input.timing };
    this.codex = codex;
    this.pid = child.pid;
    this.#redact = input.redact ?? redactor(secretsOf(codexOptions, (name) => runtime.env(name)));
    this.#process = new SupervisedProcess(child, runtime, clock, {
      ...defaultTiming,
      ...this.#timing,
    });
    this.#process.mark = mark;
    this.#stdin = child.stdin.getWriter();
    this.#stdout = new ProcessOutput(child.stdout, this.#process, clock, this.#timing.drainMs);
    this.#stderr = new StderrTail(child.stderr);
    const { readable, writable } = frameMessages({
      readable: this.#output(),
      writable: this.#inputStream(),
    }, {
      maxLineBytes: codexOptions.maxLineBytes ?? defaultMaxLineBytes,
      onNoise: (message, line) => this.#note({ kind: "stdout", message, line }),
    });
    this.readable = readable;
    this.writable = writable;
    this.ended = this.#end();
    hostGuard(runtime).add(this, { handleSignals: codexOptions.handleHostSignals ?? true });
  }

  /** Ends the server: end of stdin, then SIGTERM, then SIGKILL, each after a grace. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      // While it lives: afterwards nothing tells whose its children were.
      this.#process.noteRelatives();
      this.#stdin.close().catch(() => {});
      const { inputEndGraceMs } = this.#timing;
      if (inputEndGraceMs !== Infinity) {
        this.#cancelGrace = this.#input.clock.after(
          inputEndGraceMs,
          () => this.#process.terminate(0),
        );
      }
    }
    await this.ended;
  }

  /** The last 16 KiB of stderr, at most. */
  stderr(): string {
    // deno-lint-ignore no-control-regex
    return this.#redact(this.#stderr.text().replace(/\x1b\[[0-9;]*m/g, ""));
  }

  /** Ends the server because the host was told to end. */
  endForHost(_signal: Signal): void {
    this.close();
  }

  /** Ends the server at once. */
  endNow(signal: Signal): void {
    this.#process.signalNow(signal === "SIGKILL" ? "SIGKILL" : "SIGTERM");
  }

  /** Tells `onSpawn` of the server. */
  announce(argv: string[], envKeys: string[]): void {
    const shown = argv.map((argument) => this.#redact(argument));
    const { onSpawn } = this.#input.codexOptions;
    callOnlooker(
      () => onSpawn?.({ argv: shown, cwd: undefined, envKeys, pid: this.pid }),
      (error) => this.#note({ kind: "callback", message: `onSpawn threw: ${textOfThrown(error)}` }),
    );
  }

  #output(): ReadableStream<Uint8Array> {
    return new ReadableStream({
      pull: async (controller) => {
        const chunk = await this.#stdout.read().catch((cause) => {
          this.#endOutput();
          const message = "Cannot read what the app-server prints";
          throw new ProtocolError(message, { line: null, path: null, cause });
        });
        if (chunk !== null) return controller.enqueue(chunk);
        this.#endOutput();
        controller.close();
      },
      cancel: () => this.#endOutput(),
    }, { highWaterMark: 0 });
  }

  /** A server that nobody hears is of no use, and may wait for ever for somebody to read. */
  async #endOutput(): Promise<void> {
    this.#outputEnded.resolve();
    const closed = this.close();
    await this.#stdout.cancel();
    await closed;
  }

  #inputStream(): WritableStream<Uint8Array> {
    return new WritableStream({
      start: (controller) => {
        this.#stdin.closed.catch((cause) => controller.error(notRead(cause)));
      },
      write: (bytes) =>
        this.#stdin.write(bytes).catch((cause) => {
          throw notRead(cause);
        }),
      close: () => this.close(),
      abort: () => this.close(),
    });
  }

  async #end(): Promise<ServerEnd> {
    const { code, signal } = await this.#process.ended;
    const { clock } = this.#input;
    const { drainMs } = this.#timing;
    this.#closing = true;
    this.#cancelGrace?.();
    // Aborting waits for a write under way, which waits for whoever else can read the input.
    await atMost(drainMs, clock, this.#stdin.abort());
    await this.#stderr.end(clock, drainMs);
    // Whoever reads is soon done, and whoever does not is not waited for.
    await atMost(drainMs, clock, this.#outputEnded.promise);
    if (this.#stdout.heldOpen) {
      const message = "Codex is gone, but a process it started keeps its output open";
      this.#note({ kind: "process", message });
    }
    await this.#input.runtime.whenSignalsAreTold();
    return { exitCode: code, signal };
  }

  #note(diagnostic: Diagnostic): void {
    const message = this.#redact(diagnostic.message.slice(0, 2000));
    callOnlooker(() => this.#input.onDiagnostic?.({ ...diagnostic, message }), () => {});
  }
}

function notRead(cause: unknown): ConnectionError {
  const message = "Cannot write to the app-server: it does not read any more";
  return new ConnectionError(message, { reason: "lost", cause });
}
