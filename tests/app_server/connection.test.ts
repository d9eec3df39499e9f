import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { Connection, type ConnectionOptions } from "../../src/app_server/connection.ts";
import type { Message } from "../../src/app_server/message.ts";
import { deferred } from "../../src/deferred.ts";
import type { Diagnostic } from "../../src/diagnostics.ts";
import {
  AbortError,
  ConnectionError,
  InvalidOptionsError,
  ProtocolError,
  RequestTimeoutError,
  RpcError,
} from "../../src/errors.ts";
import { redactor } from "../../src/redact.ts";
import type { RequestOptions } from "../../src/transport.ts";
import { waitUntilForgotten } from "../support/garbage.ts";
import { Outcome } from "../support/outcome.ts";
import { RpcPeer } from "../support/rpc_peer.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";
import { WatchedAbort } from "../support/watched_signal.ts";

const busy = { code: -32001, message: "Server overloaded; retry later." };

function setUp(options: Partial<ConnectionOptions> = {}) {
  const clock = new VirtualClock();
  const peer = new RpcPeer();
  const heard: [string, unknown][] = [];
  const diagnostics: Diagnostic[] = [];
  const connection = new Connection(peer.channel, {
    onNotification: (method, params) => heard.push([method, params]),
    onRequest: () => Promise.resolve(undefined),
    onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
    clock,
    random: () => 0.5,
    ...options,
  });
  const ask = (method = "m", options?: RequestOptions) =>
    new Outcome(connection.request(method, undefined, options));
  const methods = () => peer.requests.map((each) => each.method);
  return { clock, peer, heard, diagnostics, connection, ask, methods };
}

describe("Connection.request()", () => {
  it("sends numbered requests, {} for params that are left out", async () => {
    const { peer, connection } = setUp();
    connection.request("a");
    connection.request("b", undefined);
    connection.request("c", { x: [null] });
    connection.request("d", null);
    await settled();
    assert.deepEqual(peer.received, [
      { id: 0, method: "a", params: {} },
      { id: 1, method: "b", params: {} },
      { id: 2, method: "c", params: { x: [null] } },
      { id: 3, method: "d", params: null },
    ]);
  });

  it("takes the answers in any order", async () => {
    const { peer, ask } = setUp();
    const all = [ask(), ask(), ask()];
    await settled();
    peer.send({ id: 2, result: "c" }, { id: 0, result: null }, { id: 1, result: false });
    await settled();
    assert.deepEqual(all.map((each) => each.value), [null, false, "c"]);
  });

  it("tells ids of one type from those of the other", async () => {
    const { peer, ask, diagnostics } = setUp();
    const asked = ask();
    await settled();
    peer.send({ id: "0", result: 1 });
    await settled();
    assert.equal(asked.state, "pending");
    assert.match(diagnostics[0]!.message, /what nobody waits for \("0"\)/);
  });

  it("rejects with what the peer says, bounded and without secrets", async () => {
    const { peer, ask } = setUp({ redact: redactor(["hunter22"]) });
    const asked = ask("thread/resume");
    await settled();
    const message = `no such thread hunter22 ${"x".repeat(5000)}`;
    peer.send({ id: 0, error: { code: -32600, message, data: { secret: "hunter22" } } });
    await settled();
    const error = asked.error as RpcError;
    assert.ok(RpcError.is(error));
    assert.equal(error.rpcCode, -32600);
    assert.equal(error.method, "thread/resume");
    assert.deepEqual(error.data, { secret: "hunter22" });
    assert.match(error.message, /^Codex refused "thread\/resume": no such thread \[redacted\] x/);
    assert.ok(error.message.length < 2100);
    for (const shown of [inspect(error), JSON.stringify(error)]) {
      assert.doesNotMatch(shown, /hunter22/);
    }
  });

  it("is forgotten when it was answered", async () => {
    const { peer, ask } = setUp();
    let id = 0;
    await waitUntilForgotten(async () => {
      const result = { text: "x" };
      const asked = ask();
      await settled();
      peer.send({ id: id++, result });
      await settled();
      assert.equal(asked.value, result);
      return result;
    });
  });

  it("has at most 64 unanswered, the rest in order", async () => {
    const { peer, ask, methods } = setUp();
    const all = Array.from({ length: 70 }, (_, i) => `m${i}`);
    for (const method of all) ask(method);
    await settled();
    assert.deepEqual(methods(), all.slice(0, 64));
    peer.send({ id: 5, result: 0 }, { id: 63, error: { code: 1, message: "no" } });
    await settled();
    assert.deepEqual(methods(), all.slice(0, 66));
  });

  it("does not have answers and notifications wait behind requests that wait", async () => {
    const { peer, connection } = setUp({ maxInFlight: 1, onRequest: () => Promise.resolve("yes") });
    connection.request("a");
    connection.request("b");
    await settled();
    peer.send({ id: 9, method: "item/tool/call" });
    connection.notify("n");
    await settled();
    assert.deepEqual(peer.received.slice(1), [{ method: "n" }, { id: 9, result: "yes" }]);
  });

  it("keeps requests and notifications in order otherwise", async () => {
    const { peer, connection } = setUp();
    connection.request("a");
    connection.notify("b");
    connection.request("c");
    connection.notify("d");
    await settled();
    assert.deepEqual(peer.received.map((each) => (each as { method: string }).method), [
      ...["a", "b", "c", "d"],
    ]);
  });

  it("refuses params that are no JSON, and goes on", async () => {
    const { peer, connection, ask } = setUp();
    const circular: { self?: unknown } = {};
    circular.self = circular;
    for (const params of [circular, 1n, () => {}, Symbol()]) {
      await assert.rejects(connection.request("m", params), (error: InvalidOptionsError) => {
        return InvalidOptionsError.is(error) && error.path === "params";
      });
    }
    const asked = ask();
    await settled();
    assert.equal(peer.received.length, 1);
    peer.send({ id: 0, result: 1 });
    await settled();
    assert.equal(asked.value, 1);
  });

  it("rejects when the answer is none, and frees its place", async () => {
    const { peer, ask, diagnostics, methods } = setUp({ maxInFlight: 1 });
    const all = [ask("a"), ask("b")];
    await settled();
    peer.send({ id: 0, error: "no" });
    await settled();
    assert.ok(ProtocolError.is(all[0]!.error));
    assert.match(all[0]!.error.message, /answered "a" with what is no answer/);
    assert.match(diagnostics[0]!.message, /what is no message: {"id":0,"error":"no"}/);
    assert.deepEqual(methods(), ["a", "b"]);
  });
});

describe("Connection.request() given up", () => {
  it("rejects at once when it was aborted before", async () => {
    const { peer, ask, clock } = setUp();
    const asked = ask("m", { signal: AbortSignal.abort("why") });
    await settled();
    assert.ok(AbortError.is(asked.error));
    assert.equal(asked.error.cause, "why");
    assert.deepEqual(peer.received, []);
    assert.equal(clock.pending, 0);
  });

  it("is not sent any more when it waits", async () => {
    const { peer, ask, methods } = setUp({ maxInFlight: 1 });
    const abort = new WatchedAbort();
    const all = [ask("a"), ask("b", { signal: abort.signal }), ask("c")];
    await settled();
    abort.abort("why");
    await settled();
    assert.ok(AbortError.is(all[1]!.error));
    assert.equal(abort.listeners, 0);
    peer.send({ id: 0, result: 1 });
    await settled();
    assert.deepEqual(methods(), ["a", "c"]);
  });

  it("is not sent when it is aborted in the same breath", async () => {
    const { peer, ask, clock } = setUp();
    const abort = new AbortController();
    const asked = ask("m", { signal: abort.signal });
    abort.abort();
    await settled();
    assert.ok(AbortError.is(asked.error));
    assert.deepEqual(peer.received, []);
    assert.equal(clock.pending, 0);
  });

  it("keeps its place until the late answer, which is ignored", async () => {
    const { peer, ask, methods, diagnostics, clock } = setUp({ maxInFlight: 1 });
    const abort = new WatchedAbort();
    const all = [ask("a", { signal: abort.signal }), ask("b", { timeoutMs: Infinity })];
    await settled();
    abort.abort("why");
    await settled();
    assert.ok(AbortError.is(all[0]!.error));
    assert.equal(abort.listeners, 0);
    assert.deepEqual(methods(), ["a"]);
    peer.send({ id: 0, result: 1 });
    await settled();
    assert.deepEqual(methods(), ["a", "b"]);
    assert.deepEqual(diagnostics, []);
    assert.equal(clock.pending, 0);
  });

  it("does not keep its place for ever, whatever its timeout", async () => {
    for (const timeoutMs of [60_000, Infinity]) {
      const { ask, methods, clock } = setUp({ maxInFlight: 1 });
      const abort = new AbortController();
      ask("a", { signal: abort.signal, timeoutMs });
      ask("b", { timeoutMs: Infinity });
      await settled();
      abort.abort();
      await clock.advance(59_999);
      assert.deepEqual(methods(), ["a"]);
      await clock.advance(1);
      assert.deepEqual(methods(), ["a", "b"]);
      assert.equal(clock.pending, 0);
    }
  });

  it("rejects with the reason itself where that is an error of the SDK", async () => {
    const { ask } = setUp();
    const abort = new AbortController();
    const asked = ask("m", { signal: abort.signal });
    await settled();
    const reason = new AbortError("mine");
    abort.abort(reason);
    await settled();
    assert.equal(asked.error, reason);
  });

  it("lets go of the signal when it is answered", async () => {
    const { peer, ask, clock } = setUp();
    const abort = new WatchedAbort();
    ask("m", { signal: abort.signal });
    await settled();
    assert.equal(abort.listeners, 1);
    peer.send({ id: 0, result: 1 });
    await settled();
    assert.deepEqual([abort.listeners, clock.pending], [0, 0]);
  });
});

describe("Connection.request() timeouts", () => {
  it("gives up after 60 s by default, and frees its place", async () => {
    const { peer, ask, methods, clock, diagnostics } = setUp({ maxInFlight: 1 });
    const asked = ask("a");
    await clock.advance(1);
    const next = ask("b");
    await clock.advance(59_998);
    assert.equal(asked.state, "pending");
    await clock.advance(1);
    const error = asked.error as RequestTimeoutError;
    assert.ok(RequestTimeoutError.is(error));
    assert.deepEqual([error.method, error.timeoutMs], ["a", 60_000]);
    // The wait for its turn is no part of the answer, but of what the caller waits for.
    await clock.advance(1);
    assert.ok(RequestTimeoutError.is(next.error));
    assert.deepEqual(methods(), ["a", "b"]);
    peer.send({ id: 0, result: "late" });
    await settled();
    assert.match(diagnostics[0]!.message, /what nobody waits for \(0\)/);
    assert.equal(clock.pending, 0);
  });

  it("goes by the request's own limit where it has one", async () => {
    const { ask, clock } = setUp({ requestTimeoutMs: 100 });
    const all = [ask("a"), ask("b", { timeoutMs: 50 }), ask("c", { timeoutMs: 200 })];
    const states = () => all.map((each) => each.state);
    await clock.advance(50);
    assert.deepEqual(states(), ["pending", "rejected", "pending"]);
    await clock.advance(50);
    assert.deepEqual(states(), ["rejected", "rejected", "pending"]);
    await clock.advance(100);
    assert.deepEqual(states(), ["rejected", "rejected", "rejected"]);
  });

  it("sets no timer without a limit, and takes the longest that a runtime has", async () => {
    const { ask, clock } = setUp({ requestTimeoutMs: Infinity });
    ask("a");
    assert.equal(clock.pending, 0);
    const asked = ask("b", { timeoutMs: 2 ** 31 - 1 });
    await clock.advance(2 ** 31 - 2);
    assert.equal(asked.state, "pending");
    await clock.advance(1);
    assert.equal(asked.state, "rejected");
  });

  it("refuses a limit that is none", async () => {
    const { connection, peer } = setUp();
    const none = [-1, NaN, 2 ** 31, "5" as unknown as number, {} as unknown as number];
    for (const timeoutMs of none) {
      await assert.rejects(
        connection.request("m", {}, { timeoutMs }),
        (error: InvalidOptionsError) => InvalidOptionsError.is(error) && error.path === "timeoutMs",
      );
    }
    assert.deepEqual(peer.received, []);
  });

  it("does not send what has timed out while it waited", async () => {
    const { peer, ask, clock, methods } = setUp({ maxInFlight: 1 });
    ask("a");
    const asked = ask("b", { timeoutMs: 10 });
    await clock.advance(10);
    assert.ok(RequestTimeoutError.is(asked.error));
    peer.send({ id: 0, result: 1 });
    await settled();
    assert.deepEqual(methods(), ["a"]);
    assert.equal(clock.pending, 0);
  });
});

describe("Connection.request() to a peer that is overloaded", () => {
  it("asks again under a new id, after waits that grow and are random", async () => {
    const waits = [0.5, 0, 0.99];
    const { peer, ask, clock } = setUp({ random: () => waits.shift()! });
    const asked = ask("turn/start");
    await settled();
    for (const [id, waitMs] of [[0, 25], [1, 0], [2, 198]] as const) {
      peer.send({ id, error: busy });
      await settled();
      if (waitMs > 0) await clock.advance(waitMs - 1);
      assert.equal(peer.received.length, id + 1);
      await clock.advance(1);
      assert.deepEqual(peer.received[id + 1], { id: id + 1, method: "turn/start", params: {} });
    }
    peer.send({ id: 3, result: "done" });
    await settled();
    assert.equal(asked.value, "done");
    assert.equal(clock.pending, 0);
  });

  it("gives its place to others while it waits to ask again", async () => {
    const { peer, ask, methods } = setUp({ maxInFlight: 1 });
    ask("a");
    ask("b");
    await settled();
    peer.send({ id: 0, error: busy });
    await settled();
    assert.deepEqual(methods(), ["a", "b"]);
  });

  it("stops asking after eight more times", async () => {
    const { peer, ask, clock } = setUp();
    const asked = ask();
    for (let id = 0; id < 9; id++) {
      await settled();
      assert.equal(asked.state, "pending");
      peer.send({ id, error: busy });
      await clock.advance(2000);
    }
    assert.equal(peer.received.length, 9);
    assert.equal((asked.error as RpcError).rpcCode, -32001);
    assert.equal(clock.pending, 0);
  });

  it("does not ask again for what was given up", async () => {
    const { peer, ask, clock } = setUp();
    const abort = new AbortController();
    ask("m", { signal: abort.signal });
    await settled();
    abort.abort();
    peer.send({ id: 0, error: busy });
    await clock.advance(10_000);
    assert.equal(peer.received.length, 1);
    assert.equal(clock.pending, 0);
  });

  it("keeps to the timeout and the signal while it waits to ask again", async () => {
    for (const how of ["timeout", "abort"]) {
      const { peer, ask, clock } = setUp();
      const abort = new WatchedAbort();
      const asked = ask("m", { timeoutMs: 20, signal: abort.signal });
      await settled();
      peer.send({ id: 0, error: busy });
      await settled();
      if (how === "abort") abort.abort();
      await clock.advance(20);
      assert.equal(
        (asked.error as Error).name,
        {
          abort: "AbortError",
          timeout: "RequestTimeoutError",
        }[how],
      );
      await clock.advance(10_000);
      assert.equal(peer.received.length, 1);
      assert.deepEqual([abort.listeners, clock.pending], [0, 0]);
    }
  });

  it("is not fooled by a refusal that comes twice", async () => {
    const { peer, ask, clock, diagnostics } = setUp();
    const asked = ask();
    await settled();
    peer.send({ id: 0, error: busy }, { id: 0, error: busy });
    await clock.advance(50);
    peer.send({ id: 0, error: busy });
    await clock.advance(50);
    assert.equal(peer.received.length, 2);
    assert.equal(diagnostics.length, 2);
    peer.send({ id: 1, result: 1 });
    await settled();
    assert.equal(asked.value, 1);
  });
});

describe("Connection.notify()", () => {
  it("resolves when the message was handed over, without params where there are none", async () => {
    const { peer, connection } = setUp();
    peer.hold();
    const all = [connection.notify("initialized"), connection.notify("n", { a: 1 })]
      .map((each) => new Outcome(each));
    await settled();
    assert.deepEqual(all.map((each) => each.state), ["pending", "pending"]);
    peer.release();
    await settled();
    assert.deepEqual(all.map((each) => each.state), ["resolved", "resolved"]);
    assert.deepEqual(peer.received, [{ method: "initialized" }, { method: "n", params: { a: 1 } }]);
  });

  it("rejects what is no JSON, and when the connection has ended", async () => {
    const { connection } = setUp();
    await assert.rejects(connection.notify("n", 1n), InvalidOptionsError.is);
    connection.close();
    await assert.rejects(connection.notify("c"), ConnectionError.is);
  });

  it("rejects when the connection ends before it is its turn", async () => {
    for (const how of ["close", "end"]) {
      const { peer, connection } = setUp();
      peer.hold();
      connection.notify("a");
      const waiting = connection.notify("b");
      await settled();
      how === "close" ? connection.close() : peer.end();
      await assert.rejects(waiting, /^ConnectionError: Cannot tell "b": the connection to /);
      peer.release();
      await settled();
      assert.deepEqual(peer.received, [{ method: "a" }]);
    }
  });
});

describe("Connection notifications", () => {
  it("are told in order with the answers", async () => {
    const told: unknown[] = [];
    const { peer, connection } = setUp({ onNotification: (method) => told.push(method) });
    const asking = [0, 1].map(async (id) => {
      await connection.request("thread/start");
      told.push(`answer ${id}`);
    });
    await settled();
    peer.send({ method: "a" }, { id: 1, result: 1 }, { method: "b" }, { method: "c" });
    peer.send({ id: 0, result: 1 }, { method: "d" });
    await Promise.all(asking);
    await settled();
    assert.deepEqual(told, ["a", "answer 1", "b", "c", "answer 0", "d"]);
  });

  it("are told as they are", async () => {
    const { peer, heard } = setUp();
    peer.send({ method: "a", params: { x: 1 }, emittedAtMs: 5 }, { method: "b" });
    await settled();
    assert.deepEqual(heard, [["a", { x: 1 }], ["b", undefined]]);
  });

  it("are not stopped by a listener that throws, at once or later", async () => {
    const { peer, diagnostics, ask } = setUp({
      redact: redactor(["hunter22"]),
      onNotification(method): unknown {
        if (method === "later") return Promise.reject(new Error("hunter22"));
        if (method === "bare") throw Object.create(null);
        throw new Error("hunter22");
      },
    });
    const asked = ask();
    await settled();
    peer.send({ method: "now" }, { method: "later" }, { method: "bare" }, { id: 0, result: 1 });
    await settled();
    assert.equal(asked.value, 1);
    assert.deepEqual(diagnostics.map(({ kind, message }) => `${kind}: ${message}`).sort(), [
      'callback: Hearing "bare" threw: a value that cannot be shown',
      'callback: Hearing "later" threw: [redacted]',
      'callback: Hearing "now" threw: [redacted]',
    ]);
  });

  it("go on after what is no message, and after a listener of diagnostics that throws", async () => {
    const diagnostics: Diagnostic[] = [];
    const { peer, heard } = setUp({
      onDiagnostic(diagnostic) {
        diagnostics.push(diagnostic);
        throw new Error("mine");
      },
    });
    peer.send({}, [], null, { id: {}, method: "m" }, { text: "sk-12345678901234567890" });
    peer.send({ x: "y".repeat(9000) }, { method: "a" });
    await settled();
    assert.deepEqual(heard, [["a", undefined]]);
    assert.equal(diagnostics.length, 6);
    assert.equal(diagnostics[0]!.message, "The app-server sent what is no message: {}");
    assert.equal(diagnostics[4]!.message.includes("sk-"), false);
    assert.equal(diagnostics[5]!.message.length, 2000);
  });
});

describe("Connection requests of the peer", () => {
  it("are answered with the result", async () => {
    const asked: unknown[] = [];
    const { peer } = setUp({
      onRequest(method, params, { id, signal }) {
        asked.push([method, params, id, signal.aborted]);
        return Promise.resolve(null);
      },
    });
    peer.send({ id: "x", method: "item/tool/call", params: [1] });
    await settled();
    assert.deepEqual(asked, [["item/tool/call", [1], "x", false]]);
    assert.deepEqual(peer.received, [{ id: "x", result: null }]);
  });

  it("are answered also when nobody handles them", async () => {
    const { peer, diagnostics } = setUp();
    peer.send({ id: 0, method: "currentTime/read" });
    await settled();
    assert.deepEqual(peer.received, [
      { id: 0, error: { code: -32601, message: "Method not found: currentTime/read" } },
    ]);
    assert.match(diagnostics[0]!.message, /Nobody here answers "currentTime\/read"/);
  });

  it("are answered also when the handler throws, at once or later, or answers no JSON", async () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const cases: Record<string, () => Promise<unknown>> = {
      "now": () => {
        throw new Error("hunter22 is wrong");
      },
      "later": () => Promise.reject(new Error("x".repeat(9000))),
      "bare": () => Promise.reject(Object.create(null)),
      "circular": () => Promise.resolve(circular),
      "function": () => Promise.resolve(() => {}),
    };
    const { peer, diagnostics } = setUp({
      redact: redactor(["hunter22"]),
      onRequest: (method) => cases[method]!(),
    });
    for (const method of Object.keys(cases)) peer.send({ id: method, method });
    await settled();
    const answers = new Map(
      peer.received.map((each) => {
        const { id, error } = each as { id: string; error: { code: number; message: string } };
        assert.equal(error.code, -32603);
        return [id, error.message];
      }),
    );
    assert.equal(answers.size, 5);
    assert.equal(answers.get("now"), "[redacted] is wrong");
    assert.equal(answers.get("later")!.length, 500);
    assert.equal(answers.get("function"), "The value is no JSON");
    assert.equal(diagnostics.length, 5);
    assert.ok(diagnostics.every(({ kind }) => kind === "callback"));
  });

  it("are answered with the code and data of an RpcError", async () => {
    const data: unknown[] = [{ a: 1 }, undefined, 1n];
    const { peer } = setUp({
      onRequest: (method) =>
        Promise.reject(new RpcError(method, { code: -32000, message: "no", data: data.shift() })),
    });
    for (const id of [0, 1, 2]) peer.send({ id, method: "m" });
    await settled();
    assert.deepEqual(peer.received, [
      { id: 0, error: { code: -32000, message: "no", data: { a: 1 } } },
      { id: 1, error: { code: -32000, message: "no" } },
      { id: 2, error: { code: -32000, message: "no" } },
    ]);
  });

  it("are handled side by side, and hold nothing up", async () => {
    const handlers = [deferred<unknown>(), deferred<unknown>()];
    const { peer, heard, ask } = setUp({
      onRequest: (_method, params) => handlers[params as number]!.promise,
    });
    const asked = ask();
    await settled();
    peer.send({ id: 0, method: "m", params: 0 }, { id: 1, method: "m", params: 1 });
    peer.send({ method: "n" }, { id: 0, result: "mine" });
    await settled();
    assert.deepEqual(heard, [["n", undefined]]);
    assert.equal(asked.value, "mine");
    handlers[1]!.resolve("second");
    await settled();
    handlers[0]!.resolve("first");
    await settled();
    assert.deepEqual(peer.received.slice(1), [
      { id: 1, result: "second" },
      { id: 0, result: "first" },
    ]);
  });

  it("are answered once, however often they are repeated before", async () => {
    const handler = deferred<unknown>();
    let calls = 0;
    const { peer, diagnostics } = setUp({
      onRequest() {
        calls++;
        return handler.promise;
      },
    });
    peer.send({ id: 0, method: "m" }, { id: 0, method: "m" });
    await settled();
    assert.equal(calls, 1);
    assert.match(diagnostics[0]!.message, /asked "m" again that is not answered \(0\)/);
    handler.resolve("yes");
    await settled();
    peer.send({ id: 0, method: "m" });
    await settled();
    assert.deepEqual(peer.received, [{ id: 0, result: "yes" }, { id: 0, result: "yes" }]);
    assert.equal(calls, 2);
  });

  it("are aborted when the connection ends, and then not answered", async () => {
    for (const end of ["close", "end", "fail"] as const) {
      const signals: AbortSignal[] = [];
      const handlers = [deferred<unknown>(), deferred<unknown>()];
      const { peer, connection, diagnostics } = setUp({
        onRequest(_method, params, { signal }) {
          signals.push(signal);
          return handlers[params as number]!.promise;
        },
      });
      peer.send({ id: 0, method: "m", params: 0 }, { id: 1, method: "m", params: 1 });
      await settled();
      end === "close" ? connection.close() : end === "end" ? peer.end() : peer.fail(new Error("x"));
      await connection.closed;
      assert.ok(signals.every(({ aborted, reason }) => aborted && ConnectionError.is(reason)));
      handlers[0]!.resolve("late");
      handlers[1]!.reject(new Error("late"));
      await settled();
      assert.deepEqual(peer.received, []);
      assert.deepEqual(diagnostics, []);
    }
  });
});

describe("Connection end", () => {
  it("rejects all requests at once when we close it, and gives the streams back", async () => {
    const { peer, connection, clock, ask } = setUp({ maxInFlight: 1 });
    const abort = new WatchedAbort();
    const all = [ask("sent"), ask("waiting", { signal: abort.signal })];
    await settled();
    const reason = new Error("enough");
    connection.close(reason);
    connection.close("again");
    assert.deepEqual(await connection.closed, { type: "closed", error: reason });
    await settled();
    for (const { error } of all) {
      assert.ok(ConnectionError.is(error));
      assert.equal(error.cause, reason);
    }
    assert.equal(
      (all[0]!.error as Error).message,
      'No answer to "sent": the connection to the app-server was closed',
    );
    assert.deepEqual([clock.pending, abort.listeners, peer.isLocked], [0, 0, false]);
    assert.deepEqual([peer.cancelled, peer.writable], [{ reason }, "closed"]);
  });

  it("rejects requests made afterwards, and hears nothing more", async () => {
    const { peer, connection, heard, clock, ask } = setUp();
    await settled();
    peer.send({ method: "at the last moment" });
    connection.close();
    peer.send({ method: "late" });
    const asked = ask();
    await settled();
    assert.match(`${asked.error}`, /^ConnectionError: Cannot call "m": .* was closed$/);
    assert.deepEqual([heard, peer.received, clock.pending], [[], [], 0]);
  });

  it("can be brought about from within a listener", async () => {
    const heard: string[] = [];
    const { peer, connection } = setUp({
      onNotification(method) {
        heard.push(method);
        connection.close();
      },
    });
    peer.send({ method: "a" }, { method: "b" });
    assert.deepEqual(await connection.closed, { type: "closed" });
    await settled();
    assert.deepEqual(heard, ["a"]);
    assert.equal(peer.isLocked, false);
  });

  it("comes after all that the peer said before it ended", async () => {
    const { peer, connection, heard, clock, ask } = setUp();
    const all = [ask("answered"), ask("unanswered")];
    await settled();
    peer.send({ method: "a" }, { id: 0, result: 1 });
    peer.end();
    assert.deepEqual(await connection.closed, { type: "ended" });
    await settled();
    assert.deepEqual(heard, [["a", undefined]]);
    assert.equal(all[0]!.value, 1);
    assert.match(`${all[1]!.error}`, /No answer to "unanswered": .* was lost$/);
    assert.equal((all[1]!.error as ConnectionError).reason, "lost");
    assert.deepEqual([clock.pending, peer.isLocked, peer.writable], [0, false, "aborted"]);
  });

  it("tells what broke the reading", async () => {
    const { peer, connection, clock, ask } = setUp();
    const asked = ask();
    await settled();
    const error = new Error("EIO");
    peer.fail(error);
    assert.deepEqual(await connection.closed, { type: "broken", error });
    await settled();
    assert.equal((asked.error as Error).cause, error);
    assert.deepEqual([clock.pending, peer.isLocked, peer.writable], [0, false, "aborted"]);
  });

  it("comes after what has arrived when the pipe breaks, but does not wait for long", async () => {
    for (const ending of ["end", "fail", "silence"] as const) {
      const { peer, connection, heard, clock, ask } = setUp({ maxInFlight: 2 });
      const all = [ask("answered"), ask("unanswered"), ask("waiting")];
      await settled();
      const error = new Error("EPIPE");
      peer.hold();
      const told = new Outcome(connection.notify("n"));
      await settled();
      peer.breakWrites(error);
      await settled();
      // What was not sent has no hope.
      assert.ok(ConnectionError.is(all[2]!.error) && all[2]!.error.cause === error);
      assert.ok(ConnectionError.is(told.error));
      await assert.rejects(connection.request("too late"), ConnectionError.is);
      peer.send({ method: "a" }, { id: 0, result: 1 });
      await settled();
      assert.equal(all[0]!.value, 1);
      assert.deepEqual(heard, [["a", undefined]]);
      assert.equal(all[1]!.state, "pending");
      if (ending === "end") peer.end();
      else if (ending === "fail") peer.fail(new Error("another"));
      else await clock.advance(1000);
      assert.deepEqual(await connection.closed, { type: "broken", error });
      await settled();
      assert.equal((all[1]!.error as Error).cause, error);
      assert.deepEqual([clock.pending, peer.isLocked], [0, false]);
    }
  });

  it("comes also when the pipe breaks while nothing is written", async () => {
    const { peer, connection, clock } = setUp();
    const error = new Error("EPIPE");
    peer.breakWrites(error);
    await clock.advance(1000);
    assert.deepEqual(await connection.closed, { type: "broken", error });
    assert.equal(peer.isLocked, false);
  });

  it("comes at once when we close it after the pipe broke", async () => {
    const { peer, connection, clock, ask } = setUp();
    const asked = ask();
    await settled();
    peer.breakWrites(new Error("EPIPE"));
    await settled();
    connection.close();
    assert.deepEqual(await connection.closed, { type: "closed" });
    await settled();
    assert.ok(ConnectionError.is(asked.error));
    assert.deepEqual([clock.pending, peer.isLocked], [0, false]);
  });

  it("does not wait for a peer that takes nothing", async () => {
    const { peer, connection, ask } = setUp();
    peer.hold();
    const asked = ask();
    await settled();
    connection.close();
    await connection.closed;
    await settled();
    assert.ok(ConnectionError.is(asked.error));
    assert.equal(peer.isLocked, false);
    peer.release();
    await settled();
    assert.equal(peer.writable, "closed");
  });
});

describe("Connection with a peer that takes its time", () => {
  it("reads on, and hands over one message at a time", async () => {
    const { peer, heard, ask } = setUp({ onRequest: () => Promise.resolve("yes") });
    peer.hold();
    const all = [ask("a"), ask("b")];
    await settled();
    peer.send({ method: "n" }, { id: 7, method: "q" }, { id: 0, result: "done" });
    await settled();
    assert.equal(peer.received.length, 1);
    assert.deepEqual(heard, [["n", undefined]]);
    assert.equal(all[0]!.value, "done");
    peer.release();
    await settled();
    assert.deepEqual(peer.received.slice(1), [
      { id: 1, method: "b", params: {} },
      { id: 7, result: "yes" },
    ]);
  });

  it("does not send what was given up while the peer took nothing", async () => {
    const { peer, ask, methods } = setUp();
    peer.hold();
    const abort = new AbortController();
    ask("a");
    ask("b", { signal: abort.signal });
    ask("c");
    await settled();
    abort.abort();
    peer.release();
    await settled();
    assert.deepEqual(methods(), ["a", "c"]);
  });
});

describe("Connection between two of its kind", () => {
  it("carries thousands of requests both ways", async () => {
    const there = new TransformStream<Message, Message>();
    const back = new TransformStream<Message, Message>();
    const options = {
      onNotification: () => {},
      onRequest: (_method: string, params: unknown) => Promise.resolve({ params }),
      clock: new VirtualClock(),
      random: Math.random,
    };
    const a = new Connection({ readable: back.readable, writable: there.writable }, options);
    const b = new Connection({ readable: there.readable, writable: back.writable }, options);
    const numbers = Array.from({ length: 2000 }, (_, i) => i);
    const answers = await Promise.all(
      numbers.map((i) => (i % 2 === 0 ? a : b).request("echo", i)),
    );
    assert.deepEqual(answers, numbers.map((params) => ({ params })));
    a.close();
    assert.notEqual((await b.closed).type, "closed");
    assert.equal(options.clock.pending, 0);
  });
});
