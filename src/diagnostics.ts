import { callOnlooker } from "./callback.ts";

/** Something worth knowing when a turn misbehaves, and harmless otherwise. */
export type Diagnostic = {
  /**
   * - `"stdout"`: a line on stdout that is not an event (CLIs print warnings)
   * - `"process"`: codex had to be stopped, or left a descendant behind that kept its output open;
   *   also says how many diagnostics are not kept
   * - `"callback"`: a callback given by the caller threw
   */
  kind: "stdout" | "process" | "callback";
  /** What was seen, redacted, at most 2,000 characters. */
  message: string;
  /** The line on stdout, counted from 1; only for `"stdout"`. */
  line?: number;
};

/** Keeps the first and the last diagnostics of a turn, so that a flood costs no memory. */
export class DiagnosticLog {
  static readonly #kept = 50;
  readonly #first: Diagnostic[] = [];
  readonly #last: Diagnostic[] = [];
  #dropped = 0;
  readonly #listener: ((diagnostic: Diagnostic) => void) | undefined;

  /** `listener` sees every diagnostic, also those that are not kept. */
  constructor(listener?: (diagnostic: Diagnostic) => void) {
    this.#listener = listener;
  }

  /** Adds a diagnostic and tells the listener, whose errors are dropped: it only looks on. */
  add(diagnostic: Diagnostic): void {
    const bounded = { ...diagnostic, message: diagnostic.message.slice(0, 2000) };
    if (this.#first.length < DiagnosticLog.#kept) {
      this.#first.push(bounded);
    } else {
      this.#last.push(bounded);
      if (this.#last.length > DiagnosticLog.#kept) {
        this.#last.shift();
        this.#dropped++;
      }
    }
    // Nobody is left to tell of a listener that throws.
    callOnlooker(() => this.#listener?.(bounded), () => {});
  }

  /** What was kept, oldest first; a gap says how many are missing. */
  list(): Diagnostic[] {
    const gap: Diagnostic[] = this.#dropped === 0
      ? []
      : [{ kind: "process", message: `${this.#dropped} more diagnostics are not kept` }];
    return [...this.#first, ...gap, ...this.#last];
  }
}
