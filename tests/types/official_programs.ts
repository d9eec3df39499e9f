/**
 * Type-checked, never run: programs as they are written for the official SDK's types, against ours,
 * and the official types side by side with ours. The official shapes are declared here in our own
 * words; each `@ts-expect-error` is a deliberate difference, listed in `docs/migration.md`.
 */
import type {
  AgentMessageItem,
  ApprovalMode,
  CodexOptions,
  CommandExecutionItem,
  CyberAccessProgram,
  ErrorItem,
  FileChangeItem,
  Input,
  ItemCompletedEvent,
  ItemStartedEvent,
  ItemUpdatedEvent,
  McpToolCallItem,
  ModelReasoningEffort,
  ReasoningItem,
  RunResult,
  RunStreamedResult,
  SandboxMode,
  ThreadError,
  ThreadErrorEvent,
  ThreadEvent,
  ThreadItem,
  ThreadOptions,
  ThreadStartedEvent,
  TodoListItem,
  TurnCompletedEvent,
  TurnFailedEvent,
  TurnOptions,
  TurnStartedEvent,
  Usage,
  UserInput,
  WebSearchItem,
  WebSearchMode,
} from "../../mod.ts";
import { Codex, Thread } from "../../mod.ts";

// ---- Programs ----

export async function blocking(): Promise<string> {
  const codex = new Codex();
  const thread: Thread = codex.startThread();
  const turn: RunResult = await thread.run("Diagnose the test failure");
  const usage: Usage | null = turn.usage;
  const items: ThreadItem[] = turn.items;
  const id: string | null = thread.id;
  return `${turn.finalResponse} ${usage?.input_tokens} ${items.length} ${id}`;
}

export async function streamed(thread: Thread): Promise<void> {
  const { events }: { events: AsyncGenerator<ThreadEvent> } = await thread.runStreamed("Go", {});
  for await (const event of events) console.log(event.type);
  const result: RunStreamedResult = await thread.runStreamed("Go");
  await drain(result.events);
}

/** As the official samples and tests read them. */
export async function drain(events: AsyncGenerator<ThreadEvent>): Promise<void> {
  let done = false;
  do done = (await events.next()).done ?? false; while (!done);
  await events.return(undefined);
}

export async function byHand(thread: Thread): Promise<void> {
  const { events } = await thread.runStreamed("Go");
  const { value, done } = await events.next();
  if (!done) handleEvent(value);
  console.log((await events.next()).value?.type);
  await events.return(undefined);
  await events.throw(new Error("enough"));
}

export function handleEvent(event: ThreadEvent): string {
  switch (event.type) {
    case "thread.started":
      return event.thread_id;
    case "turn.started":
      return "";
    case "turn.completed":
      return `${event.usage.input_tokens + event.usage.reasoning_output_tokens}`;
    case "turn.failed":
      return event.error.message;
    case "item.started":
    case "item.updated":
    case "item.completed":
      return handleItem(event.item);
    case "error":
      return event.message;
    default:
      return event satisfies never;
  }
}

export function handleItem(item: ThreadItem): string {
  switch (item.type) {
    case "agent_message":
    case "reasoning":
      return item.text;
    case "command_execution":
      return `${item.command} ${item.exit_code ?? "?"} ${item.status} ${item.aggregated_output}`;
    case "file_change":
      return item.changes.map(({ kind, path }) => `${kind} ${path}`).join() + item.status;
    case "mcp_tool_call":
      return `${item.server}.${item.tool}: ${item.error?.message ?? item.result?.content.length}`;
    case "web_search":
      return item.query;
    case "todo_list":
      return item.items.map(({ completed, text }) => `${completed ? "x" : " "} ${text}`).join();
    case "error":
      return item.message;
    default:
      // @ts-expect-error Newer codex also sends "collab_tool_call", which ours lists.
      return item satisfies never;
  }
}

export function startWith(options: ThreadOptions, codexOptions: CodexOptions): Thread {
  const all: CodexOptions = { ...codexOptions, env: { PATH: "/usr/bin" }, config: { a: [1] } };
  return new Codex(all).resumeThread("id", { ...options, approvalPolicy: "never" });
}

export async function structured(thread: Thread, signal: AbortSignal): Promise<unknown> {
  const outputSchema = {
    type: "object",
    properties: { status: { type: "string", enum: ["ok", "action_required"] } },
    required: ["status"],
    additionalProperties: false,
  } as const;
  const options: TurnOptions = { outputSchema, signal };
  const input: Input = [
    { type: "text", text: "Describe these" },
    { type: "local_image", path: "./ui.png" },
  ];
  return JSON.parse((await thread.run(input, options)).finalResponse);
}

export function texts(input: Input): string[] {
  if (typeof input === "string") return [input];
  return input.flatMap((part: UserInput) => part.type === "text" ? [part.text] : []);
}

export function imagePaths(input: UserInput[]): string[] {
  return input.flatMap((part) => {
    if (part.type === "text") return [];
    // @ts-expect-error Ours also takes the bytes of an image, which have no path.
    return [part.path];
  });
}

export function failedCommand(item: CommandExecutionItem): boolean {
  // @ts-expect-error While a command runs codex sends null, which the official type leaves out.
  return item.exit_code !== undefined && item.exit_code > 0;
}

export class Wrapper {
  readonly #codex: Codex;
  constructor(options?: CodexOptions) {
    this.#codex = new Codex(options);
  }
  start(options?: ThreadOptions): Thread {
    return this.#codex.startThread(options);
  }
  isThread(value: unknown): value is Thread {
    return value instanceof Thread;
  }
}

// ---- The official shapes ----

type OfficialUsage = Record<
  | "input_tokens"
  | "cached_input_tokens"
  | "cache_write_input_tokens"
  | "output_tokens"
  | "reasoning_output_tokens",
  number
>;
type OfficialItem<Type extends string, Rest> = { id: string; type: Type } & Rest;
type Progress = "in_progress" | "completed" | "failed";

type OfficialAgentMessage = OfficialItem<"agent_message", { text: string }>;
type OfficialReasoning = OfficialItem<"reasoning", { text: string }>;
type OfficialCommand = OfficialItem<
  "command_execution",
  { command: string; aggregated_output: string; exit_code?: number; status: Progress }
>;
type OfficialFileChange = OfficialItem<
  "file_change",
  {
    changes: { path: string; kind: "add" | "delete" | "update" }[];
    status: "completed" | "failed";
  }
>;
type OfficialContent =
  | { type: "text"; text: string }
  | { type: "image" | "audio"; data: string; mimeType: string }
  | { type: "resource_link"; uri: string; name: string }
  | { type: "resource"; resource: { uri: string } & ({ text: string } | { blob: string }) };
type OfficialMcpCall = OfficialItem<
  "mcp_tool_call",
  {
    server: string;
    tool: string;
    arguments: unknown;
    result?: { content: OfficialContent[]; _meta?: unknown; structured_content: unknown };
    error?: { message: string };
    status: Progress;
  }
>;
type OfficialWebSearch = OfficialItem<"web_search", { query: string }>;
type OfficialTodoList = OfficialItem<
  "todo_list",
  { items: { text: string; completed: boolean }[] }
>;
type OfficialErrorItem = OfficialItem<"error", { message: string }>;
type OfficialThreadItem =
  | OfficialAgentMessage
  | OfficialReasoning
  | OfficialCommand
  | OfficialFileChange
  | OfficialMcpCall
  | OfficialWebSearch
  | OfficialTodoList
  | OfficialErrorItem;

type OfficialItemEvent<Type extends string> = { type: Type; item: OfficialThreadItem };
type OfficialEvent =
  | { type: "thread.started"; thread_id: string }
  | { type: "turn.started" }
  | { type: "turn.completed"; usage: OfficialUsage }
  | { type: "turn.failed"; error: { message: string } }
  | OfficialItemEvent<"item.started">
  | OfficialItemEvent<"item.updated">
  | OfficialItemEvent<"item.completed">
  | { type: "error"; message: string };

type OfficialTurn = {
  items: OfficialThreadItem[];
  finalResponse: string;
  usage: OfficialUsage | null;
};
type OfficialInput = string | ({ type: "text"; text: string } | {
  type: "local_image";
  path: string;
})[];
type OfficialProgram = "standard" | "daybreak_blue" | "daybreak_red";
type OfficialTurnOptions = {
  cyberAccessProgram?: OfficialProgram;
  outputSchema?: unknown;
  signal?: AbortSignal;
};
type OfficialApproval = "never" | "on-request" | "on-failure" | "untrusted";
type OfficialSandbox = "read-only" | "workspace-write" | "danger-full-access";
type OfficialEffort =
  | "minimal"
  | "low"
  | "medium"
  | "high"
  | "xhigh"
  | "max"
  | "ultra"
  | "persistent";
type OfficialSearch = "disabled" | "cached" | "live";
type OfficialThreadOptions = {
  model?: string;
  threadSource?: string;
  sandboxMode?: OfficialSandbox;
  workingDirectory?: string;
  skipGitRepoCheck?: boolean;
  modelReasoningEffort?: OfficialEffort;
  networkAccessEnabled?: boolean;
  webSearchMode?: OfficialSearch;
  webSearchEnabled?: boolean;
  approvalPolicy?: OfficialApproval;
  additionalDirectories?: string[];
};
type OfficialConfigValue =
  | string
  | number
  | boolean
  | OfficialConfigValue[]
  | { [key: string]: OfficialConfigValue };
type OfficialCodexOptions = {
  codexPathOverride?: string;
  baseUrl?: string;
  apiKey?: string;
  config?: { [key: string]: OfficialConfigValue };
  configOverrides?: string[];
  env?: Record<string, string>;
};
interface OfficialThread {
  readonly id: string | null;
  run(input: OfficialInput, turnOptions?: OfficialTurnOptions): Promise<unknown>;
  runStreamed(
    input: OfficialInput,
    turnOptions?: OfficialTurnOptions,
  ): Promise<{ events: AsyncGenerator<unknown> }>;
}
interface OfficialCodex {
  startThread(options?: OfficialThreadOptions): OfficialThread;
  resumeThread(id: string, options?: OfficialThreadOptions): OfficialThread;
}

// ---- Side by side ----

/** Checks that `Part` can stand where `Whole` is asked for. */
type Fits<Part extends Whole, Whole> = Part;
/** The same, both ways. */
type Same<A extends B, B extends C, C = A> = [A, B, C];

export type SameShapes = [
  Same<Usage, OfficialUsage>,
  Same<ThreadError, { message: string }>,
  Same<ThreadStartedEvent, Extract<OfficialEvent, { type: "thread.started" }>>,
  Same<TurnStartedEvent, Extract<OfficialEvent, { type: "turn.started" }>>,
  Same<TurnCompletedEvent, Extract<OfficialEvent, { type: "turn.completed" }>>,
  Same<TurnFailedEvent, Extract<OfficialEvent, { type: "turn.failed" }>>,
  Same<ThreadErrorEvent, Extract<OfficialEvent, { type: "error" }>>,
  Same<AgentMessageItem, OfficialAgentMessage>,
  Same<ReasoningItem, OfficialReasoning>,
  Same<WebSearchItem, OfficialWebSearch>,
  Same<TodoListItem, OfficialTodoList>,
  Same<ErrorItem, OfficialErrorItem>,
  Same<ApprovalMode, OfficialApproval>,
  Same<SandboxMode, OfficialSandbox>,
  Same<ModelReasoningEffort, OfficialEffort>,
  Same<WebSearchMode, OfficialSearch>,
  Same<CyberAccessProgram, OfficialProgram>,
  Same<ThreadOptions, OfficialThreadOptions>,
  Same<TurnOptions, OfficialTurnOptions>,
  Same<CodexOptions, OfficialCodexOptions>,
  Same<NonNullable<CodexOptions["config"]>, NonNullable<OfficialCodexOptions["config"]>>,
  Same<ThreadEvent["type"], OfficialEvent["type"]>,
];

/** What programs hand in: the official shapes fit where ours are asked for. */
export type HandedIn = [
  Fits<OfficialInput, Input>,
  Fits<OfficialCommand, CommandExecutionItem>,
  Fits<OfficialFileChange, FileChangeItem>,
  Fits<OfficialThreadItem, ThreadItem>,
  Fits<OfficialEvent, ThreadEvent>,
  Fits<OfficialItemEvent<"item.started">, ItemStartedEvent>,
  Fits<OfficialItemEvent<"item.updated">, ItemUpdatedEvent>,
  Fits<OfficialItemEvent<"item.completed">, ItemCompletedEvent>,
  Fits<OfficialMcpCall, McpToolCallItem>,
];

/** What programs get back: ours fit where the official shapes are asked for. */
export type GotBack = [
  Fits<Thread, OfficialThread>,
  Fits<Codex, OfficialCodex>,
  Fits<RunStreamedResult, { events: AsyncGenerator<ThreadEvent> }>,
  Fits<RunResult, Omit<OfficialTurn, "items">>,
  Fits<
    Omit<CommandExecutionItem, "exit_code" | "status">,
    Omit<OfficialCommand, "exit_code" | "status">
  >,
  Fits<Omit<FileChangeItem, "status">, Omit<OfficialFileChange, "status">>,
  Fits<Omit<McpToolCallItem, "result" | "error">, Omit<OfficialMcpCall, "result" | "error">>,
  Fits<NonNullable<McpToolCallItem["result"]>, NonNullable<OfficialMcpCall["result"]>>,
  Fits<NonNullable<McpToolCallItem["error"]>, NonNullable<OfficialMcpCall["error"]>>,
  Fits<
    Exclude<CommandExecutionItem["status"], "declined">,
    OfficialCommand["status"]
  >,
  Fits<
    Exclude<FileChangeItem["status"], "in_progress" | "declined">,
    OfficialFileChange["status"]
  >,
  Fits<ThreadItem["type"], OfficialThreadItem["type"] | "collab_tool_call">,
];

/** Deliberate differences, each with what codex 0.169.0 was seen to send, or what ours adds. */
export type Differences = [
  // @ts-expect-error `null` while the command runs.
  Fits<CommandExecutionItem["exit_code"], OfficialCommand["exit_code"]>,
  // @ts-expect-error "declined": the command was not allowed to run.
  Fits<CommandExecutionItem["status"], OfficialCommand["status"]>,
  // @ts-expect-error "in_progress" when the item starts, and "declined".
  Fits<FileChangeItem["status"], OfficialFileChange["status"]>,
  // @ts-expect-error `null` while the call runs, and when it failed.
  Fits<McpToolCallItem["result"], OfficialMcpCall["result"]>,
  // @ts-expect-error `null` while the call runs, and when it did not fail.
  Fits<McpToolCallItem["error"], OfficialMcpCall["error"]>,
  // @ts-expect-error A member more: "collab_tool_call".
  Fits<ThreadItem["type"], OfficialThreadItem["type"]>,
  // @ts-expect-error A member more: the bytes of an image.
  Fits<Input, OfficialInput>,
  // @ts-expect-error Members more: `ownUsage`, `threadId`, `unfinishedItems`, `stderr`, `diagnostics`.
  Fits<OfficialTurn, RunResult>,
  // @ts-expect-error Members more: `turn()`, and `events` is a ReadableStream as well.
  Fits<{ events: AsyncGenerator<ThreadEvent> }, RunStreamedResult>,
];

/** Names that ours adds and the official shapes lack. */
export type Additions = [
  Fits<"action", Exclude<keyof WebSearchItem, keyof OfficialWebSearch>>,
  Fits<
    "ownUsage" | "threadId" | "unfinishedItems" | "stderr" | "diagnostics",
    Exclude<keyof RunResult, keyof OfficialTurn>
  >,
];
