import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { describe } from "node:test";
import { RpcError } from "../../mod.ts";
import { Gate, hold, lastUserText, message, repeat, turn } from "../../src/testing/mod.ts";
import { ServerBench, type ServerStage } from "../support/app_server.ts";
import { isAlive, waitUntilGone } from "../support/processes.ts";
import { git } from "../support/real_codex.ts";
import { Program } from "../support/programs.ts";
import type { ServerTask } from "./app_server_program.ts";

const echo = repeat((request) => message(`Re: ${lastUserText(request)}`));

describe("an idle app-server", () => {
  const bench = new ServerBench();

  bench.it("is closed, and the next turn of a thread starts another one", [
    echo,
  ], async ({ startThread, servers }) => {
    const thread = startThread();
    await thread.run("First");
    await waitUntilGone(servers[0]!);
    const { finalResponse, threadId, ownUsage } = await thread.run("Second");
    assert.deepEqual([finalResponse, threadId], ["Re: Second", thread.id]);
    assert.equal(ownUsage?.input_tokens, 42);
    await waitUntilGone(servers[1]!);
    assert.equal(servers.length, 2);
  }, { server: { idleTimeoutMs: 1 } });

  {
    const gate = new Gate();
    bench.it("is one without a turn, a request or a listener", [
      turn(hold(gate), message("ok")),
    ], async ({ codex, startThread, servers, directory }) => {
      const running = startThread().run("Hello");
      await gate.reached;
      // The end of another use is no reason to close it.
      await codex.request("model/list", {});
      // This takes longer than it may be idle.
      await git(directory, "status");
      const stop = await codex.onNotification(() => {});
      gate.open();
      assert.equal((await running).finalResponse, "ok");
      await codex.request("model/list", {});
      await git(directory, "status");
      assert.equal(isAlive(servers[0]!), true);
      stop();
      await waitUntilGone(servers[0]!);
      assert.equal(servers.length, 1);
    }, { server: { idleTimeoutMs: 1 } });
  }

  bench.it("takes its ephemeral threads with it", [echo], async ({ startThread, servers }) => {
    const thread = startThread({ ephemeral: true });
    await thread.run("First");
    await waitUntilGone(servers[0]!);
    const error = await thread.run("Second").catch((error) => error);
    assert.ok(RpcError.is(error), `${error}`);
    assert.match(error.message, /no rollout found/);
  }, { server: { idleTimeoutMs: 1 } });

  bench.it("does not keep a program that forgets to close it", [
    message("ok"),
  ], async (stage) => {
    const { lines, stderr, code } = await forgetful(stage, 200).ended;
    assert.deepEqual([lines.at(-1)?.finalResponse, stderr, code], ["ok", "", 0]);
    assert.equal(isAlive(lines[0]!.pid!), false);
  });

  bench.it("ends with a program that is killed", [message("ok")], async (stage) => {
    const program = forgetful(stage, 600_000);
    const { pid } = await program.line(({ pid }) => pid !== undefined);
    await program.line(({ finalResponse }) => finalResponse !== undefined);
    program.child.kill("SIGKILL");
    await program.ended;
    await waitUntilGone(pid!);
  });
});

/** A program that runs a turn and forgets to close its Codex. */
function forgetful({ settings, directory }: ServerStage, idleTimeoutMs: number): Program {
  const task: ServerTask = {
    codex: settings,
    thread: { workingDirectory: directory },
    server: { idleTimeoutMs },
  };
  const flags = "Deno" in globalThis ? ["run", "--quiet", "--allow-all"] : [];
  const file = join(import.meta.dirname!, "app_server_program.ts");
  return new Program([process.execPath, ...flags, file, JSON.stringify(task)], process.env);
}
