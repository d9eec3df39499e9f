/** A JSON object, as parsed. */
export type JsonObject = { [key: string]: unknown };

/** One line of a JSONL text: a JSON object, or text that is none. */
export type JsonLine =
  | { line: number; object: JsonObject }
  | { line: number; noise: string };

/** How much of a line that is no JSON object is kept. */
const noiseLength = 2000;

/** Parses one line, its line feed removed; `null` for a blank one. Never throws. */
export function parseJsonLine(text: string, line: number): JsonLine | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { line, object: value as JsonObject };
    }
  } catch {
    // Not JSON: CLIs print warnings. `trim` also takes the CR of a CRLF and a byte order mark.
    const trimmed = text.trim();
    if (trimmed === "") return null;
    if (trimmed.length < text.length && trimmed.startsWith("{")) {
      return parseJsonLine(trimmed, line);
    }
  }
  return { line, noise: text.slice(0, noiseLength) };
}
