import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe } from "node:test";
import type { ReviewTarget } from "../../mod.ts";
import { lastUserText, message, repeat, userTexts } from "../../src/testing/mod.ts";
import { collect, Workbench } from "../support/workbench.ts";

/** A review as the model gives it; codex makes a text of it. */
const verdict = message(JSON.stringify({
  findings: [{
    title: "[P1] Say hello",
    body: "Nobody is greeted.",
    confidence_score: 0.9,
    priority: 1,
    code_location: {
      absolute_file_path: "/greeting.txt",
      line_range: { start: 1, end: 2 },
    },
  }],
  overall_correctness: "patch is incorrect",
  overall_explanation: "It does not greet.",
  overall_confidence_score: 0.9,
}));
const review = "It does not greet.\n\nReview comment:\n\n" +
  "- [P1] Say hello — /greeting.txt:1-2\n  Nobody is greeted.";

const targets: [string, ReviewTarget, RegExp][] = [
  [
    "uncommitted changes",
    { type: "uncommitted_changes" },
    /^Review the current code changes \(staged, unstaged, and untracked files\)/,
  ],
  [
    "changes since a branch",
    { type: "base_branch", branch: "main" },
    /^Review the code changes against the base branch 'main'\. The merge base .* is [0-9a-f]{40}/,
  ],
  [
    "a commit",
    { type: "commit", sha: "HEAD" },
    /^Review the code changes introduced by commit HEAD\./,
  ],
  [
    "a commit with a title that looks like a flag",
    { type: "commit", sha: "HEAD", title: "--title of its own" },
    /^Review the code changes introduced by commit HEAD \("--title of its own"\)\./,
  ],
  [
    "what the instructions say",
    { type: "custom", instructions: "--uncommitted is a word\nLook for typos" },
    /^--uncommitted is a word\nLook for typos$/,
  ],
];

describe("Thread.review() on the real codex", () => {
  const bench = new Workbench();

  for (const [title, target, request] of targets) {
    bench.it(`reviews ${title}`, [verdict], async ({ model, startThread, directory }) => {
      await writeFile(join(directory, "greeting.txt"), "Bye\n");
      const thread = startThread();
      const turn = await thread.review(target);
      assert.match(lastUserText(model.requests[0]!), request);
      assert.equal(model.requests[0]!.headers["x-openai-subagent"], "review");
      assert.equal(turn.finalResponse, review);
      assert.deepEqual(turn.items, [{ id: "item_0", type: "agent_message", text: review }]);
      assert.equal(turn.threadId, thread.id);
      // Codex does not count what its reviewer uses.
      assert.equal(turn.usage?.input_tokens, 0);
    });
  }

  bench.it(
    "emits the events of an ordinary turn",
    [verdict],
    async ({ startThread, directory }) => {
      await writeFile(join(directory, "greeting.txt"), "Bye\n");
      const { events } = await startThread().reviewStreamed({ type: "uncommitted_changes" });
      const { events: seen, error } = await collect(events);
      assert.equal(error, undefined);
      assert.deepEqual(seen.map(({ type }) => type), [
        "thread.started",
        "turn.started",
        "item.completed",
        "turn.completed",
      ]);
    },
  );

  bench.it("leaves a thread that goes on", [
    verdict,
    repeat(message("Fixed")),
  ], async ({ model, startThread, directory }) => {
    await writeFile(join(directory, "greeting.txt"), "Bye\n");
    const thread = startThread();
    const { threadId } = await thread.review({ type: "uncommitted_changes" });
    const turn = await thread.run("Fix that");
    assert.deepEqual([turn.finalResponse, turn.threadId], ["Fixed", threadId]);
    const texts = userTexts(model.requests[1]!);
    assert.equal(texts.at(-1), "Fix that");
    assert.equal(texts.some((text) => text.includes("Nobody is greeted.")), true);
  });
});
