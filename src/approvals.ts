/** What every request to the user of a turn tells. */
export type TurnRequestBase = {
  /** The thread that asks; a sub-agent asks in a thread of its own. */
  threadId: string;
  /** The turn that asks; `null` when it is not about a turn. */
  turnId: string | null;
  /** The item it is about, as in its `item.started`; `null` when there is none. */
  itemId: string | null;
  /** The request as the app-server sent it, for what has no name here. */
  raw: Record<string, unknown>;
};

/**
 * May this command run? Depending on the approval policy it then runs in the sandbox
 * (`"untrusted"`) or outside of it (`"on-request"`).
 */
export type CommandApprovalRequest = TurnRequestBase & {
  /** Discriminates the union. */
  type: "command";
  /**
   * - `"command"`: a command of the agent
   * - `"human_command"`: a command that the user gave
   * - `"write_stdin"`: `command` runs, and something is to be typed into it
   */
  kind: "command" | "human_command" | "write_stdin";
  /** The command line, the shell included, e.g. `"/bin/bash -lc 'ls -l'"`; empty for a host alone. */
  command: string;
  /** Where it would run. */
  cwd: string;
  /** Why the agent asks, in its words. */
  reason: string | null;
  /** What codex takes the command to do, e.g. `{ type: "read", path }`; `"unknown"` for most. */
  actions: { type: string; [detail: string]: unknown }[];
  /** The host it wants to reach, when that is what is asked for. */
  network: { host: string; protocol: string } | null;
  /**
   * The permissions that accepting gives to the command besides, in the words of the app-server;
   * `null` for none.
   */
  additionalPermissions: Record<string, unknown> | null;
  /** The rule that codex proposes to keep; see {@linkcode AcceptAndPersistRule}. */
  proposedRule: string[] | null;
};

/** May these files be changed? */
export type FileChangeApprovalRequest = TurnRequestBase & {
  /** Discriminates the union. */
  type: "file_change";
  /**
   * The changes, at least one, with absolute paths; `diff` is a unified diff, or the contents of a
   * new or deleted file. A request whose files are not known is declined without asking.
   */
  changes: {
    path: string;
    kind: "add" | "delete" | "update";
    movePath: string | null;
    diff: string;
  }[];
  /** Why the agent asks, in its words. */
  reason: string | null;
  /** The folder it wants to write to for the rest of the session; `null` for these files only. */
  grantRoot: string | null;
};

/** May the agent have further permissions? */
export type PermissionsApprovalRequest = TurnRequestBase & {
  /** Discriminates the union. */
  type: "permissions";
  /** What it asks for, in the words of the app-server. */
  permissions: Record<string, unknown>;
  /** Where it works. */
  cwd: string;
  /** Why, in its words. */
  reason: string | null;
};

/**
 * May this tool of an MCP server be called? A server can dress up a question of its own like this;
 * accepting then answers that question, and calls nothing.
 */
export type McpToolApprovalRequest = TurnRequestBase & {
  /** Discriminates the union. */
  type: "mcp_tool";
  /** The server, as named in the configuration. */
  server: string;
  /** The tool; `null` when the server does not say. */
  tool: string | null;
  /** What it would be called with. */
  arguments: unknown;
  /** What the server says of the tool, e.g. `{ destructiveHint: true }`. */
  annotations: Record<string, unknown>;
  /** The question, in codex's words. */
  message: string;
};

/** What the agent wants to be allowed, discriminated by `type`. */
export type ApprovalRequest =
  | CommandApprovalRequest
  | FileChangeApprovalRequest
  | PermissionsApprovalRequest
  | McpToolApprovalRequest;

/**
 * Accepts the command, and **keeps a rule in `$CODEX_HOME/rules`** by which every later command that
 * begins like this runs without asking: in all threads, for good.
 */
export type AcceptAndPersistRule = {
  /** The words the commands begin with; `proposedRule` is what codex suggests. */
  acceptAndPersistRule: string[];
};

/**
 * Grants a part of the permissions that were asked for: some of the values, each as it was asked for.
 * More than was asked for declines, and so does leaving out what restricts, such as an entry with
 * `access: "deny"`.
 */
export type GrantPermissions = {
  /** What is granted, in the words of {@linkcode PermissionsApprovalRequest.permissions}. */
  grant: Record<string, unknown>;
  /** For how long. */
  scope: "turn" | "session";
};

/**
 * An answer.
 *
 * - `"accept"`: this once.
 * - `"acceptForSession"`: and the same again, while the thread is loaded: the same command, the same
 *   file, the same tool with whatever arguments.
 * - `"decline"`: no; the agent is told and goes on.
 * - `"cancel"`: no, and the turn is interrupted.
 */
export type ApprovalDecision =
  | "accept"
  | "acceptForSession"
  | "decline"
  | "cancel"
  | AcceptAndPersistRule
  | GrantPermissions;

/** What a handler is told besides the request. */
export type RequestContext = {
  /** Aborted when the answer is of no use any more: the turn ended, or someone else answered. */
  signal: AbortSignal;
};

/**
 * Decides. When it throws, and when what it returns is no decision for the request, such as a rule for
 * a file, the answer is no, and a diagnostic says why.
 */
export type ApprovalHandler = (
  request: ApprovalRequest,
  context: RequestContext,
) => ApprovalDecision | Promise<ApprovalDecision>;

/** One question of {@linkcode UserInputRequest}. */
export type UserQuestion = {
  /** Identifies the question. */
  id: string;
  /** A short title. */
  header: string;
  /** The question. */
  question: string;
  /** What to choose from; empty when any text will do. */
  options: { label: string; description: string }[];
  /** Whether another answer than the options will do. */
  allowsOther: boolean;
  /** Whether the answer is not to be shown. */
  isSecret: boolean;
};

/** The agent asks the user. */
export type UserInputRequest = TurnRequestBase & {
  /** The questions, in order. */
  questions: UserQuestion[];
};

/** The answers by the `id` of the question; questions left out are not answered. */
export type UserInputAnswers = Record<string, string[]>;

/** Answers the agent's questions. What it throws counts as no answers. */
export type UserInputHandler = (
  request: UserInputRequest,
  context: RequestContext,
) => UserInputAnswers | Promise<UserInputAnswers>;

/** An MCP server asks the user. */
export type ElicitationRequest = TurnRequestBase & {
  /** The server, as named in the configuration. */
  server: string;
  /** The question. */
  message: string;
  /** Whether a form is to be filled in, or a page to be visited. */
  mode: "form" | "url";
  /** JSON Schema of the answer, for a form. */
  requestedSchema: Record<string, unknown> | null;
  /** The page, for a URL. */
  url: string | null;
};

/** The answer to an {@linkcode ElicitationRequest}; `content` fits the schema. */
export type ElicitationAnswer =
  | { action: "accept"; content?: Record<string, unknown> }
  | { action: "decline" }
  | { action: "cancel" };

/** Answers an MCP server. What it throws declines. */
export type ElicitationHandler = (
  request: ElicitationRequest,
  context: RequestContext,
) => ElicitationAnswer | Promise<ElicitationAnswer>;
