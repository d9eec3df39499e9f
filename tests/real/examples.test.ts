import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  applyPatch,
  expecting,
  Gate,
  hold,
  httpError,
  lastUserText,
  message,
  type ModelRequest,
  reasoning,
  repeat,
  shell,
  turn,
  userTexts,
} from "../../src/testing/mod.ts";
import { notHere, playExample, type Program } from "../support/example_program.ts";
import { waitUntilGone } from "../support/processes.ts";
import { spoken } from "../support/spoken.ts";

/** Bun's own limit of 5 s is short for a machine that is busy. */
const patient = { timeout: 120_000 };

describe("examples", { skip: notHere }, () => {
  it("run.ts prints the answer", patient, async () => {
    await playExample([message("A test.")], async ({ run }) => {
      const { code, stdout, stderr } = await run("run.ts");
      assert.deepEqual([code, stdout, stderr], [
        0,
        "A test.\nItems: 1, output tokens: 5\n",
        "",
      ]);
    });
  });

  it("stream.ts prints what the agent does", patient, async () => {
    const script = [
      turn(reasoning("Looking"), shell("true")),
      applyPatch("*** Begin Patch\n*** Add File: fixed.txt\n+Fixed\n*** End Patch"),
      message("They pass."),
    ];
    await playExample(script, async ({ run, directory }) => {
      const { code, stdout } = await run("stream.ts");
      assert.equal(code, 0);
      const [thought, command, change, ...rest] = stdout.trimEnd().split("\n");
      assert.equal(thought, "Looking");
      assert.match(command!, /^\$ .*true.* -> 0$/);
      assert.equal(change, `add ${directory}/fixed.txt`);
      assert.deepEqual(rest, ["They pass.", "This turn used 126 input tokens"]);
      assert.equal(readFileSync(join(directory, "fixed.txt"), "utf8"), "Fixed\n");
    });
  });

  it("structured_output.ts prints an answer in the shape of its schema", patient, async () => {
    const script = [
      turn(
        expecting(({ body }) => {
          const { format } = body.text as { format: { schema: { required: string[] } } };
          assert.deepEqual(format.schema.required, ["verdict", "reasons"]);
        }),
        message('{"verdict":"bad","reasons":["No tests","No docs"]}'),
      ),
    ];
    await playExample(script, async ({ run }) => {
      const { code, stdout } = await run("structured_output.ts");
      assert.deepEqual([code, stdout], [0, "Verdict: bad\n- No tests\n- No docs\n"]);
    });
  });

  it("resume.ts goes on with the same thread", patient, async () => {
    const script = [message("An otter"), message("Fish"), message("The otter")];
    await playExample(script, async ({ run, model }) => {
      const { code, stdout } = await run("resume.ts");
      const request = model.requests[2]!;
      assert.deepEqual([code, stdout], [0, `Thread ${request.threadId}\nThe otter\n`]);
      assert.deepEqual(spoken(userTexts(request)).slice(-3), [
        "Think of an animal and tell me which",
        "What does it eat?",
        "And which animal was it?",
      ]);
    });
  });

  it("images.ts shows the model three images", patient, async () => {
    await playExample([message("Red, blue and blue")], async ({ run, model }) => {
      const { code, stdout } = await run("images.ts");
      assert.deepEqual([code, stdout], [0, "Red, blue and blue\n"]);
      const urls = imagesOf(model.requests[0]!);
      assert.equal(urls.length, 3);
      assert.notEqual(urls[0], urls[1]);
      assert.equal(urls[1], urls[2]);
    });
  });

  it("abort.ts stops at Ctrl-C", patient, async () => {
    const gate = new Gate();
    await playExample([turn(hold(gate), message("Never"))], async ({ start }) => {
      const program = await start("abort.ts");
      await program.whileItRuns(gate.reached);
      program.signal("SIGINT");
      const { code, stdout } = await program.ended;
      assert.deepEqual([code, stdout], [0, "Stopped: Ctrl-C\n0 items had arrived\n"]);
    });
  });

  it("abort.ts stops when the time is up", patient, async () => {
    // Whether codex gets to ask the model within the time is not for this test to say.
    const script = [repeat(turn(hold(new Gate()), message("Never")))];
    await playExample(script, async ({ run }) => {
      const { code, stdout } = await run("abort.ts", ["2"]);
      assert.deepEqual([code, stdout], [
        0,
        "Stopped: The turn did not end within 2000 ms\n0 items had arrived\n",
      ]);
    });
  });

  it("server.ts streams events and ends the turn of a lost client", patient, async () => {
    const gate = new Gate();
    const script = [
      message("a\u2028b"),
      httpError(400),
      turn(reasoning("Reading"), hold(gate), message("Never")),
    ];
    await playExample(script, async ({ start, model, codexes }) => {
      const server = await start("server.ts", [], freePort);
      const url = await addressOf(server);

      const answered = await ask(url, "Hello");
      assert.equal(answered.headers.get("content-type"), "text/event-stream");
      const frames = framesOf(await answered.text());
      assert.deepEqual(frames.map(({ name }) => name), [
        "thread.started",
        "turn.started",
        "item.completed",
        "turn.completed",
      ]);
      assert.equal(frames[2]!.data.item.text, "a\u2028b");
      assert.equal(lastUserText(model.requests[0]!), "Hello");

      const failed = await ask(url, "Fail");
      const [failure, reason] = framesOf(await failed.text()).slice(-2);
      assert.equal(failure!.name, "turn.failed");
      assert.equal(reason!.name, "request.failed");
      assert.equal(reason!.data.error.code, "TURN_FAILED");

      const stop = new AbortController();
      const left = await ask(url, "Leave", stop.signal);
      // To its end: Bun closes the connection of a response that nobody reads any more.
      const cut = assert.rejects(left.text());
      await gate.reached;
      const [codex] = codexes();
      assert.ok(codex);
      stop.abort();
      await cut;
      await waitUntilGone(codex);
      assert.equal(await model.requests[2]!.ended, "abandoned");

      assert.equal((await fetch(url)).status, 415);
      assert.equal((await ask(url, "")).status, 400);
    });
  });

  it("are all run by tests", () => {
    const text = ["examples.test.ts", "supervision.test.ts", "app_server_examples.test.ts"]
      .map((name) => readFileSync(new URL(name, import.meta.url), "utf8")).join();
    const tested = [...text.matchAll(/(?:start|run)\(\s*"(.+?)"/g)];
    const names = new Set([...tested.map(([, name]) => name), "demo.ts"]);
    const folder = new URL("../../examples/", import.meta.url);
    const examples = readdirSync(folder).filter((name) => name.endsWith(".ts"));
    assert.deepEqual([...names].sort(), examples.sort());
  });
});

/** Lets the system choose the port. */
function freePort(argument: string): string {
  return argument.replace("--port=8000", "--port=0");
}

async function addressOf(server: Program): Promise<string> {
  const [, port] = await server.printed(/http:\/\/[^:\s]+:(\d+)\/?\s/);
  return `http://127.0.0.1:${port}/`;
}

function ask(url: string, prompt: string, signal?: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt }),
    signal: signal ?? null,
  });
}

// deno-lint-ignore no-explicit-any
function framesOf(text: string): { name: string; data: any }[] {
  assert.ok(text.endsWith("\n\n"));
  return text.slice(0, -2).split("\n\n").map((frame) => {
    const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(frame) ?? assert.fail(frame);
    return { name: name!, data: JSON.parse(data!) };
  });
}

/** The images of a request, as data URLs. */
function imagesOf({ body }: ModelRequest): string[] {
  const content = (body.input ?? []).flatMap((item) =>
    Array.isArray(item.content) ? item.content : []
  );
  return (content as { type: string; image_url?: string }[])
    .filter(({ type }) => type === "input_image")
    .map(({ image_url }) => image_url ?? "");
}
