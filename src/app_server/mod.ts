/**
 * The app-server lane: one codex runs all turns of a `Codex`, asks before it acts, can be steered and
 * interrupted, tells what goes on in between, and calls tools in this program.
 *
 * @example Approvals and text as it grows
 * ```ts
 * import { Codex } from "jsr:@codex/sdk";
 * import { allowWithin, appServer } from "jsr:@codex/sdk/app-server";
 *
 * const codex = new Codex({ transport: appServer(), onApproval: allowWithin("/home/me/project") });
 * const thread = codex.startThread({ workingDirectory: "/home/me/project" });
 * const { events } = await thread.runStreamed("Fix the typos", { liveEvents: true });
 * for await (const event of events) {
 *   if (event.type === "item.agent_message.delta") console.log(event.delta);
 * }
 * await codex.close();
 * ```
 *
 * @module
 */

// The lane
export { appServer } from "./app_server.ts";
export type { AppServerOptions } from "./options.ts";

// Approvals
export { ApprovalQueue } from "./approval_queue.ts";
export type { PendingApproval } from "./approval_queue.ts";
export {
  allowReadOnlyCommands,
  allowWithin,
  askOnTerminal,
  denyAll,
  type Terminal,
} from "./policies.ts";

// Tools
export { tool } from "./tool.ts";
export type { JsonSchemaToolOptions, SchemaToolOptions } from "./tool.ts";
export type {
  StandardSchema,
  StandardSchemaIssue,
  StandardSchemaOutput,
  StandardSchemaProperties,
  StandardSchemaResult,
} from "../standard_schema.ts";
export {
  type DynamicToolCallContent,
  type DynamicToolCallItem,
  isDynamicToolCall,
} from "./item_mapping.ts";

// Threads and the account
export { type ForkOptions, type ThreadFilter, ThreadLibrary } from "./thread_library.ts";
export {
  Account,
  type AccountStatus,
  type BrowserLogin,
  type DeviceLogin,
  type PendingLogin,
  type RateLimits,
} from "./account.ts";
export type { Requester } from "./requester.ts";
