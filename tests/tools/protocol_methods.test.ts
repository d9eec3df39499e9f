import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readDefinitions } from "../../tools/protocol/definitions.ts";
import {
  type Method,
  notificationMap,
  readMethods,
  requestMap,
  type Supplements,
} from "../../tools/protocol/methods.ts";
import { declaration } from "../../tools/protocol/print.ts";
import { none } from "../../tools/protocol/supplements.ts";

const object = { type: "object" };
const ref = (name: string) => ({ $ref: `#/definitions/${name}` });

function message(method: string, params?: unknown, required: string[] = ["method"]): unknown {
  const tag = { method: { type: "string", enum: [method] } };
  return { ...object, properties: { ...tag, ...params ? { params } : {} }, required };
}

/** The methods of `messages`, with object types called `names`. */
function read(
  messages: readonly unknown[],
  names: readonly string[],
  supplements: Supplements = none,
): Method[] {
  const bundle = {
    definitions: {
      Messages: { oneOf: messages },
      ...Object.fromEntries(names.map((name) => [name, object])),
    },
  };
  return readMethods(bundle, "Messages", readDefinitions(bundle, ["Messages"]), supplements);
}

const start = message("thread/start", ref("StartParams"), ["method", "params"]);

describe("readMethods()", () => {
  it("ties the result to the params by its name", () => {
    const [method, ...others] = read([start], ["StartParams", "StartResponse"]);
    assert.deepEqual(others, []);
    assert.equal(method?.method, "thread/start");
    assert.equal(method?.paramsName, "StartParams");
    assert.equal(method?.resultName, "StartResponse");
    assert.equal(method?.optional, false);
  });

  it("ties the result to params that may be null", () => {
    const params = { anyOf: [ref("StartParams"), { type: "null" }] };
    const [method] = read([message("start", params)], ["StartParams", "StartResponse"]);
    assert.equal(method?.resultName, "StartResponse");
    assert.equal(method?.optional, true);
  });

  it("takes the result from a supplement", () => {
    const supplements = { results: { "thread/start": "Started" }, unlisted: {} };
    const [method] = read([start], ["StartParams", "Started"], supplements);
    assert.equal(method?.resultName, "Started");
  });

  it("leaves the result unknown where nothing tells it", () => {
    assert.equal(read([start], ["StartParams"])[0]?.resultName, undefined);
  });

  it("sorts methods and adds those that the schema leaves out", () => {
    const unlisted = { "account/read": {}, "turn/start": { params: "StartParams" } };
    const methods = read([start], ["StartParams"], { results: {}, unlisted });
    assert.deepEqual(methods.map(({ method }) => method), [
      "account/read",
      "thread/start",
      "turn/start",
    ]);
    assert.equal(methods[2]?.paramsName, "StartParams");
  });

  for (
    const [title, supplements, reason] of [
      [
        "for a result that the schema tells",
        { results: { "thread/start": "StartResponse" }, unlisted: {} },
        /the method has the result "StartResponse"/,
      ],
      [
        "for a method that is gone",
        { results: { "thread/stop": "StartResponse" }, unlisted: {} },
        /for "thread\/stop": the method is not there/,
      ],
      [
        "for a method that the schema lists",
        { results: {}, unlisted: { "thread/start": {} } },
        /the method is in the schema/,
      ],
      [
        "with params of a type that is not there",
        { results: {}, unlisted: { "thread/stop": { params: "StopParams" } } },
        /there is no type "StopParams"/,
      ],
      [
        "with a result of a type that is not there",
        { results: { stop: "Stopped" }, unlisted: {} },
        /Cannot tell the result of "stop": there is no type "Stopped"/,
      ],
    ] as const
  ) {
    it(`refuses a supplement ${title}`, () => {
      const messages = [start, message("stop")];
      const names = ["StartParams", "StartResponse"];
      assert.throws(() => read(messages, names, supplements), reason);
    });
  }

  it("refuses a message without exactly one method", () => {
    assert.throws(() => read([object], []), /a message has no method/);
    const two = { properties: { method: { enum: ["a", "b"] } } };
    assert.throws(() => read([two], []), /not exactly one method/);
  });

  it("refuses what is no list of messages", () => {
    const bundle = { definitions: { Messages: object } };
    assert.throws(
      () => readMethods(bundle, "Messages", readDefinitions(bundle), none),
      /"Messages" is not a list of messages/,
    );
  });
});

describe("requestMap()", () => {
  it("has params and result by method", () => {
    const methods = read([
      start,
      message("logout", { type: "null" }),
      message("usage", { anyOf: [ref("UsageParams"), { type: "null" }] }),
    ], ["StartParams", "StartResponse", "UsageParams"]);
    assert.equal(
      declaration("Requests", requestMap(methods), "All."),
      `/** All. @internal */
export type Requests = {
  logout: {
    params?: { [key: string]: never } | null;
    result: unknown;
  };
  "thread/start": {
    params: types.StartParams;
    result: types.StartResponse;
  };
  usage: {
    params?: types.UsageParams | null;
    result: unknown;
  };
};
`,
    );
  });
});

describe("notificationMap()", () => {
  it("has params by method", () => {
    const methods = read([
      message("turn/started", ref("TurnStarted"), ["method", "params"]),
      message("initialized"),
    ], ["TurnStarted"]);
    assert.equal(
      declaration("Notifications", notificationMap(methods), "All."),
      `/** All. @internal */
export type Notifications = {
  initialized: { [key: string]: never } | undefined | null;
  "turn/started": types.TurnStarted;
};
`,
    );
  });
});
