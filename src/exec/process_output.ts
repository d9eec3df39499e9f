import type { CancelTimer, Clock } from "../clock.ts";
import { withPatience } from "./patience.ts";
import type { SupervisedProcess } from "./supervised_process.ts";

/** What is still read after the exit; a pipe holds far less, so more comes from somebody else. */
const maxBytesAfterExit = 16 * 1024 * 1024;

/** What a pipe holds at most, unless root has widened it. */
const maxPipeBytes = 1024 * 1024;

/** How many times the patience for one read goes into that for all reads after the exit. */
const drainsAfterExit = 10;

/** The stdout of a process, read on demand; it ends even if a descendant keeps it open. */
export class ProcessOutput {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #process: SupervisedProcess;
  readonly #clock: Clock;
  readonly #drainMs: number;
  #giveUp: (() => void) | null = null;
  #cancelDrain: CancelTimer | null = null;
  #bytesAfterExit = 0;
  #waitedAfterExitMs = 0;
  #waitingSince: number | null = null;
  /** Since when nothing but this reading takes time after the exit. */
  #hurriedSince: number | null = null;
  #isHurried = false;
  /** How many bytes were read. */
  bytesRead = 0;
  /** Whether the process was gone while its output was still open. */
  heldOpen = false;

  /**
   * `drainMs` is how long an output that is still open after the exit may stay silent; ten times
   * that is all the waiting there is, for somebody who says a little now and then.
   */
  constructor(
    stream: ReadableStream<Uint8Array>,
    process: SupervisedProcess,
    clock: Clock,
    drainMs: number,
  ) {
    this.#reader = stream.getReader();
    this.#process = process;
    this.#clock = clock;
    this.#drainMs = drainMs;
    process.ended.then(() => {
      if (this.#isHurried) this.#hurriedSince ??= clock.now();
      this.#drain();
    });
  }

  /** Says that from now on it is read without a pause: all the reading after the exit is limited. */
  hurry(): void {
    this.#isHurried = true;
    if (this.#process.status !== null) this.#hurriedSince ??= this.#clock.now();
  }

  /** The next bytes, `null` at the end. Rejects when the pipe cannot be read. One call at a time. */
  read(): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#giveUp = null;
        this.#cancelDrain?.();
        if (this.#waitingSince === null) return;
        this.#waitedAfterExitMs += this.#clock.now() - this.#waitingSince;
        this.#waitingSince = null;
      };
      this.#giveUp = () => {
        settle();
        this.heldOpen = true;
        resolve(null);
      };
      this.#reader.read().then(({ value }) => {
        settle();
        this.#count(value);
        if (value !== undefined && this.#isOverdue) this.heldOpen = true;
        resolve(this.heldOpen ? null : value ?? null);
      }, (error) => {
        settle();
        reject(error);
      });
      if (this.#process.status !== null) this.#drain();
    });
  }

  /** Reads and drops whatever is still printed, until the end. Never rejects. */
  async discard(): Promise<void> {
    try {
      while (await this.read() !== null);
    } catch {
      // A pipe that cannot be read any more has ended.
    }
  }

  /** Whether all that was printed was read, as far as the system says: a read waits for more. */
  get isAwaited(): boolean {
    return this.#giveUp !== null;
  }

  /** Closes the pipe; a pending read ends. Never rejects. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  /**
   * Whether reading takes too long, and what codex had left in the pipe was read: others write to it.
   * Time alone says nothing, as the host may have been busy with something else.
   */
  get #isOverdue(): boolean {
    if (this.#hurriedSince === null || this.#bytesAfterExit <= maxPipeBytes) return false;
    return this.#clock.now() - this.#hurriedSince > this.#drainMs * drainsAfterExit;
  }

  #count(chunk: Uint8Array | undefined): void {
    const bytes = chunk?.length ?? 0;
    this.bytesRead += bytes;
    if (this.#process.status === null) return;
    this.#bytesAfterExit += bytes;
    if (this.#bytesAfterExit > maxBytesAfterExit) this.heldOpen = true;
  }

  #drain(): void {
    if (this.#giveUp === null) return;
    // A read that begins just as the process ends is told twice.
    this.#cancelDrain?.();
    this.#waitingSince ??= this.#clock.now();
    const leftMs = this.#drainMs * drainsAfterExit - this.#waitedAfterExitMs;
    const patienceMs = Math.max(0, Math.min(this.#drainMs, leftMs));
    this.#cancelDrain = withPatience(this.#clock, patienceMs, () => this.#giveUp?.());
  }
}
