import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { normalizeInput } from "../src/input.ts";
import type { UserInput } from "../src/options.ts";

describe("normalizeInput()", () => {
  it("takes a text as it is", () => {
    for (const text of ["", "a", " a\n", "\u2028\0"]) {
      assert.deepEqual(normalizeInput(text), { prompt: text, images: [] });
    }
  });

  it("joins texts by a blank line and gathers images in their order", () => {
    const bytes = new Uint8Array([1]);
    const { prompt, images } = normalizeInput([
      { type: "local_image", path: "a.png" },
      { type: "text", text: "one" },
      { type: "image", data: bytes },
      { type: "text", text: "two" },
      { type: "local_image", path: "b.png" },
    ]);
    assert.equal(prompt, "one\n\ntwo");
    assert.deepEqual(images, ["a.png", bytes, "b.png"]);
    assert.equal(images[1], bytes);
  });

  it("has an empty prompt without texts", () => {
    assert.deepEqual(normalizeInput([]), { prompt: "", images: [] });
    assert.deepEqual(normalizeInput([{ type: "local_image", path: "a" }]), {
      prompt: "",
      images: ["a"],
    });
  });

  it("keeps every text and image, and leaves the input alone", () => {
    const plain = { noNullPrototype: true };
    const part = fc.oneof(
      fc.record({ type: fc.constant("text" as const), text: fc.string() }, plain),
      fc.record({ type: fc.constant("local_image" as const), path: fc.string() }, plain),
    );
    fc.assert(fc.property(fc.array(part), (parts) => {
      const before = structuredClone(parts);
      const { prompt, images } = normalizeInput(parts as UserInput[]);
      assert.deepEqual(parts, before);
      const texts = parts.flatMap((each) => each.type === "text" ? [each.text] : []);
      assert.equal(prompt, texts.join("\n\n"));
      assert.deepEqual(
        images,
        parts.flatMap((each) => each.type === "local_image" ? [each.path] : []),
      );
    }));
  });
});
