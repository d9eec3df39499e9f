import { callOnlooker } from "../callback.ts";
import { type CancelTimer, type Clock, longestTimer } from "../clock.ts";
import type { Diagnostic } from "../diagnostics.ts";
import { ConnectionError, InvalidOptionsError, UnsupportedError } from "../errors.ts";
import { type Redact, redactor } from "../redact.ts";
import { parseJsonLine } from "../streams/json_line.ts";
import type { Message } from "./message.ts";
import { messageText } from "./message_framing.ts";
import type { ServerChannel, ServerEnd } from "./server_channel.ts";

/** The server breaks off the connection at a longer message. */
const maxMessageBytes = 16 * 1024 * 1024;
/** What may wait to be sent; then writes wait. */
const maxBufferedBytes = 1024 * 1024;
/** How often to look whether it was sent: no event tells. */
const lookAgainMs = 10;
/** How long a peer may take to agree to the end. */
const closeGraceMs = 1000;

/** What {@linkcode connectServer} works with. */
export type ConnectServerInput = {
  /** Where the server listens, `ws:` or `wss:`. */
  url: string | URL;
  /** What the server wants to see before it lets anybody in. Default: nothing. */
  token?: string;
  /** Time. */
  clock: Clock;
  /** How long the connection may take, in milliseconds. Default: 10,000. */
  connectTimeoutMs?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
  /** Keeps secrets out of what is shown. Default: the token. */
  redact?: Redact;
  /** Told of oddities: frames that are no messages, and the like. */
  onDiagnostic?: (diagnostic: Diagnostic) => void;
};

/** What of the platform it takes; tests pass another one. */
export type WebSocketPlatform = {
  /** Missing on Node 20. */
  WebSocket?: typeof WebSocket;
  /** Asks who answers where no connection came about. */
  fetch: typeof fetch;
};

/**
 * Connects to a `codex app-server --listen ws://…`. Rejects with `ConnectionError`,
 * `InvalidOptionsError`, `UnsupportedError` where there is no WebSocket, or the reason of `signal`.
 */
export async function connectServer(
  input: ConnectServerInput,
  platform: WebSocketPlatform = globalThis,
): Promise<ServerChannel> {
  const url = checkedUrl(input.url);
  const token = checkedToken(input.token, url);
  input.signal?.throwIfAborted();
  if (platform.WebSocket === undefined) {
    throw new UnsupportedError(
      "Cannot connect to an app-server: this runtime has no WebSocket. " +
        "Use Node 22 or newer, Deno or Bun",
    );
  }
  const redact = input.redact ?? redactor([token ?? ""]);
  const target: Target = { url, shown: `"${url.origin}${url.pathname}"`, token, redact };
  const attempt = new Attempt(platform.WebSocket, target, input);
  try {
    return await attempt.opened;
  } catch (failure) {
    if (!(failure instanceof HandshakeFailure)) throw failure;
    throw await explained(failure, target, input, platform.fetch);
  }
}

type Target = {
  url: URL;
  /** The address without what may be secret in it. */
  shown: string;
  token: string | undefined;
  redact: Redact;
};

function checkedUrl(value: string | URL): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || url.protocol !== "ws:" && url.protocol !== "wss:") {
    // Not quoted: it may hold a password.
    throw new InvalidOptionsError('Invalid url: expected one that starts with "ws:" or "wss:"', {
      path: "url",
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new InvalidOptionsError(
      'Invalid url: expected no user name or password. Set the option "token"',
      { path: "url" },
    );
  }
  if (url.hash !== "") {
    throw new InvalidOptionsError('Invalid url: expected no "#"', { path: "url" });
  }
  return url;
}

function checkedToken(token: string | undefined, url: URL): string | undefined {
  if (token === undefined) return undefined;
  // What stands in a header; codex itself takes no other.
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
    throw new InvalidOptionsError("Invalid token: expected visible ASCII characters", {
      path: "token",
    });
  }
  if (url.protocol === "ws:" && !isLoopback(url.hostname)) {
    throw new InvalidOptionsError(
      `Cannot send a token to "${url.origin}": anybody on the way could read it. ` +
        'Use "wss:", or an SSH tunnel to a loopback address',
      { path: "url" },
    );
  }
  return token;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** No connection came about, and the platform does not say why. */
class HandshakeFailure extends Error {}

/** One attempt to connect. */
class Attempt {
  /** Rejects with a {@linkcode HandshakeFailure} unless the reason is known. */
  readonly opened: Promise<ServerChannel>;
  readonly #target: Target;

  constructor(Socket: typeof WebSocket, target: Target, input: ConnectServerInput) {
    this.#target = target;
    const { clock, signal, connectTimeoutMs = 10_000 } = input;
    this.opened = new Promise((resolve, reject) => {
      const socket = this.#open(Socket);
      socket.binaryType = "arraybuffer";
      const settle = () => {
        cancelTimer();
        signal?.removeEventListener("abort", onAbort);
        socket.onopen = socket.onerror = socket.onclose = null;
      };
      const giveUp = (reason: unknown) => {
        settle();
        // Closing a socket that is not open yet is an error event, too; nobody has to hear it.
        socket.onerror = () => {};
        socket.close();
        reject(reason);
      };
      const cancelTimer = clock.after(Math.min(connectTimeoutMs, longestTimer), () => {
        const message =
          `Cannot connect to ${target.shown}: no answer within ${connectTimeoutMs} ms`;
        giveUp(new ConnectionError(message, { reason: "timeout" }));
      });
      const onAbort = () => giveUp(signal!.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      socket.onopen = () => {
        settle();
        resolve(new WebSocketChannel(socket, target, input));
      };
      const fail = (message: string) => {
        settle();
        socket.onerror = () => {};
        reject(new HandshakeFailure(message));
      };
      // Bun and Deno say what happened, each in its own words; Node says nothing.
      socket.onerror = (event) => fail((event as ErrorEvent).message ?? "");
      socket.onclose = () => fail("");
    });
  }

  #open(Socket: typeof WebSocket): WebSocket {
    const { url, token, shown, redact } = this.#target;
    try {
      if (token === undefined) return new Socket(url.href);
      // Not in the standard, which knows browsers only; all of our runtimes take it.
      const headers = { Authorization: `Bearer ${token}` };
      return new Socket(url.href, { headers } as unknown as string[]);
    } catch (error) {
      // The original is no `cause`: it may quote the header.
      const { name, message } = error as Error;
      if (name === "NotCapable" || name === "PermissionDenied") {
        throw new ConnectionError(
          `Cannot connect to ${shown}: permission was not granted. ` +
            `Start Deno with "--allow-net=${url.host}"`,
          { reason: "refused" },
        );
      }
      const text = redact(String(message));
      throw new ConnectionError(`Cannot connect to ${shown}: ${text}`, { reason: "refused" });
    }
  }
}

/** Finds out what is wrong: an app-server says on another path, and without a token, that it runs. */
async function explained(
  failure: HandshakeFailure,
  { url, shown, token, redact }: Target,
  { clock, signal, connectTimeoutMs = 10_000 }: ConnectServerInput,
  fetch: WebSocketPlatform["fetch"],
): Promise<ConnectionError> {
  const health = new URL("/readyz", url);
  health.protocol = url.protocol === "wss:" ? "https:" : "http:";
  signal?.throwIfAborted();
  const gaveUp = new AbortController();
  const giveUp = () => gaveUp.abort();
  signal?.addEventListener("abort", giveUp, { once: true });
  const cancelTimer = clock.after(Math.min(connectTimeoutMs, longestTimer), giveUp);
  const shorten = (text: string) => redact(text).slice(0, 200);
  try {
    const response = await fetch(health, { redirect: "manual", signal: gaveUp.signal });
    response.body?.cancel().catch(() => {});
    const said = failure.message === "" ? "" : ` (${shorten(failure.message)})`;
    const reason = response.ok
      ? `an app-server runs there and refused it${said}: check the option "token", ` +
        (token === undefined ? "which is not set" : "which may be wrong")
      : `what runs there is not an app-server: "/readyz" answers with HTTP status ${response.status}`;
    return new ConnectionError(`Cannot connect to ${shown}: ${reason}`, { reason: "refused" });
  } catch (error) {
    signal?.throwIfAborted();
    const { message, cause } = error as { message?: string; cause?: { code?: string } };
    const said = shorten(failure.message || cause?.code || message || "no reason given");
    return new ConnectionError(
      `Cannot connect to ${shown}: no app-server answers there (${said}). ` +
        `Start one with "codex app-server --listen ws://IP:PORT", or check the address`,
      { reason: "unreachable" },
    );
  } finally {
    cancelTimer();
    signal?.removeEventListener("abort", giveUp);
  }
}

/** A socket that is open: one message per text frame. */
class WebSocketChannel implements ServerChannel {
  readonly readable: ReadableStream<Message>;
  readonly writable: WritableStream<Message>;
  readonly ended: Promise<ServerEnd>;
  readonly #socket: WebSocket;
  readonly #target: Target;
  readonly #input: ConnectServerInput;
  #messages!: ReadableStreamDefaultController<Message>;
  #resolveEnded!: (end: ServerEnd) => void;
  #frames = 0;
  #isOver = false;
  #closing = false;
  #cancelled = false;
  #cancelGrace: CancelTimer | null = null;
  /** Looks whether a write may go on. */
  #wakeWriter: (() => void) | null = null;

  constructor(socket: WebSocket, target: Target, input: ConnectServerInput) {
    this.#socket = socket;
    this.#target = target;
    this.#input = input;
    this.ended = new Promise((resolve) => this.#resolveEnded = resolve);
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#messages = controller;
      },
      cancel: () => {
        this.#cancelled = true;
        return this.close();
      },
    });
    this.writable = new WritableStream({
      write: (message) => this.#write(message),
      close: () => this.close(),
      abort: () => this.close(),
    });
    // A listener that throws would end the program.
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onerror = () => {};
    socket.onclose = ({ code }) => this.#end(code);
  }

  /** Ends the connection; the server lives on. */
  async close(): Promise<void> {
    if (!this.#closing && !this.#isOver) {
      this.#closing = true;
      // A peer that is gone without a word would never agree.
      this.#cancelGrace = this.#input.clock.after(closeGraceMs, () => {
        // Only Bun can drop a connection; elsewhere the runtime does so, later.
        (this.#socket as { terminate?: () => void }).terminate?.();
        this.#end(null);
      });
      this.#socket.close(1000);
    }
    await this.ended;
  }

  /** A remote server writes to somebody else's stderr. */
  stderr(): string {
    return "";
  }

  #receive(data: unknown): void {
    if (this.#isOver || this.#cancelled) return;
    this.#frames++;
    this.#wakeWriter?.();
    const line = typeof data === "string" ? parseJsonLine(data, this.#frames) : null;
    // Which objects are messages is for the connection to say.
    if (line !== null && "object" in line) this.#messages.enqueue(line.object as Message);
    else this.#note(line?.noise ?? "A frame that is empty, or not text", this.#frames);
  }

  async #write(message: Message): Promise<void> {
    const text = messageText(message);
    const bytes = byteLength(text);
    if (bytes > maxMessageBytes) return this.#refuse(message, bytes);
    await this.#room();
    // Sending on a socket that is closed does nothing, without a word.
    if (this.#socket.readyState !== 1) throw this.#lost(null);
    this.#socket.send(text);
  }

  /** Resolves when there is room to send, or no point in it. */
  async #room(): Promise<void> {
    while (this.#socket.bufferedAmount > maxBufferedBytes && this.#socket.readyState === 1) {
      await new Promise<void>((resolve) => {
        const cancelTimer = this.#input.clock.after(lookAgainMs, () => this.#wakeWriter?.());
        this.#wakeWriter = () => {
          this.#wakeWriter = null;
          cancelTimer();
          resolve();
        };
      });
    }
  }

  /** Answers in the server's place what the server would break off the connection for. */
  #refuse(message: Message, bytes: number): void {
    const text = `Message too large: it has ${bytes} bytes, and an app-server takes at most ` +
      `${maxMessageBytes} over a WebSocket`;
    const data = { max_bytes: maxMessageBytes, actual_bytes: bytes };
    if ("method" in message) {
      if (!("id" in message)) return this.#note(text, undefined);
      if (this.#isOver || this.#cancelled) return;
      this.#messages.enqueue({ id: message.id, error: { code: -32600, message: text, data } });
    } else {
      // The server waits for an answer of ours.
      const error = { code: -32603, message: text, data };
      this.#socket.send(JSON.stringify({ id: message.id, error }));
    }
  }

  #end(closeCode: number | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelGrace?.();
    const socket = this.#socket;
    socket.onmessage = socket.onclose = null;
    this.#wakeWriter?.();
    if (!this.#cancelled) this.#messages.close();
    const error = this.#closing ? {} : { error: this.#lost(closeCode) };
    this.#resolveEnded({ exitCode: null, signal: null, ...error });
  }

  #lost(closeCode: number | null): ConnectionError {
    // Deno says 0 where the others say 1006, which stands for no code as well.
    const code = closeCode === null || closeCode === 0 ? "" : ` (close code ${closeCode})`;
    const message = `The connection to the app-server at ${this.#target.shown} was lost${code}`;
    return new ConnectionError(message, { reason: "lost", closeCode: closeCode || null });
  }

  #note(message: string, line: number | undefined): void {
    const shown = this.#target.redact(message.slice(0, 2000));
    const diagnostic: Diagnostic = { kind: "stdout", message: shown };
    if (line !== undefined) diagnostic.line = line;
    callOnlooker(() => this.#input.onDiagnostic?.(diagnostic), () => {});
  }
}

/** How long a text is in UTF-8, without making the bytes if that can be told otherwise. */
function byteLength(text: string): number {
  return text.length * 3 <= maxMessageBytes ? text.length : new TextEncoder().encode(text).length;
}
