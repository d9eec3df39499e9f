import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import {
  disconnect,
  expecting,
  Gate,
  hold,
  httpError,
  lastUserText,
  message,
  type ModelRequest,
  repeat,
  type Script,
  ScriptedModel,
  ScriptMismatchError,
  toolOutputs,
  turn,
} from "../../src/testing/mod.ts";
import { plantedKey } from "../support/planted_key.ts";

function ask(
  model: ScriptedModel,
  text = "Hello",
  thread = "",
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${model.baseUrl}/responses`, {
    method: "POST",
    headers: { "thread-id": thread },
    body: JSON.stringify({ input: [{ type: "message", role: "user", content: text }] }),
    ...(signal && { signal }),
  });
}

/** What the model said; all deltas, joined. */
async function said(response: Response): Promise<string> {
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text.split("\n").filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice(6)).delta ?? "").join("");
}

async function problemsOf(model: ScriptedModel): Promise<readonly string[]> {
  const error = await model.close().then(() => undefined, (error) => error);
  assert.ok(ScriptMismatchError.is(error));
  return error.problems;
}

describe("ScriptedModel", () => {
  it("stops although somebody is connected who asks nothing", async () => {
    const model = await ScriptedModel.start([]);
    const socket = connect(Number(new URL(model.baseUrl).port), "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    const closed = new Promise((resolve) => socket.on("close", resolve));
    // Half of a request: the server waits for the rest.
    socket.write("POST /v1/responses HTTP/1.1\r\n");
    await model.stop();
    await closed;
  });

  it("answers requests in order of arrival, and records them", async () => {
    const model = await ScriptedModel.start([message("a"), turn(message("b"), message("c"))]);
    const first = await ask(model, "one", "T");
    assert.equal(first.headers.get("content-type"), "text/event-stream");
    assert.deepEqual([await said(first), await said(await ask(model, "two"))], ["a", "bc"]);
    assert.deepEqual(model.requests.map(({ index, path }) => [index, path]), [
      [0, "/v1/responses"],
      [1, "/v1/responses"],
    ]);
    assert.equal(model.requests[0]?.threadId, "T");
    assert.deepEqual(model.requests.map(lastUserText), ["one", "two"]);
    await model.close();
  });

  it("computes answers, and repeats them", async () => {
    const model = await ScriptedModel.start([
      (request) => message(lastUserText(request).toUpperCase()),
      repeat(message("twice"), 2),
      repeat((request) => Promise.resolve(message(`${request.index}`))),
    ]);
    const answers = [];
    for (let index = 0; index < 5; index++) answers.push(await said(await ask(model)));
    assert.deepEqual(answers, ["HELLO", "twice", "twice", "3", "4"]);
    await model.close();
  });

  it("serves scenarios by what matches, and threads by themselves", async () => {
    const model = await ScriptedModel.start([
      { when: (request) => lastUserText(request) === "x", steps: [message("x1")] },
      {
        perThread: true,
        steps: (request: ModelRequest) => [message(`${request.threadId}1`), message("2")],
      },
    ]);
    const answers = await Promise.all(["A", "B", "C"].map(async (thread) => [
      await said(await ask(model, "", thread)),
      await said(await ask(model, "", thread)),
    ]));
    assert.deepEqual(answers, [["A1", "2"], ["B1", "2"], ["C1", "2"]]);
    assert.equal(await said(await ask(model, "x", "D")), "x1");
    assert.equal(await said(await ask(model, "x", "D")), "D1");
    assert.deepEqual(await problemsOf(model), [
      "Never played: scenario 2, thread D, step 2 (message)",
    ]);
  });

  it("answers with a function alone", async () => {
    const model = await ScriptedModel.start((request) => message(lastUserText(request)));
    assert.equal(await said(await ask(model, "echo")), "echo");
    await model.close();
  });

  it("refuses and reports a request the script has no step for", async () => {
    const model = await ScriptedModel.start([]);
    const response = await ask(model);
    assert.equal(response.status, 400);
    const problem = "Unexpected request 1: the script has no step left for it";
    assert.equal((await response.json()).error.message, problem);
    const other = await fetch(`${model.baseUrl}/files`, { method: "POST", body: "{}" });
    assert.equal(other.status, 400);
    await other.text();
    assert.throws(() => model.assertFinished(), ScriptMismatchError);
    assert.deepEqual(await problemsOf(model), [problem, "Unexpected request: POST /v1/files"]);
  });

  it("refuses and reports a body that is no JSON", async () => {
    const model = await ScriptedModel.start([]);
    const response = await fetch(`${model.baseUrl}/responses`, { method: "POST", body: "{" });
    assert.equal(response.status, 400);
    await response.text();
    assert.match((await problemsOf(model)).join(), /^Cannot answer a request: SyntaxError/);
  });

  it("reports the steps that were never played, once", async () => {
    const model = await ScriptedModel.start([
      message("a"),
      turn(message("b"), disconnect()),
      repeat(message("c"), 3),
      repeat(message("d")),
    ]);
    await said(await ask(model));
    assert.deepEqual(await problemsOf(model), [
      "Never played: step 2 (message, disconnect)",
      "Never played: step 3 (repeat 3)",
    ]);
    await model.close();
  });

  it("reports a failed expectation, with its error as the cause", async () => {
    const cause = new Error("Not what I wanted");
    const model = await ScriptedModel.start([
      turn(
        expecting(() => {
          throw cause;
        }),
        message("a"),
      ),
    ]);
    const response = await ask(model);
    assert.equal(response.status, 400);
    assert.match(await response.text(), /Not what I wanted/);
    await assert.rejects(model.close(), (error) => {
      assert.ok(ScriptMismatchError.is(error));
      assert.equal(error.cause, cause);
      assert.deepEqual(error.problems, [
        "Failed at step 1 (expect, message), request 1: Not what I wanted",
      ]);
      return true;
    });
  });

  it("answers with an HTTP error, its body and headers", async () => {
    const model = await ScriptedModel.start([
      httpError(429, { body: "slow down", headers: { "retry-after": "1" } }),
      httpError(500),
    ]);
    const first = await ask(model);
    assert.deepEqual(
      [first.status, await first.text(), first.headers.get("retry-after")],
      [429, "slow down", "1"],
    );
    const second = await ask(model);
    assert.deepEqual([second.status, await second.json()], [500, {
      error: { message: "Scripted HTTP error 500" },
    }]);
    await model.close();
  });

  it("holds back what comes after a gate until it is opened", async () => {
    const [first, second] = [new Gate(), new Gate()];
    const model = await ScriptedModel.start([
      turn(hold(first), message("ab", { deltas: ["a", hold(second), "b"] })),
    ]);
    let answered = false;
    const answer = ask(model).finally(() => answered = true);
    await first.reached;
    assert.equal(answered, false);
    first.open();
    const reader = (await answer).body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes('"delta":"a"')) text += (await reader.read()).value;
    await second.reached;
    assert.equal(text.includes('"delta":"b"'), false);
    second.open();
    for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
    assert.match(text, /"delta":"b"[^]*response\.completed/);
    assert.equal(await model.requests[0]?.ended, "answered");
    await model.close();
  });

  it("breaks the connection before or within an answer", async () => {
    const model = await ScriptedModel.start([
      disconnect(),
      message("ab", { deltas: ["a", disconnect()] }),
    ]);
    await assert.rejects(ask(model));
    await assert.rejects(ask(model).then((response) => response.text()));
    assert.deepEqual(await Promise.all(model.requests.map(({ ended }) => ended)), ["cut", "cut"]);
    await model.close();
  });

  it("reports a held promise that rejects, and breaks the connection", async () => {
    const model = await ScriptedModel.start([
      turn(hold({ then: (_, reject) => reject?.(new Error("No")) as never }), message("a")),
    ]);
    await assert.rejects(ask(model));
    assert.deepEqual(await problemsOf(model), [
      "Failed at step 1 (hold, message), request 1: Error: No",
    ]);
  });

  it("knows when the client went away", async () => {
    const gate = new Gate();
    const model = await ScriptedModel.start([turn(hold(gate), message("a"))]);
    const controller = new AbortController();
    const answer = assert.rejects(ask(model, "", "", controller.signal));
    const request = await model.request(0);
    await gate.reached;
    controller.abort();
    await answer;
    assert.equal(await request.ended, "abandoned");
    await model.close();
  });

  it("leaves nothing behind when closed in the middle of an answer", async () => {
    const gate = new Gate();
    const model = await ScriptedModel.start([message("ab", { deltas: ["a", hold(gate), "b"] })]);
    const response = await ask(model);
    await gate.reached;
    const rest = assert.rejects(response.text());
    await model[Symbol.asyncDispose]();
    await rest;
    assert.equal(await model.requests[0]?.ended, "cut");
    await assert.rejects(ask(model));
  });

  it("makes codex use HTTP instead of a WebSocket, without using up a step", async () => {
    const model = await ScriptedModel.start([message("a")]);
    const upgrade = await fetch(`${model.baseUrl}/responses`);
    assert.equal(upgrade.status, 426);
    await upgrade.text();
    const models = await fetch(`${model.baseUrl}/models`);
    assert.deepEqual([models.status, (await models.json()).data], [200, []]);
    assert.equal(await said(await ask(model)), "a");
    await model.close();
  });

  it("sends a response of many deltas whole", async () => {
    const deltas = Array.from({ length: 20_000 }, (_, index) => `${index} `);
    const model = await ScriptedModel.start([message(deltas.join(""), { deltas })]);
    assert.equal(await said(await ask(model)), deltas.join(""));
    await model.close();
  });

  it("refuses scripts that cannot be played", async () => {
    const scripts: [Script, RegExp][] = [
      [[repeat(message("a")), message("b")], /step 1 \(repeat\) repeats for ever, nothing can/],
      [[message("a"), { steps: [] }] as unknown as Script, /it mixes steps and scenarios/],
      [[{ type: "turn", parts: [disconnect(), message("b")] }], /nothing can follow "disconnect"/],
    ];
    for (const [script, reason] of scripts) {
      await assert.rejects(ScriptedModel.start(script), reason);
    }
  });

  it("points codex at itself", async () => {
    const model = await ScriptedModel.start([]);
    const custom = model.codexOptions({
      codexHome: "/c",
      home: "/h",
      apiKey: plantedKey,
      env: { A: "b" },
      retries: 3,
      config: { features: { goals: false }, tools: { update_plan: { enabled: false } } },
    });
    assert.deepEqual(custom.config, {
      model: "gpt-5.5",
      model_provider: "scripted",
      model_providers: {
        scripted: {
          name: "Scripted model",
          base_url: model.baseUrl,
          wire_api: "responses",
          supports_websockets: false,
          request_max_retries: 0,
          stream_max_retries: 3,
          env_key: "CODEX_API_KEY",
        },
      },
      tools: { update_plan: { enabled: false } },
      features: { shell_snapshot: false, enable_request_compression: false, goals: false },
      analytics: { enabled: false },
    });
    assert.equal(custom.apiKey, plantedKey);
    assert.deepEqual([custom.env?.HOME, custom.env?.CODEX_HOME, custom.env?.A], ["/h", "/c", "b"]);
    assert.equal(JSON.stringify(custom.config).includes(JSON.stringify(plantedKey)), false);

    const builtin = model.codexOptions({ provider: "builtin" });
    assert.deepEqual([builtin.baseUrl, builtin.apiKey], [model.baseUrl, "scripted"]);
    assert.equal("model_provider" in builtin.config, false);
    assert.equal("env" in builtin, false);
    await model.close();
  });
});

describe("toolOutputs()", () => {
  it("finds texts, in both their forms", () => {
    const input = [
      { type: "function_call_output", call_id: "a", output: "one" },
      {
        type: "custom_tool_call_output",
        call_id: "b",
        output: [{ type: "input_text", text: "two" }],
      },
      { type: "message", role: "user", content: "three" },
    ];
    assert.deepEqual([...toolOutputs({ body: { input } })], [["a", "one"], ["b", "two"]]);
    assert.equal(lastUserText({ body: {} }), "");
  });
});
