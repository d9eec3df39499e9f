import { RpcError } from "../errors.ts";
import type { ServerSession } from "./server_session.ts";

/** A turn as codex knows it. */
export type TurnId = { threadId: string; turnId: string };

/**
 * Turns that go on at a server elsewhere after the connection to it was lost. To the program they
 * have failed, so they are ended as soon as it can say so: else they would act on without it, and
 * the next turn of the thread would be taken for something said in them.
 */
export class OrphanedTurns {
  readonly #turns: Map<string, TurnId> = new Map();

  /** Notes a turn. */
  add(turn: TurnId): void {
    this.#turns.set(turn.threadId, turn);
  }

  /**
   * Ends what was noted, and the commands it left running. Rejects when the session ends or the
   * signal is aborted.
   */
  async end(session: ServerSession, signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#turns.values()].map(async (turn) => {
      const { threadId } = turn;
      // Codex refuses when the turn has ended meanwhile, or the server has been started anew.
      await session.request("turn/interrupt", turn, { signal }).catch(unlessRefused);
      await session.request("thread/backgroundTerminals/clean", { threadId }, { signal })
        .catch(unlessRefused);
      this.#turns.delete(threadId);
    }));
  }
}

function unlessRefused(error: unknown): void {
  if (!RpcError.is(error)) throw error;
}
