import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { Codex, ExitError, ThreadMismatchError } from "../../mod.ts";
import { hold, lastUserText, message, repeat, shell, turn } from "../../src/testing/mod.ts";
import { scratchRepository } from "../support/real_codex.ts";
import { spoken } from "../support/spoken.ts";
import { collect, type Stage, Workbench } from "../support/workbench.ts";

const never = new Promise<void>(() => {});
const echo = repeat((request) => message(`Re: ${lastUserText(request)}`));

describe("Codex.resumeThread() on the real codex", () => {
  const bench = new Workbench();

  bench.it(
    "goes on with a thread in a new Codex",
    [message("One"), message("Two")],
    async ({ model, settings, startThread, directory }) => {
      const first = startThread();
      await first.run("First");
      const codex = new Codex(settings);
      const resumed = codex.resumeThread(first.id!, { workingDirectory: directory });
      assert.equal(resumed.id, first.id);
      const { finalResponse, threadId } = await resumed.run("Second");
      assert.deepEqual([finalResponse, threadId], ["Two", first.id]);
      assert.deepEqual(spoken(said(model.requests[1]!)).slice(-3), ["First", "One", "Second"]);
      await codex.close();
    },
  );

  bench.it(
    "goes on with a thread whose id is written in capitals",
    [echo],
    async ({ codex, startThread, directory }) => {
      const first = startThread();
      await first.run("First");
      const resumed = codex.resumeThread(first.id!.toUpperCase(), { workingDirectory: directory });
      assert.equal((await resumed.run("Second")).threadId, first.id);
      assert.equal(resumed.id, first.id);
    },
  );

  bench.it(
    "goes on with a thread by its name",
    [echo],
    async ({ model, settings, codex, startThread, directory }) => {
      const first = startThread();
      await first.run("First");
      await nameThread(settings, first.id!, "The one -- with a name");
      const resumed = codex.resumeThread({ name: "The one -- with a name" }, {
        workingDirectory: directory,
      });
      assert.equal(resumed.id, null);
      await resumed.run("Second");
      assert.equal(resumed.id, first.id);
      assert.deepEqual(spoken(said(model.requests[1]!)).slice(-3), [
        "First",
        "Re: First",
        "Second",
      ]);
    },
  );

  bench.it("begins a new thread when none has the name", [echo], async ({ codex, directory }) => {
    const resumed = codex.resumeThread({ name: "Nobody's" }, { workingDirectory: directory });
    await resumed.run("First");
    assert.match(resumed.id ?? "", /^[0-9a-f-]{36}$/);
  });

  bench.it("goes on with the last thread", [echo], async ({ codex, startThread, directory }) => {
    await startThread().run("Older");
    const last = startThread();
    await last.run("Newer");
    const resumed = codex.resumeThread({ last: true }, { workingDirectory: directory });
    assert.equal((await resumed.run("Second")).threadId, last.id);
  });

  it("goes on with the last thread of its own folder, or of any", { timeout: 60_000 }, async () => {
    const elsewhere = await scratchRepository();
    try {
      await bench.play([echo], async ({ codex, startThread, directory }) => {
        const here = startThread();
        await here.run("Here");
        const there = startThread({ workingDirectory: elsewhere.path });
        await there.run("There");
        const own = codex.resumeThread({ last: true }, { workingDirectory: directory });
        assert.equal((await own.run("Again")).threadId, here.id);
        await there.run("There again");
        const any = codex.resumeThread({ last: true, allDirectories: true }, {
          workingDirectory: directory,
        });
        assert.equal((await any.run("Again")).threadId, there.id);
      });
    } finally {
      await elsewhere.remove();
    }
  });

  bench.it(
    "rejects with an ExitError for an id that codex does not know",
    [],
    async ({ codex, directory }) => {
      const id = "00000000-0000-7000-8000-000000000000";
      const thread = codex.resumeThread(id, { workingDirectory: directory });
      const error = await thread.run("Hello").catch((error) => error);
      assert.ok(ExitError.is(error));
      assert.match(error.message, /no rollout found for thread id 00000000-0000-7000-8000-0{12}/);
      assert.deepEqual([error.exitCode, error.turn.items], [1, []]);
      assert.equal(thread.id, id);
    },
  );

  bench.it("rejects with a ThreadMismatchError when codex begins another thread instead", [
    repeat(turn(hold(never), shell("touch never.txt"))),
  ], async ({ model, codex, directory }) => {
    const thread = codex.resumeThread("not-an-id", { workingDirectory: directory });
    const { events } = await thread.runStreamed("Hello");
    const { events: seen, error } = await collect(events);
    assert.ok(ThreadMismatchError.is(error));
    assert.equal(error.expectedThreadId, "not-an-id");
    assert.deepEqual(seen[0], {
      type: "thread.started",
      thread_id: error.actualThreadId,
    });
    // Nothing came of it: codex is gone and the model, if it was asked at all, was left waiting.
    assert.deepEqual(seen.filter(({ type }) => type.startsWith("item.")), []);
    for (const request of model.requests) assert.equal(await request.ended, "abandoned");
    assert.equal(thread.id, "not-an-id");
  });
});

/** What was said in a conversation, codex's own words left out. */
function said({ body }: Stage["model"]["requests"][number]): string[] {
  return (body.input ?? [])
    .filter(({ type, role }) => type === "message" && role !== "developer")
    .map(({ content }) => (content as { text: string }[]).map(({ text }) => text).join(""));
}

/** Names a thread as an interactive codex would. */
async function nameThread(
  { codexPath, env }: Stage["settings"],
  threadId: string,
  name: string,
): Promise<void> {
  const server = spawn(codexPath, ["app-server"], { env, stdio: ["pipe", "pipe", "ignore"] });
  const exited = new Promise((resolve) => server.on("exit", resolve));
  const requests = [
    { method: "initialize", params: { clientInfo: { name: "test", version: "0.0.0" } } },
    { method: "thread/name/set", params: { threadId, name } },
  ];
  const answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  for (const [id, request] of requests.entries()) {
    server.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    let answer;
    do {
      answer = JSON.parse((await answers.next()).value ?? `{"id":${id},"error":"It ended"}`);
    } while (answer.id !== id);
    assert.equal(answer.error, undefined);
  }
  server.stdin.end();
  await exited;
}
