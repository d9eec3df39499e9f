import type { Style } from "./render.ts";

/** Where progress is shown; `process.stdout` is one. */
export type Screen = { isTTY?: boolean; rows?: number; write(text: string): unknown };

/** How far a job is, as far as that is known. */
export type Step = { activity?: string; done?: number; total?: number };

/**
 * Shows how several jobs get on: on a terminal as bars below the lines of what is done, elsewhere
 * as a line for each thing that happens.
 */
export class Progress {
  readonly #screen: Screen;
  readonly #style: Style;
  readonly #names: readonly string[];
  readonly #width: number;
  readonly #running: Map<string, Step> = new Map();
  #ended = 0;
  /** How many rows of bars the terminal shows. */
  #drawn = 0;

  constructor(names: readonly string[], style: Style, screen: Screen) {
    this.#names = names;
    this.#width = Math.max(...names.map((name) => name.length));
    this.#style = style;
    this.#screen = screen;
  }

  /** A job has begun. */
  start(name: string): void {
    this.#running.set(name, {});
    this.#draw(this.#screen.isTTY ? [] : [`${name}: started`]);
  }

  /** A job has got further. */
  update(name: string, step: Step): void {
    this.#running.set(name, { ...this.#running.get(name), ...step });
    const isNews = !this.#screen.isTTY && step.activity !== undefined;
    this.#draw(isNews ? [`${name}: ${step.activity}`] : []);
  }

  /** A job has ended; `lines` say how. */
  end(name: string, lines: readonly string[]): void {
    this.#running.delete(name);
    this.#ended++;
    this.#draw(lines);
  }

  /** Something else is to be told. */
  tell(line: string): void {
    this.#draw([line]);
  }

  /** No more is to come: the bars go, the lines stay. */
  close(): void {
    this.#running.clear();
    this.#ended = this.#names.length;
    this.#draw([]);
  }

  #draw(lines: readonly string[]): void {
    // In one piece, so that nobody sees the screen without its bars.
    const kept = lines.map((line) => `${line}\n`).join("");
    if (!this.#screen.isTTY) return void (kept !== "" && this.#screen.write(kept));
    const bars = this.#bars();
    const erase = this.#drawn > 0 ? `\x1b[${this.#drawn}A\r\x1b[J` : "";
    this.#drawn = bars.length;
    // A row that is too long is cut off, not wrapped: the rows are counted.
    const rows = bars.length > 0 ? `\x1b[?7l${bars.join("\n")}\n\x1b[?7h` : "";
    this.#screen.write(erase + kept + rows);
  }

  #bars(): string[] {
    const total = this.#names.length;
    if (this.#ended === total) return [];
    const { strong, faint } = this.#style;
    const rows = [...this.#running].map(([name, { activity = "", done = 0, total = 0 }]) =>
      `${name.padEnd(this.#width)} ${bar(done, total)} ${faint(activity)}`
    );
    const summary = `${"".padEnd(this.#width)} ${bar(this.#ended, total)} ${
      strong(`${this.#ended} of ${total}`)
    }`;
    // What has scrolled off the screen could not be drawn again.
    return [...rows.slice(0, Math.max(0, (this.#screen.rows || 24) - 2)), summary];
  }
}

const length = 20;

/** A bar that is filled as far as a job is done; empty when that is not known. */
export function bar(done: number, total: number): string {
  const filled = total > 0 ? Math.floor(length * Math.min(done, total) / total) : 0;
  return "█".repeat(filled) + "░".repeat(length - filled);
}
