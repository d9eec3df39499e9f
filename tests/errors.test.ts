import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import * as errors from "../src/errors.ts";
import type { ThreadEvent } from "../src/events.ts";
import { type Turn, TurnFold } from "../src/turn.ts";

const cause = new TypeError("the cause");

/** One of each class, with everything it can hold. */
const samples: { error: errors.CodexError; name: string; code: errors.CodexErrorCode }[] = [
  {
    error: new errors.CodexNotFoundError("m", { cause }),
    name: "CodexNotFoundError",
    code: "ENOENT",
  },
  {
    error: new errors.SpawnError("m", { cause, systemCode: "EACCES" }),
    name: "SpawnError",
    code: "SPAWN_FAILED",
  },
  {
    error: new errors.ExitError("m", {
      exitCode: 3,
      signal: null,
      stderr: "said",
      diagnostics: [{ kind: "stdout", message: "noise", line: 1 }],
      cause,
    }),
    name: "ExitError",
    code: "EXITED",
  },
  {
    error: new errors.ProtocolError("m", { line: 3, path: "item.text", cause }),
    name: "ProtocolError",
    code: "PROTOCOL",
  },
  {
    error: new errors.TurnFailedError("m", { cause }),
    name: "TurnFailedError",
    code: "TURN_FAILED",
  },
  {
    error: new errors.ThreadBusyError("m", { cause }),
    name: "ThreadBusyError",
    code: "THREAD_BUSY",
  },
  {
    error: new errors.ThreadMismatchError("m", { expected: "a", actual: "b" }),
    name: "ThreadMismatchError",
    code: "THREAD_MISMATCH",
  },
  {
    error: new errors.TimeoutError("m", { kind: "idle", timeoutMs: 5 }),
    name: "TimeoutError",
    code: "TIMEOUT",
  },
  { error: new errors.AbortError(cause), name: "AbortError", code: "ABORT_ERR" },
  {
    error: new errors.InvalidOptionsError("m", { path: "model", cause }),
    name: "InvalidOptionsError",
    code: "INVALID_OPTIONS",
  },
  {
    error: new errors.UnsupportedError("m", { cause }),
    name: "UnsupportedError",
    code: "UNSUPPORTED",
  },
  {
    error: new errors.NoActiveTurnError("m", { cause }),
    name: "NoActiveTurnError",
    code: "NO_ACTIVE_TURN",
  },
  {
    error: new errors.RpcError("m", { code: -32600, message: "m", data: { a: 1 } }),
    name: "RpcError",
    code: "RPC",
  },
  {
    error: new errors.RequestTimeoutError("m", 5),
    name: "RequestTimeoutError",
    code: "REQUEST_TIMEOUT",
  },
  { error: new errors.LoginError("m", { cause }), name: "LoginError", code: "LOGIN_FAILED" },
  {
    error: new errors.ServerLostError("m", {
      exitCode: 1,
      signal: null,
      stderr: "said",
      isResumable: true,
      cause,
    }),
    name: "ServerLostError",
    code: "SERVER_LOST",
  },
  {
    error: new errors.ReaderTooSlowError("m", { maxBytes: 5 }),
    name: "ReaderTooSlowError",
    code: "READER_TOO_SLOW",
  },
  {
    error: new errors.ConnectionError("m", { reason: "lost", closeCode: 1006, cause }),
    name: "ConnectionError",
    code: "CONNECTION",
  },
];

type ErrorClass = { is(error: unknown): boolean; prototype: object; name: string };
const classes = Object.values(errors).filter((each): each is never =>
  typeof each === "function" && "is" in each
) as ErrorClass[];

/** A second copy of the module, as two versions of the SDK in one program are. */
const copy: typeof errors = await import("../src/errors.ts?copy" as "../src/errors.ts");

const secretText = "what the user's files say";

function turnWith(text: string): Turn {
  const fold = new TurnFold();
  fold.add({ type: "thread.started", thread_id: "t" });
  const item = { id: "1", type: "agent_message", text };
  fold.add({ type: "item.completed", item } as ThreadEvent);
  return fold.turn({ ownUsage: null, stderr: text, diagnostics: [] });
}

/** Every way in which the runtime shows a value. */
function shown(value: unknown): string[] {
  const { Bun, Deno } = globalThis as {
    Bun?: { inspect(value: unknown): string };
    Deno?: { inspect(value: unknown): string };
  };
  return [
    inspect(value),
    inspect(value, { depth: 10 }),
    JSON.stringify(value),
    String(value),
    (value as Error).stack ?? "",
    ...(Bun ? [Bun.inspect(value)] : []),
    ...(Deno ? [Deno.inspect(value)] : []),
  ];
}

describe("CodexError", () => {
  it("has a sample of each class here", () => {
    assert.deepEqual(
      samples.map((each) => each.name).sort(),
      classes.map((each) => each.name).filter((name) => name !== "CodexError").sort(),
    );
  });

  it("knows errors of every class, and nothing else", () => {
    for (const { error } of samples) assert.equal(errors.CodexError.is(error), true);
    for (
      const other of [new Error("m"), {}, { code: "EXITED", name: "ExitError" }, null, undefined]
    ) {
      assert.equal(errors.CodexError.is(other), false);
    }
    for (const other of ["x", 5, Symbol(), () => {}]) {
      assert.equal(errors.CodexError.is(other), false);
    }
  });

  it("has a code of its own for each class", () => {
    assert.equal(new Set(samples.map((each) => each.code)).size, samples.length);
  });
});

for (const { error, name, code } of samples) {
  const ownClass = classes.find((each) => each.name === name)!;

  describe(name, () => {
    it("is an Error with a name and a code", () => {
      assert.ok(error instanceof Error);
      assert.ok(error instanceof errors.CodexError);
      assert.equal(error.name, name);
      assert.equal(error.code, code);
    });

    it("is told apart by is(), and from the other classes", () => {
      assert.equal(ownClass.is(error), true);
      for (const other of samples) assert.equal(ownClass.is(other.error), other.error === error);
      assert.equal(ownClass.is(new Error("m")), false);
      assert.equal(ownClass.is(null), false);
    });

    it("is known to another copy of the module, where instanceof fails", () => {
      const foreign = (copy as unknown as Record<string, ErrorClass>)[name]!;
      assert.notEqual(foreign, ownClass);
      assert.equal(error instanceof (foreign as never), false);
      assert.equal(foreign.is(error), true);
      assert.equal(copy.CodexError.is(error), true);
      for (const other of samples) assert.equal(foreign.is(other.error), other.error === error);
    });

    it("has its name in the first line of its stack", () => {
      assert.ok(error.stack!.split("\n")[0]!.includes(name), error.stack);
    });

    it("does not list its name and turn among its members", () => {
      const listed = Object.keys(error);
      for (const hidden of ["name", "turn", "stderr", "diagnostics"]) {
        assert.equal(listed.includes(hidden), false, hidden);
      }
      assert.ok(listed.includes("code"));
    });

    it("has an empty turn until one is attached", () => {
      assert.deepEqual(error.turn.items, []);
      assert.equal(error.turn.threadId, null);
    });

    it("says in JSON what it is, and how large its turn was", () => {
      const json = JSON.parse(JSON.stringify(error));
      assert.equal(json.name, name);
      assert.equal(json.code, code);
      assert.equal(json.message, error.message);
      assert.deepEqual(json.turn, { threadId: null, items: 0, usage: null });
    });
  });
}

describe("ThreadMismatchError and TimeoutError", () => {
  it("have no cause", () => {
    for (
      const { error } of samples.filter(({ name }) => /Mismatch|Timeout|Rpc|TooSlow/.test(name))
    ) {
      assert.equal("cause" in error, false);
    }
  });
});

describe("the other errors", () => {
  it("keep their cause", () => {
    for (
      const { error } of samples.filter(({ name }) => !/Mismatch|Timeout|Rpc|TooSlow/.test(name))
    ) {
      assert.equal(error.cause, cause, error.name);
    }
  });

  it("have no cause when there is none", () => {
    const without = [
      new errors.CodexNotFoundError("m"),
      new errors.SpawnError("m"),
      new errors.ExitError("m", { exitCode: 1, signal: null, stderr: "", diagnostics: [] }),
      new errors.ProtocolError("m", { line: null, path: null }),
      new errors.InvalidOptionsError("m"),
    ];
    for (const error of without) assert.equal("cause" in error, false, error.name);
  });
});

describe("errors", () => {
  it("carry data, which JSON has, too", () => {
    const details = (error: errors.CodexError) => {
      const { name: _, code: __, message: ___, turn: ____, ...rest } = JSON.parse(
        JSON.stringify(error),
      );
      for (const [key, value] of Object.entries(rest)) {
        assert.deepEqual((error as unknown as Record<string, unknown>)[key], value, key);
      }
      return rest;
    };
    assert.deepEqual(
      samples.map(({ error }) => details(error)).filter((each) => Object.keys(each).length > 0),
      [
        { systemCode: "EACCES" },
        {
          exitCode: 3,
          signal: null,
          stderr: "said",
          diagnostics: [{ kind: "stdout", message: "noise", line: 1 }],
        },
        { line: 3, path: "item.text" },
        { expectedThreadId: "a", actualThreadId: "b" },
        { kind: "idle", timeoutMs: 5 },
        { path: "model" },
        { method: "m", rpcCode: -32600 },
        { method: "m", timeoutMs: 5 },
        { exitCode: 1, signal: null, isResumable: true, stderr: "said" },
        { maxBytes: 5 },
        { reason: "lost", closeCode: 1006 },
      ],
    );
  });

  it("have null for data that is not there", () => {
    assert.equal(new errors.SpawnError("m").systemCode, null);
    assert.equal(new errors.InvalidOptionsError("m").path, null);
  });

  it("show nothing of the turn, however they are shown", () => {
    for (const { name } of samples) {
      const error = fresh(name);
      errors.attachTurn(error, turnWith(secretText));
      assert.equal(error.turn.finalResponse, secretText);
      for (const text of shown(error)) {
        assert.equal(text.includes(secretText), false, text);
        assert.ok(text.length < 5000);
      }
      assert.deepEqual(JSON.parse(JSON.stringify(error)).turn, {
        threadId: "t",
        items: 1,
        usage: null,
      });
    }
  });

  it("can have their turn replaced by what had arrived in the end", () => {
    const error = new errors.UnsupportedError("m");
    errors.attachTurn(error, turnWith("a"));
    errors.attachTurn(error, turnWith("b"));
    assert.equal(error.turn.finalResponse, "b");
  });

  it("are small in JSON, however much codex said", () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(200), (bytes, count) => {
        const error = new errors.ExitError("m", {
          exitCode: 1,
          signal: null,
          stderr: "x".repeat(bytes),
          diagnostics: Array.from({ length: count }, (_, i) => ({
            kind: "stdout" as const,
            message: "y".repeat(2000),
            line: i,
          })),
        });
        errors.attachTurn(error, turnWith("z".repeat(bytes)));
        assert.ok(JSON.stringify(error).length < 25_000);
        assert.equal(error.stderr.length, bytes);
        assert.equal(error.diagnostics.length, count);
      }),
      { numRuns: 20 },
    );
  });
});

function fresh(name: string): errors.CodexError {
  switch (name) {
    case "ExitError":
      return new errors.ExitError("m", {
        exitCode: 1,
        signal: null,
        stderr: "",
        diagnostics: [],
      });
    case "ProtocolError":
      return new errors.ProtocolError("m", { line: 1, path: null });
    case "ThreadMismatchError":
      return new errors.ThreadMismatchError("m", { expected: "a", actual: "b" });
    case "TimeoutError":
      return new errors.TimeoutError("m", { kind: "turn", timeoutMs: 1 });
    case "AbortError":
      return new errors.AbortError(new Error("m"));
    case "RpcError":
      return new errors.RpcError("m", { code: 1, message: "m" });
    case "RequestTimeoutError":
      return new errors.RequestTimeoutError("m", 1);
    case "ServerLostError": {
      const end = { exitCode: 1, signal: null, stderr: "", isResumable: true };
      return new errors.ServerLostError("m", end);
    }
    case "ReaderTooSlowError":
      return new errors.ReaderTooSlowError("m", { maxBytes: 1 });
    case "ConnectionError":
      return new errors.ConnectionError("m", { reason: "lost" });
    default: {
      const all = errors as unknown as Record<string, new (message: string) => errors.CodexError>;
      return new all[name]!("m");
    }
  }
}
