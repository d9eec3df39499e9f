import type { Usage } from "./events.ts";

const none: Usage = {
  input_tokens: 0,
  cached_input_tokens: 0,
  cache_write_input_tokens: 0,
  output_tokens: 0,
  reasoning_output_tokens: 0,
};

/** Tells each turn's share of figures that codex accumulates over the thread. */
export class UsageMeter {
  /** What the turns before have added up to; `null` when it is not known. */
  #before: Usage | null;

  /** Only for a thread that begins here it is known that nothing came before. */
  constructor(isNewThread: boolean) {
    this.#before = isNewThread ? none : null;
  }

  /** The share of the turn that ended with `total`; `null` when it cannot be known. */
  share(total: Usage | null): Usage | null {
    const before = this.#before;
    this.#before = total;
    if (total === null || before === null) return null;
    const share = { ...none };
    for (const key of Object.keys(none) as (keyof Usage)[]) {
      share[key] = (total[key] ?? 0) - (before[key] ?? 0);
      // Figures that went down were not accumulated, e.g. across a compaction.
      if (share[key] < 0) return null;
    }
    return share;
  }
}
