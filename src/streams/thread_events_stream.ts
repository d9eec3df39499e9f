import type { ThreadEvent } from "../events.ts";
import type { JsonLine } from "./json_line.ts";

/**
 * Turns JSONL lines into validated events; lines that are no events are left out. With
 * {@linkcode JsonLinesStream} it reads what `codex exec --json` once printed.
 *
 * A known event or item in a wrong shape errors the stream with a `ProtocolError`.
 *
 * @example
 * ```ts
 * import { JsonLinesStream, ThreadEventsStream } from "jsr:@codex/sdk/streams";
 *
 * const response = await fetch("https://example.com/turn.jsonl");
 * const events = response.body!
 *   .pipeThrough(new TextDecoderStream("utf-8", { ignoreBOM: true }))
 *   .pipeThrough(new JsonLinesStream())
 *   .pipeThrough(new ThreadEventsStream());
 * for await (const event of events) console.log(event.type);
 * ```
 */
export class ThreadEventsStream extends TransformStream<JsonLine, ThreadEvent> {
  /** Takes no options. */
  constructor() {
    let toThreadEvent: typeof import("../protocol.ts").toThreadEvent;
    super({
      async start() {
        // Loaded on use, so that importing the SDK costs next to nothing.
        ({ toThreadEvent } = await import("../protocol.ts"));
      },
      transform(line, controller) {
        const event = "object" in line ? toThreadEvent(line.object, line.line) : null;
        if (event !== null) controller.enqueue(event);
      },
    });
  }
}
