import { textOfThrown } from "../callback.ts";
import { CodexError } from "../errors.ts";
import type { ThreadEvent } from "../events.ts";

/**
 * Turns events into Server-Sent Events, for the body of a `Response` of type `text/event-stream`:
 * the event's `type` as the name, the event as JSON in one `data` line.
 *
 * When the client goes away, the server cancels the body, and that ends the turn. When the events
 * fail, the last frame is named `request.failed`, and its data is
 * `{"error":{"name":…,"code":…,"message":…}}`, `code` being that of a {@linkcode CodexError}. The
 * body itself never fails: a server may then drop what it has not sent yet.
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
export class ServerSentEventsStream {
  /** The frames, one chunk each. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Takes the events. */
  readonly writable: WritableStream<ThreadEvent>;

  /** Takes no options. */
  constructor() {
    const encoder = new TextEncoder();
    const { readable, writable } = new TransformStream<string, Uint8Array<ArrayBuffer>>({
      transform: (text, controller) => controller.enqueue(encoder.encode(text)),
    });
    const writer = writable.getWriter();
    this.readable = readable;
    this.writable = new WritableStream({
      start(controller) {
        // The reader went away; nobody else tells the source of the events.
        writer.closed.catch((reason) => controller.error(reason));
      },
      write: (event) => writer.write(frame(event.type, event)),
      close: () => writer.close(),
      async abort(error) {
        await writer.write(frame("request.failed", { error: summaryOf(error) }));
        await writer.close();
      },
    });
  }
}

function frame(type: string, value: unknown): string {
  // The type of an event that is not known here may be any text; a line end would forge fields.
  const name = type.replace(/[\r\n]+/g, " ");
  // JSON has no raw CR and LF. It may have U+2028 and U+2029, which are no line ends here, but for
  // which many a client takes them.
  const data = JSON.stringify(value)
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  return `event: ${name}\ndata: ${data}\n\n`;
}

/** The least that tells a client why: what an error has of its turn, the client has been sent. */
function summaryOf(error: unknown): Record<string, string> {
  if (CodexError.is(error)) {
    const { name, code, message } = error;
    return { name, code, message };
  }
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: "Error", message: textOfThrown(error) };
}
