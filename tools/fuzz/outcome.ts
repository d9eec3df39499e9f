import { ProtocolError } from "../../src/errors.ts";
import { JsonLinesStream } from "../../src/streams/json_lines_stream.ts";
import { ThreadEventDecoder } from "../../src/streams/thread_event_decoder.ts";
import { ThreadEventsStream } from "../../src/streams/thread_events_stream.ts";

/** What became of bytes. */
export type Outcome = {
  /** The events, in order. */
  events: unknown[];
  /** The lines that were no events. */
  noise: { line: number; text: string }[];
  /** The message of the `ProtocolError` that ended it; `null` without one. */
  error: string | null;
};

/** What the decoder that the SDK uses makes of bytes. Throws when it fails in another way. */
export function decoded(chunks: readonly Uint8Array[], maxLineBytes = Infinity): Outcome {
  const outcome: Outcome = { events: [], noise: [], error: null };
  const decoder = new ThreadEventDecoder(
    maxLineBytes,
    (text, line) => outcome.noise.push({ line, text }),
  );
  for (const chunk of [...chunks, null]) {
    const result = decoder.decode(chunk);
    outcome.events.push(...result.events);
    if (!("error" in result)) continue;
    outcome.error = protocolError(result.error);
    break;
  }
  return outcome;
}

/** What the composition of streams makes of them; it does not tell of noise. */
export async function piped(
  chunks: readonly Uint8Array[],
  maxLineLength = Infinity,
): Promise<Omit<Outcome, "noise">> {
  const outcome: Omit<Outcome, "noise"> = { events: [], error: null };
  let next = 0;
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const chunk = chunks[next++];
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
    },
  });
  const reader = source
    // Deno's takes a U+FEFF that begins a chunk for a byte order mark, in the middle of a text, too.
    .pipeThrough(new TextDecoderStream("utf-8", { ignoreBOM: true }))
    .pipeThrough(new JsonLinesStream(maxLineLength))
    .pipeThrough(new ThreadEventsStream())
    .getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return outcome;
      outcome.events.push(value);
    }
  } catch (error) {
    outcome.error = protocolError(error);
    return outcome;
  }
}

function protocolError(error: unknown): string {
  if (!ProtocolError.is(error)) throw error;
  return error.message;
}
