import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe } from "node:test";
import type { Codex, ThreadEvent, Turn } from "../../mod.ts";
import {
  applyPatch,
  failure,
  hold,
  httpError,
  lastUserText,
  message,
  type ModelResponse,
  reasoning,
  repeat,
  type ScriptStep,
  shell,
  turn,
  updatePlan,
  usage,
  userTexts,
  webSearch,
} from "../../src/testing/mod.ts";
import { ThreadLibrary } from "../../src/app_server/mod.ts";
import { ServerBench } from "../support/app_server.ts";
import { comparable } from "../support/recordings.ts";
import { spoken } from "../support/spoken.ts";
import { collect } from "../support/workbench.ts";

const never = new Promise<void>(() => {});
const counts = usage({ input_tokens: 1200, cached_input_tokens: 940, output_tokens: 30 });

/** What the model says, by what the agent does with it. */
const scripts: [string, ScriptStep[], retries?: number][] = [
  ["that thinks, plans, runs a command and edits a file", [
    turn(
      reasoning("**Planning** the work", "**Second** part"),
      updatePlan([
        { step: "Look around", status: "in_progress" },
        { step: "Write file", status: "pending" },
      ]),
      counts,
    ),
    turn(shell("printf 'one\\n' >&2; exit 3"), counts),
    turn(applyPatch("*** Begin Patch\n*** Add File: hello.txt\n+Hello\n*** End Patch"), counts),
    turn(
      updatePlan([
        { step: "Look around", status: "completed" },
        { step: "Write file", status: "completed" },
      ]),
      counts,
    ),
    turn(message("All done: wrote hello.txt"), counts),
  ]],
  ["that edits, moves and deletes files", [
    applyPatch(
      "*** Begin Patch\n*** Add File: a.txt\n+a\n*** Add File: b.txt\n+b\n*** End Patch",
    ),
    applyPatch(
      "*** Begin Patch\n*** Update File: a.txt\n*** Move to: c.txt\n@@\n-a\n+c\n" +
        "*** Delete File: b.txt\n*** End Patch",
    ),
    applyPatch("*** Begin Patch\n*** Delete File: not_there.txt\n*** End Patch"),
    message("Edited"),
  ]],
  ["that searches the web and says two things", [
    turn(message("First I look"), webSearch("weather in Rome"), shell("true")),
    turn(message("Then"), message("I am done")),
  ]],
  ["whose model refuses the key", [httpError(401)]],
  ["whose model has too much to read", [failure("context_length_exceeded")]],
  ["whose model breaks off once", [httpError(500), message("Here again")], 1],
  ["whose model breaks off too often", [httpError(500), httpError(500)], 1],
];

/** Items by their order of appearance: each lane names them in its own way. */
function renamed(events: readonly ThreadEvent[]): unknown[] {
  const names = new Map<string, string>();
  return comparable(events).map((event) => {
    const { item } = event as { item?: { id: string } };
    if (item === undefined) return event;
    const name = names.get(item.id) ?? `item ${names.size}`;
    names.set(item.id, name);
    return { ...event as object, item: { ...item, id: name } };
  });
}

describe("a turn on the real app-server", () => {
  const bench = new ServerBench();

  for (const [index, [title, script, retries = 0]] of scripts.entries()) {
    bench.it(
      `${title} has the events of the exec lane`,
      [...script, ...script],
      async ({ codex, exec, directory }) => {
        const run = async (codex: Codex, folder: string) => {
          const workingDirectory = join(directory, folder, `${index}`);
          await mkdir(workingDirectory, { recursive: true });
          const thread = codex.startThread({ workingDirectory, sandboxMode: "workspace-write" });
          const streamed = await thread.runStreamed("Go");
          const { events, error } = await collect(streamed.events);
          return { events, error: error as Error | undefined, threadId: thread.id };
        };
        const expected = await run(exec(), "exec");
        const actual = await run(codex, "app-server");
        assert.deepEqual(renamed(actual.events), renamed(expected.events));
        assert.equal(actual.error?.name, expected.error?.name);
        assert.equal(actual.error?.message, expected.error?.message);
        assert.deepEqual(actual.events[0], {
          type: "thread.started",
          thread_id: actual.threadId,
        });
      },
      { scripted: { retries } },
    );
  }

  bench.it("goes on with the thread of the one before, on the same server", [
    repeat((request): ModelResponse => message(`Re: ${lastUserText(request)}`), 3),
  ], async ({ model, startThread, servers }) => {
    const thread = startThread();
    const first = await thread.run("First");
    const streamed = await thread.runStreamed("Second");
    const { events, error } = await collect(streamed.events);
    const third = await thread.run("Third");
    assert.equal(error, undefined);
    assert.deepEqual(events.map(({ type }) => type), [
      "thread.started",
      "turn.started",
      "item.completed",
      "turn.completed",
    ]);
    assert.equal(first.threadId, thread.id);
    assert.equal((await streamed.turn()).finalResponse, "Re: Second");
    assert.deepEqual([third.finalResponse, third.threadId], ["Re: Third", thread.id]);
    assert.deepEqual(spoken(userTexts(model.requests[2]!)).slice(-3), ["First", "Second", "Third"]);
    assert.equal(servers.length, 1);
  });

  bench.it("starts nothing before it is read", [message("ok")], async (stage) => {
    const streamed = await stage.startThread().runStreamed("Hello");
    assert.deepEqual(stage.servers, []);
    assert.equal((await streamed.turn()).finalResponse, "ok");
    assert.equal(stage.servers.length, 1);
  });

  bench.it("tells which codex runs it", [], async ({ codex, settings }) => {
    assert.deepEqual(await codex.version(), {
      version: "0.169.0",
      path: settings.codexPath,
      source: "option",
    });
  });
});

const inputTokens = ({ usage, ownUsage }: Turn) => [usage?.input_tokens, ownUsage?.input_tokens];

describe("the usage of a turn on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("is cumulated over the thread, and ownUsage is the turn's share", [
    turn(shell("true"), counts),
    turn(message("ok"), counts),
    message("ok"),
    turn(message("ok"), usage({ input_tokens: 1000, output_tokens: 100 })),
  ], async ({ startThread }) => {
    const thread = startThread();
    const turns = [];
    for (const prompt of ["a", "b", "c"]) turns.push(await thread.run(prompt));
    assert.deepEqual(turns.map(inputTokens), [[2400, 2400], [2442, 42], [3442, 1000]]);
    assert.equal(turns[2]!.ownUsage?.output_tokens, 100);
  });

  bench.it("is known of the first turn after a resume, too, in a new process", [
    repeat(message("ok"), 3),
  ], async ({ startThread, another, directory, codex }) => {
    const first = startThread();
    await first.run("a");
    await codex.close();
    const resumed = another().resumeThread(first.id!, { workingDirectory: directory });
    const turns = [await resumed.run("b"), await resumed.run("c")];
    assert.deepEqual(turns.map(inputTokens), [[84, 42], [126, 42]]);
  });

  bench.it("is known of the first turn of a fork, too, where its source is open", [
    repeat(message("ok"), 6),
  ], async ({ startThread, codex, another, directory }) => {
    const original = startThread();
    await original.run("a");
    const fork = codex.forkThread(original.id!, { workingDirectory: directory });
    const turns = [await fork.run("b"), await fork.run("c"), await original.run("d")];
    assert.deepEqual(turns.map(inputTokens), [[84, 42], [126, 42], [84, 42]]);

    // Codex does not tell what a fork has used so far.
    const elsewhere = another().forkThread(original.id!, { workingDirectory: directory });
    const others = [await elsewhere.run("e"), await elsewhere.run("f")];
    assert.deepEqual(others.map(inputTokens), [[126, undefined], [168, 42]]);
  });

  bench.it("is known after a compaction, of which it is no part, and after a turn cut short", [
    message("ok"),
    message("In short"),
    message("ok"),
    shell("true"),
    message("Never", { deltas: ["Ne", hold(never), "ver"] }),
    message("ok"),
  ], async ({ startThread, codex }) => {
    const thread = startThread();
    const turns = [await thread.run("a")];
    await new ThreadLibrary(codex).compact(thread.id!);
    turns.push(await thread.run("b"));
    const streamed = await thread.runStreamed("c", { liveEvents: true });
    for await (const event of streamed.events) {
      if (event.type === "item.agent_message.delta") break;
    }
    turns.push(await streamed.turn(), await thread.run("d"));
    assert.deepEqual(turns.map(({ ownUsage }) => ownUsage?.input_tokens), [42, 42, 42, 42]);
  });

  bench.it("is that of each thread by itself on a server of many", [
    { perThread: true, steps: [repeat(message("ok"), 2)] },
  ], async ({ startThread }) => {
    const shares = await Promise.all([1, 2, 3].map(async () => {
      const thread = startThread();
      return [await thread.run("a"), await thread.run("b")].map(inputTokens);
    }));
    for (const share of shares) assert.deepEqual(share, [[42, 42], [84, 42]]);
  });
});
