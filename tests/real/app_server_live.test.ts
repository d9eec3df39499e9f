import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import {
  type LiveEvent,
  ReaderTooSlowError,
  type Thread,
  type ThreadOptions,
  type TurnOptions,
} from "../../mod.ts";
import {
  applyPatch,
  disconnect,
  failure,
  hold,
  httpError,
  message,
  type ModelRequest,
  reasoning,
  repeat,
  shell,
  turn,
  updatePlan,
  usage,
  userTexts,
} from "../../src/testing/mod.ts";
import { ServerBench } from "../support/app_server.ts";
import { collect } from "../support/workbench.ts";

type EventType = LiveEvent["type"];

/** The live events of a turn, and the error that ended it. */
async function live(thread: Thread, input: string = "Go"): Promise<Seen> {
  const { events } = await thread.runStreamed(input, { liveEvents: true });
  return new Seen(await collect(events));
}

/** What was seen of a turn. */
class Seen {
  readonly all: LiveEvent[];
  readonly error: unknown;

  constructor({ events, error }: { events: LiveEvent[]; error: unknown }) {
    this.all = events;
    this.error = error;
  }

  of<T extends EventType>(type: T): Extract<LiveEvent, { type: T }>[] {
    return this.all.filter((event): event is Extract<LiveEvent, { type: T }> =>
      event.type === type
    );
  }

  /** The completed items of a type. */
  completed<T extends string>(type: T) {
    return this.of("item.completed").map(({ item }) => item).filter((item) => item.type === type);
  }

  /** The types of the given ones, in order. */
  order(...types: EventType[]): EventType[] {
    return this.all.map(({ type }) => type).filter((type) => types.includes(type));
  }
}

/** The folder the agent works in. */
function folderOf(request: ModelRequest): string {
  return /<cwd>(.*?)<\/cwd>/.exec(userTexts(request).join())![1]!;
}

const writing: ThreadOptions = { sandboxMode: "danger-full-access" };

describe("liveEvents on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("tell a message as it grows", [
    message("All is done — ☃ 𝒳", { deltas: ["All ", "is done", " — ☃ 𝒳"] }),
  ], async ({ startThread }) => {
    const seen = await live(startThread());
    const deltas = seen.of("item.agent_message.delta");
    const [item] = seen.completed("agent_message");
    assert.equal(deltas.map(({ delta }) => delta).join(""), "All is done — ☃ 𝒳");
    assert.deepEqual(item, {
      id: deltas[0]!.item_id,
      type: "agent_message",
      text: "All is done — ☃ 𝒳",
    });
    assert.deepEqual(new Set(deltas.map(({ item_id }) => item_id)).size, 1);
    const order = seen.order("item.agent_message.delta", "item.completed", "turn.completed");
    assert.deepEqual(order.slice(-2), ["item.completed", "turn.completed"]);
    assert.equal(order[0], "item.agent_message.delta");
  });

  bench.it("tell a summary of reasoning as it grows, part by part", [
    turn(reasoning("**Look**", "**Write**"), message("ok")),
  ], async ({ startThread }) => {
    const seen = await live(startThread());
    const parts = ["", ""];
    for (const each of seen.of("item.reasoning.summary_text_delta")) {
      parts[each.summary_index] += each.delta;
    }
    assert.deepEqual(parts, ["**Look**", "**Write**"]);
    const [item] = seen.completed("reasoning");
    assert.equal(item?.id, seen.of("item.reasoning.summary_text_delta")[0]!.item_id);
  });

  bench.it("tell what a command writes, and the completed item has all of it", [
    shell("echo one; for i in $(seq 300); do echo line $i; done"),
    message("ok"),
  ], async ({ startThread }) => {
    const seen = await live(startThread(writing));
    const [item] = seen.completed("command_execution");
    assert.ok(item?.type === "command_execution");
    const lines = Array.from({ length: 300 }, (_, i) => `line ${i + 1}\n`).join("");
    assert.equal(item.aggregated_output, `one\n${lines}`);
    // Codex does not tell all of it while it runs, but nothing else, and in order.
    let from = 0;
    for (const { item_id, delta } of seen.of("item.command_execution.output_delta")) {
      assert.equal(item_id, item.id);
      const at = item.aggregated_output.indexOf(delta, from);
      assert.ok(at >= 0, delta);
      from = at + delta.length;
    }
  });

  bench.it("tell the plan with what is in progress, which the items lose", [
    updatePlan([
      { step: "Look around", status: "in_progress" },
      { step: "Write", status: "pending" },
    ], "To begin with"),
    updatePlan([
      { step: "Look around", status: "completed" },
      { step: "Write", status: "in_progress" },
    ]),
    message("ok"),
  ], async ({ startThread }) => {
    const seen = await live(startThread());
    assert.deepEqual(seen.of("turn.plan.updated"), [
      {
        type: "turn.plan.updated",
        explanation: "To begin with",
        plan: [
          { step: "Look around", status: "in_progress" },
          { step: "Write", status: "pending" },
        ],
      },
      {
        type: "turn.plan.updated",
        explanation: null,
        plan: [
          { step: "Look around", status: "completed" },
          { step: "Write", status: "in_progress" },
        ],
      },
    ]);
    const order = seen.order("turn.plan.updated", "item.started", "item.updated");
    assert.deepEqual(order, [
      "turn.plan.updated",
      "item.started",
      "turn.plan.updated",
      "item.updated",
    ]);
    const [item] = seen.completed("todo_list");
    assert.ok(item?.type === "todo_list");
    assert.deepEqual(item.items, [
      { text: "Look around", completed: true },
      { text: "Write", completed: false },
    ]);
  });

  bench.it("tell the diff of the turn", [
    applyPatch("*** Begin Patch\n*** Add File: diffed.txt\n+Hello\n*** End Patch"),
    message("ok"),
  ], async ({ startThread, directory }) => {
    const seen = await live(startThread(writing));
    assert.equal(existsSync(join(directory, "diffed.txt")), true);
    const { diff } = seen.of("turn.diff.updated").at(-1)!;
    assert.match(diff, /^diff --git a\/diffed\.txt b\/diffed\.txt\n/);
    assert.match(diff, /^\+Hello$/m);
  });

  bench.it("tell the token counts of each answer", [
    turn(shell("true"), usage({ input_tokens: 100, output_tokens: 10 })),
    turn(message("ok"), usage({ input_tokens: 200, output_tokens: 20 })),
  ], async ({ startThread }) => {
    const seen = await live(startThread());
    const counts = seen.of("thread.token_usage.updated");
    assert.deepEqual(counts.map(({ last }) => last.input_tokens), [100, 200]);
    assert.deepEqual(counts.map(({ total }) => total.input_tokens), [100, 300]);
    assert.equal(counts.every(({ model_context_window }) => model_context_window! > 1000), true);
    assert.deepEqual(seen.of("turn.completed")[0]?.usage, counts[1]!.total);
    assert.equal(seen.of("account.rate_limits.updated").length, 2);
  });

  bench.it("tell a retry with codex's name for what went wrong", [
    httpError(503),
    message("Here again"),
  ], async ({ startThread }) => {
    const seen = await live(startThread());
    assert.equal(seen.error, undefined);
    const [error, ...more] = seen.of("model.error");
    assert.deepEqual(more, []);
    assert.deepEqual(
      [error!.error_code, error!.http_status, error!.will_retry],
      ["responseStreamDisconnected", 503, true],
    );
    assert.match(error!.message, /^Reconnecting\.\.\. 1\/1/);
    assert.match(error!.details ?? "", /503/);
    // Right before the event that the exec lane has, too.
    const at = seen.all.indexOf(error!);
    const next = seen.all[at + 1];
    assert.ok(next?.type === "error");
    assert.equal(next.message, `${error!.message} (${error!.details})`);
    assert.equal(seen.completed("agent_message").length, 1);
  }, { scripted: { retries: 1 } });

  bench.it("tell a message that breaks off, and then one that is whole", [
    message("All done", { deltas: ["All ", disconnect()] }),
    message("All done", { deltas: ["All ", "done"] }),
  ], async ({ startThread }) => {
    const seen = await live(startThread());
    assert.equal(seen.error, undefined);
    const texts = new Map<string, string>();
    for (const { item_id, delta } of seen.of("item.agent_message.delta")) {
      texts.set(item_id, (texts.get(item_id) ?? "") + delta);
    }
    assert.deepEqual([...texts.values()], ["All ", "All done"]);
    assert.deepEqual(seen.completed("agent_message").map(({ id }) => id), [[...texts.keys()][1]]);
    assert.equal(seen.of("model.error")[0]?.error_code, "responseStreamDisconnected");
  }, { scripted: { retries: 1 } });

  for (
    const [title, response, code, status] of [
      ["an answer of HTTP", httpError(401), "httpConnectionFailed", 401],
      ["an answer of the model", failure("context_length_exceeded"), "contextWindowExceeded", null],
    ] as const
  ) {
    bench.it(`tell a failure with codex's name for it: ${title}`, [
      response,
    ], async ({ startThread }) => {
      const seen = await live(startThread());
      const error = seen.of("model.error").at(-1)!;
      assert.deepEqual([error.error_code, error.http_status, error.will_retry], [
        code,
        status,
        false,
      ]);
      assert.equal((seen.error as Error).name, "TurnFailedError");
      const order = seen.order("model.error", "error", "turn.failed");
      assert.deepEqual(order, ["model.error", "error", "turn.failed"]);
    });
  }

  bench.it("tell a warning as the exec lane does, before the turn", [
    message("ok"),
  ], async ({ startThread }) => {
    const seen = await live(startThread());
    const [item] = seen.completed("error");
    assert.ok(item?.type === "error");
    assert.match(item.message, /Model metadata for `unheard-of` not found/);
    assert.deepEqual(seen.order("item.completed", "turn.started").slice(0, 2), [
      "item.completed",
      "turn.started",
    ]);
  }, { scripted: { model: "unheard-of" } });

  bench.it("come on top of the events there are without", [
    {
      perThread: true,
      steps: [turn(reasoning("**Look**"), shell("true")), repeat(message("ok"), 1)],
    },
  ], async ({ startThread }) => {
    const run = async (options: TurnOptions) => {
      const { events } = await startThread(writing).runStreamed("Go", options);
      return (await collect(events)).events.map(({ type }) => type);
    };
    const without = await run({});
    assert.deepEqual(without, [
      "thread.started",
      "turn.started",
      "item.completed",
      "item.started",
      "item.completed",
      "item.completed",
      "turn.completed",
    ]);
    const with_ = await run({ liveEvents: true });
    assert.ok(with_.length > without.length);
    assert.deepEqual(with_.filter((type) => without.includes(type)), without);
  });

  bench.it("of a turn are its own: a command that outlives it is told of nowhere else", [
    shell("until [ -e go ]; do :; done; echo late", { yield_time_ms: 250 }),
    message("Left it running"),
    (request) => {
      // The command ends in the middle of the next turn.
      writeFileSync(join(folderOf(request), "go"), "");
      return shell("while pgrep -f 'until . -e g[o] '; do :; done", {}, { callId: "second" });
    },
    message("ok"),
  ], async ({ startThread }) => {
    const thread = startThread(writing);
    const first = await thread.run("Start it");
    assert.deepEqual(first.items.map(({ type }) => type), ["agent_message"]);
    assert.deepEqual(first.unfinishedItems.map(({ type }) => type), ["command_execution"]);
    const seen = await live(thread, "Go on");
    assert.equal(seen.error, undefined);
    assert.deepEqual(seen.completed("command_execution").map(({ id }) => id), ["second"]);
    const told = JSON.stringify(seen.all);
    assert.equal(told.includes(first.unfinishedItems[0]!.id), false);
    assert.equal(told.includes("late"), false);
  });

  {
    const text = "0123456789".repeat(5_000);
    const deltas = Array.from({ length: 5_000 }, () => "0123456789");
    bench.it("wait for a reader who takes his time, as few as can be", [
      message(text, { deltas }),
      message("Other"),
    ], async ({ codex, startThread }) => {
      const hasEnded = new Promise<void>((resolve) =>
        void codex.onNotification((method) => method === "turn/completed" && resolve())
      );
      const streamed = await startThread().runStreamed("Go", { liveEvents: true });
      await streamed.events.next();
      await hasEnded;
      // Others do not wait for him.
      assert.equal((await startThread().run("Hello")).finalResponse, "Other");
      const seen = new Seen(await collect(streamed.events));
      assert.equal(seen.error, undefined);
      const told = seen.of("item.agent_message.delta");
      assert.equal(told.map(({ delta }) => delta).join(""), text);
      assert.ok(told.length < 10, `${told.length}`);
      assert.equal((await streamed.turn()).finalResponse, text);
    });

    bench.it("do not wait for ever", [
      message(text, { deltas: [...deltas, hold(new Promise(() => {}))] }),
      message("Other"),
    ], async ({ model, startThread }) => {
      const streamed = await startThread().runStreamed("Go", { liveEvents: true });
      await streamed.events.next();
      assert.equal(await (await model.request(0)).ended, "abandoned");
      assert.equal((await startThread().run("Hello")).finalResponse, "Other");
      const { error } = await collect(streamed.events);
      assert.ok(ReaderTooSlowError.is(error), `${error}`);
      assert.equal(error.maxBytes, 10_000);
    }, { server: { maxUnreadBytes: 10_000 } });
  }

  bench.it("are no part of the turn", [
    turn(reasoning("**Look**"), message("ok", { deltas: ["o", "k"] })),
  ], async ({ startThread }) => {
    const turn = await startThread().run("Go", { liveEvents: true });
    assert.deepEqual(turn.items.map(({ type }) => type), ["reasoning", "agent_message"]);
    assert.equal(turn.finalResponse, "ok");
  });
});
