import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { codexBinary, type FreshHome } from "../../tests/support/real_codex.ts";

/**
 * The schema of the installed codex, with all that is experimental, and the version of it.
 * `folder` is for the files that codex writes.
 */
export async function readSchema(
  folder: string,
  { home, codexHome }: FreshHome,
): Promise<{ schema: unknown; version: string }> {
  const codex = async (...args: string[]): Promise<string> => {
    const env = { HOME: home, CODEX_HOME: codexHome };
    return (await promisify(execFile)(codexBinary(), args, { env })).stdout;
  };
  const version = /\d+\.\d+\.\S+/.exec(await codex("--version"))?.[0];
  if (version === undefined) throw new Error("Cannot read the version of codex");
  await codex("app-server", "generate-json-schema", "--experimental", "--out", folder);
  // The other files hold parts of this one.
  const file = join(folder, "codex_app_server_protocol.schemas.json");
  return { schema: JSON.parse(await readFile(file, "utf8")), version };
}
