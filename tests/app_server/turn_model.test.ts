import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AbortError,
  CodexError,
  ConnectionError,
  ExitError,
  NoActiveTurnError,
  ProtocolError,
  ServerLostError,
} from "../../src/errors.ts";
import type { LiveEvent } from "../../src/live_events.ts";
import {
  type Asked,
  type MemoryServer,
  MemoryStage,
  quiet,
  ServerTurn,
  type StagedTurn,
  thread1,
} from "../support/memory_server.ts";
import { Outcome } from "../support/outcome.ts";

/** What can happen to a turn, in any order. */
const step = fc.oneof(
  { weight: 10, arbitrary: fc.constant("read" as const) },
  { weight: 10, arbitrary: fc.constant("answer" as const) },
  { weight: 10, arbitrary: fc.constantFrom("message" as const, "delta" as const) },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      ...["start", "usage", "of another turn", "of a sub-agent", "rate limits", "steer"] as const,
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...["wrong", "complete", "fail", "interrupted", "die", "end output", "break input"] as const,
      ...["abort", "cancel", "end"] as const,
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom(1, 900, 5000, 10_000, 60_000) },
  // Without it, several steps fall together.
  { weight: 8, arbitrary: fc.constant("settle" as const) },
);

/** What brings a turn on its way, so that not all of them end before. */
const beginning = [
  ...["read", "settle", "answer", "settle", "answer", "settle", "answer", "settle"],
  ...["start", "settle"],
];

const methods = [
  ...["initialize", "thread/start", "turn/start", "turn/steer", "turn/interrupt"],
  "thread/backgroundTerminals/clean",
];

const scenario = fc.record({
  /** How much of the beginning goes well. */
  head: fc.constantFrom(0, 2, 4, 8, 10, 10, 10),
  steps: fc.array(step, { maxLength: 30, size: "max" }),
  /** The methods that are answered when it is their turn; the others are at once. */
  held: fc.subarray(methods),
  liveEvents: fc.boolean(),
  /** Whether the server ends when it is closed. */
  obeys: fc.boolean(),
}, { noNullPrototype: true });

/** Plays a scenario and knows what should come of it. */
class Play {
  readonly stage: MemoryStage;
  readonly turn: StagedTurn;
  readonly held: string[];
  readonly liveEvents: boolean;
  /** What was told of the turn, in short, while it could be heard. */
  readonly told: string[] = [];
  /** How much of it has surely been heard before the turn was to end. */
  sure = 0;
  readonly steers: Outcome[] = [];
  /** Why the turn may have ended. */
  readonly reasons = new Set<string>();
  readonly abortReason = new AbortError(new Error("abort"));
  readonly endReason = new AbortError(new Error("end"));
  /** The reason that must be the turn's error: it came first, and alone. */
  certain: unknown = undefined;
  isCancelled = false;
  #isBegun = false;
  #isStarted = false;
  #isConcluded = false;
  #hasAnswered = false;
  #count = 0;

  constructor({ held, liveEvents, obeys }: {
    held: string[];
    liveEvents: boolean;
    obeys: boolean;
  }) {
    this.held = held;
    this.liveEvents = liveEvents;
    this.stage = new MemoryStage({
      server: { idleTimeoutMs: Infinity },
      onServer: (server, index) => {
        // Lost before it was used, it is replaced.
        if (index > 0) return;
        server.obeys = obeys;
        for (const method of methods) this.#prepare(server, method);
      },
    });
    this.turn = this.stage.turn({ turnOptions: { liveEvents } });
  }

  get server(): MemoryServer | undefined {
    return this.stage.servers[0];
  }

  async play(step: string | number): Promise<void> {
    if (typeof step === "number") {
      if (this.held.length > 0) this.reasons.add("time");
      await this.stage.clock.advance(step);
      return this.#settled();
    }
    switch (step) {
      case "settle":
        await quiet();
        return this.#settled();
      case "read":
        this.#isBegun = true;
        return void this.turn.read();
      case "abort":
        return this.#end("abort", this.abortReason, () => this.turn.abort.abort(this.abortReason));
      case "end":
        return this.#end("end", this.endReason, () => void this.turn.turn.end(this.endReason));
      case "steer":
        return void this.steers.push(this.turn.steer());
      case "cancel":
        this.isCancelled = true;
        return void this.turn.cancel().catch(() => {});
    }
    if (this.server === undefined || this.server.isOver) return;
    switch (step) {
      case "die":
        this.reasons.add("lost");
        return this.server.die({ exitCode: 9 });
      case "end output":
        this.reasons.add("lost");
        this.#isConcluded = true;
        return this.server.endOutput();
      case "break input":
        this.reasons.add("lost");
        return this.server.breakInput();
      case "answer":
        return this.#answerOldest();
    }
    if (this.#hasAnswered) this.#tell(step);
  }

  #prepare(server: MemoryServer, method: string): void {
    if (this.held.includes(method)) server.hold(method);
    else server.on(method, (asked) => this.#answer(asked));
  }

  #answerOldest(): void {
    const method = this.held.find((each) => this.server!.holds(each));
    if (method !== undefined) this.#answer(this.server!.held(method));
  }

  #answer(asked: Asked): void {
    switch (asked.method) {
      case "turn/start":
        asked.answer();
        this.#hasAnswered = true;
        return;
      case "turn/interrupt":
        if (!this.#isStarted || this.#isConcluded) return asked.refuse("no active turn");
        asked.answer();
        return this.#tell("interrupted");
      case "turn/steer":
        return this.#isConcluded ? asked.refuse("no active turn to steer") : asked.answer();
      default:
        asked.answer();
    }
  }

  #tell(what: string): void {
    const server = new ServerTurn(this.server!);
    const name = `${this.#count++}`;
    const other = new ServerTurn(this.server!, thread1, "another");
    switch (what) {
      case "of another turn":
        return void other.message("not ours").end("failed");
      case "rate limits":
        return this.server!.notify("account/rateLimits/updated", { rateLimits: {} });
    }
    if (this.#isConcluded) return;
    if (what !== "start" && !this.#isStarted) return;
    switch (what) {
      case "start":
        if (this.#isStarted) return;
        this.#isStarted = true;
        server.start();
        return this.#note("start");
      case "message":
        server.message("hello", name);
        return this.#note(`message ${name}`);
      case "delta":
        server.delta(`${name};`);
        return this.#note(`delta ${name}`, true);
      case "usage":
        server.usage(this.#count);
        return this.#note("usage", true);
      case "of a sub-agent":
        server.item({ type: "subAgentActivity", id: name, agentThreadId: "child" });
        new ServerTurn(this.server!, "child", "turn_of_child").message("hello", name);
        return this.#note(`sub-agent ${name}`, true);
      case "wrong":
        this.reasons.add("wrong");
        return void server.tell("item/completed", { item: { type: "agentMessage", id: 5 } });
      case "complete":
        server.end();
        return this.#conclude("complete");
      case "fail":
        server.end("failed");
        return this.#conclude("fail");
      case "interrupted":
        this.#isConcluded = true;
        this.reasons.add("interrupted");
        server.end("interrupted");
    }
  }

  #conclude(what: string): void {
    this.#isConcluded = true;
    this.#note(what);
  }

  #note(what: string, isLive = false): void {
    if (!isLive || this.liveEvents) this.told.push(what);
  }

  #end(name: string, reason: unknown, end: () => void): void {
    const isFirst = this.reasons.size === 0 && !this.#isConcluded && !this.isCancelled;
    // Before the first read nothing looks at the signal.
    const isHeard = this.#isBegun || name !== "abort";
    if (isFirst && isHeard && !this.turn.isEnded) this.certain = reason;
    this.reasons.add(name);
    end();
  }

  /** Whatever was told by now has been heard, unless the turn was to end. */
  #settled(): void {
    if (this.reasons.size === 0 && !this.isCancelled) this.sure = this.told.length;
  }
}

/** What was read, in the words of {@linkcode Play.told}. */
function seen(events: readonly LiveEvent[]): string[] {
  return events.flatMap((event): string[] => {
    switch (event.type) {
      case "thread.started":
      case "notification":
      case "account.rate_limits.updated":
        return [];
      case "turn.started":
        return ["start"];
      case "turn.completed":
        return ["complete"];
      case "turn.failed":
        return ["fail"];
      case "item.completed":
        return [`message ${event.item.id}`];
      case "thread.token_usage.updated":
        return ["usage"];
      case "item.agent_message.delta":
        return event.delta.split(";").slice(0, -1).map((name) => `delta ${name}`);
      case "subagent":
        return event.event.type === "item.completed" ? [`sub-agent ${event.event.item.id}`] : [];
      default:
        return [event.type];
    }
  });
}

describe("AppServerTurn in any interleaving", () => {
  it("settles once, delivers what arrived and leaves nothing behind", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ head, steps, ...how }) => {
        const play = new Play(how);
        const { stage, turn } = play;
        for (const step of [...beginning.slice(0, head), ...steps]) await play.play(step);

        // Whatever has happened, an abort must end it and reading must come to an end.
        if (!play.isCancelled) turn.read();
        await quiet();
        await play.play("abort");
        await quiet();
        // A server that answers late, or is started again, has timers of its own.
        if (turn.isEnded && how.held.length === 0 && !play.reasons.has("lost")) {
          assert.equal(stage.clock.pending, 0, "the turn leaves timers");
        }
        if (!play.isCancelled) turn.readOn();
        if (play.server?.obeys === false) play.server.die({ exitCode: 9 });
        await stage.clock.advance(20_000);
        await quiet();
        assert.equal(turn.isEnded, true, "has not ended");
        assert.equal(turn.abort.listeners, 0, "something listens to the signal");
        for (const { state } of play.steers) assert.notEqual(state, "pending", "a steer waits");
        if (!play.isCancelled) {
          assert.equal(turn.outcomes.length, 1, "outcomes");
          checkEvents(play);
          checkOutcome(play);
        }
        checkSteers(play);
        await checkRelease(play);
        const closed = new Outcome(stage.transport.close());
        await quiet();
        assert.equal(closed.state, "resolved", "close() waits");
        assert.equal(stage.clock.pending, 0, "timers are left");
        assert.deepEqual(stage.servers.filter((server) => !server.isOver), []);
      }),
      { numRuns: 100 },
    );
  });
});

function checkEvents({ turn, told, sure }: Play): void {
  const events = seen(turn.events);
  assert.deepEqual(events, told.slice(0, events.length), "not what was told");
  assert.ok(events.length >= sure, `${events} of ${told}, but ${sure} had arrived`);
  const [first] = turn.events;
  if (first !== undefined) assert.equal(first.type, "thread.started");
}

function checkOutcome({ turn, told, reasons, certain, abortReason, endReason }: Play): void {
  const { error } = turn.outcome!;
  const events = seen(turn.events);
  const isConcluded = events.includes("complete") || events.includes("fail");
  if (error === undefined) return assert.ok(isConcluded, "it did not end, and there is no error");
  assert.ok(CodexError.is(error), `${error}`);
  if (certain !== undefined) assert.equal(error, certain);
  if (error === abortReason || error === endReason) return;
  if (ProtocolError.is(error)) assert.ok(reasons.has("wrong"), `${error}`);
  else if (ServerLostError.is(error)) assert.ok(reasons.has("lost"), `${error}`);
  else if (ConnectionError.is(error) || ExitError.is(error)) {
    assert.ok(reasons.has("lost") && told.length === 0, `${error}`);
  } else if (AbortError.is(error)) assert.ok(reasons.has("interrupted"), `${error}`);
  else assert.ok(reasons.has("time"), `${error}`);
}

function checkSteers({ steers, turn }: Play): void {
  for (const { state, error } of steers) {
    if (state === "resolved") continue;
    assert.ok(
      NoActiveTurnError.is(error) || ConnectionError.is(error) || turn.events.length > 0,
      `${error}`,
    );
  }
}

/** The next turn of the thread can be run, on the same server if that still lives. */
async function checkRelease({ stage, held, server, turn }: Play): Promise<void> {
  if (turn.turn.threadId === null) return;
  stage.onServer = () => {};
  for (const method of held) {
    while (server!.holds(method)) server!.held(method).answer();
    server!.on(method, (asked) => asked.answer());
  }
  const next = stage.turn({ thread: { type: "resume", id: thread1 } });
  next.readOn();
  await stage.clock.advance(10_000);
  const id = `turn_${stage.server.asked("turn/start").length}`;
  new ServerTurn(stage.server, thread1, id).start().message("Next", "next").end();
  await quiet();
  assert.deepEqual(next.outcome, {}, `${next.error}`);
  assert.deepEqual(seen(next.events), ["start", "message next", "complete"]);
}
