/** A real `codex app-server` that listens, as somebody would run it on another machine. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import process from "node:process";
import type { Readable } from "node:stream";
import { configOverrides } from "../../src/exec/config_overrides.ts";
import type { ScriptedCodexSettings } from "../../src/testing/mod.ts";
import { codexBinary } from "./real_codex.ts";

/** What the server wants to see; no word of the tests' other secrets. */
export const serverToken = "planted-server-token-0123456789";

/** How one is started. */
export type RemoteOptions = {
  /** Where it finds the model and its home. */
  settings: ScriptedCodexSettings;
  /** The port on 127.0.0.1. Default: a free one. */
  port?: number;
};

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** One that runs, and that the test ends. */
export class RemoteAppServer {
  /** Where it listens. */
  readonly url: string;
  readonly #child: Child;
  readonly #ended: Promise<unknown>;

  private constructor(child: Child, url: string) {
    this.#child = child;
    this.#ended = once(child, "close");
    this.url = url;
    child.stderr.resume();
    child.stdout.resume();
  }

  /** Resolves when it listens. */
  static async start({ settings, port = 0 }: RemoteOptions): Promise<RemoteAppServer> {
    const { config, apiKey, env } = settings;
    const digest = createHash("sha256").update(serverToken).digest("hex");
    const child = spawn(codexBinary(), [
      "app-server",
      ...configOverrides(config).flatMap((each) => ["--config", each]),
      ...["--listen", `ws://127.0.0.1:${port}`],
      ...["--ws-auth", "capability-token", "--ws-token-sha256", digest],
    ], {
      env: { ...env, ...(apiKey === undefined ? {} : { CODEX_API_KEY: apiKey }) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for await (const chunk of child.stderr.iterator({ destroyOnReturn: false })) {
      said += chunk;
      const url = /listening on: (ws:\S+)/.exec(said)?.[1];
      if (url !== undefined) return new RemoteAppServer(child, url);
    }
    throw new Error(`The server did not start: ${said}`);
  }

  /** Its port. */
  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** Ends it: as an administrator would, or at once. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      process.kill(this.pid, signal);
    }
    await this.#ended;
  }
}
