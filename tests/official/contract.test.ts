import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as sdk from "../../mod.ts";
import { answer, completed, message, started, turnStarted, usage, withFake } from "./observe.ts";

describe("The module, as with the official SDK:", () => {
  it("exports the classes Codex and Thread", () => {
    assert.equal(typeof sdk.Codex, "function");
    assert.equal(typeof sdk.Thread, "function");
    assert.ok(new sdk.Codex({ codexPathOverride: "codex" }).startThread() instanceof sdk.Thread);
  });

  it("runs a program that uses all of it", async () => {
    await withFake(answer, async (fake) => {
      const codex = new sdk.Codex({ codexPathOverride: fake.path });
      const thread = codex.startThread({ skipGitRepoCheck: true });
      const turn: sdk.RunResult = await thread.run("Diagnose");
      assert.deepEqual({ ...turn }, { items: [message("Hi!").item], finalResponse: "Hi!", usage });

      const resumed = codex.resumeThread(thread.id!);
      const { events }: sdk.RunStreamedResult = await resumed.runStreamed([
        { type: "text", text: "Implement" },
        { type: "local_image", path: "ui.png" },
      ]);
      const seen: sdk.ThreadEvent[] = [];
      for await (const event of events) seen.push(event);
      assert.deepEqual(seen, [started, turnStarted, message("Hi!"), completed]);
    });
  });
});
