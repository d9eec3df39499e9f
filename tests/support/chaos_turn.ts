import assert from "node:assert/strict";
import {
  AbortError,
  CodexError,
  ExitError,
  type Input,
  type StreamedTurn,
  type ThreadEvent,
  TimeoutError,
  type Turn,
} from "../../mod.ts";
import { ExecTransport } from "../../src/exec/transport.ts";
import { Thread } from "../../src/thread.ts";
import { expected } from "../../tools/fuzz/model.ts";
import { isSame } from "../../tools/fuzz/same.ts";
import type { ChaosProcess } from "./chaos_process.ts";
import { ChaosRuntime } from "./chaos_runtime.ts";
import { type CallerPlan, calmPlay, drawScenario, type Scenario } from "./chaos_scenario.ts";
import { ChaosScheduler, type Possibility } from "./chaos_scheduler.ts";
import { codexPath } from "./fake_runtime.ts";
import { Random } from "./random.ts";
import { settled, VirtualClock } from "./virtual_clock.ts";

/** How a turn ended for its caller. */
type Ending = { turn?: Turn; error?: unknown };

/** What was seen of a turn, for statistics. */
export type ChaosResult = { outcome: string; faults: string[] };

/** Plays the turn of a seed; throws, with what happened in it, when something is not as it must. */
export async function chaosTurn(seed: number): Promise<ChaosResult> {
  const random = new Random(seed);
  const turn = new ChaosTurn(drawScenario(random), random);
  try {
    return await turn.play();
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Seed ${seed}: ${said}\n${turn.story()}`, { cause });
  }
}

class ChaosTurn {
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #scheduler: ChaosScheduler;
  readonly #runtime: ChaosRuntime;
  readonly #clock: VirtualClock = new VirtualClock();
  readonly #transport: ExecTransport;
  readonly #thread: Thread;
  readonly #abort: AbortController = new AbortController();
  #signalListeners = 0;

  /** What the caller did so far. */
  readonly #did: Set<"abort" | "close" | "leave" | "host"> = new Set();
  #closing: Promise<void> | null = null;
  #goOn: (() => void) | null = null;
  #streamed: StreamedTurn | null = null;
  #overlapping: Promise<Ending> | null = null;
  /** What the caller read; `null` where it only sees the turn. */
  #events: ThreadEvent[] | null = null;

  constructor(scenario: Scenario, random: Random) {
    this.#scenario = scenario;
    this.#random = random;
    this.#scheduler = new ChaosScheduler(random);
    this.#runtime = new ChaosRuntime(random, scenario.play);
    const codexOptions = { ...scenario.caller.codexOptions, codexPath };
    const exec = new ExecTransport(codexOptions, {}, {
      clock: this.#clock,
      runtime: () => this.#runtime.loaded(),
    });
    this.#transport = exec;
    const lane = {
      name: exec.name,
      version: () => exec.version(),
      close: () => exec.close(),
      [Symbol.asyncDispose]: () => exec.close(),
      startTurn: (request: Parameters<ExecTransport["startTurn"]>[0]) => {
        this.#runtime.play = request.input === "calm" ? calmPlay() : scenario.play;
        return exec.startTurn(request);
      },
    };
    const context = { codexOptions, transport: () => Promise.resolve(lane) };
    this.#thread = new Thread(context, { type: "new" }, {}, this.#clock);
    this.#countListeners();
    this.#scheduler.add(() => this.#runtime.possibilities());
    this.#scheduler.add(() => this.#timePasses());
  }

  /** What was drawn, and what happened. */
  story(): string {
    const { caller, faults } = this.#scenario;
    const plan = Object.entries(caller)
      .filter(([, value]) => value !== null && value !== false && value !== "never")
      .map(([key, value]) =>
        `${key}: ${typeof value === "object" ? JSON.stringify(value) : value}`
      );
    const trace = this.#scheduler.trace.slice(-100).join(", ");
    return `Faults: ${faults.join(", ")}\nCaller: ${plan.join(", ")}\nTrace: ${trace}`;
  }

  async play(): Promise<ChaosResult> {
    const { caller, faults } = this.#scenario;
    const stop = { actions: this.#callerActions() };
    this.#scheduler.add(() => stop.actions());
    if (caller.abort === "before") this.#doAbort();

    const ending = await this.#until(this.#take(caller));
    // Whatever comes to pass now, nothing of the turn may be left.
    await settled();
    if (this.#overlapping === null) this.#assertNothingLeft();
    const outcome = this.#judge(ending);
    stop.actions = () => [];

    if (this.#overlapping !== null) this.#judgeNext(await this.#until(this.#overlapping));
    if (this.#closing !== null) await this.#until(this.#closing.then(() => ({})));
    this.#judgeNext(await this.#until(ended(this.#thread.run("calm"))));
    await settled();
    this.#assertNothingLeft();
    await this.#until(this.#transport.close().then(() => ({})));
    this.#assertNothingLeft();
    assert.ok(this.#runtime.raised.length <= 1, "the host's signal was raised more than once");
    return { outcome, faults };
  }

  /** Lets things happen until a promise has settled. */
  async #until<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    promise.then(() => isOver = true, () => isOver = true);
    await this.#scheduler.run(() => isOver, () => this.#rescue());
    return await promise;
  }

  /** A codex that hangs is ended by nobody but the caller. */
  #rescue(): boolean {
    if (this.#did.has("abort")) return false;
    this.#doAbort();
    return true;
  }

  async #take(caller: CallerPlan): Promise<Ending> {
    const options = { ...caller.turnOptions, signal: this.#abort.signal };
    const image = { type: "image", data: new Uint8Array([0x47, 0x49, 0x46, 0x38]) } as const;
    const input: Input = caller.hasImage ? [{ type: "text", text: "chaos" }, image] : "chaos";
    if (caller.taking === "run") return await ended(this.#thread.run(input, options));
    const streamed = this.#streamed = await this.#thread.runStreamed(input, options);
    if (caller.taking === "turn") return await ended(streamed.turn());
    this.#events = [];
    if (caller.taking === "reader") return await this.#read(caller, streamed);
    const reading = this.#iterate(caller, streamed);
    if (caller.taking === "next") {
      const failure = await reading;
      return await this.#agreed(streamed, failure);
    }
    const [failure, ending] = await Promise.all([reading, ended(streamed.turn())]);
    assert.equal(failure?.error, ending.error, "the events and the turn fail differently");
    return ending;
  }

  async #iterate({ leaveAfter, isSlow }: CallerPlan, { events }: StreamedTurn): Promise<Ending> {
    try {
      if (leaveAfter === 0) {
        this.#did.add("leave");
        await events.return();
        return {};
      }
      for await (const event of events) {
        this.#events!.push(event);
        if (isSlow) await this.#pause();
        if (this.#events!.length !== leaveAfter) continue;
        this.#did.add("leave");
        break;
      }
      return {};
    } catch (error) {
      return { error };
    }
  }

  async #read({ leaveAfter, isSlow }: CallerPlan, streamed: StreamedTurn): Promise<Ending> {
    const reader = streamed.events.getReader();
    try {
      for (;;) {
        if (this.#events!.length === leaveAfter) {
          this.#did.add("leave");
          await reader.cancel();
          break;
        }
        const { done, value } = await reader.read();
        if (done) break;
        this.#events!.push(value);
        if (isSlow) await this.#pause();
      }
      return await this.#agreed(streamed, {});
    } catch (error) {
      return await this.#agreed(streamed, { error });
    }
  }

  /** The turn, which fails as its events did. */
  async #agreed({ turn }: StreamedTurn, failure: Ending): Promise<Ending> {
    const ending = await ended(turn());
    assert.equal(ending.error, failure.error, "the events and the turn fail differently");
    return ending;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#goOn = resolve);
  }

  /** What the caller may do, each once. */
  #callerActions(): () => Possibility[] {
    const { abort, closes, cancels, hostSignal, overlaps } = this.#scenario.caller;
    let open: Possibility[] = [];
    const once = (actor: string, name: string, act: () => void) => {
      const possibility: Possibility = {
        actor,
        name,
        act: () => {
          open = open.filter((each) => each !== possibility);
          act();
        },
      };
      open.push(possibility);
    };
    if (abort === "sometime") once("caller", "aborts", () => this.#doAbort());
    if (closes) once("closer", "closes", () => this.#doClose());
    if (cancels) once("canceller", "cancels", () => this.#doCancel());
    if (hostSignal !== null) {
      once("host", hostSignal, () => {
        this.#did.add("host");
        this.#runtime.hostSignal(hostSignal);
      });
    }
    if (overlaps) {
      once("other caller", "runs", () => this.#overlapping = ended(this.#thread.run("calm")));
    }
    return () => {
      const goOn = this.#goOn;
      if (goOn === null) return open;
      const act = () => {
        this.#goOn = null;
        goOn();
      };
      return [...open, { actor: "reader", name: "goes on", act }];
    };
  }

  #doAbort(): void {
    this.#did.add("abort");
    this.#abort.abort(new Error("a reason"));
  }

  #doClose(): void {
    this.#did.add("close");
    this.#closing = this.#transport.close();
  }

  /** Cancels the events while somebody else reads them, where that is possible. */
  #doCancel(): void {
    if (this.#scenario.caller.taking === "reader" || this.#streamed === null) return;
    this.#did.add("leave");
    this.#streamed.events.cancel().catch(() => {});
  }

  /** Time passes as long as nothing is late that the system would not let wait for seconds. */
  #timePasses(): Possibility[] {
    if (this.#clock.pending === 0 || this.#isLate()) return [];
    const ms = this.#random.pick([1, 10, 100, 300, 1600, 6000]);
    const act = async () => {
      // In small steps: something may get ready as time passes.
      for (let left = ms; left > 0; left -= 200) {
        await settled();
        if (this.#isLate()) return;
        await this.#clock.advance(Math.min(left, 200));
      }
    };
    return [{ actor: "time", name: `${ms} ms`, act }];
  }

  #isLate(): boolean {
    return this.#runtime.started.some((process) => process.isLate);
  }

  #countListeners(): void {
    const { signal } = this.#abort;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      this.#signalListeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      this.#signalListeners--;
      remove(...args);
    };
  }

  #assertNothingLeft(): void {
    assert.equal(this.#clock.pending, 0, "timers are left");
    assert.equal(this.#runtime.hostListeners, 0, "listeners of the host are left");
    assert.equal(this.#signalListeners, 0, "listeners of the signal are left");
    assert.deepEqual([...this.#runtime.privateFiles.keys()], [], "private files are left");
    for (const process of this.#runtime.started) this.#assertGone(process);
  }

  #assertGone(process: ChaosProcess): void {
    const { manners, leadsGroup } = this.#scenario.play;
    assert.notEqual(process.out.ending, "none", "stdout is left open");
    assert.notEqual(process.err.ending, "none", "stderr is left open");
    if (manners.survivesKill) return;
    assert.ok(process.inputIsClosed || process.ended !== null, "stdin is left open");
    assert.notEqual(process.ended, null, "the process is left running");
    if (leadsGroup) assert.equal(process.children.group, 0, "a child is left in the group");
  }

  /** Whether the ending is one that what happened can explain; says which it was. */
  #judge({ turn, error }: Ending): string {
    const process = this.#runtime.started.at(0);
    const printed = expected(concat(process?.out.handedOut ?? []));
    const arrived = printed.events.map(({ value }) => value as ThreadEvent);
    const left = this.#did.has("leave");
    if (this.#events !== null) this.#judgeEvents(arrived, left);
    if (error !== undefined) assert.ok(CodexError.is(error), `not a CodexError: ${error}`);
    const result = CodexError.is(error) ? error.turn : turn;
    assert.ok(result !== undefined, "neither a turn nor an error");
    const items = completedItems(this.#events ?? arrived);
    // Cancelled from elsewhere, what was on its way may have been folded or not.
    if (!left) assert.ok(isSame(result.items, items), "the items are not those that arrived");
    const isWhole = printed.error === null && process?.out.ending !== "error";
    const wasGivenUp = this.#scenario.play.manners.survivesKill;
    if (!left && isWhole && process !== undefined && !wasGivenUp) {
      assert.ok(process.out.isEmpty, "what codex printed was not read to its end");
    }
    if (process !== undefined) assert.ok("chaos".startsWith(process.input), "the prompt is wrong");
    if (left && error === undefined) return "left";
    this.#explain(error, arrived, process, printed.error !== null);
    return CodexError.is(error) ? error.code : "completed";
  }

  #judgeEvents(arrived: ThreadEvent[], left: boolean): void {
    const read = this.#events!;
    const wanted = left ? arrived.slice(0, read.length) : arrived;
    assert.ok(
      isSame(read, wanted),
      `read ${JSON.stringify(read.map(({ type }) => type))} of what arrived, ${
        JSON.stringify(arrived.map(({ type }) => type))
      }`,
    );
  }

  #explain(
    error: unknown,
    arrived: ThreadEvent[],
    process: ChaosProcess | undefined,
    isMalformed: boolean,
  ): void {
    const { play, caller } = this.#scenario;
    const last = arrived.find(({ type }) => type === "turn.completed" || type === "turn.failed");
    // A codex that goes on with another turn has to end that one, too.
    const types = arrived.map(({ type }) => type);
    const isOpen = types.lastIndexOf("turn.started") >
      Math.max(types.lastIndexOf("turn.completed"), types.lastIndexOf("turn.failed"));
    const status = process?.ended;
    const isBroken = isMalformed || process?.out.ending === "error";
    if (error === undefined) {
      assert.equal(last?.type, "turn.completed", "a turn that did not complete succeeded");
      assert.ok(!isBroken, "a turn with broken output succeeded");
      assert.ok(
        status === undefined || status?.code === 0 || process!.signals.includes("SIGINT"),
        "a codex that failed made a turn that succeeded",
      );
      return;
    }
    const code = (error as CodexError).code;
    const explanations: Record<string, boolean> = {
      ABORT_ERR: this.#did.has("abort") || this.#did.has("close") || this.#did.has("host"),
      TIMEOUT: TimeoutError.is(error) && error.timeoutMs <= this.#clock.now() &&
        [caller.turnOptions.timeoutMs, caller.turnOptions.idleTimeoutMs].includes(error.timeoutMs),
      TURN_FAILED: last?.type === "turn.failed" && !isBroken,
      PROTOCOL: isBroken,
      ENOENT: (play.spawnError as { code?: string } | null)?.code === "ENOENT",
      SPAWN_FAILED: play.spawnError !== null || play.fileError !== null,
      UNSUPPORTED: this.#did.has("close") && process === undefined,
      EXITED: ExitError.is(error) && (last === undefined || isOpen || error.exitCode !== 0) &&
        // Of one that survives SIGKILL, that is said to have ended it.
        (play.manners.survivesKill ||
          isSame({ code: error.exitCode, signal: error.signal }, status)),
    };
    assert.ok(explanations[code], `nothing explains ${code}: ${(error as Error).message}`);
    if (this.#did.has("abort") && AbortError.is(error) && !this.#did.has("close")) {
      assert.ok(error.cause instanceof Error, "the reason of the abort is lost");
    }
  }

  /** A turn that comes after the one under test: it goes well, unless it was refused. */
  #judgeNext({ turn, error }: Ending): void {
    if (error === undefined) {
      assert.equal(turn!.finalResponse, "ok", "the next turn has another answer");
      return;
    }
    assert.ok(CodexError.is(error), `not a CodexError: ${error}`);
    const wasRefused =
      this.#did.has("close") && ["UNSUPPORTED", "ABORT_ERR"].includes(error.code) ||
      this.#did.has("host") && error.code === "ABORT_ERR" ||
      this.#overlapping !== null && error.code === "THREAD_BUSY" && this.#streamed !== null;
    assert.ok(wasRefused, `the next turn fails: ${error.message}`);
  }
}

async function ended(promise: Promise<Turn>): Promise<Ending> {
  try {
    return { turn: await promise };
  } catch (error) {
    return { error };
  }
}

function completedItems(events: readonly ThreadEvent[]): unknown[] {
  return events.flatMap((event) => event.type === "item.completed" ? [event.item] : []);
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}
