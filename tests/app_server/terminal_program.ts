/** Asks twice on its terminal; the second request is of no use any more once it is asked. */
import process from "node:process";
import { askOnTerminal } from "../../src/app_server/ask_on_terminal.ts";
import type { ApprovalRequest } from "../../src/approvals.ts";

const request: ApprovalRequest = {
  type: "command",
  kind: "command",
  threadId: "t",
  turnId: "u",
  itemId: "i",
  command: "touch a",
  cwd: "/w",
  reason: null,
  actions: [],
  network: null,
  additionalPermissions: null,
  proposedRule: null,
  raw: {},
};
const { stdin } = process;
if (stdin.isTTY) {
  // Tells when the terminal makes no signals of keys.
  const setRawMode = stdin.setRawMode.bind(stdin);
  stdin.setRawMode = (isRaw) => {
    setRawMode(isRaw);
    if (isRaw) process.stdout.write("<raw>\n");
    return stdin;
  };
}
const handler = askOnTerminal();
const early = new AbortController();
const first = await handler(request, { signal: early.signal });
process.stdout.write(`<first: ${first}>\n`);
// It has its answer: nobody is to be told.
early.abort();
const turn = new AbortController();
const second = Promise.resolve(handler(request, { signal: turn.signal }));
process.stdout.write("<asking>\n");
process.once("SIGUSR2", () => turn.abort(new Error("over")));
process.stdout.write(`<second: ${await second.catch((error) => error.message)}>\n`);
