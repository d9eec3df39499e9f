import { type JsonLine, parseJsonLine } from "./json_line.ts";
import { lineTooLong } from "./json_lines_stream.ts";

const lineFeed = 10;

/**
 * Does what `TextDecoderStream` and {@linkcode JsonLinesStream} do, in one step and without a
 * stream in between: bytes in, lines out, all lines of a chunk at once.
 */
export class JsonLinesDecoder {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #maxLineBytes: number;
  /** The pieces of the line that has not ended yet, joined only once it has. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #line = 0;

  /** A line of more than `maxLineBytes` bytes is an error. */
  constructor(maxLineBytes: number = Infinity) {
    this.#maxLineBytes = maxLineBytes;
  }

  /**
   * Calls `emit` for every line that ends in `chunk`, in order.
   * Throws `ProtocolError` for a line that is too long, after the lines before it.
   */
  decode(chunk: Uint8Array, emit: (line: JsonLine) => void): void {
    const last = chunk.lastIndexOf(lineFeed);
    if (last === -1) return this.#keep(chunk);
    // A chunk within the limit can only exceed it together with the pieces before it.
    if (this.#pieceBytes + chunk.length > this.#maxLineBytes) {
      return this.#decodeLineByLine(chunk, last, emit);
    }
    this.#emitLines(this.#take(chunk.subarray(0, last)), emit);
    this.#keep(chunk.subarray(last + 1));
  }

  /** Calls `emit` for a last line that lacks its line feed. */
  flush(emit: (line: JsonLine) => void): void {
    if (this.#pieceBytes > 0) this.#emitLines(this.#take(new Uint8Array(0)), emit);
  }

  #decodeLineByLine(chunk: Uint8Array, last: number, emit: (line: JsonLine) => void): void {
    let start = 0;
    while (start <= last) {
      const end = chunk.indexOf(lineFeed, start);
      if (this.#pieceBytes + end - start > this.#maxLineBytes) throw this.#tooLong();
      this.#emitLines(this.#take(chunk.subarray(start, end)), emit);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  #emitLines(text: string, emit: (line: JsonLine) => void): void {
    let start = 0;
    for (;;) {
      const end = text.indexOf("\n", start);
      const line = parseJsonLine(
        end === -1 ? text.slice(start) : text.slice(start, end),
        ++this.#line,
      );
      if (line !== null) emit(line);
      if (end === -1) return;
      start = end + 1;
    }
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    // A few bytes may lie in a large buffer, which a view would keep.
    this.#pieces.push(bytes.length * 2 < bytes.buffer.byteLength ? bytes.slice() : bytes);
    this.#pieceBytes += bytes.length;
    if (this.#pieceBytes > this.#maxLineBytes) throw this.#tooLong();
  }

  #take(bytes: Uint8Array): string {
    if (this.#pieceBytes === 0) return this.#decoder.decode(bytes);
    const joined = new Uint8Array(this.#pieceBytes + bytes.length);
    let offset = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, offset);
      offset += piece.length;
    }
    joined.set(bytes, offset);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return this.#decoder.decode(joined);
  }

  #tooLong(): Error {
    this.#pieces = [];
    this.#pieceBytes = 0;
    return lineTooLong(this.#line + 1, this.#maxLineBytes);
  }
}
