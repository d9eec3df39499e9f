import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe } from "node:test";
import {
  AbortError,
  type ApprovalDecision,
  type ApprovalHandler,
  type ApprovalRequest,
  type CommandApprovalRequest,
  type ElicitationAnswer,
  type ElicitationRequest,
  type FileChangeApprovalRequest,
  type McpToolApprovalRequest,
  type PermissionsApprovalRequest,
  type ThreadOptions,
  type Turn,
  type UserInputRequest,
} from "../../mod.ts";
import {
  allowReadOnlyCommands,
  allowWithin,
  ApprovalQueue,
  denyAll,
} from "../../src/app_server/mod.ts";
import { deferred } from "../../src/deferred.ts";
import {
  applyPatch,
  functionCall,
  mcpCall,
  message,
  repeat,
  type ScriptStep,
  shell,
  toolOutputs,
} from "../../src/testing/mod.ts";
import { ServerBench, type ServerStage } from "../support/app_server.ts";

/** Asks for every command and every change. */
const untrusted: ThreadOptions = { approvalPolicy: "untrusted", sandboxMode: "workspace-write" };
const never = new Promise<never>(() => {});

/** A handler that notes what it is asked, and answers by turns. */
function asker<R extends ApprovalRequest = CommandApprovalRequest>(
  ...decisions: ApprovalDecision[]
): { asked: R[]; onApproval: ApprovalHandler } {
  const asked: R[] = [];
  return {
    asked,
    onApproval: (request) => {
      asked.push(request as R);
      return decisions[asked.length - 1] ?? assert.fail(`Asked once more: ${request.type}`);
    },
  };
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(() => assert.fail("It did not fail"), (error) => error);
}

/** What became of the commands and file changes of a turn. */
function statuses({ items }: Turn): string[] {
  return items.flatMap((item) => "status" in item ? [item.status] : []);
}

function exists({ directory }: ServerStage, ...names: string[]): boolean[] {
  return names.map((name) => existsSync(join(directory, name)));
}

function addFile(path: string, callId?: string): ScriptStep {
  const patch = `*** Begin Patch\n*** Add File: ${path}\n+Hello\n*** End Patch`;
  return applyPatch(patch, callId === undefined ? {} : { callId });
}

describe("the approval of a command", () => {
  const bench = new ServerBench();

  bench.it("tells what would be run", [
    shell("echo > told.txt", {}, { callId: "call_told" }),
    message("ok"),
  ], async (stage) => {
    const { asked, onApproval } = asker("accept");
    const thread = stage.startThread(untrusted);
    const turn = await thread.run("Go", { onApproval });
    assert.deepEqual(statuses(turn), ["completed"]);
    assert.deepEqual(exists(stage, "told.txt"), [true]);
    const [{ raw, ...request }] = asked as [CommandApprovalRequest];
    assert.equal(raw.itemId, request.itemId);
    assert.match(request.turnId ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual({ ...request, turnId: null, proposedRule: null }, {
      type: "command",
      kind: "command",
      threadId: thread.id,
      turnId: null,
      itemId: "call_told",
      command: "/bin/bash -lc 'echo > told.txt'",
      cwd: stage.directory,
      reason: null,
      actions: [{ type: "unknown", command: "echo > told.txt" }],
      network: null,
      additionalPermissions: null,
      proposedRule: null,
    });
    assert.ok(Array.isArray(request.proposedRule));
  });

  bench.it("declines, and the agent is told and goes on", [
    shell("echo > no.txt", {}, { callId: "call_no" }),
    (request) => message(toolOutputs(request).get("call_no") ?? ""),
  ], async (stage) => {
    const turn = await stage.startThread(untrusted).run("Go", {
      onApproval: () => "decline",
    });
    assert.deepEqual(statuses(turn), ["declined"]);
    assert.match(turn.finalResponse, /rejected by user/);
    assert.deepEqual(exists(stage, "no.txt"), [false]);
  });

  bench.it("cancels, and ends the turn with it", [
    shell("echo > no.txt"),
    message("Again"),
  ], async (stage) => {
    const thread = stage.startThread(untrusted);
    const error = await failureOf(thread.run("Go", { onApproval: () => "cancel" }));
    assert.ok(AbortError.is(error), `${error}`);
    assert.deepEqual(statuses(error.turn), ["declined"]);
    assert.deepEqual(exists(stage, "no.txt"), [false]);
    assert.equal((await thread.run("Go on")).finalResponse, "Again");
  });

  bench.it("accepts for the session what is the same, and nothing else", [
    shell("echo >> same.txt"),
    shell("echo >> same.txt"),
    shell("echo >> other.txt"),
    message("ok"),
    shell("echo >> same.txt"),
    message("ok"),
    shell("echo >> same.txt"),
    message("ok"),
  ], async (stage) => {
    const { asked, onApproval } = asker("acceptForSession", "decline", "decline");
    const thread = stage.startThread({ ...untrusted, onApproval });
    assert.deepEqual(statuses(await thread.run("Go")), ["completed", "completed", "declined"]);
    assert.deepEqual(statuses(await thread.run("Again")), ["completed"]);
    // Another thread is another session.
    const other = stage.startThread({ ...untrusted, onApproval });
    assert.deepEqual(statuses(await other.run("Go")), ["declined"]);
    assert.equal(asked.length, 3);
    assert.equal(readFileSync(join(stage.directory, "same.txt"), "utf8"), "\n\n\n");
  });

  bench.it("lets a command out of the sandbox that asks to, and only then", [
    shell("echo > escaped.txt"),
    shell("echo > escaped.txt", {
      sandbox_permissions: "require_escalated",
      justification: "May I write?",
    }),
    shell("echo > kept_in.txt", { sandbox_permissions: "require_escalated" }),
    message("ok"),
  ], async (stage) => {
    const { asked, onApproval } = asker("accept", "decline");
    // "on-request" is what a thread with a handler has.
    const thread = stage.startThread({ sandboxMode: "read-only", onApproval });
    const turn = await thread.run("Go");
    const [kept] = [...toolOutputs(stage.model.requests[1]!).values()];
    assert.match(kept!, /Read-only file system/);
    // Of a command that the sandbox ends at once codex tells nothing, now and then.
    assert.deepEqual(statuses(turn).slice(-2), ["completed", "declined"]);
    assert.deepEqual(asked.map(({ reason }) => reason), ["May I write?", null]);
    assert.deepEqual(exists(stage, "escaped.txt", "kept_in.txt"), [true, false]);
  });

  bench.it("is not asked for where nobody would answer", [
    shell("echo > nobody.txt", { sandbox_permissions: "require_escalated" }, { callId: "call_x" }),
    (request) => message(toolOutputs(request).get("call_x") ?? ""),
  ], async (stage) => {
    const turn = await stage.startThread().run("Go");
    assert.deepEqual(statuses(turn), []);
    assert.match(turn.finalResponse, /approval policy is Never|never/i);
    assert.deepEqual([turn.diagnostics, ...exists(stage, "nobody.txt")], [[], false]);
  });

  bench.it("is a no where nobody answers although codex asks", [
    shell("echo > nobody.txt"),
    addFile("nobody.txt"),
    message("ok"),
  ], async (stage) => {
    const turn = await stage.startThread(untrusted).run("Go");
    assert.deepEqual(statuses(turn), ["declined", "declined"]);
    assert.deepEqual(exists(stage, "nobody.txt"), [false]);
    assert.deepEqual(turn.diagnostics.map(({ message }) => message), [
      'Refused a command: there is no "onApproval"',
      'Refused a file change: there is no "onApproval"',
    ]);
  });

  bench.it("is a no when the handler throws or answers nonsense", [
    ...Array.from({ length: 5 }, (_, i) => shell(`echo > nonsense_${i}.txt`)),
    message("ok"),
  ], async (stage) => {
    const answers: (() => unknown)[] = [
      () => {
        throw new Error("Oh no");
      },
      () => Promise.reject(new Error("Oh no, later")),
      () => "approved",
      () => true,
      () => ({ grant: {}, scope: "turn" }),
    ];
    let times = 0;
    const onApproval = (() => answers[times++]!()) as ApprovalHandler;
    const turn = await stage.startThread({ ...untrusted, onApproval }).run("Go");
    assert.deepEqual(statuses(turn), answers.map(() => "declined"));
    assert.deepEqual(readdirSync(stage.directory).filter((name) => /nonsense/.test(name)), []);
    const [first, second, ...rest] = turn.diagnostics.map(({ message }) => message);
    assert.equal(first, 'Refused a command: "onApproval" threw: Oh no');
    assert.equal(second, 'Refused a command: "onApproval" threw: Oh no, later');
    assert.equal(rest.length, 3);
  });

  bench.it("is a no when the handler takes too long", [
    shell("echo > late.txt"),
    message("ok"),
  ], async (stage) => {
    const ended = deferred<AbortSignal>();
    const onApproval: ApprovalHandler = (_request, { signal }) => {
      signal.addEventListener("abort", () => ended.resolve(signal));
      return never;
    };
    const turn = await stage.startThread({ ...untrusted, onApproval }).run("Go");
    assert.deepEqual(statuses(turn), ["declined"]);
    assert.equal((await ended.promise).aborted, true);
    assert.match(turn.diagnostics[0]!.message, /took longer than 50 ms/);
  }, { server: { approvalTimeoutMs: 50 } });

  bench.it("is of no use any more when the turn is interrupted", [
    shell("echo > interrupted.txt"),
    message("Next"),
  ], async (stage) => {
    const asked = deferred<AbortSignal>();
    const answer = deferred<ApprovalDecision>();
    const onApproval: ApprovalHandler = (_request, { signal }) => {
      asked.resolve(signal);
      return answer.promise;
    };
    const thread = stage.startThread({ ...untrusted, onApproval });
    const running = failureOf(thread.run("Go"));
    const signal = await asked.promise;
    assert.equal(signal.aborted, false);
    await thread.interrupt();
    assert.equal(signal.aborted, true);
    assert.ok(AbortError.is(await running));
    // Too late: nobody takes it for the answer to something else.
    answer.resolve("accept");
    assert.equal((await thread.run("Go on")).finalResponse, "Next");
    assert.deepEqual(exists(stage, "interrupted.txt"), [false]);
  });

  bench.it("is a matter of the turn, then of the thread, then of the Codex", [
    ...["codex", "thread", "turn"].flatMap((name) => [shell(`echo > ${name}.txt`), message("ok")]),
  ], async (stage) => {
    const asked: string[] = [];
    const by = (name: string): ApprovalHandler => () => {
      asked.push(name);
      return "decline";
    };
    const codex = stage.another({ onApproval: by("codex") });
    const options = { ...untrusted, workingDirectory: stage.directory };
    await codex.startThread(options).run("Go");
    const thread = codex.startThread({ ...options, onApproval: by("thread") });
    await thread.run("Go");
    await thread.run("Go", { onApproval: by("turn") });
    assert.deepEqual(asked, ["codex", "thread", "turn"]);
  });
});

describe("an approval that keeps a rule", () => {
  const bench = new ServerBench();

  bench.it("keeps it for all threads, and only when that is the answer", [
    shell("touch ruled_1.txt"),
    message("ok"),
    shell("touch ruled_2.txt"),
    shell("rm ruled_1.txt"),
    message("ok"),
  ], async (stage) => {
    const { asked, onApproval } = asker({ acceptAndPersistRule: ["touch"] }, "decline");
    const rules = join(stage.codexHome, "rules");
    const turn = await stage.startThread({ ...untrusted, onApproval }).run("Go");
    assert.deepEqual(statuses(turn), ["completed"]);
    const files = readdirSync(rules);
    assert.equal(files.length, 1);
    assert.match(readFileSync(join(rules, files[0]!), "utf8"), /\["touch"\]/);
    const other = await stage.startThread({ ...untrusted, onApproval }).run("Go");
    assert.deepEqual(statuses(other), ["completed", "declined"]);
    assert.deepEqual(asked.length, 2);
    assert.deepEqual(exists(stage, "ruled_1.txt", "ruled_2.txt"), [true, true]);
  }, { keepsRule: true });
});

describe("the approval of a file change", () => {
  const bench = new ServerBench();

  bench.it("tells what would be changed", [
    applyPatch(
      "*** Begin Patch\n*** Add File: new.txt\n+New\n*** Update File: old.txt\n@@\n-Old\n+Newer\n" +
        "*** Update File: moved.txt\n*** Move to: there.txt\n@@\n-Here\n+There\n" +
        "*** Delete File: gone.txt\n*** End Patch",
      { callId: "call_patch" },
    ),
    message("ok"),
  ], async (stage) => {
    const { directory } = stage;
    for (const [name, text] of [["old", "Old"], ["moved", "Here"], ["gone", "Gone"]] as const) {
      await writeFile(join(directory, `${name}.txt`), `${text}\n`);
    }
    const { asked, onApproval } = asker<FileChangeApprovalRequest>("accept");
    const thread = stage.startThread(untrusted);
    const turn = await thread.run("Go", { onApproval });
    assert.deepEqual(statuses(turn), ["completed"]);
    const [{ changes, ...request }] = asked as [FileChangeApprovalRequest];
    assert.deepEqual([request.type, request.threadId, request.itemId, request.grantRoot], [
      "file_change",
      thread.id,
      "call_patch",
      null,
    ]);
    const at = (name: string) => join(directory, name);
    const short = changes.map(({ path, kind, movePath }) => ({ path, kind, movePath }));
    assert.deepEqual(short.sort((a, b) => a.path < b.path ? -1 : 1), [
      { path: at("gone.txt"), kind: "delete", movePath: null },
      { path: at("moved.txt"), kind: "update", movePath: at("there.txt") },
      { path: at("new.txt"), kind: "add", movePath: null },
      { path: at("old.txt"), kind: "update", movePath: null },
    ]);
    const diffs = new Map(changes.map(({ path, diff }) => [path, diff]));
    assert.equal(diffs.get(at("new.txt")), "New\n");
    assert.match(diffs.get(at("old.txt"))!, /^@@.*\n-Old\n\+Newer\n/);
    assert.deepEqual(exists(stage, "new.txt", "there.txt", "moved.txt", "gone.txt"), [
      true,
      true,
      false,
      false,
    ]);
  });

  bench.it(
    "declines, cancels, or accepts for the session",
    [
      addFile("declined.txt", "call_declined"),
      addFile("session.txt"),
      applyPatch("*** Begin Patch\n*** Update File: session.txt\n@@\n-Hello\n+Bye\n*** End Patch"),
      addFile("other.txt"),
      message("Never"),
    ].slice(0, 4),
    async (stage) => {
      const { asked, onApproval } = asker<FileChangeApprovalRequest>(
        "decline",
        "acceptForSession",
        "cancel",
      );
      const error = await failureOf(stage.startThread({ ...untrusted, onApproval }).run("Go"));
      assert.ok(AbortError.is(error), `${error}`);
      assert.deepEqual(statuses(error.turn), ["declined", "completed", "completed"]);
      assert.equal(asked.length, 3);
      const [output] = [...toolOutputs(stage.model.requests[1]!).values()];
      assert.match(output!, /rejected by user/);
      assert.deepEqual(exists(stage, "declined.txt", "session.txt", "other.txt"), [
        false,
        true,
        false,
      ]);
      assert.equal(readFileSync(join(stage.directory, "session.txt"), "utf8"), "Bye\n");
    },
  );

  bench.it("is asked for outside of what the sandbox lets be written", [
    addFile("inside.txt"),
    addFile("../outside.txt"),
    message("ok"),
  ], async (stage) => {
    const { asked, onApproval } = asker<FileChangeApprovalRequest>("decline");
    const thread = stage.startThread({ sandboxMode: "workspace-write", onApproval });
    assert.deepEqual(statuses(await thread.run("Go")), ["completed", "declined"]);
    const outside = join(stage.directory, "..", "outside.txt");
    assert.deepEqual(asked[0]!.changes.map(({ path }) => path), [outside]);
    assert.equal(existsSync(outside), false);
  }, {
    // Codex counts the temporary folder as writable, and the project may lie in it.
    scripted: {
      config: {
        sandbox_workspace_write: { exclude_slash_tmp: true, exclude_tmpdir_env_var: true },
      },
    },
  });
});

describe("a policy", () => {
  const bench = new ServerBench();

  bench.it("allows commands that only read", [
    shell("ls | head -5"),
    shell("ls > listed.txt"),
    message("ok"),
  ], async (stage) => {
    const onApproval = allowReadOnlyCommands();
    const turn = await stage.startThread({ ...untrusted, onApproval }).run("Go");
    assert.deepEqual(statuses(turn), ["completed", "declined"]);
    assert.deepEqual(exists(stage, "listed.txt"), [false]);
  });

  bench.it("allows changes within a folder", [
    addFile("within.txt"),
    addFile("../without.txt"),
    addFile(".git/hooks/post-commit"),
    shell("echo > command.txt"),
    message("ok"),
  ], async (stage) => {
    const { asked, onApproval } = asker("decline", "decline", "decline");
    const turn = await stage.startThread({
      ...untrusted,
      onApproval: allowWithin(stage.directory, onApproval),
    }).run("Go");
    assert.deepEqual(statuses(turn), ["completed", "declined", "declined", "declined"]);
    assert.equal(asked.length, 3);
    assert.deepEqual(exists(stage, "within.txt", ".git/hooks/post-commit", "command.txt"), [
      true,
      false,
      false,
    ]);
  });

  bench.it("denies all", [shell("ls"), message("ok")], async (stage) => {
    const turn = await stage.startThread({ ...untrusted, onApproval: denyAll }).run("Go");
    assert.deepEqual([statuses(turn), turn.diagnostics], [["declined"], []]);
  });
});

describe("ApprovalQueue", () => {
  const bench = new ServerBench();

  bench.it("lets a user answer when it pleases, in any order", [
    {
      perThread: true,
      steps: [
        shell("echo > queued.txt"),
        repeat((request) => message([...toolOutputs(request).values()].join()), 1),
      ],
    },
  ], async (stage) => {
    const queue = new ApprovalQueue();
    const threads = [1, 2, 3].map(() =>
      stage.startThread({ ...untrusted, onApproval: queue.handler })
    );
    const turns = threads.map((thread) => thread.run("Go"));
    const pending = [];
    for await (const each of queue) {
      if (pending.push(each) === 3) break;
    }
    assert.equal(queue.size, 3);
    // The last one that asked is answered first, and its turn goes on alone.
    for (const [index, each] of pending.reverse().entries()) {
      const number = threads.findIndex(({ id }) => id === each.request.threadId);
      assert.equal(each.answer(index === 0 ? "accept" : "decline"), true);
      assert.deepEqual(statuses(await turns[number]!), [index === 0 ? "completed" : "declined"]);
    }
    assert.equal(queue.size, 0);
    queue.close();
  });

  bench.it("forgets what nobody waits for any more", [
    shell("echo > forgotten.txt"),
  ], async (stage) => {
    const queue = new ApprovalQueue();
    const thread = stage.startThread({ ...untrusted, onApproval: queue.handler });
    const running = failureOf(thread.run("Go"));
    const { value: pending } = await queue[Symbol.asyncIterator]().next();
    await thread.interrupt();
    assert.ok(AbortError.is(await running));
    assert.deepEqual([pending!.isResolved, pending!.signal.aborted, queue.size], [true, true, 0]);
    assert.equal(pending!.answer("accept"), false);
    assert.deepEqual(exists(stage, "forgotten.txt"), [false]);
  });
});

describe("the approval of further permissions", () => {
  const bench = new ServerBench();
  const scripted = { config: { features: { request_permissions_tool: true } } };

  bench.it("grants what is granted, for as long", [
    ...["a", "b"].map((callId) =>
      functionCall("request_permissions", {
        reason: "To fetch things",
        permissions: { network: { enabled: true } },
      }, { callId })
    ),
    (request) => message([...toolOutputs(request).values()].join("\n")),
  ], async (stage) => {
    const { asked, onApproval } = asker<PermissionsApprovalRequest>("decline", {
      grant: { network: { enabled: true } },
      scope: "turn",
    });
    const turn = await stage.startThread({ onApproval }).run("Go");
    assert.deepEqual(asked.map(({ type, reason, cwd }) => ({ type, reason, cwd })), [
      { type: "permissions", reason: "To fetch things", cwd: stage.directory },
      { type: "permissions", reason: "To fetch things", cwd: stage.directory },
    ]);
    assert.deepEqual(asked[0]!.permissions.network, { enabled: true });
    const [declined, granted] = turn.finalResponse.split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(declined.permissions, { network: null, file_system: null });
    assert.deepEqual(granted.permissions, { network: { enabled: true }, file_system: null });
  }, { scripted });

  bench.it("cancels, and ends the turn with it", [
    functionCall("request_permissions", {
      reason: "To fetch things",
      permissions: { network: { enabled: true } },
    }),
    repeat(message("Perhaps"), Infinity),
  ], async (stage) => {
    const { onApproval } = asker<PermissionsApprovalRequest>("cancel");
    const error = await failureOf(stage.startThread({ onApproval }).run("Go"));
    assert.ok(AbortError.is(error), `${error}`);
  }, { scripted });
});

describe("a question of the agent", () => {
  const bench = new ServerBench();
  const scripted = { config: { features: { default_mode_request_user_input: true } } };
  const ask = functionCall("request_user_input", {
    questions: [{
      id: "colour",
      header: "Colour",
      question: "Which colour?",
      options: [
        { label: "Red (Recommended)", description: "Like fire" },
        { label: "Blue", description: "Like water" },
      ],
    }],
  }, { callId: "call_ask" });
  const tell: ScriptStep = (request) => message(toolOutputs(request).get("call_ask") ?? "");

  bench.it("is answered", [ask, tell], async ({ startThread }) => {
    const asked: UserInputRequest[] = [];
    const turn = await startThread().run("Go", {
      onUserInput: (request) => {
        asked.push(request);
        return { colour: ["Blue"] };
      },
    });
    assert.match(turn.finalResponse, /"colour".*"Blue"/);
    assert.deepEqual(asked[0]!.questions, [{
      id: "colour",
      header: "Colour",
      question: "Which colour?",
      options: [
        { label: "Red (Recommended)", description: "Like fire" },
        { label: "Blue", description: "Like water" },
      ],
      allowsOther: true,
      isSecret: false,
    }]);
  }, { scripted });

  bench.it("is not answered where nobody can", [
    ask,
    tell,
    ask,
    tell,
  ], async ({ startThread }) => {
    const alone = await startThread().run("Go");
    assert.doesNotMatch(alone.finalResponse, /Red|Blue/);
    const failed = await startThread().run("Go", {
      onUserInput: () => {
        throw new Error("Nobody is at home");
      },
    });
    assert.equal(failed.finalResponse, alone.finalResponse);
    assert.match(failed.diagnostics[0]!.message, /Nobody is at home/);
  }, { scripted });
});

describe("an MCP server", () => {
  const bench = new ServerBench();
  const file = join(import.meta.dirname!, "../support/mcp_server.mjs");
  const flags = "Deno" in globalThis ? ["run", "--quiet", "--no-config", "--allow-all"] : [];
  const scripted = {
    config: { mcp_servers: { demo: { command: process.execPath, args: [...flags, file] } } },
  };
  const options: ThreadOptions = { approvalPolicy: "on-request" };

  /** What the calls of MCP tools in a turn came to. */
  function results({ items }: Turn): [status: string, text: string][] {
    return items.flatMap((item): [string, string][] => {
      if (item.type !== "mcp_tool_call") return [];
      const [content] = item.result?.content as { text?: string }[] | undefined ?? [];
      return [[item.status, content?.text ?? item.error?.message ?? ""]];
    });
  }

  bench.it("has its tool called when that is accepted", [
    mcpCall("demo", "write", { what: "one" }),
    mcpCall("demo", "write", { what: "two" }),
    mcpCall("demo", "write", { what: "three" }),
    message("ok"),
  ], async ({ startThread }) => {
    const { asked, onApproval } = asker<McpToolApprovalRequest>(
      "decline",
      "accept",
      "acceptForSession",
    );
    const thread = startThread({ ...options, onApproval });
    const turn = await thread.run("Go");
    const [first, second, third] = results(turn);
    assert.equal(first![0], "failed");
    assert.deepEqual([second, third], [["completed", "Wrote two"], ["completed", "Wrote three"]]);
    const [{ raw: _raw, turnId: _turnId, ...request }] = asked as [McpToolApprovalRequest];
    assert.deepEqual(request, {
      type: "mcp_tool",
      threadId: thread.id,
      itemId: null,
      server: "demo",
      tool: "write",
      arguments: { what: "one" },
      annotations: { readOnlyHint: false, destructiveHint: true },
      message: 'Allow the demo MCP server to run tool "write"?',
    });
  }, { scripted });

  bench.it("has its tool called without asking again in the session, and not elsewhere", [
    mcpCall("demo", "write", { what: "one" }),
    mcpCall("demo", "write", { what: "two" }),
    message("ok"),
    mcpCall("demo", "write", { what: "three" }),
    message("ok"),
  ], async ({ startThread }) => {
    const { asked, onApproval } = asker<McpToolApprovalRequest>("acceptForSession", "decline");
    const turn = await startThread({ ...options, onApproval }).run("Go");
    assert.deepEqual(results(turn).map(([status]) => status), ["completed", "completed"]);
    const other = await startThread({ ...options, onApproval }).run("Go");
    assert.deepEqual(results(other).map(([status]) => status), ["failed"]);
    assert.equal(asked.length, 2);
  }, { scripted });

  bench.it("ends the turn when its call is cancelled", [
    mcpCall("demo", "write", { what: "one" }),
    repeat(message("Perhaps"), Infinity),
  ], async ({ startThread }) => {
    const { onApproval } = asker<McpToolApprovalRequest>("cancel");
    const error = await failureOf(startThread({ ...options, onApproval }).run("Go"));
    assert.ok(AbortError.is(error), `${error}`);
  }, { scripted });

  bench.it("is refused without a handler", [
    mcpCall("demo", "write", { what: "one" }),
    mcpCall("demo", "ask"),
    message("ok"),
  ], async ({ startThread }) => {
    const turn = await startThread(options).run("Go");
    const [write, ask] = results(turn);
    assert.equal(write![0], "failed");
    assert.deepEqual(ask, ["completed", 'Answered {"action":"decline"}']);
    assert.deepEqual(turn.diagnostics.map(({ message }) => message), [
      'Refused the request of an MCP server: there is no "onApproval"',
      'Refused the request of an MCP server: there is no "onElicitation"',
    ]);
  }, { scripted });

  bench.it("has a page visited", [
    mcpCall("demo", "visit"),
    message("ok"),
  ], async ({ startThread }) => {
    const asked: ElicitationRequest[] = [];
    const turn = await startThread(options).run("Go", {
      onElicitation: (request) => (asked.push(request), { action: "accept" }),
    });
    assert.deepEqual(results(turn), [["completed", 'Answered {"action":"accept","content":{}}']]);
    const { message, mode, requestedSchema, url } = asked[0]!;
    assert.deepEqual({ message, mode, requestedSchema, url }, {
      message: "Please log in",
      mode: "url",
      requestedSchema: null,
      url: "https://example.com/",
    });
  }, { scripted });

  bench.it("is answered what it asks", [
    mcpCall("demo", "ask"),
    mcpCall("demo", "ask"),
    mcpCall("demo", "ask"),
    message("ok"),
  ], async ({ startThread }) => {
    const asked: ElicitationRequest[] = [];
    const answers: ElicitationAnswer[] = [
      { action: "accept", content: { name: "Bob" } },
      { action: "decline" },
      { action: "cancel" },
    ];
    const turn = await startThread(options).run("Go", {
      onElicitation: (request) => answers[asked.push(request) - 1]!,
    });
    assert.deepEqual(results(turn).map(([, text]) => JSON.parse(text.slice("Answered ".length))), [
      { action: "accept", content: { name: "Bob" } },
      { action: "decline" },
      { action: "cancel" },
    ]);
    const { server, message, mode, requestedSchema, url } = asked[0]!;
    assert.deepEqual({ server, message, mode, requestedSchema, url }, {
      server: "demo",
      message: "Your name?",
      mode: "form",
      requestedSchema: {
        type: "object",
        properties: { name: { type: "string" } },
        required: ["name"],
      },
      url: null,
    });
  }, { scripted });
});

describe("the user's configuration", () => {
  const bench = new ServerBench();

  const escape = (file: string) =>
    shell(`echo > ${file}`, { sandbox_permissions: "require_escalated" });
  bench.it("does not have codex's reviewer decide in place of the program", [
    escape("reviewed_1.txt"),
    message("ok"),
    escape("reviewed_2.txt"),
    message("ok"),
    escape("reviewed_3.txt"),
    message("ok"),
  ], async (stage) => {
    const { asked, onApproval } = asker("decline", "decline");
    const thread = stage.startThread({ onApproval });
    await thread.run("Go");
    await stage.codex.resumeThread(thread.id!, { onApproval }).run("Go");
    await thread.review({ type: "custom", instructions: "Go" });
    // In a review codex asks nobody, whatever the policy.
    assert.equal(asked.length, 2);
    const files = [1, 2, 3].map((i) => `reviewed_${i}.txt`);
    assert.deepEqual(exists(stage, ...files), [false, false, false]);
  }, { userConfig: () => 'approvals_reviewer = "auto_review"\n' });

  bench.it("does not have what is typed into an accepted command go unasked", [
    shell("bash", { tty: true, sandbox_permissions: "require_escalated" }, { callId: "open" }),
    (request) => {
      const [, id] = /session ID (\d+)/.exec(toolOutputs(request).get("open")!)!;
      return functionCall("write_stdin", { session_id: Number(id), chars: "echo > typed.txt\n" });
    },
    message("ok"),
  ], async (stage) => {
    const { asked, onApproval } = asker("accept", "decline");
    await stage.startThread({ onApproval }).run("Go");
    assert.deepEqual(asked.map(({ kind }) => kind), ["command", "write_stdin"]);
    assert.deepEqual(exists(stage, "typed.txt"), [false]);
  }, { userConfig: () => "[features]\nwrite_stdin_approval = false\n" });

  bench.it("stays as it is, whatever is accepted", [
    shell("echo > accepted.txt", { sandbox_permissions: "require_escalated" }),
    addFile("accepted_too.txt"),
    message("ok"),
  ], async (stage) => {
    const { onApproval } = asker<ApprovalRequest>("acceptForSession", "acceptForSession");
    const thread = stage.startThread({ ...untrusted, onApproval });
    assert.deepEqual(statuses(await thread.run("Go")), ["completed", "completed"]);
    await rm(join(stage.directory, "accepted_too.txt"));
  }, { userConfig: () => 'model_reasoning_effort = "low"\n' });
});
