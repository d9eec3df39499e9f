import { InvalidOptionsError, SpawnError } from "../errors.ts";
import type { InputImage } from "../input.ts";
import type { Platform, PrivateFile, Runtime } from "../runtime/types.ts";
import { parseJsonc } from "../std.ts";
import { fileUrlPath } from "./paths.ts";

/** The files that the arguments of a turn name, and the temporary ones among them. */
export class TurnFiles {
  readonly #runtime: Runtime;
  readonly #temporary: PrivateFile[] = [];

  /** Creates files through `runtime`. */
  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The path of a file that holds the schema; `undefined` without one. */
  async outputSchema(schema: unknown): Promise<string | undefined> {
    if (schema === undefined) return undefined;
    const object = typeof schema === "string" || schema instanceof URL
      ? await this.#readSchema(schema)
      : schema;
    if (!isPlainObject(object)) {
      throw new InvalidOptionsError("outputSchema must be a plain JSON object", {
        path: "outputSchema",
      });
    }
    return await this.#write("codex-output-schema-", "schema.json", stringify(object));
  }

  /** The paths of the images; bytes are written to temporary files. */
  async images(images: readonly InputImage[]): Promise<string[]> {
    const paths: string[] = [];
    for (const image of images) {
      if (typeof image === "string") {
        paths.push(image);
        continue;
      }
      const bytes = await bytesOf(image);
      const name = `image.${imageExtension(bytes)}`;
      paths.push(await this.#write("codex-image-", name, bytes));
    }
    return paths;
  }

  /** Removes the temporary files; harmless when called again. Never rejects. */
  async remove(): Promise<void> {
    await Promise.all(this.#temporary.map((file) => file.remove()));
  }

  async #write(folder: string, name: string, contents: string | Uint8Array): Promise<string> {
    try {
      const file = await this.#runtime.writePrivateFile(folder, name, contents);
      this.#temporary.push(file);
      return file.path;
    } catch (cause) {
      throw temporaryFileFailure(cause);
    }
  }

  async #readSchema(location: string | URL): Promise<unknown> {
    const path = schemaPath(location, this.#runtime.platform);
    try {
      return parseJsonc(await this.#runtime.readTextFile(path));
    } catch (cause) {
      throw new InvalidOptionsError(
        `Cannot read the output schema from "${path}": ${
          cause instanceof Error ? cause.message : cause
        }`,
        { path: "outputSchema", cause },
      );
    }
  }
}

function schemaPath(location: string | URL, platform: Platform): string {
  if (typeof location === "string" && !location.startsWith("file:")) return location;
  const url = URL.canParse(location) ? new URL(location) : null;
  if (url !== null) return fileUrlPath(platform, url, "outputSchema");
  throw new InvalidOptionsError('Invalid outputSchema: expected a path or a "file:" URL', {
    path: "outputSchema",
  });
}

/** The error for a temporary file that could not be written; `cause` is the runtime's own. */
function temporaryFileFailure(cause: unknown): SpawnError {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  return new SpawnError(
    `Cannot start codex: a temporary file for it cannot be written: ${message ?? cause}`,
    { cause, systemCode: typeof code === "string" ? code : null },
  );
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function stringify(schema: object): string {
  try {
    return JSON.stringify(schema);
  } catch (cause) {
    throw new InvalidOptionsError(
      `outputSchema must be a plain JSON object: ${cause instanceof Error ? cause.message : cause}`,
      { path: "outputSchema", cause },
    );
  }
}

async function bytesOf(image: Exclude<InputImage, string>): Promise<Uint8Array> {
  if (image instanceof Uint8Array) return image;
  if (image instanceof ArrayBuffer) return new Uint8Array(image);
  try {
    return new Uint8Array(await image.arrayBuffer());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new InvalidOptionsError(`Cannot read an image of the input: ${reason}`, {
      path: "input",
      cause,
    });
  }
}

/** Codex tells the kind of an image by its contents; the ending is for people. */
function imageExtension(bytes: Uint8Array): string {
  const starts = (...prefix: number[]) => prefix.every((byte, index) => bytes[index] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47)) return "png";
  if (starts(0xff, 0xd8, 0xff)) return "jpg";
  if (starts(0x47, 0x49, 0x46, 0x38)) return "gif";
  if (starts(0x52, 0x49, 0x46, 0x46)) return "webp";
  return "png";
}
