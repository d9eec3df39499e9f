import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { describe, it } from "node:test";
import {
  Gate,
  hold,
  httpError,
  lastUserText,
  message,
  type ModelRequest,
  type Scenario,
  type ScriptStep,
  shell,
  turn,
  updatePlan,
} from "../../src/testing/mod.ts";
import {
  type ExampleStage,
  headerCommand,
  playExample,
  Program,
} from "../support/example_program.ts";
import { commandLine, processState, waitUntilGone } from "../support/processes.ts";
import { type ScratchFolder, scratchRepository } from "../support/real_codex.ts";

/** Bun's own limit of 5 s is short for a machine that is busy. */
const patient = { timeout: 120_000 };

/** A repository of a batch; its turn waits at the gate. */
type Job = { path: string; gate: Gate };

/**
 * Plays a test of `batch.ts` with so many repositories; `steps` is what the model says in each.
 * Nothing must have changed in them.
 */
async function playBatch(
  count: number,
  steps: (job: Job, index: number) => ScriptStep[],
  test: (stage: ExampleStage, jobs: Job[]) => Promise<void>,
): Promise<void> {
  const folders: ScratchFolder[] = [];
  try {
    for (let i = 0; i < count; i++) folders.push(await scratchRepository());
    const jobs = folders.map(({ path }) => ({ path, gate: new Gate() }));
    const script = jobs.map((job, index): Scenario => ({
      name: `repository ${index}`,
      when: (request) => worksIn(request, job.path),
      steps: steps(job, index),
    }));
    await playExample(script, (stage) => test(stage, jobs));
  } finally {
    await Promise.all(folders.map((folder) => folder.remove()));
  }
}

/** Codex tells the model where it works. */
function worksIn({ body }: ModelRequest, path: string): boolean {
  return JSON.stringify(body.input).includes(`<cwd>${path}</cwd>`);
}

function argsFor(jobs: readonly Job[], atOnce: number): string[] {
  return ["--prompt", "Work", "--at-once", `${atOnce}`, ...jobs.map(({ path }) => path)];
}

/**
 * How many turns of a program run, as the system sees it. What codex has started, and has not become
 * another program yet, looks like it.
 */
function turnsOf({ codexes }: ExampleStage, { pid }: { pid: number }): number {
  return codexes().filter((each) =>
    commandLine(each)[1] === "exec" && processState(each)?.parent === pid
  ).length;
}

function reached(jobs: readonly Job[]): Promise<unknown> {
  return Promise.all(jobs.map(({ gate }) => gate.reached));
}

/** A command, then a wait at the gate. */
const commandThenWait = ({ gate }: Job): ScriptStep[] => [
  shell("true"),
  turn(hold(gate), message("Never")),
];

describe("batch.ts", () => {
  it("runs so many turns at once, and reports on each and all", patient, async () => {
    const order: string[] = [];
    await playBatch(5, ({ gate }, index) => {
      const answer = async () => {
        order.push(`began ${index}`);
        await gate.pass();
        return index === 2 ? httpError(400) : message(`Done ${index}\nIn detail`);
      };
      return index === 2 ? [shell("true"), answer] : [answer];
    }, async (stage, jobs) => {
      const program = await stage.start("batch.ts", argsFor(jobs, 2));
      await program.whileItRuns(reached(jobs.slice(0, 2)));
      for (const [index, { gate }] of jobs.entries()) {
        await program.whileItRuns(reached(jobs.slice(0, index + 2)));
        assert.ok(turnsOf(stage, program) <= 2);
        order.push(`ended ${index}`);
        gate.open();
      }
      const { code, stdout, stderr } = await program.ended;
      assert.deepEqual([code, stderr], [1, ""]);
      assert.deepEqual(stage.codexes(), []);

      assert.deepEqual(order.slice(0, 2).sort(), ["began 0", "began 1"]);
      assert.deepEqual(order.slice(2), [
        ...["ended 0", "began 2", "ended 1", "began 3", "ended 2", "began 4"],
        ...["ended 3", "ended 4"],
      ]);
      const lines = stdout.trimEnd().split("\n");
      for (const [index, { path }] of jobs.entries()) {
        assert.equal(lines.filter((line) => line === `${path}: started`).length, 1);
        if (index === 2) continue;
        assert.equal(lines.filter((line) => line === `ok ${path}: Done ${index}`).length, 1);
      }
      const failure = lines.findIndex((line) => line.startsWith(`failed ${jobs[2]!.path}: `));
      assert.match(lines[failure]!, /Scripted HTTP error 400/);
      assert.equal(lines[failure + 1], "  arrived: command_execution");
      assert.deepEqual(lines.slice(-2), [
        "4 ok, 1 failed, 0 stopped, 0 not begun",
        "tokens of 4 turns: 168 in (48 cached), 20 out",
      ]);
    });
  });

  it("exits with 0 when all went well", patient, async () => {
    await playBatch(2, () => [message("Done")], async ({ run }, jobs) => {
      const { code, stdout } = await run("batch.ts", argsFor(jobs, 2));
      assert.equal(code, 0);
      assert.match(stdout, /^2 ok, 0 failed, 0 stopped, 0 not begun$/m);
    });
  });

  it("says how it is called", patient, async () => {
    await playExample([], async ({ run, directory }) => {
      for (const args of [[directory], ["--prompt", "Work"], [directory, "--prompt", "a"]]) {
        const { code, stderr } = await run("batch.ts", [...args, "--at-once", "0"]);
        assert.equal(code, 2);
        assert.match(stderr, /^Usage: batch\.ts --prompt /);
      }
    });
  });

  it(
    "begins no more turns at the first Ctrl-C, and waits for those that run",
    patient,
    async () => {
      const steps = ({ gate }: Job) => [turn(hold(gate), message("Done"))];
      await playBatch(2, steps, async (stage, jobs) => {
        // A third one, which the script does not know of.
        const args = [...argsFor(jobs, 2), stage.directory];
        const program = await stage.start("batch.ts", args);
        await program.whileItRuns(reached(jobs));
        program.signal("SIGINT");
        await program.printed(/^Waiting for what runs \(2\); Ctrl-C again ends it$/m);
        assert.equal(turnsOf(stage, program), 2);
        for (const { gate } of jobs) gate.open();
        const { code, stdout } = await program.ended;
        assert.equal(code, 130);
        assert.match(stdout, /^2 ok, 0 failed, 0 stopped, 1 not begun$/m);
        assert.ok(stdout.includes(`\nnot begun ${stage.directory}\n`));
        assert.equal(stage.model.requests.length, 2);
      });
    },
  );

  it("ends the turns that run at the second Ctrl-C", patient, async () => {
    await playBatch(2, commandThenWait, async (stage, jobs) => {
      const program = await stage.start("batch.ts", argsFor(jobs, 2));
      await program.whileItRuns(reached(jobs));
      await program.printed(/: exit 0\n[^]*: exit 0\n/);
      program.signal("SIGINT");
      await program.printed(/Ctrl-C again/);
      program.signal("SIGINT");
      const { code, stdout } = await program.ended;
      assert.deepEqual(stage.codexes(), []);
      assert.equal(code, 130);
      for (const { path } of jobs) {
        const report = `stopped ${path}: The operation was aborted\n  arrived: command_execution\n`;
        assert.ok(stdout.includes(report), stdout);
      }
      assert.match(stdout, /^0 ok, 0 failed, 2 stopped, 0 not begun$/m);
      const held = stage.model.requests.filter(({ body }) =>
        body.input?.some(({ type }) => type === "function_call_output")
      );
      assert.deepEqual(await Promise.all(held.map(({ ended }) => ended)), [
        "abandoned",
        "abandoned",
      ]);
    });
  });

  it("ends the turns that run at SIGTERM", patient, async () => {
    await playBatch(1, commandThenWait, async (stage, jobs) => {
      const program = await stage.start("batch.ts", [...argsFor(jobs, 1), stage.directory]);
      await program.whileItRuns(reached(jobs));
      program.signal("SIGTERM");
      const { code, stdout } = await program.ended;
      assert.deepEqual(stage.codexes(), []);
      assert.equal(code, 130);
      assert.match(stdout, /^0 ok, 0 failed, 1 stopped, 1 not begun$/m);
    });
  });

  const script = "/usr/bin/script";
  const noTerminal = existsSync(script) ? false : `"${script}" is needed for a terminal`;
  for (const noColor of [true, false]) {
    const title = noColor ? "bars without colours, for NO_COLOR" : "bars in colours";
    it(`shows ${title}, on a terminal, whose Ctrl-C does not reach codex`, {
      ...patient,
      skip: noTerminal,
    }, async () => {
      const steps = ({ gate }: Job) => [
        updatePlan([
          { step: "Look", status: "completed" },
          { step: "Work", status: "in_progress" },
        ]),
        turn(hold(gate), message("Done")),
      ];
      await playBatch(1, steps, async (stage, jobs) => {
        if (!noColor) delete stage.env.NO_COLOR;
        const command = [...await headerCommand("batch.ts"), ...argsFor(jobs, 1)];
        const line = `exec ${command.map((word) => `'${word}'`).join(" ")}`;
        const program = new Program(
          [script, "--quiet", "--return", "--command", line, "/dev/null"],
          { cwd: stage.directory, env: stage.env },
          { typed: true },
        );
        try {
          await program.whileItRuns(reached(jobs));
          // Half of the plan, none of the batch.
          await program.printed(/ █{10}░{10} [^\n]*\r\n[^\n]* ░{20} [^\n]*0 of 1/);
          program.type("\x03");
          await program.printed(/Ctrl-C again/);
          jobs[0]!.gate.open();
          const { code, stdout } = await program.ended;
          assert.equal(code, 130);
          assert.match(stdout, /1 ok, 0 failed, 0 stopped, 0 not begun/);
          // deno-lint-ignore no-control-regex
          assert.equal(/\x1b\[\d+m/.test(stdout), !noColor);
          // What stands above the summary is the report: the bars are gone.
          const after = stdout.slice(stdout.lastIndexOf("\x1b[J"));
          assert.ok(!/[█░]/.test(after), JSON.stringify(after));
        } finally {
          await program.stop();
        }
      });
    });
  }
});

describe("graceful_server.ts", () => {
  const answering = (gate: Gate): Scenario => ({
    when: (request) => lastUserText(request) === "Answer",
    steps: [turn(hold(gate), message("Done"))],
  });
  const staying = (gate: Gate): Scenario => ({
    when: (request) => lastUserText(request) === "Stay",
    steps: [shell("true"), turn(hold(gate), message("Never"))],
  });

  it("waits for turns at SIGTERM, and ends those left at the second one", patient, async () => {
    const [first, second] = [new Gate(), new Gate()];
    await playExample([answering(first), staying(second)], async ({ start, codexes }) => {
      const server = await start("graceful_server.ts", ["--port", "0"]);
      const url = await addressOf(server);
      assert.equal(await statusOf(fetch(`${url}health`)), 200);
      const answered = ask(url, "Answer").then((response) => response.text());
      const stayed = new Reader(await ask(url, "Stay"));
      await stayed.until("item.completed");
      await server.whileItRuns(Promise.all([first.reached, second.reached]));

      server.signal("SIGTERM");
      await server.printed(/^Draining: waiting for 2 turns$/m);
      assert.equal(await statusOf(fetch(`${url}health`)), 503);
      assert.equal(await statusOf(ask(url, "Too late")), 503);
      first.open();
      const frames = framesOf(await answered);
      assert.deepEqual(frames.at(-2)!.data.item.text, "Done");
      assert.equal(frames.at(-1)!.name, "turn.completed");

      server.signal("SIGTERM");
      assertStopped(framesOf(await stayed.rest()));
      const { code, stderr } = await server.ended;
      assert.deepEqual([code, stderr], [0, ""]);
      assert.deepEqual(codexes(), []);
    });
  });

  it("ends the turns that run longer than it waits for them", patient, async () => {
    const gate = new Gate();
    await playExample([staying(gate)], async ({ start, codexes }) => {
      const server = await start("graceful_server.ts", ["--port", "0", "--drain-ms", "1"]);
      const stayed = new Reader(await ask(await addressOf(server), "Stay"));
      await stayed.until("item.completed");
      await server.whileItRuns(gate.reached);
      server.signal("SIGTERM");
      assertStopped(framesOf(await stayed.rest()));
      const { code, stderr } = await server.ended;
      assert.deepEqual([code, stderr], [0, ""]);
      assert.deepEqual(codexes(), []);
    });
  });

  it("does not wait for connections that nobody uses", patient, async () => {
    await playExample([], async ({ start }) => {
      const server = await start("graceful_server.ts", ["--port", "0"]);
      const socket = connect(Number(new URL(await addressOf(server)).port), "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      server.signal("SIGINT");
      const { code, stdout } = await server.ended;
      socket.destroy();
      assert.equal(code, 0);
      assert.match(stdout, /\nDraining: waiting for 0 turns\nDrained\n$/);
    });
  });

  it("does not wait for a client that does not read", patient, async () => {
    const gate = new Gate();
    // More than the system keeps for a connection.
    const answer = turn(hold(gate), message("x".repeat(16 * 1024 * 1024)));
    await playExample([answer], async ({ start, codexes }) => {
      const server = await start("graceful_server.ts", ["--port", "0", "--drain-ms", "1"]);
      const socket = connect(Number(new URL(await addressOf(server)).port), "127.0.0.1").pause();
      socket.on("error", () => {});
      const body = JSON.stringify({ prompt: "Tell me all" });
      socket.write(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n" +
          `content-length: ${body.length}\r\n\r\n${body}`,
      );
      await server.whileItRuns(gate.reached);
      const [codex] = codexes();
      assert.ok(codex);
      gate.open();
      // The server has read the answer, and has it to give.
      await server.whileItRuns(waitUntilGone(codex));
      server.signal("SIGTERM");
      const { code, stderr } = await server.ended;
      socket.destroy();
      assert.deepEqual([code, stderr], [0, ""]);
      assert.deepEqual(codexes(), []);
    });
  });

  it("ends the turn of a client that goes away", patient, async () => {
    const gate = new Gate();
    await playExample([staying(gate)], async ({ start, model, codexes }) => {
      const server = await start("graceful_server.ts", ["--port", "0"]);
      const stop = new AbortController();
      const left = await ask(await addressOf(server), "Stay", stop.signal);
      // To its end: Bun closes the connection of a response that nobody reads any more.
      const cut = assert.rejects(left.text());
      await server.whileItRuns(gate.reached);
      const [codex] = codexes();
      assert.ok(codex);
      stop.abort();
      await cut;
      await waitUntilGone(codex);
      assert.equal(await model.requests[1]!.ended, "abandoned");
      server.signal("SIGTERM");
      const { code, stderr } = await server.ended;
      assert.deepEqual([code, stderr], [0, ""]);
    });
  });

  it("refuses what is no prompt", patient, async () => {
    await playExample([], async ({ start }) => {
      const server = await start("graceful_server.ts", ["--port", "0"]);
      const url = await addressOf(server);
      const headers = { "content-type": "application/json" };
      assert.equal(await statusOf(fetch(url)), 415);
      assert.equal(await statusOf(fetch(url, { method: "POST", headers, body: "{" })), 400);
      assert.equal(await statusOf(ask(url, "")), 400);
    });
  });
});

async function addressOf(server: Program): Promise<string> {
  const [, url] = await server.printed(/Listening on (http:\S+)\n/);
  return url!;
}

function ask(url: string, prompt: string, signal?: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt }),
    signal: signal ?? null,
  });
}

/** Reads all of a response: what is not read holds its connection open. */
async function statusOf(asked: Promise<Response>): Promise<number> {
  const response = await asked;
  await response.arrayBuffer();
  return response.status;
}

/** Reads a response bit by bit. */
class Reader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor({ body }: Response) {
    this.#reader = body!.getReader();
  }

  /** Reads until an event of that name has arrived. */
  async until(name: string): Promise<void> {
    while (!this.#text.includes(`event: ${name}\n`)) {
      assert.ok(await this.#read(), `no "${name}" in ${this.#text}`);
    }
  }

  /** All of the text, once it has ended. */
  async rest(): Promise<string> {
    while (await this.#read());
    return this.#text;
  }

  async #read(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    this.#text += this.#decoder.decode(value, { stream: !done });
    return !done;
  }
}

// deno-lint-ignore no-explicit-any
type Frame = { name: string; data: any };

function framesOf(text: string): Frame[] {
  assert.ok(text.endsWith("\n\n"), text);
  return text.slice(0, -2).split("\n\n").map((frame) => {
    const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(frame) ?? assert.fail(frame);
    return { name: name!, data: JSON.parse(data!) };
  });
}

/** The client was told what had arrived, and that its turn was ended. */
function assertStopped(frames: Frame[]): void {
  const items = frames.filter(({ name }) => name === "item.completed");
  assert.deepEqual(items.map(({ data }) => data.item.type), ["command_execution"]);
  const { name, data } = frames.at(-1)!;
  assert.equal(name, "request.failed");
  assert.equal(data.error.code, "ABORT_ERR");
}
