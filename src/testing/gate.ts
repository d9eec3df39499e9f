import { deferred } from "./deferred.ts";

/**
 * A gate at which a scripted model waits until the test opens it. Waiting for
 * {@linkcode Gate.reached} and then opening makes a test independent of the clock.
 *
 * @example The model answers when the test says so
 * ```ts
 * import { Gate, hold, message, ScriptedModel, turn } from "@codex/sdk/testing";
 *
 * const gate = new Gate();
 * const model = await ScriptedModel.start([turn(hold(gate), message("Done"))]);
 * const answer = fetch(`${model.baseUrl}/responses`, { method: "POST", body: `{"input":[]}` });
 * await gate.reached;
 * gate.open();
 * await (await answer).text();
 * await model.close();
 * ```
 */
export class Gate {
  /** Resolves when somebody has come to the gate for the first time. */
  readonly reached: Promise<void>;
  /** Resolves when the gate is open. */
  readonly opened: Promise<void>;
  #reach: () => void;
  #open: () => void;

  /** Makes a closed gate. */
  constructor() {
    const reached = deferred<void>();
    const opened = deferred<void>();
    this.reached = reached.promise;
    this.opened = opened.promise;
    this.#reach = reached.resolve;
    this.#open = opened.resolve;
  }

  /** Lets everybody pass, now and later. Opening an open gate does nothing. */
  open(): void {
    this.#open();
  }

  /** Says that somebody has come to the gate, and waits until it is open. */
  pass(): Promise<void> {
    this.#reach();
    return this.opened;
  }
}
