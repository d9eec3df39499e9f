import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commandApproval } from "../../src/app_server/approval_requests.ts";
import { askOnTerminal, type Terminal } from "../../src/app_server/ask_on_terminal.ts";
import type { ApprovalRequest, CommandApprovalRequest } from "../../src/approvals.ts";
import { commandRequest } from "../support/server_requests_stage.ts";
import { settled } from "../support/virtual_clock.ts";

const context = { signal: new AbortController().signal };
const command = commandApproval(commandRequest("touch a").params).request as CommandApprovalRequest;

/** Someone who types these lines, then leaves. */
class Typist implements Terminal {
  readonly shown: string[] = [];
  readonly #lines: string[];

  constructor(...lines: string[]) {
    this.#lines = lines;
  }

  ask(text: string): Promise<string | null> {
    this.shown.push(text);
    return Promise.resolve(this.#lines.shift() ?? null);
  }
}

const base = { threadId: "t", turnId: "u", itemId: "i", raw: {} };

async function shown(request: ApprovalRequest): Promise<string> {
  const typist = new Typist("n");
  await askOnTerminal(typist)(request, context);
  return typist.shown.join("");
}

describe("askOnTerminal()", () => {
  it("takes words and letters", async () => {
    const words: [string, string][] = [
      ["y", "accept"],
      [" YES ", "accept"],
      ["a", "acceptForSession"],
      ["always", "acceptForSession"],
      ["n", "decline"],
      ["No", "decline"],
      ["c", "cancel"],
      ["cancel", "cancel"],
    ];
    for (const [word, decision] of words) {
      assert.equal(await askOnTerminal(new Typist(word))(command, context), decision);
    }
  });

  it("asks again until it is answered", async () => {
    const typist = new Typist("", "perhaps", "y");
    assert.equal(await askOnTerminal(typist)(command, context), "accept");
    assert.equal(typist.shown.length, 3);
    assert.match(typist.shown[0]!, /touch a/);
    assert.doesNotMatch(typist.shown[1]!, /touch a/);
  });

  it("declines when there is nobody", async () => {
    assert.equal(await askOnTerminal(new Typist())(command, context), "decline");
    assert.equal(await askOnTerminal(new Typist("what"))(command, context), "decline");
  });

  it("asks one after the other", async () => {
    const answers: ((line: string) => void)[] = [];
    const terminal: Terminal = { ask: () => new Promise((resolve) => answers.push(resolve)) };
    const decisions = [1, 2].map(() => askOnTerminal(terminal)(command, context));
    await settled();
    assert.equal(answers.length, 1);
    answers[0]!("y");
    assert.equal(await decisions[0], "accept");
    await settled();
    answers[1]!("n");
    assert.equal(await decisions[1], "decline");
  });

  it("does not ask what is of no use any more, and lets the next one ask", async () => {
    const asked: AbortSignal[] = [];
    const terminal: Terminal = {
      ask: (_text, signal) => {
        asked.push(signal);
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      },
    };
    const turns = [new AbortController(), new AbortController(), new AbortController()];
    const handler = askOnTerminal(terminal);
    const outcomes = turns.map(({ signal }) =>
      Promise.resolve(handler(command, { signal })).catch((error) => error.message)
    );
    await settled();
    turns[1]!.abort(new Error("second"));
    turns[0]!.abort(new Error("first"));
    assert.equal(await outcomes[0], "first");
    assert.equal(await outcomes[1], "second");
    await settled();
    assert.deepEqual(asked, [turns[0]!.signal, turns[2]!.signal]);
    turns[2]!.abort(new Error("third"));
    assert.equal(await outcomes[2], "third");
  });

  it("shows what accepting means", async () => {
    assert.equal(
      await shown({
        ...command,
        network: { host: "example.com", protocol: "https" },
        additionalPermissions: { network: { enabled: true } },
      }),
      [
        "",
        "Codex wants to run a command",
        "  | /bin/bash -lc 'touch a'",
        "  in: /w",
        "  to reach: https://example.com",
        '  with permissions for: {"network":{"enabled":true}}',
        "  because: To see",
        "Allow it? [y]es, [n]o, [a]lways in this session, [c]ancel the turn: ",
      ].join("\n"),
    );
    assert.match(await shown({ ...command, kind: "write_stdin" }), /type into a running command/);
    assert.match(await shown({ ...command, kind: "human_command" }), /a command of the user/);
    assert.equal(
      await shown({
        ...base,
        type: "file_change",
        changes: [
          { path: "/w/a", kind: "add", movePath: null, diff: "one\ntwo" },
          { path: "/w/b", kind: "update", movePath: "/w/c", diff: "@@" },
        ],
        reason: null,
        grantRoot: "/w",
      }),
      [
        "",
        "Codex wants to change files",
        "  add: /w/a",
        "  | one",
        "  | two",
        "  update: /w/b -> /w/c",
        "  | @@",
        "  and to write from now on in: /w",
        "Allow it? [y]es, [n]o, [a]lways in this session, [c]ancel the turn: ",
      ].join("\n"),
    );
    assert.match(
      await shown({
        ...base,
        type: "permissions",
        permissions: { network: { enabled: true } },
        cwd: "/w",
        reason: "To install",
      }),
      /further permissions\n {2}for: {"network":{"enabled":true}}\n {2}in: \/w\n {2}because: To/,
    );
    assert.match(
      await shown({
        ...base,
        type: "mcp_tool",
        server: "demo",
        tool: "write",
        arguments: { x: 1 },
        annotations: {},
        message: "Allow?",
      }),
      /asks: Allow\?\n {2}server: demo\n {2}tool: write\n {2}with: {"x":1}/,
    );
  });

  it("shows what would paint over itself", async () => {
    const text = await shown({ ...command, command: "rm x\r\x1b[2Kls\u202e\u2028\nls\t-l" });
    assert.match(text, / {2}\| rm x\\u\{d\}\\u\{1b\}\[2Kls\\u\{202e\}\\u\{2028\}\n {2}\| ls\t-l\n/);
  });

  it("shows all of a command, and of a long change how much more there is", async () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, line) => `${line}`).join("\n");
    assert.match(await shown({ ...command, command: lines(1000) }), /\n {2}\| 999\n/);
    const text = await shown({
      ...base,
      type: "file_change",
      changes: [{ path: "/w/a", kind: "add", movePath: null, diff: lines(1000) }],
      reason: null,
      grantRoot: null,
    });
    assert.match(text, /\n {2}\| 399\n {2}\| \.\.\. and 600 more lines\n/);
  });
});
