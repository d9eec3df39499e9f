/**
 * The one door to `@std`. Everything from the Deno standard library comes through here, with
 * explicit types, because the development manifest maps `deno-std/` to a plain JavaScript build
 * while the published manifest maps it to `jsr:@std/*`.
 *
 * @module
 */

// deno-lint-ignore-file no-explicit-any
import { parse as parseJsoncImpl } from "deno-std/jsonc/mod.js";
import { TextLineStream as TextLineStreamImpl } from "deno-std/streams/text_line_stream.js";

/** A JSON value. */
export type JsonValue = string | number | boolean | null | JsonValue[] | {
  [key: string]: JsonValue | undefined;
};

/** Parses JSON with comments; throws `SyntaxError` on anything else. */
export const parseJsonc: (text: string) => JsonValue = parseJsoncImpl as any;

/** Splits text into lines on LF or CRLF. Meant for human text such as stderr, not for JSONL. */
export const TextLineStream: new () => TransformStream<string, string> = TextLineStreamImpl as any;
