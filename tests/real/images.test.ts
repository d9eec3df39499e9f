import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { message, type ModelRequest, repeat } from "../../src/testing/mod.ts";
import { type OwnTempFolder, ownTempFolder } from "../support/files.ts";
import { Workbench } from "../support/workbench.ts";

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

describe("images on the real codex", () => {
  const bench = new Workbench();
  let temp: OwnTempFolder;
  before(() => temp = ownTempFolder());
  after(() => temp.remove());

  bench.it("reach the model from files, in their order", [
    message("ok"),
  ], async ({ model, startThread, directory }) => {
    const paths = ["-white.png", "with space.png"].map((name) => join(directory, name));
    await writeFile(paths[0]!, bytesOf(white));
    await writeFile(paths[1]!, bytesOf(black));
    await startThread().run([
      { type: "local_image", path: paths[0]! },
      { type: "text", text: "What is this?" },
      { type: "local_image", path: paths[1]! },
    ]);
    assert.deepEqual(imagesOf(model.requests[0]!), [url(white), url(black)]);
  });

  bench.it("reach the model from bytes, buffers and Blobs", [
    message("ok"),
  ], async ({ model, startThread }) => {
    await startThread().run([
      { type: "text", text: "What are these?" },
      { type: "image", data: bytesOf(white) },
      { type: "image", data: bytesOf(black).buffer },
      { type: "image", data: new Blob([bytesOf(white)], { type: "image/png" }) },
      { type: "image", data: bytesOf(`${black}${white}`).subarray(0, bytesOf(black).length) },
    ]);
    assert.deepEqual(imagesOf(model.requests[0]!), [white, black, white, black].map(url));
    assert.deepEqual(temp.entries(), []);
  });

  bench.it("reach the model in a turn that resumes, too", [
    repeat(message("ok"), 2),
  ], async ({ model, startThread }) => {
    const thread = startThread();
    await thread.run("Hello");
    await thread.run([
      { type: "text", text: "What is this?" },
      { type: "image", data: bytesOf(white) },
    ]);
    assert.deepEqual(imagesOf(model.requests[0]!), []);
    assert.deepEqual(imagesOf(model.requests[1]!), [url(white)]);
    assert.deepEqual(temp.entries(), []);
  });
});
