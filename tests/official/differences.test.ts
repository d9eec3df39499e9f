/**
 * Where ours departs from the official SDK on purpose; `docs/migration.md` gives the reasons. Each
 * test fails against the official SDK.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import {
  Codex,
  CodexError,
  type CodexOptions,
  exec,
  ExitError,
  type Input,
  InvalidOptionsError,
  ProtocolError,
  SpawnError,
  ThreadBusyError,
  ThreadMismatchError,
  type ThreadOptions,
  TurnFailedError,
  type TurnOptions,
} from "../../mod.ts";
import type { Action } from "../support/fake_codex.ts";
import { isAlive } from "../support/processes.ts";
import {
  answer,
  completed,
  flags,
  message,
  observeRun,
  observeStream,
  officialFlags,
  otherId,
  type Scene,
  started,
  threadId,
  turnStarted,
  untyped,
  withFake,
} from "./observe.ts";

/** Asserts that the turn is refused by an `InvalidOptionsError` and nothing is started. */
async function assertRefused(scene: Scene, wording: RegExp): Promise<void> {
  for (const { error, starts } of [await observeRun(scene), await observeStream(scene)]) {
    assert.ok(error instanceof InvalidOptionsError, `${error}`);
    assert.match(error.message, wording);
    assert.deepEqual(starts, []);
  }
}

const command = { id: "item_1", type: "command_execution" };

describe("Unlike the official SDK, in what is accepted:", () => {
  for (const id of ["", undefined, null]) {
    it(`resumeThread(${JSON.stringify(id)}) is an error, not a new thread`, async () => {
      await withFake(answer, async (fake) => {
        const codex = new Codex({ codexPathOverride: fake.path });
        const turn = codex.resumeThread(untyped(id)).run("Hello");
        await assert.rejects(turn, InvalidOptionsError);
        assert.deepEqual(fake.invocations(), []);
      });
    });
  }

  it("an id, or any other value, cannot become a flag", async () => {
    await assertRefused({ resume: "--last" }, /thread id/);
    await assertRefused({ thread: { model: "--oss" } }, /model/);
    await assertRefused({ codex: { configOverrides: ["-x"] } }, /configOverrides\[0\]/);
  });

  it('paths that start with "-" are passed on with "./" in front', async () => {
    const observed = await observeRun({
      thread: { workingDirectory: "-work", additionalDirectories: ["--two"] },
      input: [{ type: "text", text: "Look" }, { type: "local_image", path: "-1.png" }],
    });
    assert.deepEqual(flags(observed), [
      ...["--cd", "./-work"],
      ...["--add-dir", "./--two"],
      ...["--image", "./-1.png"],
    ]);
  });

  it("empty directories and images are refused", async () => {
    await assertRefused({ thread: { additionalDirectories: [""] } }, /additionalDirectories/);
    const empty: Input = [{ type: "text", text: "Look" }, { type: "local_image", path: "" }];
    await assertRefused({ input: empty }, /input "1.path"/);
  });

  it("values cannot add to the TOML of a setting", async () => {
    const observed = await observeRun({
      thread: untyped<ThreadOptions>({ modelReasoningEffort: 'high", bogus="' }),
    });
    assert.deepEqual(flags(observed), [
      "--config",
      'model_reasoning_effort="high\\", bogus=\\""',
    ]);
  });

  it("an empty input is refused", async () => {
    for (const input of ["", [], [{ type: "local_image", path: "a.png" }]] as Input[]) {
      await assertRefused({ input }, /empty input/);
    }
  });

  it("unknown parts of the input are refused, not dropped", async () => {
    const input = untyped<Input>([{ type: "text", text: "Hello" }, { type: "audio", path: "a" }]);
    await assertRefused({ input }, /input/);
  });

  it("an image whose path holds a comma is refused: codex would take it for two", async () => {
    const input: Input = [{ type: "text", text: "Look" }, { type: "local_image", path: "a,b.png" }];
    await assertRefused({ input }, /splits paths at commas/);
  });

  it("names of options that are not known are refused", async () => {
    await assertRefused({ codex: untyped<CodexOptions>({ baseURL: "x" }) }, /"baseUrl"/);
    await assertRefused({ thread: untyped<ThreadOptions>({ sandbox: "x" }) }, /"sandboxMode"/);
    await assertRefused({ turn: untyped<TurnOptions>({ outputschema: {} }) }, /"outputSchema"/);
  });

  it("values of another type, or not in a closed list, are refused", async () => {
    await assertRefused({ thread: untyped<ThreadOptions>({ skipGitRepoCheck: 1 }) }, /boolean/);
    await assertRefused({ thread: untyped<ThreadOptions>({ sandboxMode: "off" }) }, /sandboxMode/);
    await assertRefused({ thread: untyped<ThreadOptions>({ webSearchMode: "on" }) }, /webSearch/);
    await assertRefused({ codex: { env: untyped({ PORT: 80 }) } }, /env\.PORT/);
  });

  it("a string, or a URL, as outputSchema is the place of a file with the schema", async () => {
    await withFake(answer, async (fake) => {
      const path = join(fake.folder, "schema.jsonc");
      writeFileSync(path, '{ "type": "object" } // a comment');
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      for (const outputSchema of [path, pathToFileURL(path)]) {
        assert.equal((await thread.run("Hello", { outputSchema })).finalResponse, "Hi!");
      }
    });
  });

  it("the constructor does not look for codex", () => {
    new Codex();
  });
});

describe("Unlike the official SDK, in permissions:", () => {
  /** All arguments after `exec --experimental-json`. */
  const all = async (scene: Scene) => (await observeRun(scene)).starts[0]!.argv.slice(2);
  const readOnly = ["--sandbox", "read-only"];
  const never = ["--config", 'approval_policy="never"'];

  it("the sandbox and the approval policy are said when the options do not", async () => {
    const said = [...readOnly, ...never];
    assert.deepEqual(await all({}), said);
    const options = untyped<ThreadOptions>({ sandboxMode: undefined, approvalPolicy: null });
    assert.deepEqual(await all({ thread: options }), said);
    assert.deepEqual(await all({ resume: threadId }), [...said, "resume", threadId]);
    assert.deepEqual(await all({ thread: { profile: "p" } }), [...said, "--profile", "p"]);
  });

  it("but for what the program says of them in another way", async () => {
    const config = { sandbox_mode: "workspace-write", approval_policy: "on-request" };
    assert.deepEqual(await all({ codex: { config } }), [
      ...["--config", 'sandbox_mode="workspace-write"'],
      ...["--config", 'approval_policy="on-request"'],
    ]);
    const configOverrides = ['default_permissions=":workspace"'];
    assert.deepEqual(await all({ codex: { configOverrides } }), [
      ...["--config", 'default_permissions=":workspace"'],
      ...never,
    ]);
    const extraArgs = ["--approve-for-me"];
    assert.deepEqual(await all({ thread: { extraArgs } }), extraArgs);
  });
});

describe("Unlike the official SDK, in config:", () => {
  const override = async (config: unknown) =>
    flags(await observeRun({ codex: { config: untyped(config) } })).slice(1);

  it("a nested key that a dotted path cannot say makes its table an inline one", async () => {
    assert.deepEqual(await override({ projects: { "/my.app": { trust_level: "trusted" } } }), [
      'projects={"/my.app" = {trust_level = "trusted"}}',
    ]);
  });

  it("dates, maps and instances of classes are refused", async () => {
    class Settings {
      effort = "high";
    }
    for (const a of [new Date(0), new Map(), new Settings()]) {
      await assertRefused({ codex: { config: untyped({ a }) } }, /at a: (Date|Map|Settings)/);
    }
  });

  it("objects that hold themselves are refused", async () => {
    const loop: Record<string, unknown> = {};
    loop.loop = loop;
    await assertRefused({ codex: { config: untyped(loop) } }, /cannot refer back to itself/);
  });

  it("top-level keys that codex would misread are refused", async () => {
    for (const key of ["a=b", " a", "a..b", "-a"]) {
      await assertRefused({ codex: { config: { [key]: 1 } } }, /must not/);
    }
  });

  it("what JSON can say and TOML cannot is put right or refused", async () => {
    assert.deepEqual(await override({ a: 2 ** 63 }), ["a=9223372036854776000.0"]);
    assert.deepEqual(await override({ a: "\x7f" }), ['a="\\u007F"']);
    await assertRefused({ codex: { config: { a: "\ud800" } } }, /lone surrogate/);
  });
});

describe("Unlike the official SDK, in how turns end:", () => {
  it("a turn that codex does not end is a failure, also when codex exits with 0", async () => {
    for (const plan of [[], [{ events: [started, message("Hi!")] }]]) {
      const { error } = await observeRun({ plan });
      assert.ok(error instanceof ExitError);
      assert.match(error.message, /^Codex Exec exited with code 0 before the turn ended/);
    }
  });

  it("turn.failed is a TurnFailedError for those who stream, whatever codex exits with", async () => {
    const failed = { type: "turn.failed", error: { message: "rate limit" } };
    for (const code of [0, 1]) {
      const plan: Action[] = [{ events: [started, failed] }, { exit: code }];
      const { events, error } = await observeStream({ plan });
      assert.deepEqual(events, [started, failed]);
      assert.ok(error instanceof TurnFailedError);
      assert.equal(error.message, "rate limit");
    }
  });

  it("lines that are no events are diagnostics, not failures", async () => {
    const lines = "2026-01-01 WARN something\n\nnull\n[1]\n{}\n";
    const plan: Action[] = [{ events: [started] }, { stdout: lines }, ...answer.slice(0, 1)];
    const { result, error } = await observeRun({ plan });
    assert.equal(error, undefined);
    assert.equal(result?.finalResponse, "Hi!");
    assert.match(result!.diagnostics[0]!.message, /something/);
    assert.equal((await observeStream({ plan })).events.length, 5);
  });

  it("an event of a known type in a wrong shape is a ProtocolError", async () => {
    const item = { ...command, command: 7, aggregated_output: "", status: "completed" };
    const plan: Action[] = [{ events: [started, { type: "item.completed", item }] }, ...answer];
    const { events, error } = await observeStream({ plan });
    assert.deepEqual(events, [started]);
    assert.ok(error instanceof ProtocolError);
    assert.match(error.message, /"item\.command"/);
  });

  it("a turn.completed without usage has a usage of null", async () => {
    const plan: Action[] = [{ events: [started, { type: "turn.completed" }] }];
    assert.equal((await observeRun({ plan })).result?.usage, null);
  });

  it("U+2028 and U+2029 may stand in a text", async () => {
    const text = "a\u2028b\u2029c\x85d";
    const { result } = await observeRun({
      plan: [{ events: [started, message(text), completed] }],
    });
    assert.equal(result?.finalResponse, text);
  });

  it("a thread that codex goes on with under another id is a ThreadMismatchError", async () => {
    const { error, thread } = await observeRun({ resume: otherId });
    assert.ok(error instanceof ThreadMismatchError);
    assert.equal(error.actualThreadId, threadId);
    assert.equal(thread.id, otherId);
  });

  it("stderr is bounded and redacted in messages", async () => {
    const plan: Action[] = [{ stderrRepeat: { bytes: 1_000_000 } }, { exit: 1 }];
    const { error } = await observeRun({ plan });
    assert.ok(error!.message.length < 3000);
    const secret = [{ stderr: "bad key sk-0123456789abcdef" }, { exit: 1 }];
    assert.match((await observeRun({ plan: secret })).error!.message, /bad key \[redacted\]/);
  });

  it("errors are CodexErrors, with a code and with what had arrived", async () => {
    const plan: Action[] = [{ events: [started, message("Hi!")] }, { exit: 3 }];
    const { error } = await observeRun({ plan });
    assert.ok(CodexError.is(error));
    assert.equal(error.code, "EXITED");
    assert.equal(error.turn.finalResponse, "Hi!");
  });

  it("an executable that cannot be executed is a SpawnError, which has the system's code", async () => {
    await withFake(answer, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.folder }).startThread();
      await assert.rejects(
        thread.run("Hello"),
        (error) => error instanceof SpawnError && error.systemCode === "EACCES",
      );
    });
  });
});

describe("Unlike the official SDK, in processes:", () => {
  it("a signal that was aborted before starts nothing", async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => observeRun({ turn: { signal: AbortSignal.abort() } })),
    );
    assert.equal(all.every(({ error }) => error instanceof CodexError), true);
    assert.deepEqual(all.flatMap(({ starts }) => starts), []);
  });

  it("an abort is a SIGINT, which lets codex end its commands", async () => {
    const plan: Action[] = [
      { onSignal: { SIGINT: [{ exit: 1 }], SIGTERM: [{ exit: 1 }] } },
      { events: [started, turnStarted] },
      { hang: true },
    ];
    await withFake(plan, async (fake) => {
      const controller = new AbortController();
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const { events } = await thread.runStreamed("Hello", { signal: controller.signal });
      await events.next();
      await events.next();
      controller.abort();
      await assert.rejects(events.next(), { name: "AbortError" });
      assert.deepEqual(fake.invocations()[0]?.signals, ["SIGINT"]);
    });
  });

  it("an abort ends a codex that ignores signals, too", async () => {
    const plan: Action[] = [
      { ignore: ["SIGINT", "SIGTERM"] },
      { events: [started] },
      { hang: true },
    ];
    await withFake(plan, async (fake) => {
      const controller = new AbortController();
      const transport = exec({ interruptGraceMs: 1, terminateGraceMs: 1 });
      const codex = new Codex({ codexPathOverride: fake.path, transport });
      const { events } = await codex.startThread()
        .runStreamed("Hello", { signal: controller.signal });
      await events.next();
      controller.abort();
      await assert.rejects(events.next(), { name: "AbortError" });
      assert.equal(isAlive(fake.invocations()[0]!.pid), false);
    });
  });

  it("leaving the loop goes on when codex is gone", async () => {
    await withFake([{ events: [started] }, { hang: true }], async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const { events } = await thread.runStreamed("Hello");
      for await (const _ of events) break;
      assert.equal(isAlive(fake.invocations()[0]!.pid), false);
    });
  });

  it("codex is left to exit by itself after turn.failed", async () => {
    const failed = { type: "turn.failed", error: { message: "no" } };
    const plan: Action[] = [
      { ignore: ["SIGINT", "SIGTERM"] },
      { events: [started, failed] },
      { touch: "saving" },
      { waitForFile: "saved" },
      { exit: 1 },
    ];
    await withFake(plan, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const rejected = assert.rejects(thread.run("Hello"), { message: "no" });
      await fake.touched("saving");
      fake.release("saved");
      await rejected;
      assert.deepEqual(fake.invocations()[0]?.signals, []);
      assert.equal(isAlive(fake.invocations()[0]!.pid), false);
    });
  });

  it("turns of one thread wait for each other", async () => {
    await withFake(answer, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      await Promise.all([thread.run("one"), thread.run("two")]);
      assert.deepEqual(fake.invocations().map((start) => [start.stdin, ...officialFlags(start)]), [
        ["one"],
        ["two", "resume", threadId],
      ]);
    });
  });

  it("a turn does not wait for one whose events nobody reads", async () => {
    const plan: Action[] = [{ events: [started, turnStarted] }, { hang: true }];
    await withFake(plan, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const { events } = await thread.runStreamed("one");
      await events.next();
      await assert.rejects(thread.run("two"), ThreadBusyError);
      await events.return();
    });
  });
});
