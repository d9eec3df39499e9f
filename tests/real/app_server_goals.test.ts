import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Codex, CodexOptions } from "../../mod.ts";
import {
  functionCall,
  message,
  type ModelRequest,
  repeat,
  toolOutputs,
} from "../../src/testing/mod.ts";
import { ServerBench, type ServerStage } from "../support/app_server.ts";

/** With a goal codex goes on by itself, turn after turn, until the model says that it is reached. */
const createGoal = functionCall("create_goal", { objective: "For ever" }, { callId: "goal" });

function hasGoals({ body }: ModelRequest): boolean {
  return (body.tools as { name?: string }[]).some(({ name }) => name === "create_goal");
}

function withGoals({ settings }: ServerStage): CodexOptions {
  const features = settings.config?.features as Record<string, boolean> | undefined;
  return { config: { ...settings.config, features: { ...features, goals: true } } };
}

async function statusOf(codex: Codex, threadId: string): Promise<string> {
  const { thread } = await codex.request("thread/read", { threadId });
  return thread.status.type;
}

describe("goals on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("cannot be set by the agent: what has ended does not go on", [
    createGoal,
    message("Done"),
  ], async ({ model, codex, startThread }) => {
    const thread = startThread();
    assert.equal((await thread.run("Go")).finalResponse, "Done");
    assert.equal(await statusOf(codex, thread.id!), "idle");
    assert.match(toolOutputs(model.requests[1]!).get("goal")!, /unsupported call/);
    assert.deepEqual(model.requests.map(hasGoals), [false, false]);
  });

  bench.it("that another program has set are not pursued", [
    repeat((request) => toolOutputs(request).has("goal") ? message("Done") : createGoal),
  ], async (stage) => {
    const there = stage.another(withGoals(stage));
    const options = { workingDirectory: stage.directory };
    const thread = there.startThread(options);
    await thread.run("Go");
    assert.equal(hasGoals(stage.model.requests[0]!), true);
    await there.close();
    await stage.codex.resumeThread(thread.id!, options).run("Go");
    assert.equal(await statusOf(stage.codex, thread.id!), "idle");
  });
});
