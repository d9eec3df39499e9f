import type { CancelTimer, Clock } from "../clock.ts";
import { abortError } from "../abort_error.ts";
import type { Backoff } from "./backoff.ts";
import { AbortError, ConnectionError, ExitError } from "../errors.ts";
import { unlessAborted } from "../unless_aborted.ts";
import type { ServerSession } from "./server_session.ts";

/** Opens one session; `signal` is aborted when it is not wanted any more. */
export type OpenSession = (signal: AbortSignal) => Promise<ServerSession>;

/** How {@linkcode ServerSessions} goes about it. */
export type SessionsOptions = {
  /** Opens a session, its server started or connected to. */
  open: OpenSession;
  /** Whether and when another one may be opened after one was lost. */
  backoff: Backoff;
  /** Time. */
  clock: Clock;
  /** How long a session is kept that nobody uses, in milliseconds. */
  idleTimeoutMs: number;
};

/**
 * The session of a lane: opened when it is first needed, shared by all turns, opened anew after it
 * was lost - not for ever - and closed when nobody has used it for a while.
 */
export class ServerSessions {
  readonly #options: SessionsOptions;
  #current: Promise<ServerSession> | null = null;
  #users = 0;
  #cancelIdle: CancelTimer | null = null;
  #wasLost = false;
  /** Sessions on their way out. */
  readonly #closing: Set<Promise<void>> = new Set();
  readonly #closed = new AbortController();

  /** Nothing is opened yet. */
  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Uses the session while `use` runs. An aborted wait for it is an `AbortError`. */
  async with<T>(
    use: (session: ServerSession) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const release = this.acquire();
    try {
      return await use(await this.get(signal));
    } finally {
      release();
    }
  }

  /** Keeps the session from being closed as idle until the returned function is called. */
  acquire(): () => void {
    this.#users++;
    this.#cancelIdle?.();
    this.#cancelIdle = null;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#users--;
      this.#watchIdle();
    };
  }

  /** The session that is open, or a new one. */
  async get(signal?: AbortSignal): Promise<ServerSession> {
    for (;;) {
      if (signal?.aborted) throw abortError(signal);
      const opening = this.#current ??= this.#open();
      const session = await unlessAborted(opening, signal);
      if (session.isOpen) return session;
      // It is on its way out, and two servers would be in each other's way.
      await unlessAborted(session.ended, signal);
      this.#forget(opening);
    }
  }

  /**
   * Closes the session, if there is one, or ends its opening; resolves when it is gone. There are no
   * others afterwards. Never rejects.
   */
  async close(): Promise<void> {
    this.#closed.abort(new AbortError(new Error("The Codex was closed")));
    this.#letGo();
    await Promise.all(this.#closing);
  }

  #open(): Promise<ServerSession> {
    const { signal } = this.#closed;
    const opening = (async () => {
      await this.#wait(signal);
      return await this.#options.open(signal);
    })();
    opening.then((session) => {
      this.#wasLost = false;
      session.ended.then(() => this.#forget(opening));
    }, (error) => {
      if (this.#current === opening) this.#current = null;
      // A server that dies while it starts may need a rest; a codex that is not there needs none.
      this.#wasLost ||= ConnectionError.is(error) || ExitError.is(error);
    });
    return opening;
  }

  /** Waits before a server is started again that was lost. */
  async #wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortError(signal);
    // As above.
    await Promise.all(this.#closing);
    if (!this.#wasLost) return;
    const { backoff, clock } = this.#options;
    const waitMs = backoff.next();
    if (waitMs === null) {
      throw new ConnectionError(
        "The app-server was lost too often: it is not started again for now. " +
          "See the stderr of the errors before this one",
        { reason: "lost" },
      );
    }
    let cancel: CancelTimer = () => {};
    const waited = new Promise<void>((resolve) => cancel = clock.after(waitMs, resolve));
    await unlessAborted(waited, signal).finally(cancel);
  }

  /** It has ended by itself. */
  #forget(opening: Promise<ServerSession>): void {
    if (this.#current !== opening) return;
    this.#current = null;
    this.#wasLost = true;
  }

  #watchIdle(): void {
    const { clock, idleTimeoutMs } = this.#options;
    if (this.#users > 0 || this.#current === null || idleTimeoutMs === Infinity) return;
    this.#cancelIdle = clock.after(idleTimeoutMs, () => this.#letGo());
  }

  /** Closes the session by our will: the next one need not wait. */
  #letGo(): void {
    this.#cancelIdle?.();
    this.#cancelIdle = null;
    const current = this.#current;
    if (current === null) return;
    this.#current = null;
    const closing = current.then((session) => session.close(), () => {});
    this.#closing.add(closing);
    closing.then(() => this.#closing.delete(closing));
  }
}
