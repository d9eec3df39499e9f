import type { ThreadEvent, Usage } from "../events.ts";
import type { AgentMessageItem, ThreadItem } from "../items.ts";
import type { LiveEvent, ModelErrorEvent, NotificationEvent } from "../live_events.ts";
import { eventTypes } from "../unknown.ts";
import { toFileChange, toThreadItem, toTodoList } from "./item_mapping.ts";
import { toTokenUsage } from "./usage_mapping.ts";
import {
  isObject,
  listIn,
  listOr,
  numberOr,
  objectIn,
  objectOr,
  objectsIn,
  paramsOf,
  type Place,
  snakeCase,
  textIn,
  textOr,
  type WireObject,
  within,
} from "./wire_shape.ts";

/** How a turn ended, as far as the app-server said. */
export type MappedOutcome =
  | { type: "open" }
  | { type: "completed" }
  | { type: "interrupted" }
  | {
    type: "failed";
    /** Codex's own words. */
    message: string;
    /** The app-server's name for it, e.g. `"contextWindowExceeded"`; `null` for none. */
    errorCode: string | null;
    /** The status of the model's service; `null` when not known. */
    httpStatus: number | null;
  };

/** What a {@linkcode TurnEventMapper} is for. */
export type TurnEventMapperOptions = {
  /** The thread. What concerns another is a `notification` and nothing more. */
  threadId: string;
  /** The turn, likewise; `null` while it is not known. */
  turnId: string | null;
};

/**
 * The events of one turn, from the notifications of its thread: those that `codex exec` would have
 * printed, and the live ones.
 *
 * Pure: no process, no clock. It can outlive its turn: a command that runs on completes its item
 * later.
 */
export class TurnEventMapper {
  readonly #threadId: string;
  #turnId: string | null;
  /** A review runs as a turn within the one that was asked for, and is announced as such. */
  #otherTurnId: string | null = null;
  #startedTurnId: string | null = null;
  readonly #unfinished: Map<string, ThreadItem> = new Map();
  #lastMessage: AgentMessageItem | null = null;
  #todoList: ThreadItem | null = null;
  #errorItems = 0;
  #lastError: string | null = null;
  #usage: Usage | null = null;
  #outcome: MappedOutcome = { type: "open" };

  /** Maps a turn of one thread. */
  constructor({ threadId, turnId }: TurnEventMapperOptions) {
    this.#threadId = threadId;
    this.#turnId = turnId;
  }

  /** The turn that was asked for; told by the answer to the request, or by `turn/started`. */
  get turnId(): string | null {
    return this.#turnId;
  }

  /** The turn that runs, of which a review has one of its own; `null` before `turn/started`. */
  get startedTurnId(): string | null {
    return this.#startedTurnId;
  }

  /** How the turn ended; the first word on it counts. */
  get outcome(): MappedOutcome {
    return this.#outcome;
  }

  /** What the thread has used by now, as last told in this turn; `null` when nothing was. */
  get usage(): Usage | null {
    return this.#usage;
  }

  /**
   * Items that began and did not complete: a message cut off by steering, a retry or an
   * interruption holds the text that had arrived.
   */
  get unfinishedItems(): ThreadItem[] {
    return [...this.#unfinished.values()].map((item) => ({ ...item }));
  }

  /** Tells the id of the turn, once the app-server has answered. */
  setTurnId(turnId: string): void {
    if (this.#turnId !== turnId) this.#otherTurnId = this.#turnId;
    this.#turnId = turnId;
  }

  /**
   * What a notification means, in order. What is not known becomes a `notification`.
   *
   * Throws `ProtocolError` when a known one has a shape it must not have.
   */
  map(method: string, params: unknown): LiveEvent[] {
    // First what comes by the thousand.
    if (method === "item/agentMessage/delta" && this.#isOurs(params)) {
      const { itemId, delta } = params;
      if (typeof itemId === "string" && typeof delta === "string") {
        const item = this.#unfinished.get(itemId);
        if (item?.type === "agent_message") item.text += delta;
        return [{ type: "item.agent_message.delta", item_id: itemId, delta }];
      }
    }
    const place: Place = { method, path: "" };
    if (!knownMethods.has(method)) return [toNotification(method, params)];
    const members = paramsOf(params, place);
    if (!this.#isOurs(members)) return [toNotification(method, members)];
    return this.#mapKnown(method, members, place);
  }

  #mapKnown(method: string, params: WireObject, place: Place): LiveEvent[] {
    switch (method) {
      case "turn/started":
        return this.#turnStarted(params, place);
      case "turn/completed":
        return this.#turnCompleted(params, place);
      case "turn/plan/updated":
        return this.#planUpdated(params, place);
      case "turn/diff/updated":
        return [{ type: "turn.diff.updated", diff: textIn(params, "diff", place) }];
      case "item/started":
        return this.#itemStarted(params, place);
      case "item/completed":
        return this.#itemCompleted(params, place);
      case "item/fileChange/patchUpdated": {
        const id = textIn(params, "itemId", place);
        return this.#itemChanged(toFileChange(id, params, "in_progress", place));
      }
      case "thread/tokenUsage/updated": {
        const event = toTokenUsage(params);
        this.#usage = event.total;
        return [event];
      }
      case "error":
        return this.#error(params, place);
      case "warning":
        return [this.#errorItem(textIn(params, "message", place))];
      case "model/rerouted":
        return [this.#errorItem(reroute(params, place))];
      case "guardianWarning":
        return [{ type: "warning", message: textIn(params, "message", place) }];
      case "configWarning":
      case "deprecationNotice":
        return [{ type: "warning", message: detailed(params, "summary", "details", place) }];
      default:
        return [toDelta(method, params, place)];
    }
  }

  /** Whether a notification is about this turn, or about none in particular. */
  #isOurs(params: unknown): params is WireObject {
    if (!isObject(params)) return false;
    const { threadId, turnId } = params;
    if (typeof threadId === "string" && threadId !== this.#threadId) return false;
    return typeof turnId !== "string" || this.#isOurTurn(turnId);
  }

  #isOurTurn(turnId: string): boolean {
    return this.#turnId === null || turnId === this.#turnId || turnId === this.#otherTurnId;
  }

  #turnStarted(params: WireObject, place: Place): LiveEvent[] {
    const turn = objectIn(params, "turn", place);
    const id = textIn(turn, "id", within(place, "turn"));
    const root = typeof turn.rootTurnId === "string" ? turn.rootTurnId : null;
    const isOurs = this.#isOurTurn(id) || root === null || this.#isOurTurn(root);
    if (!isOurs || this.#startedTurnId !== null) return [toNotification(place.method, params)];
    this.#startedTurnId = id;
    if (this.#turnId === null) {
      this.#turnId = id;
      this.#otherTurnId = root;
    } else {
      this.#otherTurnId = id;
    }
    return [{ type: "turn.started" }];
  }

  #turnCompleted(params: WireObject, place: Place): LiveEvent[] {
    const turn = objectIn(params, "turn", place);
    const at = within(place, "turn");
    const id = textIn(turn, "id", at);
    const status = textIn(turn, "status", at);
    const notification = toNotification(place.method, params);
    if (!this.#isOurTurn(id) || this.#outcome.type !== "open") return [notification];
    const events = [...this.#completeTodoList(), ...this.#completeItems(turn, at)];
    switch (status) {
      case "completed":
        this.#outcome = { type: "completed" };
        return [...events, {
          type: "turn.completed",
          ...(this.#usage === null ? {} : { usage: this.#usage }),
        } as ThreadEvent];
      case "interrupted":
        this.#outcome = { type: "interrupted" };
        return [...events, notification];
      default: {
        const failure = this.#failure(turn, status, at);
        this.#outcome = failure;
        return [...events, { type: "turn.failed", error: { message: failure.message } }];
      }
    }
  }

  #failure(turn: WireObject, status: string, place: Place): MappedOutcome & { type: "failed" } {
    const error = objectOr(turn, "error", null, place);
    if (error !== null) {
      const { message, error_code, http_status } = toModelError(error, within(place, "error"));
      const told = withDetails(message, textOr(error, "additionalDetails", "", place));
      return { type: "failed", message: told, errorCode: error_code, httpStatus: http_status };
    }
    const message = this.#lastError ??
      (status === "failed" ? "turn failed" : `turn ended with the status "${status.slice(0, 60)}"`);
    return { type: "failed", message, errorCode: null, httpStatus: null };
  }

  #completeTodoList(): LiveEvent[] {
    const item = this.#todoList;
    this.#todoList = null;
    return item === null ? [] : [this.#complete(item)];
  }

  /** What the turn holds and nobody told, e.g. because the connection was down. */
  #completeItems(turn: WireObject, place: Place): LiveEvent[] {
    const items = objectsIn(listOr(turn, "items", place), within(place, "items"));
    const lastMessage = items.findLast(([item]) => item.type === "agentMessage");
    return items.flatMap(([item, at]) => {
      const isUnfinished = this.#unfinished.has(item.id as string) && item.status !== "inProgress";
      if (!isUnfinished && item !== lastMessage?.[0]) return [];
      const mapped = toThreadItem(item, at);
      if (mapped === null || isEmptyReasoning(mapped)) return [];
      return isUnfinished || !this.#isTold(mapped) ? [this.#complete(mapped)] : [];
    });
  }

  /** Histories may name a message anew: the same text last is the same message. */
  #isTold(item: ThreadItem): boolean {
    const last = this.#lastMessage;
    return last !== null && item.type === "agent_message" &&
      (item.id === last.id || item.text === last.text);
  }

  #planUpdated(params: WireObject, place: Place): LiveEvent[] {
    const at = within(place, "plan");
    const plan = objectsIn(listIn(params, "plan", place), at).map(([step, stepAt]) => ({
      step: textIn(step, "step", stepAt),
      status: snakeCase(textIn(step, "status", stepAt)) as "pending",
    }));
    const explanation = textOr(params, "explanation", null, place);
    const events: LiveEvent[] = [{ type: "turn.plan.updated", explanation, plan }];
    if (this.#outcome.type === "open") {
      this.#todoList = toTodoList(plan);
      events.push(...this.#itemChanged(this.#todoList, "item.started"));
    }
    return events;
  }

  #itemStarted(params: WireObject, place: Place): LiveEvent[] {
    const item = toThreadItem(objectIn(params, "item", place), within(place, "item"));
    if (item === null) return [toNotification(place.method, params)];
    if (item.type === "agent_message" || item.type === "reasoning") {
      // Exec tells these when they are complete.
      this.#unfinished.set(item.id, item);
      return [toNotification(place.method, params)];
    }
    return this.#itemChanged(item, "item.started");
  }

  #itemCompleted(params: WireObject, place: Place): LiveEvent[] {
    const item = toThreadItem(objectIn(params, "item", place), within(place, "item"));
    if (item === null || isEmptyReasoning(item)) {
      if (item !== null) this.#unfinished.delete(item.id);
      return [toNotification(place.method, params)];
    }
    return [this.#complete(item)];
  }

  /** An item that is not complete; one that had begun before is updated. */
  #itemChanged(item: ThreadItem, first: "item.started" | "item.updated" = "item.updated"): [
    LiveEvent,
  ] {
    const type = this.#unfinished.has(item.id) ? "item.updated" : first;
    this.#unfinished.set(item.id, item);
    return [{ type, item }];
  }

  #complete(item: ThreadItem): LiveEvent {
    this.#unfinished.delete(item.id);
    if (item.type === "agent_message") this.#lastMessage = item;
    return { type: "item.completed", item };
  }

  #error(params: WireObject, place: Place): LiveEvent[] {
    const at = within(place, "error");
    const error = toModelError(objectIn(params, "error", place), at);
    error.will_retry = params.willRetry === true;
    this.#lastError = withDetails(error.message, error.details ?? "");
    return [error, { type: "error", message: this.#lastError }];
  }

  /** Exec tells a warning as an item of its own; on the wire it has no id. */
  #errorItem(message: string): LiveEvent {
    return this.#complete({ id: `error_${this.#errorItems++}`, type: "error", message });
  }
}

/** Whether an event is one that `codex exec` would not have printed. */
export function isLiveOnly(event: LiveEvent): boolean {
  return !eventTypes.has(event.type);
}

const knownMethods: ReadonlySet<string> = new Set([
  "account/rateLimits/updated",
  "configWarning",
  "deprecationNotice",
  "error",
  "guardianWarning",
  "item/agentMessage/delta",
  "item/commandExecution/outputDelta",
  "item/completed",
  "item/fileChange/patchUpdated",
  "item/plan/delta",
  "item/reasoning/summaryTextDelta",
  "item/reasoning/textDelta",
  "item/started",
  "model/rerouted",
  "thread/tokenUsage/updated",
  "turn/completed",
  "turn/diff/updated",
  "turn/plan/updated",
  "turn/started",
  "warning",
]);

function toNotification(method: string, params: unknown): NotificationEvent {
  return { type: "notification", method, params: isObject(params) ? params : {} };
}

function toDelta(method: string, params: WireObject, place: Place): LiveEvent {
  if (method === "account/rateLimits/updated") {
    // About the account: nothing in it is worth a turn.
    return isObject(params.rateLimits)
      ? { type: "account.rate_limits.updated", rate_limits: params.rateLimits }
      : toNotification(method, params);
  }
  const item_id = textIn(params, "itemId", place);
  const delta = textIn(params, "delta", place);
  switch (method) {
    case "item/commandExecution/outputDelta":
      return { type: "item.command_execution.output_delta", item_id, delta };
    case "item/reasoning/summaryTextDelta": {
      const summary_index = numberOr(params, "summaryIndex", 0, place);
      return { type: "item.reasoning.summary_text_delta", item_id, delta, summary_index };
    }
    case "item/reasoning/textDelta": {
      const content_index = numberOr(params, "contentIndex", 0, place);
      return { type: "item.reasoning.text_delta", item_id, delta, content_index };
    }
    case "item/plan/delta":
      return { type: "item.plan.delta", item_id, delta };
    default:
      return { type: "item.agent_message.delta", item_id, delta };
  }
}

function toModelError(error: WireObject, place: Place): ModelErrorEvent {
  const { codexErrorInfo: info } = error;
  // A name, or a name with what is known of it: `{ httpConnectionFailed: { httpStatusCode } }`.
  const code = isObject(info) ? Object.keys(info)[0] ?? null : info;
  const facts = isObject(info) && typeof code === "string" ? info[code] : null;
  const status = isObject(facts) ? facts.httpStatusCode : null;
  return {
    type: "model.error",
    message: textIn(error, "message", place),
    error_code: typeof code === "string" ? code : null,
    http_status: typeof status === "number" ? status : null,
    details: textOr(error, "additionalDetails", null, place),
    will_retry: false,
  };
}

function isEmptyReasoning(item: ThreadItem): boolean {
  return item.type === "reasoning" && item.text.trim() === "";
}

function reroute(params: WireObject, place: Place): string {
  const from = textIn(params, "fromModel", place);
  const to = textIn(params, "toModel", place);
  const reason = textIn(params, "reason", place);
  return `model rerouted: ${from} -> ${to} (${reason.slice(0, 1).toUpperCase()}${reason.slice(1)})`;
}

/** Exec's way of putting two members into one line. */
function detailed(holder: WireObject, text: string, details: string, place: Place): string {
  return withDetails(textIn(holder, text, place), textOr(holder, details, "", place));
}

function withDetails(text: string, details: string): string {
  return details === "" ? text : `${text} (${details})`;
}
