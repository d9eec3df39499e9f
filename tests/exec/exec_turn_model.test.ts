import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExitError } from "../../src/errors.ts";
import type { Signal } from "../../src/runtime/types.ts";
import { ExecStage } from "../support/exec_stage.ts";
import { settled } from "../support/virtual_clock.ts";

/** What can happen to a turn, in any order. */
const step = fc.oneof(
  { arbitrary: fc.constant("read" as const), weight: 4 },
  { arbitrary: fc.constant("print" as const), weight: 4 },
  fc.constantFrom(
    ...["print half", "begin", "complete", "fail", "noise", "stderr", "wrong event"] as const,
    ...["end stdout", "end stderr", "break stdout", "exit 0", "exit 1", "exit alone"] as const,
    ...["abort", "cancel", "close", "host signal", "host signal"] as const,
  ),
  fc.constantFrom(1, 49, 50, 100, 200, 400, 1000, 5000),
  // Without it, several steps fall together.
  { arbitrary: fc.constant("settle" as const), weight: 3 },
);

const scenario = fc.record({
  steps: fc.array(step, { maxLength: 24 }),
  /** The weakest signal that ends codex. */
  diesOf: fc.constantFrom<Signal | "nothing">("SIGINT", "SIGTERM", "SIGKILL", "nothing"),
  /** Whether its pipes stay open then. */
  isHeldOpen: fc.boolean(),
  leadsGroup: fc.boolean(),
  readsStdin: fc.boolean(),
}, { noNullPrototype: true });

const strength = ["SIGINT", "SIGTERM", "SIGKILL"];

/** Plays a scenario and knows what should come of it. */
class Play {
  readonly stage: ExecStage;
  /** The events that reached the pipe while someone could read it. */
  readonly arrived: unknown[] = [];
  /** Why the turn was ended, in order. */
  readonly reasons: unknown[] = [];
  isCancelled = false;
  isBroken = false;
  isConcluded = false;
  #rest = "";
  #count = 0;

  constructor({ diesOf, isHeldOpen, leadsGroup, readsStdin }: {
    diesOf: Signal | "nothing";
    isHeldOpen: boolean;
    leadsGroup: boolean;
    readsStdin: boolean;
  }) {
    this.stage = new ExecStage({ request: { turnOptions: { outputSchema: {} } } });
    const { runtime } = this.stage;
    Object.assign(runtime, { leadsGroup, readsStdin });
    runtime.onSpawned = (process) => {
      process.onSignal = (signal) => {
        if (diesOf === "nothing" || process.hasExited) return;
        if (strength.indexOf(signal) < strength.indexOf(diesOf)) return;
        isHeldOpen ? process.exit({ signal }) : process.exitAlone({ signal });
      };
    };
  }

  async play(step: string | number): Promise<void> {
    const { stage } = this;
    const { process } = stage.runtime;
    if (typeof step === "number") return await stage.clock.advance(step);
    switch (step) {
      case "settle":
        return await settled();
      case "read":
        return stage.read();
      case "abort":
        return this.#end(() => stage.abort.abort(new Error(`reason ${this.reasons.length}`)));
      case "close":
        return this.#end((reason) => void stage.turn.end(reason));
      case "host signal":
        if (stage.runtime.hostListeners === 0) return;
        return this.#end(() => stage.runtime.hostSignal("SIGTERM"), "host");
      case "cancel":
        if (this.isCancelled) return;
        this.isCancelled = true;
        return void stage.cancel().catch(() => {});
    }
    if (process === undefined) return;
    switch (step) {
      case "print":
        return this.#print({ type: "item.completed", item: this.#item() });
      case "print half":
        return this.#printHalf({ type: "item.completed", item: this.#item() });
      case "begin":
        return this.#print({ type: "turn.started" });
      case "complete":
        return this.#print({ type: "turn.completed" });
      case "fail":
        return this.#print({ type: "turn.failed", error: { message: "boom" } });
      case "noise":
        return this.#write("WARN\n", []);
      case "wrong event":
        if (process.out.isClosed) return;
        this.isBroken = true;
        return this.#write('{"type":"error"}\n', []);
      case "stderr":
        return process.err.write("said\n");
      case "end stdout":
        return process.out.end();
      case "end stderr":
        return process.err.end();
      case "break stdout":
        if (process.out.isClosed) return;
        this.isBroken = true;
        return process.out.fail(new Error("EIO"));
    }
    if (process.hasExited) return;
    if (step === "exit 0") process.exit({ code: 0 });
    if (step === "exit 1") process.exit({ code: 1 });
    if (step === "exit alone") process.exitAlone({ code: 0 });
  }

  #item() {
    return { id: `${this.#count++}`, type: "agent_message", text: "hello" };
  }

  #print(event: Record<string, unknown>): void {
    this.#write(JSON.stringify(event) + "\n", [event]);
  }

  /** The first half of a line, then what begins the next and the second half of the one before. */
  #printHalf(event: Record<string, unknown>): void {
    const line = JSON.stringify(event) + "\n";
    if (this.#rest !== "" || this.stage.process.out.isClosed) return;
    this.stage.process.out.write(line.slice(0, 20));
    this.#rest = line.slice(20);
    this.#pending = event;
  }
  #pending: unknown = null;

  #write(text: string, events: unknown[]): void {
    if (this.stage.process.out.isClosed) return;
    const before = this.#rest === "" ? [] : [this.#pending];
    this.stage.process.out.write(this.#rest + text);
    this.#rest = "";
    // What follows a line that ends the output is not read.
    if (!this.isBroken || events.length === 0) this.arrived.push(...before);
    if (!this.isBroken) this.arrived.push(...events);
  }

  #end(end: (reason: unknown) => void, what = "ours"): void {
    const reason = new Error(`reason ${this.reasons.length}`);
    if (!this.stage.isEnded) this.reasons.push(what === "host" ? "host" : reason);
    end(reason);
  }
}

describe("ExecTurn in any interleaving", () => {
  it("settles once, delivers what arrived and leaves nothing behind", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ steps, ...how }) => {
        const play = new Play(how);
        const { stage } = play;
        for (const step of steps) await play.play(step);

        // Whatever has happened, an abort must end it and reading must come to an end.
        if (!play.isCancelled) stage.read();
        await settled();
        await play.play("abort");
        for (let i = 0; i < 4; i++) {
          await stage.clock.advance(2000);
          if (!play.isCancelled) await stage.readOn();
        }
        assert.equal(stage.isEnded, true, "has not ended");

        // Only an immortal codex keeps a prompt that it does not read.
        const kept = stage.process?.hasExited === false ? ["1 open stdins"] : [];
        assert.deepEqual(stage.leftovers().filter((each) => !kept.includes(each)), []);
        if (!play.isCancelled) {
          assert.equal(stage.outcomes.length, 1, "outcomes");
          checkEvents(play);
          checkOutcome(play);
        }
        if (stage.process !== undefined) checkSignals(play, how.leadsGroup);
      }),
      { numRuns: 150 },
    );
  });
});

function checkEvents({ stage, arrived, isBroken }: Play): void {
  const seen = stage.events.filter((event) => event.type !== "error");
  // A pipe that breaks drops what was not read; nothing else may be lost.
  if (isBroken) assert.deepEqual(seen, arrived.slice(0, seen.length));
  else assert.deepEqual(seen, arrived);
}

function checkOutcome({ stage, reasons, isBroken }: Play): void {
  const { error } = stage.outcome!;
  const [reason] = reasons;
  if (isBroken) return;
  if (reason === "host") assert.equal((error as Error).name, "AbortError");
  else if (reason !== undefined) assert.match((error as Error).message, /^reason \d+$/);
  else if (error !== undefined) assert.ok(ExitError.is(error), `${error}`);
}

function checkSignals({ stage }: Play, leadsGroup: boolean): void {
  const { signals } = stage.process;
  if (!leadsGroup) assert.ok(signals.every((each) => !each.startsWith("-")));
  assert.ok(signals.filter((each) => each === "SIGINT").length <= 1, "interrupted twice");
  assert.ok(signals.filter((each) => /SIGTERM/.test(each)).length <= 1, "terminated twice");
  const firstKill = signals.findIndex((each) => /SIGKILL/.test(each));
  const rest = firstKill === -1 ? [] : signals.slice(firstKill);
  // A second host signal kills at once; the escalation under way may still come after it.
  const wasImpatient = stage.runtime.raised.length > 0;
  if (!wasImpatient) assert.ok(rest.every((each) => /SIGKILL/.test(each)), signals.join());
}
