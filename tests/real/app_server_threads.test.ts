import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { CodexError, ExitError, InvalidOptionsError, RpcError, type Thread } from "../../mod.ts";
import {
  Gate,
  hold,
  lastUserText,
  message,
  type ModelRequest,
  repeat,
  shell,
  turn,
  userTexts,
} from "../../src/testing/mod.ts";
import { ServerBench } from "../support/app_server.ts";
import { scratchRepository } from "../support/real_codex.ts";
import { spoken } from "../support/spoken.ts";
import { collect } from "../support/workbench.ts";

const echo = repeat((request) => message(`Re: ${lastUserText(request)}`));

/** What the model was told of the conversation. */
function said({ body }: ModelRequest): string[] {
  return (body.input ?? []).filter(({ type, role }) => type === "message" && role !== "developer")
    .map(({ content }) => (content as { text: string }[]).map(({ text }) => text).join(""));
}

/** The error of a turn. */
async function failureOf(thread: Thread): Promise<unknown> {
  return await thread.run("Hello").then(
    () => assert.fail("the turn did not fail"),
    (error) => error,
  );
}

describe("threads on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("are resumed by their id in a new process", [echo], async (stage) => {
    const { model, codex, startThread, another, directory } = stage;
    const first = startThread();
    await first.run("First");
    await codex.close();
    const resumed = another().resumeThread(first.id!, { workingDirectory: directory });
    const { events, error } = await collect((await resumed.runStreamed("Second")).events);
    assert.equal(error, undefined);
    assert.deepEqual(events.map(({ type }) => type), [
      "thread.started",
      "turn.started",
      "item.completed",
      "turn.completed",
    ]);
    assert.deepEqual(events[0], { type: "thread.started", thread_id: first.id });
    assert.deepEqual(spoken(said(model.requests[1]!)).slice(-3), ["First", "Re: First", "Second"]);
    assert.equal(stage.servers.length, 2);
  });

  bench.it("are resumed where the program works, not where they began", [
    shell("pwd"),
    message("ok"),
    shell("pwd"),
    message("ok"),
    shell("pwd"),
    message("ok"),
  ], async ({ codex, startThread, another, directory }) => {
    const first = startThread({ workingDirectory: directory });
    const whereOf = async (thread: Thread) => {
      const [item] = (await thread.run("Where?")).items;
      return item?.type === "command_execution" ? item.aggregated_output.trim() : item;
    };
    assert.equal(await whereOf(first), directory);
    assert.equal(await whereOf(codex.resumeThread(first.id!)), process.cwd());
    await codex.close();
    assert.equal(await whereOf(another().resumeThread(first.id!)), process.cwd());
  });

  bench.it("are resumed on the server that has them", [echo], async (stage) => {
    const { model, codex, startThread, directory } = stage;
    const first = startThread();
    await first.run("First");
    const resumed = codex.resumeThread(first.id!, { workingDirectory: directory });
    assert.equal((await resumed.run("Second")).threadId, first.id);
    assert.deepEqual(spoken(said(model.requests[1]!)).slice(-3), ["First", "Re: First", "Second"]);
    assert.equal(stage.servers.length, 1);
  });

  bench.it("keep their model when they are resumed, and hand it on to a fork", [
    echo,
  ], async ({ model, codex, startThread, another, directory }) => {
    const first = startThread({ model: "made-to-order" });
    await first.run("First");
    const options = { workingDirectory: directory };
    await codex.forkThread(first.id!, options).run("Fork");
    await codex.close();
    const codex2 = another();
    await codex2.resumeThread(first.id!, options).run("Resumed");
    await codex2.forkThread(first.id!, options).run("Fork of the resumed");
    await codex2.forkThread(first.id!, { ...options, model: "gpt-5.5" }).run("Other model");
    assert.deepEqual(model.requests.map(({ body }) => body.model), [
      ...Array(4).fill("made-to-order"),
      "gpt-5.5",
    ]);
  });

  bench.it("are forked with what was said, and go separate ways", [
    echo,
  ], async ({ model, codex, startThread, directory }) => {
    const original = startThread();
    await original.run("First");
    const fork = codex.forkThread(original.id!, { workingDirectory: directory });
    assert.equal(fork.id, null);
    const forked = await fork.run("In the fork");
    assert.notEqual(fork.id, original.id);
    assert.equal(forked.threadId, fork.id);
    assert.deepEqual(spoken(said(model.requests[1]!)).slice(-3), [
      "First",
      "Re: First",
      "In the fork",
    ]);
    await original.run("In the original");
    assert.equal(said(model.requests[2]!).includes("In the fork"), false);
    await fork.run("Still in the fork");
    assert.deepEqual(spoken(userTexts(model.requests[3]!)).slice(-2), [
      "In the fork",
      "Still in the fork",
    ]);
  });

  bench.it("are found by their name, and begun by it", [
    echo,
  ], async ({ model, codex, another, directory }) => {
    const options = { workingDirectory: directory };
    const name = "The one -- with a name";
    const named = codex.resumeThread({ name }, options);
    assert.equal(named.id, null);
    await named.run("First");
    assert.match(named.id ?? "", /^[0-9a-f-]{36}$/);
    await codex.resumeThread({ name: "The one" }, options).run("Of another name");
    await codex.close();
    const resumed = another().resumeThread({ name }, options);
    assert.equal((await resumed.run("Second")).threadId, named.id);
    assert.deepEqual(spoken(said(model.requests[2]!)).slice(-3), ["First", "Re: First", "Second"]);
  });

  it("are resumed as the last one of their folder, or of any", { timeout: 60_000 }, async () => {
    const elsewhere = await scratchRepository();
    try {
      await bench.play([echo], async ({ codex, exec, startThread, another, directory }) => {
        await startThread().run("Older");
        const here = startThread();
        await here.run("Here");
        const there = exec().startThread({ workingDirectory: elsewhere.path });
        await there.run("There");
        await codex.close();
        const last = another().resumeThread({ last: true }, { workingDirectory: directory });
        assert.equal((await last.run("Second")).threadId, here.id);
        const lane = another();
        const none = lane.resumeThread({ last: true }, { workingDirectory: "/" });
        const error = await failureOf(none);
        assert.ok(InvalidOptionsError.is(error));
        assert.match(error.message, /codex keeps none of this folder/);
        // Nothing is known of the folder of this program.
        assert.ok(InvalidOptionsError.is(await failureOf(lane.resumeThread({ last: true }))));
      });
      await bench.play([echo], async ({ exec, codex, directory }) => {
        const there = exec().startThread({ workingDirectory: elsewhere.path });
        await there.run("There");
        const last = { last: true, allDirectories: true } as const;
        const resumed = codex.resumeThread(last, { workingDirectory: directory });
        assert.equal((await resumed.run("Second")).threadId, there.id);
      });
    } finally {
      await elsewhere.remove();
    }
  });

  bench.it("of the exec lane are resumed here, and the other way round", [
    echo,
  ], async ({ model, codex, exec, another, directory }) => {
    const options = { workingDirectory: directory };
    const first = exec().startThread(options);
    await first.run("On exec");
    const here = codex.resumeThread(first.id!, options);
    const second = await here.run("On the app-server");
    assert.deepEqual(
      [second.threadId, second.usage?.input_tokens, second.ownUsage?.input_tokens],
      [first.id, 84, 42],
    );
    await codex.close();
    await exec().resumeThread(first.id!, options).run("On exec again");
    await another().resumeThread(first.id!, options).run("And back");
    assert.deepEqual(spoken(said(model.requests[3]!)).slice(-7), [
      "On exec",
      "Re: On exec",
      "On the app-server",
      "Re: On the app-server",
      "On exec again",
      "Re: On exec again",
      "And back",
    ]);
  });

  bench.it("that are open here are refused to the exec lane, and to another server", [
    echo,
  ], async ({ exec, startThread, another, directory, model }) => {
    const thread = startThread();
    await thread.run("First");
    const options = { workingDirectory: directory };
    const onExec = await failureOf(exec().resumeThread(thread.id!, options));
    assert.ok(ExitError.is(onExec), `${onExec}`);
    assert.match(`${onExec.message} ${onExec.stderr}`, /thread-store conflict/);
    const onServer = await failureOf(another().resumeThread(thread.id!, options));
    assert.ok(RpcError.is(onServer), `${onServer}`);
    assert.equal(onServer.method, "thread/resume");
    assert.match(onServer.message, /already|in use|conflict|lock/);
    assert.equal(model.requests.length, 1);
    assert.equal((await thread.run("Second")).finalResponse, "Re: Second");
  });

  {
    const gate = new Gate();
    bench.it("that run on the exec lane are refused here", [
      turn(hold(gate), message("ok")),
    ], async ({ exec, codex, directory }) => {
      const options = { workingDirectory: directory };
      const thread = exec().startThread(options);
      const { events, turn } = await thread.runStreamed("First");
      await events.next();
      await gate.reached;
      const error = await failureOf(codex.resumeThread(thread.id!, options));
      assert.ok(CodexError.is(error), `${error}`);
      assert.equal(error.code, "RPC");
      gate.open();
      for await (const _ of events);
      assert.equal((await turn()).finalResponse, "ok");
    });
  }

  bench.it("take several turns also when codex keeps no record of them", [
    echo,
  ], async ({ model, codex, startThread, another, directory }) => {
    const thread = startThread({ ephemeral: true });
    const turns = [
      await thread.run("First"),
      await thread.run("Second"),
      await thread.run("Third"),
    ];
    assert.deepEqual(spoken(said(model.requests[2]!)).slice(-3), ["Second", "Re: Second", "Third"]);
    assert.deepEqual(turns.map(({ ownUsage }) => ownUsage?.input_tokens), [42, 42, 42]);
    await codex.close();
    const error = await failureOf(
      another().resumeThread(thread.id!, { workingDirectory: directory }),
    );
    assert.ok(RpcError.is(error));
    assert.match(error.message, /no rollout found/);
  });

  bench.it("are refused with codex's own words when there are none of an id", [], async (stage) => {
    const id = "00000000-0000-7000-8000-000000000000";
    const options = { workingDirectory: stage.directory };
    const resumed = await failureOf(stage.codex.resumeThread(id, options));
    const forked = await failureOf(stage.codex.forkThread(id, options));
    assert.ok(RpcError.is(resumed) && RpcError.is(forked));
    assert.deepEqual([resumed.method, forked.method], ["thread/resume", "thread/fork"]);
    for (const { message } of [resumed, forked]) {
      assert.match(message, new RegExp(`no rollout found for thread id ${id}`));
    }
  });

  bench.it("are refused with what to do instead when the id is none", [], async (stage) => {
    const options = { workingDirectory: stage.directory };
    for (const id of ["a name", ""]) {
      const resumed = await failureOf(stage.codex.resumeThread(id, options));
      assert.ok(InvalidOptionsError.is(resumed), `${resumed}`);
      if (id !== "") assert.match(resumed.message, /resume it as \{ name: "a name" \}/);
      const forked = await failureOf(stage.codex.forkThread(id, options));
      assert.ok(InvalidOptionsError.is(forked), `${forked}`);
    }
  });

  bench.it("are forked by their name, too", [echo], async ({ codex, model, directory }) => {
    const options = { workingDirectory: directory };
    await codex.resumeThread({ name: "To be forked" }, options).run("First");
    await codex.forkThread("To be forked", options).run("Second");
    assert.deepEqual(spoken(said(model.requests[1]!)).slice(-3), ["First", "Re: First", "Second"]);
  });
});
