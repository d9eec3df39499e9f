import { InvalidOptionsError } from "./errors.ts";
import { fileUrlPath } from "./exec/paths.ts";
import type { Platform, Runtime } from "./runtime/types.ts";
import { parseJsonc } from "./std.ts";

/**
 * The JSON Schema of an answer, read from its file where it is given as one; `undefined` without
 * one. Throws `InvalidOptionsError`.
 */
export async function readOutputSchema(
  schema: unknown,
  runtime: Pick<Runtime, "platform" | "readTextFile">,
): Promise<object | undefined> {
  if (schema === undefined) return undefined;
  const object = typeof schema === "string" || schema instanceof URL
    ? await readSchema(schema, runtime)
    : schema;
  if (isPlainObject(object)) return object;
  throw new InvalidOptionsError("outputSchema must be a plain JSON object", {
    path: "outputSchema",
  });
}

async function readSchema(
  location: string | URL,
  runtime: Pick<Runtime, "platform" | "readTextFile">,
): Promise<unknown> {
  const path = schemaPath(location, runtime.platform);
  try {
    return parseJsonc(await runtime.readTextFile(path));
  } catch (cause) {
    throw new InvalidOptionsError(
      `Cannot read the output schema from "${path}": ${
        cause instanceof Error ? cause.message : cause
      }`,
      { path: "outputSchema", cause },
    );
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

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
