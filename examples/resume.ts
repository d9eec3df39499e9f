/**
 * A conversation that goes on in another program: codex keeps threads in `~/.codex/sessions`.
 *
 * Deno: `deno run --allow-run=codex examples/resume.ts`
 * Bun: `bun examples/resume.ts`
 *
 * @module
 */

import { Codex } from "../mod.ts";

const options = { timeoutMs: 300_000 };

const thread = new Codex().startThread({ sandboxMode: "read-only" });
await thread.run("Think of an animal and tell me which", options);
await thread.run("What does it eat?", options); // the same thread goes on by itself

const id = thread.id; // known since the first event of the first turn
if (id === null) throw new Error("Codex told no thread id");
console.log(`Thread ${id}`);

// Later, perhaps on another day: all it takes is the id.
const resumed = new Codex().resumeThread(id, { sandboxMode: "read-only" });
const turn = await resumed.run("And which animal was it?", options);
console.log(turn.finalResponse);
