/**
 * The one door to `@std`. Everything from the Deno standard library comes through here, with
 * explicit types, because the development manifest maps `deno-std/` to a plain JavaScript build
 * while the published manifest maps it to `jsr:@std/*`.
 *
 * @module
 */

// deno-lint-ignore-file no-explicit-any
import { parse as parseJsoncImpl } from "deno-std/jsonc/parse.js";
import { toText as toTextImpl } from "deno-std/streams/to_text.js";
import { closestString as closestStringImpl } from "deno-std/text/closest_string.js";

/** A JSON value. */
export type JsonValue = string | number | boolean | null | JsonValue[] | {
  [key: string]: JsonValue | undefined;
};

/** Parses JSON with comments; throws `SyntaxError` on anything else. */
export const parseJsonc: (text: string) => JsonValue = parseJsoncImpl as any;

/** Reads a stream of UTF-8 to its end. */
export const toText: (stream: ReadableStream<Uint8Array>) => Promise<string> = toTextImpl as any;

/** The candidate that is most like `word`. */
export const closestString: (word: string, candidates: readonly string[]) => string =
  closestStringImpl as any;
