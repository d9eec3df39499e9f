import type { LiveEvent } from "../live_events.ts";
import { TurnEventMapper } from "./event_mapping.ts";
import type { Parameters } from "./parameters.ts";

/** What sub-agents do, as events of the turn that has them. */
export class SubagentEvents {
  readonly #mappers: Map<string, TurnEventMapper> = new Map();

  /** The threads of the sub-agents. */
  get threadIds(): string[] {
    return [...this.#mappers.keys()];
  }

  /** The turns of theirs that run. */
  get running(): { threadId: string; turnId: string }[] {
    return [...this.#mappers].flatMap(([threadId, { startedTurnId, outcome }]) =>
      startedTurnId !== null && outcome.type === "open" ? [{ threadId, turnId: startedTurnId }] : []
    );
  }

  /** What a notification of a sub-agent's thread means. Throws as the mapper does. */
  map(method: string, params: Parameters): LiveEvent[] {
    const threadId = params.threadId as string;
    if (method === "turn/started" || !this.#mappers.has(threadId)) {
      const turnId = (params.turn as { id?: string } | undefined)?.id ?? null;
      this.#mappers.set(threadId, new TurnEventMapper({ threadId, turnId }));
    }
    return this.#mappers.get(threadId)!.map(method, params)
      .map((event) => ({ type: "subagent", thread_id: threadId, event }));
  }
}
