import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tool } from "../../src/app_server/tool.ts";
import type { ApprovalHandler, ApprovalRequest } from "../../src/approvals.ts";
import { json } from "../support/arbitraries.ts";
import {
  type Asked,
  commandRequest,
  elicitationRequest,
  fileChange,
  fileChangeRequest,
  mcpToolRequest,
  permissionsRequest,
  ServerRequestsStage,
  toolCallRequest,
  userInputRequest,
} from "../support/server_requests_stage.ts";
import { settled } from "../support/virtual_clock.ts";

const command = commandRequest("touch a");
const noGrant = { permissions: {}, scope: "turn" };
const declinedElicitation = { action: "decline", content: null, _meta: null };

/** Each kind of question, and the answer no. */
const questions: [Asked, unknown][] = [
  [command, { decision: "decline" }],
  [fileChangeRequest, { decision: "decline" }],
  [permissionsRequest(), noGrant],
  [mcpToolRequest(), declinedElicitation],
  [elicitationRequest(), declinedElicitation],
  [userInputRequest, { answers: {} }],
];

/** Anybody's answer to anything. */
function answering(answer: () => unknown) {
  const handler = answer as () => never;
  return {
    onApproval: handler,
    onUserInput: handler,
    onElicitation: handler,
    itemOf: () => fileChange,
  };
}

function never(): Promise<never> {
  return new Promise(() => {});
}

describe("ServerRequests", () => {
  it("says no to everything without handlers, and says why", async () => {
    const stage = new ServerRequestsStage({ itemOf: () => fileChange });
    for (const [asked, no] of questions) assert.deepEqual(await stage.ask(asked), no);
    assert.deepEqual(stage.reports, [
      'Refused a command: there is no "onApproval"',
      'Refused a file change: there is no "onApproval"',
      'Refused further permissions: there is no "onApproval"',
      'Refused the request of an MCP server: there is no "onApproval"',
      'Refused the request of an MCP server: there is no "onElicitation"',
      'Refused a question to the user: there is no "onUserInput"',
    ]);
  });

  it("says no in threads where no turn of ours runs", async () => {
    const stage = new ServerRequestsStage(answering(() => "accept"));
    for (const [{ method, params }, no] of questions) {
      assert.deepEqual(await stage.ask({ method, params: { ...params, threadId: "other" } }), no);
    }
    assert.equal(stage.diagnostics.length, questions.length);
    assert.deepEqual(stage.reports, []);
  });

  it("says no when a handler throws, at once or later, and keeps secrets out of the report", async () => {
    const throws = () => {
      throw new Error("no top-secret please");
    };
    for (const answer of [throws, () => Promise.reject(new Error("no top-secret please"))]) {
      const stage = new ServerRequestsStage(answering(answer));
      for (const [asked, no] of questions) assert.deepEqual(await stage.ask(asked), no);
      assert.equal(stage.reports.length, questions.length);
      for (const report of stage.reports) assert.match(report, /threw: no \[redacted\] please$/);
    }
  });

  it("says no when a handler throws something that cannot be shown", async () => {
    const stage = new ServerRequestsStage(answering(() => {
      throw Object.create(null);
    }));
    assert.deepEqual(await stage.ask(command), { decision: "decline" });
  });

  it("says no to nonsense", async () => {
    const hostile = new Proxy({}, {
      get() {
        throw new Error("trap");
      },
      ownKeys() {
        throw new Error("trap");
      },
    });
    const nonsense = [undefined, null, true, 1, "yes", "approved", [], hostile, () => {}];
    for (const answer of nonsense) {
      // A promise is asked for its "then".
      const stage = new ServerRequestsStage(answering(() => answer));
      for (const [asked, no] of questions) assert.deepEqual(await stage.ask(asked), no);
      assert.equal(stage.reports.length, questions.length);
    }
  });

  it("says no when a handler that is none is given", async () => {
    const stage = new ServerRequestsStage({ onApproval: "accept" as unknown as ApprovalHandler });
    assert.deepEqual(await stage.ask(command), { decision: "decline" });
    assert.match(stage.reports[0]!, /"onApproval" threw/);
  });

  it("says no when a handler takes too long, tells it so, and drops what it says later", async () => {
    const signals: AbortSignal[] = [];
    let decide!: (decision: "accept") => void;
    const stage = new ServerRequestsStage({
      onApproval: (_request, { signal }) => {
        signals.push(signal);
        return new Promise((resolve) => decide = resolve);
      },
    }, 1000);
    const answer = stage.ask(command);
    await stage.clock.advance(999);
    assert.equal(signals[0]!.aborted, false);
    await stage.clock.advance(1);
    assert.equal(signals[0]!.aborted, true);
    decide("accept");
    assert.deepEqual(await answer, { decision: "decline" });
    assert.deepEqual(stage.reports, ['Refused a command: "onApproval" took longer than 1000 ms']);
  });

  it("waits without limit unless there is one, and leaves no timers", async () => {
    const limited = new ServerRequestsStage(answering(() => "accept"), 1000);
    assert.deepEqual(await limited.ask(command), { decision: "accept" });
    assert.equal(limited.clock.pending, 0);
    const unlimited = new ServerRequestsStage(answering(never));
    void unlimited.ask(command);
    assert.equal(unlimited.clock.pending, 0);
  });

  it("gives a request up when it is resolved, its turn ends or the connection is lost", async () => {
    const ends: ((stage: ServerRequestsStage) => void)[] = [
      (stage) => stage.requests.resolved("r"),
      (stage) => stage.turn.abort(new Error("over")),
      (stage) => stage.connection.abort(new Error("lost")),
    ];
    for (const end of ends) {
      let signal!: AbortSignal;
      const stage = new ServerRequestsStage({
        onApproval: (_request, context) => {
          signal = context.signal;
          return never();
        },
      });
      const answer = stage.ask(command, "r");
      end(stage);
      assert.deepEqual(await answer, { decision: "decline" });
      assert.equal(signal.aborted, true);
      assert.deepEqual(stage.reports, []);
    }
  });

  it("does not ask when the turn has ended before", async () => {
    let isAsked = false;
    const stage = new ServerRequestsStage(answering(() => isAsked = true));
    stage.turn.abort();
    assert.deepEqual(await stage.ask(command), { decision: "decline" });
    assert.equal(isAsked, false);
  });

  it("does not abort the signal of a request that was answered", async () => {
    let signal!: AbortSignal;
    const stage = new ServerRequestsStage({
      onApproval: (_request, context) => {
        signal = context.signal;
        return "accept";
      },
    });
    await stage.ask(command, 7);
    stage.requests.resolved(7);
    stage.turn.abort();
    assert.equal(signal.aborted, false);
  });

  it("asks once when a request is repeated under its id, and gives both the same answer", async () => {
    let times = 0;
    let decide!: (decision: "accept") => void;
    const stage = new ServerRequestsStage({
      onApproval: () => {
        times++;
        return new Promise((resolve) => decide = resolve);
      },
    });
    const answers = [stage.ask(command, 3), stage.ask(structuredClone(command), 3)];
    decide("accept");
    assert.deepEqual(await Promise.all(answers), [{ decision: "accept" }, { decision: "accept" }]);
    assert.equal(times, 1);
  });

  it("never takes the answer to one request for another of the same id", async () => {
    const asked: string[] = [];
    const stage = new ServerRequestsStage({
      onApproval: async (request) => {
        const { command } = request as ApprovalRequest & { type: "command" };
        asked.push(command);
        await settled();
        return command.includes("touch a") ? "accept" : "decline";
      },
    });
    const answers = [stage.ask(command, 3), stage.ask(commandRequest("touch b"), 3)];
    assert.deepEqual(await Promise.all(answers), [{ decision: "accept" }, { decision: "decline" }]);
    assert.equal(asked.length, 2);
    // Ids are forgotten: the next one asks again.
    assert.deepEqual(await stage.ask(commandRequest("touch b"), 3), { decision: "decline" });
    assert.equal(asked.length, 3);
  });

  it("tells ids apart that only look alike", async () => {
    const stage = new ServerRequestsStage(answering(never));
    let isOver = false;
    void stage.ask(command, 1).then(() => isOver = true);
    stage.requests.resolved("1");
    await settled();
    assert.equal(isOver, false);
  });

  it("answers many at once, each when it is decided", async () => {
    const decide: ((decision: "accept" | "decline") => void)[] = [];
    const stage = new ServerRequestsStage({
      onApproval: () => new Promise((resolve) => decide.push(resolve)),
    });
    const answers = [stage.ask(command), stage.ask(command), stage.ask(command)];
    decide[2]!("accept");
    assert.deepEqual(await answers[2], { decision: "accept" });
    decide[0]!("decline");
    assert.deepEqual(await answers[0], { decision: "decline" });
    decide[1]!("accept");
    assert.deepEqual(await answers[1], { decision: "accept" });
  });

  it("decides by what codex asked, not by what a handler makes of the request", async () => {
    const stage = new ServerRequestsStage({
      onApproval: (request) => {
        const { permissions, raw } = request as ApprovalRequest & { type: "permissions" };
        permissions.network = { enabled: true };
        raw.permissions = { network: { enabled: true } };
        return "accept";
      },
    });
    const asked = permissionsRequest({
      network: null,
      fileSystem: { read: ["/etc"], write: null },
    });
    assert.deepEqual(await stage.ask(asked), {
      permissions: { fileSystem: { read: ["/etc"], write: null } },
      scope: "turn",
    });
  });

  it("interrupts the turn where codex would take a cancel for a mere no", async () => {
    const stage = new ServerRequestsStage(answering(() => "cancel"));
    assert.deepEqual(await stage.ask(command), { decision: "cancel" });
    assert.deepEqual(await stage.ask(fileChangeRequest), { decision: "cancel" });
    assert.deepEqual(stage.interrupted, []);
    assert.deepEqual(await stage.ask(permissionsRequest()), noGrant);
    assert.deepEqual(stage.interrupted, ["thread-1/turn-1"]);
    assert.deepEqual(await stage.ask(mcpToolRequest()), {
      ...declinedElicitation,
      action: "cancel",
    });
    assert.deepEqual(stage.interrupted, ["thread-1/turn-1", "thread-1/turn-1"]);
  });

  it("goes on when nobody can hear a report", async () => {
    const stage = new ServerRequestsStage({
      report: () => {
        throw new Error("deaf");
      },
    });
    assert.deepEqual(await stage.ask(command), { decision: "decline" });
  });

  it("goes on when the turn cannot be asked about its items", async () => {
    const stage = new ServerRequestsStage({
      onApproval: () => "accept",
      itemOf: () => {
        throw new Error("gone");
      },
    });
    assert.deepEqual(await stage.ask(fileChangeRequest), { decision: "decline" });
    assert.deepEqual(stage.reports, ["Refused a file change: gone"]);
  });

  it("bounds what it reports", async () => {
    const stage = new ServerRequestsStage(answering(() => {
      throw new Error("x".repeat(1_000_000));
    }));
    await stage.ask(command);
    assert.ok(stage.reports[0]!.length <= 2000);
  });

  it("answers tool calls of turns that are not ours", async () => {
    const stage = new ServerRequestsStage();
    const { method, params } = toolCallRequest("anything");
    const answer = await stage.ask({ method, params: { ...params, threadId: "other" } });
    assert.equal((answer as { success: boolean }).success, false);
    assert.equal(stage.diagnostics.length, 1);
  });

  it("denies what was asked before there were threads", async () => {
    const stage = new ServerRequestsStage(answering(() => "accept"));
    for (const method of ["applyPatchApproval", "execCommandApproval"]) {
      const answer = await stage.ask({ method, params: { conversationId: "thread-1" } });
      assert.deepEqual(answer, {
        decision: { denied: { rejection: "Nobody here decides on this" } },
      });
    }
  });

  it("tells the time in seconds", async () => {
    const before = Math.floor(Date.now() / 1000);
    const answer = await new ServerRequestsStage().ask({
      method: "currentTime/read",
      params: { threadId: "thread-1" },
    });
    const { currentTimeAt } = answer as { currentTimeAt: number };
    assert.ok(Number.isInteger(currentTimeAt));
    assert.ok(currentTimeAt >= before && currentTimeAt <= Date.now() / 1000);
  });

  it("has no answer to what this SDK does not do", async () => {
    const stage = new ServerRequestsStage(answering(() => "accept"));
    for (
      const method of [
        "attestation/generate",
        "account/chatgptAuthTokens/refresh",
        "item/brandNew/requestApproval",
        "toString",
        "__proto__",
        "",
      ]
    ) {
      assert.equal(await stage.ask({ method, params: {} }), undefined);
    }
  });

  it("sends no lone surrogate, which would leave the turn waiting for ever", async () => {
    const half = "\ud800";
    const stage = new ServerRequestsStage({
      onUserInput: () => ({ q1: [half] }),
      onElicitation: () => ({ action: "accept", content: { [half]: [half, 1] } }),
      tools: new Map([
        ["cut", tool({ name: "cut", description: "-", inputSchema, run: () => half })],
      ]),
    });
    for (const asked of [userInputRequest, elicitationRequest(), toolCallRequest("cut")]) {
      const text = JSON.stringify(await stage.ask(asked));
      assert.doesNotMatch(text, /\\ud8/);
      assert.match(text, /\ufffd/);
    }
  });

  it("answers whatever codex sends, and accepts nothing by itself", async () => {
    const methods = [...new Set(questions.map(([{ method }]) => method)), "item/tool/call"];
    const field = fc.oneof(
      json,
      fc.constantFrom("thread-1", "turn-1", "item-1", "command", "form"),
    );
    const anything = fc.oneof(
      json,
      fc.constant(undefined),
      // What is known, damaged.
      fc.tuple(
        fc.constantFrom(...questions.map(([{ params }]) => params)),
        fc.dictionary(
          fc.constantFrom(...questions.flatMap(([{ params }]) => Object.keys(params))),
          field,
        ),
      ).map(([params, damage]) => ({ ...params, ...damage })),
    );
    const harmless = new Set([
      JSON.stringify({ decision: "decline" }),
      JSON.stringify(noGrant),
      JSON.stringify(declinedElicitation),
      JSON.stringify({ answers: {} }),
    ]);
    const handlers = [
      {},
      answering(() => {
        throw new Error("no");
      }),
      answering(() => ({})),
      answering(() => "accept for all eternity"),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...methods),
        anything,
        json,
        fc.constantFrom(...handlers),
        async (method, params, item, handler) => {
          const stage = new ServerRequestsStage({ ...handler, itemOf: () => item });
          const answer = await stage.requests.handle(method, params, {
            id: 1,
            signal: stage.connection.signal,
          });
          const isFailure = (answer as { success?: unknown }).success === false;
          assert.ok(isFailure || harmless.has(JSON.stringify(answer)), JSON.stringify(answer));
        },
      ),
      { numRuns: 400 },
    );
  });

  it("answers whatever a handler says, and passes on nothing but words of the protocol", async () => {
    const decision = fc.oneof(
      json,
      fc.constantFrom("accept", "acceptForSession", "decline", "cancel"),
      fc.record({ acceptAndPersistRule: json }),
      fc.record({ grant: json, scope: fc.constantFrom("turn", "session", "ever") }),
      fc.record({ action: fc.constantFrom("accept", "decline", "cancel", "?"), content: json }),
    );
    const words = ["accept", "acceptForSession", "decline", "cancel"];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...questions), decision, async ([asked], answer) => {
        const stage = new ServerRequestsStage(answering(() => answer));
        // deno-lint-ignore no-explicit-any
        const result: any = await stage.ask(asked);
        if ("decision" in result && typeof result.decision === "string") {
          assert.ok(words.includes(result.decision));
        } else if ("decision" in result) {
          const rule = result.decision.acceptWithExecpolicyAmendment.execpolicy_amendment;
          assert.ok(rule.length > 0 && rule.every((word: unknown) => typeof word === "string"));
        } else if ("action" in result) assert.ok(words.includes(result.action));
        else assert.ok("answers" in result || ["turn", "session"].includes(result.scope));
      }),
      { numRuns: 400 },
    );
  });
});

const inputSchema = { type: "object" };
