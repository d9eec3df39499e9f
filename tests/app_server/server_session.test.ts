import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ServerSession, type ThreadListener } from "../../src/app_server/server_session.ts";
import type { ServerEnd } from "../../src/app_server/server_channel.ts";
import {
  AbortError,
  ConnectionError,
  ExitError,
  ProtocolError,
  RpcError,
  ThreadBusyError,
} from "../../src/errors.ts";
import { MemoryServer, quiet } from "../support/memory_server.ts";
import { Outcome } from "../support/outcome.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** Notes all it hears. */
class Ear implements ThreadListener {
  readonly heard: unknown[] = [];
  readonly losses: ServerEnd[] = [];

  notify(_method: string, params: Record<string, unknown>): void {
    this.heard.push(params.say);
  }

  lost(end: ServerEnd): void {
    this.losses.push(end);
  }
}

/** A session with a server in memory. */
class Stage {
  readonly server = new MemoryServer();
  readonly clock = new VirtualClock();
  readonly heard: string[] = [];
  session!: ServerSession;

  open(signal?: AbortSignal): Promise<ServerSession> {
    return ServerSession.open(this.server.channel, {
      clientInfo: { name: "test", title: "Test", version: "1.2.3" },
      connection: {
        clock: this.clock,
        random: () => 0,
        onRequest: () => Promise.resolve(undefined),
      },
      onNotification: (method) => this.heard.push(method),
    }, signal);
  }

  static async make(): Promise<Stage> {
    const stage = new Stage();
    stage.session = await stage.open();
    return stage;
  }

  /** Says something of a thread. */
  say(threadId: string, say: unknown): void {
    this.server.notify("test/said", { threadId, say });
  }

  async close(): Promise<void> {
    await this.session.close();
    assert.equal(this.clock.pending, 0, "timers are left");
  }
}

describe("ServerSession.open()", () => {
  it("shakes hands", async () => {
    const stage = await Stage.make();
    assert.deepEqual(stage.server.received.map(({ method, params }) => ({ method, params })), [
      {
        method: "initialize",
        params: {
          clientInfo: { name: "test", title: "Test", version: "1.2.3" },
          capabilities: { experimentalApi: true },
        },
      },
      { method: "initialized", params: undefined },
    ]);
    assert.equal(stage.session.version, "0.169.0");
    assert.equal(stage.session.isOpen, true);
    await stage.close();
    assert.equal(stage.session.isOpen, false);
  });

  it("knows no version where none is told", async () => {
    for (const userAgent of [undefined, null, 5, "", "codex"]) {
      const stage = new Stage();
      stage.server.on("initialize", (asked) => asked.answer({ userAgent }));
      stage.session = await stage.open();
      assert.equal(stage.session.version, "");
      await stage.close();
    }
  });

  it("closes the server that refuses", async () => {
    const stage = new Stage();
    stage.server.on("initialize", (asked) => asked.refuse("Already initialized"));
    await assert.rejects(stage.open(), RpcError);
    assert.equal(stage.server.isOver, true);
    assert.equal(stage.clock.pending, 0);
  });

  it("closes the server whose answer is none", async () => {
    for (const answer of [null, [], "codex"]) {
      const stage = new Stage();
      stage.server.on("initialize", (asked) => asked.answer(answer));
      await assert.rejects(stage.open(), (error) => {
        assert.ok(ProtocolError.is(error), `${error}`);
        assert.match(error.message, /^Codex answered "initialize" in a shape/);
        return true;
      });
      assert.equal(stage.server.isOver, true);
      assert.equal(stage.clock.pending, 0);
    }
  });

  it("rejects when the server ends", async () => {
    const stage = new Stage();
    stage.server.stderr = "Error loading config.toml\n";
    stage.server.on("initialize", (_, server) => server.die({ exitCode: 1 }));
    await assert.rejects(stage.open(), (error) => {
      assert.ok(ExitError.is(error));
      const { exitCode, signal, stderr } = error;
      assert.deepEqual([exitCode, signal, stderr], [1, null, "Error loading config.toml\n"]);
      assert.equal(
        error.message,
        "The app-server exited with code 1 before it was ready: Error loading config.toml",
      );
      assert.ok(ConnectionError.is(error.cause));
      return true;
    });
    assert.equal(stage.clock.pending, 0);
  });

  it("rejects when the connection to a server elsewhere breaks", async () => {
    const stage = new Stage();
    stage.server.on("initialize", (_, server) => server.die({ exitCode: null }));
    await assert.rejects(stage.open(), ConnectionError);
    assert.equal(stage.clock.pending, 0);
  });

  it("closes the server when it is aborted", async () => {
    const stage = new Stage();
    stage.server.hold("initialize");
    const abort = new AbortController();
    const opened = new Outcome(stage.open(abort.signal));
    await quiet();
    abort.abort(new Error("no more"));
    await quiet();
    assert.ok(AbortError.is(opened.error));
    assert.equal(stage.server.isOver, true);
    assert.equal(stage.clock.pending, 0);
  });
});

describe("ServerSession", () => {
  it("tells everything to its own listener, and each thread's to that one's", async () => {
    const stage = await Stage.make();
    const [a, b] = [new Ear(), new Ear()];
    stage.session.listen("a", a);
    stage.session.listen("b", b);
    for (const threadId of ["a", "b", "c", "a"]) stage.say(threadId, `of ${threadId}`);
    stage.server.notify("configWarning", { say: "all" });
    await quiet();
    assert.deepEqual(a.heard, ["of a", "of a"]);
    assert.deepEqual(b.heard, ["of b"]);
    assert.equal(stage.heard.length, 5);
    await stage.close();
  });

  it("tells all listeners of the account's rate limits", async () => {
    const stage = await Stage.make();
    const [a, b] = [new Ear(), new Ear()];
    stage.session.listen("a", a);
    stage.session.listen("b", b);
    stage.server.notify("account/rateLimits/updated", { say: "limits" });
    await quiet();
    assert.deepEqual([a.heard, b.heard], [["limits"], ["limits"]]);
    await stage.close();
  });

  it("tells what was said before somebody listened, in order", async () => {
    const stage = await Stage.make();
    for (let i = 0; i < 5; i++) {
      stage.say("a", i);
      stage.say("b", -i);
    }
    await quiet();
    const ear = new Ear();
    stage.session.listen("a", ear);
    assert.deepEqual(ear.heard, [0, 1, 2, 3, 4]);
    stage.say("a", 5);
    await quiet();
    assert.deepEqual(ear.heard, [0, 1, 2, 3, 4, 5]);
    await stage.close();
  });

  it("tells it once", async () => {
    const stage = await Stage.make();
    stage.say("a", 1);
    await quiet();
    const ear = new Ear();
    stage.session.listen("a", ear)();
    stage.session.listen("a", ear);
    assert.deepEqual(ear.heard, [1]);
    await stage.close();
  });

  it("keeps no more than the last 256 of what nobody listens to", async () => {
    const stage = await Stage.make();
    for (let i = 0; i < 1000; i++) stage.say("a", i);
    await quiet();
    const ear = new Ear();
    stage.session.listen("a", ear);
    assert.deepEqual(ear.heard, Array.from({ length: 256 }, (_, i) => 744 + i));
    await stage.close();
  });

  it("keeps nothing of a thread between its turns, unless that was unloaded", async () => {
    for (const method of ["other", "thread/closed", "thread/archived", "thread/deleted"]) {
      const stage = await Stage.make();
      stage.session.loaded.set("a", "");
      stage.session.folders.set("a", { root: null, cwd: null, others: [] });
      stage.session.listen("a", new Ear())();
      stage.session.noteStatus("a", { type: "active" });
      stage.server.notify(method, { threadId: "a" });
      stage.say("a", "between");
      await quiet();
      const isUnloaded = method !== "other";
      assert.equal(stage.session.isActive("a"), !isUnloaded);
      stage.session.noteStatus("a", { type: "idle" });
      const ear = new Ear();
      stage.session.listen("a", ear);
      assert.equal(ear.heard.includes("between"), isUnloaded, method);
      assert.equal(stage.session.loaded.has("a"), !isUnloaded);
      assert.equal(stage.session.folders.has("a"), !isUnloaded);
      await stage.close();
    }
  });

  it("tells nothing once nobody listens any more", async () => {
    const stage = await Stage.make();
    const ear = new Ear();
    const stop = stage.session.listen("a", ear);
    stop();
    stop();
    stage.say("a", 1);
    await quiet();
    assert.deepEqual(ear.heard, []);
    assert.equal(stage.session.listenerOf("a"), undefined);
    await stage.close();
  });

  it("lets one listen to a thread at a time", async () => {
    const stage = await Stage.make();
    const first = new Ear();
    const stop = stage.session.listen("a", first);
    assert.throws(() => stage.session.listen("a", new Ear()), ThreadBusyError);
    assert.throws(() => stage.session.throwIfBusy("a"), ThreadBusyError);
    assert.equal(stage.session.listenerOf("a"), first);
    stop();
    const second = new Ear();
    stage.session.listen("a", second);
    // The stop of the first is not that of the second.
    stop();
    assert.equal(stage.session.listenerOf("a"), second);
    await stage.close();
  });

  it("tells of sub-agents, and of theirs, to whom the turn belongs", async () => {
    const stage = await Stage.make();
    const ear = new Ear();
    stage.say("child", "early");
    await quiet();
    const stop = stage.session.listen("a", ear);
    stage.session.adopt("child", "a");
    stage.session.adopt("grandchild", "child");
    for (const threadId of ["grandchild", "child", "a"]) stage.say(threadId, threadId);
    await quiet();
    assert.deepEqual(ear.heard, ["early", "grandchild", "child", "a"]);
    assert.equal(stage.session.listenerOf("grandchild"), ear);
    stop();
    assert.equal(stage.session.listenerOf("grandchild"), undefined);
    assert.equal(stage.session.listenerOf("child"), undefined);
    // The next turn has sub-agents of its own.
    stage.session.listen("a", new Ear());
    assert.equal(stage.session.listenerOf("grandchild"), undefined);
    assert.equal(stage.session.listenerOf("child"), undefined);
    await stage.close();
  });

  it("adopts nothing that has a listener or a parent, nor a thread for itself", async () => {
    const stage = await Stage.make();
    const [a, b] = [new Ear(), new Ear()];
    const stop = stage.session.listen("a", a);
    stage.session.listen("b", b);
    stage.session.adopt("b", "a");
    stage.session.adopt("a", "a");
    stage.session.adopt("child", "a");
    stage.session.adopt("child", "b");
    stage.session.adopt("a", "child");
    assert.equal(stage.session.listenerOf("b"), b);
    assert.equal(stage.session.listenerOf("child"), a);
    stop();
    assert.equal(stage.session.listenerOf("a"), undefined);
    await stage.close();
  });

  it("knows what each thread has used, whoever listens", async () => {
    const stage = await Stage.make();
    const usage = (inputTokens: unknown) => ({
      threadId: "a",
      tokenUsage: { total: { inputTokens }, last: {} },
    });
    stage.server.notify("thread/tokenUsage/updated", usage(5));
    stage.server.notify("thread/tokenUsage/updated", { threadId: "a", tokenUsage: "nonsense" });
    await quiet();
    assert.equal(stage.session.usage.get("a")?.input_tokens, 5);
    assert.equal(stage.session.usage.get("b"), undefined);
    await stage.close();
  });

  it("tells each listener once that the server is gone, and how", async () => {
    const stage = await Stage.make();
    const [a, b] = [new Ear(), new Ear()];
    stage.session.listen("a", a);
    stage.session.listen("b", b)();
    stage.session.adopt("child", "a");
    stage.say("a", "last words");
    stage.server.die({ exitCode: 3 });
    const end = await stage.session.ended;
    assert.deepEqual([end.exitCode, end.signal], [3, null]);
    assert.deepEqual(a.heard, ["last words"]);
    assert.deepEqual(a.losses, [end]);
    assert.deepEqual(b.losses, []);
    assert.equal(stage.session.isOpen, false);
    await assert.rejects(stage.session.request("model/list", {}), ConnectionError);
    await stage.close();
  });

  it("closes a server that says no more, or hears no more", async () => {
    for (const how of ["endOutput", "breakInput"] as const) {
      const stage = await Stage.make();
      const ear = new Ear();
      stage.session.listen("a", ear);
      stage.server[how]();
      await stage.clock.advance(1000);
      assert.equal(stage.server.isOver, true, how);
      assert.equal(ear.losses.length, 1, how);
      await stage.close();
    }
  });

  it("is not open from the moment it is lost, before the process is gone", async () => {
    const stage = await Stage.make();
    const ear = new Ear();
    stage.session.listen("a", ear);
    stage.server.obeys = false;
    stage.server.endOutput();
    await quiet();
    assert.equal(stage.session.isOpen, false);
    assert.deepEqual(ear.losses, []);
    stage.server.die({ signal: "SIGTERM" });
    await quiet();
    assert.equal(ear.losses.length, 1);
    await stage.close();
  });

  it("survives what is no notification of a thread", async () => {
    const stage = await Stage.make();
    const ear = new Ear();
    stage.session.listen("a", ear);
    for (const params of [undefined, null, 5, "text", [], { threadId: 5 }, { threadId: null }]) {
      stage.server.send({ method: "test/said", params });
    }
    stage.say("a", "fine");
    await quiet();
    assert.deepEqual(ear.heard, ["fine"]);
    await stage.close();
  });
});
