/**
 * A function of this program that the agent can call.
 *
 * Deno: `deno run --allow-run=codex examples/tool.ts`
 * Bun: `bun examples/tool.ts`
 * Node: `node examples/tool.ts`
 *
 * @module
 */

import * as v from "valibot";
import { Codex } from "../mod.ts";
import { appServer, tool } from "../src/app_server/mod.ts";

const stock = new Map([["ABC-1", 12], ["ABC-2", 0]]);

const lookUpStock = tool({
  name: "look_up_stock",
  description: "Tells how many pieces of an article are in stock",
  // What the arguments are checked by: any Standard Schema. What does not fit is told to the model.
  input: v.object({ article: v.pipe(v.string(), v.regex(/^[A-Z]+-\d+$/, "Expected e.g. ABC-1")) }),
  // What the model is told of them; libraries that can tell it themselves need no such line.
  inputSchema: {
    type: "object",
    properties: { article: { type: "string", description: "Its number, e.g. ABC-1" } },
    required: ["article"],
  },
  run({ article }) {
    const pieces = stock.get(article);
    // The model hears of it, and may try another one.
    if (pieces === undefined) throw new Error(`There is no article "${article}"`);
    return `${pieces} pieces of ${article}`;
  },
});

const codex = new Codex({ transport: appServer() });
try {
  const thread = codex.startThread({ sandboxMode: "read-only", tools: [lookUpStock] });
  const turn = await thread.run("Which of the articles ABC-1, ABC-2 and ABC-3 can be sold?", {
    timeoutMs: 300_000,
  });
  console.log(turn.finalResponse);
} finally {
  await codex.close();
}
