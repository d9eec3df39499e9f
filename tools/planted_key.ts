/** How a key may be spelled where it must not show. */
export type Spelling = "as it is" | "in pieces" | "in a URL" | "in Base64" | "in hexadecimal";

/** Where a key shows: how it is spelled, and in which line, unless it takes several. */
export type Sighting = { spelling: Spelling; line: number | null };

/** So many of its characters in a row are as good as the key. */
const most = 10;

/**
 * Where `key` shows in `text`, once for each spelling. A part of the key counts as the key, and
 * what stands between its letters does not hide it: colours, escapes, quotes, ends of lines.
 */
export function sightings(text: string, key: string): Sighting[] {
  const all = Object.entries(searches(key)) as [Spelling, (text: string) => boolean][];
  return all.filter(([, shows]) => shows(text)).map(([spelling, shows]) => {
    const line = text.split("\n").findIndex((line) => shows(line));
    return { spelling, line: line === -1 ? null : line + 1 };
  });
}

/** What to print of sightings in what `source` names; never the key itself. */
export function describeSightings(source: string, text: string, key: string): string[] {
  return sightings(text, key).map(({ spelling, line }) =>
    `The planted key shows in ${source}, ${spelling}, ${
      line === null ? "over several lines" : `line ${line}`
    }`
  );
}

function searches(key: string): Record<Spelling, (text: string) => boolean> {
  const parts = partsOf(letters(key));
  const shows = (text: string) => parts.some((part) => text.includes(part));
  const encoded = base64Of(key);
  const hex = [...new TextEncoder().encode(key)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    "as it is": (text) => text.includes(key),
    "in pieces": (text) => !text.includes(key) && shows(letters(text)),
    // Where nothing is encoded, it would only be found twice.
    "in a URL": (text) =>
      /%[0-9a-f]{2}/i.test(text) && shows(letters(decoded(text))) &&
      !shows(letters(text)),
    "in Base64": (text) => {
      const plain = text.replaceAll("-", "+").replaceAll("_", "/").replace(/[^\w+/]/g, "");
      return encoded.some((each) => plain.includes(each));
    },
    "in hexadecimal": (text) => text.replace(/[^\da-f]/gi, "").toLowerCase().includes(hex),
  };
}

function partsOf(text: string): string[] {
  if (text.length <= most) return [text];
  return Array.from({ length: text.length - most + 1 }, (_, i) => text.slice(i, i + most));
}

/** What is left of a text without what may be put between two letters. */
function letters(text: string): string {
  return text
    // deno-lint-ignore no-control-regex
    .replace(/\x1b\[[\d;]*m/g, "") // colours
    .replace(/&(?:\w+|#\d+|#x[\da-f]+);/gi, "") // quotes in XML
    .replace(/\\+(?:[nrt]|u[\da-f]{4}|x[\da-f]{2})/gi, "") // ends of lines and the like in JSON
    .replace(/[^A-Za-z0-9]/g, "");
}

function decoded(text: string): string {
  return text.replace(
    /%([0-9a-f]{2})/gi,
    (_, digits: string) => String.fromCharCode(parseInt(digits, 16)),
  );
}

/** The Base64 of a key wherever it begins, without what depends on its neighbours. */
function base64Of(key: string): string[] {
  const bytes = new TextEncoder().encode(key);
  return [0, 1, 2].map((shift) => {
    const whole = btoa(String.fromCharCode(...new Uint8Array(shift), ...bytes));
    const before = Math.ceil(shift * 8 / 6);
    return whole.slice(before, Math.floor((shift + bytes.length) * 8 / 6));
  });
}
