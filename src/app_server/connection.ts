import { callOnlooker } from "../callback.ts";
import { type CancelTimer, type Clock, longestTimer } from "../clock.ts";
import { type Deferred, deferred } from "../deferred.ts";
import type { Diagnostic } from "../diagnostics.ts";
import {
  ConnectionError,
  InvalidOptionsError,
  ProtocolError,
  RequestTimeoutError,
  RpcError,
} from "../errors.ts";
import { type Redact, redactor } from "../redact.ts";
import type { RequestOptions } from "../transport.ts";
import { abortError } from "../abort_error.ts";
import { Backoff } from "./backoff.ts";
import {
  classify,
  type Message,
  type MessageChannel,
  type RequestId,
  type RequestMessage,
  type RpcErrorObject,
} from "./message.ts";
import { MessageSender } from "./message_sender.ts";
import { type PeerRequestHandler, PeerRequests } from "./peer_requests.ts";
import type { Outgoing } from "./send_queue.ts";
import { messageOf } from "./user_call.ts";
import { sendable, textOf } from "./wire_text.ts";

/** What a {@linkcode Connection} is made of. */
export type ConnectionOptions = {
  /** Hears notifications, in the order of their arrival. What it throws is a diagnostic. */
  onNotification: (method: string, params: unknown) => void;
  /**
   * Answers a request of the peer; `undefined` says that there is no such method. What it throws is
   * answered as an error: an `RpcError` as it is, anything else as -32603.
   */
  onRequest: PeerRequestHandler;
  /** Hears that the peer said something, whatever it is. */
  onSign?: () => void;
  /** Hears of messages that are none, of callbacks that threw, and the like. */
  onDiagnostic?: (diagnostic: Diagnostic) => void;
  /** Keeps secrets out of errors, diagnostics and answers. Default: what looks like a key. */
  redact?: Redact;
  /** Time. */
  clock: Clock;
  /** Numbers from 0 to below 1. */
  random: () => number;
  /**
   * How long a request may take, in milliseconds, the wait for its turn included; `Infinity` for no
   * limit. Default: 60,000.
   */
  requestTimeoutMs?: number;
  /**
   * How many requests may be unanswered at a time; the others wait. Default: 64. Measured: a server
   * that gets 500 at once drops the answers of some.
   */
  maxInFlight?: number;
};

/** How a connection ended. */
export type ConnectionEnd = {
  /**
   * - `"closed"`: by us
   * - `"ended"`: the peer sends no more
   * - `"broken"`: messages could not be read or written
   */
  type: "closed" | "ended" | "broken";
  /** What broke it, or why we closed it. */
  error?: unknown;
};

/** A request of ours, until all that it holds is released. */
type Call = {
  readonly method: string;
  readonly params: unknown;
  readonly answer: Deferred<unknown>;
  readonly outgoing: Outgoing;
  readonly backoff: Backoff;
  /** While it is on the wire. */
  id: number | null;
  isSettled: boolean;
  cancelTimeout: CancelTimer | null;
  cancelRetry: CancelTimer | null;
  stopListening: () => void;
};

const overloaded = -32001;
/**
 * "Server overloaded; retry later" means that the request was not carried out, so also one that must
 * not be repeated may be sent again. The whole takes 7 s at most, and 3.5 s on average.
 */
const retries = { baseMs: 50, maxMs: 2000, maxTries: 8, windowMs: Infinity };

const defaultTimeoutMs = 60_000;
/** How long to read what has already arrived after writing has failed. */
const drainMs = 1000;

/**
 * JSON-RPC over a channel of messages. It reads as fast as messages come, whoever they are for, and
 * waits neither for who hears of them nor for what it has to send.
 *
 * Who awaits a {@linkcode request} itself goes on before what came after the answer is told.
 */
export class Connection {
  /** Resolves when no more messages can come or go; never rejects. */
  readonly closed: Promise<ConnectionEnd>;
  readonly #options: ConnectionOptions;
  readonly #maxInFlight: number;
  readonly #redact: Redact;
  readonly #reader: ReadableStreamDefaultReader<Message>;
  readonly #sender: MessageSender;
  /** Those of ours that are not released. */
  readonly #calls: Set<Call> = new Set();
  /** Those among them that the peer has, by id. */
  readonly #inFlight: Map<RequestId, Call> = new Map();
  readonly #peerRequests: PeerRequests;
  readonly #closed: Deferred<ConnectionEnd> = deferred();
  #nextId = 0;
  #writeFailure: { error: unknown } | null = null;
  #cancelDrain: CancelTimer | null = null;
  #end: ConnectionEnd | null = null;

  /** Begins to read at once. The streams are locked until the connection has ended. */
  constructor(channel: MessageChannel, options: ConnectionOptions) {
    this.#options = options;
    this.#maxInFlight = options.maxInFlight ?? 64;
    this.#redact = options.redact ?? redactor([]);
    this.#reader = channel.readable.getReader();
    this.#sender = new MessageSender(channel.writable, {
      mayRequest: () => this.#inFlight.size < this.#maxInFlight,
      onFailure: (error) => this.#breakOff(error),
    });
    this.#peerRequests = new PeerRequests({
      onRequest: options.onRequest,
      redact: this.#redact,
      note: (kind, text) => this.#note(kind, text),
      reply: (answer) => {
        if (!this.#isOver) this.#sender.post({ isRequest: false, message: () => answer });
      },
    });
    this.closed = this.#closed.promise;
    this.#read();
  }

  /**
   * Asks the peer something; `params` that are left out are sent as `{}`, which codex insists on.
   * Requests that are too many at a time wait for their turn.
   *
   * Rejects with
   * - `RpcError` when the peer says no; a peer that is overloaded is asked again some times
   * - `RequestTimeoutError` when it does not answer in time; it may still do what was asked
   * - `AbortError` when `signal` is aborted, or its reason where that is an error of the SDK; what
   *   was sent already the peer may still do
   * - `ConnectionError` when the connection ends before the answer, or has ended
   * - `ProtocolError` when the answer is none
   * - `InvalidOptionsError` when `params` are no JSON
   */
  request(
    method: string,
    params: unknown = {},
    options: RequestOptions = {},
  ): Promise<unknown> {
    const { signal } = options;
    const timeoutMs = options.timeoutMs ?? this.#options.requestTimeoutMs ?? defaultTimeoutMs;
    try {
      this.#throwIfOver(method);
      if (signal?.aborted) throw abortError(signal);
      if (!isTimeout(timeoutMs)) throw invalidTimeout(timeoutMs);
      checkParams(method, params);
    } catch (error) {
      return Promise.reject(error);
    }
    const { clock, random } = this.#options;
    const call: Call = {
      method,
      params,
      answer: deferred(),
      outgoing: { isRequest: true, message: () => this.#numbered(call) },
      backoff: new Backoff(retries, clock, random),
      id: null,
      isSettled: false,
      cancelTimeout: null,
      cancelRetry: null,
      stopListening: () => {},
    };
    this.#calls.add(call);
    this.#limit(call, timeoutMs);
    if (signal) {
      const onAbort = () => this.#abandon(call, abortError(signal));
      signal.addEventListener("abort", onAbort, { once: true });
      call.stopListening = () => signal.removeEventListener("abort", onAbort);
    }
    this.#sender.post(call.outgoing);
    return call.answer.promise;
  }

  /**
   * Tells the peer something; resolves when it was handed over. Rejects with `ConnectionError` when
   * the connection ends before, or `InvalidOptionsError`; nobody has to wait for it.
   */
  notify(method: string, params?: unknown): Promise<void> {
    const handedOver = deferred();
    // An end of the connection is told elsewhere, too.
    handedOver.promise.catch(() => {});
    try {
      this.#throwIfOver(method);
      if (params !== undefined) checkParams(method, params);
      const message = params === undefined ? { method } : { method, params };
      this.#sender.post({
        isRequest: false,
        message: () => message,
        sent: handedOver.resolve,
        dropped: () => handedOver.reject(this.#lost(`Cannot tell "${method}"`)),
      });
    } catch (error) {
      handedOver.reject(error);
    }
    return handedOver.promise;
  }

  /**
   * Ends the connection: what waits for an answer rejects at once, and the streams of the channel
   * are ended and released. Harmless when called again.
   */
  close(reason?: unknown): void {
    this.#finish({ type: "closed", ...(reason === undefined ? {} : { error: reason }) });
  }

  async #read(): Promise<void> {
    try {
      while (this.#end === null) {
        const { done, value } = await this.#reader.read();
        if (this.#end !== null) return;
        if (!done) {
          this.#options.onSign?.();
          this.#take(value);
        } else if (this.#writeFailure === null) this.#finish({ type: "ended" });
        else this.#finish({ type: "broken", ...this.#writeFailure });
      }
    } catch (error) {
      this.#finish({ type: "broken", ...(this.#writeFailure ?? { error }) });
    }
  }

  #take(value: Message): void {
    const said = classify(value);
    switch (said.type) {
      case "notification":
        return this.#hear(said.message.method, said.message.params);
      case "response":
        return this.#answered(said.id, (call) => this.#conclude(call, { result: said.result }));
      case "error":
        return this.#answered(said.id, (call) => this.#refused(call, said.error));
      case "request":
        return void this.#peerRequests.serve(said.message);
      case "unknown":
        this.#note("stdout", `The app-server sent what is no message: ${textOf(value)}`);
        // Whoever asked would wait in vain.
        if (said.id === undefined || !this.#inFlight.has(said.id)) return;
        return this.#answered(said.id, (call) => {
          this.#conclude(call, { error: noAnswer(call.method) });
        });
    }
  }

  #hear(method: string, params: unknown): void {
    callOnlooker(
      () => this.#options.onNotification(method, params),
      (error) => this.#note("callback", `Hearing "${method}" threw: ${messageOf(error)}`),
    );
  }

  #answered(id: RequestId, conclude: (call: Call) => void): void {
    const call = this.#inFlight.get(id);
    if (call === undefined) {
      return this.#note("stdout", `The app-server answered what nobody waits for (${textOf(id)})`);
    }
    this.#inFlight.delete(id);
    call.id = null;
    if (call.isSettled) this.#release(call);
    else conclude(call);
    // There is room for another one.
    this.#sender.flush();
  }

  #refused(call: Call, said: RpcErrorObject): void {
    const waitMs = said.code === overloaded ? call.backoff.next() : null;
    if (waitMs === null) {
      const message = this.#redact(said.message);
      return this.#conclude(call, { error: new RpcError(call.method, { ...said, message }) });
    }
    call.cancelRetry = this.#options.clock.after(waitMs, () => {
      call.cancelRetry = null;
      this.#sender.post(call.outgoing);
    });
  }

  #limit(call: Call, timeoutMs: number): void {
    if (timeoutMs === Infinity) return;
    call.cancelTimeout = this.#options.clock.after(timeoutMs, () => {
      call.cancelTimeout = null;
      this.#conclude(call, { error: new RequestTimeoutError(call.method, timeoutMs) });
      this.#sender.flush();
    });
  }

  /** Nobody waits for the answer any more. */
  #abandon(call: Call, error: unknown): void {
    if (call.id === null) return this.#conclude(call, { error });
    this.#settle(call, { error });
    // Its place stays taken until the answer comes: the peer is at work on it, and too many of such
    // are what overloads it. Not for ever, though, as answers do get lost.
    if (call.cancelTimeout === null) this.#limit(call, defaultTimeoutMs);
  }

  #settle(call: Call, outcome: { result: unknown } | { error: unknown }): void {
    if (call.isSettled) return;
    call.isSettled = true;
    call.stopListening();
    if ("error" in outcome) call.answer.reject(outcome.error);
    else call.answer.resolve(outcome.result);
  }

  /** Settles it, and leaves nothing of it behind. */
  #conclude(call: Call, outcome: { result: unknown } | { error: unknown }): void {
    this.#release(call);
    this.#settle(call, outcome);
  }

  #release(call: Call): void {
    call.cancelTimeout?.();
    call.cancelRetry?.();
    this.#sender.withdraw(call.outgoing);
    if (call.id !== null) this.#inFlight.delete(call.id);
    this.#calls.delete(call);
  }

  /** A new id each time it is sent, so that an answer that came twice fits only once. */
  #numbered(call: Call): RequestMessage {
    const id = call.id = this.#nextId++;
    this.#inFlight.set(id, call);
    return { id, method: call.method, params: call.params };
  }

  /** Nothing can be sent any more. What has arrived before is still told, then it is the end. */
  #breakOff(error: unknown): void {
    if (this.#isOver) return;
    this.#writeFailure = { error };
    this.#sender.withdrawAll();
    this.#lose([...this.#calls].filter(({ id }) => id === null));
    this.#cancelDrain = this.#options.clock.after(drainMs, () => {
      this.#finish({ type: "broken", error });
    });
  }

  #lose(calls: Call[]): void {
    for (const call of calls) {
      this.#conclude(call, { error: this.#lost(`No answer to "${call.method}"`) });
    }
  }

  #finish(end: ConnectionEnd): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#cancelDrain?.();
    this.#reader.cancel(end.error).catch(() => {});
    this.#reader.releaseLock();
    this.#sender.end(end.type === "closed", end.error);
    this.#lose([...this.#calls]);
    this.#peerRequests.end(this.#lost("No answer can be sent"));
    this.#closed.resolve(end);
  }

  /** Whether nothing can be sent any more. */
  get #isOver(): boolean {
    return this.#end !== null || this.#writeFailure !== null;
  }

  #throwIfOver(method: string): void {
    if (this.#isOver) throw this.#lost(`Cannot call "${method}"`);
  }

  #lost(what: string): ConnectionError {
    const { type, error } = this.#end ?? { type: "broken", ...this.#writeFailure };
    const how = type === "closed" ? "was closed" : "was lost";
    return new ConnectionError(`${what}: the connection to the app-server ${how}`, {
      reason: "lost",
      ...(error === undefined ? {} : { cause: error }),
    });
  }

  #note(kind: Diagnostic["kind"], text: string): void {
    const message = this.#redact(text).slice(0, 2000);
    callOnlooker(() => this.#options.onDiagnostic?.({ kind, message }), () => {});
  }
}

function noAnswer(method: string): ProtocolError {
  return new ProtocolError(`The app-server answered "${method}" with what is no answer`, {
    line: null,
    path: null,
  });
}

function isTimeout(value: unknown): boolean {
  return typeof value === "number" && (value >= 0 && value <= longestTimer || value === Infinity);
}

function invalidTimeout(timeoutMs: unknown): InvalidOptionsError {
  return new InvalidOptionsError(
    `Invalid option "timeoutMs": it must be a number from 0 to ${longestTimer}, or Infinity, ` +
      `not ${textOf(timeoutMs)}`,
    { path: "timeoutMs" },
  );
}

/** Found out here: in the channel it would be the end of the connection, for everybody. */
function checkParams(method: string, params: unknown): void {
  try {
    sendable(params);
  } catch (cause) {
    throw new InvalidOptionsError(`Cannot call "${method}": the params cannot be written as JSON`, {
      path: "params",
      cause,
    });
  }
}
