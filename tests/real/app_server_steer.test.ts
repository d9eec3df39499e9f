import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe } from "node:test";
import { NoActiveTurnError, UnsupportedError } from "../../mod.ts";
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
import { settled } from "../support/virtual_clock.ts";
import { collect } from "../support/workbench.ts";

const never = new Promise<void>(() => {});

describe("steering on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("reaches the model in the middle of a message, which is then cut off", [
    message("One two", { deltas: ["One ", hold(never), "two"] }),
    message("Three"),
  ], async ({ model, startThread }) => {
    const thread = startThread();
    const streamed = await thread.runStreamed("Count", { liveEvents: true });
    await readTo(streamed, "item.agent_message.delta");
    await streamed.steer("From three on");
    const { events, error } = await collect(streamed.events);
    assert.equal(error, undefined);
    assert.equal(await model.requests[0]!.ended, "abandoned");
    assert.deepEqual(spoken(userTexts(model.requests[1]!)).slice(-2), ["Count", "From three on"]);
    // The message that was cut off began, and has no end.
    const completed = events.flatMap((event) =>
      event.type === "item.completed" ? [event.item] : []
    );
    assert.deepEqual(completed.map((item) => "text" in item && item.text), ["Three"]);
    const started = events.flatMap((event) =>
      event.type === "notification" && event.method === "item/started"
        ? [event.params.item as { id: string; type: string }]
        : []
    );
    assert.deepEqual(started.map(({ type }) => type), ["userMessage", "agentMessage"]);
    const { finalResponse, items } = await streamed.turn();
    assert.deepEqual([finalResponse, items.length], ["Three", 1]);
    // It was one turn.
    assert.equal(events.filter(({ type }) => type === "turn.completed").length, 1);
  });

  bench.it("waits until the turn has begun", [
    repeat((request) =>
      userTexts(request).includes("And this")
        ? message("Both")
        // Codex breaks a response off only once it has begun.
        : message("No", { deltas: ["N", hold(never), "o"] })
    ),
  ], async ({ model, startThread }) => {
    const thread = startThread();
    const streamed = await thread.runStreamed("This");
    // The first event is told before codex has begun the turn.
    assert.equal((await streamed.events.next()).value?.type, "thread.started");
    await streamed.steer("And this");
    assert.equal((await streamed.turn()).finalResponse, "Both");
    assert.deepEqual(spoken(userTexts(model.requests.at(-1)!)).slice(-2), ["This", "And this"]);
  });

  bench.it("is heard after the command that runs", [
    shell("until [ -e go ]; do :; done; echo gone"),
    repeat((request) => message(`Re: ${lastUserText(request)}`), 1),
  ], async ({ model, startThread, directory }) => {
    const thread = startThread({ sandboxMode: "danger-full-access" });
    const streamed = await thread.runStreamed("Wait");
    await readTo(streamed, "item.started");
    await thread.steer([{ type: "text", text: "Hurry" }]);
    await writeFile(join(directory, "go"), "");
    const { finalResponse, items } = await streamed.turn();
    assert.equal(finalResponse, "Re: Hurry");
    assert.deepEqual(items.map(({ type }) => type), ["command_execution", "agent_message"]);
    assert.deepEqual(spoken(userTexts(model.requests[1]!)).slice(-2), ["Wait", "Hurry"]);
  });

  {
    const gates = Array.from({ length: 12 }, () => new Gate());
    bench.it("right before the end is either taken or refused, never lost", [
      repeat((request) => {
        const text = lastUserText(request);
        const gate = gates[Number(text)];
        return gate === undefined
          ? message(`Re: ${text}`)
          : message("Done", { deltas: ["Done", hold(gate)] });
      }),
    ], async ({ model, startThread }) => {
      const thread = startThread();
      for (const [index, gate] of gates.entries()) {
        const running = thread.run(`${index}`);
        await gate.reached;
        const { ended } = model.requests.at(-1)!;
        gate.open();
        // From before the end of the answer to some time after it.
        if (index > 0) await ended;
        for (let i = 1; i < 2 ** index; i++) await settled();
        const wasTaken = await thread.steer(`steer ${index}`).then(() => true, (error) => {
          assert.ok(NoActiveTurnError.is(error), `${error}`);
          return false;
        });
        const { finalResponse } = await running;
        assert.equal(finalResponse, wasTaken ? `Re: steer ${index}` : "Done");
        const isHeard = model.requests.some((request) =>
          lastUserText(request) === `steer ${index}`
        );
        assert.equal(isHeard, wasTaken, `steer ${index}`);
      }
    });
  }

  bench.it("is refused before, between and after turns", [message("ok")], async (stage) => {
    const thread = stage.startThread();
    await assert.rejects(thread.steer("Too early"), NoActiveTurnError.is);
    const streamed = await thread.runStreamed("Hello");
    await assert.rejects(streamed.steer("Still too early"), NoActiveTurnError.is);
    assert.equal((await streamed.turn()).finalResponse, "ok");
    await assert.rejects(streamed.steer("Too late"), NoActiveTurnError.is);
    await assert.rejects(thread.steer("Too late"), NoActiveTurnError.is);
    assert.equal(stage.model.requests.length, 1);
  });

  {
    const gate = new Gate();
    bench.it("is not for reviews", [
      turn(hold(gate), message("Fine")),
    ], async ({ startThread }) => {
      const streamed = await startThread().reviewStreamed({ type: "custom", instructions: "Look" });
      await readTo(streamed, "turn.started");
      const error = await streamed.steer("Look closer").catch((error) => error);
      assert.ok(UnsupportedError.is(error));
      assert.match(error.message, /Cannot steer a review/);
      gate.open();
      assert.equal((await streamed.turn()).finalResponse, "Fine");
    });
  }

  bench.it("is refused on the exec lane, with the lane that has it", [
    message("ok"),
  ], async ({ exec, directory }) => {
    const streamed = await exec().startThread({ workingDirectory: directory }).runStreamed("Hello");
    await readTo(streamed, "thread.started");
    const error = await streamed.steer("More").catch((error) => error);
    assert.ok(UnsupportedError.is(error));
    assert.match(error.message, /appServer\(\)/);
    await streamed.turn();
  });
});
