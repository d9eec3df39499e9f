import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe } from "node:test";
import { inspect } from "node:util";
import { type Diagnostic, ExitError, type SpawnInfo, TurnFailedError } from "../../mod.ts";
import type { FakePlan } from "../support/fake_codex.ts";
import { collectGarbage } from "../support/garbage.ts";
import { plantedKey } from "../support/planted_key.ts";
import {
  answer,
  assertError,
  completed,
  executable,
  failed,
  fault,
  goodTurn,
  outcome,
  play,
  rejection,
  started,
  test,
  warmUp,
} from "./support.ts";

const kept = 16 * 1024;

describe("a codex that writes to stderr", () => {
  warmUp();

  test("400 MiB costs little memory, and only its end is kept", () =>
    play(
      [{ stderrRepeat: { bytes: 400 << 20 } }, { stderr: "the end\n" }, { exit: 1 }],
      async ({ thread }) => {
        collectGarbage();
        resetPeakMemory();
        const before = memory("VmRSS");
        const error = await rejection(thread().run("Hi"));
        assertError(error, ExitError, { exitCode: 1 });
        assert.equal(error.stderr.length, kept);
        assert.match(error.message, /e{99}\nthe end$/);
        assert.ok(error.message.length < 2_100);
        const grown = memory("VmHWM") - before;
        // What was read and dropped is collected when the runtime sees fit.
        assert.ok(grown < 200 << 20, `memory has grown by ${grown >> 20} MiB`);
      },
    ));

  fault(
    "50 MiB, and the turn is good all the same",
    [{ events: started }, { stderrRepeat: { bytes: 50 << 20 } }, { events: goodTurn.slice(2) }],
    {},
    ({ turn }) => {
      assert.equal(turn?.finalResponse, "Hello");
      assert.equal(turn?.stderr.length, kept);
    },
  );

  test("bytes that are no text become replacement characters", () =>
    play([], async ({ codex }) => {
      const file = executable("#!/bin/sh\nprintf 'a\\377\\376\\000b' >&2\nexit 3\n");
      const error = await rejection(codex({ codexPath: file.path }).startThread().run("Hi"));
      assertError(error, ExitError, {
        exitCode: 3,
        stderr: "a\ufffd\ufffd\0b",
        message: "Codex Exec exited with code 3 before the turn ended: a\ufffd\ufffd\0b",
      });
      file.remove();
    }));

  fault(
    "only its usual greeting: the message is without it",
    [{ stderr: "Reading prompt from stdin...\n" }, { exit: 1 }],
    {},
    ({ error }) =>
      assertError(error, ExitError, {
        stderr: "Reading prompt from stdin...\n",
        message: "Codex Exec exited with code 1 before the turn ended",
      }),
  );

  fault(
    "warnings in a good turn: they are the turn's, and do not show when it is printed",
    [{ stderr: "warning: old\n" }, { events: goodTurn }],
    {},
    ({ turn }) => {
      assert.equal(turn?.stderr, "warning: old\n");
      assert.doesNotMatch(JSON.stringify(turn), /warning/);
    },
  );
});

describe("a codex that prints secrets", () => {
  warmUp();
  const secrets = {
    key: plantedKey,
    token: "planted+token+of+the+environment",
    bearer: "planted.bearer.of.the.config",
    header: "planted header; of=the config",
    named: "planted-in-a-variable-that-is-named",
    host: "planted.key.of.the.host",
    table: "planted-in-a-table-of-a-raw-setting",
    argument: "planted-in-a-raw-argument",
    password: "planted password in a URL",
    shaped: "sk-planted0123456789",
  };
  const all = Object.values(secrets).join(" ");
  const options = {
    apiKey: secrets.key,
    env: { MY_TOKEN: secrets.token, GATEWAY: secrets.named },
    config: {
      model_providers: {
        mine: {
          experimental_bearer_token: secrets.bearer,
          env_key: "GATEWAY",
          http_headers: { "X-Mine": secrets.header },
        },
      },
    },
    configOverrides: [`x={ y={ token="${secrets.table}" } }`],
    baseUrl: `http://me:${encodeURIComponent(secrets.password)}@127.0.0.1:9/`,
  };
  const threadOptions = { extraArgs: ["-c", `z.token='${secrets.argument}'`] };
  const hidden = Object.values(secrets).map(() => "[redacted]").join(" ");

  /** All that a program may show or log of an error. */
  function shown(error: unknown): string {
    const { stderr, diagnostics, cause, message, stack } = error as ExitError;
    return [
      message,
      stack,
      stderr,
      JSON.stringify(error),
      JSON.stringify(diagnostics ?? null),
      String(error),
      inspect(error, { depth: 10, showHidden: true }),
      cause === undefined ? "" : shown(cause),
    ].join("\n");
  }

  function redacts(name: string, plan: FakePlan, check: (error: unknown) => void): void {
    test(`${name}: what is thrown or told is redacted`, () =>
      play(plan, async ({ thread }) => {
        const told: Diagnostic[] = [];
        const spawned: SpawnInfo[] = [];
        const turn = thread({
          ...options,
          onDiagnostic: (diagnostic) => told.push(diagnostic),
          onSpawn: (info) => spawned.push(info),
        }, threadOptions).run("Hi");
        const before = process.env.OPENAI_API_KEY;
        process.env.OPENAI_API_KEY = secrets.host;
        const error = await rejection(turn).finally(() => {
          if (before === undefined) delete process.env.OPENAI_API_KEY;
          else process.env.OPENAI_API_KEY = before;
        });
        check(error);
        const everything = [shown(error), JSON.stringify(told), JSON.stringify(spawned)].join("\n");
        assert.doesNotMatch(everything, /planted/);
        assert.equal(spawned.length, 1);
      }));
  }

  redacts(
    "on stderr",
    [{ stderr: `401 for ${all}\n` }, { exit: 1 }],
    (error) => assertError(error, ExitError, { stderr: `401 for ${hidden}\n` }),
  );

  redacts(
    "on stdout",
    [{ stdout: `401 for ${all}\n` }, {
      stdout: JSON.stringify({ level: "warn", message: all }) + "\n",
    }],
    (error) => assertError(error, ExitError, { exitCode: 0, message: /401 for \[redacted\]/ }),
  );

  redacts(
    "in turn.failed",
    [{ events: [...started, failed(`401 for ${all}`)] }, { stderr: all }, { exit: 1 }],
    (error) => assertError(error, TurnFailedError, { message: `401 for ${hidden}` }),
  );

  redacts(
    "in an error event",
    [{ events: [...started, { type: "error", message: `401 for ${all}` }] }, { exit: 1 }],
    (error) => assertError(error, ExitError, { message: /401 for \[redacted\]/ }),
  );

  redacts(
    "in an event of a wrong shape",
    [{
      events: [...started, { type: "turn.completed", usage: all }, { type: "error", message: all }],
    }],
    () => {},
  );

  test("where the kept end of stderr begins: no part of it remains", () =>
    play(
      [{ stderr: secrets.key + "x".repeat(kept - 10) }, { exit: 1 }],
      async ({ thread }) => {
        const error = await rejection(thread(options).run("Hi"));
        assertError(error, ExitError, {});
        assert.ok(/^\[redacted\]x+$/.test(error.stderr), error.stderr.slice(0, 100));
        assert.ok(error.stderr.length <= kept);
      },
    ));

  test("where a line of noise is cut: no part of it remains", () =>
    play(
      [
        { stdout: "x".repeat(1_990) + secrets.key + "\n" },
        { events: [...started, answer("Hello"), completed] },
      ],
      async ({ thread }) => {
        const { turn } = await outcome(await thread(options).runStreamed("Hi"));
        const message = turn!.diagnostics[0]!.message;
        assert.ok(/^x+\[redacted\]$/.test(message), message.slice(-100));
        assert.ok(message.length <= 2_000);
      },
    ));
});

/** Has the system begin to measure the peak of this program's memory anew. */
function resetPeakMemory(): void {
  writeFileSync("/proc/self/clear_refs", "5");
}

/** The memory of this program, in bytes. */
function memory(kind: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${process.pid}/status`, "utf8");
  return Number(new RegExp(`^${kind}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
}
