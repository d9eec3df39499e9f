import type { ApprovalHandler, ElicitationHandler, UserInputHandler } from "../approvals.ts";
import { callOnlooker } from "../callback.ts";
import type { Clock } from "../clock.ts";
import type { Diagnostic } from "../diagnostics.ts";
import { AbortError } from "../errors.ts";
import { type Redact, redactor } from "../redact.ts";
import type { Tool } from "../tools.ts";
import {
  commandApproval,
  fileChangeApproval,
  isMcpToolApproval,
  mcpToolApproval,
  permissionsApproval,
} from "./approval_requests.ts";
import { elicitation } from "./elicitation.ts";
import { leftToOthers } from "./peer_requests.ts";
import type { AnyHandler, Question } from "./question.ts";
import { answerToolCall, toolCallFailure } from "./tool_calls.ts";
import { textOrNull } from "./turn_request.ts";
import { callUser, messageOf } from "./user_call.ts";
import { userInput } from "./user_input.ts";
import { wellFormed } from "./well_formed.ts";
import { isObject, type WireObject } from "./wire_shape.ts";

/** Who answers what is asked in a turn. */
export type RequestOwner = {
  /** Decides on approvals; without it all are declined. */
  onApproval?: ApprovalHandler;
  /** Answers the agent's questions; without it nobody does. */
  onUserInput?: UserInputHandler;
  /** Answers MCP servers; without it they are declined. */
  onElicitation?: ElicitationHandler;
  /** The tools the agent can call, by name. */
  tools: ReadonlyMap<string, Tool>;
  /** Aborted when the turn has ended. */
  signal: AbortSignal;
  /** An item of a thread as the app-server told it when it began. */
  itemOf(threadId: string, itemId: string): unknown;
  /** Notes something of the turn, e.g. that a handler threw. */
  report(message: string): void;
  /**
   * Interrupts the turn that asked, which may be a sub-agent's: for a `"cancel"` that codex would
   * take for a mere no.
   */
  interrupt?(threadId: string, turnId: string): void;
};

/** What {@linkcode ServerRequests} works with. */
export type ServerRequestsOptions = {
  /** Who answers for a turn of a thread; `null` when it is none of ours. */
  ownerOf(threadId: string, turnId: string | null): RequestOwner | null;
  /** Time. */
  clock: Clock;
  /** How long a handler may take, in milliseconds; tools have their own limit. Default: no limit. */
  timeoutMs?: number;
  /**
   * Whether the server has other clients, whose answers count as well: what concerns no turn of ours
   * is theirs to answer, and a no of ours would be taken for theirs. Default: `false`.
   */
  isShared?: boolean;
  /** Hears what concerns no turn of ours. */
  onDiagnostic?: (diagnostic: Diagnostic) => void;
  /** Keeps secrets from the model and out of diagnostics. Default: what looks like a key. */
  redact?: Redact;
};

/** What a request comes with besides its parameters. */
export type ServerRequestContext = {
  /** The id the app-server gave it. */
  id: string | number;
  /** Aborted when no answer can be sent any more. */
  signal: AbortSignal;
};

/** A request that is being answered. */
type Pending = {
  method: string;
  params: unknown;
  controller: AbortController;
  answer: Promise<unknown>;
};

/** What is asked of the user by some method. */
type Asking = {
  /** Names it in diagnostics. */
  what: string;
  /** The answer no. */
  no: WireObject;
  /** As the user is asked; `null` when that cannot be told. */
  question(params: WireObject, owner: RequestOwner): Question | null;
};

const asking: ReadonlyMap<string, Asking> = new Map<string, Asking>([
  ["item/commandExecution/requestApproval", {
    what: "a command",
    no: { decision: "decline" },
    question: commandApproval,
  }],
  ["item/fileChange/requestApproval", {
    what: "a file change",
    no: { decision: "decline" },
    question: (params, owner) => {
      const threadId = textOrNull(params.threadId) ?? "";
      return fileChangeApproval(params, owner.itemOf(threadId, textOrNull(params.itemId) ?? ""));
    },
  }],
  ["item/permissions/requestApproval", {
    what: "further permissions",
    no: { permissions: {}, scope: "turn" },
    question: permissionsApproval,
  }],
  ["mcpServer/elicitation/request", {
    what: "the request of an MCP server",
    no: { action: "decline", content: null, _meta: null },
    question: (params) => isMcpToolApproval(params) ? mcpToolApproval(params) : elicitation(params),
  }],
  ["item/tool/requestUserInput", {
    what: "a question to the user",
    no: { answers: {} },
    question: userInput,
  }],
]);

/** How codex asked before it had threads. */
const denied: WireObject = { decision: { denied: { rejection: "Nobody here decides on this" } } };

/**
 * Answers what the app-server asks. Every request is answered, and nothing is accepted without a
 * handler of the user that says so: without one, and when it throws, takes too long, or answers
 * nonsense, the answer is no.
 */
export class ServerRequests {
  readonly #options: ServerRequestsOptions;
  readonly #redact: Redact;
  readonly #pending: Map<string | number, Pending> = new Map();

  /** `ownerOf` is asked once for each request. */
  constructor(options: ServerRequestsOptions) {
    this.#options = options;
    this.#redact = options.redact ?? redactor([]);
  }

  /**
   * The result of a request; `undefined` for what this SDK does not do, {@linkcode leftToOthers} for
   * what is not ours to answer. Never rejects.
   */
  handle(method: string, params: unknown, context: ServerRequestContext): Promise<unknown> {
    const before = this.#pending.get(context.id);
    // Attaching to a thread again repeats what waits for an answer; the user is asked once.
    if (before !== undefined && isRepeated(before, method, params)) return before.answer;
    const controller = new AbortController();
    const signals = [context.signal, controller.signal];
    const answer = this.#answer(method, isObject(params) ? params : {}, signals);
    const pending: Pending = { method, params, controller, answer };
    this.#pending.set(context.id, pending);
    answer.then(() => {
      if (this.#pending.get(context.id) === pending) this.#pending.delete(context.id);
    });
    return answer;
  }

  /** A request needs no answer any more: somebody else gave one, or its turn ended. */
  resolved(id: string | number): void {
    this.#pending.get(id)?.controller.abort(new AbortError(new Error("The request was resolved")));
  }

  async #answer(
    method: string,
    params: WireObject,
    signals: readonly AbortSignal[],
  ): Promise<unknown> {
    switch (method) {
      case "item/tool/call":
        return await this.#callTool(params, signals);
      case "currentTime/read":
        return { currentTimeAt: Math.floor(Date.now() / 1000) };
      case "applyPatchApproval":
      case "execCommandApproval":
        return denied;
    }
    const known = asking.get(method);
    return known === undefined ? undefined : await this.#ask(known, params, signals);
  }

  async #ask(
    { what, no, question }: Asking,
    params: WireObject,
    signals: readonly AbortSignal[],
  ): Promise<WireObject | typeof leftToOthers> {
    let owner: RequestOwner | null = null;
    const refuse = (reason: string) => {
      this.#report(owner, `Refused ${what}: ${reason}`);
      return no;
    };
    try {
      owner = this.#ownerOf(params);
      if (owner === null) {
        if (this.#options.isShared) return leftToOthers;
        return refuse("no turn of this program runs in its thread");
      }
      const asked = question(params, owner);
      if (asked === null) return refuse("codex did not say what it is about");
      const handler = owner[asked.handler] as AnyHandler | undefined;
      if (handler === undefined) return refuse(`there is no "${asked.handler}"`);
      const { clock, timeoutMs = Infinity } = this.#options;
      const outcome = await callUser(
        (signal) => handler(asked.request, { signal }),
        { signals: [...signals, owner.signal], timeoutMs, clock },
      );
      switch (outcome.type) {
        case "threw":
          return refuse(`"${asked.handler}" threw: ${messageOf(outcome.error)}`);
        case "late":
          return refuse(`"${asked.handler}" took longer than ${timeoutMs} ms`);
        case "pointless":
          return no;
      }
      const decided = asked.decide(outcome.value);
      if (decided === null) {
        return refuse(
          `"${asked.handler}" returned what is no answer to it, or more than was asked`,
        );
      }
      if (decided.interrupts) interrupt(owner, params);
      return wellFormed(decided.result);
    } catch (error) {
      return refuse(messageOf(error));
    }
  }

  async #callTool(
    params: WireObject,
    signals: readonly AbortSignal[],
  ): Promise<WireObject | typeof leftToOthers> {
    let owner: RequestOwner | null = null;
    try {
      owner = this.#ownerOf(params);
      if (owner === null) {
        if (this.#options.isShared) return leftToOthers;
        this.#report(null, "Refused a tool call: no turn of this program runs in its thread");
        return toolCallFailure("No tools can be called now: the program that has them is busy");
      }
      const result = await answerToolCall(params, owner.tools, {
        signals: [...signals, owner.signal],
        clock: this.#options.clock,
        redact: this.#redact,
        report: (message) => this.#report(owner, message),
      });
      return wellFormed(result);
    } catch (error) {
      this.#report(owner, `Refused a tool call: ${messageOf(error)}`);
      return toolCallFailure("The tool could not be called");
    }
  }

  #ownerOf(params: WireObject): RequestOwner | null {
    const threadId = textOrNull(params.threadId);
    return threadId === null ? null : this.#options.ownerOf(threadId, textOrNull(params.turnId));
  }

  /** Tells the turn, or else the `Codex`; whoever hears it must not keep the answer from codex. */
  #report(owner: RequestOwner | null, message: string): void {
    const shown = this.#redact(message).slice(0, 2000);
    callOnlooker(
      () =>
        owner === null
          ? this.#options.onDiagnostic?.({ kind: "callback", message: shown })
          : owner.report(shown),
      () => {},
    );
  }
}

function isRepeated(pending: Pending, method: string, params: unknown): boolean {
  return pending.method === method && JSON.stringify(pending.params) === JSON.stringify(params);
}

function interrupt(owner: RequestOwner, params: WireObject): void {
  const threadId = textOrNull(params.threadId);
  const turnId = textOrNull(params.turnId);
  if (threadId !== null && turnId !== null) owner.interrupt?.(threadId, turnId);
}
