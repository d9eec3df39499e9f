/** State of a command: `"declined"` when it was not allowed to run. */
export type CommandExecutionStatus = "in_progress" | "completed" | "failed" | "declined";

/** A shell command run by the agent. */
export type CommandExecutionItem = {
  /** Identifies the item within its turn. */
  id: string;
  /** Discriminates the union. */
  type: "command_execution";
  /** The command line, as given to the shell. */
  command: string;
  /** What the command wrote to stdout and stderr; empty while it runs. */
  aggregated_output: string;
  /** The exit code; `null` while the command runs, absent from some versions of codex. */
  exit_code?: number | null;
  /** State of the command. */
  status: CommandExecutionStatus;
};

/** What happens to a file. A moved file is an `"update"`. */
export type PatchChangeKind = "add" | "delete" | "update";

/** One file of a {@linkcode FileChangeItem}. */
export type FileUpdateChange = {
  /** Path of the file. */
  path: string;
  /** What happens to it. */
  kind: PatchChangeKind;
};

/** State of a patch: `"declined"` when it was not allowed. */
export type PatchApplyStatus = "in_progress" | "completed" | "failed" | "declined";

/** A patch to one or more files. */
export type FileChangeItem = {
  /** Identifies the item within its turn. */
  id: string;
  /** Discriminates the union. */
  type: "file_change";
  /** The files, in the order of the patch. */
  changes: FileUpdateChange[];
  /** State of the patch. */
  status: PatchApplyStatus;
};

/** State of a call to an MCP tool. */
export type McpToolCallStatus = "in_progress" | "completed" | "failed";

/** What the annotations of an MCP content block can say. */
export type McpAnnotations = {
  /** Whom the block is meant for. */
  audience?: ("user" | "assistant")[];
  /** 1 is required, 0 is optional. */
  priority?: number;
  /** When it was last changed, ISO 8601. */
  lastModified?: string;
};

/** A text, an image, a sound or a resource, as MCP defines them. */
export type McpContentBlock =
  | McpTextContent
  | McpImageContent
  | McpAudioContent
  | McpResourceLink
  | McpEmbeddedResource;

/** Text from an MCP tool. */
export type McpTextContent = {
  /** Discriminates the union. */
  type: "text";
  /** The text. */
  text: string;
  /** Hints for the client. */
  annotations?: McpAnnotations;
  /** Free for the server to use. */
  _meta?: Record<string, unknown>;
};

/** An image from an MCP tool. */
export type McpImageContent = {
  /** Discriminates the union. */
  type: "image";
  /** The image, base64. */
  data: string;
  /** Media type, e.g. `image/png`. */
  mimeType: string;
  /** Hints for the client. */
  annotations?: McpAnnotations;
  /** Free for the server to use. */
  _meta?: Record<string, unknown>;
};

/** A sound from an MCP tool. */
export type McpAudioContent = {
  /** Discriminates the union. */
  type: "audio";
  /** The sound, base64. */
  data: string;
  /** Media type, e.g. `audio/wav`. */
  mimeType: string;
  /** Hints for the client. */
  annotations?: McpAnnotations;
  /** Free for the server to use. */
  _meta?: Record<string, unknown>;
};

/** A pointer to a resource of an MCP server. */
export type McpResourceLink = {
  /** Discriminates the union. */
  type: "resource_link";
  /** Where the resource is. */
  uri: string;
  /** Its name. */
  name: string;
  /** Its name for people. */
  title?: string;
  /** What it is. */
  description?: string;
  /** Its media type. */
  mimeType?: string;
  /** Its size in bytes. */
  size?: number;
  /** Hints for the client. */
  annotations?: McpAnnotations;
  /** Free for the server to use. */
  _meta?: Record<string, unknown>;
};

/** A resource sent along by an MCP server. */
export type McpEmbeddedResource = {
  /** Discriminates the union. */
  type: "resource";
  /** The resource: `text`, or `blob` in base64. */
  resource:
    | { uri: string; mimeType?: string; text: string; _meta?: Record<string, unknown> }
    | { uri: string; mimeType?: string; blob: string; _meta?: Record<string, unknown> };
  /** Hints for the client. */
  annotations?: McpAnnotations;
  /** Free for the server to use. */
  _meta?: Record<string, unknown>;
};

/** What an MCP tool returned. */
export type McpToolCallResult = {
  /** The content blocks. */
  content: McpContentBlock[];
  /** Free for the server to use. */
  _meta?: unknown;
  /** Structured result; `null` when the tool gave none. */
  structured_content: unknown;
};

/** A call to a tool of an MCP server. */
export type McpToolCallItem = {
  /** Identifies the item within its turn. */
  id: string;
  /** Discriminates the union. */
  type: "mcp_tool_call";
  /** Name of the server, from the configuration. */
  server: string;
  /** Name of the tool. */
  tool: string;
  /** What the model passed to it. */
  arguments: unknown;
  /** What it returned; `null` or absent while it runs or when it failed. */
  result?: McpToolCallResult | null;
  /** Why it failed; `null` or absent when it did not. */
  error?: { message: string } | null;
  /** State of the call. */
  status: McpToolCallStatus;
};

/** What the agent says: text, or JSON when an output schema was given. */
export type AgentMessageItem = {
  /** Identifies the item within its turn. */
  id: string;
  /** Discriminates the union. */
  type: "agent_message";
  /** The message. */
  text: string;
};

/** A summary of the agent's reasoning. */
export type ReasoningItem = {
  /** Identifies the item within its turn. */
  id: string;
  /** Discriminates the union. */
  type: "reasoning";
  /** The summary, Markdown. */
  text: string;
};

/** A web search. */
export type WebSearchItem = {
  /** Identifies the item; for searches this is the id the model gave it. */
  id: string;
  /** Discriminates the union. */
  type: "web_search";
  /** What was searched for. */
  query: string;
  /** What was done, e.g. `{ type: "search", query }`; absent from older versions of codex. */
  action?: unknown;
};

/** A problem that did not end the turn. */
export type ErrorItem = {
  /** Identifies the item within its turn. */
  id: string;
  /** Discriminates the union. */
  type: "error";
  /** The message, written for people. */
  message: string;
};

/** One step of the agent's plan. */
export type TodoItem = {
  /** The step. */
  text: string;
  /** Whether it is done. */
  completed: boolean;
};

/** The agent's plan: starts when it is made, is updated as it goes, completes with the turn. */
export type TodoListItem = {
  /** Identifies the item within its turn. */
  id: string;
  /** Discriminates the union. */
  type: "todo_list";
  /** The steps, in order. */
  items: TodoItem[];
};

/** State of a call that concerns other agents. */
export type CollabToolCallStatus = "in_progress" | "completed" | "failed";

/** How a sub-agent fares, as its parent sees it. */
export type CollabAgentState = {
  /** E.g. `"pending_init"`, `"running"`, `"completed"`. */
  status: string;
  /** What it last said. */
  message?: string | null;
};

/** The agent starts, instructs or awaits sub-agents. */
export type CollabToolCallItem = {
  /** Identifies the item within its turn. */
  id: string;
  /** Discriminates the union. */
  type: "collab_tool_call";
  /** What is done, e.g. `"spawn_agent"` or `"wait"`. */
  tool: string;
  /** Thread of the agent that calls. */
  sender_thread_id: string;
  /** Threads of the agents concerned. */
  receiver_thread_ids: string[];
  /** What they are told. */
  prompt?: string | null;
  /** How they fare, by thread id. */
  agents_states: Record<string, CollabAgentState>;
  /** State of the call. */
  status: CollabToolCallStatus;
};

/**
 * What a thread is made of, discriminated by `type`.
 *
 * The union lists what is known; an item of a newer codex still arrives at run time, unchanged.
 * Reach it with {@linkcode isUnknownItem}.
 */
export type ThreadItem =
  | AgentMessageItem
  | ReasoningItem
  | CommandExecutionItem
  | FileChangeItem
  | McpToolCallItem
  | CollabToolCallItem
  | WebSearchItem
  | TodoListItem
  | ErrorItem;

/** An item this version of the SDK does not know. */
export type UnknownThreadItem = {
  /** Identifies the item within its turn. */
  id: string;
  /** A type outside {@linkcode ThreadItem}. */
  type: string;
  /** Whatever codex sent with it. */
  [field: string]: unknown;
};
