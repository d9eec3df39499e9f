/**
 * Images beside the prompt: a file by its path, a Blob, or bytes. Blobs and bytes go to codex in
 * temporary files, which are removed when the turn has ended.
 *
 * Deno: `deno run --allow-run=codex --allow-write=/tmp examples/images.ts`
 * Bun: `bun examples/images.ts`
 *
 * @module
 */

import { Codex } from "../mod.ts";

const path = `${import.meta.dirname}/support/red.png`;

// A canvas, an upload, a download: anything that gives a Blob or bytes.
const download = await fetch(
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mMQsbmDFTEMLQkAHHtLAdvRuQoAAAAASUVORK5CYII=",
);
const blob = await download.blob();
const bytes = new Uint8Array(await blob.arrayBuffer());

const thread = new Codex().startThread({ sandboxMode: "read-only" });
const turn = await thread.run([
  { type: "text", text: "Which colours are these?" },
  { type: "local_image", path },
  { type: "image", data: blob },
  { type: "image", data: bytes },
], { timeoutMs: 300_000 });

console.log(turn.finalResponse);
