/** The SDK on the real codex with a scripted model, for tests of a whole turn. */
import assert from "node:assert/strict";
import process from "node:process";
import { after, before, it } from "node:test";
import { Codex, type CodexOptions, type Thread, type ThreadOptions } from "../../mod.ts";
import {
  type Script,
  type ScriptedCodexOptions,
  type ScriptedCodexSettings,
  ScriptedModel,
} from "../../src/testing/mod.ts";
import { plantedKey } from "./planted_key.ts";
import { childrenOf, commandLine } from "./processes.ts";
import {
  codexBinary,
  type FreshHome,
  freshHome,
  type ScratchFolder,
  scratchRepository,
} from "./real_codex.ts";
import { assertKeyless, Witness } from "./witness.ts";

/** What a test works with. */
export type Stage = {
  model: ScriptedModel;
  /** Where codex finds the model and its home, and the planted key; for further `Codex`es. */
  settings: ScriptedCodexSettings & { codexPath: string };
  codex: Codex;
  /** Starts a thread in {@linkcode directory}. */
  startThread(options?: ThreadOptions): Thread;
  /** A git repository, which the tests of a file share. */
  directory: string;
  /** Codex's home, which the tests of a file share. */
  codexHome: string;
};

/** What is special about a test. */
export type StageOptions = {
  /** How codex reaches the model. */
  scripted?: ScriptedCodexOptions;
  /** Further options of the `Codex`. */
  codex?: CodexOptions;
};

/** The place where the tests of one `describe` work; call it there. */
export class Workbench {
  #home!: FreshHome;
  #repository!: ScratchFolder;

  constructor() {
    before(async () => {
      this.#home = await freshHome();
      this.#repository = await scratchRepository();
    });
    after(async () => {
      await this.#home.remove();
      await this.#repository.remove();
    });
  }

  /** A test by itself: plays `test`, see {@linkcode play}. */
  it(
    title: string,
    script: Script,
    test: (stage: Stage) => Promise<void>,
    options: StageOptions = {},
  ): void {
    // A busy machine may take long to start codex several times; Bun allows 5 s by default.
    it(title, { timeout: 60_000 }, () => this.play(script, test, options));
  }

  /**
   * Plays a test, then checks that the script was played to its end, no codex is left, and the
   * planted key showed nowhere. A `Codex` that the test makes itself is the test's to close.
   */
  async play(
    script: Script,
    test: (stage: Stage) => Promise<void>,
    options: StageOptions = {},
  ): Promise<void> {
    const model = await ScriptedModel.start(script);
    const settings = {
      ...model.codexOptions({ ...this.#home, apiKey: plantedKey, ...options.scripted }),
      codexPath: codexBinary(),
    };
    const witness = new Witness();
    const codex = witness.watch(
      new Codex(witness.options({ ...settings, ...options.codex })),
    );
    const directory = this.#repository.path;
    try {
      await test({
        model,
        settings,
        codex,
        startThread: (more) => codex.startThread({ workingDirectory: directory, ...more }),
        directory,
        codexHome: this.#home.codexHome,
      });
    } finally {
      await codex.close();
      await model.stop();
    }
    witness.assertUnseen();
    assert.deepEqual(runningCodexes(), []);
    await model.close();
  }
}

/** The process ids of the codexes that this program has started and that are not gone (Linux only). */
export function runningCodexes(): number[] {
  if (process.platform !== "linux") return [];
  const path = codexBinary();
  return childrenOf(process.pid).filter((pid) => commandLine(pid)[0] === path);
}

/** All events of a turn, and the error that ended it. */
export async function collect<T>(
  events: AsyncIterable<T>,
): Promise<{ events: T[]; error: unknown }> {
  const seen: T[] = [];
  try {
    for await (const event of events) seen.push(event);
    return { events: seen, error: undefined };
  } catch (error) {
    assertKeyless(error);
    return { events: seen, error };
  }
}
