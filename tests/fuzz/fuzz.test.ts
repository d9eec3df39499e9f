import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { check } from "../../tools/fuzz/check.ts";
import { fuzzInput } from "../../tools/fuzz/input.ts";
import { decoded, type Outcome, piped } from "../../tools/fuzz/outcome.ts";
import { isSame } from "../../tools/fuzz/same.ts";

const corpus = new URL("corpus/", import.meta.url);
const names = readdirSync(corpus)
  .filter((name) => name.endsWith(".bin"))
  .map((name) => name.slice(0, -".bin".length));

/** What JSON has no words for, or its formatter. */
const wordless: Map<unknown, unknown> = new Map<unknown, unknown>([
  ["<Infinity>", Infinity],
  ["<-0>", -0],
  ["<U+D83D>", "\ud83d"],
]);

/** What has to become of an input. */
function expectation(name: string): Outcome & { why: string } {
  return JSON.parse(
    readFileSync(new URL(`${name}.json`, corpus), "utf8"),
    (_, value) => wordless.has(value) ? wordless.get(value) : value,
  );
}

describe("The decoder of codex's output", () => {
  for (const name of names) {
    const { why, events, noise, error } = expectation(name);
    const bytes = new Uint8Array(readFileSync(new URL(`${name}.bin`, corpus)));
    const everyByte = Array.from(bytes, (byte) => Uint8Array.of(byte));

    it(`keeps to ${name}: ${why}`, async () => {
      for (const chunks of [[bytes], everyByte]) {
        const outcome = decoded(chunks);
        assert.ok(isSame(outcome, { events, noise, error }), JSON.stringify(outcome));
        const reference = await piped(chunks);
        assert.equal(reference.error, error);
        // A chain of pipes drops what is queued behind an error; what did arrive is the same.
        const arrived = error === null ? events : events.slice(0, reference.events.length);
        assert.ok(isSame(reference.events, arrived), JSON.stringify(reference));
      }
    });
  }

  it("does with 500 damaged outputs what the streams and a plain model do", async () => {
    for (let index = 0; index < 500; index++) {
      await check(fuzzInput(1, index), index % 8 === 0).catch((cause) => {
        throw new Error(`deno task fuzz --seed 1 --first ${index} --runs 1`, { cause });
      });
    }
  });
});
