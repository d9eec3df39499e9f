import type { Verdict } from "./suite.ts";

const file = ".scratch/cleanups/verdicts.json";

/** What earlier runs have found out, by the source that was tested. */
export class Memory {
  readonly #verdicts: Record<string, Verdict>;

  private constructor(verdicts: Record<string, Verdict>) {
    this.#verdicts = verdicts;
  }

  static async load(): Promise<Memory> {
    const text = await Deno.readTextFile(file).catch(() => "{}");
    return new Memory(JSON.parse(text));
  }

  /** The verdict on a source; `undefined` when there is none, or no test failed: one may by now. */
  async recall(source: string): Promise<Verdict | undefined> {
    const verdict = this.#verdicts[await keyOf(source)];
    return verdict?.type === "passed" ? undefined : verdict;
  }

  async keep(source: string, verdict: Verdict): Promise<void> {
    this.#verdicts[await keyOf(source)] = verdict;
    // At once: of two that are under way the older one could come last.
    Deno.writeTextFileSync(file, JSON.stringify(this.#verdicts, null, 2));
  }
}

async function keyOf(source: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(source));
  return new Uint8Array(hash).toHex();
}
