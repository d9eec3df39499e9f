import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { createInterface } from "node:readline";
import { protocolVersion } from "../../src/app_server/protocol/mod.ts";
import { generate, type Generated } from "../../tools/protocol/generate.ts";
import { readSchema } from "../../tools/protocol/read_schema.ts";
import { codexBinary, type FreshHome, freshHome, scratchFolder } from "../support/real_codex.ts";

const protocol = new URL("../../src/app_server/protocol/", import.meta.url);

/** What the real codex makes now. */
async function regenerate(): Promise<Generated & { version: string }> {
  const home = await freshHome();
  const folder = await scratchFolder("schema-");
  try {
    const { schema, version } = await readSchema(folder.path, home);
    return { ...generate(schema, version), version };
  } finally {
    await folder.remove();
    await home.remove();
  }
}

/** The methods that the server names when it is asked for one that it does not have. */
async function methodsOfServer({ home, codexHome }: FreshHome): Promise<string[]> {
  const server = spawn(codexBinary(), ["app-server"], {
    env: { HOME: home, CODEX_HOME: codexHome },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const exit = new Promise((resolve) => server.once("close", resolve));
  try {
    const clientInfo = { name: "protocol_test", version: "1.0.0" };
    for (
      const request of [
        { id: 0, method: "initialize", params: { clientInfo } },
        { id: 1, method: "no/such/method", params: {} },
      ]
    ) server.stdin.write(`${JSON.stringify(request)}\n`);
    for await (const line of createInterface({ input: server.stdout })) {
      const { id, error } = JSON.parse(line);
      if (id !== 1) continue;
      const [own, ...methods] = [...error.message.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
      assert.equal(own, "no/such/method");
      return methods.sort();
    }
    throw new Error("The server ended without an answer");
  } finally {
    server.stdin.end();
    await exit;
  }
}

describe("The protocol types", () => {
  it("are what is generated from the real codex", async () => {
    const { files, version } = await regenerate();
    assert.equal(version, protocolVersion);
    for (const [name, text] of Object.entries(files)) {
      const kept = await readFile(new URL(name, protocol), "utf8");
      // A comparison of the texts would print all of both.
      assert.ok(kept === text, `"${name}" differs: run "deno task protocol"`);
    }
  });

  it("have every method that the real server names", async () => {
    const { methods } = await regenerate();
    const home = await freshHome();
    try {
      assert.deepEqual(
        methods.ClientRequests.map(({ method }) => method),
        await methodsOfServer(home),
      );
    } finally {
      await home.remove();
    }
  });

  it("have the result of every request but those of which no schema tells", async () => {
    const { withoutResult, unusedResults } = await regenerate();
    assert.deepEqual(withoutResult, ["getAuthStatus", "getConversationSummary", "gitDiffToRemote"]);
    assert.deepEqual(unusedResults, []);
  });
});
