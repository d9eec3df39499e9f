import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe } from "node:test";
import { RpcError } from "../../mod.ts";
import { Account } from "../../src/app_server/mod.ts";
import { expecting, message, turn } from "../../src/testing/mod.ts";
import { ServerBench } from "../support/app_server.ts";
import { plantedKey } from "../support/planted_key.ts";

/** Without an `apiKey`, with which the SDK logs in by itself. */
const keyless = { codex: { apiKey: undefined }, scripted: { provider: "builtin" } } as const;

describe("Account on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("logs in with a key that is kept in memory, and out", [
    turn(
      expecting(({ headers }) =>
        assert.ok(headers.authorization === `Bearer ${plantedKey}`, "the key is not the one given")
      ),
      message("ok"),
    ),
    turn(
      expecting(({ headers }) => assert.equal(headers.authorization, undefined)),
      message("ok"),
    ),
  ], async ({ codex, startThread, codexHome }) => {
    const account = new Account(codex);
    assert.equal((await account.read()).account, null);
    const limits = await account.rateLimits().catch((error) => error);
    assert.ok(RpcError.is(limits));
    assert.match(limits.message, /authentication required/);

    await account.loginWithApiKey(plantedKey);
    assert.deepEqual((await account.read()).account, { type: "apiKey" });
    await startThread().run("With the key");
    assert.equal(existsSync(join(codexHome, "auth.json")), false);

    await account.logout();
    assert.equal((await account.read()).account, null);
    await startThread().run("Without");
  }, {
    ...keyless,
    scripted: { provider: "builtin", config: { cli_auth_credentials_store: "ephemeral" } },
  });

  bench.it(
    "keeps a login in auth.json otherwise, as its docs say, until logged out",
    [],
    async ({ codex, codexHome }) => {
      const login = join(codexHome, "auth.json");
      try {
        const account = new Account(codex);
        await account.loginWithApiKey("a-key-to-be-kept");
        assert.match(readFileSync(login, "utf8"), /a-key-to-be-kept/);
        await account.logout();
        assert.equal(existsSync(login), false);
      } finally {
        await rm(login, { force: true });
      }
    },
    keyless,
  );

  bench.it("rejects a device login when the service cannot be reached", [], async ({ codex }) => {
    const account = new Account(codex);
    const error = await account.loginWithDeviceCode().catch((error) => error);
    assert.ok(RpcError.is(error), `${error}`);
    assert.equal(error.method, "account/login/start");
    assert.match(error.message, /device code/);
    assert.equal((await account.read()).account, null);
  }, {
    ...keyless,
    // Nobody listens there, and no other network is asked.
    scripted: {
      provider: "builtin",
      env: { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" },
    },
  });

  bench.it("gives a browser login up", [], async ({ codex }) => {
    const account = new Account(codex);
    const login = await account.loginWithBrowser();
    assert.match(login.authUrl, /^https:\/\//);
    const completed = login.completed.catch((error) => error);
    await login.cancel();
    assert.equal((await completed).name, "AbortError");
    assert.equal((await account.read()).account, null);
  }, keyless);
});
