/**
 * Web streams around a turn: events for the web, events from what codex once printed.
 *
 * @example Events as Server-Sent Events
 * ```ts
 * import { Codex } from "jsr:@codex/sdk";
 * import { ServerSentEventsStream } from "jsr:@codex/sdk/streams";
 *
 * const { events } = await new Codex().startThread().runStreamed("What does this project do?");
 * const response = new Response(events.pipeThrough(new ServerSentEventsStream()), {
 *   headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
 * });
 * console.log(await response.text());
 * ```
 *
 * @module
 */
export { type EventSource, EventStream } from "./event_stream.ts";
export type { JsonLine, JsonObject } from "./json_line.ts";
export { JsonLinesStream } from "./json_lines_stream.ts";
export { ServerSentEventsStream } from "./server_sent_events.ts";
export { ThreadEventsStream } from "./thread_events_stream.ts";
