import assert from "node:assert/strict";
import { describe } from "node:test";
import { Codex, ExitError, TurnFailedError } from "../../mod.ts";
import {
  answer,
  assertError,
  completed,
  executable,
  failed,
  fault,
  goodTurn,
  rejection,
  started,
  test,
  texts,
  warmUp,
} from "./support.ts";

const codes = [1, 2, 101, 126, 127, 137, 255];
const signals = ["SIGKILL", "SIGTERM", "SIGSEGV"] as const;
/** What else ends a program; not those that are named in more than one way. */
const otherSignals = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGUSR1"],
  ...["SIGUSR2", "SIGPIPE", "SIGALRM", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGSYS"],
];

/** What becomes of a turn whose codex kills itself; a shell can, by whatever signal. */
async function killedBy(signal: string): Promise<unknown> {
  // Some would leave a core file.
  const codex = executable(`#!/bin/sh\nulimit -c 0\nkill -s ${signal} $$\nsleep 60\n`);
  const turn = new Codex({ codexPath: codex.path }).startThread().run("Hi");
  return await rejection(turn).finally(() => codex.remove());
}

describe("a codex that exits badly", () => {
  warmUp();

  for (const code of codes) {
    fault(`with ${code} before it prints anything is an ExitError`, [{ exit: code }], {}, ({
      events,
      error,
    }) => {
      assert.deepEqual(events, []);
      assertError(error, ExitError, {
        code: "EXITED",
        exitCode: code,
        signal: null,
        stderr: "",
        diagnostics: [],
        message: `Codex Exec exited with code ${code} before the turn ended`,
      });
    });
  }

  for (const code of codes) {
    fault(
      `with ${code} after turn.completed is an ExitError that holds the whole turn`,
      [{ events: goodTurn }, { stderr: "sorry\n" }, { exit: code }],
      {},
      ({ events, error }) => {
        assert.deepEqual(events, goodTurn);
        assertError(error, ExitError, {
          exitCode: code,
          signal: null,
          stderr: "sorry\n",
          message: `Codex Exec exited with code ${code}: sorry`,
        });
        assert.equal(error.turn.finalResponse, "Hello");
        assert.deepEqual(error.turn.usage, completed.usage);
      },
    );
  }

  for (const signal of signals) {
    fault(
      `by ${signal} before the turn ended is an ExitError that holds what arrived`,
      [{ events: [...started, answer("one"), answer("two", "item_1")] }, { kill: signal }],
      {},
      ({ events, error }) => {
        assert.equal(events.length, 4);
        assertError(error, ExitError, {
          exitCode: null,
          signal,
          message: `Codex Exec exited with signal ${signal} before the turn ended`,
        });
        assert.deepEqual(texts(error.turn), ["one", "two"]);
        assert.equal(error.turn.threadId, started[0].thread_id);
      },
    );

    fault(
      `by ${signal} after turn.completed is an ExitError`,
      [{ events: goodTurn }, { kill: signal }],
      {},
      ({ events, error }) => {
        assert.deepEqual(events, goodTurn);
        assertError(error, ExitError, { exitCode: null, signal });
        assert.deepEqual(texts(error.turn), ["Hello"]);
      },
    );
  }

  test("by any other signal is an ExitError that names it", async () => {
    for (const signal of otherSignals) {
      const message = `Codex Exec exited with signal ${signal} before the turn ended`;
      assertError(await killedBy(signal.slice(3)), ExitError, { exitCode: null, signal, message });
    }
  });

  test("by a signal without a name is an ExitError, with its number unless on Node", async () => {
    const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);
    const expected = isNode ? { exitCode: 0, signal: null } : { exitCode: null, signal: "SIG40" };
    assertError(await killedBy("40"), ExitError, expected);
  });

  fault(
    "with 1 after turn.failed is a TurnFailedError, with the exit as its cause",
    [{ events: [...started, failed("No credits")] }, { exit: 1 }],
    {},
    ({ error }) => {
      assertError(error, TurnFailedError, { code: "TURN_FAILED", message: "No credits" });
      assertError(error.cause, ExitError, { exitCode: 1 });
    },
  );

  fault(
    "by SIGKILL after turn.failed is a TurnFailedError, with the exit as its cause",
    [{ events: [...started, failed("No credits")] }, { kill: "SIGKILL" }],
    {},
    ({ error }) => {
      assertError(error, TurnFailedError, { message: "No credits" });
      assertError(error.cause, ExitError, { exitCode: null, signal: "SIGKILL" });
    },
  );

  fault(
    "tells its last notice when stderr says nothing",
    [{ events: [...started, { type: "error", message: "No route to host" }] }, { exit: 1 }],
    {},
    ({ error }) => assertError(error, ExitError, { message: /ended: No route to host$/ }),
  );

  fault(
    "shows an item that was cut off as unfinished",
    [{
      events: [
        ...started,
        {
          type: "item.started",
          item: {
            id: "item_0",
            type: "command_execution",
            command: "make",
            aggregated_output: "",
            exit_code: null,
            status: "in_progress",
          },
        },
      ],
    }, { kill: "SIGKILL" }],
    {},
    ({ error }) => {
      assertError(error, ExitError, { signal: "SIGKILL" });
      assert.deepEqual(error.turn.items, []);
      assert.deepEqual(error.turn.unfinishedItems.map((item) => item.id), ["item_0"]);
    },
  );
});
