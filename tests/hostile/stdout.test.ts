import assert from "node:assert/strict";
import { describe } from "node:test";
import {
  ExitError,
  InvalidOptionsError,
  isUnknownEvent,
  isUnknownItem,
  ProtocolError,
  ThreadMismatchError,
  TurnFailedError,
} from "../../mod.ts";
import type { Action } from "../support/fake_codex.ts";
import {
  answer,
  assertError,
  completed,
  Escalation,
  failed,
  fault,
  goodTurn,
  lines,
  type Outcome,
  play,
  rejection,
  started,
  test,
  texts,
  threadId,
  warmUp,
} from "./support.ts";

/** A good turn with something in its middle. */
function around(...middle: Action[]): Action[] {
  return [{ events: [...started, answer("one")] }, ...middle, { events: [completed] }];
}

/** Checks that nothing but the good events around it was seen, and what became of the rest. */
function assertNoise({ events, turn }: Outcome, ...noise: { line: number; message: string }[]) {
  assert.deepEqual(events, [...started, answer("one"), completed]);
  assert.deepEqual(turn?.diagnostics, noise.map((each) => ({ kind: "stdout", ...each })));
}

/** What `printf %s … | base64` gives. */
function base64(bytes: string | Uint8Array): string {
  return typeof bytes === "string" ? base64(new TextEncoder().encode(bytes)) : btoa(
    String.fromCharCode(...bytes),
  );
}

describe("a codex that prints what is no event", () => {
  warmUp();

  fault(
    "a log line is a diagnostic",
    around({ stdout: "2026-01-01 WARN something\n" }),
    {},
    (outcome) => assertNoise(outcome, { line: 4, message: "2026-01-01 WARN something" }),
  );

  fault(
    "a line in colours is a diagnostic",
    around({ stdout: "\u001b[33mwarning\u001b[0m: {}\r\n" }),
    {},
    (outcome) => assertNoise(outcome, { line: 4, message: "\u001b[33mwarning\u001b[0m: {}\r" }),
  );

  for (const line of ["null", "3", "[]", '"x"', "true", "{}", '{"level":"warn"}', '{"type":5}']) {
    fault(
      `the JSON ${line} is a diagnostic`,
      around({ stdout: `${line}\n` }),
      {},
      (outcome) => assertNoise(outcome, { line: 4, message: line }),
    );
  }

  fault(
    "invalid UTF-8 is a diagnostic with replacement characters",
    around({ stdoutBase64: base64(Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0x0a)) }),
    {},
    (outcome) => assertNoise(outcome, { line: 4, message: "\ufffd\ufffd\ufffd(" }),
  );

  fault(
    "invalid UTF-8 within a string costs only its characters",
    around({
      stdoutBase64: base64(
        Uint8Array.from([
          ...new TextEncoder().encode('{"type":"item.completed","item":{"id":"item_1",'),
          ...new TextEncoder().encode('"type":"agent_message","text":"a'),
          0xff,
          ...new TextEncoder().encode('b"}}\n'),
        ]),
      ),
    }),
    {},
    ({ turn }) => assert.deepEqual(texts(turn!), ["one", "a\ufffdb"]),
  );

  fault(
    "NUL bytes are a diagnostic",
    around({ stdout: "\0\0\0\n" }),
    {},
    (outcome) => assertNoise(outcome, { line: 4, message: "\0\0\0" }),
  );

  fault(
    "a line that begins with a NUL byte is no event",
    around({ stdout: "\0" + lines(answer("two", "item_1")) }),
    {},
    ({ events, turn }) => {
      assert.deepEqual(events, [...started, answer("one"), completed]);
      assert.equal(turn?.diagnostics.length, 1);
    },
  );

  fault(
    "blank lines are nothing at all",
    around({ stdout: "\n\r\n   \n\n" }),
    {},
    (outcome) => assertNoise(outcome),
  );

  fault(
    "a truncated event is a diagnostic, and the next line is read as usual",
    around({ stdout: '{"type":"item.completed","item":{"id":\n' }),
    {},
    (outcome) =>
      assertNoise(outcome, { line: 4, message: '{"type":"item.completed","item":{"id":' }),
  );

  fault(
    "a flood of noise keeps the turn and the first and last of it",
    around({ stdout: "noise\n".repeat(20_000) }),
    {},
    ({ events, turn }) => {
      assert.deepEqual(events, [...started, answer("one"), completed]);
      const { diagnostics } = turn!;
      assert.equal(diagnostics.length, 101);
      assert.equal(diagnostics[0]?.line, 4);
      assert.equal(diagnostics[50]?.message, "19900 more diagnostics are not kept");
      assert.equal(diagnostics[100]?.line, 20_003);
    },
  );

  fault(
    "a line of 1 MiB is a diagnostic of 2,000 characters",
    around({ stdout: "n".repeat(1 << 20) + "\n" }),
    {},
    (outcome) => assertNoise(outcome, { line: 4, message: "n".repeat(2000) }),
  );

  fault(
    "an object without a type that is nested 100,000 deep does not end the turn",
    around({ stdout: `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}\n` }),
    {},
    ({ events, turn }) => {
      assert.deepEqual(events, [...started, answer("one"), completed]);
      assert.deepEqual(turn?.diagnostics.map(({ line }) => line), [4]);
    },
  );

  fault(
    "an unfinished event at the end is a diagnostic of the ExitError",
    [{ events: [...started, answer("one")] }, { stdout: '{"type":"turn.comp' }],
    {},
    ({ events, error }) => {
      assert.equal(events.length, 3);
      assertError(error, ExitError, {
        exitCode: 0,
        diagnostics: [{ kind: "stdout", line: 4, message: '{"type":"turn.comp' }],
        message: 'Codex Exec exited with code 0 before the turn ended: {"type":"turn.comp',
      });
      assert.deepEqual(texts(error.turn), ["one"]);
    },
  );

  fault(
    "only noise, then exit 1: the first line tells why",
    [{ stdout: "error: unexpected argument\n" }, { exit: 1 }],
    {},
    ({ error }) =>
      assertError(error, ExitError, { exitCode: 1, message: /ended: error: unexpected argument$/ }),
  );
});

describe("a codex that prints events in odd ways", () => {
  warmUp();
  const multibyte = answer("é ✓ 𝄞 \u{1f469}\u200d\u{1f4bb}");

  fault(
    "with CRLF",
    [{ stdout: lines(...goodTurn).replaceAll("\n", "\r\n") }],
    {},
    ({ events, turn }) => {
      assert.deepEqual(events, goodTurn);
      assert.deepEqual(turn?.diagnostics, []);
    },
  );

  fault(
    "without a last line feed",
    [{ stdout: lines(...goodTurn).trimEnd() }],
    {},
    ({ events }) => assert.deepEqual(events, goodTurn),
  );

  fault(
    "after a byte order mark",
    [{ stdout: "\ufeff" + lines(...goodTurn) }],
    {},
    ({ events }) => assert.deepEqual(events, goodTurn),
  );

  fault(
    "one byte at a time",
    [{ oneByteAtATime: lines(...started, multibyte, completed) }],
    {},
    ({ events }) => assert.deepEqual(events, [...started, multibyte, completed]),
  );

  fault(
    "with raw U+2028, U+2029 and U+0085 in a text",
    [{ events: [...started, answer("a\u2028b\u2029c\u0085d"), completed] }],
    {},
    ({ turn }) => assert.equal(turn?.finalResponse, "a\u2028b\u2029c\u0085d"),
  );

  fault(
    "in a line of 64 MiB",
    [
      { events: started },
      { stdout: '{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"' },
      ...Array.from({ length: 16 }, () => ({ stdout: "x".repeat(4 << 20) })),
      { stdout: '"}}\n' },
      { events: [completed] },
    ],
    {},
    ({ turn }) => assert.equal(turn?.finalResponse.length, 64 << 20),
  );

  fault(
    "20,000 in one go",
    [{ events: started }, { event: answer("x"), repeat: 20_000 }, { events: [completed] }],
    {},
    ({ events, turn }) => {
      assert.equal(events.length, 20_003);
      assert.equal(turn?.items.length, 20_000);
    },
  );

  fault(
    "with names of Object's own",
    around(
      { stdout: '{"type":"constructor","__proto__":{"polluted":true},"hasOwnProperty":1}\n' },
      {
        stdout:
          '{"type":"item.completed","item":{"id":"i","type":"__proto__","__proto__":{"x":1}}}\n',
      },
    ),
    {},
    ({ events, turn }) => {
      assert.equal(events.length, 6);
      assert.equal(turn?.items.length, 2);
      assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    },
  );
});

describe("a codex that prints what is too long", () => {
  warmUp();
  const codex = { maxLineBytes: 10_000 };

  fault(
    "an endless line is a ProtocolError, and codex is ended",
    [{ events: [...started, answer("one")] }, { endlessLine: true }],
    { codex },
    ({ events, error }) => {
      assert.deepEqual(events, [...started, answer("one")]);
      assertError(error, ProtocolError, {
        code: "PROTOCOL",
        line: 4,
        path: null,
        message: /longer than 10000 bytes on line 4: raise "maxLineBytes"/,
      });
      assert.deepEqual(texts(error.turn), ["one"]);
    },
  );

  fault(
    "an event just beyond the limit is a ProtocolError, also when the turn is complete after it",
    [{ events: [...started, answer("x".repeat(10_001)), completed] }],
    { codex },
    ({ events, error }) => {
      assert.deepEqual(events, started);
      assertError(error, ProtocolError, { line: 3 });
    },
  );

  fault(
    "many lines within the limit are fine, whatever they add up to",
    [{ events: started }, { event: answer("x".repeat(9_000)), repeat: 50 }, {
      events: [completed],
    }],
    { codex },
    ({ turn }) => assert.equal(turn?.items.length, 50),
  );
});

describe("a codex that prints events of a wrong shape", () => {
  warmUp();
  const usage = { ...completed.usage };
  const rows: [string, unknown, string | null][] = [
    ["an item without its text", {
      type: "item.completed",
      item: { id: "i", type: "agent_message" },
    }, "item.text"],
    ["an item without an id", {
      type: "item.completed",
      item: { type: "agent_message", text: "" },
    }, "item.id"],
    ["an item without a type", { type: "item.completed", item: { id: "i" } }, "item.type"],
    ["an item that is null", { type: "item.completed", item: null }, "item"],
    ["an item that is an array", { type: "item.started", item: [] }, "item.type"],
    ["no item", { type: "item.updated" }, "item"],
    ["an exit code that is text", {
      type: "item.completed",
      item: {
        id: "i",
        type: "command_execution",
        command: "make",
        aggregated_output: "",
        exit_code: "0",
        status: "completed",
      },
    }, "item.exit_code"],
    ["changes that are no list", {
      type: "item.completed",
      item: { id: "i", type: "file_change", changes: {}, status: "completed" },
    }, "item.changes"],
    ["usage that is text", { type: "turn.completed", usage: "42" }, "usage"],
    ["a count that is text", {
      type: "turn.completed",
      usage: { ...usage, input_tokens: "42" },
    }, "usage.input_tokens"],
    ["a failure without an error", { type: "turn.failed" }, "error"],
    ["a failure that is text", { type: "turn.failed", error: "No credits" }, "error"],
    ["a notice without a message", { type: "error" }, "message"],
    ["a thread without an id", { type: "thread.started" }, "thread_id"],
  ];
  for (const [name, event, path] of rows) {
    fault(
      `${name} is a ProtocolError after what was good`,
      [{ events: [...started, answer("one"), event, answer("two", "item_1"), completed] }],
      {},
      ({ events, error }) => {
        assert.deepEqual(events, [...started, answer("one")]);
        assertError(error, ProtocolError, { code: "PROTOCOL", line: 4, path });
        assert.deepEqual(texts(error.turn), ["one"]);
      },
    );
  }

  fault(
    "a value of a wrong kind is not quoted in the message",
    [{ events: [...started, { type: "turn.completed", usage: "hunter2-hunter2" }] }],
    {},
    ({ error }) => {
      assertError(error, ProtocolError, { line: 3 });
      assert.doesNotMatch(error.message, /hunter2/);
    },
  );
});

describe("a codex that is newer than the SDK", () => {
  warmUp();
  const event = { type: "turn.paused", why: { nested: [1, null] } };
  const item = { type: "item.completed", item: { id: "i", type: "hologram", depth: 3 } };
  const status = {
    type: "item.completed",
    item: {
      id: "c",
      type: "command_execution",
      command: "make",
      aggregated_output: "",
      exit_code: null,
      status: "postponed",
      new_field: true,
    },
  };

  fault(
    "unknown events, items, statuses and fields pass through unchanged",
    around({ events: [event, item, status] }),
    {},
    ({ events, turn }) => {
      assert.deepEqual(events.slice(3, 6), [event, item, status]);
      assert.ok(isUnknownEvent(events[3] as typeof event));
      assert.ok(isUnknownItem(turn!.items[1]!));
      assert.deepEqual(turn?.items.slice(1), [item.item, status.item]);
      assert.deepEqual(turn?.diagnostics, []);
    },
  );

  fault(
    "an unknown item without an id passes through",
    around({ event: { type: "item.started", item: { type: "hologram" } } }),
    {},
    ({ events }) => assert.equal(events.length, 5),
  );
});

describe("a codex that ends its turn in odd ways", () => {
  warmUp();

  fault("without a word is an ExitError", [], {}, ({ events, error }) => {
    assert.deepEqual(events, []);
    assertError(error, ExitError, {
      exitCode: 0,
      signal: null,
      message: "Codex Exec exited with code 0 before the turn ended",
    });
    assert.deepEqual(error.turn, { items: [], finalResponse: "", usage: null });
  });

  fault(
    "with exit 0 but no terminal event is an ExitError that holds what arrived",
    [{ events: [...started, answer("one")] }],
    {},
    ({ error }) => {
      assertError(error, ExitError, { exitCode: 0 });
      assert.deepEqual(texts(error.turn), ["one"]);
    },
  );

  fault(
    "with an error event alone is an ExitError that tells it",
    [{ events: [...started, { type: "error", message: "Something broke" }] }],
    {},
    ({ error }) => assertError(error, ExitError, { exitCode: 0, message: /: Something broke$/ }),
  );

  fault(
    "with error events and items on the way is a good turn",
    around({
      events: [
        { type: "error", message: "Reconnecting... 1/5 (stream closed)" },
        { type: "item.completed", item: { id: "e", type: "error", message: "deprecated" } },
      ],
    }),
    {},
    ({ events, turn }) => {
      assert.equal(events.length, 6);
      assert.deepEqual(texts(turn!), ["one", "error"]);
    },
  );

  fault(
    "without usage is a good turn whose usage is null",
    [{ events: [...started, answer("one"), { type: "turn.completed" }] }],
    {},
    ({ turn }) => {
      assert.equal(turn?.usage, null);
      assert.equal(turn?.ownUsage, null);
    },
  );

  fault(
    "with turn.failed and exit 0 is a TurnFailedError",
    [{ events: [...started, answer("one"), failed("No credits")] }],
    {},
    ({ events, error }) => {
      assert.equal(events.length, 4);
      assertError(error, TurnFailedError, { code: "TURN_FAILED", message: "No credits" });
      assert.deepEqual(texts(error.turn), ["one"]);
    },
  );

  fault(
    "events after turn.failed arrive, and do not make it good",
    [{ events: [...started, failed("No credits"), answer("one"), completed] }],
    {},
    ({ events, error }) => {
      assert.deepEqual(events.slice(2), [failed("No credits"), answer("one"), completed]);
      assertError(error, TurnFailedError, { message: "No credits" });
      assert.deepEqual(texts(error.turn), ["one"]);
    },
  );

  fault(
    "events after turn.completed arrive, twice the same one too",
    [{ events: [...goodTurn, completed, answer("late", "item_1")] }],
    {},
    ({ events, turn }) => {
      assert.deepEqual(events, [...goodTurn, completed, answer("late", "item_1")]);
      assert.deepEqual(texts(turn!), ["Hello", "late"]);
    },
  );

  fault(
    "with a hang after turn.completed is a good turn, and codex is ended",
    [{ events: goodTurn }, { hang: true }],
    { timing: { lingerMs: 50 } },
    ({ events, turn }) => {
      assert.deepEqual(events, goodTurn);
      assert.deepEqual(turn?.diagnostics, [{
        kind: "process",
        message: "Codex did not exit within 50 ms after it was done",
      }]);
    },
  );

  test("with a hang that only SIGKILL ends is a good turn", () =>
    play(
      [{ ignore: ["SIGINT", "SIGTERM"] }, { events: goodTurn }, { hang: true }],
      async ({ fake, codex }) => {
        const escalation = new Escalation();
        const { transport } = escalation;
        const turn = codex({ transport }).startThread().run("Hi");
        await escalation.afterTheEnd();
        await escalation.after(2, fake);
        assert.equal((await turn).finalResponse, "Hello");
        assert.deepEqual(fake.invocations()[0]?.signals, ["SIGINT", "SIGTERM"]);
        assert.equal(escalation.clock.pending, 0);
      },
    ));

  fault(
    "with a hang after turn.failed is a TurnFailedError",
    [{ events: [...started, failed("No credits")] }, { hang: true }],
    { timing: { lingerMs: 50 } },
    ({ error }) => assertError(error, TurnFailedError, { message: "No credits" }),
  );

  fault(
    "with stdout closed and a hang is an ExitError, and codex is ended",
    [{ events: [...started, answer("one")] }, { closeStdout: true }, { hang: true }],
    { timing: { lingerMs: 50 } },
    ({ error }) => {
      assertError(error, ExitError, { exitCode: null, signal: "SIGINT" });
      assert.deepEqual(texts(error.turn), ["one"]);
    },
  );

  fault(
    "with stdout closed after turn.completed is a good turn",
    [{ events: goodTurn }, { closeStdout: true }, { exit: 0 }],
    {},
    ({ turn }) => assert.equal(turn?.finalResponse, "Hello"),
  );

  fault(
    "with two threads is a ThreadMismatchError",
    [{ events: [...started, { type: "thread.started", thread_id: "other" }, completed] }],
    {},
    ({ error }) =>
      assertError(error, ThreadMismatchError, {
        expectedThreadId: threadId,
        actualThreadId: "other",
      }),
  );

  test("with an empty thread id is a good turn, and no other can follow it", () =>
    play(
      [{ events: [{ type: "thread.started", thread_id: "" }, answer("one"), completed] }],
      async ({
        fake,
        thread,
      }) => {
        const nameless = thread();
        assert.deepEqual(texts(await nameless.run("Hi")), ["one"]);
        assertError(await rejection(nameless.run("Go on")), InvalidOptionsError, {});
        assert.equal(fake.invocations().length, 1);
      },
    ));
});
