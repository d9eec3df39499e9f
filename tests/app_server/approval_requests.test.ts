import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  commandApproval,
  fileChangeApproval,
  isMcpToolApproval,
  mcpToolApproval,
  permissionsApproval,
} from "../../src/app_server/approval_requests.ts";
import type { Question } from "../../src/app_server/question.ts";
import { appServerRecording } from "../support/app_server_recordings.ts";
import {
  askedPermissions,
  commandRequest,
  elicitationRequest,
  fileChange,
  fileChangeRequest,
  mcpToolRequest,
  permissionsRequest,
} from "../support/server_requests_stage.ts";

function answers(question: Question, decisions: unknown[]): unknown[] {
  return decisions.map((decision) => question.decide(decision)?.result ?? null);
}

const words = ["accept", "acceptForSession", "decline", "cancel"];
const rule = { acceptAndPersistRule: ["touch"] };
const grant = { grant: { network: { enabled: true } }, scope: "turn" };

describe("commandApproval()", () => {
  it("asks with all there is to know of the command", () => {
    const { params } = commandRequest("touch a", {
      networkApprovalContext: { host: "example.com", protocol: "https" },
      additionalPermissions: { network: { enabled: true }, fileSystem: null },
    });
    assert.deepEqual(commandApproval(params).request, {
      type: "command",
      kind: "command",
      threadId: "thread-1",
      turnId: "turn-1",
      itemId: "item-1",
      command: "/bin/bash -lc 'touch a'",
      cwd: "/w",
      reason: "To see",
      actions: [{ type: "unknown", command: "touch a" }],
      network: { host: "example.com", protocol: "https" },
      additionalPermissions: { network: { enabled: true }, fileSystem: null },
      proposedRule: ["touch", "a"],
      raw: params,
    });
  });

  it("asks about what is left out as well", () => {
    const { request } = commandApproval({ threadId: "t", turnId: "u", itemId: "i" });
    assert.deepEqual(request, {
      type: "command",
      kind: "command",
      threadId: "t",
      turnId: "u",
      itemId: "i",
      command: "",
      cwd: "",
      reason: null,
      actions: [],
      network: null,
      additionalPermissions: null,
      proposedRule: null,
      raw: { threadId: "t", turnId: "u", itemId: "i" },
    });
  });

  it("tells a command from what is typed into one", () => {
    const kinds = ["command", "humanCommand", "writeStdin", "newKind"].map((kind) => {
      const { request } = commandApproval(commandRequest("read x", { kind }).params);
      return "kind" in request ? request.kind : null;
    });
    assert.deepEqual(kinds, ["command", "human_command", "write_stdin", "newKind"]);
  });

  it("answers with each decision there is for a command, and no other", () => {
    const question = commandApproval(commandRequest("touch a").params);
    assert.deepEqual(answers(question, [...words, rule, grant, "approved", {}]), [
      { decision: "accept" },
      { decision: "acceptForSession" },
      { decision: "decline" },
      { decision: "cancel" },
      { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["touch"] } } },
      null,
      null,
      null,
    ]);
  });

  it("keeps no rule that is none", () => {
    const question = commandApproval(commandRequest("touch a").params);
    for (const acceptAndPersistRule of [[], [""], ["touch", 1], "touch", null, [["touch"]]]) {
      assert.equal(question.decide({ acceptAndPersistRule }), null);
    }
  });

  it("keeps no rule for a host or for what is typed", () => {
    const network = { host: "example.com", protocol: "https" };
    for (const more of [{ networkApprovalContext: network }, { kind: "writeStdin" }]) {
      assert.equal(commandApproval(commandRequest("curl", more).params).decide(rule), null);
    }
  });
});

describe("fileChangeApproval()", () => {
  it("asks with the changes of the item", () => {
    const { request } = fileChangeApproval(
      { ...fileChangeRequest.params, grantRoot: "/w" },
      fileChange,
    )!;
    assert.ok(request !== null && "changes" in request);
    assert.deepEqual(request.changes, [
      { path: "/w/a.txt", kind: "add", movePath: null, diff: "hello\n" },
      { path: "/w/b.txt", kind: "update", movePath: "/w/c.txt", diff: "@@ -1 +1 @@" },
    ]);
    assert.equal(request.grantRoot, "/w");
    assert.equal(request.itemId, "item-1");
  });

  it("does not ask about files that are not known", () => {
    const change = fileChange.changes[0];
    const items = [
      undefined,
      null,
      {},
      { changes: [] },
      { changes: [change, null] },
      { changes: [{ ...change, path: 1 }] },
      { changes: [{ ...change, kind: { type: "chmod" } }] },
      { changes: [{ ...change, kind: { type: "update", move_path: ["/etc/passwd"] } }] },
    ];
    for (const item of items) {
      assert.equal(fileChangeApproval(fileChangeRequest.params, item), null);
    }
  });

  it("answers with each decision there is for files, and no other", () => {
    const question = fileChangeApproval(fileChangeRequest.params, fileChange)!;
    assert.deepEqual(answers(question, [...words, rule, grant]), [
      ...words.map((decision) => ({ decision })),
      null,
      null,
    ]);
  });

  it("takes requests as codex sends them", () => {
    const said = appServerRecording("approval_patch_decline").map(({ msg }) => msg);
    const paramsOf = (method: string) =>
      said.flatMap((message) => message.method === method ? [message.params] : []);
    const item = paramsOf("item/started").find(({ item }) => item.type === "fileChange").item;
    const [params] = paramsOf("item/fileChange/requestApproval");
    const { request } = fileChangeApproval(params, item)!;
    assert.ok("changes" in request);
    assert.equal(request.changes.length, 1);
    assert.equal(request.changes[0]!.diff, "hello world\n");
  });
});

describe("permissionsApproval()", () => {
  const { params } = permissionsRequest();

  it("asks with what codex asks for", () => {
    assert.deepEqual(permissionsApproval(params).request, {
      type: "permissions",
      threadId: "thread-1",
      turnId: "turn-1",
      itemId: "item-1",
      permissions: askedPermissions,
      cwd: "/w",
      reason: "To install",
      raw: params,
    });
  });

  it("grants exactly what was asked for, once or for the session", () => {
    const question = permissionsApproval(params);
    assert.deepEqual(answers(question, words), [
      { permissions: askedPermissions, scope: "turn" },
      { permissions: askedPermissions, scope: "session" },
      { permissions: {}, scope: "turn" },
      { permissions: {}, scope: "turn" },
    ]);
    assert.equal(question.decide("cancel")!.interrupts, true);
    assert.notEqual(question.decide("decline")!.interrupts, true);
  });

  it("grants a part, for as long as was said", () => {
    const question = permissionsApproval(params);
    assert.deepEqual(
      answers(question, [grant, { ...grant, scope: "session" }, { grant: {}, scope: "turn" }]),
      [
        { permissions: { network: { enabled: true } }, scope: "turn" },
        { permissions: { network: { enabled: true } }, scope: "session" },
        { permissions: {}, scope: "turn" },
      ],
    );
  });

  it("refuses a grant of more, and one without an end", () => {
    const question = permissionsApproval(params);
    const more = { fileSystem: { write: ["/"] } };
    for (
      const decision of [
        { grant: more, scope: "turn" },
        { ...grant, scope: "always" },
        { grant: grant.grant },
        { scope: "turn" },
        rule,
      ]
    ) {
      assert.equal(question.decide(decision), null);
    }
  });
});

describe("mcpToolApproval()", () => {
  const { params } = mcpToolRequest();

  it("asks with the tool and what it would be called with", () => {
    assert.deepEqual(mcpToolApproval(params).request, {
      type: "mcp_tool",
      threadId: "thread-1",
      turnId: "turn-1",
      itemId: null,
      server: "demo",
      tool: "write",
      arguments: { x: 1 },
      annotations: { readOnlyHint: false, destructiveHint: true },
      message: 'Allow the demo MCP server to run tool "write"?',
      raw: params,
    });
  });

  it("answers in the words of elicitations, and asks codex to remember", () => {
    const question = mcpToolApproval(params);
    assert.deepEqual(answers(question, [...words, rule, grant, {}]), [
      { action: "accept", content: null, _meta: null },
      { action: "accept", content: null, _meta: { persist: "session" } },
      { action: "decline", content: null, _meta: null },
      { action: "cancel", content: null, _meta: null },
      null,
      null,
      null,
    ]);
    assert.equal(question.decide("cancel")!.interrupts, true);
  });

  it("accepts this once where codex cannot remember", () => {
    const question = mcpToolApproval({ ...params, _meta: { tool_name: "write" } });
    assert.deepEqual(answers(question, ["acceptForSession"]), [
      { action: "accept", content: null, _meta: null },
    ]);
  });

  it("is for requests of codex, not for questions with a form", () => {
    assert.equal(isMcpToolApproval(params), true);
    const form = elicitationRequest().params;
    assert.equal(isMcpToolApproval(form), false);
    // As a server would have to write it to pass its form off as an approval.
    assert.equal(isMcpToolApproval({ ...form, _meta: params._meta }), false);
    assert.equal(isMcpToolApproval({ ...params, mode: "url", url: "https://a.example" }), false);
  });
});
