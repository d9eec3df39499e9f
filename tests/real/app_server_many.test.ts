import assert from "node:assert/strict";
import { describe } from "node:test";
import { AbortError, ThreadBusyError } from "../../mod.ts";
import {
  Gate,
  hold,
  lastUserText,
  message,
  repeat,
  shell,
  turn,
  userTexts,
} from "../../src/testing/mod.ts";
import { readTo, ServerBench } from "../support/app_server.ts";
import { spoken } from "../support/spoken.ts";
import { collect } from "../support/workbench.ts";

const never = new Promise<void>(() => {});

describe("many turns on the real app-server", () => {
  const bench = new ServerBench();

  {
    const gates = new Map(["a", "b", "c", "d", "e", "f"].map((name) => [name, new Gate()]));
    bench.it("run at once on one server, each with its own events", [
      {
        perThread: true,
        steps: (request) => {
          const name = lastUserText(request);
          return [shell(`echo ${name}`), turn(hold(gates.get(name)!), message(`Re: ${name}`))];
        },
      },
    ], async ({ startThread, servers }) => {
      const names = [...gates.keys()];
      const turns = names.map((name) => startThread().run(name));
      // No answer is given before all have asked for it.
      await Promise.all([...gates.values()].map(({ reached }) => reached));
      for (const gate of [...gates.values()].reverse()) gate.open();
      for (const [index, each] of turns.entries()) {
        const { finalResponse, items } = await each;
        assert.equal(finalResponse, `Re: ${names[index]}`);
        assert.equal(items.length, 2);
        const [command] = items;
        assert.ok(command?.type === "command_execution");
        assert.equal(command.aggregated_output, `${names[index]}\n`);
      }
      assert.equal(servers.length, 1);
    });
  }

  {
    const gate = new Gate();
    bench.it("of one thread run one after the other, and do not steer each other", [
      turn(hold(gate), message("Re: First")),
      repeat((request) => message(`Re: ${lastUserText(request)}`), 2),
    ], async ({ model, startThread }) => {
      const thread = startThread();
      const turns = ["First", "Second", "Third"].map((prompt) => thread.run(prompt));
      await gate.reached;
      assert.equal(model.requests.length, 1);
      gate.open();
      const responses = (await Promise.all(turns)).map(({ finalResponse }) => finalResponse);
      assert.deepEqual(responses, ["Re: First", "Re: Second", "Re: Third"]);
      const texts = model.requests.map((request) => spoken(userTexts(request)).slice(-3));
      assert.deepEqual(texts[0]!.includes("Second"), false);
      assert.deepEqual(texts[2], ["First", "Second", "Third"]);
    });
  }

  {
    const gate = new Gate();
    bench.it("of one thread do not steer each other by way of two Threads either", [
      turn(hold(gate), message("Re: First")),
      repeat((request) => message(`Re: ${lastUserText(request)}`), 1),
    ], async ({ model, codex, startThread, directory }) => {
      const thread = startThread();
      const first = await thread.runStreamed("First");
      assert.equal((await first.events.next()).value?.type, "thread.started");
      const again = codex.resumeThread(thread.id!, { workingDirectory: directory });
      await gate.reached;
      const error = await again.run("Second").catch((error) => error);
      assert.ok(ThreadBusyError.is(error), `${error}`);
      gate.open();
      assert.equal((await first.turn()).finalResponse, "Re: First");
      assert.equal(model.requests.length, 1);
      assert.equal((await again.run("Third")).finalResponse, "Re: Third");
      assert.equal(userTexts(model.requests[1]!).includes("Second"), false);
    });
  }

  bench.it("do not feel that one of them is aborted", [
    repeat((request) => {
      const text = lastUserText(request);
      return message(text, text === "Hang" ? { deltas: ["Ha", hold(never), "ng"] } : {});
    }),
  ], async ({ startThread, servers }) => {
    const others = [startThread(), startThread()];
    const streamed = await startThread().runStreamed("Hang", { liveEvents: true });
    await readTo(streamed, "item.agent_message.delta");
    const running = others.map((thread, i) => thread.run(`Fine ${i}`));
    await streamed.interrupt();
    assert.ok(AbortError.is((await collect(streamed.events)).error));
    const responses = (await Promise.all(running)).map(({ finalResponse }) => finalResponse);
    assert.deepEqual(responses, ["Fine 0", "Fine 1"]);
    assert.equal(servers.length, 1);
  });

  bench.it("do not wait for one that nobody reads", [
    repeat((request) => message(`Re: ${lastUserText(request)}`), 2),
  ], async ({ startThread }) => {
    const unread = await startThread().runStreamed("Unread");
    assert.equal((await unread.events.next()).value?.type, "thread.started");
    assert.equal((await startThread().run("Read")).finalResponse, "Re: Read");
    assert.equal((await unread.turn()).finalResponse, "Re: Unread");
  });
});
