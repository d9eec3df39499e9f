import { textOfThrown } from "./callback.ts";
import { InvalidOptionsError } from "./errors.ts";

/** The bytes of an image. Throws `InvalidOptionsError` for a Blob that cannot be read. */
export async function bytesOfImage(image: Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  if (image instanceof Uint8Array) return image;
  try {
    // The buffer may have been given away, to a worker say.
    return new Uint8Array(image instanceof ArrayBuffer ? image : await image.arrayBuffer());
  } catch (cause) {
    const reason = textOfThrown(cause instanceof Error ? cause.message : cause);
    throw new InvalidOptionsError(`Cannot read an image of the input: ${reason}`, {
      path: "input",
      cause,
    });
  }
}

/** The type of an image by its contents, as in `image/png`; PNG when it is none that is known. */
export function imageType(bytes: Uint8Array): "png" | "jpeg" | "gif" | "webp" {
  const starts = (...prefix: number[]) => prefix.every((byte, index) => bytes[index] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47)) return "png";
  if (starts(0xff, 0xd8, 0xff)) return "jpeg";
  if (starts(0x47, 0x49, 0x46, 0x38)) return "gif";
  if (starts(0x52, 0x49, 0x46, 0x46)) return "webp";
  return "png";
}
