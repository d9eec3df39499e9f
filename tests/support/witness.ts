/** Looks on while tests play, so that none of them lets the planted key show. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { Codex, CodexOptions, StreamedTurn, Thread, Turn } from "../../mod.ts";
import { describeSightings } from "../../tools/planted_key.ts";
import { plantedKey } from "./planted_key.ts";

/**
 * Sees what turns throw and tell: errors in each form in which a program may print them, stderr,
 * diagnostics, and how codex was started. What codex says in its events is codex's own.
 */
export class Witness {
  readonly #seen: string[] = [];
  readonly #diagnostics = new Set<string>();

  /** The options of a `Codex` with the key of the tests, unless they have one, and with ears. */
  options(options: CodexOptions): CodexOptions {
    const { onSpawn, onDiagnostic } = options;
    const heard: CodexOptions = { apiKey: plantedKey, ...options };
    // What is no function is left for the SDK to refuse.
    if (onSpawn === undefined || typeof onSpawn === "function") {
      heard.onSpawn = (info) => {
        this.look("onSpawn", info);
        return onSpawn?.(info);
      };
    }
    if (onDiagnostic === undefined || typeof onDiagnostic === "function") {
      heard.onDiagnostic = (diagnostic) => {
        // A flood of them differs in nothing but the lines.
        const { line: _, ...rest } = diagnostic;
        const text = JSON.stringify(rest);
        if (!this.#diagnostics.has(text)) this.look("onDiagnostic", diagnostic);
        this.#diagnostics.add(text);
        return onDiagnostic?.(diagnostic);
      };
    }
    return heard;
  }

  /** Has the turns of a `Codex` watched, and returns it. */
  watch(codex: Codex): Codex {
    const { startThread, resumeThread, forkThread } = codex;
    codex.startThread = (...args) => this.#watchThread(startThread.apply(codex, args));
    codex.resumeThread = (...args) => this.#watchThread(resumeThread.apply(codex, args));
    codex.forkThread = (...args) => this.#watchThread(forkThread.apply(codex, args));
    return codex;
  }

  /** Looks at a value, of which `source` says where it was seen. */
  look(source: string, value: unknown): void {
    this.#seen.push(...describeSightings(source, formsOf(value).join("\n"), plantedKey));
  }

  /** Checks that the key showed nowhere. */
  assertUnseen(): void {
    assert.deepEqual(this.#seen, []);
  }

  #watchThread(thread: Thread): Thread {
    const { run, runStreamed, review, reviewStreamed } = thread;
    thread.run = (...args) => this.#watchTurn(run.apply(thread, args));
    thread.review = (...args) => this.#watchTurn(review.apply(thread, args));
    thread.runStreamed = async (...args) =>
      this.#watchStreamed(await runStreamed.apply(thread, args));
    thread.reviewStreamed = async (...args) =>
      this.#watchStreamed(await reviewStreamed.apply(thread, args));
    return thread;
  }

  #watchStreamed(streamed: StreamedTurn): StreamedTurn {
    const { events, turn } = streamed;
    const next = events.next.bind(events);
    events.next = () => {
      const result = next();
      result.catch((error) => this.look("an error of the events", error));
      return result;
    };
    return { ...streamed, turn: () => this.#watchTurn(turn()) };
  }

  /** Returns the very promise: a test may compare, or leave it unobserved. */
  #watchTurn(result: Promise<Turn>): Promise<Turn> {
    result.then(
      ({ stderr, diagnostics }) => this.look("a turn", { stderr, diagnostics }),
      (error) => this.look("an error", error),
    );
    return result;
  }
}

/** Checks that the key shows in no form of an error, or whatever else a program may print. */
export function assertKeyless(value: unknown): void {
  const witness = new Witness();
  witness.look("what was thrown", value);
  witness.assertUnseen();
}

/** Everything that a program may print of a value. */
function formsOf(value: unknown, seen: Set<unknown> = new Set()): string[] {
  if (seen.has(value)) return [];
  seen.add(value);
  const forms = [inspect(value, { depth: 10 }), printed(() => String(value))];
  forms.push(printed(() => JSON.stringify(value)));
  if (typeof value !== "object" || value === null) return forms;
  const { message, stack, stderr, diagnostics, cause, turn } = value as Record<string, unknown>;
  for (const text of [message, stack, stderr]) forms.push(String(text ?? ""));
  for (const each of [diagnostics, cause]) {
    if (each !== undefined) forms.push(...formsOf(each, seen));
  }
  // Not all of it: what codex said in its events is not ours to change.
  if (typeof turn === "object" && turn !== null) {
    const { stderr, diagnostics } = turn as Turn;
    forms.push(...formsOf({ stderr, diagnostics }, seen));
  }
  return forms;
}

/** Some values cannot be printed, e.g. those that hold themselves. */
function printed(print: () => string | undefined): string {
  try {
    return print() ?? "";
  } catch {
    return "";
  }
}
