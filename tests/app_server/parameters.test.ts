import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  approvalPolicy,
  type Parameters,
  refuseExecOnly,
  reviewTarget,
  threadParameters,
  turnParameters,
} from "../../src/app_server/parameters.ts";
import { InvalidOptionsError, UnsupportedError } from "../../src/errors.ts";
import type { ThreadOptions, TurnOptions } from "../../src/options.ts";
import type { ThreadTarget } from "../../src/transport.ts";
import { MemoryStage, oldThread, quiet } from "../support/memory_server.ts";

const narrow = { sandbox: "read-only", approvalPolicy: "never", approvalsReviewer: "user" };
const none: Parameters = {
  sandboxPolicy: { type: "readOnly", networkAccess: false },
  approvalPolicy: "never",
  approvalsReviewer: "user",
};
const workspace = (more: Parameters = {}): Parameters => ({
  type: "workspaceWrite",
  writableRoots: [],
  networkAccess: false,
  excludeTmpdirEnvVar: false,
  excludeSlashTmp: false,
  ...more,
});

/** What an option adds to `thread/start` and the like, and to `turn/start`; `"refused"` for none. */
type Golden = [options: ThreadOptions, thread: Parameters, turn: Parameters] | "refused" | "unseen";

const threadGolden: Record<keyof ThreadOptions, Golden[]> = {
  model: [[{ model: "gpt-5.5" }, { model: "gpt-5.5" }, { model: "gpt-5.5" }], [
    { model: "" },
    {},
    {},
  ]],
  workingDirectory: [
    [{ workingDirectory: "/w" }, { cwd: "/w" }, { cwd: "/w" }],
    [{ workingDirectory: "" }, {}, {}],
  ],
  modelReasoningEffort: [[{ modelReasoningEffort: "high" }, {}, { effort: "high" }]],
  sandboxMode: [
    [{ sandboxMode: "read-only" }, {}, {}],
    [{ sandboxMode: "workspace-write" }, {}, { sandboxPolicy: workspace() }],
    [{ sandboxMode: "danger-full-access" }, {}, { sandboxPolicy: { type: "dangerFullAccess" } }],
  ],
  networkAccessEnabled: [
    [{ networkAccessEnabled: true }, {}, {}],
    [
      { networkAccessEnabled: true, sandboxMode: "workspace-write" },
      {},
      { sandboxPolicy: workspace({ networkAccess: true }) },
    ],
  ],
  additionalDirectories: [
    [{ additionalDirectories: ["/a"] }, {}, {}],
    [
      { additionalDirectories: ["/a", "b"], sandboxMode: "workspace-write" },
      {},
      { sandboxPolicy: workspace({ writableRoots: ["/a", "/here/b"] }) },
    ],
  ],
  approvalPolicy: (["never", "on-request", "untrusted"] as const).map((policy): Golden => [
    { approvalPolicy: policy },
    { approvalPolicy: policy },
    { approvalPolicy: policy },
  ]),
  webSearchMode: (["disabled", "cached", "live"] as const).map((mode): Golden => [
    { webSearchMode: mode },
    { config: { web_search: mode } },
    {},
  ]),
  webSearchEnabled: [
    [{ webSearchEnabled: true }, { config: { web_search: "live" } }, {}],
    [{ webSearchEnabled: false }, { config: { web_search: "disabled" } }, {}],
    [{ webSearchEnabled: true, webSearchMode: "cached" }, { config: { web_search: "cached" } }, {}],
  ],
  // Codex asks for a repository on the exec lane only.
  skipGitRepoCheck: [[{ skipGitRepoCheck: true }, {}, {}], [{ skipGitRepoCheck: false }, {}, {}]],
  profile: ["refused"],
  ignoreUserConfig: ["refused"],
  extraArgs: ["refused"],
  // Seen where a thread is opened: tests/app_server/open_threads.test.ts.
  ephemeral: ["unseen"],
  threadSource: ["unseen"],
  tools: ["unseen"],
  onApproval: ["unseen"],
  onUserInput: ["unseen"],
  onElicitation: ["unseen"],
};

const absolute = (path: string) => path.startsWith("/") ? path : `/here/${path}`;

describe("threadParameters() and turnParameters()", () => {
  it("say no more than what is needed without options", () => {
    assert.deepEqual(threadParameters({}), narrow);
    assert.deepEqual(turnParameters({}, {}, false, absolute), none);
  });

  for (const [name, cases] of Object.entries(threadGolden)) {
    it(`know ${name}`, () => {
      for (const each of cases) {
        if (typeof each === "string") continue;
        const [options, thread, turn] = each;
        assert.deepEqual(threadParameters(options), { ...narrow, ...thread });
        assert.deepEqual(turnParameters(options, {}, false, absolute), { ...none, ...turn });
        refuseExecOnly(options);
      }
    });
  }

  it("say a turn's cyberAccessProgram", () => {
    const options: TurnOptions = { cyberAccessProgram: "standard" };
    assert.deepEqual(turnParameters({}, options, false, absolute), {
      ...none,
      cyberAccessProgram: "standard",
    });
  });

  it("have codex ask only where somebody answers, unless told otherwise", () => {
    assert.equal(turnParameters({}, {}, true, absolute).approvalPolicy, "on-request");
    assert.equal(
      turnParameters({ approvalPolicy: "never" }, {}, true, absolute).approvalPolicy,
      "never",
    );
    assert.equal(threadParameters({}).approvalPolicy, "never");
  });

  it("make folders absolute, and name the one that cannot be", () => {
    const named: string[] = [];
    turnParameters(
      { sandboxMode: "workspace-write", additionalDirectories: ["a", "b"] },
      {},
      false,
      (path, option) => {
        named.push(option);
        return path;
      },
    );
    assert.deepEqual(named, ["additionalDirectories[0]", "additionalDirectories[1]"]);
  });
});

describe("approvalPolicy()", () => {
  it("refuses on-failure, which codex has no more", () => {
    assert.throws(() => approvalPolicy({ approvalPolicy: "on-failure" }), (error) => {
      assert.ok(InvalidOptionsError.is(error));
      assert.equal(error.path, "approvalPolicy");
      assert.match(error.message, /use "on-request", "untrusted" or "never"$/);
      return true;
    });
  });
});

describe("refuseExecOnly()", () => {
  it("refuses what the lane has no word for, and says what to use", () => {
    const all: [ThreadOptions, RegExp][] = [
      [{ profile: "work" }, /"profile".*use "config"/],
      [{ ignoreUserConfig: true }, /"ignoreUserConfig".*CODEX_HOME/],
      [{ extraArgs: ["--x"] }, /"extraArgs".*"configOverrides"/],
    ];
    for (const [options, message] of all) {
      assert.throws(() => refuseExecOnly(options), (error) => {
        assert.ok(UnsupportedError.is(error));
        assert.match(error.message, message);
        return true;
      });
    }
  });

  it("refuses on-failure", () => {
    assert.throws(() => refuseExecOnly({ approvalPolicy: "on-failure" }), InvalidOptionsError);
  });

  it("lets pass what asks for nothing", () => {
    refuseExecOnly({});
    refuseExecOnly({ ignoreUserConfig: false, profile: undefined });
  });
});

describe("reviewTarget()", () => {
  it("says each target in the words of the app-server", () => {
    assert.deepEqual(reviewTarget({ type: "uncommitted_changes" }), { type: "uncommittedChanges" });
    assert.deepEqual(reviewTarget({ type: "base_branch", branch: "main" }), {
      type: "baseBranch",
      branch: "main",
    });
    assert.deepEqual(reviewTarget({ type: "commit", sha: "abc" }), {
      type: "commit",
      sha: "abc",
      title: null,
    });
    assert.deepEqual(reviewTarget({ type: "commit", sha: "abc", title: "Fix" }), {
      type: "commit",
      sha: "abc",
      title: "Fix",
    });
    assert.deepEqual(reviewTarget({ type: "custom", instructions: "Look" }), {
      type: "custom",
      instructions: "Look",
    });
  });
});

const optional = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const threadOptions: fc.Arbitrary<ThreadOptions> = fc.record({
  model: optional("", "gpt-5.5"),
  sandboxMode: optional<NonNullable<ThreadOptions["sandboxMode"]>>(
    "read-only",
    "workspace-write",
    "danger-full-access",
  ),
  workingDirectory: optional("", "/w"),
  networkAccessEnabled: optional(true, false),
  approvalPolicy: optional<NonNullable<ThreadOptions["approvalPolicy"]>>(
    "never",
    "on-request",
    "untrusted",
  ),
  additionalDirectories: optional([], ["/a"]),
  ephemeral: optional(true, false),
  webSearchEnabled: optional(true, false),
  onApproval: optional<NonNullable<ThreadOptions["onApproval"]>>(() => "decline"),
});
const target: fc.Arbitrary<ThreadTarget> = fc.constantFrom<ThreadTarget>(
  { type: "new" },
  { type: "resume", id: oldThread },
  { type: "fork", id: oldThread },
  { type: "resume_name", name: "named" },
  { type: "resume_name", name: "nobody" },
  { type: "resume_last", allDirectories: false },
);

describe("what is asked of the server", () => {
  it("widens the sandbox for a turn only, and says sandbox and approvals with each turn", async () => {
    await fc.assert(
      fc.asyncProperty(threadOptions, target, async (options, thread) => {
        const stage = new MemoryStage({
          onServer: (server) =>
            server.on("thread/list", (asked) => {
              asked.answer({ data: [{ id: oldThread, name: "named" }], nextCursor: null });
            }),
        });
        for (let i = 0; i < 2; i++) {
          const turn = await stage.running({ thread, threadOptions: options });
          turn.server.end();
          await turn.readOn();
        }
        const opened = stage.server.received.filter(({ method }) =>
          /^thread\/(start|resume|fork)$/.test(method ?? "")
        );
        assert.ok(opened.length > 0);
        for (const { params } of opened) {
          assert.equal(params.sandbox, "read-only");
          assert.equal(params.approvalPolicy, options.approvalPolicy ?? "never");
          assert.equal("sandboxPolicy" in params || "permissions" in params, false);
          assert.equal("sandbox_mode" in (params.config ?? {}), false);
        }
        const started = stage.server.asked("turn/start");
        assert.equal(started.length, 2);
        for (const { params } of started) {
          const types = {
            "read-only": "readOnly",
            "workspace-write": "workspaceWrite",
            "danger-full-access": "dangerFullAccess",
          };
          assert.equal(params.sandboxPolicy.type, types[options.sandboxMode ?? "read-only"]);
          const asks = options.onApproval === undefined ? "never" : "on-request";
          assert.equal(params.approvalPolicy, options.approvalPolicy ?? asks);
          assert.equal("sandbox" in params, false);
        }
        await stage.transport.close();
        await quiet();
      }),
      { numRuns: 40 },
    );
  });
});
