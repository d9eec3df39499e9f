import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { eventSchemas, itemSchemas, unknownItemSchema } from "../src/schema.ts";
import { compileGuard } from "../src/schema_guard.ts";
import { json, mutatedEvent, threadEvent } from "./support/arbitraries.ts";

const schemas = Object.entries({ ...eventSchemas, ...itemSchemas, item: unknownItemSchema }) as [
  string,
  v.GenericSchema,
][];
const guards = schemas.map(([name, schema]) => ({ name, schema, guard: compileGuard(schema) }));

function agreeOn(value: unknown): void {
  for (const { name, schema, guard } of guards) {
    assert.equal(guard(value), v.safeParse(schema, value).success, `on schema "${name}"`);
  }
}

describe("compileGuard()", () => {
  it("agrees with valibot on any JSON", () => {
    fc.assert(fc.property(json, agreeOn));
  });

  it("agrees with valibot on events, their items and wrong ones", () => {
    fc.assert(fc.property(fc.oneof(threadEvent, mutatedEvent), (event) => {
      agreeOn(event);
      agreeOn(event.item);
    }));
  });

  it("agrees with valibot on what is no JSON", () => {
    for (const value of [undefined, NaN, -0, 1n, Symbol(), () => {}, new Date(), new Map(), [,]]) {
      agreeOn(value);
      agreeOn({ type: "error", message: value });
      agreeOn({ type: "turn.completed", usage: { input_tokens: value } });
    }
  });

  it("agrees with valibot on names that valibot passes over", () => {
    for (const name of ["__proto__", "constructor", "prototype", "toString", ""]) {
      const states = JSON.parse(`{${JSON.stringify(name)}:5}`);
      agreeOn({
        id: "1",
        type: "collab_tool_call",
        tool: "wait",
        sender_thread_id: "a",
        receiver_thread_ids: [],
        agents_states: states,
        status: "completed",
      });
    }
  });

  it("agrees with valibot on members that are missing, undefined or inherited", () => {
    agreeOn({});
    agreeOn({ type: "turn.completed", usage: undefined });
    agreeOn({ type: "error", message: undefined });
    agreeOn(Object.create({ type: "error", message: "inherited" }));
  });

  it("refuses a kind of schema it does not know", () => {
    const schema = v.looseObject({ a: v.array(v.bigint()) });
    assert.throws(
      () => compileGuard(schema),
      new TypeError(
        'Cannot compile a guard for the schema "bigint"',
      ),
    );
  });

  it("leaves what it looks at alone", () => {
    fc.assert(fc.property(mutatedEvent, (event) => {
      const before = JSON.stringify(event);
      for (const { guard } of guards) guard(event);
      assert.equal(JSON.stringify(event), before);
    }));
  });
});
