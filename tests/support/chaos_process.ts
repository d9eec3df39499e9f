import type {
  ProcessStatus,
  RuntimeProcess,
  Signal,
  SpawnCommand,
} from "../../src/runtime/types.ts";
import type { Possibility } from "./chaos_scheduler.ts";
import type { Random } from "./random.ts";

/** One step of a scripted program. */
export type ChaosStep =
  | { type: "print"; bytes: Uint8Array }
  | { type: "complain"; bytes: Uint8Array }
  | { type: "readInput" }
  | { type: "closeInput" }
  | { type: "closeOutput" }
  | { type: "breakOutput" }
  | { type: "breakErrors" }
  /** A child that inherits the pipes: in the group, out of it but to be found, or out of sight. */
  | { type: "fork"; child: "group" | "known" | "unknown" }
  | { type: "hang" }
  | { type: "end"; status: ProcessStatus };

/** What a program does when it is signalled. */
export type Manners = {
  /** The exit code after SIGINT, `null` to ignore it. */
  interruptCode: number | null;
  ignoresTerm: boolean;
  /** Not even SIGKILL ends it, for now. */
  survivesKill: boolean;
};

/** A pipe whose reading end is a web stream that is served when the scheduler says so. */
class ChaosPipe {
  readonly stream: ReadableStream<Uint8Array>;
  /** Everything that was handed to the reader. */
  readonly handedOut: Uint8Array[] = [];
  /** What the reader saw of the end. */
  ending: "none" | "eof" | "error" | "cancel" = "none";
  #buffer: Uint8Array = new Uint8Array(0);
  #broken = false;
  #pull: (() => void) | null = null;
  #finishCancel: (() => void) | null = null;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  readonly #capacity: number;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    this.#capacity = random.pick([16, 256, 4096, 65_536]);
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => new Promise<void>((resolve) => this.#pull = resolve),
      cancel: () => {
        this.ending = "cancel";
        this.#pull?.();
        this.#pull = null;
        return new Promise<void>((resolve) => this.#finishCancel = resolve);
      },
    }, { highWaterMark: 0 });
  }

  get hasRoom(): boolean {
    return this.#buffer.length < this.#capacity;
  }

  get isEmpty(): boolean {
    return this.#buffer.length === 0;
  }

  /** Takes what fits; returns the rest. Goes nowhere once the reader is gone. */
  write(bytes: Uint8Array): Uint8Array {
    if (this.ending !== "none") return new Uint8Array(0);
    const room = this.#capacity - this.#buffer.length;
    const joined = new Uint8Array(this.#buffer.length + Math.min(room, bytes.length));
    joined.set(this.#buffer);
    joined.set(bytes.subarray(0, room), this.#buffer.length);
    this.#buffer = joined;
    return bytes.subarray(room);
  }

  break(): void {
    this.#broken = true;
  }

  /** What may come to the reader. `isOpen` tells whether anyone can still write. */
  possibilities(actor: string, isOpen: boolean): Possibility[] {
    if (this.#finishCancel !== null) {
      const finish = this.#finishCancel;
      const act = () => {
        this.#finishCancel = null;
        finish();
      };
      return [{ actor, name: "is closed", act }];
    }
    if (this.#pull === null || this.ending !== "none") return [];
    if (this.#buffer.length > 0) return [{ actor, name: "chunk", act: () => this.#hand() }];
    if (this.#broken) return [{ actor, name: "breaks", act: () => this.#finish("error") }];
    return isOpen ? [] : [{ actor, name: "ends", act: () => this.#finish("eof") }];
  }

  #hand(): void {
    const length = this.#random.chance(0.5)
      ? this.#buffer.length
      : this.#random.between(1, this.#buffer.length);
    const chunk = this.#buffer.slice(0, length);
    this.#buffer = this.#buffer.slice(length);
    this.handedOut.push(chunk);
    this.#controller.enqueue(chunk);
    this.#served();
  }

  #finish(ending: "eof" | "error"): void {
    this.ending = ending;
    if (ending === "eof") this.#controller.close();
    else this.#controller.error(Object.assign(new Error("read EIO"), { code: "EIO" }));
    this.#served();
  }

  #served(): void {
    this.#pull?.();
    this.#pull = null;
  }
}

/** A program that plays a script in a world where everything takes as long as it likes. */
export class ChaosProcess implements RuntimeProcess {
  readonly pid: number;
  readonly leadsGroup: boolean;
  readonly command: SpawnCommand;
  readonly stdin: WritableStream<Uint8Array>;
  readonly status: Promise<ProcessStatus>;
  readonly out: ChaosPipe;
  readonly err: ChaosPipe;
  /** The signals it got, in order; those to the group with a minus. */
  readonly signals: string[] = [];
  /** How it ended; `null` while it runs. */
  ended: ProcessStatus | null = null;
  /** What it was given to read. */
  input = "";
  inputIsClosed = false;
  /** What holds the pipes besides the program. */
  children: { group: number; known: number; unknown: number } = { group: 0, known: 0, unknown: 0 };
  readonly #script: ChaosStep[];
  readonly #manners: Manners;
  readonly #decoder = new TextDecoder();
  #rest: Uint8Array | null = null;
  #outputIsClosed = false;
  #readsInput = false;
  #refusesInput = false;
  #sawEnd = false;
  #pendingSignals: Signal[] = [];
  #inputWork: { settle: () => void; fail: (() => void) | null; name: string; text?: string }[] = [];
  #resolveStatus!: (status: ProcessStatus) => void;
  #reported = false;

  constructor(
    command: SpawnCommand,
    play: { script: ChaosStep[]; manners: Manners; leadsGroup: boolean; pid: number },
    random: Random,
  ) {
    this.command = command;
    this.#script = [...play.script];
    this.#manners = play.manners;
    this.leadsGroup = play.leadsGroup;
    this.pid = play.pid;
    this.out = new ChaosPipe(random);
    this.err = new ChaosPipe(random);
    this.status = new Promise((resolve) => this.#resolveStatus = resolve);
    this.stdin = new WritableStream({
      write: (chunk, controller) =>
        new Promise<void>((resolve, reject) => {
          const fail = () => reject(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
          const text = this.#decoder.decode(chunk, { stream: true });
          this.#inputWork.push({ settle: resolve, fail, name: "write", text });
          controller.signal.addEventListener("abort", () => {
            this.#inputWork = this.#inputWork.filter((work) => work.settle !== resolve);
            fail();
          });
        }),
      close: () => this.#closeInput("close"),
      abort: () => this.#closeInput("abort"),
    });
  }

  get stdout(): ReadableStream<Uint8Array> {
    return this.out.stream;
  }

  get stderr(): ReadableStream<Uint8Array> {
    return this.err.stream;
  }

  signal(signal: Signal): void {
    this.signals.push(signal);
    if (this.ended === null) this.#pendingSignals.push(signal);
  }

  signalGroup(signal: Signal): void {
    this.signals.push(`-${signal}`);
    if (this.ended === null) this.#pendingSignals.push(signal);
    if (signal === "SIGKILL") this.children.group = 0;
  }

  /** Ends a child that was found outside of the group; `false` when there is none. */
  killKnownChild(): boolean {
    if (this.children.known === 0) return false;
    this.children.known--;
    return true;
  }

  /** Whether something waits that the system does at once: a kill, the end, what is in the pipes. */
  get isLate(): boolean {
    if (this.ended === null) return this.#pendingSignals.includes("SIGKILL");
    return this.possibilities().some(({ actor }) => ["exit", "stdout", "stderr"].includes(actor));
  }

  /** What may happen to it or because of it. */
  possibilities(): Possibility[] {
    const { group, known, unknown } = this.children;
    const held = group + known + unknown > 0;
    const all = [
      ...this.out.possibilities("stdout", held || this.ended === null && !this.#outputIsClosed),
      ...this.err.possibilities("stderr", held || this.ended === null),
      ...this.#inputPossibilities(),
    ];
    if (this.ended !== null) {
      if (!this.#reported) {
        all.push({ actor: "exit", name: "is reported", act: () => this.#report() });
      }
      return all;
    }
    const [signal] = this.#pendingSignals;
    if (signal !== undefined) {
      all.push({ actor: "signal", name: signal, act: () => this.#receive() });
    }
    const step = this.#script[0];
    if (step !== undefined && this.#canDo(step)) {
      all.push({ actor: "program", name: step.type, act: () => this.#do(step) });
    }
    return all;
  }

  #canDo(step: ChaosStep): boolean {
    if (step.type === "print") return this.out.hasRoom || this.out.ending !== "none";
    if (step.type === "complain") return this.err.hasRoom || this.err.ending !== "none";
    if (step.type === "readInput") return !this.#readsInput || this.#sawEnd;
    return step.type !== "hang";
  }

  #do(step: ChaosStep): void {
    switch (step.type) {
      case "print":
      case "complain": {
        const pipe = step.type === "print" ? this.out : this.err;
        this.#rest = pipe.write(this.#rest ?? step.bytes);
        // The rest follows when there is room.
        if (this.#rest.length > 0) return;
        this.#rest = null;
        break;
      }
      case "readInput":
        this.#readsInput = true;
        if (!this.#sawEnd) return;
        break;
      case "closeInput":
        this.#refusesInput = true;
        break;
      case "closeOutput":
        this.#outputIsClosed = true;
        break;
      case "breakOutput":
        this.out.break();
        break;
      case "breakErrors":
        this.err.break();
        break;
      case "fork":
        this.children[step.child]++;
        break;
      case "end":
        this.ended = step.status;
        break;
      case "hang":
        return;
    }
    this.#script.shift();
  }

  #receive(): void {
    const signal = this.#pendingSignals.shift()!;
    const { interruptCode, ignoresTerm, survivesKill } = this.#manners;
    if (signal === "SIGINT" && interruptCode === null) return;
    if (signal === "SIGTERM" && ignoresTerm || signal === "SIGKILL" && survivesKill) return;
    this.ended = signal === "SIGINT"
      ? { code: interruptCode, signal: null }
      : { code: null, signal };
  }

  #report(): void {
    this.#reported = true;
    this.#resolveStatus(this.ended!);
  }

  #closeInput(name: string): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        this.inputIsClosed = true;
        this.#sawEnd = true;
        resolve();
      };
      this.#inputWork.push({ settle, fail: null, name });
    });
  }

  #inputPossibilities(): Possibility[] {
    const [work] = this.#inputWork;
    if (work === undefined) return [];
    const actor = "stdin";
    const done = (settle: () => void) => () => {
      this.#inputWork.shift();
      settle();
    };
    if (work.fail === null) return [{ actor, name: work.name, act: done(work.settle) }];
    if (this.ended !== null || this.#refusesInput) {
      return [{ actor, name: "EPIPE", act: done(work.fail) }];
    }
    if (!this.#readsInput) return [];
    const take = () => {
      this.input += work.text ?? "";
      work.settle();
    };
    return [{ actor, name: "write", act: done(take) }];
  }
}
