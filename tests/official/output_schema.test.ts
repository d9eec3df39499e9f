import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { after, before, describe, it } from "node:test";
import { Codex } from "../../mod.ts";
import type { Action } from "../support/fake_codex.ts";
import { type OwnTempFolder, ownTempFolder } from "../support/files.ts";
import {
  answer,
  completed,
  flags,
  observeRun,
  observeStream,
  type Scene,
  started,
  turnStarted,
  untyped,
  withFake,
} from "./observe.ts";

const schema = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
  additionalProperties: false,
} as const;

describe("The output schema, as with the official SDK:", () => {
  let temporary: OwnTempFolder;
  before(() => temporary = ownTempFolder());
  after(() => temporary.remove());

  const schemaFolders = () =>
    temporary.entries().filter((name) => name.startsWith("codex-output-schema-"));

  it("is a private file of compact JSON while codex runs", async () => {
    const plan: Action[] = [{ event: started }, { waitForFile: "go" }, { events: [completed] }];
    await withFake(plan, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const { events } = await thread.runStreamed("Hello", { outputSchema: schema });
      await events.next();
      const { argv } = fake.invocations()[0]!;
      const file = argv[argv.indexOf("--output-schema") + 1]!;
      assert.match(
        file.slice(temporary.path.length),
        /^\/codex-output-schema-\w{6,}\/schema.json$/,
      );
      assert.equal(readFileSync(file, "utf8"), JSON.stringify(schema));
      assert.equal(statSync(dirname(file)).mode & 0o777, 0o700);
      fake.release("go");
      for await (const _ of events);
      assert.deepEqual(schemaFolders(), []);
    });
  });

  it("is for one turn, and a new file for each", async () => {
    await withFake(answer, async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      await thread.run("one", { outputSchema: schema });
      await thread.run("two", { outputSchema: schema });
      await thread.run("three");
      const [one, two, three] = fake.invocations().map(({ argv }) =>
        argv[argv.indexOf("--output-schema") + 1]
      );
      assert.notEqual(one, two);
      assert.equal(fake.invocations()[2]!.argv.includes("--output-schema"), false);
      assert.notEqual(three, two);
    });
  });

  it("is not judged: nonsense is codex's to refuse", async () => {
    const observed = await observeRun({ turn: { outputSchema: { type: "banana" } } });
    assert.equal(observed.error, undefined);
    assert.equal(flags(observed)[0], "--output-schema");
  });

  for (
    const [kind, value] of Object.entries({
      null: null,
      "an array": [schema],
      "a number": 7,
      "a boolean": true,
      "an empty string": "",
    })
  ) {
    it(`cannot be ${kind}: the first read says so, and nothing is started`, async () => {
      const { error, starts } = await observeStream({ turn: { outputSchema: value } });
      assert.match(error!.message, /^outputSchema must be a plain JSON object/);
      assert.deepEqual(starts, []);
    });
  }

  const aborted = AbortSignal.abort();
  const ends: Record<string, Scene> = {
    "after a turn": {},
    "when codex exits badly": { plan: [{ events: [started] }, { exit: 3 }] },
    "when the turn failed": {
      plan: [
        { events: [started, turnStarted, { type: "turn.failed", error: { message: "no" } }] },
        { exit: 1 },
      ],
    },
    "when a line is cut off": { plan: [{ stdout: '{"type":"thread.st' }] },
    "when codex cannot be started": { codex: { codexPathOverride: "/nonexistent/codex" } },
    "when config is refused": { codex: { config: untyped({ a: null }) } },
    "when the signal was aborted before": { turn: { signal: aborted } },
  };
  for (const [when, scene] of Object.entries(ends)) {
    for (const [method, observe] of Object.entries({ run: observeRun, stream: observeStream })) {
      it(`is removed ${when} (${method})`, async () => {
        await observe({ ...scene, turn: { ...scene.turn, outputSchema: schema } });
        assert.deepEqual(schemaFolders(), []);
      });
    }
  }

  it("is removed when the events are left early", async () => {
    await withFake([{ event: started }, { hang: true }], async (fake) => {
      const thread = new Codex({ codexPathOverride: fake.path }).startThread();
      const { events } = await thread.runStreamed("Hello", { outputSchema: schema });
      for await (const _ of events) break;
      assert.equal(fake.invocations().length, 1);
      assert.deepEqual(schemaFolders(), []);
    });
  });

  it("is not written when the events are never read", async () => {
    const thread = new Codex({ codexPathOverride: "/nonexistent/codex" }).startThread();
    const { events } = await thread.runStreamed("Hello", { outputSchema: schema });
    assert.deepEqual(schemaFolders(), []);
    await events.return(undefined);
    assert.deepEqual(schemaFolders(), []);
  });
});
