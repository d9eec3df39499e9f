import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe } from "node:test";
import { CodexError, ConnectionError, ServerLostError } from "../../mod.ts";
import { checkedOptions } from "../../src/app_server/options.ts";
import { AppServerTransport } from "../../src/app_server/transport.ts";
import { systemClock } from "../../src/clock.ts";
import { loadRuntime } from "../../src/runtime/mod.ts";
import {
  hold,
  lastUserText,
  message,
  reasoning,
  repeat,
  shell,
  turn,
  userTexts,
} from "../../src/testing/mod.ts";
import type { TransportFactory } from "../../src/transport.ts";
import { readTo, ServerBench } from "../support/app_server.ts";
import { fileAppears } from "../support/files.ts";
import { isAlive, until } from "../support/processes.ts";
import { spoken } from "../support/spoken.ts";
import { settled } from "../support/virtual_clock.ts";
import { collect } from "../support/workbench.ts";

const never = new Promise<void>(() => {});
const hanging = message("Never", { deltas: ["Ne", hold(never), "ver"] });

/** Hangs when told to, makes a file when told to, else answers. */
const model = repeat((request) => {
  const text = lastUserText(request);
  if (request.body.input?.at(-1)?.type !== "message") return message(`Did: ${text}`);
  if (text.startsWith("Hang")) return turn(reasoning("**Look**"), hanging);
  if (text.startsWith("touch")) return shell(`${text}; true`);
  return message(`Re: ${text}`);
});

/** The lane, whose servers are started again at once, and as often as need be. */
function patient(maxRestarts: number = 100): TransportFactory {
  return (codexOptions) =>
    new AppServerTransport(codexOptions, checkedOptions({ maxRestarts }), {
      clock: systemClock,
      runtime: loadRuntime,
      random: () => 0,
    });
}

describe("the loss of a real app-server", () => {
  const bench = new ServerBench();

  bench.it("ends all its turns at once, and their threads go on as they were", [
    model,
  ], async ({ model, startThread, servers, directory }) => {
    const threads = [startThread({ sandboxMode: "workspace-write" }), startThread()];
    const running = [];
    for (const thread of threads) {
      await thread.run("Hello");
      const streamed = await thread.runStreamed("Hang", { liveEvents: true });
      await readTo(streamed, "item.agent_message.delta");
      running.push(streamed);
    }
    const requests = model.requests.length;
    process.kill(servers[0]!, "SIGKILL");
    for (const [index, streamed] of running.entries()) {
      const { error } = await collect(streamed.events);
      assert.ok(ServerLostError.is(error), `${error}`);
      assert.deepEqual([error.isResumable, error.signal, error.exitCode], [true, "SIGKILL", null]);
      assert.match(error.message, /can be resumed/);
      assert.match(error.stderr, /\S/);
      assert.deepEqual(error.turn.items.map(({ type }) => type), ["reasoning"]);
      assert.equal(error.turn.threadId, threads[index]!.id);
    }
    // Nothing is run again by itself.
    assert.deepEqual([servers.length, model.requests.length], [1, requests]);

    await threads[0]!.run("touch of-the-writer");
    await threads[1]!.run("touch of-the-reader");
    const [writer, reader] = ["of-the-writer", "of-the-reader"].map((name) =>
      existsSync(join(directory, name))
    );
    assert.deepEqual([writer, reader], [true, false]);
    assert.deepEqual(spoken(userTexts(model.requests.at(-1)!)).slice(-3), [
      "Hello",
      "Hang",
      "touch of-the-reader",
    ]);
    assert.equal(servers.length, 2);
  }, { scripted: { env: { RUST_LOG: "info" } } });

  bench.it("is told as one after which an ephemeral thread is lost, too", [
    model,
  ], async ({ startThread, servers }) => {
    const thread = startThread({ ephemeral: true });
    await thread.run("Hello");
    const streamed = await thread.runStreamed("Hang", { liveEvents: true });
    await readTo(streamed, "item.agent_message.delta");
    process.kill(servers[0]!, "SIGKILL");
    const { error } = await collect(streamed.events);
    assert.ok(ServerLostError.is(error));
    assert.equal(error.isResumable, false);
    assert.match(error.message, /The thread is lost with it/);
    const next = await thread.run("Hello again").catch((error) => error);
    assert.ok(CodexError.is(next));
    assert.match(next.message, /no rollout found/);
  });

  bench.it("ends the commands of its agents", [
    shell("touch orphan; exec sleep 98765.4"),
    repeat(model.step, 1),
  ], async ({ startThread, servers, directory }) => {
    const thread = startThread({ sandboxMode: "danger-full-access" });
    const failure = thread.run("Sleep").catch((error) => error);
    await fileAppears(join(directory, "orphan"));
    process.kill(servers[0]!, "SIGKILL");
    assert.ok(ServerLostError.is(await failure));
    // What runs with its home is looked for at the end; see the bench.
    assert.equal((await thread.run("Hello")).finalResponse, "Re: Hello");
  });

  bench.it("between turns is not felt by the next", [
    model,
  ], async ({ codex, startThread, servers }) => {
    const thread = startThread();
    await thread.run("First");
    const isLost = new Promise((resolve) => void codex.onNotification(() => {}, resolve));
    await settled();
    process.kill(servers[0]!, "SIGKILL");
    assert.ok(ConnectionError.is(await isLost));
    const { finalResponse, threadId } = await thread.run("Second");
    assert.deepEqual([finalResponse, threadId], ["Re: Second", thread.id]);
    assert.equal(servers.length, 2);
  });

  bench.it("is told in a typed error at any moment of a turn", [
    model,
  ], async ({ codex, model, startThread, servers }) => {
    const thread = startThread();
    await thread.run("Hello");
    // Of a turn's first notifications, one after the other.
    for (let moment = 1; moment <= 7; moment++) {
      let heard = 0;
      const stop = await codex.onNotification((method) => {
        if (method.startsWith("remoteControl") || method === "configWarning") return;
        if (++heard === moment) process.kill(servers.at(-1)!, "SIGKILL");
      });
      const error = await thread.run("Hang").catch((error) => error);
      stop();
      assert.ok(ServerLostError.is(error) || ConnectionError.is(error), `${moment}: ${error}`);
      if (ServerLostError.is(error)) assert.equal(error.isResumable, true);
    }
    assert.equal((await thread.run("Hello again")).finalResponse, "Re: Hello again");
    // Each turn asked the model once at most.
    const asked = model.requests.map((request) => lastUserText(request));
    assert.ok(asked.length <= 9, asked.join());
  }, { codex: { transport: patient() } });

  bench.it("is told to requests and to who listens, and too many of them end it", [
    model,
  ], async ({ codex, startThread, servers }) => {
    const lost: Error[] = [];
    await codex.onNotification(() => {}, (error) => lost.push(error));
    for (let i = 0; i < 3; i++) {
      await codex.version();
      const asked = codex.request("command/exec", {
        command: ["sleep", "98765.5"],
        sandboxPolicy: { type: "dangerFullAccess" },
      }).catch((error) => error);
      await startThread().run("Hello");
      process.kill(servers.at(-1)!, "SIGKILL");
      const error = await asked;
      assert.ok(ConnectionError.is(error), `${error}`);
      assert.equal(error.reason, "lost");
      await until(() => lost.length > i);
    }
    assert.equal(lost.length, 3);
    const error = await startThread().run("Hello").catch((error) => error);
    assert.ok(ConnectionError.is(error));
    assert.match(error.message, /lost too often/);
    assert.deepEqual([servers.length, servers.some((pid) => isAlive(pid))], [3, false]);
  }, { codex: { transport: patient(2) } });
});
