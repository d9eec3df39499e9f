import assert from "node:assert/strict";
import { describe } from "node:test";
import { ExitError } from "../../mod.ts";
import { lastUserText, message, repeat, userTexts } from "../../src/testing/mod.ts";
import { spoken } from "../support/spoken.ts";
import { Workbench } from "../support/workbench.ts";

const echo = repeat((request) => message(`Re: ${lastUserText(request)}`));

describe("Codex.forkThread() on the real codex", () => {
  const bench = new Workbench();

  bench.it(
    "begins a thread that knows what the other one knew",
    [echo],
    async ({ model, codex, startThread, directory }) => {
      const original = startThread();
      await original.run("First");
      const fork = codex.forkThread(original.id!, { workingDirectory: directory });
      assert.equal(fork.id, null);
      const forked = await fork.run("In the fork");
      assert.equal(forked.finalResponse, "Re: In the fork");
      assert.notEqual(fork.id, original.id);
      assert.equal(forked.threadId, fork.id);
      assert.deepEqual(spoken(userTexts(model.requests[1]!)).slice(-2), ["First", "In the fork"]);
      // The figures of the original are part of the fork's, so the share is not known at first.
      assert.equal(forked.usage?.input_tokens, 84);
      assert.equal(forked.ownUsage, null);

      const next = await fork.run("Still in the fork");
      assert.equal(next.threadId, fork.id);
      assert.equal(next.ownUsage?.input_tokens, 42);
      assert.deepEqual(spoken(userTexts(model.requests[2]!)).slice(-2), [
        "In the fork",
        "Still in the fork",
      ]);

      await original.run("In the original");
      const texts = userTexts(model.requests[3]!);
      assert.equal(texts.includes("In the fork"), false);
      assert.equal(texts.includes("First"), true);
    },
  );

  for (const id of ["00000000-0000-7000-8000-000000000000", "no-such-name"]) {
    bench.it(
      `rejects with an ExitError when there is no "${id}"`,
      [],
      async ({ codex, directory }) => {
        const fork = codex.forkThread(id, { workingDirectory: directory });
        const error = await fork.run("Hello").catch((error) => error);
        assert.ok(ExitError.is(error));
        assert.match(error.message, /no rollout found|Session not found/);
        assert.equal(fork.id, null);
      },
    );
  }
});
