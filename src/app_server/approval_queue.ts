import type {
  ApprovalDecision,
  ApprovalHandler,
  ApprovalRequest,
  RequestContext,
} from "../approvals.ts";
import { type Deferred, deferred } from "../deferred.ts";

/** More than these are no turn's doing. */
const maxPending = 1000;

/** A loop that waits for the next request. */
type Reader = { loop: symbol; next: Deferred<IteratorResult<PendingApproval, undefined>> };

/** A request for approval that waits for its answer. */
export type PendingApproval = {
  /** What is asked. */
  readonly request: ApprovalRequest;
  /** Whether it waits no more: answered here or elsewhere, timed out, or its turn has ended. */
  readonly isResolved: boolean;
  /** Aborted when it is of no use any more to answer it; not when it is answered here. */
  readonly signal: AbortSignal;
  /**
   * Answers; `false` when it came too late to matter. Throws `TypeError` when it was answered here
   * before.
   */
  answer(decision: ApprovalDecision): boolean;
};

/**
 * Approvals for a user interface that answers when it pleases: what is asked is read from the queue,
 * and answered in any order, at any time.
 *
 * What is not read waits, and so do the turns it belongs to; with `approvalTimeoutMs` not for ever.
 * What is of no use any more disappears from the queue. Each request is read once, also when several
 * loops read; leaving a loop closes nothing.
 *
 * @example
 * ```ts
 * import { Codex } from "jsr:@codex/sdk";
 * import { ApprovalQueue, appServer } from "jsr:@codex/sdk/app-server";
 *
 * const approvals = new ApprovalQueue();
 * const codex = new Codex({ transport: appServer(), onApproval: approvals.handler });
 * const turn = codex.startThread().run("Tidy up");
 * const close = () => approvals.close();
 * turn.then(close, close);
 * for await (const pending of approvals) {
 *   pending.answer(pending.request.type === "file_change" ? "accept" : "decline");
 * }
 * console.log((await turn).finalResponse);
 * ```
 */
export class ApprovalQueue implements AsyncIterable<PendingApproval> {
  /** Give this to `onApproval`, of as many turns as wanted. */
  readonly handler: ApprovalHandler;
  readonly #pending: Set<Pending> = new Set();
  readonly #unread: Set<Pending> = new Set();
  readonly #readers: Set<Reader> = new Set();
  #isClosed = false;

  /** Makes an empty queue. */
  constructor() {
    this.handler = (request, context) => this.#ask(request, context);
  }

  /** How many wait for an answer, read or not. */
  get size(): number {
    return this.#pending.size;
  }

  /** Declines what waits and what will be asked, and ends the loops. */
  close(): void {
    this.#isClosed = true;
    for (const pending of [...this.#pending]) pending.settle("decline");
    this.#dismiss([...this.#readers]);
  }

  /** The requests, oldest first, until the queue is closed. */
  [Symbol.asyncIterator](): AsyncIterator<PendingApproval, undefined> {
    let isLeft = false;
    const loop = Symbol("loop");
    return {
      next: () => {
        const reader: Reader = { loop, next: deferred() };
        this.#readers.add(reader);
        if (this.#isClosed || isLeft) this.#dismiss([reader]);
        else this.#hand();
        return reader.next.promise;
      },
      return: () => {
        isLeft = true;
        this.#dismiss([...this.#readers].filter((reader) => reader.loop === loop));
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #ask(request: ApprovalRequest, { signal }: RequestContext): Promise<ApprovalDecision> {
    if (this.#isClosed || signal.aborted) return Promise.resolve("decline");
    if (this.#pending.size >= maxPending) {
      throw new Error(`More than ${maxPending} approvals wait for an answer`);
    }
    const pending = new Pending(request, signal);
    this.#pending.add(pending);
    this.#unread.add(pending);
    const forget = () => {
      signal.removeEventListener("abort", giveUp);
      this.#pending.delete(pending);
      this.#unread.delete(pending);
    };
    const giveUp = () => pending.settle("decline");
    signal.addEventListener("abort", giveUp, { once: true });
    pending.decision.then(forget);
    this.#hand();
    return pending.decision;
  }

  #hand(): void {
    for (const pending of this.#unread) {
      if (pending.isResolved) continue;
      const [reader] = this.#readers;
      if (reader === undefined) return;
      this.#readers.delete(reader);
      this.#unread.delete(pending);
      reader.next.resolve({ done: false, value: pending });
    }
  }

  #dismiss(readers: readonly Reader[]): void {
    for (const reader of readers) {
      this.#readers.delete(reader);
      reader.next.resolve({ done: true, value: undefined });
    }
  }
}

class Pending implements PendingApproval {
  readonly request: ApprovalRequest;
  readonly signal: AbortSignal;
  readonly decision: Promise<ApprovalDecision>;
  readonly #decided: Deferred<ApprovalDecision> = deferred();
  #isAnswered = false;
  #isResolved = false;

  constructor(request: ApprovalRequest, signal: AbortSignal) {
    this.request = request;
    this.signal = signal;
    this.decision = this.#decided.promise;
  }

  get isResolved(): boolean {
    return this.#isResolved;
  }

  answer(decision: ApprovalDecision): boolean {
    if (this.#isAnswered) throw new TypeError("Cannot answer the approval: it was answered before");
    this.#isAnswered = true;
    return this.settle(decision);
  }

  /** Decides, unless that has happened. */
  settle(decision: ApprovalDecision): boolean {
    if (this.#isResolved) return false;
    this.#isResolved = true;
    this.#decided.resolve(decision);
    return true;
  }
}
