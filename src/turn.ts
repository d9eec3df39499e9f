import type { Diagnostic } from "./diagnostics.ts";
import type { Usage } from "./events.ts";
import type { ThreadItem } from "./items.ts";
import type { LiveEvent } from "./live_events.ts";

/**
 * A turn that ended, or what had arrived of one that failed (`error.turn`).
 *
 * It prints, compares and serialises as `{ items, finalResponse, usage }`; the other members are
 * there to be asked for.
 */
export type Turn = {
  /** The completed items, in the order of their completion. */
  items: ThreadItem[];
  /** The text of the last agent message; empty when there was none. */
  finalResponse: string;
  /**
   * What codex reported. On the exec lane codex **accumulates it over the whole thread**; `null`
   * when it reported nothing.
   */
  usage: Usage | null;
  /**
   * This turn's share of the usage; `null` where it cannot be known: without usage, in the first
   * turn after a resume or fork, after a turn without usage, or when codex's figures went down.
   */
  readonly ownUsage: Usage | null;
  /** The thread the turn belongs to; `null` when the turn ended before codex said. */
  readonly threadId: string | null;
  /** Items that began and did not complete, e.g. a command that was cut off. */
  readonly unfinishedItems: ThreadItem[];
  /** The end of what codex wrote to stderr, redacted. */
  readonly stderr: string;
  /** What else was noticed, e.g. lines on stdout that were no events. */
  readonly diagnostics: readonly Diagnostic[];
};

/** What a {@linkcode Turn} holds besides what its events say. */
export type TurnContext = Pick<Turn, "ownUsage" | "stderr" | "diagnostics">;

/** A turn in which nothing arrived. */
export function emptyTurn(): Turn {
  return new TurnFold().turn({ ownUsage: null, stderr: "", diagnostics: [] });
}

/** How a turn ended, as far as its events say. */
export type TurnOutcome =
  | { type: "open" }
  | { type: "completed" }
  | { type: "failed"; message: string };

/** Folds events into a {@linkcode Turn}. Pure: the same events give the same turn. */
export class TurnFold {
  readonly #items: ThreadItem[] = [];
  readonly #unfinished: Map<string, ThreadItem> = new Map();
  #finalResponse = "";
  #usage: Usage | null = null;
  #threadId: string | null = null;
  #outcome: TurnOutcome = { type: "open" };

  /** How the turn ended so far; the first word on it counts. */
  get outcome(): TurnOutcome {
    return this.#outcome;
  }

  /** Whether codex said anything of the thread. */
  get hasBegun(): boolean {
    return this.#threadId !== null;
  }

  /** What codex reported so far. */
  get usage(): Usage | null {
    return this.#usage;
  }

  /** Takes the next event. */
  add(event: LiveEvent): void {
    switch (event.type) {
      case "thread.started":
        this.#threadId = event.thread_id;
        break;
      case "item.started":
      case "item.updated":
        this.#unfinished.set(event.item.id, event.item);
        break;
      case "item.completed":
        this.#unfinished.delete(event.item.id);
        this.#items.push(event.item);
        if (event.item.type === "agent_message") this.#finalResponse = event.item.text;
        break;
      case "turn.completed":
        this.#usage = event.usage ?? null;
        if (this.#outcome.type === "open") this.#outcome = { type: "completed" };
        break;
      case "turn.failed":
        if (this.#outcome.type === "open") {
          this.#outcome = { type: "failed", message: event.error.message };
        }
        break;
      default:
        // `error` is a notice, not an outcome; what is unknown is not ours to fold.
        break;
    }
  }

  /** The turn as it stands; later events do not change it. */
  turn(context: TurnContext): Turn {
    const turn = {
      items: [...this.#items],
      finalResponse: this.#finalResponse,
      usage: this.#usage,
    };
    return Object.defineProperties(turn, {
      ownUsage: { value: context.ownUsage, enumerable: false },
      threadId: { value: this.#threadId, enumerable: false },
      unfinishedItems: { value: [...this.#unfinished.values()], enumerable: false },
      stderr: { value: context.stderr, enumerable: false },
      diagnostics: { value: context.diagnostics, enumerable: false },
    }) as Turn;
  }
}
