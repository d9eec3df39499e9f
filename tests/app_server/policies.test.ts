import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { commandApproval } from "../../src/app_server/approval_requests.ts";
import { allowReadOnlyCommands, allowWithin, denyAll } from "../../src/app_server/policies.ts";
import type {
  ApprovalDecision,
  ApprovalHandler,
  ApprovalRequest,
  FileChangeApprovalRequest,
} from "../../src/approvals.ts";
import { InvalidOptionsError } from "../../src/errors.ts";
import { commandRequest } from "../support/server_requests_stage.ts";

const context = { signal: new AbortController().signal };
/** Recognisable. */
const otherwise: ApprovalHandler = () => "cancel";

function command(script: string, more: Record<string, unknown> = {}): ApprovalRequest {
  const commandActions = [{ type: "read", command: script }];
  const { params } = commandRequest(script, { commandActions, ...more });
  return commandApproval(params).request as ApprovalRequest;
}

const others: ApprovalRequest[] = [
  {
    type: "permissions",
    threadId: "t",
    turnId: "u",
    itemId: "i",
    permissions: {},
    cwd: "/w",
    reason: null,
    raw: {},
  },
  {
    type: "mcp_tool",
    threadId: "t",
    turnId: "u",
    itemId: null,
    server: "demo",
    tool: "read",
    arguments: {},
    annotations: { readOnlyHint: true },
    message: "?",
    raw: {},
  },
];

async function decide(
  handler: ApprovalHandler,
  request: ApprovalRequest,
): Promise<ApprovalDecision> {
  return await handler(request, context);
}

describe("denyAll", () => {
  it("declines", async () => {
    for (const request of [command("ls"), ...others]) {
      assert.equal(await decide(denyAll, request), "decline");
    }
  });
});

describe("allowReadOnlyCommands()", () => {
  it("accepts what only reads", async () => {
    const actions = [{ type: "read" }, { type: "listFiles" }, { type: "search" }];
    const request = command("cat a && ls && rg b", { commandActions: actions });
    assert.equal(await decide(allowReadOnlyCommands(), request), "accept");
  });

  it("passes on what codex does not take for reading, and what we do not", async () => {
    const passedOn = [
      command("ls", { commandActions: [{ type: "listFiles" }, { type: "unknown" }] }),
      command("ls", { commandActions: [] }),
      command("ls", { commandActions: null }),
      command("rg --pre touch foo", { commandActions: [{ type: "search" }] }),
      command("ls", { networkApprovalContext: { host: "example.com", protocol: "http" } }),
      command("ls", { additionalPermissions: { network: { enabled: true }, fileSystem: null } }),
      command("ls", { kind: "writeStdin" }),
      command("ls", { kind: "humanCommand" }),
      command("ls", { command: null }),
      ...others,
    ];
    for (const request of passedOn) {
      assert.equal(await decide(allowReadOnlyCommands(otherwise), request), "cancel");
      assert.equal(await decide(allowReadOnlyCommands(), request), "decline");
    }
  });
});

describe("allowWithin()", () => {
  let root: string;
  let folder: string;

  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), "codex-sdk-test-")));
    folder = join(root, "project");
    await mkdir(join(folder, "src"), { recursive: true });
    await mkdir(join(root, "outside"));
    await writeFile(join(folder, "src", "a.ts"), "");
    await symlink(join(root, "outside"), join(folder, "out"));
    await symlink(join(root, "outside", "not-there"), join(folder, "dangling"));
    await symlink("src", join(folder, "inner"));
    await symlink(folder, join(root, "alias"));
  });

  after(async () => await rm(root, { recursive: true, force: true }));

  function change(
    paths: string[],
    more: Partial<FileChangeApprovalRequest> = {},
  ): FileChangeApprovalRequest {
    return {
      type: "file_change",
      threadId: "t",
      turnId: "u",
      itemId: "i",
      changes: paths.map((path) => ({ path, kind: "update", movePath: null, diff: "" })),
      reason: null,
      grantRoot: null,
      raw: {},
      ...more,
    };
  }

  /** Paths in the folder, unless they are absolute. */
  async function decideOn(...paths: string[]): Promise<ApprovalDecision> {
    const absolute = paths.map((path) => path.startsWith("/") ? path : `${folder}/${path}`);
    return await decide(allowWithin(folder, otherwise), change(absolute));
  }

  it("accepts files in the folder, there already or not", async () => {
    assert.equal(await decideOn("src/a.ts"), "accept");
    assert.equal(await decideOn("src/a.ts", "new.ts", "new/folder/b.ts"), "accept");
    assert.equal(await decideOn("src/../README.md", "./x//y.ts"), "accept");
    assert.equal(await decideOn("inner/b.ts"), "accept");
    assert.equal(await decideOn(".gitignore", ".github/x.yml"), "accept");
    const trailing = allowWithin(`${folder}/./`, otherwise);
    assert.equal(await decide(trailing, change([`${folder}/a`])), "accept");
  });

  it("passes on what lies elsewhere", async () => {
    for (
      const path of [
        "/etc/passwd",
        "../other.ts",
        "src/../../other.ts",
        `${"../".repeat(40)}etc/passwd`,
        `${root}/project2/a.ts`,
        `${root}/project`,
        ".",
        "src/..",
      ]
    ) {
      assert.equal(await decideOn(path), "cancel", path);
      assert.equal(await decideOn("src/a.ts", path), "cancel", path);
    }
  });

  it("passes on what a link leads elsewhere", async () => {
    for (const path of ["out/a.ts", "out", "out/new/a.ts", "dangling", "dangling/a.ts"]) {
      assert.equal(await decideOn(path), "cancel", path);
    }
    // What is a file cannot be a folder.
    assert.equal(await decideOn("src/a.ts/b.ts"), "cancel");
  });

  it("knows a folder that is itself a link by the name it was given", async () => {
    const handler = allowWithin(join(root, "alias"), otherwise);
    assert.equal(await decide(handler, change([join(root, "alias", "a.ts")])), "accept");
    assert.equal(await decide(handler, change([join(root, "alias", "out", "a.ts")])), "cancel");
  });

  it("passes on what git and codex are configured by", async () => {
    for (
      const path of [
        ".git/hooks/pre-commit",
        "src/.git/config",
        ".GIT/config",
        "git~1/config",
        ".g\u200dit/config",
        ".codex/config.toml",
        ".agents/skills/a.md",
      ]
    ) {
      assert.equal(await decideOn(path), "cancel", path);
    }
  });

  it("passes on paths that are not absolute, or not plain", async () => {
    const handler = allowWithin(folder, otherwise);
    for (const path of ["a.ts", "", `${folder}/a\0b`, `${folder}/a\nb`, "file:///etc/passwd"]) {
      assert.equal(await decide(handler, change([path])), "cancel");
    }
  });

  it("looks at where files are moved to, and at the folder that is asked for", async () => {
    const handler = allowWithin(folder, otherwise);
    const move = (movePath: string) =>
      change([], {
        changes: [{ path: `${folder}/src/a.ts`, kind: "update", movePath, diff: "" }],
      });
    assert.equal(await decide(handler, move(`${folder}/b.ts`)), "accept");
    assert.equal(await decide(handler, move(`${root}/b.ts`)), "cancel");
    const granting = (grantRoot: string) => change([`${folder}/src/a.ts`], { grantRoot });
    assert.equal(await decide(handler, granting(`${folder}/src`)), "accept");
    assert.equal(await decide(handler, granting(folder)), "cancel");
    assert.equal(await decide(handler, granting(root)), "cancel");
  });

  it("passes on changes of nothing, and all that is no change of files", async () => {
    const handler = allowWithin(folder, otherwise);
    for (const request of [change([]), command("ls", { cwd: folder }), ...others]) {
      assert.equal(await decide(handler, request), "cancel");
    }
    assert.equal(await decide(allowWithin(folder), command("ls")), "decline");
  });

  it("accepts nothing in a folder that is not there", async () => {
    const missing = join(root, "missing");
    const handler = allowWithin(missing, otherwise);
    assert.equal(await decide(handler, change([join(missing, "a.ts")])), "cancel");
  });

  it("refuses a folder that is not absolute", () => {
    for (const path of ["src", "./src", "", "~", "/a\0b"]) {
      assert.throws(() => allowWithin(path), InvalidOptionsError);
    }
  });
});

describe("Policies", () => {
  it("go together", async () => {
    const handler = allowReadOnlyCommands(allowWithin("/nowhere", otherwise));
    assert.equal(await decide(handler, command("ls")), "accept");
    assert.equal(await decide(handler, command("touch a")), "cancel");
  });
});
