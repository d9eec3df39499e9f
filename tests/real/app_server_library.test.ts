import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe } from "node:test";
import { RpcError } from "../../mod.ts";
import { ThreadLibrary } from "../../src/app_server/mod.ts";
import {
  Gate,
  hold,
  httpError,
  lastUserText,
  message,
  type ModelRequest,
  repeat,
  shell,
  turn,
  userTexts,
} from "../../src/testing/mod.ts";
import { ServerBench } from "../support/app_server.ts";
import { spoken } from "../support/spoken.ts";

const echo = repeat((request) => message(`Re: ${lastUserText(request)}`));

/** All that a list holds. */
async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}

/** The words of user and agent in a request. */
function said({ body }: ModelRequest): string[] {
  return (body.input ?? []).filter(({ type, role }) => type === "message" && role !== "developer")
    .map(({ content }) => (content as { text: string }[]).map(({ text }) => text).join(""));
}

describe("ThreadLibrary on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("lists threads, those of the exec lane among them, page by page", [
    echo,
  ], async ({ codex, exec, startThread, directory }) => {
    const library = new ThreadLibrary(codex);
    const onExec = exec().startThread({ workingDirectory: directory });
    await onExec.run("From exec");
    const threads = [startThread(), startThread()];
    for (const [index, thread] of threads.entries()) await thread.run(`From here ${index}`);
    await startThread({ ephemeral: true }).run("Kept by nobody");

    const filter = { workingDirectory: directory };
    const listed = await all(library.list({ ...filter, pageSize: 2 }));
    assert.deepEqual(
      listed.map(({ id, preview }) => [id, preview]),
      [
        [threads[1]!.id, "From here 1"],
        [threads[0]!.id, "From here 0"],
        [onExec.id, "From exec"],
      ],
    );
    const ascending = await all(library.list({ ...filter, sortDirection: "asc" }));
    assert.deepEqual(ascending.map(({ id }) => id), listed.map(({ id }) => id).reverse());
    const some = await all(library.list({ ...filter, sourceKinds: ["exec"] }));
    assert.deepEqual(some.map(({ id }) => id), [onExec.id]);
    assert.deepEqual(await all(library.list({ workingDirectory: "/" })), []);
    const found = await all(library.list({ searchTerm: "From here 1" }));
    assert.deepEqual(found.map(({ id }) => id), [threads[1]!.id]);
  });

  bench.it("reads a thread, its turns and its items", [
    shell("echo of the first"),
    message("Ran it"),
    message("Second answer"),
  ], async ({ codex, startThread, directory }) => {
    const library = new ThreadLibrary(codex);
    const thread = startThread();
    await thread.run("First question");
    await thread.run("Second question");
    const record = await library.read(thread.id!);
    assert.deepEqual([record.id, record.preview, record.cwd, record.turns], [
      thread.id,
      "First question",
      directory,
      [],
    ]);
    const turns = await all(library.turns(thread.id!, { pageSize: 1 }));
    assert.deepEqual(turns.map(({ status }) => status), ["completed", "completed"]);
    const oldest = await all(library.turns(thread.id!, { sortDirection: "asc" }));
    assert.deepEqual(oldest.map(({ id }) => id), turns.map(({ id }) => id).reverse());

    const items = await all(library.items(thread.id!, { pageSize: 2 }));
    assert.deepEqual(items.map(({ type }) => type), [
      "userMessage",
      "commandExecution",
      "agentMessage",
      "userMessage",
      "agentMessage",
    ]);
    const ofSecond = await all(library.items(thread.id!, { turnId: turns[0]!.id }));
    assert.deepEqual(
      ofSecond.map((item) => item.type === "agentMessage" ? item.text : item.type),
      ["userMessage", "Second answer"],
    );
  });

  bench.it("searches what was said", [
    message("The word is xylophone"),
    message("Nothing of the kind"),
  ], async ({ codex, startThread }) => {
    const library = new ThreadLibrary(codex);
    const thread = startThread();
    await thread.run("Which word?");
    await startThread().run("Another one");
    const found = await all(library.search("xylophone"));
    assert.deepEqual(found.map(({ thread }) => thread.id), [thread.id]);
    assert.deepEqual(await all(library.search("zzz-not-said")), []);
  });

  bench.it("forks a thread at a turn", [
    echo,
  ], async ({ model, codex, startThread, directory }) => {
    const library = new ThreadLibrary(codex);
    const thread = startThread({ model: "made-to-order" });
    for (const prompt of ["One", "Two", "Three"]) await thread.run(prompt);
    const [third, second] = await all(library.turns(thread.id!));
    const forks = [
      await library.fork(thread.id!, { lastTurnId: second!.id }),
      await library.fork(thread.id!, { beforeTurnId: third!.id }),
      await library.fork(thread.id!),
    ];
    for (const [index, id] of forks.entries()) {
      assert.notEqual(id, thread.id);
      await codex.resumeThread(id, { workingDirectory: directory }).run(`Fork ${index}`);
    }
    const texts = model.requests.slice(3).map((request) => spoken(said(request)).slice(-3));
    assert.deepEqual(texts[0], ["Two", "Re: Two", "Fork 0"]);
    assert.deepEqual(texts[1], ["Two", "Re: Two", "Fork 1"]);
    assert.deepEqual(texts[2], ["Three", "Re: Three", "Fork 2"]);
    const models = new Set(model.requests.map(({ body }) => body.model));
    assert.deepEqual([...models], ["made-to-order"]);
  });

  bench.it("archives and unarchives a thread, names and deletes it", [
    echo,
  ], async ({ codex, startThread, directory }) => {
    const library = new ThreadLibrary(codex);
    const thread = startThread();
    await thread.run("First");
    const id = thread.id!;
    const isListed = async (archived?: boolean) =>
      (await all(library.list({ archived }))).some((each) => each.id === id);

    await library.setName(id, "A good name");
    assert.equal((await library.read(id)).name, "A good name");

    await library.archive(id);
    assert.deepEqual([await isListed(), await isListed(true)], [false, true]);
    const refused = await thread.run("Too late").catch((error) => error);
    assert.ok(RpcError.is(refused), `${refused}`);
    assert.match(refused.message, /is archived/);

    await library.unarchive(id);
    assert.deepEqual([await isListed(), await isListed(true)], [true, false]);
    assert.equal((await thread.run("Second")).finalResponse, "Re: Second");
    const named = codex.resumeThread({ name: "A good name" }, { workingDirectory: directory });
    assert.equal((await named.run("Third")).threadId, id);

    await library.delete(id);
    assert.equal(await isListed(), false);
    await assert.rejects(library.read(id), RpcError.is);
    await assert.rejects(thread.run("Much too late"), RpcError.is);
  });

  bench.it("compacts a thread, and waits for it", [
    message("A long story"),
    message("A short one"),
    repeat(message("Goes on"), 1),
  ], async ({ model, codex, startThread, another }) => {
    const thread = startThread();
    await thread.run("Tell");
    await new ThreadLibrary(codex).compact(thread.id!);
    assert.equal(model.requests.length, 2);
    await codex.close();
    const resumed = another().resumeThread(thread.id!);
    assert.equal((await resumed.run("Go on")).finalResponse, "Goes on");
    const texts = userTexts(model.requests[2]!).join("\n");
    assert.match(texts, /A short one/);
    assert.equal(said(model.requests[2]!).includes("A long story"), false);
  });

  {
    const gate = new Gate();
    bench.it("tells that compacting failed, and gives up when told to", [
      message("A long story"),
      httpError(400),
      turn(hold(gate), message("Never told")),
    ], async ({ codex, startThread }) => {
      const library = new ThreadLibrary(codex);
      const thread = startThread();
      await thread.run("Tell");
      const failed = await library.compact(thread.id!).catch((error) => error);
      assert.equal(failed.name, "TurnFailedError");
      assert.match(failed.message, /Scripted HTTP error 400/);
      const controller = new AbortController();
      const given = library.compact(thread.id!, { signal: controller.signal })
        .catch((error) => error);
      await gate.reached;
      controller.abort();
      assert.equal((await given).name, "AbortError");
    });
  }

  bench.it("reverts a thread to before a turn, and leaves the files", [
    message("Answer one"),
    shell("touch reverted"),
    message("Answer two"),
    message("Answer three"),
  ], async ({ model, codex, startThread, directory }) => {
    const library = new ThreadLibrary(codex);
    const thread = startThread({ sandboxMode: "danger-full-access" });
    await thread.run("One");
    await thread.run("Two");
    const [second] = await all(library.turns(thread.id!));
    await library.revert(thread.id!, second!.id);
    assert.equal((await all(library.turns(thread.id!))).length, 1);
    await thread.run("Three");
    assert.deepEqual(spoken(said(model.requests.at(-1)!)).slice(-3), [
      "One",
      "Answer one",
      "Three",
    ]);
    assert.equal(existsSync(join(directory, "reverted")), true);
  });

  bench.it("injects what the model is to see", [echo], async ({ model, codex, startThread }) => {
    const thread = startThread();
    await thread.run("First");
    await new ThreadLibrary(codex).inject(thread.id!, [{
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: "By the way" }],
    }]);
    await thread.run("Second");
    assert.deepEqual(spoken(said(model.requests[1]!)).slice(-3), [
      "Re: First",
      "By the way",
      "Second",
    ]);
  });

  bench.it("does not widen what the turns after it may do", [
    echo,
  ], async ({ codex, startThread, model }) => {
    const thread = startThread();
    await thread.run("First");
    const library = new ThreadLibrary(codex);
    const fork = await library.fork(thread.id!);
    await library.inject(fork, [{ type: "message", role: "user", content: [] }]);
    for (const threadId of [thread.id!, fork]) {
      const { sandbox, approvalPolicy } = await codex.request("thread/resume", {
        threadId,
        excludeTurns: true,
      });
      assert.deepEqual([sandbox, approvalPolicy], [
        { type: "readOnly", networkAccess: false },
        "never",
      ]);
    }
    assert.equal(model.requests.length, 1);
  }, {
    userConfig: (directory) =>
      `sandbox_mode = "workspace-write"\n[projects."${directory}"]\ntrust_level = "trusted"\n`,
  });
});

/** An MCP server with one tool; JSON-RPC over lines. */
const mcpServer = `#!/usr/bin/env node
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  const result = method === "initialize"
    ? {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: "demo", version: "1" },
    }
    : { tools: [{ name: "add", description: "Adds", inputSchema: { type: "object" } }] };
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
});
`;

describe("Codex.request() on the real app-server", () => {
  const bench = new ServerBench();

  bench.it("calls what has no name of its own here", [], async (stage) => {
    const { codex, directory, codexHome } = stage;
    const { data: models } = await codex.request("model/list", { includeHidden: true });
    assert.ok(models.some(({ id }) => id === "gpt-5.5"));
    const { config } = await codex.request("config/read", { cwd: directory });
    assert.equal(config.model, "gpt-5.5");
    const skills = await codex.request("skills/list", { cwds: [directory] });
    assert.deepEqual(skills.data.map(({ cwd }) => cwd), [directory]);
    const ran = await codex.request("command/exec", {
      command: ["sh", "-c", "echo out; exit 3"],
      cwd: directory,
      sandboxPolicy: { type: "readOnly", networkAccess: false },
    });
    assert.deepEqual([ran.exitCode, ran.stdout], [3, "out\n"]);
    assert.equal(existsSync(codexHome), true);
    assert.equal(stage.servers.length, 1);
  });

  bench.it("tells of MCP servers and their tools", [], async ({ another, settings, codexHome }) => {
    const path = join(codexHome, "..", "mcp_server.cjs");
    writeFileSync(path, mcpServer);
    await chmod(path, 0o755);
    const node = "Deno" in globalThis || "Bun" in globalThis ? "node" : process.execPath;
    const codex = another({
      config: { ...settings.config, mcp_servers: { demo: { command: node, args: [path] } } },
    });
    const { data } = await codex.request("mcpServerStatus/list", {});
    const demo = data.find(({ name }) => name === "demo");
    assert.deepEqual(Object.keys(demo?.tools ?? {}), ["add"]);
  });

  bench.it("rejects with codex's own words, bounded", [], async ({ codex }) => {
    const unknown = await codex.request("no/such" as "model/list", {}).catch((error) => error);
    assert.ok(RpcError.is(unknown));
    assert.deepEqual([unknown.method, unknown.rpcCode], ["no/such", -32600]);
    assert.match(unknown.message, /unknown variant `no\/such`/);
    assert.ok(unknown.message.length < 2100);
    const wrong = await codex.request("thread/read", {} as never).catch((error) => error);
    assert.ok(RpcError.is(wrong));
    assert.match(wrong.message, /missing field `threadId`/);
  });

  bench.it("gives a request up when told to", [], async ({ codex }) => {
    const controller = new AbortController();
    await codex.version();
    const asked = codex.request("command/exec", {
      command: ["sleep", "98765.7"],
      sandboxPolicy: { type: "dangerFullAccess" },
    }, { signal: controller.signal }).catch((error) => error);
    controller.abort(new Error("Enough"));
    assert.equal((await asked).name, "AbortError");
  });
});
