import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { pathToFileURL } from "node:url";
import { InvalidOptionsError } from "../../mod.ts";
import { message, type ModelRequest, repeat } from "../../src/testing/mod.ts";
import { type OwnTempFolder, ownTempFolder } from "../support/files.ts";
import { Workbench } from "../support/workbench.ts";

const schema = {
  type: "object",
  properties: { ok: { type: "boolean" }, note: { type: "string", description: "“Why”" } },
  required: ["ok", "note"],
  additionalProperties: false,
};
const answer = message('{"ok":true,"note":"fine"}');

/** The schema that the model is held to. */
function schemaOf({ body }: ModelRequest): unknown {
  const { format } = body.text as { format: { type: string; schema: unknown } };
  assert.equal(format.type, "json_schema");
  return format.schema;
}

describe("outputSchema on the real codex", () => {
  const bench = new Workbench();
  let temp: OwnTempFolder;
  before(() => temp = ownTempFolder());
  after(() => temp.remove());

  bench.it("holds the model to an object", [answer], async ({ model, startThread }) => {
    const { finalResponse } = await startThread().run("Well?", { outputSchema: schema });
    assert.deepEqual(schemaOf(model.requests[0]!), schema);
    assert.deepEqual(JSON.parse(finalResponse), { ok: true, note: "fine" });
    assert.deepEqual(temp.entries(), []);
  });

  bench.it("holds for its turn only", [
    answer,
    message("ok"),
  ], async ({ model, startThread }) => {
    const thread = startThread();
    await thread.run("Well?", { outputSchema: schema });
    await thread.run("And?");
    assert.deepEqual(schemaOf(model.requests[0]!), schema);
    assert.equal((model.requests[1]!.body.text as { format?: unknown })?.format, undefined);
  });

  bench.it("is read from a file, given as path or URL, with comments or without", [
    repeat(answer),
  ], async ({ model, startThread, directory }) => {
    const path = join(directory, "with space.json");
    const commented = join(directory, "schema.jsonc");
    await writeFile(path, JSON.stringify(schema));
    await writeFile(
      commented,
      `// The answer\n${JSON.stringify(schema).replace(/}$/, ", /* */ }")}`,
    );
    const files = [path, pathToFileURL(path), pathToFileURL(path).href, commented];
    const thread = startThread();
    for (const outputSchema of files) await thread.run("Well?", { outputSchema });
    assert.deepEqual(model.requests.map(schemaOf), files.map(() => schema));
    assert.deepEqual(temp.entries(), []);
  });

  bench.it("rejects before anything is started when the file cannot be read", [], async (stage) => {
    const before = await readdir(stage.codexHome);
    const outputSchema = join(stage.directory, "missing.json");
    const error = await stage.startThread().run("Well?", { outputSchema }).catch((error) => error);
    assert.ok(InvalidOptionsError.is(error));
    assert.equal(error.path, "outputSchema");
    assert.match(error.message, /Cannot read the output schema from ".*missing\.json"/);
    assert.deepEqual(await readdir(stage.codexHome), before);
  });

  bench.it("is gone from the disk when the turn failed", [], async ({ startThread, directory }) => {
    const thread = startThread({ workingDirectory: join(directory, "missing") });
    await assert.rejects(thread.run("Well?", { outputSchema: schema }));
    assert.deepEqual(temp.entries(), []);
  });
});
