import { textOfThrown } from "../callback.ts";
import { AbortError, InvalidOptionsError, SpawnError } from "../errors.ts";
import { bytesOfImage, imageType } from "../images.ts";
import type { InputImage } from "../input.ts";
import { readOutputSchema } from "../output_schema.ts";
import type { PrivateFile, Runtime } from "../runtime/types.ts";

/** The files that the arguments of a turn name, and the temporary ones among them. */
export class TurnFiles {
  readonly #runtime: Runtime;
  readonly #temporary: Promise<PrivateFile>[] = [];
  #isRemoved = false;

  /** Creates files through `runtime`. */
  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The path of a file that holds the schema; `undefined` without one. */
  async outputSchema(schema: unknown): Promise<string | undefined> {
    const object = await readOutputSchema(schema, this.#runtime);
    if (object === undefined) return undefined;
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
      const bytes = await bytesOfImage(image);
      // Codex tells the kind of an image by its contents; the ending is for people.
      const name = `image.${imageType(bytes).replace("jpeg", "jpg")}`;
      paths.push(await this.#write("codex-image-", name, bytes));
    }
    return paths;
  }

  /**
   * Removes the temporary files, also one that is just being written; from then on none is written.
   * Harmless when called again. Never rejects.
   */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    await Promise.all(this.#temporary.map((file) => file.then((file) => file.remove(), () => {})));
  }

  async #write(folder: string, name: string, contents: string | Uint8Array): Promise<string> {
    if (this.#isRemoved) throw new AbortError("The turn has ended");
    const file = this.#runtime.writePrivateFile(folder, name, contents);
    this.#temporary.push(file);
    try {
      return (await file).path;
    } catch (cause) {
      throw temporaryFileFailure(cause);
    }
  }
}

/** The error for a temporary file that could not be written; `cause` is the runtime's own. */
function temporaryFileFailure(cause: unknown): SpawnError {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  return new SpawnError(
    `Cannot start codex: a temporary file for it cannot be written: ${message ?? cause}`,
    { cause, systemCode: typeof code === "string" ? code : null },
  );
}

function stringify(schema: object): string {
  try {
    const text: string | undefined = JSON.stringify(schema);
    if (text === undefined) throw new TypeError("its toJSON() gives nothing");
    return text;
  } catch (cause) {
    const reason = textOfThrown(cause instanceof Error ? cause.message : cause);
    throw new InvalidOptionsError(`outputSchema must be a plain JSON object: ${reason}`, {
      path: "outputSchema",
      cause,
    });
  }
}
