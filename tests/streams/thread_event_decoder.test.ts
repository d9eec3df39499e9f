import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ProtocolError } from "../../src/errors.ts";
import type { ThreadEvent } from "../../src/events.ts";
import { JsonLinesStream } from "../../src/streams/json_lines_stream.ts";
import { ThreadEventDecoder } from "../../src/streams/thread_event_decoder.ts";
import { ThreadEventsStream } from "../../src/streams/thread_events_stream.ts";
import { cut, cuts, output, utf8 } from "../support/arbitraries.ts";
import { drain, streamOf } from "../support/streams.ts";

type Outcome = { events: unknown[]; error: string | undefined };

function messageOf(error: unknown): string {
  assert.ok(ProtocolError.is(error), `not a ProtocolError: ${error}`);
  return error.message;
}

function fused(chunks: Uint8Array[], onNoise: (text: string, line: number) => void = () => {}) {
  const decoder = new ThreadEventDecoder(Infinity, onNoise);
  const events: ThreadEvent[] = [];
  for (const chunk of [...chunks, null]) {
    const decoded = decoder.decode(chunk);
    events.push(...decoded.events);
    if ("error" in decoded) return { events, error: messageOf(decoded.error) };
  }
  return { events, error: undefined };
}

async function piped(chunks: Uint8Array[]): Promise<Outcome> {
  const reader = streamOf(chunks as Uint8Array<ArrayBuffer>[])
    .pipeThrough(new TextDecoderStream("utf-8", { ignoreBOM: true }))
    .pipeThrough(new JsonLinesStream())
    .pipeThrough(new ThreadEventsStream())
    .getReader();
  const { values, error } = await drain({
    next: () => reader.read() as Promise<IteratorResult<ThreadEvent, void>>,
  });
  return { events: values, error: error === undefined ? undefined : messageOf(error) };
}

describe("ThreadEventDecoder", () => {
  it("hands over all events of a chunk at once", () => {
    const decoder = new ThreadEventDecoder(Infinity, () => {});
    const first = decoder.decode(
      utf8('{"type":"turn.started"}\n{"type":"error","message":"a"}\n{'),
    );
    assert.deepEqual(first, {
      events: [{ type: "turn.started" }, { type: "error", message: "a" }],
    });
    assert.deepEqual(decoder.decode(utf8('"type":"new"}')), { events: [] });
    assert.deepEqual(decoder.decode(null), { events: [{ type: "new" }] });
  });

  it("keeps the events before an error", () => {
    const decoder = new ThreadEventDecoder(Infinity, () => {});
    const { events, error } = decoder.decode(
      utf8('{"type":"turn.started"}\n{"type":"error"}\n{"type":"turn.started"}\n'),
    );
    assert.deepEqual(events, [{ type: "turn.started" }]);
    assert.ok(ProtocolError.is(error));
    assert.equal(error.line, 2);
  });

  it("tells of the lines that are no events, with their numbers", () => {
    const noise: [number, string][] = [];
    fused(
      [utf8('\nWARN x\n{"type":"turn.started"}\n{"level":"info"}\n{"type":7}\nnull')],
      (text, line) => noise.push([line, text]),
    );
    assert.deepEqual(noise, [[2, "WARN x"], [4, '{"level":"info"}'], [5, '{"type":7}'], [
      6,
      "null",
    ]]);
  });

  it("bounds a long object that is no event", () => {
    const noise: string[] = [];
    fused([utf8(JSON.stringify({ log: "x".repeat(9000) }) + "\n")], (text) => noise.push(text));
    assert.deepEqual(noise.map((text) => text.length), [2000]);
  });

  it("survives objects nested so deeply that they cannot be written out again", () => {
    const deep = "[".repeat(20_000) + "]".repeat(20_000);
    const noise: [number, string][] = [];
    const line = `{"log":${deep}}\n{"type":"turn.started"}\n`;
    const { events, error } = fused([utf8(line)], (text, line) => noise.push([line, text]));
    assert.equal(error, undefined);
    assert.deepEqual(events, [{ type: "turn.started" }]);
    assert.deepEqual(noise.map(([line]) => line), [1]);
    // How deep a runtime can write differs.
    assert.match(noise[0]![1], /^(A deeply nested object$|\{"log":\[)/);
  });

  it("fails with a line that is too long", () => {
    const decoder = new ThreadEventDecoder(30, () => {});
    const { events, error } = decoder.decode(
      utf8(`{"type":"turn.started"}\n${"x".repeat(31)}\n`),
    );
    assert.deepEqual(events, [{ type: "turn.started" }]);
    assert.ok(ProtocolError.is(error));
  });

  it("gives what TextDecoderStream, JsonLinesStream and ThreadEventsStream give", async () => {
    await fc.assert(fc.asyncProperty(output, cuts, async (bytes, at) => {
      const whole = fused([bytes]);
      assert.deepEqual(fused(cut(bytes, at)), whole);
      const reference = await piped(cut(bytes, at));
      assert.equal(reference.error, whole.error);
      // A chain of pipes drops what is queued behind an error; what did arrive is the same.
      if (whole.error === undefined) assert.deepEqual(reference.events, whole.events);
      else assert.deepEqual(reference.events, whole.events.slice(0, reference.events.length));
    }));
  });
});

describe("ThreadEventsStream", () => {
  it("leaves out lines that are no events", async () => {
    const { events, error } = await piped([utf8('WARN\n{"a":1}\n{"type":"turn.started"}\n')]);
    assert.equal(error, undefined);
    assert.deepEqual(events, [{ type: "turn.started" }]);
  });

  it("fails on a known event in a wrong shape", async () => {
    const { error } = await piped([
      utf8('{"type":"turn.started"}\n{"type":"error","message":1}\n'),
    ]);
    assert.match(error!, /^Codex sent a "error" event in a shape .* on line 2, at "message"/);
  });
});
