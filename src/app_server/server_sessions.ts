import type { CancelTimer, Clock } from "../clock.ts";
import type { Backoff } from "./backoff.ts";
import { ConnectionError } from "../errors.ts";
import type { ServerSession } from "./server_session.ts";

/** Opens one session. */
export type OpenSession = () => Promise<ServerSession>;

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

  /** Nothing is opened yet. */
  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Uses the session while `use` runs. An aborted wait for it rejects with the signal's reason. */
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
    signal?.throwIfAborted();
    this.#current ??= this.#open();
    return await unlessAborted(this.#current, signal);
  }

  /** The session, if one is open. */
  async current(): Promise<ServerSession | null> {
    return await this.#current?.catch(() => null) ?? null;
  }

  /** Closes the session, if there is one; resolves when it is gone. Never rejects. */
  async close(): Promise<void> {
    this.#cancelIdle?.();
    this.#cancelIdle = null;
    const session = await this.current();
    this.#current = null;
    await session?.close();
    await Promise.all(this.#closing);
  }

  async #open(): Promise<ServerSession> {
    try {
      await this.#wait();
      const session = await this.#options.open();
      session.ended.then(() => this.#forget(session));
      return session;
    } catch (error) {
      this.#current = null;
      // A server that dies while it starts may need a rest; a codex that is not there needs none.
      this.#wasLost ||= ConnectionError.is(error);
      throw error;
    }
  }

  /** Waits before a server is started again that was lost. */
  async #wait(): Promise<void> {
    // Two servers would be in each other's way: codex locks the threads it has loaded.
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
    await new Promise<void>((resolve) => clock.after(waitMs, resolve));
  }

  async #forget(session: ServerSession): Promise<void> {
    if (await this.current() !== session) return;
    this.#current = null;
    this.#wasLost = true;
  }

  #watchIdle(): void {
    const { clock, idleTimeoutMs } = this.#options;
    if (this.#users > 0 || this.#current === null || idleTimeoutMs === Infinity) return;
    this.#cancelIdle = clock.after(idleTimeoutMs, () => {
      const current = this.#current;
      // It ends by our will, and the next one need not wait.
      this.#current = null;
      const closing = (async () => await (await current?.catch(() => null))?.close())();
      this.#closing.add(closing);
      closing.then(() => this.#closing.delete(closing));
    });
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return await promise;
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
