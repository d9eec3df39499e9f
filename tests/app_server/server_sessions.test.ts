import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Backoff } from "../../src/app_server/backoff.ts";
import { ServerSession } from "../../src/app_server/server_session.ts";
import { ServerSessions } from "../../src/app_server/server_sessions.ts";
import {
  AbortError,
  CodexNotFoundError,
  ConnectionError,
  ExitError,
  SpawnError,
} from "../../src/errors.ts";
import { MemoryServer, quiet } from "../support/memory_server.ts";
import { Outcome } from "../support/outcome.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { WatchedAbort } from "../support/watched_signal.ts";

const idleTimeoutMs = 10_000;
const reason = new AbortError(new Error("no more"));

/** Sessions of servers in memory. */
class Stage {
  readonly clock = new VirtualClock();
  readonly servers: MemoryServer[] = [];
  readonly sessions: ServerSessions;
  /** Told of each server before anything is asked of it. */
  prepare: (server: MemoryServer, index: number) => unknown = () => {};
  failure: Error | null = null;
  /** How many servers ran at a time, at most. */
  most = 0;

  constructor({ idleMs = idleTimeoutMs, maxTries = 5 } = {}) {
    const { clock } = this;
    this.sessions = new ServerSessions({
      clock,
      idleTimeoutMs: idleMs,
      backoff: new Backoff({ maxTries }, clock, () => 0.999),
      open: async (signal) => {
        if (this.failure !== null) throw this.failure;
        const server = new MemoryServer();
        this.prepare(server, this.servers.length);
        this.servers.push(server);
        this.most = Math.max(this.most, this.running);
        return await ServerSession.open(server.channel, {
          clientInfo: { name: "test", title: "Test", version: "1" },
          connection: { clock, random: () => 0, onRequest: () => Promise.resolve(undefined) },
          onNotification: () => {},
        }, signal);
      },
    });
  }

  get running(): number {
    return this.servers.filter((server) => !server.isOver).length;
  }

  /** A session and how to let go of it. */
  async use(): Promise<{ session: ServerSession; release: () => void }> {
    const release = this.sessions.acquire();
    return { session: await this.sessions.get(), release };
  }

  /** Has the running server die, and all notice it. */
  async lose(): Promise<void> {
    this.servers.at(-1)!.die();
    await quiet();
  }

  async close(): Promise<void> {
    await this.sessions.close();
    assert.equal(this.running, 0, "servers are left");
    assert.equal(this.clock.pending, 0, "timers are left");
  }
}

describe("ServerSessions", () => {
  it("opens nothing by itself", async () => {
    const stage = new Stage();
    stage.sessions.acquire()();
    await stage.clock.advance(60_000);
    assert.equal(stage.servers.length, 0);
    await stage.close();
  });

  it("shares one session, also while it opens", async () => {
    const stage = new Stage();
    const [a, b] = await Promise.all([stage.use(), stage.use()]);
    const c = await stage.use();
    assert.equal(a.session, b.session);
    assert.equal(a.session, c.session);
    assert.equal(stage.servers.length, 1);
    await stage.close();
  });

  it("fails for all who wait when it cannot be opened, then tries anew at once", async () => {
    const stage = new Stage();
    stage.failure = new CodexNotFoundError("nowhere");
    const both = [new Outcome(stage.sessions.get()), new Outcome(stage.sessions.get())];
    await quiet();
    for (const { error } of both) assert.equal(error, stage.failure);
    stage.failure = new SpawnError("no");
    await assert.rejects(stage.sessions.get(), SpawnError);
    stage.failure = null;
    await stage.sessions.get();
    assert.equal(stage.clock.now(), 0);
    await stage.close();
  });

  it("keeps a session while it is used, and a while longer", async () => {
    const stage = new Stage();
    const a = await stage.use();
    const b = await stage.use();
    a.release();
    a.release();
    await stage.clock.advance(60_000);
    assert.equal(stage.running, 1);
    b.release();
    await stage.clock.advance(idleTimeoutMs - 1);
    assert.equal(stage.running, 1);
    await stage.clock.advance(1);
    assert.equal(stage.running, 0);
    await stage.close();
  });

  it("begins to count anew when it was used meanwhile", async () => {
    const stage = new Stage();
    (await stage.use()).release();
    await stage.clock.advance(idleTimeoutMs - 1);
    const { release } = await stage.use();
    await stage.clock.advance(idleTimeoutMs);
    release();
    await stage.clock.advance(idleTimeoutMs - 1);
    assert.equal(stage.running, 1);
    assert.equal(stage.servers.length, 1);
    await stage.close();
  });

  it("never closes it as idle with an endless time", async () => {
    const stage = new Stage({ idleMs: Infinity });
    (await stage.use()).release();
    assert.equal(stage.clock.pending, 0);
    await stage.close();
  });

  it("opens another one after it was closed as idle, without a wait", async () => {
    const stage = new Stage({ maxTries: 2 });
    for (let i = 0; i < 8; i++) {
      const { release } = await stage.use();
      release();
      await stage.clock.advance(idleTimeoutMs);
    }
    assert.equal(stage.servers.length, 8);
    assert.equal(stage.clock.now(), 8 * idleTimeoutMs);
    await stage.close();
  });

  it("waits for one that is closing as idle: there are never two", async () => {
    const stage = new Stage();
    stage.prepare = (server) => server.obeys = false;
    (await stage.use()).release();
    await stage.clock.advance(idleTimeoutMs);
    assert.equal(stage.servers[0]!.closes > 0, true);
    const next = new Outcome(stage.sessions.get());
    await stage.clock.advance(60_000);
    assert.equal(next.state, "pending");
    stage.servers[0]!.die();
    await quiet();
    assert.equal(next.state, "resolved");
    assert.equal(stage.most, 1);
    stage.servers[1]!.obeys = true;
    await stage.close();
  });

  it("is not confused by one that fails to open after it was given up as idle", async () => {
    const stage = new Stage();
    stage.prepare = (server, index) => index === 0 && server.hold("initialize");
    const abort = new AbortController();
    const gone = new Outcome(stage.sessions.with(() => Promise.resolve(), abort.signal));
    await quiet();
    abort.abort(reason);
    await stage.clock.advance(idleTimeoutMs);
    assert.equal(gone.error, reason);
    const next = new Outcome(stage.sessions.with((session) => session.ended));
    await quiet();
    stage.servers[0]!.die();
    // It was lost, so there is a wait.
    await stage.clock.advance(1000);
    assert.equal(stage.servers.length, 2);
    const session = await stage.sessions.get();
    assert.equal(session.isOpen, true);
    assert.equal(stage.servers.length, 2);
    assert.equal(next.state, "pending");
    await stage.close();
  });

  it("opens another one after it was lost, and waits longer each time", async () => {
    const stage = new Stage();
    const waits: number[] = [];
    await stage.use();
    for (let i = 0; i < 4; i++) {
      await stage.lose();
      const before = stage.clock.now();
      const next = new Outcome(stage.use());
      while (next.state === "pending") await stage.clock.advance(1);
      waits.push(stage.clock.now() - before);
    }
    assert.deepEqual(waits, [249, 499, 999, 1998]);
    assert.equal(stage.most, 1);
    await stage.close();
  });

  it("gives up when it is lost too often, and tries again a minute later", async () => {
    const stage = new Stage({ maxTries: 2 });
    await stage.use();
    for (let i = 0; i < 2; i++) {
      await stage.lose();
      const next = new Outcome(stage.use());
      await stage.clock.advance(1000);
      assert.equal(next.state, "resolved");
    }
    await stage.lose();
    await assert.rejects(stage.use(), (error) => {
      assert.ok(ConnectionError.is(error));
      assert.match(error.message, /lost too often/);
      return true;
    });
    assert.equal(stage.servers.length, 3);
    await stage.clock.advance(60_000);
    const next = new Outcome(stage.use());
    await stage.clock.advance(1000);
    assert.equal(next.state, "resolved");
    await stage.close();
  });

  it("counts a server that dies before it has shaken hands as lost", async () => {
    const stage = new Stage({ maxTries: 1 });
    stage.prepare = (server) => server.on("initialize", () => server.die({ exitCode: 1 }));
    await assert.rejects(stage.use(), ExitError);
    const second = new Outcome(stage.use());
    await quiet();
    assert.equal(second.state, "pending");
    await stage.clock.advance(1000);
    assert.ok(ExitError.is(second.error));
    assert.equal(stage.servers.length, 2);
    await assert.rejects(stage.use(), /lost too often/);
    assert.equal(stage.servers.length, 2);
    await stage.close();
  });

  it("gives nobody one that is lost, from the moment of the loss", async () => {
    const stage = new Stage();
    const { session } = await stage.use();
    stage.servers[0]!.obeys = false;
    // The connection breaks first; the process takes its time to go.
    const asked = session.request("model/list", {}).then(null, () => stage.sessions.get());
    stage.servers[0]!.on("model/list", () => {});
    stage.servers[0]!.endOutput();
    const next = new Outcome(stage.sessions.get());
    const onError = new Outcome(asked);
    await stage.clock.advance(5000);
    stage.servers[0]!.die();
    await stage.clock.advance(5000);
    for (const outcome of [next, onError]) {
      if (outcome === next && outcome.value === session) continue;
      assert.equal(outcome.state, "resolved");
      assert.notEqual(outcome.value, session);
    }
    assert.equal(onError.value, await stage.sessions.get());
    assert.equal(stage.most, 1);
    await stage.close();
  });

  it("ends the wait of one who has changed his mind, and no other's", async () => {
    const stage = new Stage();
    stage.prepare = (server) => server.hold("initialize");
    const abort = new WatchedAbort();
    const impatient = new Outcome(stage.sessions.get(abort.signal));
    const patient = new Outcome(stage.sessions.get());
    await quiet();
    abort.abort(reason);
    await quiet();
    assert.equal(impatient.error, reason);
    assert.equal(abort.listeners, 0);
    assert.equal(patient.state, "pending");
    stage.servers[0]!.held("initialize").answer();
    await quiet();
    assert.equal(patient.state, "resolved");
    await stage.close();
  });

  it("starts nothing for one who has changed his mind before", async () => {
    const stage = new Stage();
    await assert.rejects(stage.sessions.get(AbortSignal.abort("no")), (error) => {
      assert.ok(AbortError.is(error));
      assert.equal(error.cause, "no");
      return true;
    });
    assert.equal(stage.servers.length, 0);
    await stage.close();
  });

  it("leaves no listener on the signal of one who got it", async () => {
    const stage = new Stage();
    const abort = new WatchedAbort();
    await stage.sessions.get(abort.signal);
    assert.equal(abort.listeners, 0);
    await stage.close();
  });

  it("closes as idle what nobody waited for any more", async () => {
    const stage = new Stage();
    stage.prepare = (server) => server.hold("initialize");
    const abort = new AbortController();
    const use = new Outcome(stage.sessions.with(() => Promise.resolve(), abort.signal));
    await quiet();
    abort.abort(reason);
    await quiet();
    assert.equal(use.error, reason);
    stage.servers[0]!.held("initialize").answer();
    await stage.clock.advance(idleTimeoutMs - 1);
    assert.equal(stage.running, 1);
    await stage.clock.advance(1);
    assert.equal(stage.running, 0);
    await stage.close();
  });

  it("lets go of it however its use ends", async () => {
    const stage = new Stage();
    assert.equal(await stage.sessions.with(() => Promise.resolve(7)), 7);
    await assert.rejects(stage.sessions.with(() => Promise.reject(new Error("x"))), /x/);
    await stage.clock.advance(idleTimeoutMs);
    assert.equal(stage.running, 0);
    await stage.close();
  });
});

describe("ServerSessions.close()", () => {
  it("closes the session that is open, used or not, and resolves when it is gone", async () => {
    const stage = new Stage();
    await stage.use();
    stage.servers[0]!.obeys = false;
    const closed = [new Outcome(stage.sessions.close()), new Outcome(stage.sessions.close())];
    await quiet();
    for (const { state } of closed) assert.equal(state, "pending");
    stage.servers[0]!.die();
    await quiet();
    for (const { state } of closed) assert.equal(state, "resolved");
    await stage.close();
  });

  it("ends an opening at once, and the server with it", async () => {
    const stage = new Stage();
    stage.prepare = (server) => server.hold("initialize");
    const next = new Outcome(stage.sessions.get());
    await quiet();
    const closed = new Outcome(stage.sessions.close());
    await quiet();
    assert.equal(closed.state, "resolved");
    assert.ok(AbortError.is(next.error));
    await stage.close();
  });

  it("ends the wait before a restart, and starts nothing", async () => {
    const stage = new Stage();
    await stage.use();
    await stage.lose();
    const next = new Outcome(stage.sessions.get());
    await quiet();
    assert.equal(next.state, "pending");
    await stage.sessions.close();
    assert.ok(AbortError.is(next.error));
    assert.equal(stage.servers.length, 1);
    await stage.close();
  });

  it("waits for one that is closing as idle", async () => {
    const stage = new Stage();
    stage.prepare = (server) => server.obeys = false;
    (await stage.use()).release();
    await stage.clock.advance(idleTimeoutMs);
    const closed = new Outcome(stage.sessions.close());
    await quiet();
    assert.equal(closed.state, "pending");
    stage.servers[0]!.die();
    await quiet();
    assert.equal(closed.state, "resolved");
    await stage.close();
  });

  it("is the end: nothing is opened any more", async () => {
    const stage = new Stage();
    await stage.sessions.close();
    await assert.rejects(stage.sessions.get(), AbortError);
    assert.equal(stage.servers.length, 0);
    await stage.close();
  });

  it("leaves no timer behind, whoever lets go of it later", async () => {
    const stage = new Stage();
    const { release } = await stage.use();
    const using = stage.sessions.with((session) => session.request("model/list", {}));
    const outcome = new Outcome(using);
    stage.servers[0]!.hold("model/list");
    await quiet();
    await stage.sessions.close();
    release();
    await quiet();
    assert.equal(outcome.state, "rejected");
    await stage.close();
  });

  it("does not reject when there is nothing, or nothing could be opened", async () => {
    const stage = new Stage();
    stage.failure = new SpawnError("no");
    const next = new Outcome(stage.sessions.get());
    await stage.sessions.close();
    assert.equal(next.state, "rejected");
    await stage.close();
  });
});

describe("ServerSessions in any interleaving", () => {
  it("never has two servers, gives nobody a dead one, and leaves nothing", async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom("use" as const, "impatient" as const) },
      { weight: 5, arbitrary: fc.constant("release" as const) },
      { weight: 3, arbitrary: fc.constantFrom("die", "end output", "greet", "abort" as const) },
      { weight: 4, arbitrary: fc.constantFrom(0, 1, 300, 5000, 10_000, 70_000) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.boolean(), async (steps, slow) => {
        const stage = new Stage();
        stage.prepare = (server) => {
          if (slow) server.hold("initialize");
          server.on("model/list", () => {});
        };
        const users: { release: () => void; abort: AbortController; got: Outcome }[] = [];
        const use = () => {
          const abort = new AbortController();
          const release = stage.sessions.acquire();
          const got = new Outcome(stage.sessions.get(abort.signal));
          users.push({ release, abort, got });
        };
        for (const step of steps) {
          if (typeof step === "number") await stage.clock.advance(step);
          else if (step === "use" || step === "impatient") {
            use();
            if (step === "use") await quiet();
          } else if (step === "release") users.shift()?.release();
          else if (step === "abort") users.at(-1)?.abort.abort("gone");
          else if (step === "die") stage.servers.at(-1)?.die();
          else if (step === "end output") stage.servers.at(-1)?.endOutput();
          else if (step === "greet" && stage.servers.at(-1)?.holds("initialize")) {
            stage.servers.at(-1)!.held("initialize").answer();
          }
          assert.ok(stage.running <= 1, "two servers run");
        }
        await stage.clock.advance(60_000);
        for (const { release } of users) release();
        await stage.clock.advance(120_000);
        assert.equal(stage.running, 0, "an idle server is left");
        for (const { got } of users) assert.notEqual(got.state, "pending");
        await stage.close();
      }),
      { numRuns: 150 },
    );
  });
});
