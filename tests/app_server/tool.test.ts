import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { tool } from "../../src/app_server/tool.ts";
import { InvalidOptionsError } from "../../src/errors.ts";
import type { StandardSchema } from "../../src/standard_schema.ts";
import type { Tool, ToolContext } from "../../src/tools.ts";

const inputSchema = { type: "object", properties: { id: { type: "string" } }, required: ["id"] };
const ticket = v.object({
  id: v.pipe(v.string(), v.minLength(3)),
  open: v.optional(v.boolean(), true),
});
const context: ToolContext = {
  threadId: "thread-1",
  turnId: "turn-1",
  callId: "call-1",
  signal: new AbortController().signal,
};
const base = { name: "lookup", description: "Looks up a ticket", inputSchema, run: () => "ok" };

/** A schema of a library that can tell itself as JSON Schema. */
function telling(jsonSchema: () => Record<string, unknown>): StandardSchema<{ id: string }> {
  return {
    "~standard": {
      version: 1,
      vendor: "telling",
      validate: async (value) => {
        await Promise.resolve();
        const { id } = value as { id?: unknown };
        return typeof id === "string"
          ? { value: { id: id.toUpperCase() } }
          : { issues: [{ message: "no id", path: ["id"] }] };
      },
      jsonSchema: {
        input: ({ target }) => {
          assert.equal(target, "draft-2020-12");
          return jsonSchema();
        },
      },
    },
  };
}

function refusal(options: unknown): InvalidOptionsError {
  try {
    tool(options as typeof base);
  } catch (error) {
    assert.ok(InvalidOptionsError.is(error), `not an InvalidOptionsError: ${error}`);
    return error;
  }
  assert.fail("was not refused");
}

describe("tool()", () => {
  it("makes a tool that is told to codex", () => {
    const { name, description, inputSchema: schema, timeoutMs } = tool(base);
    assert.deepEqual({ name, description, schema, timeoutMs }, {
      name: "lookup",
      description: "Looks up a ticket",
      schema: inputSchema,
      timeoutMs: 120_000,
    });
    assert.equal(tool({ ...base, timeoutMs: 5 }).timeoutMs, 5);
    assert.equal(tool({ ...base, timeoutMs: Infinity }).timeoutMs, Infinity);
  });

  it("runs with what the schema makes of the arguments, and with the context", async () => {
    const seen: unknown[] = [];
    const made: Tool = tool({
      ...base,
      input: ticket,
      // The types come from the schema.
      run: (args, { callId }) => {
        const id: string = args.id;
        const open: boolean = args.open;
        seen.push(id, open, callId);
        return [{ type: "text", text: id }];
      },
    });
    assert.deepEqual(await made.call({ id: "ABC-1" }, context), [{ type: "text", text: "ABC-1" }]);
    assert.deepEqual(seen, ["ABC-1", true, "call-1"]);
  });

  it("takes JSON Schema from a schema that tells it, unless it is given", async () => {
    const own = { type: "object", properties: { id: { type: "string" } } };
    const { inputSchema: _, ...rest } = base;
    const made = tool({ ...rest, input: telling(() => own), run: ({ id }) => id });
    assert.deepEqual(made.inputSchema, own);
    assert.equal(await made.call({ id: "abc" }, context), "ABC");
    const given = tool({ ...base, input: telling(() => assert.fail("was asked")) });
    assert.deepEqual(given.inputSchema, inputSchema);
  });

  it("takes schemas that are functions", async () => {
    const schema = Object.assign(() => {}, telling(() => inputSchema));
    const made = tool({ ...base, inputSchema: undefined, input: schema, run: ({ id }) => id });
    assert.equal(await made.call({ id: "abc" }, context), "ABC");
  });

  it("does not run with arguments that do not fit, and says where", async () => {
    const made = tool({ ...base, input: ticket, run: () => assert.fail("ran") });
    await assert.rejects(made.call({ id: "AB", open: 1 }, context), {
      message: 'Invalid arguments of "lookup": ' +
        'at "id": Invalid length: Expected >=3 but received 2; ' +
        'at "open": Invalid type: Expected boolean but received 1',
    });
    await assert.rejects(made.call(null, context), {
      message: 'Invalid arguments of "lookup": Invalid type: Expected Object but received null',
    });
  });

  it("says no more than ten things that do not fit", async () => {
    const input = v.object({ ids: v.array(v.string()) });
    const made = tool({ ...base, input });
    await assert.rejects(made.call({ ids: Array(100).fill(1) }, context), /; and 90 more$/);
  });

  it("passes anything on where there is JSON Schema alone", async () => {
    const seen: unknown[] = [];
    const made = tool({ ...base, run: (args) => (seen.push(args), "ok") });
    for (const args of [{ id: 1 }, [1], 5, null]) await made.call(args, context);
    assert.deepEqual(seen, [{ id: 1 }, [1], 5, null]);
  });

  it("keeps to the schema it was made with", () => {
    const schema = structuredClone(inputSchema);
    const made = tool({ ...base, inputSchema: schema });
    schema.required.push("more");
    assert.deepEqual(made.inputSchema, inputSchema);
  });

  it("asks for JSON Schema where the library has none, and says how", () => {
    const { message, path } = refusal({ ...base, inputSchema: undefined, input: ticket });
    assert.match(message, /^Invalid tool "lookup": schemas of "valibot" cannot tell themselves/);
    assert.match(message, /@valibot\/to-json-schema/);
    assert.equal(path, "inputSchema");
    const cannot = telling(() => {
      throw new Error("a Map is no JSON");
    });
    const { message: why } = refusal({ ...base, inputSchema: undefined, input: cannot });
    assert.equal(
      why,
      'Invalid tool "lookup": "input" cannot be told as JSON Schema: give "inputSchema"',
    );
  });

  it("refuses names that cannot be", () => {
    for (const name of ["", "a b", "a.b", "é", "a".repeat(65), undefined, 1]) {
      assert.equal(
        refusal({ ...base, name }).message,
        'Invalid tool: "name" must be 1 to 64 letters, digits, "_" and "-"',
      );
    }
    assert.equal(tool({ ...base, name: "a-B_9".padEnd(64, "x") }).name.length, 64);
  });

  it("refuses the names of codex's own tools", () => {
    for (
      const name of [
        "apply_patch",
        "exec_command",
        "write_stdin",
        "update_plan",
        "view_image",
        "request_user_input",
        "web_search",
        "tool_search",
        "shell",
        "spawn_agent",
        "exec",
        "mcp__demo",
      ]
    ) {
      assert.equal(
        refusal({ ...base, name }).message,
        `Invalid tool "${name}": codex has a tool of that name: choose another one`,
      );
    }
  });

  it("refuses what else cannot be", () => {
    const round: Record<string, unknown> = { type: "object" };
    round.self = round;
    const wrong: [unknown, string | null][] = [
      [{ ...base, description: "" }, "description"],
      [{ ...base, description: undefined }, "description"],
      [{ ...base, run: "ok" }, "run"],
      [{ ...base, timeoutMs: 0 }, "timeoutMs"],
      [{ ...base, timeoutMs: NaN }, "timeoutMs"],
      [{ ...base, timeoutMs: 2 ** 31 }, "timeoutMs"],
      [{ ...base, timeoutMs: "1" }, "timeoutMs"],
      [{ ...base, timeout: 1 }, "timeout"],
      [{ ...base, inputSchema: undefined }, "input"],
      [{ ...base, inputSchema: { type: "string" } }, "inputSchema"],
      [{ ...base, inputSchema: {} }, "inputSchema"],
      [{ ...base, inputSchema: true }, "inputSchema"],
      [{ ...base, inputSchema: round }, "inputSchema"],
      [{ ...base, input: inputSchema }, "input"],
      [{ ...base, input: null }, "input"],
      [null, "tool"],
    ];
    for (const [options, path] of wrong) assert.equal(refusal(options).path, path);
  });
});
