import assert from "node:assert/strict";
import { describe } from "node:test";
import { AbortError, Codex, ExitError } from "../../mod.ts";
import type { Action } from "../support/fake_codex.ts";
import { assertError, fault, goodTurn, play, rejection, started, test, warmUp } from "./support.ts";

const mebibyte = 1 << 20;
const unread: Action = { readStdin: false };

describe("a codex that does not read its prompt", () => {
  warmUp();

  fault(
    "exits at once with a prompt of 8 MiB: the exit is the error",
    [unread, { stderr: "error: bad --sandbox\n" }, { exit: 2 }],
    { input: "p".repeat(8 * mebibyte) },
    ({ error }, { fake }) => {
      assertError(error, ExitError, {
        exitCode: 2,
        stderr: "error: bad --sandbox\n",
        message: "Codex Exec exited with code 2 before the turn ended: error: bad --sandbox",
      });
      assert.equal(fake.invocations()[0]?.stdin, "");
    },
  );

  fault(
    "dies with a prompt of 8 MiB: the signal is the error",
    [unread, { kill: "SIGKILL" }],
    { input: "p".repeat(8 * mebibyte) },
    ({ error }) => assertError(error, ExitError, { exitCode: null, signal: "SIGKILL" }),
  );

  fault(
    "never reads 64 MiB, prints a whole turn and exits: a good turn",
    [unread, { events: goodTurn }],
    { input: "p".repeat(64 * mebibyte) },
    ({ turn }) => assert.equal(turn?.finalResponse, "Hello"),
  );

  fault(
    "reads some of 8 MiB and exits: the exit is the error",
    [{ readStdin: 100_000 }, { events: started }, { exit: 1 }],
    { input: "p".repeat(8 * mebibyte) },
    ({ events, error }, { fake }) => {
      assert.deepEqual(events, started);
      assertError(error, ExitError, { exitCode: 1 });
      assert.equal(fake.invocations()[0]?.stdinEnded, false);
    },
  );

  fault(
    "closes stdin, prints a whole turn and exits: a good turn",
    [{ closeStdin: true }, { events: goodTurn }],
    { input: "p".repeat(8 * mebibyte) },
    ({ turn }) => assert.equal(turn?.finalResponse, "Hello"),
  );

  fault(
    "closes stdin and exits with 1: the exit is the error",
    [{ closeStdin: true }, { exit: 1 }],
    { input: "short" },
    ({ error }) => assertError(error, ExitError, { exitCode: 1 }),
  );

  test("hangs with 64 MiB in the pipe: an abort ends it", () =>
    play([unread, { events: started }, { hang: true }], async ({ thread }) => {
      const caller = new AbortController();
      const { events } = await thread().runStreamed("p".repeat(64 * mebibyte), {
        signal: caller.signal,
      });
      assert.deepEqual((await events.next()).value, started[0]);
      assert.deepEqual((await events.next()).value, started[1]);
      caller.abort("enough");
      assertError(await rejection(events.next()), AbortError, { cause: "enough" });
    }));

  test("exits before a short prompt is written, 40 times at once", () =>
    play([], async () => {
      const thread = () => new Codex({ codexPath: "/bin/false" }).startThread();
      const errors = await Promise.all(
        Array.from({ length: 40 }, () => rejection(thread().run("x"))),
      );
      for (const error of errors) assertError(error, ExitError, { exitCode: 1, signal: null });
    }));
});

describe("a codex that reads its prompt slowly", () => {
  warmUp();
  const prompt = "é ✓ 𝄞\u2028\0\r\n".repeat(300_000);

  fault(
    "in several goes, printing in between, gets all of it and then its end",
    [
      { readStdin: 1 },
      { events: started },
      { readStdin: 1_000_000 },
      { events: goodTurn.slice(2, 3) },
      { readStdin: true },
      { events: goodTurn.slice(3) },
    ],
    { input: prompt },
    ({ turn }, { fake }) => {
      assert.equal(turn?.finalResponse, "Hello");
      const { stdin, stdinEnded } = fake.invocations()[0]!;
      assert.ok(stdin === prompt, "the prompt must arrive unchanged");
      assert.equal(stdinEnded, true);
    },
  );

  fault(
    "after a whole turn was printed gets all of it as well",
    [unread, { events: goodTurn }, { readStdin: true }],
    { input: prompt },
    (_outcome, { fake }) => {
      const { stdin, stdinEnded } = fake.invocations()[0]!;
      assert.ok(stdin === prompt, "the prompt must arrive unchanged");
      assert.equal(stdinEnded, true);
    },
  );
});
