/**
 * Drives OpenAI's `codex` coding agent: give it a prompt, get typed, validated events back as a web
 * stream. For Deno, Bun and Node.
 *
 * @example A turn, streamed
 * ```ts
 * import { Codex } from "jsr:@codex/sdk";
 *
 * const thread = new Codex().startThread({ sandboxMode: "workspace-write" });
 * const { events } = await thread.runStreamed("Make the tests pass", { timeoutMs: 600_000 });
 * for await (const event of events) {
 *   if (event.type === "item.completed" && event.item.type === "agent_message") {
 *     console.log(event.item.text);
 *   }
 * }
 * ```
 *
 * @module
 */

// Codex and its threads
export { Codex, type ThreadReference } from "./src/codex.ts";
export { type StreamedTurn, type StreamedTurn as RunStreamedResult, Thread } from "./src/thread.ts";
export type { Turn, Turn as RunResult } from "./src/turn.ts";

// Options
export type {
  ApprovalMode,
  CodexConfigObject,
  CodexConfigValue,
  CodexOptions,
  CyberAccessProgram,
  Input,
  ModelReasoningEffort,
  RequestHandlers,
  RetryInfo,
  SandboxMode,
  SpawnInfo,
  ThreadOptions,
  TurnOptions,
  UserInput,
  WebSearchMode,
} from "./src/options.ts";

// Events
export type {
  ItemCompletedEvent,
  ItemStartedEvent,
  ItemUpdatedEvent,
  ThreadError,
  ThreadErrorEvent,
  ThreadEvent,
  ThreadStartedEvent,
  TurnCompletedEvent,
  TurnFailedEvent,
  TurnStartedEvent,
  UnknownThreadEvent,
  Usage,
} from "./src/events.ts";

// What goes on in between, on the app-server lane
export type {
  AgentMessageDelta,
  CommandOutputDelta,
  DiffUpdated,
  LiveEvent,
  ModelErrorEvent,
  NotificationEvent,
  PlanDelta,
  PlanUpdated,
  RateLimitsUpdated,
  ReasoningSummaryDelta,
  ReasoningTextDelta,
  SubagentEvent,
  TokenUsageUpdated,
  WarningEvent,
} from "./src/live_events.ts";

// What codex asks, on the app-server lane
export type {
  AcceptAndPersistRule,
  ApprovalDecision,
  ApprovalHandler,
  ApprovalRequest,
  CommandApprovalRequest,
  ElicitationAnswer,
  ElicitationHandler,
  ElicitationRequest,
  FileChangeApprovalRequest,
  GrantPermissions,
  McpToolApprovalRequest,
  PermissionsApprovalRequest,
  RequestContext,
  TurnRequestBase,
  UserInputAnswers,
  UserInputHandler,
  UserInputRequest,
  UserQuestion,
} from "./src/approvals.ts";
export type { Tool, ToolContent, ToolContext, ToolResult } from "./src/tools.ts";

// Items
export type {
  AgentMessageItem,
  CollabAgentState,
  CollabToolCallItem,
  CollabToolCallStatus,
  CommandExecutionItem,
  CommandExecutionStatus,
  ErrorItem,
  FileChangeItem,
  FileUpdateChange,
  McpAnnotations,
  McpAudioContent,
  McpContentBlock,
  McpEmbeddedResource,
  McpImageContent,
  McpResourceLink,
  McpTextContent,
  McpToolCallItem,
  McpToolCallResult,
  McpToolCallStatus,
  PatchApplyStatus,
  PatchChangeKind,
  ReasoningItem,
  ThreadItem,
  TodoItem,
  TodoListItem,
  UnknownThreadItem,
  WebSearchItem,
} from "./src/items.ts";
export { isUnknownEvent, isUnknownItem, type Unknown } from "./src/unknown.ts";

// Errors
export {
  AbortError,
  CodexError,
  type CodexErrorCode,
  CodexNotFoundError,
  ConnectionError,
  type ConnectionErrorOptions,
  ExitError,
  type ExitErrorOptions,
  InvalidOptionsError,
  LoginError,
  NoActiveTurnError,
  ProtocolError,
  type ProtocolErrorOptions,
  ReaderTooSlowError,
  RequestTimeoutError,
  RpcError,
  ServerLostError,
  type ServerLostErrorOptions,
  SpawnError,
  ThreadBusyError,
  ThreadMismatchError,
  TimeoutError,
  TurnFailedError,
  UnsupportedError,
} from "./src/errors.ts";
export type { Diagnostic } from "./src/diagnostics.ts";

// Streams; their classes are in `@codex/sdk/streams`, for who needs them pays for loading them
export type { EventSource, EventStream } from "./src/streams/event_stream.ts";

// Lanes
export { exec, type ExecOptions } from "./src/exec/mod.ts";
export type { ExecTiming } from "./src/exec/timing.ts";
export type {
  CodexVersion,
  NotificationListener,
  RequestOptions,
  ReviewTarget,
  ThreadTarget,
  Transport,
  TransportFactory,
  TransportTurn,
  TurnReport,
  TurnRequest,
} from "./src/transport.ts";
