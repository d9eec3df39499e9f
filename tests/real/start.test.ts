import assert from "node:assert/strict";
import { describe } from "node:test";
import { lastUserText, message, repeat } from "../../src/testing/mod.ts";
import { Workbench } from "../support/workbench.ts";

describe("Thread.run() on the real codex", () => {
  const bench = new Workbench();

  bench.it("resolves with the turn", [message("Hello to you")], async ({ model, startThread }) => {
    const thread = startThread();
    assert.equal(thread.id, null);
    const turn = await thread.run("Hello");
    assert.deepEqual(turn, {
      items: [{ id: "item_0", type: "agent_message", text: "Hello to you" }],
      finalResponse: "Hello to you",
      usage: {
        input_tokens: 42,
        cached_input_tokens: 12,
        cache_write_input_tokens: 0,
        output_tokens: 5,
        reasoning_output_tokens: 2,
      },
    });
    assert.deepEqual(turn.ownUsage, turn.usage);
    assert.equal(turn.threadId, thread.id);
    assert.equal(model.requests[0]?.threadId, thread.id);
    assert.deepEqual([turn.unfinishedItems, turn.diagnostics], [[], []]);
  });

  bench.it("sends the prompt as it is", [message("ok")], async ({ model, startThread }) => {
    const prompt = "--help\n  “ünï” \u{1F600} \u2028 \\n $HOME 'x' \"y\"\t ";
    await startThread().run(prompt);
    assert.equal(lastUserText(model.requests[0]!), prompt);
  });

  bench.it("joins texts by a blank line", [message("ok")], async ({ model, startThread }) => {
    await startThread().run([{ type: "text", text: "One" }, { type: "text", text: "Two" }]);
    assert.equal(lastUserText(model.requests[0]!), "One\n\nTwo");
  });

  bench.it("takes a prompt larger than a pipe", [message("ok")], async ({ model, startThread }) => {
    const prompt = "All work and no play. ".repeat(40_000);
    await startThread().run(prompt);
    assert.equal(lastUserText(model.requests[0]!), prompt);
  });

  const answer = "one\u2028two\u2029three\u0085four\r\nfive";
  bench.it("keeps line separators in an answer", [message(answer)], async ({ startThread }) => {
    assert.equal((await startThread().run("Hello")).finalResponse, answer);
  });

  bench.it("runs the turns of a thread in the order of their calls, each on top of the last", [
    repeat((request) => message(`Re: ${lastUserText(request)}`), 3),
  ], async ({ model, startThread }) => {
    const thread = startThread();
    const turns = await Promise.all(["a", "b", "c"].map((prompt) => thread.run(prompt)));
    assert.deepEqual(turns.map((turn) => turn.finalResponse), ["Re: a", "Re: b", "Re: c"]);
    assert.deepEqual(new Set(turns.map((turn) => turn.threadId)), new Set([thread.id]));
    assert.deepEqual(
      model.requests[2]?.body.input?.filter(({ role }) => role === "assistant").length,
      2,
    );
  });

  bench.it("runs five threads at once", [{
    perThread: true,
    steps: (request) => [message(`Re: ${lastUserText(request)}`)],
  }], async ({ startThread }) => {
    const prompts = ["a", "b", "c", "d", "e"];
    const turns = await Promise.all(prompts.map((prompt) => startThread().run(prompt)));
    assert.deepEqual(
      turns.map((turn) => turn.finalResponse),
      prompts.map((prompt) => `Re: ${prompt}`),
    );
    assert.equal(new Set(turns.map((turn) => turn.threadId)).size, 5);
  });
});
