import assert from "node:assert/strict";
import { describe } from "node:test";
import { Codex, type Turn } from "../../mod.ts";
import { message, repeat, turn, usage } from "../../src/testing/mod.ts";
import { Workbench } from "../support/workbench.ts";

const inputTokens = ({ usage, ownUsage }: Turn) => [usage?.input_tokens, ownUsage?.input_tokens];

describe("the usage of a turn on the real codex", () => {
  const bench = new Workbench();

  bench.it("is cumulated over the thread, and ownUsage is the turn's share", [
    message("ok"),
    turn(
      message("ok"),
      usage({
        input_tokens: 1000,
        cached_input_tokens: 900,
        cache_write_input_tokens: 50,
        output_tokens: 100,
        reasoning_output_tokens: 70,
      }),
    ),
    message("ok"),
  ], async ({ startThread }) => {
    const thread = startThread();
    const turns = [];
    for (const prompt of ["a", "b", "c"]) turns.push(await thread.run(prompt));
    assert.deepEqual(turns.map(inputTokens), [[42, 42], [1042, 1000], [1084, 42]]);
    assert.deepEqual(turns[1]!.ownUsage, {
      input_tokens: 1000,
      cached_input_tokens: 900,
      cache_write_input_tokens: 50,
      output_tokens: 100,
      reasoning_output_tokens: 70,
    });
    assert.deepEqual(turns[2]!.usage, {
      input_tokens: 1084,
      cached_input_tokens: 924,
      cache_write_input_tokens: 50,
      output_tokens: 110,
      reasoning_output_tokens: 74,
    });
  });

  bench.it("tells no share of the first turn after a resume", [
    repeat(message("ok"), 3),
  ], async ({ settings, startThread, directory }) => {
    const first = startThread();
    await first.run("a");
    const codex = new Codex(settings);
    const resumed = codex.resumeThread(first.id!, { workingDirectory: directory });
    const turns = [await resumed.run("b"), await resumed.run("c")];
    assert.deepEqual(turns.map(inputTokens), [[84, undefined], [126, 42]]);
    assert.equal(turns[0]!.ownUsage, null);
    await codex.close();
  });
});
