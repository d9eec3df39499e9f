import assert from "node:assert/strict";
import { describe } from "node:test";
import {
  Codex,
  InvalidOptionsError,
  type ThreadOptions,
  type TurnOptions,
  UnsupportedError,
} from "../../mod.ts";
import { appServer } from "../../src/app_server/mod.ts";
import { message, repeat } from "../../src/testing/mod.ts";
import { ServerBench } from "../support/app_server.ts";

const execOnly: ThreadOptions[] = [
  { profile: "work" },
  { ignoreUserConfig: true },
  { extraArgs: ["--color", "never"] },
];

const invalid: [ThreadOptions, TurnOptions, RegExp][] = [
  [{ approvalPolicy: "on-failure" }, {}, /no "on-failure" any more: use "on-request"/],
  [{ sandboxMode: "none" as "read-only" }, {}, /sandboxMode/],
  [{}, { timeoutMs: -1 }, /timeoutMs/],
];

describe("options on the real app-server", () => {
  const bench = new ServerBench();

  for (const options of execOnly) {
    const [name] = Object.keys(options);
    bench.it(`"${name}" is refused before anything is started`, [], async (stage) => {
      const error = await stage.startThread(options).run("Hello").catch((error) => error);
      assert.ok(UnsupportedError.is(error), `${error}`);
      assert.match(error.message, new RegExp(`Cannot use "${name}" on the "app-server" lane: use`));
      assert.deepEqual(stage.servers, []);
    });
  }

  bench.it("that cannot work are refused before anything is started", [], async (stage) => {
    for (const [options, turnOptions, words] of invalid) {
      const error = await stage.startThread(options).run("Hello", turnOptions)
        .catch((error) => error);
      assert.ok(InvalidOptionsError.is(error), `${error}`);
      assert.match(error.message, words);
    }
    assert.deepEqual(stage.servers, []);
  });

  bench.it("take each approvalPolicy there is", [
    repeat(message("ok"), 3),
  ], async ({ startThread }) => {
    for (const approvalPolicy of ["never", "untrusted", "on-request"] as const) {
      assert.equal((await startThread({ approvalPolicy }).run("Hello")).finalResponse, "ok");
    }
  });

  bench.it("of a thread reach the model", [message("ok")], async ({ model, startThread }) => {
    await startThread({
      model: "gpt-5.5",
      modelReasoningEffort: "high",
      threadSource: "user",
    }).run("Hello");
    const { body } = model.requests[0]!;
    assert.deepEqual(
      [body.model, (body.reasoning as { effort?: string } | undefined)?.effort],
      ["gpt-5.5", "high"],
    );
  });

  bench.it("say whether and how the model may search the web", [
    repeat(message("ok"), 3),
  ], async ({ model, startThread }) => {
    for (const webSearchMode of ["live", "cached", "disabled"] as const) {
      await startThread({ webSearchMode }).run("Hello");
    }
    const access = model.requests.map(({ body }) => {
      const tools = body.tools as { type: string; external_web_access?: boolean }[];
      return tools.find(({ type }) => type === "web_search")?.external_web_access;
    });
    assert.deepEqual(access, [true, false, undefined]);
  });

  bench.it("name the program to the model's service", [
    message("ok"),
  ], async ({ model, startThread }) => {
    await startThread().run("Hello");
    const { originator, "user-agent": agent } = model.requests[0]!.headers;
    assert.equal(originator, "of_the_test");
    assert.match(agent ?? "", /^of_the_test\/0\.169\.0 /);
  }, { codex: { originator: "of_the_test" } });

  bench.it("of the lane are checked", [], async ({ settings, servers }) => {
    const wrong: [Parameters<typeof appServer>[0], RegExp][] = [
      [{ idleTimeoutMs: -1 }, /"idleTimeoutMs": it must be a number from 0/],
      [{ token: "of-nothing" }, /"token": it is for a server at "url"/],
      [{ url: "ws://127.0.0.1:1" }, /Cannot use "codexPath" with a server at a URL/],
      [{ unheardOf: 1 } as never, /Unknown app-server option "unheardOf"/],
    ];
    for (const [options, words] of wrong) {
      const codex = new Codex({ ...settings, transport: appServer(options) });
      const error = await codex.startThread().run("Hello").catch((error) => error);
      assert.ok(InvalidOptionsError.is(error), `${error}`);
      assert.match(error.message, words);
      await codex.close();
    }
    assert.deepEqual(servers, []);
  });
});
