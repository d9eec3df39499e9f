import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import type { Message } from "../../src/app_server/message.ts";
import {
  spawnServer,
  type SpawnServerInput,
  type StdioChannel,
} from "../../src/app_server/stdio_channel.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { Diagnostic } from "../../src/diagnostics.ts";
import {
  CodexNotFoundError,
  ConnectionError,
  InvalidOptionsError,
  ProtocolError,
  SpawnError,
} from "../../src/errors.ts";
import type { CodexOptions, SpawnInfo } from "../../src/options.ts";
import { type Redact, redactor } from "../../src/redact.ts";
import { loadRuntime } from "../../src/runtime/mod.ts";
import type { ChannelLine, ChannelTask } from "../support/channel_program.ts";
import {
  type FakeAppServer,
  fakeAppServer,
  type ServerScript,
  type WireMessage,
} from "../support/fake_app_server.ts";
import { codexPath, FakeRuntime } from "../support/fake_runtime.ts";
import { isAlive, processesWith, until, waitUntilGone } from "../support/processes.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";

/** A channel, and what a test does with it. */
class Peer {
  readonly channel: StdioChannel;
  readonly fake: FakeAppServer;
  readonly diagnostics: Diagnostic[] = [];
  readonly #reader: ReadableStreamDefaultReader<Message>;
  readonly #writer: WritableStreamDefaultWriter<Message>;

  constructor(channel: StdioChannel, fake: FakeAppServer, diagnostics: Diagnostic[]) {
    this.channel = channel;
    this.fake = fake;
    this.diagnostics = diagnostics;
    this.#reader = channel.readable.getReader();
    this.#writer = channel.writable.getWriter();
    this.#writer.closed.catch(() => {});
  }

  send(message: unknown): Promise<void> {
    return this.#writer.write(message as Message);
  }

  async next(): Promise<WireMessage | undefined> {
    return (await this.#reader.read()).value as WireMessage | undefined;
  }

  /** Shakes hands, so that the server is known to listen. */
  async greet(): Promise<WireMessage> {
    const clientInfo = { name: "test", title: "Test", version: "1.0.0" };
    await this.send({ id: "hello", method: "initialize", params: { clientInfo } });
    for (;;) {
      const message = await this.next();
      if (message === undefined) throw new Error("The server ended");
      if (message.id === "hello") return message;
    }
  }

  /** What is left to read, and how it ended. */
  async rest(): Promise<{ messages: WireMessage[]; error?: unknown }> {
    const messages: WireMessage[] = [];
    try {
      for (;;) {
        const message = await this.next();
        if (message === undefined) return { messages };
        messages.push(message);
      }
    } catch (error) {
      return { messages, error };
    }
  }

  /** Never rejects: a channel that failed is cancelled, too. */
  cancel(): Promise<void> {
    return this.#reader.cancel().catch(() => {});
  }

  endInput(how: "close" | "abort"): Promise<void> {
    return this.#writer[how]();
  }
}

type Given = {
  codexOptions?: CodexOptions;
  timing?: SpawnServerInput["timing"];
  clock?: Clock;
};

/** Starts a fake that plays a script; afterwards nothing of it must be left. */
async function withServer(
  script: ServerScript,
  body: (peer: Peer) => Promise<void>,
  { codexOptions = {}, timing, clock = systemClock }: Given = {},
): Promise<void> {
  const fake = await fakeAppServer(script);
  const diagnostics: Diagnostic[] = [];
  try {
    const channel = await spawnServer({
      codexOptions: { codexPath: fake.path, ...codexOptions },
      runtime: await loadRuntime(),
      clock,
      // Few of these tests read to the end, which is what the drain waits for.
      timing: { drainMs: 50, ...timing },
      onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
    });
    const peer = new Peer(channel, fake, diagnostics);
    try {
      await body(peer);
    } finally {
      await channel.close();
      // What was not read holds the pipe open.
      await peer.cancel();
    }
    assert.equal(isAlive(channel.pid), false);
    for (const { env, grandchildren } of fake.invocations()) {
      assert.deepEqual(processesWith(`CODEX_SDK_SERVER_ID=${env.CODEX_SDK_SERVER_ID}`), []);
      assert.deepEqual(grandchildren.filter(isAlive), []);
    }
  } finally {
    await fake.remove();
  }
}

/** Impatient with what does not end, patient with a busy machine otherwise. */
const impatient = { inputEndGraceMs: 50, terminateGraceMs: 50, drainMs: 50 };

describe("StdioChannel", () => {
  it("carries messages both ways", () =>
    withServer(
      { on: { ask: [{ request: "item/tool/call" }, { result: "é\u2028\n" }] } },
      async (peer) => {
        const { result } = await peer.greet();
        assert.match(result.userAgent, /^test\/0\.169\.0 /);
        await peer.send({ id: 1, method: "ask", params: { text: "ü\u2028\n" } });
        const { id } = (await peer.next())!;
        await peer.send({ id, result: { success: true } });
        assert.deepEqual(await peer.next(), { id: 1, result: "é\u2028\n" });
        assert.deepEqual(peer.fake.received("ask").map(({ params }) => params.text), ["ü\u2028\n"]);
        assert.deepEqual(peer.fake.answers(), [{ id, result: { success: true } }]);
        assert.deepEqual(peer.diagnostics, []);
      },
    ));

  it("ends a server by the end of its input, and says how it ended", () =>
    withServer({ end: [{ exit: 3 }] }, async (peer) => {
      await peer.greet();
      await peer.channel.close();
      assert.equal(isAlive(peer.channel.pid), false);
      assert.deepEqual(await peer.channel.ended, { exitCode: 3, signal: null });
      const [invocation] = peer.fake.invocations();
      assert.deepEqual([invocation!.stdinEnded, invocation!.signals], [true, []]);
      assert.deepEqual(await peer.rest(), { messages: [] });
      await peer.channel.close();
    }));

  it("ends a server by SIGTERM that does not end with its input", () =>
    withServer({ end: [{ hang: true }] }, async (peer) => {
      await peer.greet();
      await peer.channel.close();
      assert.deepEqual(await peer.channel.ended, { exitCode: 0, signal: null });
    }, { timing: { inputEndGraceMs: 50, terminateGraceMs: 60_000 } }));

  it("kills a server that ignores both, and never sends SIGINT", () => {
    const clock = new VirtualClock();
    return withServer({
      start: [{ ignore: ["SIGTERM", "SIGINT", "SIGHUP"] }],
      end: [{ spawnGrandchild: { setsid: true } }, { touch: "ending" }, { hang: true }],
    }, async (peer) => {
      await peer.greet();
      let isClosed = false;
      const closed = peer.channel.close().then(() => isClosed = true);
      await peer.fake.touched("ending");
      await clock.advance(impatient.inputEndGraceMs);
      await until(() => peer.fake.invocations()[0]!.signals.length > 0);
      await clock.advance(impatient.terminateGraceMs);
      await until(() => !peer.fake.invocations()[0]!.grandchildren.some(isAlive));
      // Whether what it has started is gone is asked again and again.
      while (!isClosed) await clock.advance(10);
      await closed;
      assert.deepEqual(await peer.channel.ended, { exitCode: null, signal: "SIGKILL" });
      assert.deepEqual(peer.fake.invocations()[0]!.signals, ["SIGTERM"]);
    }, { timing: impatient, clock });
  });

  it("kills a server that does not read, whatever waits to be written", () =>
    withServer(
      { start: [{ ignore: ["SIGTERM"] }, { touch: "ready" }, { hang: true }] },
      async (peer) => {
        await peer.fake.touched("ready");
        const write = peer.send({ method: "x", params: { text: "x".repeat(1_000_000) } });
        const failed = write.then(() => undefined, (error: unknown) => error);
        await peer.channel.close();
        assert.ok(ConnectionError.is(await failed));
      },
      { timing: impatient },
    ));

  it("tells of a server that was killed, after all that it had said", () =>
    withServer({
      on: {
        die: [
          { spawnGrandchild: { setsid: true, keepStdout: true, ignore: ["SIGHUP", "SIGTERM"] } },
          { notify: "item/completed", repeat: 1000 },
          { kill: "SIGKILL" },
        ],
      },
    }, async (peer) => {
      await peer.greet();
      await peer.send({ id: 1, method: "die" });
      const { messages, error } = await peer.rest();
      assert.deepEqual([messages.length, error], [1000, undefined]);
      assert.deepEqual(await peer.channel.ended, { exitCode: null, signal: "SIGKILL" });
      // What it ran was in a session of its own, and has lost its parent.
      assert.deepEqual(peer.fake.invocations()[0]!.grandchildren.filter(isAlive), []);
      const late = await peer.send({ method: "x" }).then(() => undefined, (error) => error);
      assert.ok(ConnectionError.is(late));
      assert.equal(late.reason, "lost");
    }));

  it("tells the end to who does not read, too", () =>
    withServer({ on: { die: [{ notify: "x", repeat: 10 }, { exit: 5 }] } }, async (peer) => {
      await peer.send({ id: 1, method: "die" });
      assert.deepEqual(await peer.channel.ended, { exitCode: 5, signal: null });
      const { messages } = await peer.rest();
      assert.equal(messages.length, 10, "what was said can still be read");
    }));

  it("shows what a server says that cannot start", () =>
    withServer({
      start: [
        {
          stderr: "\x1b[2mnow\x1b[0m \x1b[31mERROR\x1b[0m bad key sk-1234567890abc and hush-hush\n",
        },
        { exit: 1 },
      ],
    }, async (peer) => {
      assert.deepEqual(await peer.rest(), { messages: [] });
      assert.deepEqual(await peer.channel.ended, { exitCode: 1, signal: null });
      assert.equal(peer.channel.stderr(), "now ERROR bad key [redacted] and [redacted]\n");
    }, { codexOptions: { apiKey: "hush-hush" } }));

  it("reads a stderr that is flooded, and keeps its end", () =>
    withServer({ start: [{ stderrRepeat: { bytes: 5_000_000 } }] }, async (peer) => {
      await peer.greet();
      await until(() => peer.channel.stderr().length === 16 * 1024);
      // Nothing waits in the pipe, which would keep the server from going on.
      await peer.channel.close();
      assert.equal(peer.channel.stderr().length, 16 * 1024);
    }));

  it("passes over lines that are no messages", () =>
    withServer({
      start: [
        { stdout: "WARNING: sk-1234567890abc\n\n[1]\n" },
        { oneByteAtATime: '{"method":"é"}\r\n' },
        { stdout: '{"method":"b"}\n{"met' },
        { exit: 0 },
      ],
    }, async (peer) => {
      const { messages } = await peer.rest();
      assert.deepEqual(messages, [{ method: "é" }, { method: "b" }]);
      assert.deepEqual(peer.diagnostics, [
        { kind: "stdout", message: "WARNING: [redacted]", line: 1 },
        { kind: "stdout", message: "[1]", line: 3 },
        { kind: "stdout", message: '{"met', line: 6 },
      ]);
    }));

  it("ends a server whose line is too long, after what came before", () =>
    withServer({ start: [{ stdout: '{"method":"a"}\n' }, { endlessLine: true }] }, async (peer) => {
      const { messages, error } = await peer.rest();
      assert.deepEqual(messages, [{ method: "a" }]);
      assert.ok(ProtocolError.is(error));
      assert.match(error.message, /line longer than 100000 bytes on line 2/);
      await peer.channel.ended;
    }, { codexOptions: { maxLineBytes: 100_000 }, timing: impatient }));

  it("ends a server that closes its output", () =>
    withServer({ on: { mute: [{ closeStdout: true }] } }, async (peer) => {
      await peer.greet();
      await peer.send({ id: 1, method: "mute" });
      assert.deepEqual(await peer.rest(), { messages: [] });
      assert.deepEqual(await peer.channel.ended, { exitCode: 0, signal: null });
    }));

  it("ends a server that nobody listens to any more, however much it says", () =>
    withServer({ on: { flood: [{ notify: "x", repeat: 1e9 }] } }, async (peer) => {
      await peer.greet();
      await peer.send({ id: 1, method: "flood" });
      await peer.next();
      await peer.cancel();
      assert.deepEqual(await peer.channel.ended, { exitCode: 0, signal: null });
    }));

  it("ends a server when the messages to it end", async () => {
    for (const how of ["close", "abort"] as const) {
      await withServer({}, async (peer) => {
        await peer.greet();
        await peer.endInput(how);
        assert.deepEqual(await peer.channel.ended, { exitCode: 0, signal: null });
      });
    }
  });

  it("waits for a server that is slow to end, without limit if told so", () =>
    withServer({ end: [{ touch: "ending" }, { waitForFile: "go" }, { exit: 0 }] }, async (peer) => {
      await peer.greet();
      const closed = peer.channel.close();
      await peer.fake.touched("ending");
      peer.fake.release("go");
      await closed;
      assert.deepEqual(await peer.channel.ended, { exitCode: 0, signal: null });
    }, { timing: { inputEndGraceMs: Infinity } }));

  it("keeps the key out of arguments and environment", async () => {
    const apiKey = "hush-hush-1234";
    const spawned: SpawnInfo[] = [];
    await withServer({}, async (peer) => {
      await peer.greet();
      const { argv, env } = peer.fake.invocations()[0]!;
      assert.deepEqual(argv, [
        "app-server",
        ...["--config", "features.goals=false"],
        ...["--config", "features.write_stdin_approval=true"],
        "--config",
        "token=1",
        "--config",
        'cli_auth_credentials_store="ephemeral"',
      ]);
      assert.equal(JSON.stringify(env).includes(apiKey), false);
      assert.deepEqual(spawned, [{
        argv: [peer.fake.path, ...argv],
        cwd: undefined,
        envKeys: ["CODEX_SDK_SERVER_ID"],
        pid: peer.channel.pid,
      }]);
      assert.deepEqual(peer.channel.codex, {
        path: peer.fake.path,
        pathDirs: [],
        source: "option",
      });
    }, {
      codexOptions: {
        apiKey,
        config: { token: 1 },
        env: { PATH: process.env.PATH! },
        onSpawn: (info) => spawned.push(info),
      },
    });
  });

  it("is not harmed by callbacks that throw", () =>
    withServer({ start: [{ stdout: "noise\n" }] }, async (peer) => {
      await peer.greet();
      assert.deepEqual(peer.diagnostics.map(({ kind }) => kind), ["callback", "stdout"]);
    }, {
      codexOptions: {
        onSpawn: () => {
          throw new Error("the caller's own");
        },
      },
    }));
});

describe("spawnServer()", () => {
  const refused = async (codexOptions: CodexOptions): Promise<unknown> =>
    await spawnServer({ codexOptions, runtime: await loadRuntime(), clock: systemClock })
      .then(() => undefined, (error: unknown) => error);

  it("rejects when there is no codex", async () => {
    assert.ok(CodexNotFoundError.is(await refused({ codexPath: "/nowhere/codex" })));
  });

  it("rejects when codex cannot be run", async () => {
    const fake = await fakeAppServer();
    try {
      writeFileSync(join(fake.folder, "text"), "text");
      chmodSync(join(fake.folder, "text"), 0o644);
      const error = await refused({ codexPath: join(fake.folder, "text") });
      assert.ok(SpawnError.is(error));
      assert.equal(error.systemCode, "EACCES");
    } finally {
      await fake.remove();
    }
  });

  it("rejects when the options cannot be used, before anything starts", async () => {
    const fake = await fakeAppServer();
    try {
      assert.ok(InvalidOptionsError.is(
        await refused({ codexPath: fake.path, configOverrides: ["-x"] }),
      ));
      assert.deepEqual(fake.invocations(), []);
    } finally {
      await fake.remove();
    }
  });
});

describe("StdioChannel, with a virtual clock,", () => {
  async function start(
    codexOptions: CodexOptions = {},
    input: Pick<SpawnServerInput, "timing" | "redact"> = {},
  ) {
    const runtime = new FakeRuntime();
    const clock = new VirtualClock();
    const diagnostics: Diagnostic[] = [];
    const channel = await spawnServer({
      codexOptions: { codexPath, ...codexOptions },
      runtime,
      clock,
      onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
      ...input,
    });
    const reader = channel.readable.getReader();
    let isOver = false;
    channel.ended.then(() => isOver = true);
    const { process } = runtime;
    return { runtime, clock, channel, reader, process, diagnostics, isOver: () => isOver };
  }

  it("is patient, then insists, then kills, then gives up", async () => {
    const { clock, channel, process, reader, isOver } = await start();
    const read = reader.read();
    channel.close();
    channel.close();
    await clock.advance(1999);
    assert.deepEqual([process.stdinIsClosed, process.signals], [true, []]);
    await clock.advance(1);
    assert.deepEqual(process.signals, ["-SIGTERM"]);
    await clock.advance(1000);
    assert.deepEqual(process.signals, ["-SIGTERM", "-SIGKILL"]);
    await clock.advance(4999);
    assert.equal(isOver(), false);
    await clock.advance(1000);
    assert.equal(isOver(), true);
    assert.deepEqual(await channel.ended, { exitCode: null, signal: "SIGKILL" });
    assert.equal((await read).done, true);
    assert.equal(clock.pending, 0);
  });

  it("sets no timer for a patience without limit", async () => {
    const timing = { inputEndGraceMs: Infinity };
    const { clock, channel, process, reader } = await start({}, { timing });
    const read = reader.read();
    channel.close();
    await settled();
    assert.equal(process.stdinIsClosed, true);
    assert.equal(clock.pending, 0);
    process.exitAlone();
    await channel.ended;
    assert.equal((await read).done, true);
  });

  it("keeps back what has become a secret since it was started", async () => {
    const secrets = new Set(["told-before"]);
    const redact: Redact = (text) => redactor(secrets)(text);
    const { channel, process, reader, diagnostics } = await start({}, { redact });
    secrets.add("told-later");
    const read = reader.read();
    process.err.write("401 for told-before and told-later\n");
    process.out.write("no message, told-later\n");
    process.exitAlone();
    assert.equal((await read).done, true);
    await channel.ended;
    assert.equal(channel.stderr(), "401 for [redacted] and [redacted]\n");
    assert.deepEqual(diagnostics.map(({ message }) => message), ["no message, [redacted]"]);
  });

  it("waits for nobody once the server is gone", async () => {
    const { runtime, clock, channel, process, reader } = await start();
    const read = reader.read();
    channel.close();
    process.exitAlone();
    await settled();
    assert.deepEqual(await channel.ended, { exitCode: 0, signal: null });
    assert.equal((await read).done, true);
    assert.deepEqual([clock.pending, runtime.hostListeners], [0, 0]);
    assert.deepEqual(process.signals, ["-SIGKILL"], "only what may be left in the group");
  });

  it("tells of an output that somebody else keeps open", async () => {
    const { clock, channel, process, reader, diagnostics } = await start();
    process.print({ method: "a" });
    process.exit({ code: 0 });
    assert.deepEqual((await reader.read()).value, { method: "a" });
    const read = reader.read();
    await clock.advance(1000);
    assert.equal((await read).done, true);
    await channel.ended;
    assert.match(diagnostics[0]!.message, /keeps its output open/);
    assert.equal(process.out.isClosed && process.err.isClosed, true);
    assert.equal(clock.pending, 0);
  });

  it("reads no further than it is read", async () => {
    const { clock, process, reader } = await start();
    process.out.write('{"n":1}\n{"n":2}\n');
    process.out.write('{"n":3}\n');
    for (const n of [1, 2]) assert.deepEqual((await reader.read()).value, { n });
    await settled();
    process.out.fail(new Error("EIO"));
    // A pipe that breaks takes along what was not read from it.
    assert.ok(await reader.read().then(() => false, ProtocolError.is));
    process.exitAlone();
    await clock.advance(1000);
  });

  it("fails when the output cannot be read, and ends the server", async () => {
    const { channel, process, reader } = await start();
    process.out.fail(new Error("EIO"));
    const error = await reader.read().then(() => undefined, (error: unknown) => error);
    assert.ok(ProtocolError.is(error));
    assert.equal(process.stdinIsClosed, true);
    process.exitAlone();
    await channel.ended;
  });

  it("ends with a host that is told to end: the input first, never by SIGINT", async () => {
    const { runtime, clock, process } = await start();
    runtime.hostSignal("SIGINT");
    await settled();
    assert.deepEqual([process.stdinIsClosed, process.signals], [true, []]);
    await clock.advance(2000);
    assert.deepEqual(process.signals, ["-SIGTERM"]);
    runtime.hostSignal("SIGINT");
    assert.deepEqual(process.signals, ["-SIGTERM", "-SIGKILL"]);
    process.exitAlone({ code: 0 });
    await clock.advance(1000);
    assert.deepEqual(runtime.raised, ["SIGINT"]);
  });

  it("hears a signal that comes as it ends", async () => {
    const { runtime, channel, process, reader } = await start();
    runtime.beforeSignalsAreTold = () => runtime.hostSignal("SIGTERM");
    const read = reader.read();
    process.exitAlone();
    await channel.ended;
    assert.equal((await read).done, true);
    await settled();
    assert.deepEqual(runtime.raised, ["SIGTERM"]);
  });

  it("leaves signals to a host that wants that", async () => {
    const { runtime, clock, process, isOver } = await start({ handleHostSignals: false });
    runtime.hostSignal("SIGTERM");
    await settled();
    assert.equal(process.stdinIsClosed, false);
    process.exitAlone();
    await clock.advance(1000);
    assert.equal(isOver(), true);
  });

  it("gets SIGTERM when the host exits", async () => {
    const { runtime, clock, process, isOver } = await start();
    runtime.hostExit();
    assert.deepEqual(process.signals, ["SIGTERM"]);
    process.exitAlone();
    await clock.advance(1000);
    assert.equal(isOver(), true);
  });
});

describe("a program with an app-server", () => {
  const flags = "Deno" in globalThis ? ["run", "--quiet", "--allow-all"] : [];
  const file = join(import.meta.dirname!, "../support/channel_program.ts");

  /** Runs a program until its server has answered; neither it nor its command must outlive it. */
  async function host(
    then: ChannelTask["then"],
    end: (pid: number) => void,
  ): Promise<[number | null, string | null]> {
    // As a command of codex's runs; the server itself would end it.
    const fake = await fakeAppServer({ start: [{ spawnGrandchild: { setsid: false } }] });
    try {
      const task: ChannelTask = { codex: { codexPath: fake.path }, then };
      const child = spawn(process.execPath, [...flags, file, JSON.stringify(task)]);
      let printed = "";
      child.stderr.resume();
      child.stdout.on("data", (chunk) => printed += chunk);
      const ended = once(child, "close") as Promise<[number | null, string | null]>;
      while (!printed.includes("userAgent") && child.exitCode === null) {
        await Promise.race([once(child.stdout, "data"), ended]);
      }
      end(child.pid!);
      const ending = await ended;
      const lines: ChannelLine[] = printed.split("\n").slice(0, -1).map((line) => JSON.parse(line));
      await waitUntilGone(lines[0]!.pid!);
      for (const pid of fake.invocations()[0]!.grandchildren) await waitUntilGone(pid);
      return ending;
    } finally {
      await fake.remove();
    }
  }

  const ways: Record<string, [ChannelTask["then"], NodeJS.Signals | null, unknown]> = {
    "that exits": ["exit", null, [7, null]],
    "that ends by SIGINT": ["wait", "SIGINT", [null, "SIGINT"]],
    "that ends by SIGTERM": ["wait", "SIGTERM", [null, "SIGTERM"]],
    "that closes it": ["close", null, [0, null]],
  };
  for (const [how, [then, signal, ending]] of Object.entries(ways)) {
    it(`${how} leaves nothing behind`, async () => {
      const end = (pid: number) => signal && process.kill(pid, signal);
      assert.deepEqual(await host(then, end), ending);
    });
  }

  it("that throws leaves nothing behind", async () => {
    const [code, signal] = await host("throw", () => {});
    assert.deepEqual([code === 0, signal], [false, null]);
  });
});

describe("an app-server", () => {
  it("ends by itself when its program is killed", async () => {
    const fake = await fakeAppServer();
    try {
      const flags = "Deno" in globalThis ? ["run", "--quiet", "--allow-all"] : [];
      const file = join(import.meta.dirname!, "../support/channel_program.ts");
      const task: ChannelTask = { codex: { codexPath: fake.path }, then: "wait" };
      const child = spawn(process.execPath, [...flags, file, JSON.stringify(task)]);
      child.stderr.resume();
      let printed = "";
      while (!printed.includes("userAgent")) printed += (await once(child.stdout, "data"))[0];
      child.kill("SIGKILL");
      await once(child, "close");
      await waitUntilGone(fake.invocations()[0]!.pid);
      assert.equal(fake.invocations()[0]!.stdinEnded, true);
    } finally {
      await fake.remove();
    }
  });
});
