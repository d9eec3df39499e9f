import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe } from "node:test";
import { type ReviewTarget, RpcError } from "../../mod.ts";
import {
  lastUserText,
  message,
  type ModelRequest,
  repeat,
  userTexts,
} from "../../src/testing/mod.ts";
import { ServerBench } from "../support/app_server.ts";
import { collect } from "../support/workbench.ts";

/** PNGs of one pixel each. */
const white =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=";
const black =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

/** The images in a request, as data URLs. */
function imagesOf({ body }: ModelRequest): string[] {
  return (body.input ?? []).flatMap(({ content }) =>
    (Array.isArray(content) ? content : []).filter(({ type }) => type === "input_image")
      .map(({ image_url }) => image_url)
  );
}

const url = (base64: string) => `data:image/png;base64,${base64}`;

describe("input on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("of several texts reaches the model in its order", [
    message("ok"),
  ], async ({ model, startThread }) => {
    await startThread().run([{ type: "text", text: "First" }, { type: "text", text: "Second" }]);
    const texts = (model.requests[0]!.body.input ?? []).flatMap(({ content }) =>
      Array.isArray(content) ? content.map(({ text }) => text) : []
    );
    assert.deepEqual(texts.slice(-2), ["First", "Second"]);
  });

  bench.it("of images reaches the model from files and from bytes, without a file of ours", [
    message("ok"),
  ], async ({ model, startThread, directory }) => {
    const path = join(directory, "with space.png");
    await writeFile(path, bytesOf(white));
    await startThread().run([
      { type: "local_image", path },
      { type: "text", text: "What are these?" },
      { type: "image", data: bytesOf(black) },
      { type: "image", data: bytesOf(white).buffer },
      { type: "image", data: new Blob([bytesOf(black)], { type: "image/png" }) },
    ]);
    assert.deepEqual(imagesOf(model.requests[0]!), [white, black, white, black].map(url));
  });

  bench.it("of a skill gives the model its text", [
    message("ok"),
  ], async ({ model, startThread, codexHome }) => {
    // One that lies where codex does not look for them is passed over in silence.
    const folder = join(codexHome, "skills", "greeter");
    const path = join(folder, "SKILL.md");
    await mkdir(folder, { recursive: true });
    await writeFile(path, "---\nname: greeter\ndescription: Greets\n---\nSay hello in Latin.\n");
    await startThread().run([
      { type: "text", text: "Greet me" },
      { type: "skill", name: "greeter", path },
    ]);
    assert.match(userTexts(model.requests[0]!).join("\n"), /Say hello in Latin\./);
  });

  bench.it("of 1,048,576 characters is taken, and no more", [
    message("ok"),
  ], async ({ startThread, model }) => {
    const most = "x".repeat(1_048_576);
    const thread = startThread();
    assert.equal((await thread.run(most)).finalResponse, "ok");
    assert.equal(lastUserText(model.requests[0]!), most);
    const error = await thread.run(`${most}x`).catch((error) => error);
    assert.ok(RpcError.is(error), `${error}`);
    assert.match(error.message, /1048576/);
  });
});

const schema = {
  type: "object",
  properties: { greeting: { type: "string" } },
  required: ["greeting"],
  additionalProperties: false,
};

/** The schema codex asked the model to keep to. */
function formatOf({ body }: ModelRequest): unknown {
  return (body.text as { format?: unknown } | undefined)?.format;
}

describe("outputSchema on the real app-server", () => {
  const bench = new ServerBench();
  const answer = JSON.stringify({ greeting: "Hello" });
  const format = { type: "json_schema", strict: true, name: "codex_output_schema", schema };

  bench.it("reaches the model, as an object or a file, and only in its turn", [
    message(answer),
    message("Free"),
    message(answer),
  ], async ({ model, startThread, directory }) => {
    const path = join(directory, "schema.json");
    await writeFile(path, JSON.stringify(schema));
    const thread = startThread();
    const structured = await thread.run("Greet me", { outputSchema: schema });
    assert.equal(structured.finalResponse, answer);
    await thread.run("Greet me as you like");
    await thread.run("Greet me once more", { outputSchema: path });
    const formats = model.requests.map(formatOf);
    assert.deepEqual(formats[0], format);
    assert.notDeepEqual(formats[1], format);
    assert.deepEqual(formats[2], format);
  });
});

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

const targets: [ReviewTarget, RegExp][] = [
  [
    { type: "uncommitted_changes" },
    /^Review the current code changes \(staged, unstaged, and untracked files\)/,
  ],
  [
    { type: "base_branch", branch: "main" },
    /^Review the code changes against the base branch 'main'\./,
  ],
  [
    { type: "commit", sha: "HEAD", title: "A title" },
    /^Review the code changes introduced by commit HEAD \("A title"\)\./,
  ],
  [{ type: "custom", instructions: "Look for typos" }, /^Look for typos$/],
];

describe("a review on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("has the events and the turn of the exec lane, whatever it looks at", [
    repeat(verdict, 2 * targets.length),
  ], async ({ model, exec, codex, directory }) => {
    await writeFile(join(directory, "greeting.txt"), "Bye\n");
    const lanes = [exec(), codex];
    for (const [target, request] of targets) {
      const seen = [];
      for (const lane of lanes) {
        const thread = lane.startThread({ workingDirectory: directory });
        const streamed = await thread.reviewStreamed(target);
        const { events, error } = await collect(streamed.events);
        const { finalResponse, items } = await streamed.turn();
        seen.push({
          types: events.map(({ type }) => type),
          error,
          finalResponse,
          items: items.map(({ type }) => type),
        });
        assert.match(lastUserText(model.requests.at(-1)!), request);
      }
      assert.deepEqual(seen[1], seen[0]);
      assert.match(seen[1]!.finalResponse, /^It does not greet\.\n\nReview comment:/);
    }
  });

  bench.it("can be any turn of a thread, which goes on afterwards", [
    message("Written"),
    verdict,
    repeat(message("Fixed"), 1),
  ], async ({ model, startThread, directory }) => {
    await writeFile(join(directory, "greeting.txt"), "Bye\n");
    const thread = startThread();
    const { threadId } = await thread.run("Write");
    assert.equal((await thread.review({ type: "uncommitted_changes" })).threadId, threadId);
    const { finalResponse } = await thread.run("Fix that");
    assert.equal(finalResponse, "Fixed");
    const texts = userTexts(model.requests[2]!);
    assert.equal(texts.at(-1), "Fix that");
    assert.equal(texts.some((text) => text.includes("Nobody is greeted.")), true);
    assert.equal(texts.includes("Write"), true);
  });
});
