import type { Diagnostic } from "../diagnostics.ts";
import { RpcError } from "../errors.ts";
import type { Redact } from "../redact.ts";
import type { RequestId, RequestMessage, ResponseMessage } from "./message.ts";
import { messageOf } from "./user_call.ts";
import { sendable, textOf } from "./wire_text.ts";

/** What a request resolves with that another client of the peer is to answer. */
export const leftToOthers: unique symbol = Symbol("left to others");

/**
 * Answers a request of the peer; `undefined` says that there is no such method, and
 * {@linkcode leftToOthers} that no answer is to be sent.
 */
export type PeerRequestHandler = (
  method: string,
  params: unknown,
  context: PeerRequestContext,
) => Promise<unknown>;

/** What a request of the peer comes with besides its parameters. */
export type PeerRequestContext = {
  /** The id the peer gave it. */
  id: RequestId;
  /** Aborted when the connection ends: no answer can be sent any more. */
  signal: AbortSignal;
};

/** What {@linkcode PeerRequests} works with. */
export type PeerRequestsOptions = {
  /** Knows the answers. */
  onRequest: PeerRequestHandler;
  /** Keeps secrets out of answers. */
  redact: Redact;
  /** Notes oddities. */
  note: (kind: Diagnostic["kind"], text: string) => void;
  /** Sends an answer, if that is still possible. */
  reply: (answer: ResponseMessage) => void;
};

const methodNotFound = -32601;
const internalError = -32603;

/**
 * The requests of the peer: each is answered, once, unless it is left to others or the connection
 * ends before.
 */
export class PeerRequests {
  readonly #options: PeerRequestsOptions;
  /** Those that are not answered. */
  readonly #open: Map<RequestId, AbortController> = new Map();
  #isEnded = false;

  /** Nothing is asked yet. */
  constructor(options: PeerRequestsOptions) {
    this.#options = options;
  }

  /** Has a request answered. Never rejects. */
  async serve(message: RequestMessage): Promise<void> {
    const { id, method } = message;
    if (this.#open.has(id)) {
      // Attaching to a thread again repeats what waits for an answer; one answer will do.
      const text = `The app-server asked "${method}" again that is not answered (${textOf(id)})`;
      return this.#options.note("stdout", text);
    }
    const controller = new AbortController();
    this.#open.set(id, controller);
    const answer = await this.#answer(message, controller.signal);
    this.#open.delete(id);
    if (answer !== null) this.#options.reply(answer);
  }

  /** No answer can be sent any more. */
  end(reason: unknown): void {
    this.#isEnded = true;
    for (const controller of this.#open.values()) controller.abort(reason);
  }

  /** Never rejects: a request without an answer would hang the turn it belongs to. */
  async #answer(
    { id, method, params }: RequestMessage,
    signal: AbortSignal,
  ): Promise<ResponseMessage | null> {
    const { onRequest, note } = this.#options;
    try {
      const result = await onRequest(method, params, { id, signal });
      if (result === leftToOthers) return null;
      if (result !== undefined) return { id, result: sendable(result) };
      note("stdout", `Nobody here answers "${method}"`);
      return { id, error: { code: methodNotFound, message: `Method not found: ${method}` } };
    } catch (error) {
      if (!this.#isEnded) note("callback", `Answering "${method}" threw: ${messageOf(error)}`);
      return { id, error: this.#errorObject(error) };
    }
  }

  #errorObject(error: unknown): { code: number; message: string; data?: unknown } {
    if (!RpcError.is(error)) return { code: internalError, message: this.#short(messageOf(error)) };
    const { rpcCode: code, rpcMessage = error.message, data } = error;
    const object = { code, message: this.#short(rpcMessage) };
    try {
      return data === undefined ? object : { ...object, data: sendable(data) };
    } catch {
      return object;
    }
  }

  #short(text: string): string {
    return this.#options.redact(text).slice(0, 500);
  }
}
