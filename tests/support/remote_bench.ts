/** The SDK on a real app-server that runs elsewhere, as far as it can tell. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { after, before, it } from "node:test";
import { inspect } from "node:util";
import { Codex, type CodexOptions, type ThreadOptions } from "../../mod.ts";
import { appServer, type AppServerOptions } from "../../src/app_server/mod.ts";
import { type Script, type ScriptedCodexSettings, ScriptedModel } from "../../src/testing/mod.ts";
import { plantedKey } from "./planted_key.ts";
import { processesWith, until } from "./processes.ts";
import { type FreshHome, freshHome, type ScratchFolder, scratchRepository } from "./real_codex.ts";
import { RemoteAppServer, serverToken } from "./remote_app_server.ts";
import { Witness } from "./witness.ts";

/** A way to a server that can be cut. */
export class Wire {
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Leads to a port on this machine. */
  static async to(port: number): Promise<Wire> {
    const server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      for (const [from, to] of [[near, far], [far, near]] as const) {
        wire.#sockets.add(from);
        from.on("error", () => {}).on("close", () => {
          wire.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
    const wire = new Wire(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return wire;
  }

  /** Where it begins. */
  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks all connections; new ones come about. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async remove(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }
}

/** What a test works with. */
export type RemoteStage = {
  model: ScriptedModel;
  /** The server; {@linkcode restart} makes another one. */
  server: RemoteAppServer;
  /** Kills the server, and starts another one on the same port if told to. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** A program that connects to the server; closed at the end. */
  connect(options?: CodexOptions, server?: AppServerOptions): Codex;
  /** A way to the server that can be cut; removed at the end. */
  wire(): Promise<Wire>;
  settings: ScriptedCodexSettings;
  /** A git repository, which the tests of a file share, as the working directory. */
  options: ThreadOptions & { workingDirectory: string };
  codexHome: string;
};

const userConfig = '# The user\'s own\nmodel_reasoning_effort = "low"\n';

/** The place where the tests of one `describe` work; call it there. */
export class RemoteBench {
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
  it(title: string, script: Script, test: (stage: RemoteStage) => Promise<void>): void {
    it(title, { timeout: 60_000 }, () => this.play(script, test));
  }

  /**
   * Plays a test, then checks that the script was played to its end, nothing is left, config.toml is
   * as it was, and neither key nor token showed.
   */
  async play(script: Script, test: (stage: RemoteStage) => Promise<void>): Promise<void> {
    const { codexHome } = this.#home;
    const config = join(codexHome, "config.toml");
    await writeFile(config, userConfig);
    const model = await ScriptedModel.start(script);
    const settings = model.codexOptions({ ...this.#home, apiKey: plantedKey });
    const witness = new Witness();
    const codexes: Codex[] = [];
    const wires: Wire[] = [];
    const stage: RemoteStage = {
      model,
      settings,
      server: await RemoteAppServer.start({ settings }),
      kill: () => stage.server.stop("SIGKILL"),
      restart: async () => {
        const { port } = stage.server;
        await stage.server.stop("SIGKILL");
        stage.server = await RemoteAppServer.start({ settings, port });
      },
      connect: (options, server) => {
        const codex = new Codex({
          transport: appServer({ url: stage.server.url, token: serverToken, ...server }),
          onDiagnostic: (diagnostic) => {
            witness.look("onDiagnostic", diagnostic);
            assertTokenless(diagnostic);
          },
          ...options,
        });
        codexes.push(codex);
        return witness.watch(codex);
      },
      wire: async () => {
        const wire = await Wire.to(stage.server.port);
        wires.push(wire);
        return wire;
      },
      options: { workingDirectory: this.#repository.path },
      codexHome,
    };
    try {
      await test(stage);
    } finally {
      await Promise.all(codexes.map((codex) => codex.close()));
      await Promise.all(wires.map((wire) => wire.remove()));
      await stage.server.stop();
      await model.stop();
    }
    witness.assertUnseen();
    assert.equal(readFileSync(config, "utf8"), userConfig);
    assert.equal(existsSync(join(codexHome, "auth.json")), false);
    // The helpers of a server that was killed end by themselves.
    const left = () => process.platform === "linux" ? processesWith(`CODEX_HOME=${codexHome}`) : [];
    await until(() => left().length === 0);
    await model.close();
  }
}

/** Checks that the token shows in no form of a value that a program may print. */
export function assertTokenless(value: unknown): void {
  const { message, stack } = value as { message?: string; stack?: string };
  const forms = [inspect(value, { depth: 10, showHidden: true }), JSON.stringify(value), message];
  assert.equal([...forms, stack].some((form) => `${form}`.includes(serverToken)), false);
}
