import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import process from "node:process";
import { after, before, describe } from "node:test";
import { type SandboxMode, type Thread, UnsupportedError } from "../../mod.ts";
import { deferred } from "../../src/deferred.ts";
import { message, repeat, type ScriptStep, shell } from "../../src/testing/mod.ts";
import { ServerBench } from "../support/app_server.ts";
import { type ScratchFolder, scratchFolder } from "../support/real_codex.ts";

/** Where a file may be made. */
type Places = { inside: boolean; outside: boolean };

const nowhere: Places = { inside: false, outside: false };

/** Each turn makes one file in the agent's folder and one outside of it. */
const makesFiles: ScriptStep = repeat((request) => {
  const last = request.body.input?.at(-1);
  if (last?.type !== "message") return message("ok");
  const text = (last.content as { text: string }[]).map((part) => part.text).join("");
  const [file, elsewhere] = text.split(" ");
  return shell(`touch ${file}; cd ..; touch ${elsewhere}/${file}; true`);
});

let count = 0;

/** Codex counts the temporary folder as writable, and the project may lie in it. */
const withoutTemporaryFolder = {
  scripted: {
    config: { sandbox_workspace_write: { exclude_slash_tmp: true, exclude_tmpdir_env_var: true } },
  },
};

const toml = "[sandbox_workspace_write]\nexclude_slash_tmp = true\nexclude_tmpdir_env_var = true\n";

describe("the sandbox on the real app-server", () => {
  const bench = new ServerBench();
  let elsewhere: ScratchFolder;
  before(async () => {
    elsewhere = await scratchFolder();
  });
  after(() => elsewhere.remove());

  /** Where a turn of the thread, or a review, may make files. */
  async function placesOf(
    thread: Thread,
    directory: string,
    kind: "run" | "review" = "run",
  ): Promise<Places> {
    const file = `file-${count++}`;
    const prompt = `${file} ${basename(elsewhere.path)}`;
    if (kind === "run") await thread.run(prompt);
    else await thread.review({ type: "custom", instructions: prompt });
    return {
      inside: existsSync(join(directory, file)),
      outside: existsSync(join(elsewhere.path, file)),
    };
  }

  const modes: [SandboxMode, Places][] = [
    ["read-only", nowhere],
    ["workspace-write", { inside: true, outside: false }],
    ["danger-full-access", { inside: true, outside: true }],
  ];
  for (const [sandboxMode, expected] of modes) {
    bench.it(`"${sandboxMode}" allows what it says, turn after turn`, [
      makesFiles,
    ], async ({ startThread, directory }) => {
      const thread = startThread({ sandboxMode });
      for (let i = 0; i < 2; i++) {
        assert.deepEqual(await placesOf(thread, directory), expected);
      }
    }, withoutTemporaryFolder);
  }

  {
    const wide = (directory: string) =>
      `sandbox_mode = "workspace-write"\n[projects."${directory}"]\ntrust_level = "trusted"\n`;
    bench.it("is read-only whatever the configuration says, and whatever codex has noted down", [
      makesFiles,
    ], async ({ codex, startThread, directory, another }) => {
      const thread = startThread();
      assert.deepEqual(await placesOf(thread, directory), nowhere);
      const options = { workingDirectory: directory };
      assert.deepEqual(await placesOf(codex.forkThread(thread.id!, options), directory), nowhere);
      await codex.close();
      const resumed = another().resumeThread(thread.id!, options);
      assert.deepEqual(await placesOf(resumed, directory), nowhere);
    }, { userConfig: wide });
  }

  bench.it("that may write leaves config.toml as it was, and a later codex may not write", [
    makesFiles,
  ], async ({ startThread, exec, directory }) => {
    // The folder is a repository: codex would trust it for good.
    for (const sandboxMode of ["workspace-write", "danger-full-access"] as const) {
      assert.equal((await placesOf(startThread({ sandboxMode }), directory)).inside, true);
    }
    // An empty value leaves the flag out: then codex goes by what it has noted down.
    const sandboxMode = "" as SandboxMode;
    const later = exec().startThread({ workingDirectory: directory, sandboxMode });
    assert.deepEqual(await placesOf(later, directory), nowhere);
  }, { userConfig: () => 'model_reasoning_effort = "low" # as the user likes it\n' });

  bench.it("lets out what the user has allowed for good", [
    shell("touch ruled"),
    message("ok"),
    shell("touch unruled"),
    message("ok"),
    shell("touch ruled_too"),
    message("ok"),
  ], async ({ startThread, exec, directory, codexHome }) => {
    const rules = join(codexHome, "rules");
    mkdirSync(rules);
    writeFileSync(join(rules, "default.rules"), 'prefix_rule(["touch"], decision = "allow")\n');
    const options = { workingDirectory: directory };
    await exec().startThread(options).run("Go");
    await exec().startThread({ ...options, extraArgs: ["--ignore-rules"] }).run("Go");
    await startThread().run("Go");
    rmSync(rules, { recursive: true });
    const made = ["ruled", "unruled", "ruled_too"].map((file) => existsSync(join(directory, file)));
    assert.deepEqual(made, [true, false, true]);
  });

  for (
    const [where, options] of [
      ["of the user", { userConfig: () => toml }],
      ["of the Codex", withoutTemporaryFolder],
    ] as const
  ) {
    bench.it(`that may write leaves the temporary folder out if the configuration ${where} does`, [
      makesFiles,
    ], async ({ startThread }) => {
      const folder = mkdtempSync(join(tmpdir(), "sandbox-"));
      try {
        await startThread({ sandboxMode: "workspace-write" }).run(`of-the-agent ${folder}`);
        assert.deepEqual(readdirSync(folder), []);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }, options);
  }

  const withMoreRoots = () => `${toml}writable_roots = ["${elsewhere.path}"]\n`;
  const inside: Places = { inside: true, outside: false };

  bench.it("that may write does so in the agent's folder alone, whatever else is configured", [
    makesFiles,
  ], async ({ codex, startThread, another, directory }) => {
    const options = { workingDirectory: directory, sandboxMode: "workspace-write" } as const;
    const thread = startThread(options);
    assert.deepEqual(await placesOf(thread, directory), inside);
    assert.deepEqual(await placesOf(codex.forkThread(thread.id!, options), directory), inside);
    assert.deepEqual(await placesOf(startThread(options), directory, "review"), inside);
    await codex.close();
    const later = another();
    assert.deepEqual(await placesOf(later.resumeThread(thread.id!, options), directory), inside);
    const reviewed = later.resumeThread(thread.id!, options);
    assert.deepEqual(await placesOf(reviewed, directory, "review"), inside);
    // A relative path, and none.
    const path = relative(process.cwd(), directory);
    const moved = later.resumeThread(thread.id!, { ...options, workingDirectory: `./${path}/.` });
    assert.deepEqual(await placesOf(moved, directory), inside);
  }, { userConfig: withMoreRoots });

  bench.it("that may write does so in the agent's folder alone, whatever its project says", [
    makesFiles,
  ], async ({ startThread, directory }) => {
    mkdirSync(join(directory, ".codex"));
    writeFileSync(join(directory, ".codex", "config.toml"), withMoreRoots());
    try {
      const thread = startThread({ sandboxMode: "workspace-write" });
      assert.deepEqual(await placesOf(thread, directory), inside);
      const another = startThread({ sandboxMode: "workspace-write" });
      assert.deepEqual(await placesOf(another, directory, "review"), inside);
    } finally {
      rmSync(join(directory, ".codex"), { recursive: true });
    }
  }, { userConfig: (folder) => `${toml}[projects."${folder}"]\ntrust_level = "trusted"\n` });

  bench.it("that may write does so in the agent's folder alone, whatever another client added", [
    makesFiles,
  ], async ({ codex, startThread, directory }) => {
    const options = { workingDirectory: directory, sandboxMode: "workspace-write" } as const;
    const thread = startThread(options);
    await thread.run(`first ${basename(elsewhere.path)}`);
    const completed = deferred<void>();
    const stop = await codex.onNotification((method) => {
      if (method === "turn/completed") completed.resolve();
    });
    await codex.request("turn/start", {
      threadId: thread.id!,
      input: [{ type: "text", text: `added ${basename(elsewhere.path)}`, text_elements: [] }],
      runtimeWorkspaceRoots: [directory, elsewhere.path],
    });
    await completed.promise;
    stop();
    assert.equal(existsSync(join(elsewhere.path, "added")), true);
    const resumed = codex.resumeThread(thread.id!, options);
    await assert.rejects(placesOf(resumed, directory, "review"), UnsupportedError);
    assert.deepEqual(await placesOf(resumed, directory), inside);
    assert.deepEqual(await placesOf(resumed, directory, "review"), inside);
  }, withoutTemporaryFolder);

  bench.it("is the one asked for after a resume, also when it was wider before", [
    makesFiles,
  ], async ({ codex, startThread, another, directory }) => {
    const options = { workingDirectory: directory };
    const first = startThread({ sandboxMode: "danger-full-access" });
    assert.deepEqual(await placesOf(first, directory), { inside: true, outside: true });
    await codex.close();
    const narrow = another();
    const resumed = narrow.resumeThread(first.id!, options);
    assert.deepEqual(await placesOf(resumed, directory), nowhere);
    await narrow.close();
    const wide = another().resumeThread(first.id!, { ...options, sandboxMode: "workspace-write" });
    assert.deepEqual(await placesOf(wide, directory), { inside: true, outside: false });
  }, withoutTemporaryFolder);

  bench.it("of one turn does not stick to the next, on a server that has the thread", [
    makesFiles,
  ], async ({ codex, startThread, directory }) => {
    const first = startThread({ sandboxMode: "danger-full-access" });
    assert.deepEqual(await placesOf(first, directory), { inside: true, outside: true });
    const second = codex.resumeThread(first.id!, { workingDirectory: directory });
    assert.deepEqual(await placesOf(second, directory), nowhere);
    assert.deepEqual(await placesOf(first, directory), { inside: true, outside: true });
  });

  bench.it("of a turn does not stick to a review, which has the one of its Thread", [
    makesFiles,
  ], async ({ codex, startThread, directory }) => {
    const thread = startThread({ sandboxMode: "danger-full-access" });
    await placesOf(thread, directory);
    const reviewers: [Thread, Places][] = [
      [codex.resumeThread(thread.id!, { workingDirectory: directory }), nowhere],
      [startThread({ sandboxMode: "workspace-write" }), { inside: true, outside: false }],
      [startThread(), nowhere],
    ];
    for (const [reviewer, expected] of reviewers) {
      assert.deepEqual(await placesOf(reviewer, directory, "review"), expected);
    }
  }, withoutTemporaryFolder);

  bench.it("lets the agent write to additionalDirectories", [
    makesFiles,
  ], async ({ startThread, directory }) => {
    const thread = startThread({
      sandboxMode: "workspace-write",
      additionalDirectories: [elsewhere.path],
    });
    assert.deepEqual(await placesOf(thread, directory), { inside: true, outside: true });
  });

  bench.it("closes the network unless networkAccessEnabled, whatever the configuration says", [
    {
      perThread: true,
      steps: (request) => {
        const { port } = new URL(`http://${request.headers.host}`);
        const command = `(exec 3<>/dev/tcp/127.0.0.1/${port}) && echo open || echo closed`;
        return [shell(command), message("ok")];
      },
    },
  ], async ({ startThread }) => {
    for (const networkAccessEnabled of [undefined, false, true]) {
      const thread = startThread({ sandboxMode: "workspace-write", networkAccessEnabled });
      const [command] = (await thread.run("Connect")).items;
      assert.ok(command?.type === "command_execution");
      assert.match(command.aggregated_output, networkAccessEnabled ? /^open$/m : /^closed$/m);
    }
  }, { userConfig: () => "[sandbox_workspace_write]\nnetwork_access = true\n" });
});
