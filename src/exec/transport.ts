import { type Clock, systemClock } from "../clock.ts";
import { AbortError, UnsupportedError } from "../errors.ts";
import type { CodexOptions } from "../options.ts";
import { loadRuntime } from "../runtime/mod.ts";
import type { Runtime } from "../runtime/types.ts";
import type { CodexVersion, Transport, TransportTurn, TurnRequest } from "../transport.ts";
import { ExecTurn } from "./exec_turn.ts";
import { type FoundCodex, locateCodex } from "./locate.ts";
import { checkedTiming, type ExecTiming } from "./timing.ts";
import { refuseUnsupported } from "./unsupported.ts";
import { askVersion } from "./version.ts";

/** What tests replace. */
type Seams = { clock: Clock; runtime: () => Promise<Runtime> };

/** The lane behind {@linkcode exec}: a process per turn. */
export class ExecTransport implements Transport {
  readonly name = "exec";
  readonly #codexOptions: CodexOptions;
  readonly #timing: ExecTiming;
  readonly #seams: Seams;
  readonly #turns: Set<ExecTurn> = new Set();
  #closed = false;

  /** `codexOptions` are read at each turn. */
  constructor(
    codexOptions: CodexOptions,
    timing: Partial<ExecTiming> = {},
    seams: Seams = { clock: systemClock, runtime: loadRuntime },
  ) {
    this.#codexOptions = codexOptions;
    this.#timing = checkedTiming(timing);
    this.#seams = seams;
  }

  /** Prepares a process for one turn. */
  startTurn(request: TurnRequest): TransportTurn {
    if (this.#closed) throw new UnsupportedError("This Codex is closed: make a new one");
    refuseUnsupported(request, this.#codexOptions);
    const turn = new ExecTurn(request, {
      codexOptions: this.#codexOptions,
      runtime: this.#seams.runtime,
      locate: () => this.#locate(),
      clock: this.#seams.clock,
      timing: this.#timing,
    });
    this.#turns.add(turn);
    turn.ended.then(() => this.#turns.delete(turn));
    return turn;
  }

  /** Asks the codex that is found with `--version`. */
  async version(): Promise<CodexVersion> {
    const runtime = await this.#seams.runtime();
    return askVersion(
      await this.#locate(),
      runtime,
      this.#codexOptions,
      this.#seams.clock,
      this.#timing,
    );
  }

  /** Ends every running turn and waits for the processes. */
  async close(): Promise<void> {
    this.#closed = true;
    const reason = new Error("The Codex that ran the turn was closed");
    await Promise.all([...this.#turns].map((turn) => turn.end(new AbortError(reason))));
  }

  /** As {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Looks anew each time, which costs a fraction of a millisecond: codex may have been updated. */
  async #locate(): Promise<FoundCodex> {
    return await locateCodex({
      codexOptions: this.#codexOptions,
      runtime: await this.#seams.runtime(),
    });
  }
}
