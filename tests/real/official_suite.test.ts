/**
 * What the official SDK's own tests ask of it, asked of ours: the real codex, its built-in
 * provider at a `baseUrl`, and a model that says what it is told.
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Codex, type CodexOptions, exec, type ThreadEvent, type ThreadOptions } from "../../mod.ts";
import {
  disconnect,
  expecting,
  hold,
  lastUserText,
  message,
  type ModelRequest,
  repeat,
  type Script,
  type ScriptedCodexOptions,
  ScriptedModel,
  shell,
  turn,
} from "../../src/testing/mod.ts";
import { plantedKey } from "../support/planted_key.ts";
import { isAlive } from "../support/processes.ts";
import {
  codexBinary,
  type FreshHome,
  freshHome,
  type ScratchFolder,
  scratchRepository,
} from "../support/real_codex.ts";

const schema = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
  additionalProperties: false,
} as const;

const usage = {
  input_tokens: 42,
  cached_input_tokens: 12,
  cache_write_input_tokens: 0,
  output_tokens: 5,
  reasoning_output_tokens: 2,
};

/** The smallest image there is: one pixel. */
const pixel = Uint8Array.from(
  atob(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  ),
  (character) => character.charCodeAt(0),
);

/** A folder outside every repository. */
function folderWithoutGit(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(realpathSync(tmpdir()), "no-repository-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** What the agent said in a request, i.e. in earlier turns. */
function assistantTexts({ body }: ModelRequest): unknown[] {
  return (body.input ?? [])
    .filter(({ role }) => role === "assistant")
    .flatMap(({ content }) => (content as { text: string }[]).map(({ text }) => text));
}

describe("The official SDK's tests, with the real codex:", () => {
  let home: FreshHome;
  let repository: ScratchFolder;
  let place: ThreadOptions;
  before(async () => {
    home = await freshHome();
    repository = await scratchRepository();
    place = { workingDirectory: repository.path };
  });
  after(async () => {
    await home.remove();
    await repository.remove();
  });

  type Stage = { codex: Codex; model: ScriptedModel; argv: string[][] };

  /** A Codex that talks to a model of its own; `argv` is of what it starts. */
  async function staged(
    script: Script,
    body: (stage: Stage) => Promise<void>,
    settings: ScriptedCodexOptions = {},
    options: CodexOptions = {},
  ): Promise<void> {
    const model = await ScriptedModel.start(script);
    const argv: string[][] = [];
    const codex = new Codex({
      codexPathOverride: codexBinary(),
      ...model.codexOptions({ ...home, provider: "builtin", apiKey: plantedKey, ...settings }),
      onSpawn: (info) => argv.push(info.argv),
      ...options,
    });
    try {
      await body({ codex, model, argv });
    } finally {
      await codex.close();
      await model.stop();
    }
  }

  it("run() returns the items, the usage and the id of the thread", () =>
    staged([message("Hi!")], async ({ codex }) => {
      const thread = codex.startThread(place);
      const result = await thread.run("Hello, world!");
      assert.equal(result.items.length, 1);
      const { id, ...item } = result.items[0]!;
      assert.equal(typeof id, "string");
      assert.deepEqual(item, { type: "agent_message", text: "Hi!" });
      assert.deepEqual(result.usage, usage);
      assert.match(thread.id!, /^[0-9a-f-]{36}$/);
    }));

  it("runStreamed() yields the events", () =>
    staged([message("Hi!")], async ({ codex }) => {
      const thread = codex.startThread(place);
      const { events } = await thread.runStreamed("Hello, world!");
      const seen: ThreadEvent[] = [];
      for await (const event of events) seen.push(event);
      assert.deepEqual(seen, [
        { type: "thread.started", thread_id: thread.id },
        { type: "turn.started" },
        { type: "item.completed", item: { id: "item_0", type: "agent_message", text: "Hi!" } },
        { type: "turn.completed", usage },
      ]);
    }));

  const twoResponses = [message("First response"), message("Second response")];

  it("the second run() sends what was said in the first", () =>
    staged(twoResponses, async ({ codex, model }) => {
      const thread = codex.startThread({ ...place, model: "gpt-5.5" });
      await thread.run("first input");
      await thread.run("second input");
      const second = model.requests[1]!;
      assert.equal(lastUserText(second), "second input");
      assert.deepEqual(assistantTexts(second), ["First response"]);
    }));

  it("the second runStreamed(), read by next(), sends what was said in the first", () =>
    staged(twoResponses, async ({ codex, model }) => {
      const thread = codex.startThread(place);
      for (const input of ["first input", "second input"]) {
        const { events } = await thread.runStreamed(input);
        while (!(await events.next()).done);
      }
      assert.deepEqual(assistantTexts(model.requests[1]!), ["First response"]);
    }));

  it("a thread is resumed by its id", () =>
    staged(twoResponses, async ({ codex, model }) => {
      const original = codex.startThread(place);
      await original.run("first input");
      const resumed = codex.resumeThread(original.id!, place);
      const result = await resumed.run("second input");
      assert.equal(resumed.id, original.id);
      assert.equal(result.finalResponse, "Second response");
      assert.deepEqual(assistantTexts(model.requests[1]!), ["First response"]);
    }));

  it("a thread is resumed by its id and streamed", () =>
    staged(twoResponses, async ({ codex, model }) => {
      const original = codex.startThread(place);
      for await (const _ of (await original.runStreamed("first input")).events);
      const resumed = codex.resumeThread(original.id!, place);
      for await (const _ of (await resumed.runStreamed("second input")).events);
      assert.equal(resumed.id, original.id);
      assert.deepEqual(assistantTexts(model.requests[1]!), ["First response"]);
    }));

  it("model and sandbox mode reach codex, the model the provider", () =>
    staged([message("Turn options applied")], async ({ codex, model, argv }) => {
      const options: ThreadOptions = { model: "gpt-test-1", sandboxMode: "workspace-write" };
      await codex.startThread({ ...place, ...options }).run("apply options");
      assert.equal(model.requests[0]?.body.model, "gpt-test-1");
      assert.match(argv[0]!.join(" "), / --model gpt-test-1 --sandbox workspace-write /);
    }));

  it("the output schema reaches the model, and its file is gone afterwards", () =>
    staged([repeat(message("{}"))], async ({ codex, model, argv }) => {
      const thread = codex.startThread(place);
      await thread.run("structured", { outputSchema: schema });
      const streamed = await thread.runStreamed("structured", { outputSchema: schema });
      for await (const _ of streamed.events);
      for (const { body } of model.requests) {
        assert.deepEqual((body.text as { format: unknown }).format, {
          name: "codex_output_schema",
          type: "json_schema",
          strict: true,
          schema,
        });
      }
      assert.equal(model.requests.length, 2);
      for (const args of argv) {
        const file = args[args.indexOf("--output-schema") + 1]!;
        assert.equal(file.startsWith(tmpdir()), true);
        assert.equal(existsSync(file), false);
      }
    }));

  it("texts are joined to one", () =>
    staged([message("Combined")], async ({ codex, model }) => {
      await codex.startThread(place).run([
        { type: "text", text: "Describe file changes" },
        { type: "text", text: "Focus on impacted tests" },
      ]);
      assert.equal(
        lastUserText(model.requests[0]!),
        "Describe file changes\n\nFocus on impacted tests",
      );
    }));

  it("images reach codex in their order, and the model", () =>
    staged([message("Images applied")], async ({ codex, model, argv }) => {
      const images = ["first.png", "second.png"].map((name) => join(repository.path, name));
      for (const image of images) await writeFile(image, pixel);
      await codex.startThread(place).run([
        { type: "text", text: "describe the images" },
        { type: "local_image", path: images[0]! },
        { type: "local_image", path: images[1]! },
      ]);
      const paths = argv[0]!.filter((_, i, args) => args[i - 1] === "--image");
      assert.deepEqual(paths, images);
      const sent = JSON.stringify(model.requests[0]!.body.input).match(/"input_image"/g);
      assert.equal(sent?.length, 2);
    }));

  it("codex works in the working directory, which need not be a repository if that is said", () =>
    staged([shell("pwd > here"), message("Done")], async ({ codex, argv }) => {
      const folder = folderWithoutGit();
      try {
        const thread = codex.startThread({
          workingDirectory: folder.path,
          skipGitRepoCheck: true,
          sandboxMode: "danger-full-access",
        });
        await thread.run("use custom working directory");
        assert.equal(argv[0]![argv[0]!.indexOf("--cd") + 1], folder.path);
        assert.equal(existsSync(join(folder.path, "here")), true);
      } finally {
        folder.remove();
      }
    }));

  it("a working directory that is no repository is refused in codex's words", () =>
    staged([message("Never said")], async ({ codex, model }) => {
      const folder = folderWithoutGit();
      try {
        const thread = codex.startThread({ workingDirectory: folder.path });
        await assert.rejects(thread.run("Hello"), /Not inside a trusted directory/);
        assert.deepEqual(model.requests, []);
      } finally {
        folder.remove();
      }
    }));

  it("the provider is told the originator of the official SDK, and the key", () =>
    staged([message("Hi!")], async ({ codex, model }) => {
      await codex.startThread(place).run("Hello, originator!");
      assert.equal(model.requests[0]?.headers.originator, "codex_sdk_ts");
      assert.equal(model.requests[0]?.headers.authorization, `Bearer ${plantedKey}`);
    }));

  it("a failed turn rejects in codex's words", () =>
    // The built-in provider would try five times more, with growing delays.
    staged([disconnect()], async ({ codex }) => {
      await assert.rejects(
        codex.startThread(place).run("fail"),
        /^\w+: stream disconnected before completion:/,
      );
    }, { provider: "custom" }));

  it("the codex of the package is found by itself, and started with its tools first in PATH", () => {
    let environment: string[] = [];
    const pids: number[] = [];
    const look = expecting(() => {
      environment = readFileSync(`/proc/${pids[0]}/environ`, "utf8").split("\0");
    });
    const options: CodexOptions = {
      codexPathOverride: undefined,
      onSpawn: ({ argv, pid }) => {
        assert.match(argv[0]!, /\/vendor\/[^/]+\/bin\/codex$/);
        pids.push(pid);
      },
    };
    return staged(
      [turn(look, message("Done"))],
      async ({ codex, model }) => {
        await codex.startThread(place).run("Hello");
        model.assertFinished();
        const path = environment.find((entry) => entry.startsWith("PATH="));
        assert.match(path ?? "", /^PATH=[^:]+\/codex-path:/);
      },
      {},
      options,
    );
  });
});

describe("The official SDK's abort tests, with the real codex:", () => {
  let home: FreshHome;
  let repository: ScratchFolder;
  before(async () => {
    home = await freshHome();
    repository = await scratchRepository();
  });
  after(async () => {
    await home.remove();
    await repository.remove();
  });

  /** So long that a codex which has to be told twice fails the test by its time limit. */
  const patient = exec({ interruptGraceMs: 600_000, terminateGraceMs: 600_000 });

  /** A turn of a model that never stops calling its shell, aborted when `abort` is called. */
  async function aborted(
    when: (hooks: { abort: () => void; model: ScriptedModel }) => {
      onSpawn?: () => void;
      onEvent?: (event: ThreadEvent) => void;
    },
  ): Promise<void> {
    const model = await ScriptedModel.start([repeat(shell("true"))]);
    const controller = new AbortController();
    const abort = () => controller.abort("Test timeout");
    const { onSpawn, onEvent } = when({ abort, model });
    const pids: number[] = [];
    const codex = new Codex({
      codexPathOverride: codexBinary(),
      ...model.codexOptions({ ...home, provider: "builtin", apiKey: plantedKey }),
      transport: patient,
      onSpawn: ({ pid }) => {
        pids.push(pid);
        onSpawn?.();
      },
    });
    try {
      const thread = codex.startThread({
        workingDirectory: repository.path,
        sandboxMode: "danger-full-access",
      });
      const { events } = await thread.runStreamed("Start", { signal: controller.signal });
      await assert.rejects(async () => {
        for await (const event of events) onEvent?.(event);
      }, { name: "AbortError", cause: "Test timeout" });
      assert.equal(isAlive(pids[0]!), false);
    } finally {
      await codex.close();
      await model.stop();
    }
  }

  it("an abort as codex starts rejects at once", () =>
    aborted(({ abort }) => ({ onSpawn: abort })));

  it("an abort at the first event rejects at once", () =>
    aborted(({ abort }) => ({ onEvent: abort })));

  it("an abort as the model is asked rejects at once", () =>
    aborted(({ abort, model }) => {
      model.request(0).then(abort);
      return {};
    }));

  it("an abort in an endless loop of tools rejects at once", () =>
    aborted(({ abort, model }) => {
      model.request(2).then(abort);
      return {};
    }));

  it("an abort while the model thinks fails run()", async () => {
    const never = new Promise(() => {});
    const model = await ScriptedModel.start([turn(hold(never), message("Never"))]);
    const controller = new AbortController();
    const codex = new Codex({
      codexPathOverride: codexBinary(),
      ...model.codexOptions({ ...home, provider: "builtin", apiKey: plantedKey }),
    });
    try {
      const thread = codex.startThread({ workingDirectory: repository.path });
      model.request(0).then(() => controller.abort("Aborted during execution"));
      await assert.rejects(
        thread.run("Hello, world!", { signal: controller.signal }),
        { name: "AbortError", cause: "Aborted during execution" },
      );
    } finally {
      await model.stop();
    }
  });

  it("a signal that is aborted before fails both methods, and asks the model nothing", async () => {
    const model = await ScriptedModel.start([message("Hi!")]);
    const codex = new Codex({
      codexPathOverride: codexBinary(),
      ...model.codexOptions({ ...home, provider: "builtin", apiKey: plantedKey }),
    });
    try {
      const signal = AbortSignal.abort("Test abort");
      const thread = codex.startThread({ workingDirectory: repository.path });
      await assert.rejects(thread.run("Hello", { signal }), { name: "AbortError" });
      const { events } = await thread.runStreamed("Hello", { signal });
      await assert.rejects(events.next(), { name: "AbortError" });
      assert.deepEqual(model.requests, []);
    } finally {
      await model.stop();
    }
  });

  it("a signal that is not aborted changes nothing", async () => {
    const model = await ScriptedModel.start([message("Hi!")]);
    const codex = new Codex({
      codexPathOverride: codexBinary(),
      ...model.codexOptions({ ...home, provider: "builtin", apiKey: plantedKey }),
    });
    try {
      const { signal } = new AbortController();
      const thread = codex.startThread({ workingDirectory: repository.path });
      const result = await thread.run("Hello", { signal });
      assert.equal(result.finalResponse, "Hi!");
      assert.equal(result.items.length, 1);
    } finally {
      await model.stop();
    }
  });
});
