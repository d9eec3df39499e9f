import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Connection, type ConnectionEnd } from "../../src/app_server/connection.ts";
import type { RequestId } from "../../src/app_server/message.ts";
import { type Deferred, deferred } from "../../src/deferred.ts";
import { RpcError } from "../../src/errors.ts";
import { Outcome } from "../support/outcome.ts";
import { RpcPeer } from "../support/rpc_peer.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";
import { WatchedAbort } from "../support/watched_signal.ts";

const maxInFlight = 2;
const defaultTimeoutMs = 60_000;
const drainMs = 1000;
const maxRetries = 8;

/** What can happen to a connection, in any order. Which of several it happens to, `pick` says. */
const step = fc.record({
  what: fc.oneof(
    { arbitrary: fc.constant("request" as const), weight: 8 },
    { arbitrary: fc.constant("answer" as const), weight: 5 },
    { arbitrary: fc.constantFrom("overloaded", "overloaded for long"), weight: 2 },
    fc.constantFrom(
      ...["refuse", "answer nonsense", "answer again", "answer nobody", "say nonsense"] as const,
      ...["abort", "abort", "notification", "notification", "notify"] as const,
      ...["ask us", "ask us", "ask us again", "handle", "handle", "handle badly"] as const,
      ...["hold", "release", "release"] as const,
    ),
    { arbitrary: fc.constantFrom(1, 25, 100, 1000), weight: 2 },
    fc.constant(60_000),
  ),
  pick: fc.nat(),
}, { noNullPrototype: true });

const scenario = fc.record({
  steps: fc.array(step, { maxLength: 40, size: "max" }),
  /** How it ends. */
  end: fc.constantFrom("close", "peer ends", "peer breaks off", "broken pipe"),
  /** What happens after that. */
  after: fc.array(step, { maxLength: 8, size: "max" }),
  /** Whether everything has its effect before the next thing happens. */
  isSlow: fc.boolean(),
}, { noNullPrototype: true });

/** A request of ours, as it should come out. */
class Call {
  readonly abort = new WatchedAbort();
  readonly outcome: Outcome;
  /** What could have settled it, the first one first. */
  readonly causes: string[] = [];
  refusals = 0;
  /** When it is to be sent again, after a refusal. */
  retryAt = 0;
  /** When its place is free, answered or not. */
  givenUpAt: number;
  isAborted = false;

  constructor(start: (call: Call) => Promise<unknown>, givenUpAt: number) {
    this.givenUpAt = givenUpAt;
    this.outcome = new Outcome(start(this));
  }

  /** What settled it. */
  get settledBy(): string | null {
    const { state, value, error } = this.outcome;
    if (state === "pending") return null;
    if (state === "resolved") return `result ${value}`;
    return RpcError.is(error) ? `error ${error.rpcMessage}` : (error as Error).name;
  }
}

/** Something the peer asked, and what was done about it. */
type Asked = { id: RequestId; handler: Deferred<unknown>; signal: AbortSignal; isHandled: boolean };

/** Plays a scenario and knows what should come of it. */
class Play {
  /** Whether everything has its effect before the next thing happens. */
  readonly isSlow: boolean;
  readonly clock = new VirtualClock();
  readonly peer = new RpcPeer();
  readonly connection: Connection;
  readonly calls: Call[] = [];
  readonly asked: Asked[] = [];
  readonly said: string[] = [];
  readonly heard: string[] = [];
  readonly ends: ConnectionEnd[] = [];
  /** The requests that the peer has and that may still be answered. */
  readonly #open: Map<number, Call> = new Map();
  readonly #answered: number[] = [];
  readonly #ids: Set<RequestId> = new Set();
  #seen = 0;
  #serial = 0;
  #isHeld = false;
  /** Whether nothing that is said is heard any more. */
  isOver = false;
  isBroken = false;
  #drainedAt = Infinity;

  constructor(isSlow: boolean) {
    this.isSlow = isSlow;
    this.connection = new Connection(this.peer.channel, {
      onNotification: (method) => this.heard.push(method),
      onRequest: (_method, _params, { id, signal }) => {
        const handler = deferred<unknown>();
        this.asked.push({ id, handler, signal, isHandled: false });
        return handler.promise;
      },
      maxInFlight,
      clock: this.clock,
      random: () => 0.5,
    });
    this.connection.closed.then((end) => this.ends.push(end));
  }

  async play({ what, pick }: { what: string | number; pick: number }): Promise<void> {
    const { peer } = this;
    if (typeof what === "number") return await this.advance(what);
    const serial = this.#serial++;
    switch (what) {
      case "request":
        return this.#request(pick);
      case "abort":
        return this.#abort(this.calls[pick % this.calls.length]);
      case "answer":
        return void this.#answer(pick, (id) => ({ id, result: serial }), `result ${serial}`);
      case "refuse": {
        const error = { code: -32600, message: `${serial}` };
        return void this.#answer(pick, (id) => ({ id, error }), `error ${serial}`);
      }
      case "answer nonsense":
        return void this.#answer(pick, (id) => ({ id, error: serial }), "ProtocolError");
      case "overloaded":
        return this.#overloaded(pick, serial);
      case "overloaded for long":
        for (let i = 0; i <= maxRetries; i++) {
          this.#overloaded(pick, serial);
          await this.advance(1000);
        }
        return;
      case "answer again":
        if (this.#answered.length === 0) return;
        return peer.send({ id: this.#answered[pick % this.#answered.length], result: "again" });
      case "answer nobody":
        return peer.send({ id: 1e6 + pick, result: "nobody" }, { id: `${pick % 4}`, result: "x" });
      case "say nonsense":
        return peer.send({ nonsense: true });
      case "notification":
        if (!this.isOver) this.said.push(`n${serial}`);
        return peer.send({ method: `n${serial}` });
      case "notify":
        return void this.connection.notify("n", serial);
      case "ask us":
        return peer.send({ id: `q${serial}`, method: "q" });
      case "ask us again": {
        const open = this.asked.filter((each) => !each.isHandled);
        if (open.length > 0) peer.send({ id: open[pick % open.length]!.id, method: "q" });
        return;
      }
      case "handle":
      case "handle badly": {
        const each = this.asked.filter((each) => !each.isHandled)[0];
        if (each === undefined) return;
        each.isHandled = true;
        return what === "handle"
          ? each.handler.resolve(pick % 3 === 0 ? undefined : serial)
          : each.handler.reject(new Error("mine"));
      }
      case "hold":
        this.#isHeld = true;
        return peer.hold();
      case "release":
        this.#isHeld = false;
        return peer.release();
    }
  }

  /** Lets what was begun have its effect. */
  async settle(): Promise<void> {
    await settled();
    this.look();
  }

  async advance(ms: number): Promise<void> {
    // Step by step, as retries make requests that end later.
    const end = this.clock.now() + ms;
    for (;;) {
      await this.settle();
      const next = Math.min(end, ...this.#deadlines());
      await this.clock.advance(next - this.clock.now());
      this.look();
      this.#timeOut();
      if (next === end) return await this.settle();
    }
  }

  /** Ends the connection. */
  async end(how: string): Promise<void> {
    // So that it is known what is lost.
    await this.settle();
    if (!this.#isHeld) checkAnswered(this);
    const { peer } = this;
    if (how === "broken pipe") {
      peer.breakWrites(new Error("EPIPE"));
      this.isBroken = true;
      this.#drainedAt = this.clock.now() + drainMs;
      const sent = new Set(this.#open.values());
      for (const call of this.calls) if (!sent.has(call)) call.causes.push("ConnectionError");
      return await this.settle();
    }
    if (how === "close") this.connection.close();
    else if (how === "peer ends") peer.end();
    else peer.fail(new Error("EIO"));
    this.#lose();
    await this.settle();
  }

  /** Sees what the peer has got, and checks that it is not too much. */
  look(): void {
    const { received } = this.peer;
    for (; this.#seen < received.length; this.#seen++) {
      const message = received[this.#seen]!;
      if (!("method" in message) || !("id" in message)) continue;
      const call = this.calls[message.params as number]!;
      assert.equal(this.#ids.has(message.id), false, "id used twice");
      this.#ids.add(message.id);
      if (this.isSlow) assert.deepEqual(call.causes, [], "sent in vain");
      this.#open.set(message.id as number, call);
    }
    const inFlight = this.#inFlight();
    assert.ok(inFlight.length <= maxInFlight, `${inFlight.length} in flight`);
  }

  /** Checks that none waits that could be sent. */
  checkProgress(): void {
    if (this.#isHeld || this.isBroken || this.isOver) return;
    const open = new Set(this.#open.values());
    const now = this.clock.now();
    const waiting = this.calls.filter((each) => {
      return each.causes.length === 0 && !open.has(each) && each.retryAt <= now;
    });
    if (waiting.length > 0) assert.equal(this.#inFlight().length, maxInFlight, "waits in vain");
  }

  #inFlight(): Call[] {
    return [...this.#open.values()].filter((each) => each.givenUpAt > this.clock.now());
  }

  #request(pick: number): void {
    const timeoutMs = [undefined, 50, 200, Infinity][pick % 4];
    const number = this.calls.length;
    const now = this.clock.now();
    const call = new Call(
      ({ abort: { signal } }) => this.connection.request("m", number, { signal, timeoutMs }),
      now + (timeoutMs ?? defaultTimeoutMs),
    );
    if (this.isOver || this.isBroken) call.causes.push("ConnectionError");
    this.calls.push(call);
  }

  #abort(call: Call | undefined): void {
    if (call === undefined || call.isAborted) return;
    call.isAborted = true;
    call.abort.abort();
    call.causes.push("AbortError");
    // Its place is kept for as long as it may be answered, at most for that long.
    if (call.givenUpAt === Infinity) call.givenUpAt = this.clock.now() + defaultTimeoutMs;
  }

  /** Answers one of the requests that the peer has. */
  #answer(pick: number, make: (id: number) => unknown, cause: string | null): Call | null {
    this.look();
    const ids = [...this.#open.keys()];
    if (ids.length === 0) return null;
    const id = ids[pick % ids.length]!;
    const call = this.#open.get(id)!;
    this.peer.send(make(id));
    this.#open.delete(id);
    this.#answered.push(id);
    // Later than that nobody waits for it.
    if (call.givenUpAt <= this.clock.now() || this.isOver) return null;
    if (cause !== null) call.causes.push(cause);
    return call;
  }

  #overloaded(pick: number, serial: number): void {
    const error = { code: -32001, message: `${serial}` };
    const call = this.#answer(pick, (id) => ({ id, error }), null);
    if (call === null) return;
    if (call.causes.length > 0) return;
    call.retryAt = this.clock.now() + Math.floor(Math.min(2000, 50 * 2 ** call.refusals) / 2);
    if (++call.refusals > maxRetries) call.causes.push(`error ${serial}`);
  }

  #deadlines(): number[] {
    const now = this.clock.now();
    return [...this.calls.map((each) => each.givenUpAt), this.#drainedAt].filter((at) => at > now);
  }

  #timeOut(): void {
    const now = this.clock.now();
    for (const call of this.calls) {
      if (call.givenUpAt <= now) call.causes.push("RequestTimeoutError");
    }
    if (this.#drainedAt <= now) this.#lose();
  }

  #lose(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const call of this.calls) call.causes.push("ConnectionError");
  }
}

describe("Connection in any interleaving", () => {
  it("settles each request once, as what came first says, and leaves nothing behind", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ steps, end, after, isSlow }) => {
        const play = new Play(isSlow);
        const playAll = async (all: typeof steps) => {
          for (const each of all) {
            await play.play(each);
            if (!isSlow) continue;
            await play.settle();
            play.checkProgress();
            checkSettled(play);
          }
        };
        await playAll(steps);
        await play.end(end);
        await playAll(after);

        await play.play({ what: "release", pick: 0 });
        if (end === "broken pipe") await play.advance(drainMs);
        await play.settle();
        assert.equal(play.ends.length, 1, "ends");
        assert.equal(
          play.ends[0]!.type,
          {
            "close": "closed",
            "peer ends": "ended",
            "peer breaks off": "broken",
            "broken pipe": "broken",
          }[end],
        );
        for (const call of play.calls) {
          const { settledBy, causes } = call;
          assert.ok(settledBy !== null, "not settled");
          assert.ok(causes.includes(settledBy), `${settledBy} without cause, but ${causes}`);
          assert.equal(call.abort.listeners, 0, "listeners");
        }
        if (isSlow) checkSettled(play);
        checkAnswers(play);
        assert.deepEqual(play.heard, play.said);
        assert.equal(play.clock.pending, 0, "timers");
        assert.equal(play.peer.isLocked, false, "locks");
      }),
      { numRuns: 150 },
    );
  });
});

/** Where each thing had its effect before the next, the first cause is the outcome. */
function checkSettled({ calls }: Play): void {
  for (const { settledBy, causes } of calls) assert.equal(settledBy, causes[0] ?? null);
}

function checkAnswers({ peer, asked }: Play): void {
  const answers = peer.received.filter((each) => !("method" in each)) as { id: string }[];
  const ids = answers.map((each) => each.id);
  assert.equal(new Set(ids).size, ids.length, "answered twice");
  assert.equal(new Set(asked.map((each) => each.id)).size, asked.length, "asked twice");
  for (const { id, isHandled, signal } of asked) {
    if (isHandled) continue;
    assert.ok(signal.aborted, "not told of the end");
    assert.equal(ids.includes(id as string), false, "answered by nobody");
  }
}

function checkAnswered({ peer, asked }: Play): void {
  const answered = new Set(peer.received.map((each) => "method" in each ? null : each.id));
  for (const { id, isHandled } of asked) {
    if (isHandled) assert.ok(answered.has(id), "not answered");
  }
}
