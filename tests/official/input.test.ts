import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Input } from "../../mod.ts";
import { flags, observeRun } from "./observe.ts";

describe("The input, as with the official SDK:", () => {
  const said = async (input: Input) => {
    const { starts, error } = await observeRun({ input });
    if (starts.length !== 1) throw error;
    assert.equal(starts[0]!.stdinEnded, true);
    return starts[0]!.stdin;
  };

  it("a string reaches stdin as it is, with no line end added, and stdin is closed", async () => {
    for (const text of ["Hello", "--help", "line\r\nline\n", " Grüße 👋\t\u2028 ", "$(id) `id`"]) {
      assert.equal(await said(text), text);
    }
  });

  it("texts are joined by a blank line", async () => {
    assert.equal(
      await said([
        { type: "text", text: "Describe file changes" },
        { type: "text", text: "" },
        { type: "text", text: "Focus on impacted tests\n" },
      ]),
      "Describe file changes\n\n\n\nFocus on impacted tests\n",
    );
  });

  it("images become flags in their order, wherever they stand", async () => {
    const observed = await observeRun({
      input: [
        { type: "local_image", path: "a.png" },
        { type: "text", text: "Compare" },
        { type: "local_image", path: "./b c.png" },
        { type: "text", text: "these" },
        { type: "local_image", path: "/d.webp" },
      ],
    });
    assert.deepEqual(flags(observed), [
      ...["--image", "a.png"],
      ...["--image", "./b c.png"],
      ...["--image", "/d.webp"],
    ]);
    assert.equal(observed.starts[0]?.stdin, "Compare\n\nthese");
  });

  it("a text of a mebibyte arrives whole", async () => {
    const text = "0123456789abcdeé".repeat(65_536);
    assert.equal(await said(text) === text, true);
  });
});
