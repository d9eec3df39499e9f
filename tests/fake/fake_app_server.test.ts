import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Connection } from "../../src/app_server/connection.ts";
import { spawnServer } from "../../src/app_server/stdio_channel.ts";
import { systemClock } from "../../src/clock.ts";
import { RpcError } from "../../src/errors.ts";
import { loadRuntime } from "../../src/runtime/mod.ts";
import { appServerRecording } from "../support/app_server_recordings.ts";
import {
  type FakeAppServer,
  fakeAppServer,
  recordedTurn,
  type ServerScript,
} from "../support/fake_app_server.ts";

/** A client that has shaken hands and started a thread. */
class Client {
  readonly fake: FakeAppServer;
  readonly connection: Connection;
  // deno-lint-ignore no-explicit-any
  readonly heard: { method: string; params: any }[] = [];
  threadId = "";
  #onHeard: () => void = () => {};

  constructor(fake: FakeAppServer, channel: Awaited<ReturnType<typeof spawnServer>>) {
    this.fake = fake;
    this.connection = new Connection(channel, {
      onNotification: (method, params) => {
        this.heard.push({ method, params });
        this.#onHeard();
      },
      onRequest: (method) => Promise.resolve({ answerTo: method }),
      clock: systemClock,
      random: Math.random,
    });
  }

  // deno-lint-ignore no-explicit-any
  request(method: string, params: unknown = {}): Promise<any> {
    return this.connection.request(method, params);
  }

  async begin(): Promise<this> {
    await this.request("initialize", { clientInfo: { name: "test", version: "1" } });
    this.threadId = (await this.request("thread/start", { cwd: "/" })).thread.id;
    return this;
  }

  async startTurn(text = "Hi"): Promise<string> {
    const input = [{ type: "text", text }];
    return (await this.request("turn/start", { threadId: this.threadId, input })).turn.id;
  }

  /** What was said until the `count`th turn had ended, without what came before. */
  async turnEnds(count = 1): Promise<{ method: string; params: unknown }[]> {
    const ended = () => this.heard.filter(({ method }) => method === "turn/completed").length;
    while (ended() < count) await new Promise<void>((resolve) => this.#onHeard = resolve);
    return this.heard;
  }

  /** How the turns have ended. */
  get endings(): string[] {
    return this.heard.filter(({ method }) => method === "turn/completed")
      .map(({ params }) => params.turn.status);
  }

  methods(): string[] {
    return this.heard.map(({ method }) => method);
  }
}

async function withClient(
  script: ServerScript,
  body: (client: Client) => Promise<void>,
): Promise<void> {
  const fake = await fakeAppServer(script);
  try {
    const channel = await spawnServer({
      codexOptions: { codexPath: fake.path },
      runtime: await loadRuntime(),
      clock: systemClock,
    });
    try {
      await body(await new Client(fake, channel).begin());
    } finally {
      await channel.close();
    }
  } finally {
    await fake.remove();
  }
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => new Error("not refused"), (error) => error);
  assert.ok(RpcError.is(error), String(error));
  return error.message;
}

describe("fake app-server", () => {
  it("plays a turn that goes well, with nothing said", () =>
    withClient({}, async (client) => {
      await client.startTurn();
      await client.turnEnds();
      assert.deepEqual(client.methods(), [
        "thread/started",
        "thread/status/changed",
        "turn/started",
        "item/started",
        "item/completed",
        "item/started",
        "item/agentMessage/delta",
        "item/completed",
        "thread/tokenUsage/updated",
        "thread/status/changed",
        "turn/completed",
      ]);
      assert.equal(client.heard.at(-1)!.params.turn.items[0].text, "ok");
    }));

  it("plays what it is told in each turn, and records what it is sent", () =>
    withClient({
      turns: [
        [{ message: "$number: $input", deltas: 2 }, { command: { command: "ls", exitCode: 1 } }],
        [{ request: "item/tool/call", params: { tool: "t" } }, {
          turnEnd: "failed",
          error: { message: "no" },
        }],
        [{ delta: "x", repeat: 1000 }],
      ],
    }, async (client) => {
      for (let turn = 1; turn <= 3; turn++) {
        await client.startTurn(`text ${turn}`);
        await client.turnEnds(turn);
      }
      assert.deepEqual(client.endings, ["completed", "failed", "completed"]);
      const texts = client.heard.filter(({ params }) => params.item?.type === "agentMessage")
        .map(({ params }) => params.item.text);
      assert.deepEqual(texts, ["", "0: text 1"]);
      const deltas = client.heard.filter(({ method }) => method === "item/agentMessage/delta");
      assert.equal(deltas.length, 1002);
      assert.deepEqual(client.fake.answers().map(({ result }) => result), [
        { answerTo: "item/tool/call" },
      ]);
      assert.equal(client.fake.received("turn/start").length, 3);
    }));

  it("refuses what the real one refuses", () =>
    withClient({}, async (client) => {
      const { threadId } = client;
      assert.match(await refusal(client.request("initialize", {})), /Already initialized/);
      assert.match(await refusal(client.request("no/such")), /unknown variant `no\/such`/);
      assert.match(
        await refusal(client.request("turn/start", { threadId: "x", input: [] })),
        /thread not found/,
      );
      for (const verb of ["steer", "interrupt"]) {
        const refused = client.request(`turn/${verb}`, { threadId, turnId: "x" });
        assert.match(await refusal(refused), new RegExp(`no active turn to ${verb}`));
      }
    }));

  it("steers with a second turn, and interrupts only what has started", () =>
    withClient({
      turn: [
        { touch: "asked" },
        { waitForFile: "go" },
        { turnStarted: true },
        { touch: "started" },
        {
          hang: true,
        },
      ],
    }, async (client) => {
      const { threadId, fake } = client;
      const turnId = await client.startTurn();
      assert.equal(await client.startTurn(), turnId);
      await fake.touched("asked");
      const interrupt = () => client.request("turn/interrupt", { threadId, turnId });
      assert.match(await refusal(interrupt()), /no active turn/);
      fake.release("go");
      await fake.touched("started");
      const wrong = { threadId, expectedTurnId: "other", input: [] };
      assert.match(await refusal(client.request("turn/steer", wrong)), /expected active turn id/);
      const input = [{ type: "text", text: "More" }];
      const steer = { threadId, expectedTurnId: turnId, input };
      assert.deepEqual(await client.request("turn/steer", steer), { turnId });
      await interrupt();
      await client.turnEnds();
      assert.deepEqual(client.endings, ["interrupted"]);
    }));

  it("answers as it is told, differently each time", () =>
    withClient({
      on: {
        "model/list": [
          [{ error: { code: -32001, message: "Server overloaded; retry later." } }],
          [{ result: { data: ["model"] } }],
          [{ default: true }],
        ],
      },
    }, async (client) => {
      assert.deepEqual(await client.request("model/list"), { data: ["model"] });
      assert.deepEqual(await client.request("model/list"), { data: [], nextCursor: null });
      assert.equal(client.fake.received("model/list").length, 3);
    }));

  it("plays a script for each start, and tells its version", async () => {
    const fake = await fakeAppServer([{ start: [{ exit: 3 }] }, { start: [{ exit: 4 }] }], {
      version: "1.2.3",
    });
    try {
      const runtime = await loadRuntime();
      const codexOptions = { codexPath: fake.path };
      const codes: unknown[] = [];
      for (let start = 0; start < 3; start++) {
        const channel = await spawnServer({ codexOptions, runtime, clock: systemClock });
        await channel.readable.cancel();
        codes.push((await channel.ended).exitCode);
      }
      assert.deepEqual(codes, [3, 4, 4]);
      assert.equal(fake.invocations().length, 3);
      const said: string[] = [];
      const probe = await spawnServer({
        codexOptions,
        runtime,
        clock: systemClock,
        args: ["--version"],
        onDiagnostic: ({ message }) => said.push(message),
      });
      await probe.readable.getReader().read();
      assert.deepEqual(said, ["codex-cli 1.2.3"]);
      await probe.ended;
      assert.equal(fake.invocations().length, 3);
    } finally {
      await fake.remove();
    }
  });

  for (const [name, ending] of [["full", "completed"], ["fail_500", "failed"]] as const) {
    it(`plays a recorded turn: "${name}"`, () => {
      const recording = appServerRecording(name);
      return withClient({ turn: recordedTurn(recording) }, async (client) => {
        await client.startTurn();
        await client.turnEnds();
        assert.deepEqual(client.endings, [ending]);
        const items = (said: { method?: string; params?: { item?: { type: string } } }[]) =>
          said.filter(({ method }) => method === "item/completed")
            .map(({ params }) => params!.item!.type);
        assert.deepEqual(
          items(client.heard),
          items(recording.filter(({ dir }) => dir === "in").map(({ msg }) => msg)),
        );
      });
    });
  }
});
