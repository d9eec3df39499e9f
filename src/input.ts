import { UnsupportedError } from "./errors.ts";
import type { Input } from "./options.ts";

/** An image of the input: a file, or bytes that still need one. */
export type InputImage = string | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob;

/** Input as codex takes it: one text, and images in their order. */
export type NormalizedInput = { prompt: string; images: InputImage[] };

/** Joins the texts of an input by blank lines and gathers its images. */
export function normalizeInput(input: Input): NormalizedInput {
  if (typeof input === "string") return { prompt: input, images: [] };
  const texts: string[] = [];
  const images: InputImage[] = [];
  for (const part of input) {
    if (part.type === "text") texts.push(part.text);
    else if (part.type === "skill" || part.type === "mention") {
      throw new UnsupportedError(
        `Cannot pass a ${part.type} on the "exec" lane: make the Codex with ` +
          "{ transport: appServer() }, from @codex/sdk/app-server",
      );
    } else images.push(part.type === "local_image" ? part.path : part.data);
  }
  return { prompt: texts.join("\n\n"), images };
}
