import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import { AbortError, type Codex, type LiveEvent, type ThreadEvent } from "../../mod.ts";
import {
  functionCall,
  Gate,
  hold,
  message,
  type ModelRequest,
  type Scenario,
  type ScriptStep,
  shell,
  toolOutputs,
  turn,
} from "../../src/testing/mod.ts";
import { ServerBench } from "../support/app_server.ts";
import { fileAppears } from "../support/files.ts";
import { lastingCommand, running, until } from "../support/processes.ts";
import { comparable } from "../support/recordings.ts";
import { collect } from "../support/workbench.ts";

const namespace = "multi_agent_v1";

function isChild({ body }: ModelRequest): boolean {
  return JSON.stringify(body.input).includes("The task of the child") &&
    !JSON.stringify(body.input).includes("The task of the parent");
}

/** The parent has a child do `steps`, and waits for it. */
function family(...steps: ScriptStep[]): Scenario[] {
  return [
    { name: "child", when: isChild, perThread: true, steps },
    {
      name: "parent",
      when: (request) => !isChild(request),
      perThread: true,
      steps: [
        functionCall("spawn_agent", { message: "The task of the child" }, {
          namespace,
          callId: "spawn",
        }),
        (request) => {
          const { agent_id } = JSON.parse(toolOutputs(request).get("spawn")!);
          return functionCall("wait_agent", { targets: [agent_id] }, { namespace });
        },
        message("The child is done"),
      ],
    },
  ];
}

/** Events in which threads are named by the order of their appearance, and items likewise. */
function anonymous(events: readonly ThreadEvent[]): unknown[] {
  const names = new Map<string, string>();
  const nameOf = (id: string) => {
    names.set(id, names.get(id) ?? `thread ${names.size}`);
    return names.get(id)!;
  };
  const items: string[] = [];
  // What an agent last said is `null` while it has said nothing.
  const said = JSON.parse(JSON.stringify(events).replaceAll('"message":null', '"message":""'));
  return comparable(said).map((event) => {
    const { item } = event as { item?: { id: string } };
    if (item === undefined) return event;
    if (!items.includes(item.id)) items.push(item.id);
    const renamed = { ...event as object, item: { ...item, id: items.indexOf(item.id) } };
    return JSON.parse(
      JSON.stringify(renamed).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4,12}){4}/g, nameOf),
    );
  });
}

/** The statuses of the threads that the server has loaded. */
async function statusesOf(codex: Codex): Promise<string[]> {
  const { data: threadIds } = await codex.request("thread/loaded/list", {});
  const threads = threadIds.map((threadId) => codex.request("thread/read", { threadId }));
  return (await Promise.all(threads)).map(({ thread }) => thread.status.type);
}

const unknownModel = { scripted: { model: "unheard-of" } };

describe("sub-agents on the real app-server", () => {
  const bench = new ServerBench();

  bench.it(
    "show as items of their parent, as on the exec lane, and are no part of its usage",
    family(message("I am the child")),
    async ({ exec, startThread, directory }) => {
      const prompt = "The task of the parent";
      const seen = [];
      for (const thread of [exec().startThread({ workingDirectory: directory }), startThread()]) {
        const streamed = await thread.runStreamed(prompt);
        const { events, error } = await collect(streamed.events);
        assert.equal(error, undefined);
        const { finalResponse, ownUsage } = await streamed.turn();
        assert.deepEqual([finalResponse, ownUsage?.input_tokens], ["The child is done", 126]);
        seen.push(anonymous(events));
      }
      assert.deepEqual(seen[1], seen[0]);
    },
    unknownModel,
  );

  bench.it("are told of with liveEvents, by their threads", [
    ...family(shell("echo of the child"), message("I am the child")),
  ], async ({ startThread }) => {
    const thread = startThread();
    const streamed = await thread.runStreamed("The task of the parent", { liveEvents: true });
    const { events, error } = await collect(streamed.events);
    assert.equal(error, undefined);
    const ofChild = events.filter((event): event is LiveEvent & { type: "subagent" } =>
      event.type === "subagent"
    );
    const [childId, ...others] = new Set(ofChild.map(({ thread_id }) => thread_id));
    assert.deepEqual(others, []);
    const spawned = events.flatMap((event) =>
      event.type === "item.completed" && event.item.type === "collab_tool_call"
        ? event.item.receiver_thread_ids
        : []
    );
    assert.deepEqual(new Set(spawned), new Set([childId]));
    assert.notEqual(childId, thread.id);

    const items = ofChild.flatMap(({ event }) =>
      event.type === "item.completed" ? [event.item] : []
    );
    const [command, said] = items.filter(({ type }) => type !== "error");
    assert.ok(command?.type === "command_execution" && said?.type === "agent_message");
    assert.equal(command.aggregated_output, "of the child\n");
    assert.equal(said.text, "I am the child");
    const types = ofChild.map(({ event }) => event.type);
    for (const type of ["turn.started", "item.agent_message.delta", "turn.completed"] as const) {
      assert.equal(types.filter((each) => each === type).length, 1, type);
    }
    // Those of the parent have nothing of the child.
    const turn = await streamed.turn();
    assert.equal(turn.finalResponse, "The child is done");
    assert.deepEqual(turn.items.filter(({ type }) => type === "command_execution"), []);
    assert.equal(events.filter(({ type }) => type === "turn.completed").length, 1);
  }, unknownModel);

  for (const sandboxMode of [undefined, "workspace-write"] as const) {
    bench.it(`may do what their parent may: ${sandboxMode ?? "read-only"}`, [
      ...family(shell(`touch of-the-child-${sandboxMode}; true`), message("I am the child")),
    ], async ({ startThread, directory }) => {
      await startThread({ sandboxMode }).run("The task of the parent");
      const isMade = existsSync(join(directory, `of-the-child-${sandboxMode}`));
      assert.equal(isMade, sandboxMode !== undefined);
    }, unknownModel);
  }

  const unwaited = lastingCommand(2);
  const childWorks = new Gate();
  bench.it("that their parent did not wait for end with its turn, and so do their commands", [
    ...family(shell(`touch child-works; ${unwaited}`)).map((scenario) =>
      scenario.name === "parent" && Array.isArray(scenario.steps)
        ? { ...scenario, steps: [scenario.steps[0]!, turn(hold(childWorks), message("ok"))] }
        : scenario
    ),
  ], async ({ model, codex, startThread, directory }) => {
    const thread = startThread({ sandboxMode: "danger-full-access" });
    const run = thread.run("The task of the parent");
    await fileAppears(join(directory, "child-works"));
    childWorks.open();
    assert.equal((await run).finalResponse, "ok");
    assert.deepEqual(await statusesOf(codex), ["idle", "idle"]);
    await until(() => running(unwaited).length === 0);
    assert.equal(model.requests.length, 3);
  }, unknownModel);

  const lasting = lastingCommand(1);
  bench.it("end with their parent, and so do their commands", [
    ...family(shell(`touch child-sleeps; ${lasting}`)).map((scenario) =>
      scenario.name === "parent" && Array.isArray(scenario.steps)
        ? { ...scenario, steps: scenario.steps.slice(0, 2) }
        : scenario
    ),
  ], async ({ model, codex, startThread, directory }) => {
    const thread = startThread({ sandboxMode: "danger-full-access" });
    const failure = thread.run("The task of the parent").catch((error) => error);
    await fileAppears(join(directory, "child-sleeps"));
    await model.request(2);
    await thread.interrupt();
    assert.ok(AbortError.is(await failure));
    assert.deepEqual(await statusesOf(codex), ["idle", "idle"]);
    await until(() => running(lasting).length === 0);
    assert.equal(model.requests.length, 3);
  }, unknownModel);
});
