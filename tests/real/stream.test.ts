import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe } from "node:test";
import {
  applyPatch,
  Gate,
  hold,
  message,
  reasoning,
  shell,
  turn,
  updatePlan,
  usage,
} from "../../src/testing/mod.ts";
import { comparable, recording } from "../support/recordings.ts";
import { collect, Workbench } from "../support/workbench.ts";

const counts = usage({
  input_tokens: 1200,
  cached_input_tokens: 940,
  output_tokens: 30,
  reasoning_output_tokens: 4,
});

/** The agent thinks, plans, runs a command, edits a file, and reports. */
const fullTurn = [
  turn(
    reasoning("**Planning** the work"),
    updatePlan([
      { step: "Look around", status: "in_progress" },
      { step: "Write file", status: "pending" },
    ]),
    counts,
  ),
  turn(shell("printf 'one\\n'; printf 'two\\n'"), counts),
  turn(applyPatch("*** Begin Patch\n*** Add File: hello.txt\n+Hello\n*** End Patch"), counts),
  turn(
    updatePlan([
      { step: "Look around", status: "completed" },
      { step: "Write file", status: "completed" },
    ]),
    counts,
  ),
  turn(message("All done: wrote hello.txt"), counts),
];

describe("Thread.runStreamed() on the real codex", () => {
  const bench = new Workbench();

  bench.it("emits what codex prints, as recorded", fullTurn, async ({ startThread, directory }) => {
    const thread = startThread({ sandboxMode: "danger-full-access" });
    const streamed = await thread.runStreamed("Write a greeting");
    const { events, error } = await collect(streamed.events);
    assert.equal(error, undefined);
    const expected = recording("full");
    assert.deepEqual(comparable(events), comparable(expected));
    assert.equal(await readFile(join(directory, "hello.txt"), "utf8"), "Hello\n");

    const completed = await streamed.turn();
    assert.deepEqual(
      completed.items,
      events.flatMap((event) => event.type === "item.completed" ? [event.item] : []),
    );
    assert.equal(completed.finalResponse, "All done: wrote hello.txt");
    assert.deepEqual(completed.unfinishedItems, []);
    assert.equal(completed.usage?.input_tokens, 6000);
  });

  {
    const pids: number[] = [];
    bench.it("starts nothing before the first read", [message("ok")], async ({ startThread }) => {
      const { events } = await startThread().runStreamed("Hello");
      assert.deepEqual(pids, []);
      assert.equal((await events.next()).value?.type, "thread.started");
      assert.equal(pids.length, 1);
      const { events: rest, error } = await collect(events);
      assert.equal(error, undefined);
      assert.deepEqual(rest.map(({ type }) => type), [
        "turn.started",
        "item.completed",
        "turn.completed",
      ]);
    }, { codex: { onSpawn: ({ pid }) => pids.push(pid) } });
  }

  {
    const gate = new Gate();
    bench.it("emits an event while the turn still runs", [
      turn(reasoning("**Thinking**"), shell("true")),
      turn(hold(gate), message("ok")),
    ], async ({ startThread }) => {
      const thread = startThread({ sandboxMode: "danger-full-access" });
      const { events } = await thread.runStreamed("Hello");
      let finished = "";
      for await (const event of events) {
        if (event.type === "thread.started") assert.equal(thread.id, event.thread_id);
        if (event.type !== "item.completed") continue;
        // Nothing but this reader lets the model go on.
        if (event.item.type === "command_execution") gate.open();
        finished += `${event.item.type} `;
      }
      assert.equal(finished, "reasoning command_execution agent_message ");
    });
  }

  bench.it("can be piped", [message("ok")], async ({ startThread }) => {
    const { events } = await startThread().runStreamed("Hello");
    const lines = events.pipeThrough(
      new TransformStream({
        transform: (event, controller) => controller.enqueue(`${event.type}\n`),
      }),
    ).pipeThrough(new TextEncoderStream());
    assert.equal(
      await new Response(lines).text(),
      "thread.started\nturn.started\nitem.completed\nturn.completed\n",
    );
  });

  bench.it("is read by turn() when nobody else does", [message("ok")], async ({ startThread }) => {
    const streamed = await startThread().runStreamed("Hello");
    assert.equal((await streamed.turn()).finalResponse, "ok");
    assert.deepEqual(await collect(streamed.events), { events: [], error: undefined });
  });
});
