import type { ThreadItem } from "./items.ts";

/**
 * Token counts as codex reports them.
 *
 * On the exec lane codex **accumulates these over the whole thread**, earlier turns included:
 * three equal turns report 42, 84 and 126 input tokens. For the share of one turn see
 * `Turn.ownUsage`.
 */
export type Usage = {
  /** Input tokens, cached ones included. */
  input_tokens: number;
  /** The part of the input tokens that was served from the prompt cache. */
  cached_input_tokens: number;
  /** Input tokens written to the prompt cache; 0 when codex is too old to report them. */
  cache_write_input_tokens: number;
  /** Output tokens, reasoning included. */
  output_tokens: number;
  /** The part of the output tokens spent on reasoning. */
  reasoning_output_tokens: number;
};

/** Why a turn failed, in codex's own words. */
export type ThreadError = {
  /** The message, written for people. */
  message: string;
};

/** The first event of every turn: tells the id of the thread, also when it was resumed. */
export type ThreadStartedEvent = {
  /** Discriminates the union. */
  type: "thread.started";
  /** The id of the thread, to be given to `Codex.resumeThread`. */
  thread_id: string;
};

/** The prompt was accepted and sent to the model. */
export type TurnStartedEvent = {
  /** Discriminates the union. */
  type: "turn.started";
};

/** The turn ended well. */
export type TurnCompletedEvent = {
  /** Discriminates the union. */
  type: "turn.completed";
  /**
   * Token counts, accumulated over the thread (see {@linkcode Usage}). Every measured codex sends
   * them; should one leave them out, the property is missing here and `Turn.usage` is `null`.
   */
  usage: Usage;
};

/** The turn failed. The stream raises a `TurnFailedError` after it. */
export type TurnFailedEvent = {
  /** Discriminates the union. */
  type: "turn.failed";
  /** What went wrong. */
  error: ThreadError;
};

/** An item began. */
export type ItemStartedEvent = {
  /** Discriminates the union. */
  type: "item.started";
  /** The item as it stands. */
  item: ThreadItem;
};

/** An item changed, e.g. a step of the to-do list was ticked off. */
export type ItemUpdatedEvent = {
  /** Discriminates the union. */
  type: "item.updated";
  /** The item as it stands. */
  item: ThreadItem;
};

/** An item reached its final state. Only completed items are part of `Turn.items`. */
export type ItemCompletedEvent = {
  /** Discriminates the union. */
  type: "item.completed";
  /** The item as it ended. */
  item: ThreadItem;
};

/**
 * Something went wrong, but the turn goes on: codex reports every reconnect this way
 * (`"Reconnecting... 2/5 (…)"`). A failed turn says so with a {@linkcode TurnFailedEvent}.
 */
export type ThreadErrorEvent = {
  /** Discriminates the union. */
  type: "error";
  /** The message, written for people. */
  message: string;
};

/**
 * What a turn emits, discriminated by `type`.
 *
 * The union lists what is known; an event of a newer codex still arrives at run time, unchanged.
 * Reach it with {@linkcode isUnknownEvent}.
 */
export type ThreadEvent =
  | ThreadStartedEvent
  | TurnStartedEvent
  | TurnCompletedEvent
  | TurnFailedEvent
  | ItemStartedEvent
  | ItemUpdatedEvent
  | ItemCompletedEvent
  | ThreadErrorEvent;

/** An event this version of the SDK does not know. */
export type UnknownThreadEvent = {
  /** A type outside {@linkcode ThreadEvent}. */
  type: string;
  /** Whatever codex sent with it. */
  [field: string]: unknown;
};
