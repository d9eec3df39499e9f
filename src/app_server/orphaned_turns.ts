import { RequestTimeoutError, RpcError } from "../errors.ts";
import type { Parameters } from "./parameters.ts";
import type { ServerSession } from "./server_session.ts";
import { isObject } from "./wire_shape.ts";

/** How long a server may take to answer what ends a turn; it takes some 12 ms. */
const patienceMs = 5000;

/** What may go on in a thread although its turn has ended for the program. */
export type Orphan = {
  /** The thread. */
  threadId: string;
  /** The turn that runs there; `null` where it is not known, or only its commands are left. */
  turnId: string | null;
  /** The message of a turn that codex was asked to start, and of which it had said nothing. */
  messageId?: string;
};

/**
 * Turns that go on at a server elsewhere: the connection to it was lost, or it did not stop them. To
 * the program they have failed, so they are ended on its next connection: else they would act on
 * without it, and the next turn of the thread would be taken for something said in them.
 */
export class OrphanedTurns {
  readonly #orphans: Map<string, Orphan> = new Map();

  /** Notes what goes on in a thread. */
  add(orphan: Orphan): void {
    this.#orphans.set(orphan.threadId, orphan);
  }

  /** Forgets a turn that `turn/completed` tells of. */
  hasEnded({ threadId, turn }: Parameters): void {
    if (typeof threadId !== "string" || !isObject(turn) || typeof turn.id !== "string") return;
    if (this.#orphans.get(threadId)?.turnId === turn.id) this.#orphans.delete(threadId);
  }

  /**
   * Ends what was noted, and the commands it left running. What codex does not answer is kept for the
   * next connection. Rejects when the session ends or the signal is aborted.
   */
  async end(session: ServerSession, signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#orphans.values()].map(async (orphan) => {
      try {
        await endOrphan(orphan, session, signal);
      } catch (error) {
        // Whatever keeps that turn from being ended, the others can do without.
        if (RequestTimeoutError.is(error)) return;
        throw error;
      }
      this.#orphans.delete(orphan.threadId);
    }));
  }
}

async function endOrphan(
  { threadId, messageId, turnId }: Orphan,
  session: ServerSession,
  signal: AbortSignal,
): Promise<void> {
  // Codex refuses when the turn has ended meanwhile, or the server has been started anew.
  const ask = (method: string, params: unknown) =>
    session.request(method, params, { signal, timeoutMs: patienceMs }).catch(unlessRefused);
  if (messageId !== undefined) {
    const page = { threadId, limit: 1, sortDirection: "desc" };
    turnId = turnBegunWith(messageId, await ask("thread/turns/list", page));
  }
  if (turnId !== null) await ask("turn/interrupt", { threadId, turnId });
  const isOurs = turnId !== null || messageId === undefined;
  if (isOurs) await ask("thread/backgroundTerminals/clean", { threadId });
}

/** The turn that runs in a thread, if it began with that message; else it is another client's. */
function turnBegunWith(messageId: string, page: unknown): string | null {
  const [turn] = listOf(page, "data");
  if (!isObject(turn) || typeof turn.id !== "string" || turn.status !== "inProgress") return null;
  const first = listOf(turn, "items").find((item) => isObject(item) && item.type === "userMessage");
  return (first as { clientId?: unknown } | undefined)?.clientId === messageId ? turn.id : null;
}

function listOf(holder: unknown, key: string): unknown[] {
  const list = isObject(holder) ? holder[key] : null;
  return Array.isArray(list) ? list : [];
}

function unlessRefused(error: unknown): null {
  if (RpcError.is(error)) return null;
  throw error;
}
