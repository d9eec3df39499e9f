import assert from "node:assert/strict";
import { join } from "node:path";
import { describe } from "node:test";
import { ExitError, type RetryInfo, TurnFailedError } from "../../mod.ts";
import {
  disconnect,
  failure,
  httpError,
  message,
  reasoning,
  type ScriptStep,
  shell,
  turn,
} from "../../src/testing/mod.ts";
import { comparable, recording } from "../support/recordings.ts";
import { collect, Workbench } from "../support/workbench.ts";

const failures: [string, string, ScriptStep][] = [
  ["HTTP status 500", "fail_500", httpError(500)],
  ["HTTP status 401", "fail_401", httpError(401, { body: "bad key" })],
  ["a full context", "fail_context", failure("context_length_exceeded")],
];

describe("a failing turn on the real codex", () => {
  const bench = new Workbench();

  for (const [title, name, step] of failures) {
    bench.it(`rejects with a TurnFailedError for ${title}, after the events`, [
      step,
      step,
    ], async ({ startThread }) => {
      const { events } = await startThread().runStreamed("Hello");
      const { events: seen, error } = await collect(events);
      assert.deepEqual(comparable(seen), comparable(recording(name)));
      assert.ok(TurnFailedError.is(error));
      const last = seen.at(-1);
      assert.equal(last?.type === "turn.failed" && last.error.message, error.message);

      const buffered = await startThread().run("Hello").catch((error) => error);
      assert.ok(TurnFailedError.is(buffered));
      // Ports differ from model to model, not within one.
      assert.equal(buffered.message, error.message);
    });
  }

  bench.it("keeps what had arrived, and the thread goes on", [
    turn(reasoning("**Thinking**"), shell("echo one")),
    httpError(500),
    message("ok"),
  ], async ({ startThread }) => {
    const thread = startThread({ sandboxMode: "danger-full-access" });
    const error = await thread.run("Hello").catch((error) => error);
    assert.ok(TurnFailedError.is(error));
    assert.deepEqual(error.turn.items.map(({ type }) => type), ["reasoning", "command_execution"]);
    assert.equal(error.turn.threadId, thread.id);
    assert.equal((await thread.run("Again")).finalResponse, "ok");
  });

  bench.it("calls onRetry when the stream is cut, and completes", [
    message("All done", { deltas: ["All ", disconnect()] }),
    message("ok"),
  ], async ({ startThread }) => {
    const retries: RetryInfo[] = [];
    const { events } = await startThread().runStreamed("Hello", {
      onRetry: (retry) => retries.push(retry),
    });
    const { events: seen, error } = await collect(events);
    assert.equal(error, undefined);
    const expected = recording("retry");
    assert.deepEqual(comparable(seen), comparable(expected));
    const notice = expected.find(({ type }) => type === "error");
    assert.deepEqual(retries, [
      { attempt: 1, maxAttempts: 2, message: notice?.type === "error" && notice.message },
    ]);
  }, { scripted: { retries: 2 } });

  bench.it("rejects with an ExitError when codex never reads a large prompt", [], async (stage) => {
    const { startThread, directory } = stage;
    const thread = startThread({ workingDirectory: join(directory, "missing") });
    const error = await thread.run("x".repeat(16 * 1024 * 1024)).catch((error) => error);
    assert.ok(ExitError.is(error));
    assert.deepEqual([error.exitCode, error.signal], [1, null]);
    assert.match(error.message, /No such file or directory/);
  });
});
