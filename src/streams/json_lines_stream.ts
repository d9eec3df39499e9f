import { ProtocolError } from "../errors.ts";
import type { JsonLine } from "./json_line.ts";

/**
 * Turns text into the lines of a JSONL document. Lines end at LF only: U+2028 and U+2029 may stand
 * inside JSON strings, and codex prints them. CRLF, blank lines and a missing last line feed are
 * fine; a line that is no JSON object comes out as `noise`.
 *
 * The reference for {@linkcode JsonLinesDecoder}, which does the same from bytes in one step.
 *
 * @example
 * ```ts
 * import { JsonLinesStream } from "jsr:@codex/sdk/streams";
 *
 * const lines = ReadableStream.from(['{"a":1}\n{"b"', ":2}\n"]).pipeThrough(new JsonLinesStream());
 * for await (const line of lines) console.log(line);
 * ```
 */
export class JsonLinesStream extends TransformStream<string, JsonLine> {
  /** `maxLineLength` counts UTF-16 code units; a longer line errors the stream. */
  constructor(maxLineLength: number = Infinity) {
    let parseJsonLine: typeof import("./json_line.ts").parseJsonLine;
    let rest = "";
    let line = 0;
    const emit = (text: string, controller: TransformStreamDefaultController<JsonLine>): void => {
      line++;
      if (text.length > maxLineLength) throw lineTooLong(line, maxLineLength);
      const parsed = parseJsonLine(text, line);
      if (parsed !== null) controller.enqueue(parsed);
    };
    super({
      async start() {
        // Loaded on use, so that importing the SDK costs next to nothing.
        ({ parseJsonLine } = await import("./json_line.ts"));
      },
      transform(chunk, controller) {
        // Only what is new is searched: a long line comes in many chunks.
        const texts = chunk.split("\n");
        texts[0] = rest + texts[0];
        rest = texts.pop() ?? "";
        for (const text of texts) emit(text, controller);
        if (rest.length > maxLineLength) throw lineTooLong(line + 1, maxLineLength);
      },
      flush(controller) {
        if (rest !== "") emit(rest, controller);
      },
    });
  }
}

/** The error for a line beyond the limit. */
export function lineTooLong(line: number, limit: number): ProtocolError {
  return new ProtocolError(
    `Codex printed a line longer than ${limit} bytes on line ${line}: raise "maxLineBytes" if it is meant`,
    { line, path: null },
  );
}
