import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ProtocolError } from "../../src/errors.ts";
import type { JsonLine } from "../../src/streams/json_line.ts";
import { JsonLinesDecoder } from "../../src/streams/json_lines_decoder.ts";
import { JsonLinesStream } from "../../src/streams/json_lines_stream.ts";
import { concat, cut, cuts, output, utf8 } from "../support/arbitraries.ts";
import { collect, streamOf } from "../support/streams.ts";

function streamed(texts: string[], maxLineLength?: number): Promise<JsonLine[]> {
  return collect(streamOf(texts).pipeThrough(new JsonLinesStream(maxLineLength)));
}

function decoded(chunks: Uint8Array[], maxLineBytes?: number): JsonLine[] {
  const decoder = new JsonLinesDecoder(maxLineBytes);
  const lines: JsonLine[] = [];
  for (const chunk of chunks) decoder.decode(chunk, (line) => lines.push(line));
  decoder.flush((line) => lines.push(line));
  return lines;
}

// The two do the same; each sentence holds for both.
const readers: { name: string; read: (texts: string[], limit?: number) => Promise<JsonLine[]> }[] =
  [
    { name: "JsonLinesStream", read: streamed },
    {
      name: "JsonLinesDecoder",
      read: (texts, limit) =>
        new Promise((resolve) => resolve(decoded(texts.map((text) => utf8(text)), limit))),
    },
  ];

for (const { name, read } of readers) {
  describe(name, () => {
    it("parses each line and counts it", async () => {
      assert.deepEqual(await read(['{"a":1}\n{"b":2}\n']), [
        { line: 1, object: { a: 1 } },
        { line: 2, object: { b: 2 } },
      ]);
    });

    it("joins a line that comes in pieces", async () => {
      assert.deepEqual(await read(['{"a"', ":", '"x"}', '\n{"b":2', "}\n"]), [
        { line: 1, object: { a: "x" } },
        { line: 2, object: { b: 2 } },
      ]);
    });

    it("takes a last line without a line feed", async () => {
      assert.deepEqual(await read(['{"a":1}\n{"b":2}']), [
        { line: 1, object: { a: 1 } },
        { line: 2, object: { b: 2 } },
      ]);
    });

    it("gives nothing for nothing", async () => {
      assert.deepEqual(await read([]), []);
      assert.deepEqual(await read(["", ""]), []);
    });

    it("takes CRLF", async () => {
      assert.deepEqual(await read(['{"a":1}\r', "\n\r\n"]), [{ line: 1, object: { a: 1 } }]);
    });

    it("counts blank lines and leaves them out", async () => {
      assert.deepEqual(await read(['\n \n\t\r\n{"a":1}\n\n']), [{ line: 4, object: { a: 1 } }]);
    });

    it("does not split at U+2028, U+2029, U+0085, vertical tab and form feed", async () => {
      const text = "a\u2028b\u2029c\u0085d";
      assert.deepEqual(await read([JSON.stringify({ text }) + "\n"]), [
        { line: 1, object: { text } },
      ]);
      assert.deepEqual(await read(["a\vb\fc\n"]), [{ line: 1, noise: "a\vb\fc" }]);
    });

    it("parses a line behind a byte order mark", async () => {
      assert.deepEqual(await read(['\uFEFF{"a":1}\n']), [{ line: 1, object: { a: 1 } }]);
      assert.deepEqual(await read(['{"a":1}\n\uFEFF{"b":2}\r\n']), [
        { line: 1, object: { a: 1 } },
        { line: 2, object: { b: 2 } },
      ]);
    });

    it("hands over as noise what is no JSON object", async () => {
      const texts = ["WARN x", "null", "[1]", "1", '"s"', "true", '{"a":1} x', "{", "\0"];
      assert.deepEqual(
        await read([texts.join("\n")]),
        texts.map((noise, i) => ({ line: i + 1, noise })),
      );
    });

    it("hands over noise as it stands, with the white space around it", async () => {
      assert.deepEqual(await read(["\uFEFF WARN \n\tWARN\r\n"]), [
        { line: 1, noise: "\uFEFF WARN " },
        { line: 2, noise: "\tWARN\r" },
      ]);
    });

    it("keeps the first 2,000 characters of noise", async () => {
      const [line] = await read(["x".repeat(5000)]);
      assert.deepEqual(line, { line: 1, noise: "x".repeat(2000) });
    });

    it("keeps members named like those every object has", async () => {
      const [line] = await read(['{"__proto__":1,"constructor":2}\n']);
      assert.ok(line !== undefined && "object" in line);
      assert.deepEqual(Object.entries(line.object), [["__proto__", 1], ["constructor", 2]]);
    });

    it("takes a line as long as the limit", async () => {
      assert.deepEqual(await read(['{"a":1}\n{"b":2}\n'], 7), [
        { line: 1, object: { a: 1 } },
        { line: 2, object: { b: 2 } },
      ]);
    });

    it("takes a line as long as the limit that comes in pieces", async () => {
      assert.deepEqual(await read(['{"a":1}', '\n{"b"', ":2}"], 7), [
        { line: 1, object: { a: 1 } },
        { line: 2, object: { b: 2 } },
      ]);
    });

    for (
      const [what, texts] of Object.entries({
        "that ends": ['{"a":1}\n{"b":22}\n'],
        "that does not end": ['{"a":1}\n{"b"', ":222"],
        "in pieces": ['{"a":1}\n{"b"', ":22", "}\n"],
      })
    ) {
      it(`refuses a line ${what} beyond the limit, naming it`, async () => {
        await assert.rejects(read(texts, 7), (error) => {
          assert.ok(ProtocolError.is(error));
          assert.equal(error.line, 2);
          assert.match(error.message, /longer than 7 bytes on line 2: raise "maxLineBytes"/);
          return true;
        });
      });
    }
  });
}

describe("JsonLinesStream", () => {
  it("refuses a line beyond the limit without waiting for its end", async () => {
    const { writable, readable } = new JsonLinesStream(7);
    const writer = writable.getWriter();
    const refused = assert.rejects(readable.getReader().read(), ProtocolError);
    await assert.rejects(writer.write('{"a":"xyz'), ProtocolError);
    await refused;
    await assert.rejects(writer.closed, ProtocolError);
  });
});

describe("JsonLinesDecoder", () => {
  it("joins a character split across chunks", () => {
    const bytes = utf8('{"a":"€😀"}\n');
    assert.deepEqual(decoded([...bytes].map((byte) => new Uint8Array([byte]))), [
      { line: 1, object: { a: "€😀" } },
    ]);
  });

  it("does not hold on to bytes that the source writes over", () => {
    const decoder = new JsonLinesDecoder();
    const lines: JsonLine[] = [];
    const chunk = utf8('{"a":1}\n');
    decoder.decode(chunk, (line) => lines.push(line));
    chunk.fill(0);
    decoder.flush((line) => lines.push(line));
    assert.deepEqual(lines, [{ line: 1, object: { a: 1 } }]);
  });

  it("copies a few bytes that lie in a large buffer, rather than keep all of it", () => {
    const decoder = new JsonLinesDecoder();
    const lines: JsonLine[] = [];
    const buffer = new Uint8Array(1024);
    const piece = utf8('{"a":');
    buffer.set(piece);
    decoder.decode(buffer.subarray(0, piece.length), (line) => lines.push(line));
    buffer.fill(0);
    decoder.decode(utf8("1}\n"), (line) => lines.push(line));
    assert.deepEqual(lines, [{ line: 1, object: { a: 1 } }]);
  });

  it("emits the lines before one that is too long, then throws", () => {
    const decoder = new JsonLinesDecoder(10);
    const lines: JsonLine[] = [];
    const emit = (line: JsonLine) => lines.push(line);
    assert.throws(
      () => decoder.decode(utf8('{"a":1}\n{"b":2}\n' + "x".repeat(11)), emit),
      ProtocolError,
    );
    assert.deepEqual(lines, [{ line: 1, object: { a: 1 } }, { line: 2, object: { b: 2 } }]);
  });

  it("gives the same lines wherever the bytes are cut", () => {
    fc.assert(fc.property(output, cuts, (bytes, at) => {
      assert.deepEqual(decoded(cut(bytes, at)), decoded([bytes]));
    }));
  });

  it("refuses a line that is too long wherever the bytes are cut", () => {
    fc.assert(fc.property(output, cuts, fc.integer({ min: 1, max: 200 }), (bytes, at, limit) => {
      const outcome = (chunks: Uint8Array[]) => {
        const lines: JsonLine[] = [];
        const decoder = new JsonLinesDecoder(limit);
        try {
          for (const chunk of chunks) decoder.decode(chunk, (line) => lines.push(line));
          decoder.flush((line) => lines.push(line));
          return { lines };
        } catch (error) {
          assert.ok(ProtocolError.is(error));
          return { lines, tooLong: error.line };
        }
      };
      assert.deepEqual(outcome(cut(bytes, at)), outcome([bytes]));
    }));
  });

  it("parses what was serialised, whatever it is", () => {
    fc.assert(fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), cuts, (all, at) => {
      const objects = all.map((each) => JSON.parse(JSON.stringify(each)));
      const bytes = concat(objects.map((each) => utf8(JSON.stringify(each) + "\n")));
      assert.deepEqual(
        decoded(cut(bytes, at)),
        objects.map((object, i) => ({ line: i + 1, object })),
      );
    }));
  });
});
