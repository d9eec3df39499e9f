/** The SDK on a real `codex app-server` with a scripted model, and what it must leave as it was. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, before, it } from "node:test";
import {
  Codex,
  type CodexOptions,
  type StreamedTurn,
  type Thread,
  type ThreadOptions,
} from "../../mod.ts";
import { appServer, type AppServerOptions } from "../../src/app_server/mod.ts";
import {
  type Script,
  type ScriptedCodexOptions,
  type ScriptedCodexSettings,
  ScriptedModel,
} from "../../src/testing/mod.ts";
import { isOfSandbox, type OwnTempFolder, ownTempFolder } from "./files.ts";
import { plantedKey } from "./planted_key.ts";
import { processesWith, until } from "./processes.ts";
import {
  codexBinary,
  type FreshHome,
  freshHome,
  type ScratchFolder,
  scratchRepository,
} from "./real_codex.ts";
import { Witness } from "./witness.ts";

/** What a test works with. */
export type ServerStage = {
  model: ScriptedModel;
  /** Where codex finds the model and its home, and the planted key. */
  settings: ScriptedCodexSettings & { codexPath: string };
  codex: Codex;
  /** Starts a thread in {@linkcode directory}. */
  startThread(options?: ThreadOptions): Thread;
  /** Another `Codex` with a server of its own; closed at the end. */
  another(options?: CodexOptions): Codex;
  /** One on the exec lane, with the same home; closed at the end. */
  exec(options?: CodexOptions): Codex;
  /** The process ids of the servers that were started, in order. */
  servers: number[];
  /** A git repository, which the tests of a file share. */
  directory: string;
  /** Codex's home, which the tests of a file share. */
  codexHome: string;
};

/** What is special about a test. */
export type ServerStageOptions = {
  /** How codex reaches the model. */
  scripted?: ScriptedCodexOptions;
  /** Further options of the `Codex`. */
  codex?: CodexOptions;
  /** Options of the lane. */
  server?: AppServerOptions;
  /** What the user has in config.toml, by the folder of the test. Default: there is none. */
  userConfig?: (directory: string) => string;
  /** Whether the test has codex keep a rule. */
  keepsRule?: boolean;
};

/** The place where the tests of one `describe` work; call it there. */
export class ServerBench {
  #home!: FreshHome;
  #repository!: ScratchFolder;
  #temp!: OwnTempFolder;

  constructor() {
    before(async () => {
      this.#home = await freshHome();
      this.#repository = await scratchRepository();
      this.#temp = ownTempFolder();
    });
    after(async () => {
      this.#temp.remove();
      await this.#home.remove();
      await this.#repository.remove();
    });
  }

  /** A test by itself: plays `test`, see {@linkcode play}. */
  it(
    title: string,
    script: Script,
    test: (stage: ServerStage) => Promise<void>,
    options: ServerStageOptions = {},
  ): void {
    // A busy machine may take long to start codex; Bun allows 5 s by default.
    it(title, { timeout: 60_000 }, () => this.play(script, test, options));
  }

  /**
   * Plays a test, then checks that the script was played to its end, and that nothing is left and
   * nothing of the user's has changed: see {@linkcode #assertUntouched}.
   */
  async play(
    script: Script,
    test: (stage: ServerStage) => Promise<void>,
    options: ServerStageOptions = {},
  ): Promise<void> {
    const { codexHome } = this.#home;
    const directory = this.#repository.path;
    const config = join(codexHome, "config.toml");
    const userConfig = options.userConfig?.(directory);
    if (userConfig !== undefined) await writeFile(config, userConfig);
    const descriptors = openPipes();
    const model = await ScriptedModel.start(script);
    const settings = {
      ...model.codexOptions({ ...this.#home, apiKey: plantedKey, ...options.scripted }),
      codexPath: codexBinary(),
    };
    const witness = new Witness();
    const servers: number[] = [];
    const codexes: Codex[] = [];
    const make = (more: CodexOptions = {}): Codex => {
      const codex = witness.watch(
        new Codex(
          witness.options({
            ...settings,
            ...options.codex,
            ...more,
            onSpawn: (info) => {
              servers.push(info.pid);
              more.onSpawn?.(info);
            },
          }),
        ),
      );
      codexes.push(codex);
      return codex;
    };
    const another = (more?: CodexOptions) =>
      make({ transport: appServer(options.server), ...more });
    const codex = another({ ...options.codex });
    try {
      await test({
        model,
        settings,
        codex,
        startThread: (more) => codex.startThread({ workingDirectory: directory, ...more }),
        another,
        exec: make,
        servers,
        directory,
        codexHome,
      });
    } finally {
      await Promise.all(codexes.map((each) => each.close()));
      await model.stop();
      if (userConfig !== undefined) {
        const now = existsSync(config) ? readFileSync(config, "utf8") : undefined;
        await rm(config, { force: true });
        assert.equal(now, userConfig, "the user's config.toml is changed");
      }
    }
    witness.assertUnseen();
    assert.deepEqual(this.#leftovers(), { processes: [], temporary: [] });
    // Bun closes them a moment later.
    await until(() => openPipes().every((each) => descriptors.includes(each)));
    this.#assertUntouched(options);
    await model.close();
  }

  /** What is left of a codex, and of the commands of its agent: they inherit where its home is. */
  #leftovers(): { processes: number[]; temporary: string[] } {
    return {
      processes: process.platform === "linux"
        ? processesWith(`CODEX_HOME=${this.#home.codexHome}`)
        : [],
      temporary: this.#temp.entries().filter((name) => !isOfSandbox(this.#temp.path, name)),
    };
  }

  /** Checks that codex has kept nothing in its home that widens what a later one may do. */
  #assertUntouched({ keepsRule = false }: ServerStageOptions): void {
    const { codexHome } = this.#home;
    const entries = existsSync(join(codexHome, "rules"))
      ? readdirSync(join(codexHome, "rules"))
      : [];
    const kept = {
      config: existsSync(join(codexHome, "config.toml")),
      login: existsSync(join(codexHome, "auth.json")),
      rules: entries.length > 0,
    };
    assert.deepEqual(kept, { config: false, login: false, rules: keepsRule });
  }
}

/** Reads the events of a turn up to the first of a type. */
export async function readTo(
  streamed: StreamedTurn<{ type: string }>,
  type: string,
): Promise<void> {
  for (;;) {
    const { value, done } = await streamed.events.next();
    if (done) throw new Error(`The turn ended without "${type}"`);
    if (value.type === type) return;
  }
}

/** The pipes and sockets this program has open (Linux only). */
function openPipes(): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`);
      return /^(pipe|socket):/.test(target) ? [target] : [];
    } catch {
      // It was open for the listing.
      return [];
    }
  });
}
