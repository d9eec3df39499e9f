/**
 * Writes the types of the protocol of `codex app-server` in the version that is installed.
 *
 *     deno task protocol
 */
import { freshHome, scratchFolder } from "../../tests/support/real_codex.ts";
import { generate } from "./generate.ts";
import { readSchema } from "./read_schema.ts";

const out = new URL("../../src/app_server/protocol/", import.meta.url);
const home = await freshHome();
const folder = await scratchFolder("schema-");
try {
  const { schema, version } = await readSchema(folder.path, home);
  const { files, methods, withoutResult, unusedResults } = generate(schema, version);
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(new URL(name, out), text);
  }
  for (const [map, list] of Object.entries(methods)) console.log(`${map}: ${list.length}`);
  if (withoutResult.length > 0) console.log(`Results not known: ${withoutResult.join(", ")}`);
  if (unusedResults.length > 0) console.log(`Results not used: ${unusedResults.join(", ")}`);
} finally {
  await folder.remove();
  await home.remove();
}
