import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ThreadBusyError } from "../src/errors.ts";
import { type Place, TurnQueue } from "../src/turn_queue.ts";
import { settled, VirtualClock } from "./support/virtual_clock.ts";
import { WatchedAbort } from "./support/watched_signal.ts";

/** How long a turn waits behind one that is not read. */
const patienceMs = 5000;

/** One that asks for a place, and what became of it. */
class Asker {
  readonly abort = new WatchedAbort();
  place: Place | null = null;
  error: unknown = null;

  constructor(queue: TurnQueue) {
    queue.enter(this.abort.signal).then(
      (place) => this.place = place,
      (error) => this.error = error,
    );
  }

  get state(): string {
    if (this.place !== null) return "in";
    if (this.error === null) return "waiting";
    return ThreadBusyError.is(this.error) ? "busy" : "aborted";
  }
}

function setUp() {
  const clock = new VirtualClock();
  const queue = new TurnQueue(clock);
  const ask = () => new Asker(queue);
  return { clock, queue, ask };
}

describe("TurnQueue", () => {
  it("lets the first one in at once", async () => {
    const { ask } = setUp();
    const first = ask();
    await settled();
    assert.equal(first.state, "in");
  });

  it("lets the others in one at a time, in the order in which they asked", async () => {
    const { ask, clock } = setUp();
    const all = [ask(), ask(), ask()];
    const states = () => all.map((each) => each.state);
    await settled();
    assert.deepEqual(states(), ["in", "waiting", "waiting"]);
    all[0]!.place!.leave();
    await settled();
    assert.deepEqual(states(), ["in", "in", "waiting"]);
    all[1]!.place!.leave();
    await settled();
    assert.deepEqual(states(), ["in", "in", "in"]);
    all[2]!.place!.leave();
    const last = ask();
    await settled();
    assert.equal(last.state, "in");
    assert.equal(clock.pending, 0);
  });

  it("takes leaving twice for leaving once", async () => {
    const { ask } = setUp();
    const all = [ask(), ask(), ask()];
    await settled();
    all[0]!.place!.leave();
    all[0]!.place!.leave();
    await settled();
    assert.deepEqual(all.map((each) => each.state), ["in", "in", "waiting"]);
  });

  it("refuses at once to wait for one that nobody reads", async () => {
    const { ask, clock } = setUp();
    const first = ask();
    await settled();
    first.place!.setRead(false);
    const second = ask();
    await settled();
    assert.equal(second.state, "busy");
    assert.match(
      (second.error as Error).message,
      /^Cannot start a turn: .* nobody reads its events\. Read them to the end, or cancel them$/,
    );
    assert.equal(clock.pending, 0);
  });

  it("loses patience with one that is not read any more", async () => {
    const { ask, clock } = setUp();
    const [first, second, third] = [ask(), ask(), ask()];
    await settled();
    first.place!.setRead(false);
    await clock.advance(patienceMs - 1);
    assert.equal(second.state, "waiting");
    await clock.advance(1);
    assert.deepEqual([first.state, second.state, third.state], ["in", "busy", "busy"]);
    assert.equal(clock.pending, 0);
  });

  it("is patient anew whenever there is a read", async () => {
    const { ask, clock } = setUp();
    const [first, second] = [ask(), ask()];
    await settled();
    for (let i = 0; i < 5; i++) {
      first.place!.setRead(false);
      await clock.advance(patienceMs - 1);
      first.place!.setRead(true);
      await clock.advance(patienceMs * 2);
    }
    assert.equal(second.state, "waiting");
    first.place!.setRead(false);
    await clock.advance(patienceMs);
    assert.equal(second.state, "busy");
  });

  it("does not count time twice when told twice that nobody reads", async () => {
    const { ask, clock } = setUp();
    const [first, second] = [ask(), ask()];
    await settled();
    first.place!.setRead(false);
    await clock.advance(patienceMs - 1);
    first.place!.setRead(false);
    assert.equal(clock.pending, 1);
    await clock.advance(1);
    assert.equal(second.state, "busy");
  });

  it("rejects with the reason of a signal that is aborted before", async () => {
    const { queue, ask } = setUp();
    const reason = new Error("stop");
    await assert.rejects(queue.enter(AbortSignal.abort(reason)), reason);
    const next = ask();
    await settled();
    assert.equal(next.state, "in");
  });

  it("rejects with the reason of a signal that is aborted while waiting", async () => {
    const { ask, clock } = setUp();
    const [first, second, third] = [ask(), ask(), ask()];
    await settled();
    const reason = new Error("stop");
    second.abort.abort(reason);
    await settled();
    assert.equal(second.error, reason);
    assert.equal(third.state, "waiting");
    first.place!.leave();
    await settled();
    assert.equal(third.state, "in");
    assert.equal(clock.pending, 0);
  });

  it("has no more patience to keep when nobody waits any longer", async () => {
    const { ask, clock } = setUp();
    const [first, second] = [ask(), ask()];
    await settled();
    first.place!.setRead(false);
    assert.equal(clock.pending, 1);
    second.abort.abort();
    await settled();
    assert.equal(clock.pending, 0);
  });

  it("does not let one that left decide for the others", async () => {
    const { ask, clock } = setUp();
    const [first, second, third] = [ask(), ask(), ask()];
    await settled();
    first.place!.leave();
    await settled();
    first.place!.setRead(false);
    await clock.advance(patienceMs);
    assert.deepEqual([second.state, third.state], ["in", "waiting"]);
  });

  it("keeps its rules in any interleaving", async () => {
    const command = fc.oneof(
      { arbitrary: fc.constant({ type: "ask" as const }), weight: 3 },
      fc.constant({ type: "leave" as const }),
      fc.record({ type: fc.constant("read" as const), isRead: fc.boolean() }),
      fc.record({ type: fc.constant("abort" as const), which: fc.nat(9) }),
      fc.record({ type: fc.constant("advance" as const), ms: fc.constantFrom(1, 2000, 5000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
        const { ask, clock } = setUp();
        const askers: Asker[] = [];
        // The model: who is in, who waits, and since when nobody has read.
        const model = { states: [] as string[], current: -1, isRead: true, unreadFor: 0 };
        const waiting = () => model.states.flatMap((state, i) => state === "waiting" ? [i] : []);
        const enter = (i: number) => {
          model.states[i] = "in";
          Object.assign(model, { current: i, isRead: true, unreadFor: 0 });
        };
        for (const each of commands) {
          if (each.type === "ask") {
            askers.push(ask());
            model.states.push("waiting");
            const i = model.states.length - 1;
            if (model.current === -1) enter(i);
            else if (!model.isRead) model.states[i] = "busy";
          } else if (each.type === "leave" && model.current !== -1) {
            askers[model.current]!.place!.leave();
            model.current = -1;
            const next = waiting()[0];
            if (next !== undefined) enter(next);
          } else if (each.type === "read" && model.current !== -1) {
            askers[model.current]!.place!.setRead(each.isRead);
            model.isRead = each.isRead;
            if (each.isRead) model.unreadFor = 0;
          } else if (each.type === "abort" && each.which < askers.length) {
            askers[each.which]!.abort.abort(new Error("stop"));
            if (model.states[each.which] === "waiting") model.states[each.which] = "aborted";
          } else if (each.type === "advance") {
            await clock.advance(each.ms);
            if (!model.isRead && waiting().length > 0) {
              model.unreadFor += each.ms;
              if (model.unreadFor >= patienceMs) {
                for (const i of waiting()) model.states[i] = "busy";
              }
            }
          }
          if (waiting().length === 0) model.unreadFor = 0;
          await settled();
          assert.deepEqual(askers.map((asker) => asker.state), model.states);
          assert.equal(clock.pending, waiting().length > 0 && !model.isRead ? 1 : 0, "timers");
          for (const [i, asker] of askers.entries()) {
            assert.equal(asker.abort.listeners, model.states[i] === "waiting" ? 1 : 0, "listeners");
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
