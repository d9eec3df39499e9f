import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { tool } from "../../src/app_server/tool.ts";
import { dynamicToolsOf, toolSet } from "../../src/app_server/tool_calls.ts";
import { InvalidOptionsError } from "../../src/errors.ts";
import type { Tool, ToolContext, ToolResult } from "../../src/tools.ts";
import { ServerRequestsStage, toolCallRequest } from "../support/server_requests_stage.ts";

const inputSchema = { type: "object", properties: {} };
const png = "data:image/png;base64,iVBORw0KGgo=";

type Run = (args: unknown, context: ToolContext) => ToolResult | Promise<ToolResult>;

function made(name: string, run: Run, timeoutMs?: number): Tool {
  return tool({ name, description: `Does ${name}`, inputSchema, run, timeoutMs });
}

function stageWith(...tools: Tool[]): ServerRequestsStage {
  return new ServerRequestsStage({ tools: toolSet(tools) });
}

function failure(text: string) {
  return { success: false, contentItems: [{ type: "inputText", text }] };
}

describe("Calls of tools", () => {
  it("are answered with text", async () => {
    const stage = stageWith(made("say", (args) => `said ${JSON.stringify(args)}`));
    assert.deepEqual(await stage.ask(toolCallRequest("say", { a: 1 })), {
      success: true,
      contentItems: [{ type: "inputText", text: 'said {"a":1}' }],
    });
    assert.deepEqual(stage.reports, []);
    assert.equal(stage.clock.pending, 0);
  });

  it("are answered with texts and images", async () => {
    const stage = stageWith(
      made("draw", () => [{ type: "text", text: "Look" }, { type: "image", url: png }]),
      made("nothing", () => []),
    );
    assert.deepEqual(await stage.ask(toolCallRequest("draw")), {
      success: true,
      contentItems: [{ type: "inputText", text: "Look" }, { type: "inputImage", imageUrl: png }],
    });
    assert.deepEqual(await stage.ask(toolCallRequest("nothing")), {
      success: true,
      contentItems: [],
    });
  });

  it("tell the tool who calls", async () => {
    let seen!: ToolContext;
    const stage = stageWith(made("who", (_args, context) => (seen = context, "ok")));
    await stage.ask(toolCallRequest("who"));
    const { signal, ...ids } = seen;
    assert.deepEqual(ids, { threadId: "thread-1", turnId: "turn-1", callId: "call-1" });
    assert.equal(signal.aborted, false);
  });

  it("tell the model what a tool threw, without secrets and not all of a long story", async () => {
    const stage = stageWith(
      made("fail", () => {
        throw new Error("no top-secret please");
      }),
      made("reject", () => Promise.reject("just so")),
      made("long", () => Promise.reject(new Error("x".repeat(100_000)))),
    );
    assert.deepEqual(
      await stage.ask(toolCallRequest("fail")),
      failure("no [redacted] please"),
    );
    assert.deepEqual(await stage.ask(toolCallRequest("reject")), failure("just so"));
    assert.deepEqual(await stage.ask(toolCallRequest("long")), failure("x".repeat(2000)));
    assert.deepEqual(stage.reports.slice(0, 2), [
      'The tool "fail" failed: no [redacted] please',
      'The tool "reject" failed: just so',
    ]);
  });

  it("tell the model which arguments do not fit, and do not blame the program", async () => {
    const input = v.object({ id: v.string() });
    const stage = stageWith(
      tool({ name: "get", description: "-", input, inputSchema, run: () => assert.fail("ran") }),
    );
    assert.deepEqual(
      await stage.ask(toolCallRequest("get", { id: 1 })),
      failure('Invalid arguments of "get": at "id": Invalid type: Expected string but received 1'),
    );
    assert.deepEqual(stage.reports, []);
  });

  it("fail when a tool answers with something else", async () => {
    const results = [
      undefined,
      { text: "ok" },
      [{ type: "audio", url: png }],
      [{ type: "text" }],
      [{ type: "image", url: "https://example.com/a.png" }],
      ["text"],
      [null],
    ];
    for (const result of results) {
      const stage = stageWith(made("odd", () => result as unknown as ToolResult));
      assert.deepEqual(
        await stage.ask(toolCallRequest("odd")),
        failure("It answered with what is neither text nor image"),
      );
      assert.equal(stage.reports.length, 1);
    }
  });

  it("are answered at once when their time is up, and tell the tool", async () => {
    let signal!: AbortSignal;
    const slow: Run = (_args, context) => {
      signal = context.signal;
      return new Promise(() => {});
    };
    const stage = stageWith(made("slow", slow, 500), made("patient", slow, Infinity));
    const answer = stage.ask(toolCallRequest("slow"));
    await stage.clock.advance(500);
    assert.deepEqual(await answer, failure("It took longer than 500 ms"));
    assert.equal(signal.aborted, true);
    void stage.ask(toolCallRequest("patient"));
    assert.equal(stage.clock.pending, 0);
  });

  it("are given up when the turn ends", async () => {
    let signal!: AbortSignal;
    const stage = stageWith(made("await_it", (_args, context) => {
      signal = context.signal;
      return new Promise(() => {});
    }));
    const answer = stage.ask(toolCallRequest("await_it"));
    stage.turn.abort(new Error("over"));
    assert.deepEqual(await answer, failure("The call was cancelled"));
    assert.equal(signal.aborted, true);
    assert.deepEqual(stage.reports, []);
  });

  it("run side by side", async () => {
    const finish = new Map<unknown, () => void>();
    const stage = stageWith(
      made(
        "await_it",
        (args) => new Promise((resolve) => finish.set(args, () => resolve(`${args}`))),
      ),
    );
    const answers = [1, 2, 3].map((args) => stage.ask(toolCallRequest("await_it", args)));
    for (const args of [3, 1, 2]) finish.get(args)!();
    // deno-lint-ignore no-explicit-any
    const texts = (await Promise.all(answers)).map((answer: any) => answer.contentItems[0].text);
    assert.deepEqual(texts, ["1", "2", "3"]);
  });

  it("of tools that are not there are answered with those that are", async () => {
    const stage = stageWith(made("one", () => "1"), made("two", () => "2"));
    assert.deepEqual(
      await stage.ask(toolCallRequest("three")),
      failure('There is no tool "three". There are: "one", "two"'),
    );
    const { method, params } = toolCallRequest("one");
    assert.deepEqual(
      await stage.ask({ method, params: { ...params, namespace: "other" } }),
      failure('There is no tool "one". There are: "one", "two"'),
    );
    assert.deepEqual(
      await new ServerRequestsStage().ask(toolCallRequest("toString")),
      failure('There is no tool "toString". There are none now'),
    );
    assert.deepEqual(stage.reports, [
      'The agent called the tool "three", which this program does not have',
      'The agent called the tool "one", which this program does not have',
    ]);
  });
});

describe("toolSet()", () => {
  it("finds tools by name", () => {
    const [one, two] = [made("one", () => "1"), made("two", () => "2")];
    assert.deepEqual([...toolSet([one, two])], [["one", one], ["two", two]]);
  });

  it("refuses two of a name", () => {
    const twice = [made("one", () => "1"), made("one", () => "2")];
    assert.throws(
      () => toolSet(twice),
      (error) =>
        InvalidOptionsError.is(error) && error.path === "tools" &&
        error.message === 'Invalid tools: there is more than one "one"',
    );
  });

  it("refuses names of codex's own, however the tool was made", () => {
    const handmade: Tool = { ...made("one", () => "1"), name: "apply_patch" };
    assert.throws(() => toolSet([handmade]), InvalidOptionsError);
  });
});

describe("dynamicToolsOf()", () => {
  it("describes tools as thread/start wants them", () => {
    assert.deepEqual(dynamicToolsOf([made("one", () => "1")]), [
      { type: "function", name: "one", description: "Does one", inputSchema },
    ]);
  });
});
