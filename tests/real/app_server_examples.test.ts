import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  applyPatch,
  functionCall,
  Gate,
  hold,
  httpError,
  lastUserText,
  message,
  reasoning,
  shell,
  toolOutputs,
  turn,
  usage,
  userTexts,
} from "../../src/testing/mod.ts";
import { hasTerminal, playExample } from "../support/example_program.ts";
import { RemoteAppServer, serverToken } from "../support/remote_app_server.ts";

/** Bun's own limit of 5 s is short for a machine that is busy. */
const patient = { timeout: 120_000 };

describe("examples of the app-server lane", () => {
  it(
    "approvals.ts asks for what does not only read",
    { ...patient, skip: !hasTerminal() && '"script", which makes a terminal, is missing' },
    async () => {
      const script = [
        shell("ls"),
        shell("echo > yes.txt"),
        shell("echo > no.txt"),
        applyPatch("*** Begin Patch\n*** Add File: patched.txt\n+Patched\n*** End Patch"),
        message("Tidy now."),
      ];
      await playExample(script, async ({ start, directory }) => {
        const program = await start("approvals.ts", [], undefined, {
          typed: true,
          terminal: true,
        });
        await program.printed(/yes\.txt[^]*ancel the turn: $/);
        program.type("y\n");
        await program.printed(/no\.txt[^]*ancel the turn: $/);
        program.type("n\n");
        await program.printed(/add: \S+patched\.txt[^]*\| Patched[^]*ancel the turn: $/);
        program.type("a\n");
        const { code, stdout } = await program.ended;
        assert.equal(code, 0);
        assert.match(stdout, /Tidy now\.\r?\n$/);
        assert.equal(stdout.match(/Codex wants/g)?.length, 3);
        const exist = ["yes.txt", "no.txt", "patched.txt"]
          .map((name) => existsSync(join(directory, name)));
        assert.deepEqual(exist, [true, false, true]);
      });
    },
  );

  it(
    "approvals.ts ends the turn when that is the answer",
    { ...patient, skip: !hasTerminal() && '"script", which makes a terminal, is missing' },
    async () => {
      await playExample([shell("echo > no.txt")], async ({ start, directory }) => {
        const program = await start("approvals.ts", [], undefined, {
          typed: true,
          terminal: true,
        });
        await program.printed(/ancel the turn: $/);
        program.type("c\n");
        const { code, stdout } = await program.ended;
        assert.equal(code, 0);
        assert.match(stdout, /Cancelled\r?\n$/);
        assert.equal(existsSync(join(directory, "no.txt")), false);
      });
    },
  );

  it("approvals.ts declines where there is nobody to ask", patient, async () => {
    await playExample([shell("echo > no.txt"), message("I may not.")], async (stage) => {
      const { code, stdout, stderr } = await stage.run("approvals.ts");
      assert.deepEqual([code, stdout, stderr], [0, "I may not.\n", ""]);
      assert.equal(existsSync(join(stage.directory, "no.txt")), false);
    });
  });

  it("steering.ts says to the agent what is typed", patient, async () => {
    const gate = new Gate();
    const script = [
      turn(shell("true"), message("All files", { deltas: ["All ", hold(gate), "files"] })),
      message("Only mod.ts"),
    ];
    await playExample(script, async ({ start, model }) => {
      const program = await start("steering.ts", [], undefined, { typed: true });
      await program.whileItRuns(gate.reached);
      program.type("Only mod.ts, please\n");
      const { code, stdout } = await program.ended;
      assert.equal(code, 0);
      assert.match(stdout, /Only mod\.ts\n$/);
      assert.doesNotMatch(stdout, /All/);
      assert.equal(lastUserText(model.requests[1]!), "Only mod.ts, please");
    });
  });

  it("steering.ts stops when that is typed", patient, async () => {
    const gate = new Gate();
    const script = [turn(hold(gate), message("Never"))];
    await playExample(script, async ({ start }) => {
      const program = await start("steering.ts", [], undefined, { typed: true });
      await program.whileItRuns(gate.reached);
      program.type("stop\n");
      const { code, stdout } = await program.ended;
      assert.deepEqual([code, stdout], [0, "Stopped\n"]);
    });
  });

  it("tool.ts answers the agent, and tells it what is wrong", patient, async () => {
    const articles = ["ABC-1", "ABC-2", "ABC-3", "first"];
    const script = [
      turn(
        ...articles.map((article) =>
          functionCall("look_up_stock", { article }, { callId: article })
        ),
      ),
      message("ABC-1 can."),
    ];
    await playExample(script, async ({ run, model }) => {
      const { code, stdout } = await run("tool.ts");
      assert.deepEqual([code, stdout], [0, "ABC-1 can.\n"]);
      const outputs = toolOutputs(model.requests[1]!);
      assert.deepEqual(articles.map((article) => outputs.get(article)), [
        "12 pieces of ABC-1",
        "0 pieces of ABC-2",
        'There is no article "ABC-3"',
        'Invalid arguments of "look_up_stock": at "article": Expected e.g. ABC-1',
      ]);
    });
  });

  it("live.ts prints text before all of it is there", patient, async () => {
    const gate = new Gate();
    const script = [
      turn(shell("echo tests"), usage({ input_tokens: 1000, output_tokens: 10 })),
      turn(
        reasoning("**Look**"),
        message("None is slow.", { deltas: ["None ", hold(gate), "is slow."] }),
        usage({ input_tokens: 1200, output_tokens: 20 }),
      ),
    ];
    await playExample(script, async ({ start }) => {
      const program = await start("live.ts");
      await program.printed(/None $/);
      gate.open();
      const { code, stdout } = await program.ended;
      assert.equal(code, 0);
      const [command, output, , first, answer, second, ...rest] = stdout.split("\n");
      assert.match(command!, /^\$ .*echo tests/);
      assert.deepEqual([output, first, answer, second, rest], [
        "tests",
        "(1010 tokens so far)",
        "None is slow.",
        "(2230 tokens so far)",
        [""],
      ]);
    });
  });

  it("many_threads.ts has one codex work in many folders at once", patient, async () => {
    const all = new Gate();
    let requests = 0;
    const script = async (request: Parameters<typeof userTexts>[0]) => {
      const folder = /\/(one|two|three)<\/cwd>/.exec(userTexts(request).join())?.[1];
      // Nobody is answered before all have asked.
      if (++requests === 3) all.open();
      await all.pass();
      return folder === "two"
        ? httpError(400, { body: "Not this one" })
        : message(`The folder ${folder}`);
    };
    await playExample(script, async ({ start, directory, codexes }) => {
      const folders = ["one", "two", "three"].map((name) => join(directory, name));
      for (const folder of folders) mkdirSync(folder);
      const program = await start("many_threads.ts", folders);
      await program.whileItRuns(all.reached);
      assert.equal(codexes().length, 1);
      const { code, stdout } = await program.ended;
      assert.equal(code, 1);
      const lines = stdout.trimEnd().split("\n");
      assert.deepEqual(lines.slice(0, 3), folders.map((folder) => `${folder}: started`));
      const [one, three, two] = lines.slice(3).sort();
      assert.equal(one, `failed ${folders[1]}: Not this one`);
      assert.deepEqual([three, two], [
        `ok ${folders[0]}: The folder one`,
        `ok ${folders[2]}: The folder three`,
      ]);
    });
  });

  it("many_threads.ts says how it is called", patient, async () => {
    await playExample([], async ({ run }) => {
      const { code, stderr } = await run("many_threads.ts");
      assert.deepEqual([code, stderr], [2, "Usage: many_threads.ts <folder> <folder>…\n"]);
    });
  });

  it("remote_server.ts runs a turn on a server elsewhere", patient, async () => {
    const script = [message("A test.", { deltas: ["A ", "test."] })];
    await playExample(script, async ({ start, env }) => {
      const server = await RemoteAppServer.start({ settings: { config: {}, env } });
      try {
        const call = (token: string) =>
          start(
            "remote_server.ts",
            [server.url],
            (argument) => argument.replace("127.0.0.1:4500", new URL(server.url).host),
            { env: { CODEX_SERVER_TOKEN: token } },
          ).then(({ ended }) => ended);
        const { code, stdout, stderr } = await call(serverToken);
        assert.deepEqual([code, stdout, stderr], [0, "A test.\n", ""]);
        const refused = await call("another-token");
        assert.deepEqual([refused.code, refused.stdout], [1, ""]);
        assert.match(refused.stderr, /^Cannot connect to "ws:[^]*check the option "token"/);
        assert.doesNotMatch(refused.stderr, /another-token/);
      } finally {
        await server.stop();
      }
    });
  });
});
