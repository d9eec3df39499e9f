import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { classify } from "../../src/app_server/message.ts";
import { appServerRecording } from "../support/app_server_recordings.ts";
import { json } from "../support/arbitraries.ts";

describe("classify()", () => {
  it("tells a request, with an id of either type", () => {
    for (const id of [0, 7, "", "a", "0"]) {
      const message = { id, method: "item/tool/call", params: {} };
      assert.deepEqual(classify(message), { type: "request", message });
    }
  });

  it("tells a notification, with or without params and time", () => {
    for (const more of [{}, { params: null }, { params: {}, emittedAtMs: 1 }, { id: null }]) {
      const message = { method: "turn/started", ...more };
      assert.deepEqual(classify(message), { type: "notification", message });
    }
  });

  it("tells a result, whatever it is", () => {
    for (const result of [null, false, 0, "", {}, []]) {
      assert.deepEqual(classify({ id: 1, result }), { type: "response", id: 1, result });
      assert.deepEqual(classify({ id: 1, result, error: null }), {
        type: "response",
        id: 1,
        result,
      });
    }
  });

  it("tells an error, with or without data", () => {
    for (const data of [undefined, { max_chars: 5 }]) {
      const error = { code: -32600, message: "no", data };
      assert.deepEqual(classify({ id: "a", error }), { type: "error", id: "a", error });
    }
  });

  it("takes the jsonrpc member, and others that are new", () => {
    const message = { jsonrpc: "2.0", id: 1, method: "m", params: {}, trace: null };
    assert.deepEqual(classify(message), { type: "request", message });
  });

  it("knows whom something concerns that seems to be an answer and is none", () => {
    for (
      const rest of [
        {},
        { error: "no" },
        { error: { code: "x", message: "no" } },
        { error: { code: 1 } },
        { error: null },
        { result: 1, error: {} },
      ]
    ) {
      assert.deepEqual(classify({ id: 3, ...rest }), { type: "unknown", id: 3 });
    }
  });

  it("tells what is none of them", () => {
    for (
      const value of [
        ...[null, undefined, 1, "method", true, [], [{ method: "m" }], {}],
        ...[{ method: 1 }, { method: "m", id: {} }, { method: "m", id: true }, { result: 1 }],
        ...[{ id: null, error: { code: -32700, message: "parse" } }, { id: 1, method: null }],
        JSON.parse('{"id":1e999,"result":1}'),
      ]
    ) {
      assert.deepEqual(classify(value), { type: "unknown" }, JSON.stringify(value));
    }
  });

  it("never throws", () => {
    const members = fc.record({ id: json, method: json, result: json, error: json }, {
      requiredKeys: [],
    });
    fc.assert(fc.property(fc.oneof(json, members), (value) => {
      assert.equal(typeof classify(value).type, "string");
    }));
  });

  it("knows everything that a real app-server said", () => {
    const types = new Set<string>();
    for (const name of ["full", "dynamic_tool", "approval_command_decline"]) {
      for (const { msg } of appServerRecording(name)) {
        const { type } = classify(msg);
        assert.notEqual(type, "unknown", JSON.stringify(msg));
        types.add(type);
      }
    }
    assert.deepEqual([...types].sort(), ["notification", "request", "response"]);
  });
});
