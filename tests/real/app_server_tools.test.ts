import assert from "node:assert/strict";
import process from "node:process";
import { describe } from "node:test";
import * as v from "valibot";
import {
  AbortError,
  InvalidOptionsError,
  type ThreadOptions,
  type Tool,
  type ToolContext,
  type ToolResult,
  type Turn,
  UnsupportedError,
} from "../../mod.ts";
import { type DynamicToolCallItem, isDynamicToolCall, tool } from "../../src/app_server/mod.ts";
import { deferred } from "../../src/deferred.ts";
import {
  customToolCall,
  functionCall,
  Gate,
  hold,
  message,
  type ModelRequest,
  type ScriptStep,
  toolOutputs,
  turn,
} from "../../src/testing/mod.ts";
import { ServerBench } from "../support/app_server.ts";
import { collect } from "../support/workbench.ts";

const never = new Promise<never>(() => {});
const anything = { type: "object", properties: {} };
const pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mMQ" +
  "sbmDFTEMLQkAHHtLAdvRuQoAAAAASUVORK5CYII=";

/** A tool of which nothing is said but its name and what it does. */
function simple(
  name: string,
  run: (args: unknown, context: ToolContext) => ToolResult | Promise<ToolResult>,
  more: { timeoutMs?: number } = {},
): Tool {
  return tool({ name, description: "Test", inputSchema: anything, run, ...more });
}

function call(name: string, args: unknown = {}, callId = "call_it"): ScriptStep {
  return functionCall(name, args, { callId });
}

/** The model says what it was told. */
const echo: ScriptStep = (request: ModelRequest) =>
  message([...toolOutputs(request).values()].join("\n"));

function calls({ items }: Turn): DynamicToolCallItem[] {
  return items.flatMap((item) => isDynamicToolCall(item) ? [item] : []);
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(() => assert.fail("It did not fail"), (error) => error);
}

describe("a tool of the program", () => {
  const bench = new ServerBench();

  bench.it("is offered to the model, and called", [
    call("add", { a: "1", b: "2" }),
    echo,
  ], async ({ startThread, model }) => {
    const number = v.pipe(v.string(), v.transform(Number));
    const contexts: ToolContext[] = [];
    const inputSchema = {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string" } },
      required: ["a", "b"],
      additionalProperties: false,
    };
    const add = tool({
      name: "add",
      description: "Adds two numbers",
      input: v.object({ a: number, b: number }),
      inputSchema,
      run({ a, b }, context) {
        contexts.push(context);
        return `${a + b}`;
      },
    });
    const thread = startThread({ tools: [add] });
    const turn = await thread.run("1 + 2?");
    assert.equal(turn.finalResponse, "3");
    const offered = (model.requests[0]!.body.tools as { name: string }[])
      .find(({ name }) => name === "add");
    assert.deepEqual(offered, {
      type: "function",
      name: "add",
      description: "Adds two numbers",
      strict: false,
      parameters: inputSchema,
    });
    const [{ threadId, turnId, callId, signal }] = contexts as [ToolContext];
    // Who has answered need not be told that the turn has ended.
    assert.equal(signal.aborted, false);
    assert.deepEqual([threadId, callId], [thread.id, "call_it"]);
    assert.match(turnId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(calls(turn), [{
      id: "call_it",
      type: "dynamic_tool_call",
      tool: "add",
      namespace: null,
      arguments: { a: "1", b: "2" },
      status: "completed",
      success: true,
      text: "3",
      content: [{ type: "text", text: "3" }],
    }]);
  });

  bench.it("is told in the events when it begins and when it ends", [
    call("slow"),
    message("ok"),
  ], async ({ startThread }) => {
    const { events } = await startThread({ tools: [simple("slow", () => "done")] })
      .runStreamed("Go");
    const seen = (await collect(events)).events.flatMap((event) =>
      "item" in event && isDynamicToolCall(event.item) ? [[event.type, event.item.status]] : []
    );
    assert.deepEqual(seen, [["item.started", "in_progress"], ["item.completed", "completed"]]);
  });

  bench.it("answers with texts and images", [
    call("camera"),
    message("A red square"),
  ], async ({ startThread, model }) => {
    const camera = simple("camera", () => [
      { type: "text", text: "Here:" },
      { type: "image", url: pixel },
      { type: "text", text: "Nice" },
    ]);
    const turn = await startThread({ tools: [camera] }).run("What do you see?");
    const output = (model.requests[1]!.body.input ?? [])
      .find(({ type }) => type === "function_call_output")!.output;
    const parts = output as { type: string; text?: string; image_url?: string }[];
    assert.deepEqual(parts.map(({ type, text, image_url }) => [type, text ?? image_url]), [
      ["input_text", "Here:"],
      ["input_image", pixel],
      ["input_text", "Nice"],
    ]);
    assert.deepEqual(calls(turn)[0]!.content?.map(({ type }) => type), ["text", "image", "text"]);
  });

  bench.it("that throws or answers nonsense has the model told, and the turn goes on", [
    call("throws", {}, "call_1"),
    call("rejects", {}, "call_2"),
    call("nonsense", {}, "call_3"),
    call("links", {}, "call_4"),
    echo,
  ], async ({ startThread }) => {
    const tools = [
      simple("throws", () => {
        throw new Error("The stock is closed");
      }),
      simple("rejects", () => Promise.reject(new Error("The line is dead"))),
      simple("nonsense", (() => 42) as unknown as () => string),
      // Codex would fetch no such image.
      simple("links", () => [{ type: "image", url: "https://example.com/a.png" }]),
    ];
    const turn = await startThread({ tools }).run("Go");
    assert.deepEqual(turn.finalResponse.split("\n"), [
      "The stock is closed",
      "The line is dead",
      "It answered with what is neither text nor image",
      "It answered with what is neither text nor image",
    ]);
    assert.deepEqual(calls(turn).map(({ status, success }) => [status, success]), [
      ...Array.from({ length: 4 }, () => ["failed", false]),
    ]);
    assert.equal(turn.diagnostics.length, 4);
    assert.match(turn.diagnostics[0]!.message, /"throws" failed: The stock is closed/);
  });

  bench.it("is not run with arguments that do not fit, and the model is told", [
    call("pick", { count: "many" }, "call_1"),
    call("pick", {}, "call_2"),
    call("pick", { count: 2 }, "call_3"),
    echo,
  ], async ({ startThread }) => {
    const ran: number[] = [];
    const pick = tool({
      name: "pick",
      description: "Picks some",
      input: v.object({ count: v.number("Expected a number") }),
      inputSchema: anything,
      run({ count }) {
        ran.push(count);
        return `Picked ${count}`;
      },
    });
    const turn = await startThread({ tools: [pick] }).run("Go");
    const [first, second, third] = turn.finalResponse.split("\n");
    assert.equal(first, 'Invalid arguments of "pick": at "count": Expected a number');
    assert.match(second!, /^Invalid arguments of "pick": at "count": /);
    assert.equal(third, "Picked 2");
    assert.deepEqual([ran, turn.diagnostics], [[2], []]);
  });

  bench.it("never hears of arguments that are no JSON", [
    call("pick", '{"count":'),
    echo,
  ], async ({ startThread }) => {
    const pick = simple("pick", () => assert.fail("It was run"));
    const turn = await startThread({ tools: [pick] }).run("Go");
    assert.match(turn.finalResponse, /failed to parse function arguments/);
  });

  bench.it("is called several times at once", [
    turn(...["a", "b", "c"].map((key) => functionCall("meet", { key }, { callId: key }))),
    echo,
  ], async ({ startThread }) => {
    const all = deferred<void>();
    let waiting = 0;
    const meet = simple("meet", async (args) => {
      if (++waiting === 3) all.resolve();
      await all.promise;
      return (args as { key: string }).key;
    });
    const turn = await startThread({ tools: [meet] }).run("Go");
    assert.equal(turn.finalResponse, "a\nb\nc");
  });

  bench.it("that takes too long is given up", [
    call("slow"),
    echo,
  ], async ({ startThread }) => {
    const given = deferred<AbortSignal>();
    const slow = simple("slow", (_args, { signal }) => {
      given.resolve(signal);
      return never;
    }, { timeoutMs: 50 });
    const turn = await startThread({ tools: [slow] }).run("Go");
    assert.equal(turn.finalResponse, "It took longer than 50 ms");
    assert.equal((await given.promise).aborted, true);
  });

  bench.it("hears when its turn is interrupted", [
    call("slow"),
    message("Next"),
  ], async ({ startThread }) => {
    const given = deferred<AbortSignal>();
    const slow = simple("slow", (_args, { signal }) => {
      given.resolve(signal);
      return never;
    });
    const thread = startThread({ tools: [slow] });
    const running = failureOf(thread.run("Go"));
    const signal = await given.promise;
    assert.equal(signal.aborted, false);
    await thread.interrupt();
    assert.equal(signal.aborted, true);
    assert.ok(AbortError.is(await running));
    assert.equal((await thread.run("Go on")).finalResponse, "Next");
  });

  bench.it("is called while nobody reads the events", [
    call("meet"),
    message("Met"),
  ], async ({ startThread }) => {
    const called = deferred<void>();
    const answer = deferred<string>();
    const meet = simple("meet", () => {
      called.resolve();
      return answer.promise;
    });
    const streamed = await startThread({ tools: [meet] }).runStreamed("Meet");
    const first = streamed.events.next();
    await called.promise;
    await first;
    answer.resolve("done");
    assert.equal((await streamed.turn()).finalResponse, "Met");
  });

  for (const model of ["gpt-6.1-sol"]) {
    const script = 'const said = await tools.look_up({ id: "ABC-1" }); text(JSON.stringify(said));';
    bench.it(`is called from code, too, as the default model does: ${model}`, [
      customToolCall("exec", script, { namespace: "functions", callId: "cell" }),
      echo,
    ], async ({ startThread }) => {
      const asked: unknown[] = [];
      const lookUp = simple("look_up", (args) => {
        asked.push(args);
        return "ABC-1 is open";
      });
      const turn = await startThread({ tools: [lookUp] }).run("Go");
      assert.deepEqual(asked, [{ id: "ABC-1" }]);
      assert.match(turn.finalResponse, /ABC-1 is open/);
      assert.deepEqual(calls(turn).map(({ tool, status }) => [tool, status]), [
        ["look_up", "completed"],
      ]);
    }, { scripted: { model } });
  }
});

describe("tools of a thread that is resumed", () => {
  const bench = new ServerBench();
  const tools = [simple("look_up", () => "Found")];

  bench.it("are offered, and work when they are given again", [
    message("ok"),
    call("look_up"),
    echo,
    call("look_up", {}, "call_fork"),
    echo,
  ], async ({ startThread, codex, another, directory, model }) => {
    const thread = startThread({ tools });
    await thread.run("Go");
    await codex.close();
    const options: ThreadOptions = { workingDirectory: directory, tools };
    const next = another();
    assert.equal((await next.resumeThread(thread.id!, options).run("Go")).finalResponse, "Found");
    const offered = model.requests[1]!.body.tools as { name: string }[];
    assert.equal(offered.filter(({ name }) => name === "look_up").length, 1);
    assert.equal(
      (await next.forkThread(thread.id!, options).run("Go")).finalResponse,
      "Found\nFound",
    );
  });

  bench.it("are answered for when they are not given again", [
    message("ok"),
    call("look_up"),
    echo,
    call("look_up"),
    echo,
  ], async ({ startThread, codex, another, directory }) => {
    const thread = startThread({ tools });
    await thread.run("Go");
    await codex.close();
    const next = another();
    const turn = await next.resumeThread(thread.id!, { workingDirectory: directory }).run("Go");
    assert.equal(turn.finalResponse, 'There is no tool "look_up". There are none now');
    assert.match(turn.diagnostics[0]!.message, /"look_up", which this program does not have/);
    assert.deepEqual(calls(turn).map(({ status }) => status), ["failed"]);
    const other = await next.resumeThread(thread.id!, {
      workingDirectory: directory,
      tools: [simple("another", () => "")],
    }).run("Go");
    assert.match(other.finalResponse, /There is no tool "look_up"\. There are: "another"$/);
  });

  {
    const gate = new Gate();
    bench.it("work after the server was lost", [
      call("look_up"),
      turn(hold(gate), message("Never")),
      call("look_up", {}, "call_again"),
      (request) => message(toolOutputs(request).get("call_again") ?? ""),
    ], async ({ startThread, servers }) => {
      const thread = startThread({ tools });
      const running = failureOf(thread.run("Go"));
      await gate.reached;
      process.kill(servers[0]!, "SIGKILL");
      assert.match(String(await running), /SIGKILL/);
      assert.equal((await thread.run("Go on")).finalResponse, "Found");
      assert.equal(servers.length, 2);
    });
  }
});

describe("tools that cannot be", () => {
  const bench = new ServerBench();

  bench.it("are refused before anything is started", [], async ({ startThread, servers }) => {
    const valid = simple("valid", () => "");
    const wrong: [Tool[], RegExp][] = [
      [[{ ...valid, name: "exec_command" }], /codex has a tool of that name/],
      [[{ ...valid, name: "no spaces" }], /letters, digits/],
      [[valid, valid], /more than one "valid"/],
    ];
    for (const [tools, words] of wrong) {
      const error = await failureOf(startThread({ tools }).run("Go"));
      assert.ok(InvalidOptionsError.is(error), `${error}`);
      assert.match(error.message, words);
    }
    assert.throws(() => simple("apply_patch", () => ""), InvalidOptionsError.is);
    assert.deepEqual(servers, []);
  });

  bench.it("are all there is on the exec lane", [], async ({ exec, directory }) => {
    const tools = [simple("valid", () => "")];
    const thread = exec().startThread({ workingDirectory: directory, tools });
    const error = await failureOf(thread.run("Go"));
    assert.ok(UnsupportedError.is(error), `${error}`);
    assert.match(error.message, /appServer\(\)|app-server/);
  });
});
