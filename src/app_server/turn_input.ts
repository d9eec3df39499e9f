import { bytesOfImage, imageType } from "../images.ts";
import type { Input } from "../options.ts";
import type { Parameters } from "./parameters.ts";

/** What the user says, as the app-server takes it. Images need no file here. */
export async function turnInput(input: Input): Promise<Parameters[]> {
  if (typeof input === "string") return [{ type: "text", text: input, text_elements: [] }];
  return await Promise.all(input.map(async (part) => {
    switch (part.type) {
      case "text":
        return { type: "text", text: part.text, text_elements: [] };
      case "local_image":
        return { type: "localImage", path: part.path };
      case "image":
        return { type: "image", url: dataUrl(await bytesOfImage(part.data)) };
      case "skill":
      case "mention":
        return { type: part.type, name: part.name, path: part.path };
    }
  }));
}

function dataUrl(bytes: Uint8Array): string {
  let binary = "";
  // In pieces: an argument for each byte of an image is more than a call takes.
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return `data:image/${imageType(bytes)};base64,${btoa(binary)}`;
}
