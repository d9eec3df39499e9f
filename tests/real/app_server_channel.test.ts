import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { Connection } from "../../src/app_server/connection.ts";
import type { ServerChannel } from "../../src/app_server/server_channel.ts";
import { spawnServer, type StdioChannel } from "../../src/app_server/stdio_channel.ts";
import { connectServer } from "../../src/app_server/websocket_channel.ts";
import { systemClock } from "../../src/clock.ts";
import { ConnectionError, RpcError } from "../../src/errors.ts";
import type { CodexOptions } from "../../src/options.ts";
import { loadRuntime } from "../../src/runtime/mod.ts";
import {
  message,
  type Script,
  type ScriptedCodexOptions,
  ScriptedModel,
  shell,
} from "../../src/testing/mod.ts";
import type { ChannelLine, ChannelTask } from "../support/channel_program.ts";
import { fileAppears } from "../support/files.ts";
import { processesWith, until } from "../support/processes.ts";
import {
  codexBinary,
  type FreshHome,
  freshHome,
  type ScratchFolder,
  scratchRepository,
} from "../support/real_codex.ts";

const key = "hush-hush-1234567890";
let home: FreshHome;
let folder: ScratchFolder;
before(async () => {
  home = await freshHome();
  folder = await scratchRepository();
});
after(async () => {
  await home.remove();
  await folder.remove();
});

/** What runs with the home of these tests: servers, and the commands of their agents. */
function left(): number[] {
  return process.platform === "linux" ? processesWith(`CODEX_HOME=${home.codexHome}`) : [];
}

/** A connection after the handshake. */
class Client {
  readonly connection: Connection;
  readonly notifications: { method: string; params: unknown }[] = [];
  #heard: () => void = () => {};

  constructor(channel: ServerChannel) {
    this.connection = new Connection(channel, {
      onNotification: (method, params) => {
        this.notifications.push({ method, params });
        this.#heard();
      },
      onRequest: () => Promise.resolve(undefined),
      clock: systemClock,
      random: Math.random,
    });
  }

  // deno-lint-ignore no-explicit-any
  request(method: string, params: unknown): Promise<any> {
    return this.connection.request(method, params);
  }

  // deno-lint-ignore no-explicit-any
  greet(): Promise<any> {
    const clientInfo = { name: "channel_test", title: "Test", version: "1.0.0" };
    return this.request("initialize", { clientInfo });
  }

  async turn(): Promise<void> {
    const { thread } = await this.request("thread/start", {
      cwd: folder.path,
      approvalPolicy: "never",
      sandbox: "danger-full-access",
      ephemeral: true,
    });
    await this.request("turn/start", {
      threadId: thread.id,
      input: [{ type: "text", text: "Hello" }],
    });
  }

  async hears(method: string): Promise<void> {
    while (!this.notifications.some((each) => each.method === method)) {
      await new Promise<void>((resolve) => this.#heard = resolve);
    }
  }
}

type Given = { scripted?: ScriptedCodexOptions; codex?: CodexOptions };

/** Runs a test with a server of its own; afterwards nothing of it must be left. */
async function withServer(
  script: Script,
  body: (stage: { channel: StdioChannel; client: Client; model: ScriptedModel }) => Promise<void>,
  { scripted, codex }: Given = {},
): Promise<void> {
  const model = await ScriptedModel.start(script);
  const channel = await spawnServer({
    codexOptions: {
      ...model.codexOptions({ ...home, ...scripted }),
      codexPath: codexBinary(),
      ...codex,
    },
    runtime: await loadRuntime(),
    clock: systemClock,
  });
  try {
    const client = new Client(channel);
    await client.greet();
    await body({ channel, client, model });
  } finally {
    await channel.close();
    await model.stop();
  }
  assert.deepEqual(left(), []);
}

const patient = { timeout: 60_000 };

describe("a channel to the real app-server", () => {
  it(
    "passes on the settings, the store of the key last, and ends with the input",
    patient,
    () =>
      withServer([], async ({ client, channel }) => {
        const { config } = await client.request("config/read", {});
        assert.equal(config.cli_auth_credentials_store, "ephemeral");
        assert.equal(config.model, "gpt-5.5");
        await channel.close();
        assert.deepEqual(await channel.ended, { exitCode: 0, signal: null });
        assert.deepEqual(await client.connection.closed, { type: "ended" });
      }, {
        codex: { apiKey: key },
        scripted: { config: { cli_auth_credentials_store: "file" } },
      }),
  );

  it(
    "lets a key in that neither the disk nor a command gets to see",
    patient,
    () =>
      withServer([shell("env > seen.txt"), message("ok")], async ({ client, model }) => {
        await client.request("account/login/start", { type: "apiKey", apiKey: key });
        await client.turn();
        await client.hears("turn/completed");
        for (const { headers } of model.requests) {
          assert.equal(headers["authorization"], `Bearer ${key}`);
          assert.equal(headers["originator"], "channel_test");
        }
        const seen = readFileSync(join(folder.path, "seen.txt"), "utf8");
        assert.match(seen, /^CODEX_SDK_SERVER_ID=[0-9a-f-]{36}$/m);
        assert.equal(seen.includes(key), false);
        const kept = readdirSync(home.codexHome, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(key));
        assert.deepEqual(kept.map(({ name }) => name), []);
        assert.equal(existsSync(join(home.codexHome, "auth.json")), false);
      }, { scripted: { provider: "builtin", apiKey: key } }),
  );

  it(
    "gives the key to a provider whose settings name its variable",
    patient,
    () =>
      withServer([message("ok")], async ({ client, model }) => {
        await client.turn();
        await client.hears("turn/completed");
        assert.equal(model.requests[0]!.headers["authorization"], `Bearer ${key}`);
      }, { scripted: { apiKey: key } }),
  );

  // In a session of its own and deaf to hang-ups, so that it outlives all that knows of it.
  const stubborn = shell(
    `setsid sh -c 'trap "" HUP TERM INT; echo > running.txt; sleep 1000' & wait`,
    { yield_time_ms: 30_000 },
  );
  const endings: Record<string, [(channel: StdioChannel) => void, unknown]> = {
    "is closed": [(channel) => void channel.close(), { exitCode: 0, signal: null }],
    "gets SIGTERM": [({ pid }) => process.kill(pid, "SIGTERM"), { exitCode: 0, signal: null }],
    "is killed": [
      ({ pid }) => process.kill(pid, "SIGKILL"),
      { exitCode: null, signal: "SIGKILL" },
    ],
    "gets SIGINT, which it does not get from us": [
      ({ pid }) => process.kill(pid, "SIGINT"),
      { exitCode: null, signal: "SIGINT" },
    ],
  };
  for (const [how, [end, ending]] of Object.entries(endings)) {
    it(
      `leaves no command behind when the server ${how} in the middle of a turn`,
      patient,
      () =>
        withServer([stubborn], async ({ client, channel }) => {
          const running = join(folder.path, "running.txt");
          await client.turn();
          await fileAppears(running);
          await rm(running);
          end(channel);
          assert.deepEqual(await channel.ended, ending);
          assert.deepEqual(left(), []);
        }),
    );
  }

  it("says what keeps a server from starting", patient, async () => {
    const channel = await spawnServer({
      codexOptions: {
        codexPath: codexBinary(),
        env: { PATH: process.env.PATH!, HOME: home.home, CODEX_HOME: home.codexHome },
        config: { sandbox_mode: "nonsense" },
      },
      runtime: await loadRuntime(),
      clock: systemClock,
    });
    const client = new Client(channel);
    await assert.rejects(client.greet(), ConnectionError);
    assert.deepEqual(await channel.ended, { exitCode: 1, signal: null });
    assert.match(channel.stderr(), /unknown variant `nonsense`/);
  });
});

/** A server that listens. */
class Listener {
  readonly url: string;
  readonly child: ChildProcessWithoutNullStreams;

  private constructor(child: ChildProcessWithoutNullStreams, url: string) {
    this.child = child;
    this.url = url;
  }

  /** Starts one that wants to see `key`. */
  static async start(): Promise<Listener> {
    const digest = createHash("sha256").update(key).digest("hex");
    const child = spawn(codexBinary(), [
      "app-server",
      ...["--listen", "ws://127.0.0.1:0"],
      ...["--ws-auth", "capability-token", "--ws-token-sha256", digest],
    ], { env: { PATH: process.env.PATH, HOME: home.home, CODEX_HOME: home.codexHome } });
    let said = "";
    for (;;) {
      said += (await once(child.stderr, "data"))[0];
      const url = /listening on: (ws:\S+)/.exec(said)?.[1];
      if (url !== undefined) return new Listener(child, url);
    }
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, "close");
    this.child.kill("SIGKILL");
    await closed;
  }
}

async function withListener(body: (listener: Listener) => Promise<void>): Promise<void> {
  const listener = await Listener.start();
  try {
    await body(listener);
  } finally {
    await listener.kill();
  }
}

describe("a channel to a real app-server that listens", () => {
  it("lets in who has the token", patient, () =>
    withListener(async ({ url }) => {
      const channel = await connectServer({ url, token: key, clock: systemClock });
      const client = new Client(channel);
      assert.match((await client.greet()).userAgent, /^channel_test\//);
      const { data } = await client.request("model/list", {});
      assert.ok(data.length > 0);
      await channel.close();
      assert.deepEqual(await channel.ended, { exitCode: null, signal: null });
      const again = await connectServer({ url, token: key, clock: systemClock });
      await again.close();
    }));

  it("says so to who has another one, or none", patient, () =>
    withListener(async ({ url }) => {
      for (const token of ["another", undefined]) {
        const error = await connectServer({ url, token, clock: systemClock })
          .then(() => undefined, (error) => error);
        assert.ok(ConnectionError.is(error));
        assert.equal(error.reason, "refused");
        assert.match(error.message, /an app-server runs there and refused it/);
      }
    }));

  it(
    "lives on when a message is too large, and takes the largest there may be",
    patient,
    () =>
      withListener(async ({ url }) => {
        const channel = await connectServer({ url, token: key, clock: systemClock });
        const client = new Client(channel);
        await client.greet();
        const frame = (id: number, text: string) =>
          JSON.stringify({ id, method: "thread/read", params: { threadId: text } }).length;
        const most = 16 * 1024 * 1024 - frame(1, "");
        for (
          const [extra, words] of [[0, /invalid thread id/], [1, /Message too large/]] as const
        ) {
          const threadId = "x".repeat(most + extra);
          const error = await client.request("thread/read", { threadId })
            .then(() => undefined, (error) => error);
          assert.ok(RpcError.is(error));
          assert.match(error.message, words);
        }
        await client.request("model/list", {});
        await channel.close();
      }),
  );

  it("tells when the server is gone", patient, () =>
    withListener(async (listener) => {
      const channel = await connectServer({ url: listener.url, token: key, clock: systemClock });
      const client = new Client(channel);
      await client.greet();
      await listener.kill();
      const { error } = await channel.ended;
      assert.ok(ConnectionError.is(error));
      assert.equal(error.reason, "lost");
      const next = await connectServer({ url: listener.url, token: key, clock: systemClock })
        .then(() => undefined, (error) => error);
      assert.ok(ConnectionError.is(next));
      assert.equal(next.reason, "unreachable");
    }));
});

if ("Deno" in globalThis) {
  describe("on Deno", () => {
    const file = join(import.meta.dirname!, "../support/channel_program.ts");

    /** Runs a program with no more permissions than these; through a shell, which hands on none. */
    async function program(
      flag: string,
      task: ChannelTask,
    ): Promise<{ lines: ChannelLine[]; stderr: string }> {
      const bin = join(home.home, "bin");
      await mkdir(bin, { recursive: true });
      await symlink(codexBinary(), join(bin, "codex")).catch(() => {});
      const words = [process.execPath, "run", "--quiet", "--no-prompt", flag, file]
        .concat(JSON.stringify(task)).map((word) => `'${word}'`);
      const child = spawn("/bin/sh", ["-c", `exec ${words.join(" ")}`], {
        env: {
          ...process.env,
          CODEX_PATH: undefined,
          CODEX_HOME: home.codexHome,
          PATH: `${bin}${delimiter}${process.env.PATH}`,
        },
      });
      const output = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"] as const) {
        child[name].setEncoding("utf8").on("data", (text: string) => output[name] += text);
      }
      await once(child, "close");
      const lines = output.stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line));
      return { lines, stderr: output.stderr };
    }

    it("--allow-run=codex is all that a server of our own needs", patient, async () => {
      const { lines, stderr } = await program("--allow-run=codex", { then: "close" });
      assert.equal(stderr, "");
      assert.match(lines[1]!.userAgent!, /^test\//);
      assert.deepEqual(lines[2], { end: { exitCode: 0, signal: null } });
      await until(() => left().length === 0);
    });

    it(
      "--allow-net=<host> is all that a server elsewhere needs",
      patient,
      () =>
        withListener(async ({ url }) => {
          const flag = `--allow-net=${new URL(url).host}`;
          const { lines, stderr } = await program(flag, { url, token: key, then: "close" });
          assert.equal(stderr, "");
          assert.match(lines[0]!.userAgent!, /^test\//);
          assert.deepEqual(lines[1], { end: { exitCode: null, signal: null } });
        }),
    );

    it(
      "the permission to connect is named when it is missing",
      patient,
      () =>
        withListener(async ({ url }) => {
          const { lines } = await program("--allow-run=codex", { url, token: key, then: "close" });
          assert.equal(lines[0]!.error!.name, "ConnectionError");
          assert.match(lines[0]!.error!.message, /Start Deno with "--allow-net=127\.0\.0\.1:\d+"/);
        }),
    );
  });
}
