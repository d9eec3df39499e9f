import { atMost } from "../at_most.ts";
import { callOnlooker, textOfThrown } from "../callback.ts";
import type { CancelTimer, Clock } from "../clock.ts";
import { DiagnosticLog } from "../diagnostics.ts";
import { AbortError, ExitError, ProtocolError } from "../errors.ts";
import type { ThreadEvent } from "../events.ts";
import { normalizeInput } from "../input.ts";
import type { CodexOptions } from "../options.ts";
import { type Redact, redactor, secretsOf } from "../redact.ts";
import type { ProcessStatus, Runtime, RuntimeProcess, Signal } from "../runtime/types.ts";
import { ThreadEventDecoder } from "../streams/thread_event_decoder.ts";
import type { TransportTurn, TurnReport, TurnRequest } from "../transport.ts";
import { unlessAborted } from "../unless_aborted.ts";
import { execArguments } from "./arguments.ts";
import { execEnvironment } from "./environment.ts";
import { type Guarded, hostGuard } from "./host_guard.ts";
import type { FoundCodex } from "./locate.ts";
import { ProcessOutput } from "./process_output.ts";
import { spawnFailure } from "./spawn_failure.ts";
import { StderrTail } from "./stderr_tail.ts";
import { SupervisedProcess } from "./supervised_process.ts";
import type { ExecTiming } from "./timing.ts";
import { TurnFiles } from "./turn_files.ts";

const defaultMaxLineBytes = 256 * 1024 * 1024;
/** What is kept for a reader who does not read while the turn ends; more would be a flood. */
const maxUnreadBytes = 16 * 1024 * 1024;

/** After a SIGINT that codex may have lost; one that it heard ends it in some 40 ms. */
const unsureGraceMs = 100;

/** What an {@linkcode ExecTurn} works with. */
export type ExecTurnContext = {
  /** The options of the `Codex`. */
  codexOptions: CodexOptions;
  /** The runtime, loaded when the first turn starts. */
  runtime: () => Promise<Runtime>;
  /** Where codex is. */
  locate: () => Promise<FoundCodex>;
  /** Time. */
  clock: Clock;
  /** How patient to be. */
  timing: ExecTiming;
};

/** The parts of a codex that was started. */
type Running = {
  process: SupervisedProcess;
  stdin: WritableStreamDefaultWriter<Uint8Array>;
  stdout: ProcessOutput;
  stderr: StderrTail;
};

/**
 * One `codex exec` process. It is started by the first read and runs as fast as it is read, until
 * its last event, its exit or an abort: from then on the turn ends by itself, read or not.
 */
export class ExecTurn implements TransportTurn, Guarded {
  readonly events: ReadableStream<readonly ThreadEvent[]>;
  readonly ended: Promise<void>;
  readonly #request: TurnRequest;
  readonly #context: ExecTurnContext;
  readonly #diagnostics: DiagnosticLog;
  readonly #decoder: ThreadEventDecoder;
  #redact: Redact;
  #resolveEnded!: () => void;

  #starting: Promise<Running> | null = null;
  /** Ends the start, as long as codex does not run. */
  readonly #startAbort = new AbortController();
  #running: Running | null = null;
  #runtime: Runtime | null = null;
  #threadId: string | null = null;
  #files: TurnFiles | null = null;

  #pumping: Promise<readonly ThreadEvent[] | null> = Promise.resolve(null);
  #outputEnded = false;

  #ending: Promise<void> | null = null;
  #over = false;
  /** What arrived while the turn ended, for whoever still reads. */
  #unread: ThreadEvent[] = [];
  #wakeReader: (() => void) | null = null;
  #cancelled = false;
  #cancelLinger: CancelTimer | null = null;
  #lingered = false;

  /** Whether codex said that the turn began. */
  #began = false;
  /** Whether codex said how the turn ended. */
  #concluded = false;
  #lastNotice: string | null = null;
  /** Why the turn failed, whatever codex says. */
  #failure: { error: unknown } | null = null;

  /** Prepares the turn; nothing is started yet. */
  constructor(request: TurnRequest, context: ExecTurnContext) {
    this.#request = request;
    this.#context = context;
    this.#redact = redactor(
      secretsOf(context.codexOptions, undefined, request.threadOptions.extraArgs),
    );
    this.#diagnostics = new DiagnosticLog(context.codexOptions.onDiagnostic);
    this.#decoder = new ThreadEventDecoder(
      context.codexOptions.maxLineBytes ?? defaultMaxLineBytes,
      (message, line) =>
        this.#diagnostics.add({ kind: "stdout", message: this.#redact(message), line }),
    );
    this.ended = new Promise((resolve) => this.#resolveEnded = resolve);
    this.events = new ReadableStream({
      pull: async (controller) => {
        const events = await this.#pull();
        if (events === null) controller.close();
        else controller.enqueue(events);
      },
      cancel: () => this.#cancel(),
    }, { highWaterMark: 0 });
  }

  /** What is known besides the events. */
  report(): TurnReport {
    return {
      diagnostics: this.#diagnostics.list(),
      stderr: this.#redact(this.#running?.stderr.text() ?? ""),
    };
  }

  /** Replaces secrets, those of the environment once codex was started. */
  redact(text: string): string {
    return this.#redact(text);
  }

  /** Ends the turn with `error`, read or not; resolves when it is gone. Never rejects. */
  async end(error: unknown): Promise<void> {
    // How a turn ended that nobody has read to its end is for whoever reads it yet.
    if (this.#over) return;
    this.#failure ??= { error };
    if (this.#starting === null) return this.#resolveEnded();
    this.#startAbort.abort(error);
    await this.#starting.catch(() => {});
    this.#fail(error);
    await this.ended;
  }

  /** Ends the turn because the host was told to end. */
  endForHost(signal: Signal): void {
    const error = new AbortError(new Error(`This program was told to end by ${signal}`));
    if (this.#running === null) this.end(error);
    else this.#fail(error);
  }

  /** Signals codex at once. */
  endNow(signal: Signal): void {
    if (this.#running === null) return;
    const { process, stdout } = this.#running;
    // Codex loses a SIGINT that reaches it before the turn has begun.
    const isLost = signal === "SIGINT" && this.#interruptGraceMs(stdout) === 0;
    process.signalNow(isLost ? "SIGTERM" : signal);
  }

  async #pull(): Promise<readonly ThreadEvent[] | null> {
    const running = await (this.#starting ??= this.#start());
    if (this.#ending === null) {
      const events = await this.#pump(running);
      if (events !== null) return events;
      this.#beginEnding(running);
    }
    while (this.#unread.length === 0 && !this.#over) {
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
    if (this.#unread.length > 0) return this.#unread.splice(0);
    this.#throwConclusion(running);
    return null;
  }

  async #start(): Promise<Running> {
    const { signal } = this.#request;
    const onAbort = () => {
      this.#startAbort.abort(signal.reason);
      this.#fail(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.ended.then(() => signal.removeEventListener("abort", onAbort));
    try {
      this.#throwIfEnded();
      this.#runtime = await this.#context.runtime();
      this.#running = await this.#launch(this.#runtime);
    } catch (error) {
      if (this.#running === null) {
        await this.#files?.remove();
        await this.#runtime?.whenSignalsAreTold();
        this.#resolveEnded();
      } else {
        this.#fail(error);
        await this.ended;
      }
      throw error;
    }
    if (signal.aborted) onAbort();
    const running = this.#running;
    running.process.ended.then(() => this.#beginEnding(running));
    return running;
  }

  async #launch(runtime: Runtime): Promise<Running> {
    const { codexOptions, clock, timing } = this.#context;
    const { review, thread, threadOptions, turnOptions } = this.#request;
    // From here on: a host that is told to end by now must not leave a file behind.
    hostGuard(runtime).add(this, { handleSignals: codexOptions.handleHostSignals ?? true });
    this.#redact = redactor(
      secretsOf(codexOptions, (name) => runtime.env(name), threadOptions.extraArgs),
    );
    const found = await this.#context.locate();
    const input = normalizeInput(this.#request.input);
    this.#files = new TurnFiles(runtime);
    // What is read may take for ever: a pipe, say, or a Blob of the program's own.
    const unlessEnded = <T>(work: Promise<T>) =>
      unlessAborted(work, this.#startAbort.signal, ({ reason }) => reason);
    const images = await unlessEnded(this.#files.images(input.images));
    const outputSchemaFile = await unlessEnded(this.#files.outputSchema(turnOptions.outputSchema));
    const args = execArguments({
      codexOptions,
      threadOptions,
      turnOptions,
      target: thread,
      review,
      images,
      outputSchemaFile,
    });
    const { env, inheritEnv, keys } = execEnvironment({
      codexOptions,
      hostEnv: (name) => runtime.env(name),
      pathDirs: found.pathDirs,
      platform: runtime.platform,
    });
    this.#throwIfEnded();
    const child = await runtime.spawn({ executable: found.path, args, env, inheritEnv })
      .catch((error) => {
        throw spawnFailure(error, found.path);
      });
    const process = new SupervisedProcess(child, runtime, clock, timing);
    const stdout = new ProcessOutput(child.stdout, process, clock, timing.drainMs);
    const stderr = new StderrTail(child.stderr);
    const prompt = review?.type === "custom" ? review.instructions : input.prompt;
    const stdin = writeAll(child.stdin, prompt);
    // Before `onSpawn` is called: the host may end in it.
    this.#running = { process, stdin, stdout, stderr };
    this.#announce([found.path, ...args], keys, child);
    return this.#running;
  }

  #throwIfEnded(): void {
    this.#request.signal.throwIfAborted();
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#cancelled) throw new AbortError("The events of the turn were cancelled");
  }

  #announce(argv: string[], envKeys: string[], { pid }: RuntimeProcess): void {
    const shown = argv.map((argument) => this.#redact(argument));
    callOnlooker(
      () => this.#context.codexOptions.onSpawn?.({ argv: shown, cwd: undefined, envKeys, pid }),
      (error) =>
        this.#diagnostics.add({
          kind: "callback",
          message: this.#redact(`onSpawn threw: ${textOfThrown(error)}`),
        }),
    );
  }

  /** Reads until there are events; `null` at the end of the output. Never rejects. */
  #pump(running: Running): Promise<readonly ThreadEvent[] | null> {
    // One at a time: the reader's, or the one that empties the pipe while the turn ends.
    return this.#pumping = this.#pumping.then(async () => {
      while (!this.#outputEnded) {
        const chunk = await running.stdout.read().catch((cause) => {
          const message = "Cannot read what codex prints";
          this.#failure ??= {
            error: new ProtocolError(message, { line: null, path: null, cause }),
          };
          return null;
        });
        const { events, error } = this.#decoder.decode(chunk);
        for (const event of events) this.#note(event, running);
        if (error !== undefined) this.#fail(error);
        this.#outputEnded = chunk === null || error !== undefined;
        if (events.length > 0) return events;
      }
      return null;
    });
  }

  #note(event: ThreadEvent, running: Running): void {
    if (event.type === "thread.started") {
      this.#threadId = event.thread_id;
    } else if (event.type === "item.started") {
      // Codex has started something, and tells it the thread. Unless this program is itself a
      // command of that thread, that tells apart what belongs to the turn.
      const isOurOwn = this.#runtime?.env("CODEX_THREAD_ID") === this.#threadId;
      const isNamed = Boolean(this.#threadId);
      running.process.mark = isNamed && !isOurOwn ? `CODEX_THREAD_ID=${this.#threadId}` : null;
    } else if (event.type === "error") {
      this.#lastNotice = event.message;
    } else if (event.type === "turn.started") {
      this.#began = true;
      this.#concluded = false;
      this.#cancelLinger?.();
      this.#cancelLinger = null;
      running.process.noteRelatives();
      // Nobody is left to end what has begun again.
      if (this.#cancelled) running.process.terminate(this.#interruptGraceMs(running.stdout));
    } else if (event.type === "turn.completed" || event.type === "turn.failed") {
      this.#concluded = true;
      running.process.noteRelatives();
      // Once: whatever else codex says does not earn it more time.
      this.#linger(running);
      this.#beginEnding(running);
    }
  }

  /** Gives codex time to exit by itself: it may be saving the thread. */
  #linger({ process, stdout }: Running): void {
    if (this.#cancelLinger !== null) return;
    const { clock, timing } = this.#context;
    this.#cancelLinger = clock.after(timing.lingerMs, () => {
      this.#lingered = true;
      const message = `Codex did not exit within ${timing.lingerMs} ms after it was done`;
      this.#diagnostics.add({ kind: "process", message });
      process.terminate(this.#interruptGraceMs(stdout));
    });
  }

  /**
   * How long to wait after SIGINT. Codex loses one that reaches it between the start of the thread
   * and that of the turn, and would run the turn; while nothing has begun SIGTERM does no harm. When
   * not all that codex has said was read, it is not known whether the turn has begun.
   */
  #interruptGraceMs(stdout: ProcessOutput): number {
    const { interruptGraceMs } = this.#context.timing;
    if (this.#began) return interruptGraceMs;
    const isUnsure = stdout.bytesRead > 0 && !stdout.isAwaited;
    return isUnsure ? Math.min(interruptGraceMs, unsureGraceMs) : 0;
  }

  /** Fails the turn for a reason of ours and ends codex. */
  #fail(error: unknown): void {
    if (this.#over || this.#running === null) return;
    this.#failure ??= { error };
    this.#running.process.terminate(this.#interruptGraceMs(this.#running.stdout));
    this.#beginEnding(this.#running);
  }

  async #cancel(): Promise<void> {
    this.#cancelled = true;
    this.#unread = [];
    if (this.#starting === null) return this.#resolveEnded();
    this.#startAbort.abort(new AbortError("The events of the turn were cancelled"));
    // A start that failed has cleaned up after itself.
    const running = await this.#starting.catch(() => null);
    if (running === null) return;
    if (!this.#concluded) running.process.terminate(this.#interruptGraceMs(running.stdout));
    this.#beginEnding(running);
    await this.ended;
  }

  #beginEnding(running: Running): void {
    this.#ending ??= this.#end(running);
  }

  async #end(running: Running): Promise<void> {
    const { process, stdin, stdout, stderr } = running;
    stdout.hurry();
    let readBefore = stdout.bytesRead;
    for (;;) {
      const events = await this.#pump(running);
      if (events === null) break;
      if (this.#cancelled) continue;
      if (this.#unread.length === 0) readBefore = stdout.bytesRead;
      this.#unread.push(...events);
      this.#wakeReader?.();
      if (stdout.bytesRead - readBefore > maxUnreadBytes) break;
    }
    if (!this.#outputEnded) process.terminate(this.#interruptGraceMs(stdout));
    this.#linger(running);
    // Codex cannot end while it waits for somebody to read what it prints.
    stdout.discard();
    await process.ended;
    this.#cancelLinger?.();
    await process.sweep();
    if (stdout.heldOpen) {
      const message = "Codex is gone, but a process it started keeps its output open";
      this.#diagnostics.add({ kind: "process", message });
    }
    await stdout.cancel();
    // Aborting waits for a write under way, which waits for whoever else can read the prompt.
    await atMost(this.#context.timing.drainMs, this.#context.clock, stdin.abort());
    await stderr.end(this.#context.clock, this.#context.timing.drainMs);
    await this.#files?.remove();
    // Until then the turn hears what the host is told.
    await this.#runtime?.whenSignalsAreTold();
    this.#over = true;
    this.#resolveEnded();
    this.#wakeReader?.();
  }

  #throwConclusion({ process }: Running): void {
    if (this.#failure !== null) throw this.#failure.error;
    const status = process.status!;
    if (!this.#concluded) throw this.#exitError(status, " before the turn ended");
    if (status.code !== 0 && !this.#lingered) throw this.#exitError(status, "");
  }

  #exitError({ code, signal }: ProcessStatus, when: string): ExitError {
    const { stderr, diagnostics } = this.report();
    const how = signal === null ? `code ${code}` : `signal ${signal}`;
    const said = stderr.replace(/^Reading prompt from stdin\.\.\.\n/, "").trim().slice(-2000) ||
      this.#redact(this.#lastNotice ?? "").slice(-2000) ||
      (diagnostics[0]?.message ?? "").slice(0, 500);
    return new ExitError(`Codex Exec exited with ${how}${when}${said === "" ? "" : `: ${said}`}`, {
      exitCode: code,
      signal,
      stderr,
      diagnostics,
    });
  }
}

/** Writes a text and closes the stream, without waiting. */
function writeAll(
  stream: WritableStream<Uint8Array>,
  text: string,
): WritableStreamDefaultWriter<Uint8Array> {
  const writer = stream.getWriter();
  // Codex may exit before it has read everything; how it exits says more than a broken pipe.
  writer.closed.catch(() => {});
  if (text !== "") writer.write(new TextEncoder().encode(text)).catch(() => {});
  writer.close().catch(() => {});
  return writer;
}
