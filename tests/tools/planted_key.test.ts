import fc from "fast-check";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { describeSightings, sightings, type Spelling } from "../../tools/planted_key.ts";

// Another one than that of the tests: what a failing test prints of it does not matter.
const key = 'other/Mw8dQz3x+Vt5kHy7="Bn2rJf6s"\\4pGc9';
const half = Math.floor(key.length / 2);

function spellings(text: string): Spelling[] {
  return sightings(text, key).map(({ spelling }) => spelling);
}

describe("sightings()", () => {
  it("finds a key as it is, and says where", () => {
    assert.deepEqual(sightings(`one\ntwo ${key}, three`, key), [{
      spelling: "as it is",
      line: 2,
    }]);
  });

  const inPieces: [string, string][] = [
    ["in JSON", JSON.stringify({ key })],
    ["in JSON in JSON", JSON.stringify(JSON.stringify({ key }))],
    ["in XML", key.replaceAll('"', "&quot;")],
    ["with colours", `\x1b[31m${key.slice(0, half)}\x1b[0m\x1b[32m${key.slice(half)}`],
    ["as two strings", `'${key.slice(0, half)}' +\n  '${key.slice(half)}'`],
    ["as two strings that are inspected", inspect([key.slice(0, half), key.slice(half)])],
    ["over two lines", `${key.slice(0, half)}\r\n${key.slice(half)}`],
    ["over two lines in JSON", JSON.stringify(`${key.slice(0, half)}\n${key.slice(half)}`)],
    ["letter by letter", [...key].join(" ")],
    ["by its beginning", key.slice(0, half)],
    ["by its end", key.slice(half)],
  ];
  for (const [title, text] of inPieces) {
    it(`finds a key ${title}`, () => {
      assert.deepEqual(spellings(`before ${text} after`), ["in pieces"]);
    });
  }

  it("finds a key in a URL", () => {
    const encoded = encodeURIComponent(key);
    assert.notEqual(encoded, key);
    for (const each of [encoded, lowerEscapes(encoded)]) {
      assert.deepEqual(spellings(`http://localhost/?key=${each}&x=1`), ["in a URL"]);
    }
  });

  it("finds a key in Base64, wherever it begins", () => {
    for (const before of ["", "u:", "user", "Bearer "]) {
      const text = Buffer.from(`${before}${key}, and more`);
      assert.deepEqual(spellings(text.toString("base64")), ["in Base64"]);
      assert.deepEqual(spellings(`"${text.toString("base64url")}"`), ["in Base64"]);
      const lines = text.toString("base64").replace(/.{16}/g, "$&\n");
      assert.deepEqual(sightings(lines, key), [{ spelling: "in Base64", line: null }]);
    }
  });

  it("finds a key in hexadecimal", () => {
    const hex = Buffer.from(key).toString("hex");
    assert.deepEqual(spellings(hex), ["in hexadecimal"]);
    assert.deepEqual(spellings(hex.toUpperCase().replace(/../g, "$& ")), ["in hexadecimal"]);
    assert.deepEqual(spellings(inspect(Buffer.from(key))), ["in hexadecimal"]);
  });

  it("names the plainest spelling of letters, and others besides", () => {
    const text = [key, encodeURIComponent(key), btoa(key)].join("\n");
    assert.deepEqual(sightings(text, key).map(({ spelling }) => spelling), [
      "as it is",
      "in Base64",
    ]);
  });

  it("finds any key anywhere", () => {
    const anyKey = fc.string({
      unit: fc.constantFrom(..."ABCXYZabcxyz0189/+=\"'<&%.-"),
      minLength: 24,
      maxLength: 40,
    }).filter((key) => key.replace(/[^A-Za-z0-9]/g, "").length >= 12 && !/%|&/.test(key));
    fc.assert(fc.property(anyKey, fc.string(), fc.string(), (key, before, after) => {
      const inside = `${before} ${key} ${after}`;
      for (const text of [inside, JSON.stringify(inside), inspect(inside), encodeURI(key)]) {
        assert.notDeepEqual(sightings(text, key), []);
      }
      const encoded = Buffer.from(inside).toString("base64");
      assert.ok(sightings(encoded, key).some(({ spelling }) => spelling === "in Base64"));
    }));
  });

  it("finds nothing where there is nothing", () => {
    assert.deepEqual(spellings(""), []);
    assert.deepEqual(spellings(`other [redacted] ${key.slice(0, 8)} ${key.slice(-8)}`), []);
    fc.assert(fc.property(fc.string(), (text) => {
      assert.deepEqual(spellings(text), []);
    }));
  });
});

describe("describeSightings()", () => {
  it("says where the key shows, without showing it", () => {
    const text = `${key}\n${[...key].join("\n")}`;
    const lines = describeSightings("the output on Deno", `ok\n${text}`, key);
    assert.deepEqual(lines, ["The planted key shows in the output on Deno, as it is, line 2"]);
    assert.deepEqual(describeSightings("a report", [...key].join("\n"), key), [
      "The planted key shows in a report, in pieces, over several lines",
    ]);
    assert.deepEqual(describeSightings("a report", "ok", key), []);
  });
});

/** `%2F` as `%2f`. */
function lowerEscapes(text: string): string {
  return text.replace(/%../g, (escape) => escape.toLowerCase());
}
