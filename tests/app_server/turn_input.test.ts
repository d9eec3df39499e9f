import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { turnInput } from "../../src/app_server/turn_input.ts";
import { InvalidOptionsError } from "../../src/errors.ts";

const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

describe("turnInput()", () => {
  it("makes a text of a string", async () => {
    assert.deepEqual(await turnInput("Hello"), [
      { type: "text", text: "Hello", text_elements: [] },
    ]);
  });

  it("keeps the pieces apart and in order", async () => {
    assert.deepEqual(
      await turnInput([
        { type: "text", text: "a" },
        { type: "local_image", path: "/tmp/a.png" },
        { type: "text", text: "b" },
        { type: "skill", name: "deploy", path: "/s/SKILL.md" },
        { type: "mention", name: "main.rs", path: "/w/main.rs" },
      ]),
      [
        { type: "text", text: "a", text_elements: [] },
        { type: "localImage", path: "/tmp/a.png" },
        { type: "text", text: "b", text_elements: [] },
        { type: "skill", name: "deploy", path: "/s/SKILL.md" },
        { type: "mention", name: "main.rs", path: "/w/main.rs" },
      ],
    );
  });

  it("hands images over in the message, whatever holds them", async () => {
    const url = "data:image/png;base64,iVBORwECAw==";
    for (const data of [png, png.buffer.slice(0), new Blob([png])]) {
      assert.deepEqual(await turnInput([{ type: "image", data }]), [{ type: "image", url }]);
    }
  });

  it("names the kind of an image by its bytes", async () => {
    const kinds: [number[], string][] = [
      [[0xff, 0xd8, 0xff], "jpeg"],
      [[0x47, 0x49, 0x46, 0x38], "gif"],
      [[0x52, 0x49, 0x46, 0x46], "webp"],
      [[1, 2, 3], "png"],
    ];
    for (const [bytes, kind] of kinds) {
      const [image] = await turnInput([{ type: "image", data: new Uint8Array(bytes) }]);
      assert.ok(`${image!.url}`.startsWith(`data:image/${kind};base64,`), `${image!.url}`);
    }
  });

  it("takes an image of a megabyte, byte for byte", async () => {
    const data = new Uint8Array(1024 * 1024 + 1).map((_, index) => index * 7);
    const [image] = await turnInput([{ type: "image", data }]);
    const text = atob(`${image!.url}`.split(",")[1]!);
    assert.equal(text.length, data.length);
    for (let i = 0; i < data.length; i += 997) assert.equal(text.charCodeAt(i), data[i]);
  });

  it("rejects for a Blob that cannot be read", async () => {
    const blob = new Blob([]);
    blob.arrayBuffer = () => Promise.reject(new Error("gone"));
    await assert.rejects(turnInput([{ type: "image", data: blob }]), (error) => {
      assert.ok(InvalidOptionsError.is(error));
      assert.match(error.message, /^Cannot read an image of the input: gone$/);
      return true;
    });
  });

  it("gives nothing for nothing", async () => {
    assert.deepEqual(await turnInput([]), []);
  });
});
