import type { ThreadEvent, Usage } from "./events.ts";

// Named after the notifications of the app-server: slashes are dots, words have underscores.

/** The agent's message grew. */
export type AgentMessageDelta = {
  /** Discriminates the union. */
  type: "item.agent_message.delta";
  /** The message, told by its `item.completed`; a message cut off by a retry has none. */
  item_id: string;
  /** What is new. */
  delta: string;
};

/** A summary of the agent's reasoning grew. */
export type ReasoningSummaryDelta = {
  /** Discriminates the union. */
  type: "item.reasoning.summary_text_delta";
  /** The reasoning item. */
  item_id: string;
  /** What is new. */
  delta: string;
  /** Which part of the summary, counted from 0. */
  summary_index: number;
};

/** The agent's reasoning itself grew; only some models show it. */
export type ReasoningTextDelta = {
  /** Discriminates the union. */
  type: "item.reasoning.text_delta";
  /** The reasoning item. */
  item_id: string;
  /** What is new. */
  delta: string;
  /** Which part of the content, counted from 0. */
  content_index: number;
};

/**
 * A command wrote something. **Not all of its output arrives this way**: what it writes in its
 * first 50 to 100 ms is usually missing. The completed item has everything.
 */
export type CommandOutputDelta = {
  /** Discriminates the union. */
  type: "item.command_execution.output_delta";
  /** The command item. */
  item_id: string;
  /** What is new, stdout and stderr alike. */
  delta: string;
};

/** A plan that the agent writes in plan mode grew. */
export type PlanDelta = {
  /** Discriminates the union. */
  type: "item.plan.delta";
  /** The plan item. */
  item_id: string;
  /** What is new. */
  delta: string;
};

/** The agent made or changed its plan; `todo_list` items tell the same without what is in progress. */
export type PlanUpdated = {
  /** Discriminates the union. */
  type: "turn.plan.updated";
  /** Why, in the agent's words. */
  explanation: string | null;
  /** The steps, in order. */
  plan: { step: string; status: "pending" | "in_progress" | "completed" }[];
};

/** All that the turn has changed in files so far. Also sent again when nothing changed. */
export type DiffUpdated = {
  /** Discriminates the union. */
  type: "turn.diff.updated";
  /** A unified diff in git's form. */
  diff: string;
};

/** The model answered, and this is what the thread has used by now. */
export type TokenUsageUpdated = {
  /** Discriminates the union. */
  type: "thread.token_usage.updated";
  /** The whole thread, earlier turns and processes included. */
  total: Usage;
  /** The last answer of the model alone; an estimate after a compaction. */
  last: Usage;
  /** How much the model can hold; `null` when codex does not know. */
  model_context_window: number | null;
};

/** How much of the account's allowance is used, in the words of the app-server. */
export type RateLimitsUpdated = {
  /** Discriminates the union. */
  type: "account.rate_limits.updated";
  /** As the app-server tells it: `primary`, `secondary`, `credits` and more, each possibly `null`. */
  rate_limits: Record<string, unknown>;
};

/** Codex warns of something that does not stop it. */
export type WarningEvent = {
  /** Discriminates the union. */
  type: "warning";
  /** Codex's own words. */
  message: string;
};

/**
 * The model could not be reached or answered with a failure. Comes right before the `error` event
 * that tells the same in words.
 */
export type ModelErrorEvent = {
  /** Discriminates the union. */
  type: "model.error";
  /** Codex's own words. */
  message: string;
  /** The app-server's name for it, e.g. `"contextWindowExceeded"`; `null` when it gives none. */
  error_code: string | null;
  /** The status of the model's service; `null` when not known. */
  http_status: number | null;
  /** Further details, in codex's own words. */
  details: string | null;
  /** Whether codex tries again. */
  will_retry: boolean;
};

/** An event of a sub-agent, which works in a thread of its own. */
export type SubagentEvent = {
  /** Discriminates the union. */
  type: "subagent";
  /** The thread of the sub-agent. */
  thread_id: string;
  /** What it tells. */
  event: LiveEvent;
};

/** Anything else the app-server says of the turn, as it says it. */
export type NotificationEvent = {
  /** Discriminates the union. */
  type: "notification";
  /** The method, e.g. `"item/mcpToolCall/progress"`. */
  method: string;
  /** Its parameters. */
  params: Record<string, unknown>;
};

/**
 * What a turn emits with `liveEvents: true`: all that it emits without, and what is going on in
 * between. Only lanes that know it can tell; that is the app-server's.
 */
export type LiveEvent =
  | ThreadEvent
  | AgentMessageDelta
  | ReasoningSummaryDelta
  | ReasoningTextDelta
  | CommandOutputDelta
  | PlanDelta
  | PlanUpdated
  | DiffUpdated
  | TokenUsageUpdated
  | RateLimitsUpdated
  | WarningEvent
  | ModelErrorEvent
  | SubagentEvent
  | NotificationEvent;
