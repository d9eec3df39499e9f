import type {
  PrivateFile,
  ProcessIdentity,
  RuntimeProcess,
  Signal,
  SpawnCommand,
} from "../../src/runtime/types.ts";
import { ChaosProcess, type ChaosStep, type Manners } from "./chaos_process.ts";
import type { Possibility } from "./chaos_scheduler.ts";
import { FakeRuntime } from "./fake_runtime.ts";
import type { Random } from "./random.ts";

/** What a runtime plays when a program is started. */
export type ChaosPlay = {
  script: ChaosStep[];
  manners: Manners;
  leadsGroup: boolean;
  /** The system's refusal to start it. */
  spawnError: Error | null;
  /** The system's refusal to write a temporary file. */
  fileError: Error | null;
};

/** A runtime whose answers take as long as the scheduler likes. */
export class ChaosRuntime extends FakeRuntime {
  /** What the next program plays. */
  play: ChaosPlay;
  /** The programs that were started. */
  readonly started: ChaosProcess[] = [];
  readonly #random: Random;
  #open: { name: string; answer: () => void }[] = [];

  constructor(random: Random, play: ChaosPlay) {
    super();
    this.#random = random;
    this.play = play;
  }

  /** As the lane asks for it. */
  loaded(): Promise<ChaosRuntime> {
    return this.#later("runtime", () => this);
  }

  override spawn(command: SpawnCommand): Promise<RuntimeProcess> {
    return this.#later("spawn", () => {
      if (this.play.spawnError !== null) throw this.play.spawnError;
      const pid = 1000 + this.started.length;
      const process = new ChaosProcess(command, { ...this.play, pid }, this.#random);
      this.started.push(process);
      return process;
    });
  }

  override async writePrivateFile(
    folderPrefix: string,
    fileName: string,
    contents: string | Uint8Array,
  ): Promise<PrivateFile> {
    await this.#later("file", () => {
      if (this.play.fileError !== null) throw this.play.fileError;
    });
    const { path, remove } = await super.writePrivateFile(folderPrefix, fileName, contents);
    return { path, remove: () => this.#later("remove", () => void remove()) };
  }

  override relatives({ pid }: ProcessIdentity): ProcessIdentity[] {
    const process = this.started.find((each) => each.pid === pid);
    const count = process?.children.known ?? 0;
    return Array.from({ length: count }, (_, index) => ({ pid: pid * 10 + index, started: "1" }));
  }

  override signalRelative({ pid }: ProcessIdentity, _: Signal): boolean {
    return this.started.find((each) => each.pid === Math.floor(pid / 10))?.killKnownChild() ??
      false;
  }

  /** What may happen in it. */
  possibilities(): Possibility[] {
    const answers = this.#open.map((each) => ({
      actor: each.name,
      name: "answers",
      act: () => {
        this.#open = this.#open.filter((other) => other !== each);
        each.answer();
      },
    }));
    return [...answers, ...this.started.flatMap((process) => process.possibilities())];
  }

  #later<T>(name: string, make: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = () => {
        try {
          resolve(make());
        } catch (error) {
          reject(error);
        }
      };
      this.#open.push({ name, answer });
    });
  }
}
