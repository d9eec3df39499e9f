import type { ThreadEvent } from "../events.ts";
import { toThreadEvent } from "../protocol.ts";
import type { JsonLine } from "./json_line.ts";
import { JsonLinesDecoder } from "./json_lines_decoder.ts";

/** What to do with a line on stdout that is no event. */
export type NoiseListener = (text: string, line: number) => void;

/**
 * Bytes in, events out: what `TextDecoderStream`, `JsonLinesStream` and `ThreadEventsStream` do
 * together, in one step. All events of a chunk come at once.
 */
export class ThreadEventDecoder {
  readonly #lines: JsonLinesDecoder;
  readonly #onNoise: NoiseListener;
  #events: ThreadEvent[] = [];

  /** `onNoise` hears of the lines that are no events. */
  constructor(maxLineBytes: number, onNoise: NoiseListener) {
    this.#lines = new JsonLinesDecoder(maxLineBytes);
    this.#onNoise = onNoise;
  }

  /**
   * The events that end in `chunk`; `null` stands for the end of the output. An `error` ends it;
   * the events before it are still good.
   */
  decode(chunk: Uint8Array | null): { events: ThreadEvent[]; error?: unknown } {
    this.#events = [];
    try {
      if (chunk === null) this.#lines.flush(this.#take);
      else this.#lines.decode(chunk, this.#take);
      return { events: this.#events };
    } catch (error) {
      return { events: this.#events, error };
    }
  }

  readonly #take = (line: JsonLine): void => {
    if ("noise" in line) return this.#onNoise(line.noise, line.line);
    const event = toThreadEvent(line.object, line.line);
    if (event === null) this.#onNoise(textOf(line.object), line.line);
    else this.#events.push(event);
  };
}

/** The text of an object again; one nested deeper than the stack reaches can only be named. */
function textOf(object: object): string {
  try {
    return JSON.stringify(object).slice(0, 2000);
  } catch {
    return "A deeply nested object";
  }
}
