import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  applyPatch,
  disconnect,
  expecting,
  failure,
  Gate,
  hold,
  httpError,
  lastUserText,
  message,
  reasoning,
  type Script,
  type ScriptedCodexOptions,
  ScriptedModel,
  ScriptMismatchError,
  shell,
  toolOutputs,
  turn,
  updatePlan,
  usage,
  webSearch,
} from "../../src/testing/mod.ts";
import { plantedKey } from "../support/planted_key.ts";
import {
  type CodexRun,
  type FreshHome,
  freshHome,
  runCodexExec,
  type ScratchFolder,
  scratchRepository,
} from "../support/real_codex.ts";

const oneResponse = {
  input_tokens: 42,
  cached_input_tokens: 12,
  cache_write_input_tokens: 0,
  output_tokens: 5,
  reasoning_output_tokens: 2,
};

describe("ScriptedModel with the real codex", () => {
  let home: FreshHome;
  let repository: ScratchFolder;

  before(async () => {
    home = await freshHome();
    repository = await scratchRepository();
  });
  after(async () => {
    await home.remove();
    await repository.remove();
  });

  async function run(
    script: Script,
    options: ScriptedCodexOptions = {},
    args: string[] = ["--sandbox", "danger-full-access"],
  ): Promise<CodexRun & { model: ScriptedModel }> {
    const model = await ScriptedModel.start(script);
    try {
      const settings = model.codexOptions({ ...home, ...options });
      const result = await runCodexExec(settings, {
        prompt: "Hello",
        directory: repository.path,
        args,
      });
      return { ...result, model };
    } finally {
      await model.stop();
    }
  }

  it("answers with a message", async () => {
    const { events, code, model } = await run([message("ok", { deltas: ["o", "k"] })]);
    assert.equal(code, 0);
    assert.match(events[0].thread_id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(events.slice(1), [
      { type: "turn.started" },
      { type: "item.completed", item: { id: "item_0", type: "agent_message", text: "ok" } },
      { type: "turn.completed", usage: oneResponse },
    ]);
    const [request] = model.requests;
    assert.ok(request);
    assert.equal(request.threadId, events[0].thread_id);
    assert.equal(request.body.model, "gpt-5.5");
    assert.equal(request.headers.authorization, undefined);
    assert.equal(lastUserText(request), "Hello");
    await model.close();
  });

  it("makes codex run a command, edit a file, plan, think and search", async () => {
    const { events, code, model } = await run([
      turn(
        reasoning("**Planning** the work"),
        updatePlan([
          { step: "Look around", status: "in_progress" },
          { step: "Write file", status: "pending" },
        ], "start"),
      ),
      shell("printf 'one\\n'; printf ran > ran.txt", {}, { callId: "call_command" }),
      turn(
        expecting((request) =>
          assert.match(toolOutputs(request).get("call_command") ?? "", /one\n/)
        ),
        applyPatch("*** Begin Patch\n*** Add File: hello.txt\n+Hello\n*** End Patch"),
      ),
      turn(webSearch("weather"), message("Wrote hello.txt"), usage({ input_tokens: 1000 })),
    ]);
    assert.deepEqual([code, events.at(-1)], [0, {
      type: "turn.completed",
      usage: {
        input_tokens: 3 * 42 + 1000,
        cached_input_tokens: 48,
        cache_write_input_tokens: 0,
        output_tokens: 20,
        reasoning_output_tokens: 8,
      },
    }]);
    const completed = events.filter(({ type }) => type === "item.completed")
      .map(({ item: { id: _, ...item } }) => item);
    const path = join(repository.path, "hello.txt");
    assert.equal(completed[1].command.includes("printf"), true);
    delete completed[1].command;
    assert.deepEqual(completed, [
      { type: "reasoning", text: "**Planning** the work" },
      {
        type: "command_execution",
        aggregated_output: "one\n",
        exit_code: 0,
        status: "completed",
      },
      { type: "file_change", changes: [{ path, kind: "add" }], status: "completed" },
      { type: "web_search", query: "weather", action: { type: "search", query: "weather" } },
      { type: "agent_message", text: "Wrote hello.txt" },
      {
        type: "todo_list",
        items: [
          { text: "Look around", completed: false },
          { text: "Write file", completed: false },
        ],
      },
    ]);
    assert.equal(await readFile(path, "utf8"), "Hello\n");
    assert.equal(await readFile(join(repository.path, "ran.txt"), "utf8"), "ran");
    await model.close();
  });

  it("counts the tokens of the prompt cache", async () => {
    const counts = {
      input_tokens: 100,
      cached_input_tokens: 50,
      cache_write_input_tokens: 30,
      output_tokens: 20,
      reasoning_output_tokens: 10,
    };
    const { events, model } = await run([turn(message("ok"), usage(counts))]);
    assert.deepEqual(events.at(-1), { type: "turn.completed", usage: counts });
    await model.close();
  });

  const failures: [string, Script, RegExp][] = [
    ["HTTP status 500", [httpError(500)], /high demand/],
    [
      "HTTP status 401",
      [httpError(401, { body: "bad key" })],
      /^unexpected status 401 Unauthorized: bad key, url: /,
    ],
    ["a full context", [failure("context_length_exceeded")], /context window/],
  ];
  for (const [name, script, expected] of failures) {
    it(`fails a turn with ${name}`, async () => {
      const { events, code, model } = await run(script);
      assert.equal(code, 1);
      assert.deepEqual(events.map(({ type }) => type).slice(1), [
        "turn.started",
        "error",
        "turn.failed",
      ]);
      assert.match(events.at(-1).error.message, expected);
      assert.equal(model.requests.length, 1);
      await model.close();
    });
  }

  it("breaks the connection in the middle of a message, and answers the retry", async () => {
    const { events, code, model } = await run([
      message("All done", { deltas: ["All ", disconnect()] }),
      message("ok"),
    ], { retries: 2 });
    assert.equal(code, 0);
    assert.match(events[2].message, /^Reconnecting\.\.\. 1\/2 \(stream disconnected/);
    assert.deepEqual(events.slice(3), [
      { type: "item.completed", item: { id: "item_0", type: "agent_message", text: "ok" } },
      { type: "turn.completed", usage: oneResponse },
    ]);
    assert.deepEqual(await Promise.all(model.requests.map(({ ended }) => ended)), [
      "cut",
      "answered",
    ]);
    await model.close();
  });

  it("makes codex give up at once when the script has no step left", async () => {
    const { events, code, model } = await run([]);
    assert.equal(code, 1);
    assert.match(events.at(-1).error.message, /the script has no step left for it/);
    assert.equal(model.requests.length, 1);
    await assert.rejects(model.close(), ScriptMismatchError);
  });

  it("is reached through the built-in provider, and keeps the key out of the arguments", async () => {
    const { events, args, model } = await run([message("ok")], {
      provider: "builtin",
      apiKey: plantedKey,
    });
    assert.deepEqual(events.at(-1), { type: "turn.completed", usage: oneResponse });
    assert.equal(model.requests[0]?.headers.authorization, `Bearer ${plantedKey}`);
    assert.equal(args.some((arg) => arg.includes(plantedKey)), false);
    await model.close();
  });

  it("sends the API key to the custom provider, too", async () => {
    const { args, model } = await run([message("ok")], { apiKey: plantedKey });
    assert.equal(model.requests[0]?.headers.authorization, `Bearer ${plantedKey}`);
    assert.equal(args.some((arg) => arg.includes(plantedKey)), false);
    await model.close();
  });

  it("knows when codex went away while it was held", async () => {
    const gate = new Gate();
    const model = await ScriptedModel.start([turn(hold(gate), message("Never"))]);
    const controller = new AbortController();
    const running = runCodexExec(model.codexOptions(home), {
      prompt: "Hello",
      directory: repository.path,
      signal: controller.signal,
    });
    await gate.reached;
    controller.abort();
    // The exit code is not looked at: Deno's node:child_process reports the signal it sent instead.
    const { events } = await running;
    assert.deepEqual(events.map(({ type }) => type), ["thread.started", "turn.started"]);
    assert.equal(await model.requests[0]?.ended, "abandoned");
    await model.close();
  });

  it("serves several processes at once, each thread from the start of its script", async () => {
    const model = await ScriptedModel.start([{
      perThread: true,
      steps: (request) => [shell("true"), message(`Done: ${lastUserText(request)}`)],
    }]);
    const runs = await Promise.all(
      ["a", "b", "c"].map((prompt) =>
        runCodexExec(model.codexOptions(home), {
          prompt,
          directory: repository.path,
          args: ["--sandbox", "danger-full-access"],
        })
      ),
    );
    assert.deepEqual(
      runs.map(({ events }) => events.at(-2).item.text),
      ["Done: a", "Done: b", "Done: c"],
    );
    assert.equal(model.requests.length, 6);
    await model.close();
  });
});
