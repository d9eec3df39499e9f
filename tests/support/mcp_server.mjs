// An MCP server for tests: "ask" asks the user for a name, "visit" for a visit, "write" destroys.
import process from "node:process";
import { createInterface } from "node:readline";

const noArguments = { type: "object", properties: {} };
const tools = [
  { name: "ask", inputSchema: noArguments, annotations: { readOnlyHint: true } },
  { name: "visit", inputSchema: noArguments, annotations: { readOnlyHint: true } },
  {
    name: "write",
    inputSchema: { type: "object", properties: { what: { type: "string" } } },
    annotations: { readOnlyHint: false, destructiveHint: true },
  },
];
const questions = {
  ask: {
    message: "Your name?",
    requestedSchema: {
      type: "object",
      properties: { name: { type: "string" } },
      required: ["name"],
    },
  },
  visit: { mode: "url", message: "Please log in", url: "https://example.com/", elicitationId: "1" },
};

/** What waits for an answer of the client, by the id of our request. */
const waiting = new Map();

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

function answerText(id, text) {
  send({ id, result: { content: [{ type: "text", text }] } });
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params, result } = JSON.parse(line);
  switch (method) {
    case "initialize":
      return send({
        id,
        result: {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: "demo", version: "1.0.0" },
        },
      });
    case "tools/list":
      return send({ id, result: { tools } });
    case "tools/call": {
      const question = questions[params.name];
      if (question === undefined) return answerText(id, `Wrote ${params.arguments.what}`);
      const ours = `question_${id}`;
      waiting.set(ours, id);
      return send({ id: ours, method: "elicitation/create", params: question });
    }
    case undefined:
      return answerText(waiting.get(id), `Answered ${JSON.stringify(result)}`);
  }
});
