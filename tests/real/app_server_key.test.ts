import assert from "node:assert/strict";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe } from "node:test";
import { Account } from "../../src/app_server/mod.ts";
import { expecting, httpError, message, shell, toolOutputs, turn } from "../../src/testing/mod.ts";
import { ServerBench } from "../support/app_server.ts";
import { plantedKey } from "../support/planted_key.ts";

/** Whether a text holds the key, as it is or within JSON. */
function hasKey(text: string): boolean {
  return text.includes(plantedKey) || text.includes(JSON.stringify(plantedKey).slice(1, -1));
}

/** The files below a folder that hold the key. */
function filesWithKey(folder: string): string[] {
  return (readdirSync(folder, { recursive: true, encoding: "utf8" }))
    .map((path) => join(folder, path))
    .filter((path) => existsSync(path) && lstatSync(path).isFile())
    .filter((path) => hasKey(readFileSync(path, "latin1")));
}

/** The model is told the key. */
const isAuthorized = expecting(({ headers }) =>
  assert.ok(headers.authorization === `Bearer ${plantedKey}`, "the key is not the one given")
);

describe("apiKey on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("reaches the service of codex, and nothing else", [
    turn(
      isAuthorized,
      shell("env; echo; cat /proc/$PPID/environ | tr '\\\\0' '\\\\n'", {}, {
        callId: "env",
      }),
    ),
    turn(isAuthorized, message("ok")),
  ], async ({ model, startThread, servers, codexHome }) => {
    await startThread({ sandboxMode: "danger-full-access" }).run("Hello");
    for (const kind of ["cmdline", "environ"]) {
      assert.equal(hasKey(readFileSync(`/proc/${servers[0]}/${kind}`, "utf8")), false, kind);
    }
    const output = toolOutputs(model.requests[1]!).get("env")!;
    assert.match(output, /^CODEX_HOME=/m);
    assert.equal(hasKey(output), false);
    assert.deepEqual(filesWithKey(codexHome), []);
  }, { scripted: { provider: "builtin", apiKey: plantedKey } });

  bench.it("goes before the login codex keeps, which stays as it is", [
    turn(isAuthorized, message("ok")),
  ], async ({ startThread, codexHome, codex }) => {
    const login = join(codexHome, "auth.json");
    const kept = JSON.stringify({ OPENAI_API_KEY: "of-the-user" });
    await writeFile(login, kept);
    try {
      assert.equal((await startThread().run("Hello")).finalResponse, "ok");
      assert.equal(readFileSync(login, "utf8"), kept);
      // Neither does logging out touch it.
      await new Account(codex).logout();
      assert.equal(readFileSync(login, "utf8"), kept);
    } finally {
      await rm(login);
    }
  }, { scripted: { provider: "builtin", apiKey: plantedKey } });

  bench.it("reaches a provider that asks for it by its name, in the environment", [
    turn(isAuthorized, message("ok")),
  ], async ({ startThread, servers, codexHome }) => {
    await startThread().run("Hello");
    assert.equal(hasKey(readFileSync(`/proc/${servers[0]}/cmdline`, "utf8")), false);
    assert.equal(hasKey(readFileSync(`/proc/${servers[0]}/environ`, "utf8")), true);
    assert.deepEqual(filesWithKey(codexHome), []);
  });

  bench.it("is redacted from what the service says of it", [
    turn(httpError(400, { body: { error: { message: `Bad key ${plantedKey}` } } })),
  ], async ({ startThread }) => {
    const error = await startThread().run("Hello").catch((error) => error);
    assert.equal(error.name, "TurnFailedError");
    assert.match(error.message, /Bad key/);
    assert.equal(hasKey(`${error.message} ${error.stack} ${JSON.stringify(error)}`), false);
  }, { scripted: { provider: "builtin", apiKey: plantedKey } });

  bench.it("is sent to nobody when there is none", [
    turn(
      expecting(({ headers }) => assert.equal(headers.authorization, undefined)),
      message("ok"),
    ),
  ], async ({ another, settings, directory }) => {
    const { apiKey: _, ...keyless } = settings;
    const codex = another({
      ...keyless,
      apiKey: undefined,
      env: { ...settings.env, OPENAI_API_KEY: "of-the-environment" },
    });
    // The app-server takes none from its environment, whatever it is called.
    const thread = codex.startThread({ workingDirectory: directory });
    assert.equal((await thread.run("Hello")).finalResponse, "ok");
  }, { scripted: { provider: "builtin" } });
});
