import { deferred } from "../deferred.ts";
import { AbortError, TurnFailedError } from "../errors.ts";
import type {
  ClientParams,
  NotificationParams,
  Thread as ThreadRecord,
  ThreadItem as ThreadRecordItem,
  ThreadSearchResult,
  ThreadSourceKind,
  Turn as TurnRecord,
} from "./protocol/mod.ts";
import { reviewedByTheProgram } from "./parameters.ts";
import { allPages, type Requester } from "./requester.ts";

/** Which threads {@linkcode ThreadLibrary.list} lists. */
export type ThreadFilter = {
  /** Only those that worked in this folder, or in one of these. Default: any. */
  workingDirectory?: string | string[];
  /** The archived ones, or the others. Default: `false`. */
  archived?: boolean;
  /** Only those with this in their name or first prompt. Default: any. */
  searchTerm?: string;
  /** Who began them. Default: `cli`, `vscode`, `exec` and `appServer`: all but sub-agents. */
  sourceKinds?: ThreadSourceKind[];
  /** By what they are sorted. Default: `"updated_at"`, the latest first. */
  sortKey?: "created_at" | "updated_at";
  /** Default: `"desc"`. */
  sortDirection?: "asc" | "desc";
  /** How many are asked for at a time. Default: 50. */
  pageSize?: number;
};

/** Where {@linkcode ThreadLibrary.fork} cuts, and what the new thread is like. */
export type ForkOptions = {
  /** The last turn the new thread has; by default that of the old one. */
  lastTurnId?: string;
  /** Or the first turn it has not. */
  beforeTurnId?: string;
  /** Whether codex keeps no record of it. Default: `false`. */
  ephemeral?: boolean;
  /** Its model. Default: that of the old thread. */
  model?: string;
};

const longestMessage = 2000;
const notSubagents: ThreadSourceKind[] = ["cli", "vscode", "exec", "appServer"];

/**
 * The threads that codex keeps, those of the exec lane included. To go on with one, give its id to
 * `Codex.resumeThread`.
 *
 * The methods reject with an `RpcError` when codex says no: for a thread it does not know, say, or
 * one that another codex has open.
 *
 * @example
 * ```ts
 * import { Codex } from "jsr:@codex/sdk";
 * import { appServer, ThreadLibrary } from "jsr:@codex/sdk/app-server";
 *
 * const codex = new Codex({ transport: appServer() });
 * const library = new ThreadLibrary(codex);
 * for await (const { id, name, preview } of library.list({ workingDirectory: "/home/me/project" })) {
 *   console.log(id, name ?? preview);
 * }
 * await codex.close();
 * ```
 */
export class ThreadLibrary {
  readonly #codex: Requester;

  /** `codex` has to be on the app-server lane. */
  constructor(codex: Requester) {
    this.#codex = codex;
  }

  /** Lists threads; a page is asked for when the one before it was read. */
  list(filter: ThreadFilter = {}): AsyncGenerator<ThreadRecord, undefined, undefined> {
    const { workingDirectory, pageSize = 50, sourceKinds = notSubagents, ...rest } = filter;
    return allPages((cursor) =>
      this.#codex.request("thread/list", {
        sortKey: "updated_at",
        ...rest,
        ...(workingDirectory === undefined ? {} : { cwd: workingDirectory }),
        sourceKinds,
        limit: pageSize,
        cursor,
      })
    );
  }

  /** Finds threads by what was said in them. Experimental in codex. */
  search(
    searchTerm: string,
    { pageSize = 50, archived = false }: Pick<ThreadFilter, "pageSize" | "archived"> = {},
  ): AsyncGenerator<ThreadSearchResult, undefined, undefined> {
    return allPages((cursor) =>
      this.#codex.request("thread/search", {
        searchTerm,
        archived,
        sourceKinds: notSubagents,
        limit: pageSize,
        cursor,
      })
    );
  }

  /** What is known of a thread, without its turns. */
  async read(threadId: string): Promise<ThreadRecord> {
    const params = { threadId, includeTurns: false };
    return (await this.#codex.request("thread/read", params)).thread;
  }

  /** The turns of a thread, the latest first unless asked otherwise. */
  turns(
    threadId: string,
    { pageSize = 50, sortDirection }: Pick<ThreadFilter, "pageSize" | "sortDirection"> = {},
  ): AsyncGenerator<TurnRecord, undefined, undefined> {
    return allPages((cursor) =>
      this.#codex.request("thread/turns/list", {
        threadId,
        limit: pageSize,
        cursor,
        ...(sortDirection === undefined ? {} : { sortDirection }),
      })
    );
  }

  /** The items of a thread, or of one of its turns, in the words of the app-server. */
  items(
    threadId: string,
    { turnId, pageSize = 50 }: { turnId?: string; pageSize?: number } = {},
  ): AsyncGenerator<ThreadRecordItem, undefined, undefined> {
    return allPages(async (cursor) => {
      const { data, nextCursor } = await this.#codex.request("thread/items/list", {
        threadId,
        limit: pageSize,
        cursor: cursor as ClientParams<"thread/items/list">["cursor"],
        ...(turnId === undefined ? {} : { turnId }),
      });
      return { data: data.map((entry) => entry.item), nextCursor };
    });
  }

  /** Makes a copy of a thread, or of its beginning; resolves with the id of the copy. */
  async fork(threadId: string, options: ForkOptions = {}): Promise<string> {
    const { model } = await this.read(threadId);
    const { thread } = await this.#codex.request("thread/fork", {
      // Codex would take the configured model, whatever the thread has used so far.
      ...(model ? { model } : {}),
      ...options,
      threadId,
      // The sandbox of its turns is said with each of them.
      sandbox: "read-only",
      approvalPolicy: "never",
      ...reviewedByTheProgram,
      excludeTurns: true,
    });
    return thread.id;
  }

  /** Puts a thread away; it cannot be resumed until it is taken out again. */
  async archive(threadId: string): Promise<void> {
    await this.#codex.request("thread/archive", { threadId });
  }

  /** Takes a thread out of the archive. */
  async unarchive(threadId: string): Promise<void> {
    await this.#codex.request("thread/unarchive", { threadId });
  }

  /** Deletes a thread for good. */
  async delete(threadId: string): Promise<void> {
    await this.#codex.request("thread/delete", { threadId });
  }

  /** Names a thread; `Codex.resumeThread({ name })` finds it by that. */
  async setName(threadId: string, name: string): Promise<void> {
    await this.#codex.request("thread/name/set", { threadId, name });
  }

  /**
   * Has the model sum up a thread, so that it takes less of its context; resolves when that is done.
   * Rejects with a `TurnFailedError` when the model fails, and an `AbortError` when `signal` is
   * aborted; codex may still go on then.
   */
  async compact(threadId: string, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted();
    await this.#load(threadId);
    const done = deferred();
    const stop = await this.#codex.onNotification((method, params, redact) => {
      if (method !== "turn/completed") return;
      const { threadId: id, turn } = params as NotificationParams<"turn/completed">;
      if (id !== threadId) return;
      if (turn.status === "completed") return done.resolve();
      const message = turn.error?.message ?? `The turn was ${turn.status}`;
      done.reject(new TurnFailedError(redact(message).slice(0, longestMessage)));
    }, done.reject);
    // Nobody waits for it when the request below fails.
    done.promise.catch(() => {});
    const onAbort = () => done.reject(new AbortError(signal?.reason));
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#codex.request("thread/compact/start", { threadId });
      await done.promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      stop();
    }
  }

  /**
   * Takes a turn and all that came after it out of a thread. What the agent has changed in files
   * stays.
   */
  async revert(threadId: string, beforeTurnId: string): Promise<void> {
    await this.#load(threadId);
    await this.#codex.request("thread/revert", { threadId, beforeTurnId });
  }

  /** Adds items of the Responses API to what the model sees of a thread from its next turn on. */
  async inject(threadId: string, items: unknown[]): Promise<void> {
    await this.#load(threadId);
    await this.#codex.request("thread/inject_items", { threadId, items });
  }

  /** These methods are for threads that the server has loaded. */
  async #load(threadId: string): Promise<void> {
    await this.#codex.request("thread/resume", {
      threadId,
      sandbox: "read-only",
      approvalPolicy: "never",
      ...reviewedByTheProgram,
      excludeTurns: true,
    });
  }
}
