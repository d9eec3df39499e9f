import type { ThreadEvent } from "../events.ts";

/**
 * Turns events into Server-Sent Events, for the body of a `Response` of type `text/event-stream`:
 * the event's `type` as the name, the event as JSON in one `data` line.
 *
 * When the client goes away, the server cancels the body, and that ends the turn. A turn that fails
 * breaks the connection off, after the events that arrived.
 *
 * Read it with `fetch`: an `EventSource` connects again whenever the connection ends, and so would
 * run the turn again and again.
 *
 * @example
 * ```ts
 * import { Codex } from "jsr:@codex/sdk";
 * import { ServerSentEventsStream } from "jsr:@codex/sdk/streams";
 *
 * async function answer(prompt: string): Promise<Response> {
 *   const { events } = await new Codex().startThread().runStreamed(prompt, { timeoutMs: 600_000 });
 *   return new Response(events.pipeThrough(new ServerSentEventsStream()), {
 *     headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
 *   });
 * }
 * ```
 */
export class ServerSentEventsStream extends TransformStream<ThreadEvent, Uint8Array<ArrayBuffer>> {
  /** Takes no options. */
  constructor() {
    const encoder = new TextEncoder();
    super({
      transform(event, controller) {
        controller.enqueue(encoder.encode(frame(event)));
      },
    });
  }
}

function frame(event: ThreadEvent): string {
  // The type of an event that is not known here may be any text; a line end would forge fields.
  const name = event.type.replace(/[\r\n]+/g, " ");
  // JSON has no raw CR and LF. It may have U+2028 and U+2029, which are no line ends here, but for
  // which many a client takes them.
  const data = JSON.stringify(event)
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  return `event: ${name}\ndata: ${data}\n\n`;
}
