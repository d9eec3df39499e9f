import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe } from "node:test";
import {
  AbortError,
  Codex,
  type EventStream,
  ExitError,
  InvalidOptionsError,
  type Thread,
  ThreadBusyError,
  type ThreadEvent,
  ThreadMismatchError,
  type TurnOptions,
  UnsupportedError,
} from "../../mod.ts";
import type { Action } from "../support/fake_codex.ts";
import { collectGarbage } from "../support/garbage.ts";
import { commandLine, isAlive, processState, until, waitUntilGone } from "../support/processes.ts";
import {
  answer,
  assertError,
  assertNothingLeft,
  becomes,
  completed,
  Escalation,
  executable,
  fault,
  goodTurn,
  lines,
  outcome,
  play,
  rejection,
  type Scene,
  started,
  test,
  texts,
  threadId,
  warmUp,
} from "./support.ts";

/** How long the system has been up, in its own words. */
const uptime = () => Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);

/** A turn that goes on for ever after an answer. */
const endless: Action[] = [{ events: [...started, answer("one")] }, { hang: true }];
/** As {@linkcode endless}, with a word at which to abort. */
const notice = { type: "error", message: "Reconnecting... 1/5" };
const noticed: Action[] = [{ events: [...started, answer("one"), notice] }, { hang: true }];
const impatient = { interruptGraceMs: 50, terminateGraceMs: 50, drainMs: 50, lingerMs: 50 };

/** Reads until the answer; the fake hangs from then on. */
async function readAnswer(events: EventStream<ThreadEvent>): Promise<void> {
  for (let index = 0; index < 3; index++) assert.equal((await events.next()).done, false);
}

describe("a caller who aborts", () => {
  warmUp();

  test("before the turn begins: nothing is spawned", () =>
    play([{ events: goodTurn }], async ({ fake, thread, temporary }) => {
      const reason = { why: "changed my mind" };
      const signal = AbortSignal.abort(reason);
      const error = await rejection(thread().run("Hi", { signal, outputSchema: {} }));
      assertError(error, AbortError, { code: "ABORT_ERR", message: "The operation was aborted" });
      assert.equal(error.cause, reason);
      assert.deepEqual(fake.invocations(), []);
      assert.deepEqual(temporary(), []);
    }));

  test("before 40 turns begin: nothing is spawned", () =>
    play([{ events: goodTurn }], async ({ fake, thread }) => {
      const signal = AbortSignal.abort();
      const errors = await Promise.all(
        Array.from({ length: 40 }, () => rejection(thread().run("Hi", { signal }))),
      );
      for (const error of errors) assertError(error, AbortError, { cause: signal.reason });
      assert.deepEqual(fake.invocations(), []);
    }));

  test("in the same moment as the turn begins: nothing is spawned", () =>
    play([{ events: goodTurn }], async ({ fake, thread }) => {
      const caller = new AbortController();
      const running = rejection(thread().run("Hi", { signal: caller.signal }));
      caller.abort("now");
      assertError(await running, AbortError, { cause: "now" });
      assert.deepEqual(fake.invocations(), []);
    }));

  test("as codex is spawned: it is gone, though it may not have begun", () =>
    play(endless, async ({ codex }) => {
      const caller = new AbortController();
      const pids: number[] = [];
      const thread = codex({
        onSpawn: ({ pid }) => {
          pids.push(pid);
          caller.abort("now");
        },
      }).startThread();
      assertError(await rejection(thread.run("Hi", { signal: caller.signal })), AbortError, {});
      assert.equal(pids.length, 1);
      assert.equal(processState(pids[0]!), undefined);
    }));

  test("in the middle: everything that arrived is in the error, its reason is the cause", () =>
    play(endless, async ({ fake, thread }) => {
      const caller = new AbortController();
      const { events } = await thread().runStreamed("Hi", { signal: caller.signal });
      await readAnswer(events);
      const reason = new Error("enough");
      caller.abort(reason);
      const error = await rejection(events.next());
      assertError(error, AbortError, { code: "ABORT_ERR" });
      assert.equal(error.cause, reason);
      assert.deepEqual(texts(error.turn), ["one"]);
      assert.equal(processState(fake.invocations()[0]!.pid), undefined);
    }));

  test("without a reason: the cause is the signal's own", () =>
    play(endless, async ({ thread }) => {
      const caller = new AbortController();
      const { events } = await thread().runStreamed("Hi", { signal: caller.signal });
      await readAnswer(events);
      caller.abort();
      const error = await rejection(events.next());
      assertError(error, AbortError, {});
      assert.equal((error.cause as Error).name, "AbortError");
    }));

  test("by AbortSignal.timeout(): the cause is its TimeoutError", () =>
    play(endless, async ({ thread }) => {
      const error = await rejection(thread().run("Hi", { signal: AbortSignal.timeout(100) }));
      assertError(error, AbortError, { code: "ABORT_ERR" });
      assert.equal((error.cause as Error).name, "TimeoutError");
    }));

  test("after the end: nothing happens", () =>
    play([{ events: goodTurn }], async ({ thread }) => {
      const caller = new AbortController();
      const turn = await thread().run("Hi", { signal: caller.signal });
      caller.abort();
      assert.equal(turn.finalResponse, "Hello");
    }));

  test("after the last event, before the end: the turn is good", () =>
    play([{ events: goodTurn }, { waitForFile: "go" }], async ({ fake, thread }) => {
      const caller = new AbortController();
      const streamed = await thread().runStreamed("Hi", { signal: caller.signal });
      for (const event of goodTurn) assert.deepEqual((await streamed.events.next()).value, event);
      caller.abort();
      fake.release("go");
      assert.equal((await streamed.turn()).finalResponse, "Hello");
    }));

  test("while it waits for the turn before: only the first is ever spawned", () =>
    play(endless, async ({ fake, thread }) => {
      const shared = thread();
      const first = new AbortController();
      const second = new AbortController();
      const { events } = await shared.runStreamed("Hi", { signal: first.signal });
      await readAnswer(events);
      const reading = rejection(events.next());
      const waiting = rejection(shared.run("And now", { signal: second.signal }));
      second.abort("no longer");
      assertError(await waiting, AbortError, { cause: "no longer" });
      first.abort("neither");
      assertError(await reading, AbortError, { cause: "neither" });
      assert.equal(fake.invocations().length, 1);
    }));

  const ignored = ["SIGINT", "SIGTERM"] as const;
  for (const count of [1, 2] as const) {
    const ending = count === 1 ? "SIGINT: SIGTERM" : "SIGINT and SIGTERM: SIGKILL";
    const signals = ignored.slice(0, count);
    test(`a codex that ignores ${ending} ends it`, () =>
      play([{ ignore: signals }, ...noticed], async ({ fake, codex }) => {
        const escalation = new Escalation();
        const { transport } = escalation;
        const turn = codex({ transport }).startThread().run("Hi", abortedAtTheNotice());
        const failure = rejection(turn);
        await escalation.after(count, fake);
        const error = await failure;
        assertError(error, AbortError, { cause: "at the notice" });
        assert.deepEqual(fake.invocations()[0]?.signals, signals);
        assert.deepEqual(texts(error.turn), ["one"]);
        assert.equal(escalation.clock.pending, 0);
      }));
  }

  fault(
    "a codex that still prints when it is told to stop: that arrives as well",
    [
      { onSignal: { SIGINT: [{ event: answer("two", "item_1") }, { exit: 1 }] } },
      ...noticed,
    ],
    { turn: abortedAtTheNotice() },
    ({ error }) => {
      assertError(error, AbortError, { cause: "at the notice" });
      assert.deepEqual(texts(error.turn), ["one", "two"]);
    },
  );

  fault(
    "a codex with a child that has left its group: that is killed as well",
    [{ spawnGrandchild: { setsid: true, ignore: ["SIGINT", "SIGTERM"] } }, ...noticed],
    { timing: impatient, turn: abortedAtTheNotice() },
    ({ error }, { fake }) => {
      assertError(error, AbortError, {});
      assert.deepEqual(fake.invocations()[0]?.grandchildren.filter(isAlive), []);
    },
  );

  fault(
    "a codex with a child in its group: that is killed as well",
    [
      { spawnGrandchild: { ignore: ["SIGINT", "SIGTERM"] } },
      { spawnGrandchild: { keepStdout: true, keepStderr: true } },
      ...noticed,
    ],
    { timing: impatient, turn: abortedAtTheNotice() },
    ({ error }, { fake }) => {
      assertError(error, AbortError, {});
      assert.equal(fake.invocations()[0]?.grandchildren.length, 2);
    },
  );
});

/** Options of a turn that is aborted when codex says that it reconnects. */
function abortedAtTheNotice(): TurnOptions {
  const caller = new AbortController();
  return { signal: caller.signal, onRetry: () => caller.abort("at the notice") };
}

describe("a caller who stops reading", () => {
  warmUp();

  test("by break: codex is gone when the loop is left", () =>
    play(endless, async ({ fake, thread, temporary }) => {
      const streamed = await thread().runStreamed("Hi", { outputSchema: {} });
      for await (const event of streamed.events) {
        if (event.type === "item.completed") break;
      }
      await assertNothingLeft(fake);
      assert.deepEqual(temporary(), []);
      assert.deepEqual(texts(await streamed.turn()), ["one"]);
      assert.deepEqual(await streamed.events.next(), { done: true, value: undefined });
    }));

  test("by break from a codex that only SIGKILL ends", () =>
    play([{ ignore: ["SIGINT", "SIGTERM"] }, ...endless], async ({ fake, codex }) => {
      const escalation = new Escalation();
      const { transport } = escalation;
      const { events } = await codex({ transport }).startThread().runStreamed("Hi");
      const escalating = escalation.after(2, fake);
      for await (const event of events) {
        if (event.type === "item.completed") break;
      }
      await assertNothingLeft(fake);
      await escalating;
      assert.deepEqual(fake.invocations()[0]?.signals, ["SIGINT", "SIGTERM"]);
    }));

  test("by throwing: codex is gone when the error is caught", () =>
    play(endless, async ({ fake, thread }) => {
      const { events } = await thread().runStreamed("Hi");
      const thrown = new Error("the caller's own");
      const loop = async () => {
        for await (const event of events) if (event.type === "item.completed") throw thrown;
      };
      await assert.rejects(loop(), thrown);
      await assertNothingLeft(fake);
    }));

  test("by cancel() before the first read: nothing is spawned", () =>
    play([{ events: goodTurn }], async ({ fake, thread }) => {
      const { events } = await thread().runStreamed("Hi");
      await events.cancel("never mind");
      assert.deepEqual(await events.next(), { done: true, value: undefined });
      assert.deepEqual(fake.invocations(), []);
    }));

  test("by cancel() while the first read waits: codex is gone, and the read ends", () =>
    play(endless, async ({ fake, thread }) => {
      const { events } = await thread().runStreamed("Hi");
      const reading = events.next();
      await events.cancel();
      assert.deepEqual(await reading, { done: true, value: undefined });
      await assertNothingLeft(fake);
    }));

  test("by cancel() in the middle: codex is gone, and the thread can go on", () =>
    play({ plans: [endless, [{ events: goodTurn }]] }, async ({ fake, thread }) => {
      const shared = thread();
      const { events } = await shared.runStreamed("Hi");
      await readAnswer(events);
      await events.cancel();
      await assertNothingLeft(fake);
      assert.equal((await shared.run("Go on")).finalResponse, "Hello");
      assert.deepEqual(fake.invocations()[1]?.argv.slice(-2), ["resume", threadId]);
    }));

  test("by throw() and by disposal: codex is gone", () =>
    play(endless, async ({ fake, thread }) => {
      const first = (await thread().runStreamed("Hi")).events;
      await readAnswer(first);
      const thrown = new Error("the caller's own");
      await assert.rejects(first.throw(thrown), thrown);
      await assertNothingLeft(fake);
      const second = (await thread().runStreamed("Hi")).events;
      await readAnswer(second);
      await second[Symbol.asyncDispose]();
      await assertNothingLeft(fake);
    }));

  test("before it begins: nothing is spawned", () =>
    play([{ events: goodTurn }], async ({ fake, thread }) => {
      const { events } = await thread().runStreamed("Hi");
      assert.equal(events.locked, false);
      assert.deepEqual(fake.invocations(), []);
    }));

  test("and closes its Codex: the turns end with AbortError, no other begins", () =>
    play(endless, async ({ fake, codex }) => {
      const owner = codex();
      const turns = await Promise.all([0, 1].map(() => owner.startThread().runStreamed("Hi")));
      for (const { events } of turns) await readAnswer(events);
      const reads = turns.map(({ events }) => rejection(events.next()));
      await owner.close();
      await assertNothingLeft(fake);
      for (const error of await Promise.all(reads)) assertError(error, AbortError, {});
      assertError(await rejection(owner.startThread().run("Hi")), UnsupportedError, {});
      await owner.close();
      assert.equal(fake.invocations().length, 2);
    }));

  test("and forgets the stream: codex is gone once that is collected", () =>
    play(endless, async ({ fake, codex, temporary }) => {
      const owner = codex();
      // Several, because a collector may take what it finds on the stack for a reference to one.
      await Promise.all(Array.from({ length: 5 }, async () => {
        const { events } = await owner.startThread().runStreamed("Hi", { outputSchema: {} });
        await readAnswer(events);
      }));
      let round = 0;
      await until(() => {
        // It takes longer than codex takes to end.
        if (round++ % 100 === 0) collectGarbage();
        return fake.invocations().some(({ pid }) => processState(pid) === undefined) &&
          temporary().length < 5;
      });
      await owner.close();
    }));
});

describe("a caller who reads in odd ways", () => {
  warmUp();

  test("late: all that arrived before the exit comes before the error", () =>
    play(
      [{ events: [...started, ...Array(200).fill(answer("x"))] }, { exit: 1 }],
      async ({ fake, thread }) => {
        const { events } = await thread().runStreamed("Hi");
        await events.next();
        await waitUntilGone(fake.invocations()[0]!.pid);
        for (let index = 1; index < 202; index++) assert.equal((await events.next()).done, false);
        const error = await rejection(events.next());
        assertError(error, ExitError, { exitCode: 1 });
        assert.equal(error.turn.items.length, 200);
        assert.deepEqual(await events.next(), { done: true, value: undefined });
      },
    ));

  test("with two readers: the second is refused, the first goes on", () =>
    play([{ events: goodTurn }], async ({ thread }) => {
      const streamed = await thread().runStreamed("Hi");
      const reader = streamed.events.getReader();
      assert.deepEqual((await reader.read()).value, goodTurn[0]);
      assert.throws(() => streamed.events.getReader(), TypeError);
      await assert.rejects(streamed.events.next(), TypeError);
      const turn = streamed.turn();
      while (!(await reader.read()).done);
      assert.equal((await turn).finalResponse, "Hello");
    }));

  test("through tee(): both branches get everything, and the error", () =>
    play([{ events: [...started, answer("one")] }, { exit: 3 }], async ({ thread }) => {
      const { events } = await thread().runStreamed("Hi");
      const branches = await Promise.all(
        events.tee().map(async (branch) => {
          const seen: unknown[] = [];
          const reader = branch.getReader();
          try {
            for (;;) {
              const { done, value } = await reader.read();
              if (done) return { seen };
              seen.push(value);
            }
          } catch (error) {
            return { seen, error };
          }
        }),
      );
      for (const { seen, error } of branches) {
        assert.deepEqual(seen, [...started, answer("one")]);
        assertError(error, ExitError, { exitCode: 3 });
      }
    }));

  /** The events as the body of a response. */
  function response(events: ReadableStream<ThreadEvent>): Response {
    const text = new TransformStream<ThreadEvent, string>({
      transform: (event, controller) => controller.enqueue(lines(event)),
    });
    return new Response(events.pipeThrough(text).pipeThrough(new TextEncoderStream()));
  }

  test("through a Response: its text is what codex printed", () =>
    play([{ events: goodTurn }], async ({ thread }) => {
      const { events } = await thread().runStreamed("Hi");
      assert.equal(await response(events).text(), lines(...goodTurn));
    }));

  test("through a Response: a failed turn fails it", () =>
    play([{ events: [...started, answer("one")] }, { exit: 3 }], async ({ thread }) => {
      const { events } = await thread().runStreamed("Hi");
      await assert.rejects(response(events).text());
    }));

  test("through a Response whose client leaves: codex is gone", () =>
    play(endless, async ({ fake, thread }) => {
      const streamed = await thread().runStreamed("Hi");
      const body = response(streamed.events).body!.getReader();
      const first = new TextDecoder().decode((await body.read()).value);
      assert.match(first, /^\{"type":"thread.started"/);
      await body.cancel("left");
      // A cancel through pipes does not wait for the source on every runtime; the turn does.
      await streamed.turn();
      await assertNothingLeft(fake);
    }));

  test("twice by turn(): both get the same turn", () =>
    play([{ events: goodTurn }], async ({ fake, thread }) => {
      const streamed = await thread().runStreamed("Hi");
      const [first, second] = await Promise.all([streamed.turn(), streamed.turn()]);
      assert.deepEqual(texts(first), ["Hello"]);
      assert.deepEqual(second, first);
      assert.equal(fake.invocations().length, 1);
    }));

  test("with callbacks that throw: the turn is good, and a diagnostic says so", () =>
    play(
      [{ stdout: "noise\n" }, { events: [...started, notice, answer("one"), completed] }],
      async ({ codex }) => {
        const broken = () => {
          throw new Error("broken");
        };
        const thread = codex({ onSpawn: broken, onDiagnostic: broken }).startThread();
        const turn = await thread.run("Hi", { onRetry: broken });
        assert.deepEqual(texts(turn), ["one"]);
        assert.deepEqual(
          turn.diagnostics.map(({ kind, message }) => `${kind}: ${message}`).slice(0, 2),
          ["callback: onSpawn threw: Error: broken", "stdout: noise"],
        );
      },
    ));
});

describe("a descendant that outlives codex", () => {
  warmUp();
  const keepers = {
    "stdout": { keepStdout: true },
    "stderr": { keepStderr: true },
    "stdout and stderr": { keepStdout: true, keepStderr: true },
  };
  for (const [what, kept] of Object.entries(keepers)) {
    fault(
      `and keeps ${what} open, in the same group, is killed`,
      [{ spawnGrandchild: { ...kept, ignore: ["SIGINT", "SIGTERM"] } }, { events: goodTurn }],
      { timing: impatient },
      ({ turn }) => assert.equal(turn?.finalResponse, "Hello"),
    );

    fault(
      `and keeps ${what} open, in a session of its own, does not hold the turn up`,
      [{ spawnGrandchild: { ...kept, setsid: true } }, { events: goodTurn }],
      { timing: impatient },
      ({ events, turn }) => {
        assert.deepEqual(events, goodTurn);
        assert.equal(turn?.finalResponse, "Hello");
      },
    );
  }

  fault(
    "and keeps stdout open does not hide how codex exited",
    [
      { spawnGrandchild: { keepStdout: true, keepStderr: true, setsid: true } },
      { events: [...started, answer("one")] },
      { stderr: "sorry\n" },
      { exit: 4 },
    ],
    { timing: impatient },
    ({ error }) => {
      assertError(error, ExitError, { exitCode: 4, stderr: "sorry\n" });
      assert.deepEqual(texts(error.turn), ["one"]);
    },
  );

  const item = { id: "item_0", type: "command_execution", command: "sleep", status: "in_progress" };
  const began = { type: "item.started", item: { ...item, aggregated_output: "", exit_code: null } };

  /**
   * A process that carries the mark of a thread, and that thread's events. An id of its own for each
   * test: who runs the same thread elsewhere on this system ends what carries its mark as well.
   */
  function marked(id: string): { environment: string; events: unknown[] } {
    const events = [{ type: "thread.started", thread_id: id }, { type: "turn.started" }, began];
    return { environment: `CODEX_THREAD_ID=${id}`, events };
  }

  test("and has left its group, but bears codex's mark, is killed", () =>
    escapee(
      marked(crypto.randomUUID()),
      async ({ thread, goOn }) => {
        const { events } = await thread.runStreamed("Hi");
        for await (const event of events) if (event.type === "item.started") goOn();
      },
      ({ survived }) => assert.equal(survived, false),
    ));

  test("is not what carries its mark and was there before: that survives", async () => {
    const id = crypto.randomUUID();
    const older = spawn("/bin/sleep", ["2147483647"], { env: { CODEX_THREAD_ID: id } });
    const gone = once(older, "close");
    try {
      await once(older, "spawn");
      // The system counts in hundredths of a second.
      const since = uptime();
      await until(() => uptime() > since);
      await escapee(
        marked(id),
        async ({ thread, goOn }) => {
          const { events } = await thread.runStreamed("Hi");
          for await (const event of events) if (event.type === "item.started") goOn();
        },
        ({ survived }) => assert.equal(survived, false),
      );
      assert.ok(isAlive(older.pid!));
    } finally {
      older.kill("SIGKILL");
      await gone;
    }
  });

  test("and has left its group, but was codex's child when the turn began, is killed", () =>
    escapee({ environment: "", events: started, isChild: true }, async ({ thread, goOn }) => {
      const { events } = await thread.runStreamed("Hi");
      for await (const event of events) if (event.type === "turn.started") goOn();
    }, ({ survived }) => assert.equal(survived, false)));

  test("and cannot be found, but keeps stdout and stderr open, does not hold the turn up", () =>
    escapee({ environment: "", events: started }, async ({ thread, goOn }) => {
      const { events, turn } = await thread.runStreamed("Hi");
      for await (const event of events) if (event.type === "turn.started") goOn();
      const { diagnostics } = await turn();
      assert.deepEqual(diagnostics, [{
        kind: "process",
        message: "Codex is gone, but a process it started keeps its output open",
      }]);
    }, ({ survived }) => assert.equal(survived, true)));
});

/**
 * Has a codex run that starts a process in a session and with an environment of its own, and unless
 * `isChild` by way of another that has ended; prints events, and ends its turn when it is told to go
 * on. Then tells whether that process survived, and kills it.
 */
async function escapee(
  { environment, events, isChild = false }: {
    environment: string;
    events: readonly unknown[];
    isChild?: boolean;
  },
  run: (codex: { thread: Thread; goOn(): void }) => Promise<void>,
  check: (end: { survived: boolean }) => void,
): Promise<void> {
  const start = `exec setsid env -i ${environment} /bin/sh -c ` +
    `'echo $$ > "$0"; exec /bin/sleep 2147483647' "$0.started"`;
  const file = executable(`#!/bin/sh
cat > /dev/null
mkfifo "$0.started" "$0.go"
${isChild ? `(${start}) &` : `( (${start}) & )`}
read pid < "$0.started"
echo "$pid" > "$0.pid"
printf '%s' '${lines(...events)}'
read line < "$0.go"
printf '%s' '${lines(...goodTurn.slice(2))}'
`);
  const escaped = () => {
    const pid = Number(readFileSync(`${file.path}.pid`, "utf8"));
    return commandLine(pid)[0] === "/bin/sleep" && isAlive(pid) ? pid : undefined;
  };
  try {
    await play([], async ({ codex }) => {
      const thread = codex({ codexPath: file.path }, { drainMs: 50 }).startThread();
      await run({ thread, goOn: () => writeFileSync(`${file.path}.go`, "\n") });
    });
    check({ survived: escaped() !== undefined });
  } finally {
    const pid = escaped();
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    file.remove();
  }
}

describe("an output schema and an image", () => {
  warmUp();
  const files = {
    outputSchema: { type: "object" },
    image: { type: "image", data: new Uint8Array([1, 2, 3]) } as const,
  };

  /** Declares a test in which the files are there while codex runs, and gone afterwards. */
  function gone(name: string, plan: Action[], end: (scene: Scene, turn: Turning) => unknown): void {
    test(`are gone after ${name}`, () =>
      play(plan, async (scene) => {
        const caller = new AbortController();
        const { events, turn } = await scene.thread().runStreamed(
          [{ type: "text", text: "Hi" }, files.image],
          { outputSchema: files.outputSchema, signal: caller.signal },
        );
        await readAnswer(events);
        const names = scene.temporary().map((name) => name.replace(/-[^-]*$/, ""));
        assert.deepEqual(names, ["codex-image", "codex-output-schema"]);
        await end(scene, { events, turn, caller });
        assert.deepEqual(scene.temporary(), []);
      }));
  }

  type Turning = {
    events: EventStream<ThreadEvent>;
    turn: () => Promise<unknown>;
    caller: AbortController;
  };
  const waiting: Action[] = [{ events: [...started, answer("one")] }, { waitForFile: "go" }];

  gone("a good turn", [...waiting, { events: [completed] }], async ({ fake }, { turn }) => {
    fake.release("go");
    await turn();
  });

  gone("a failure", [...waiting, { exit: 1 }], async ({ fake }, { turn }) => {
    fake.release("go");
    assertError(await rejection(turn()), ExitError, {});
  });

  gone("an abort", endless, async (_scene, { turn, caller }) => {
    caller.abort();
    assertError(await rejection(turn()), AbortError, {});
  });

  gone("a break", endless, async (_scene, { events }) => {
    await events.return();
  });

  test("that somebody else removes while codex runs: a good turn", () =>
    play([...waiting, { events: [completed] }], async ({ fake, thread, temporary }) => {
      const streamed = await thread().runStreamed("Hi", { outputSchema: files.outputSchema });
      await readAnswer(streamed.events);
      const [folder] = temporary();
      rmSync(join(tmpdir(), folder!), { recursive: true });
      fake.release("go");
      const { finalResponse } = await streamed.turn();
      assert.equal(finalResponse, "one");
    }));

  for (
    const [what, outputSchema] of [
      ["null", null],
      ["an array", []],
      ["a number", 3],
      ["a missing file", "/missing/schema.json"],
      ["a cycle", cycle()],
      ["a BigInt", { a: 1n }],
    ] as [string, unknown][]
  ) {
    test(`that is ${what} is an InvalidOptionsError, and nothing is spawned`, () =>
      play([{ events: goodTurn }], async ({ fake, thread, temporary }) => {
        const input = [{ type: "text", text: "Hi" } as const, files.image];
        assertError(await rejection(thread().run(input, { outputSchema })), InvalidOptionsError, {
          path: "outputSchema",
        });
        assert.deepEqual(fake.invocations(), []);
        assert.deepEqual(temporary(), []);
      }));
  }
});

function cycle(): object {
  const value: { self?: unknown } = {};
  value.self = value;
  return value;
}

describe("turns of one thread", () => {
  warmUp();

  test("run one after the other, each resuming what the first began", () =>
    play(
      {
        plans: [[{ events: started }, { waitForFile: "go" }, { events: goodTurn.slice(2) }], [{
          events: goodTurn,
        }]],
      },
      async ({ fake, thread }) => {
        const shared = thread();
        const streamed = await shared.runStreamed("one");
        await streamed.events.next();
        const first = streamed.turn();
        const others = ["two", "three"].map((input) => shared.run(input));
        assert.equal(fake.invocations().length, 1);
        fake.release("go");
        const turns = await Promise.all([first, ...others]);
        assert.deepEqual(turns.map((turn) => turn.finalResponse), ["Hello", "Hello", "Hello"]);
        const permissions = ["--sandbox", "read-only", "--config", 'approval_policy="never"'];
        assert.deepEqual(fake.invocations().map(({ stdin, argv }) => [stdin, argv.slice(2)]), [
          ["one", permissions],
          ["two", [...permissions, "resume", threadId]],
          ["three", [...permissions, "resume", threadId]],
        ]);
      },
    ));

  test("do not wait for one that nobody reads: that is a ThreadBusyError", () =>
    play(
      {
        plans: [[{ events: goodTurn.slice(0, 3) }, { waitForFile: "go" }, { event: completed }], [{
          events: goodTurn,
        }]],
      },
      async ({ fake, thread }) => {
        const shared = thread();
        const streamed = await shared.runStreamed("one");
        await streamed.events.next();
        assertError(await rejection(shared.run("two")), ThreadBusyError, { code: "THREAD_BUSY" });
        fake.release("go");
        assert.equal((await streamed.turn()).finalResponse, "Hello");
        assert.equal((await shared.run("three")).finalResponse, "Hello");
        assert.deepEqual(fake.invocations().map(({ stdin }) => stdin), ["one", "three"]);
      },
    ));

  test("do not go ahead of one that has ended while its end is still to be read", () =>
    play([{ events: goodTurn }], async ({ fake, thread }) => {
      const shared = thread();
      const streamed = await shared.runStreamed("one");
      await streamed.events.next();
      // No zombie, hence collected: the turn knows.
      assert.ok(await becomes(() => processState(fake.invocations()[0]!.pid) === undefined));
      assertError(await rejection(shared.run("two")), ThreadBusyError, { code: "THREAD_BUSY" });
      assert.equal((await streamed.turn()).finalResponse, "Hello");
      assert.equal((await shared.run("three")).finalResponse, "Hello");
    }));

  test("go on after one whose end was read, without reading further", () =>
    play([{ events: goodTurn }], async ({ thread }) => {
      const shared = thread();
      const { events } = await shared.runStreamed("one");
      for (const { type } of goodTurn) assert.equal((await events.next()).value?.type, type);
      assert.equal((await shared.run("two")).finalResponse, "Hello");
    }));

  test("do not wait for one that was never read", () =>
    play([{ events: goodTurn }], async ({ fake, thread }) => {
      const shared = thread();
      await shared.runStreamed("one");
      assert.equal((await shared.run("two")).finalResponse, "Hello");
      assert.equal(fake.invocations().length, 1);
    }));

  test("go on after a failed one", () =>
    play({ plans: [[{ exit: 1 }], [{ events: goodTurn }]] }, async ({ fake, thread }) => {
      const shared = thread();
      const first = rejection(shared.run("one"));
      const second = shared.run("two");
      assertError(await first, ExitError, { exitCode: 1 });
      assert.equal((await second).finalResponse, "Hello");
      assert.equal(fake.invocations().length, 2);
    }));
});

describe("a thread to resume", () => {
  warmUp();

  test("that codex answers with another one is a ThreadMismatchError, and codex is gone", () =>
    play(endless, async ({ fake, codex }) => {
      const wanted = "0199a213-0000-7000-8000-000000000000";
      const thread = codex().resumeThread(wanted);
      const { error } = await outcome(await thread.runStreamed("Hi"));
      assertError(error, ThreadMismatchError, {
        code: "THREAD_MISMATCH",
        expectedThreadId: wanted,
        actualThreadId: threadId,
      });
      await assertNothingLeft(fake);
      assert.equal(thread.id, wanted);
    }));

  for (const id of ["--last", "", "a\u0000b", "-x", "a\nb"]) {
    test(`with the id ${JSON.stringify(id)} is an InvalidOptionsError, and nothing is spawned`, () =>
      play([{ events: goodTurn }], async ({ fake, codex }) => {
        for (const thread of [codex().resumeThread(id), codex().forkThread(id)]) {
          assertError(await rejection(thread.run("Hi")), InvalidOptionsError, {
            code: "INVALID_OPTIONS",
          });
        }
        const named = codex().resumeThread({ name: id });
        assertError(await rejection(named.run("Hi")), InvalidOptionsError, {});
        assert.deepEqual(fake.invocations(), []);
      }));
  }
});

describe("a caller who passes nonsense", () => {
  warmUp();
  const inputs: [string, unknown][] = [
    ["undefined", undefined],
    ["null", null],
    ["a number", 3],
    ["an empty text", ""],
    ["an empty list", []],
    ["an unknown part", [{ type: "video", path: "x" }]],
    ["a part that is null", [null]],
  ];
  for (const [name, input] of inputs) {
    test(`${name} as input: an InvalidOptionsError, and nothing is spawned`, () =>
      play([{ events: goodTurn }], async ({ fake }) => {
        const thread = new Codex({ codexPath: fake.path }).startThread();
        const turn = thread.run(input as string, { outputSchema: {} });
        assertError(await rejection(turn), InvalidOptionsError, { code: "INVALID_OPTIONS" });
        assert.deepEqual(fake.invocations(), []);
      }));
  }

  test("an image that cannot be read: the turn fails, and no file is left", () =>
    play([{ events: goodTurn }], async ({ fake, thread, temporary }) => {
      class Unreadable extends Blob {
        override arrayBuffer(): Promise<ArrayBuffer> {
          return Promise.reject(new Error("gone"));
        }
      }
      const input = [
        { type: "text", text: "Hi" } as const,
        { type: "image", data: new Uint8Array([1]) } as const,
        { type: "image", data: new Unreadable() } as const,
      ];
      const error = await rejection(thread().run(input));
      assertError(error, InvalidOptionsError, { code: "INVALID_OPTIONS" });
      assert.deepEqual(fake.invocations(), []);
      assert.deepEqual(temporary(), []);
    }));
});
