import assert from "node:assert/strict";
import { basename } from "node:path";
import process from "node:process";
import { describe } from "node:test";
import {
  AbortError,
  Codex,
  type CodexOptions,
  exec,
  type SandboxMode,
  Thread,
  type ThreadEvent,
  TimeoutError,
} from "../../mod.ts";
import type { EventStream } from "../../src/streams/event_stream.ts";
import { hold, message, repeat, type Script, shell, turn } from "../../src/testing/mod.ts";
import { childrenOf, commandLine, isAlive, processesWith, until } from "../support/processes.ts";
import { onThisRuntime, Program } from "../support/programs.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { collect, type Stage, Workbench } from "../support/workbench.ts";

const never = new Promise<void>(() => {});

/** The agent runs a command; the model is asked again only if codex stops waiting for it. */
function running(command: string): Script {
  return [shell(command), repeat(turn(hold(never), message("Never")))];
}

/** A turn, and all there is to end it with. */
type EndableTurn = {
  events: EventStream<ThreadEvent>;
  codex: Codex;
  /** Times the turn, which may take 1000 ms. */
  clock: VirtualClock;
  controller: AbortController;
  /** The process ids of the codexes so far. */
  pids: number[];
};

async function startTurn(
  { settings, directory }: Stage,
  sandboxMode: SandboxMode = "danger-full-access",
): Promise<EndableTurn> {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const pids: number[] = [];
  const codexOptions: CodexOptions = { ...settings, onSpawn: ({ pid }) => pids.push(pid) };
  const lane = Promise.resolve(exec()(codexOptions));
  const codex = new Codex({ ...codexOptions, transport: () => lane });
  const thread = new Thread(
    { codexOptions, transport: () => lane },
    { type: "new" },
    { workingDirectory: directory, sandboxMode },
    clock,
  );
  const { events } = await thread.runStreamed("Hello", {
    signal: controller.signal,
    timeoutMs: 1000,
  });
  return { events, codex, clock, controller, pids };
}

async function readUntil(events: EventStream<ThreadEvent>, type: string): Promise<void> {
  for (;;) {
    const { done, value } = await events.next();
    assert.ok(!done);
    if (value.type === type) return;
  }
}

/** Waits until a command sleeps, and returns the process ids of codex and all below it. */
async function untilSleeps(codex: number): Promise<number[]> {
  let below: number[] = [];
  await until(() => {
    below = descendantsOf(codex);
    return below.some((pid) => basename(commandLine(pid)[0] ?? "") === "sleep");
  });
  return [codex, ...below];
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Checks that codex is gone, all that was below it, and whatever else knows of its home. */
async function assertGone([codex, ...below]: number[], { settings }: Stage): Promise<void> {
  assert.equal(isAlive(codex!), false);
  // Nobody is told when what codex has killed is gone.
  await until(() => !below.some(isAlive));
  await until(() => processesWith(`CODEX_HOME=${settings.env!.CODEX_HOME}`).length === 0);
}

type Way = [string, (turn: EndableTurn) => unknown, ((error: unknown) => boolean) | null];
const isAbort = (error: unknown) => AbortError.is(error);
const isTimeout = (error: unknown) => TimeoutError.is(error);
const ways: Way[] = [
  ["its signal is aborted", ({ controller }) => controller.abort("Enough"), isAbort],
  ["its events are left", ({ events }) => events.return(), null],
  ["its time is up", ({ clock }) => clock.advance(1000), isTimeout],
  ["its Codex is closed", ({ codex }) => codex.close(), isAbort],
];

const commands: [string, string, SandboxMode][] = [
  ["a sandboxed command", "sleep 1000", "workspace-write"],
  [
    "a command that ignores signals, and its children",
    "trap '' INT TERM HUP; sleep 1000 & sleep 1000 & wait",
    "danger-full-access",
  ],
];

// Deno's own ChildProcess.kill() closes the child's stdin, too, and that ends it otherwise.
const kill = (pid: number, signal: string) => process.kill(pid, signal);

type Host = [string, (host: Program) => unknown, { code: number | null; signal: string | null }];
const hosts: Host[] = [
  ["SIGINT", ({ child }) => kill(child.pid!, "SIGINT"), { code: null, signal: "SIGINT" }],
  ["SIGTERM", ({ child }) => kill(child.pid!, "SIGTERM"), { code: null, signal: "SIGTERM" }],
  ["SIGHUP", ({ child }) => kill(child.pid!, "SIGHUP"), { code: null, signal: "SIGHUP" }],
  ["exit", ({ child }) => child.stdin.end(), { code: 7, signal: null }],
];

// Elsewhere there is no /proc to look into.
if (process.platform === "linux") {
  describe("a turn on the real codex leaves nothing behind", () => {
    const bench = new Workbench();

    for (const [title, end, expected] of ways) {
      bench.it(`when ${title} while a command runs`, running("sleep 1000"), async (stage) => {
        const turn = await startTurn(stage);
        await readUntil(turn.events, "item.started");
        const pids = await untilSleeps(turn.pids[0]!);
        const rest = collect(turn.events);
        await end(turn);
        const { error } = await rest;
        if (expected === null) assert.equal(error, undefined);
        else assert.ok(expected(error), String(error));
        await assertGone(pids, stage);
      });
    }

    for (const [title, command, sandboxMode] of commands) {
      bench.it(`of ${title}`, running(command), async (stage) => {
        const turn = await startTurn(stage, sandboxMode);
        await readUntil(turn.events, "item.started");
        const pids = await untilSleeps(turn.pids[0]!);
        await turn.events.return();
        await assertGone(pids, stage);
      });
    }

    for (const event of ["thread.started", "turn.started"]) {
      bench.it(`when its events are left at ${event}`, [
        repeat(shell("sleep 1000")),
      ], async (stage) => {
        const turn = await startTurn(stage);
        await readUntil(turn.events, event);
        await turn.events.return();
        await assertGone(turn.pids, stage);
      });
    }

    bench.it("when a reader who fell behind leaves", running("sleep 1000"), async (stage) => {
      const turn = await startTurn(stage);
      await readUntil(turn.events, "thread.started");
      // The rest waits in the pipe, unread.
      const pids = await untilSleeps(turn.pids[0]!);
      await turn.events.return();
      await assertGone(pids, stage);
    });

    for (const [title, end, expected] of hosts) {
      bench.it(`when its program ends by ${title}`, running("sleep 1000"), async (stage) => {
        const host = new Program(
          onThisRuntime({
            codex: stage.settings,
            thread: { workingDirectory: stage.directory, sandboxMode: "danger-full-access" },
            mode: "stream",
            exitWithStdin: true,
          }),
          process.env,
        );
        await host.line(({ event }) => event?.type === "item.started");
        const { pid } = await host.line(({ pid }) => pid !== undefined);
        const pids = await untilSleeps(pid!);
        end(host);
        const { code, signal } = await host.ended;
        assert.deepEqual({ code, signal }, expected);
        // A program that exits cannot wait.
        if (code !== null) await until(() => !isAlive(pid!));
        await assertGone(pids, stage);
      });
    }
  });
}
