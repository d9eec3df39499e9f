/**
 * An answer in the shape of a JSON Schema. The schema goes to codex in a temporary file, which is
 * removed when the turn has ended.
 *
 * Deno: `deno run --allow-run=codex --allow-write=/tmp examples/structured_output.ts`
 * Bun: `bun examples/structured_output.ts`
 *
 * @module
 */

import { Codex } from "../mod.ts";

type Review = { verdict: "good" | "bad"; reasons: string[] };

const outputSchema = {
  type: "object",
  properties: {
    verdict: { type: "string", enum: ["good", "bad"] },
    reasons: { type: "array", items: { type: "string" } },
  },
  required: ["verdict", "reasons"],
  additionalProperties: false,
};

const thread = new Codex().startThread({ sandboxMode: "read-only" });
const turn = await thread.run("Review the code in this folder", {
  outputSchema,
  timeoutMs: 600_000,
});

// The model's service holds the answer to the schema; the SDK does not check it again.
const review: Review = JSON.parse(turn.finalResponse);
console.log(`Verdict: ${review.verdict}`);
for (const reason of review.reasons) console.log(`- ${reason}`);
