/**
 * Codex asks on the terminal before it runs a command or changes a file. What only reads is allowed
 * without asking.
 *
 * Deno: `deno run --allow-run=codex examples/approvals.ts`
 * Bun: `bun examples/approvals.ts`
 * Node: `node examples/approvals.ts`
 *
 * @module
 */

import { AbortError, Codex } from "../mod.ts";
import { allowReadOnlyCommands, appServer, askOnTerminal } from "../src/app_server/mod.ts";

const codex = new Codex({
  transport: appServer(),
  onApproval: allowReadOnlyCommands(askOnTerminal()),
});
// "on-request", the default here, would ask only before it leaves the sandbox.
const thread = codex.startThread({ sandboxMode: "workspace-write", approvalPolicy: "untrusted" });
try {
  // The time it takes you to answer counts as well.
  const turn = await thread.run("Tidy up this folder", { timeoutMs: 1_800_000 });
  console.log(turn.finalResponse);
} catch (error) {
  if (!AbortError.is(error)) throw error;
  console.log("Cancelled");
} finally {
  await codex.close();
}
