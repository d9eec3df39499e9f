import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AppServerOptions,
  checkedOptions,
  refuseLocalOnly,
  threadSettings,
} from "../../src/app_server/options.ts";
import { InvalidOptionsError } from "../../src/errors.ts";
import type { CodexOptions } from "../../src/options.ts";

const defaults = {
  requestTimeoutMs: 60_000,
  approvalTimeoutMs: Infinity,
  maxUnreadBytes: 64 * 1024 * 1024,
  idleTimeoutMs: 10_000,
  closeGraceMs: 2_000,
  maxRestarts: 5,
};

/** What an `InvalidOptionsError` says, and of which option. */
function refusal(run: () => unknown): [path: string | null, message: string] {
  try {
    run();
  } catch (error) {
    assert.ok(InvalidOptionsError.is(error), `${error}`);
    return [error.path, error.message];
  }
  return assert.fail("was not refused");
}

describe("checkedOptions()", () => {
  it("fills in what is not given", () => {
    assert.deepEqual(checkedOptions({}), defaults);
    assert.deepEqual(checkedOptions({ idleTimeoutMs: undefined, url: undefined }), defaults);
    assert.deepEqual(checkedOptions({ maxRestarts: 0, approvalTimeoutMs: 5 }), {
      ...defaults,
      maxRestarts: 0,
      approvalTimeoutMs: 5,
    });
  });

  it("takes a URL as text or as what it is, with a token or without", () => {
    for (const url of ["ws://127.0.0.1:1", new URL("wss://example.com/x")]) {
      assert.equal(checkedOptions({ url }).url, url);
      assert.equal(checkedOptions({ url, token: "t" }).token, "t");
    }
  });

  it("refuses what cannot be", () => {
    const all: [string, unknown][] = [
      ["requestTimeoutMs", -1],
      ["idleTimeoutMs", NaN],
      ["maxUnreadBytes", "64"],
      ["closeGraceMs", null],
      ["maxRestarts", true],
      ["url", 5],
      ["url", null],
    ];
    for (const [name, value] of all) {
      const [path, message] = refusal(() => checkedOptions({ [name]: value } as AppServerOptions));
      assert.equal(path, name);
      assert.match(message, new RegExp(`^Invalid app-server option "${name}": it must be`));
    }
  });

  const times = ["requestTimeoutMs", "approvalTimeoutMs", "idleTimeoutMs", "closeGraceMs"] as const;
  for (const name of times) {
    it(`takes for ${name} what a timer can be set to, and no limit, but nothing between`, () => {
      for (const value of [0, 2 ** 31 - 1, Infinity]) {
        assert.equal(checkedOptions({ [name]: value })[name], value);
      }
      for (const value of [2 ** 31, 30 * 24 * 60 * 60_000]) {
        assert.deepEqual(refusal(() => checkedOptions({ [name]: value })), [
          name,
          `Invalid app-server option "${name}": it must be a number from 0 to 2147483647, or ` +
          "Infinity",
        ]);
      }
    });
  }

  it("takes any amount where no timer is set", () => {
    for (const name of ["maxUnreadBytes", "maxRestarts"] as const) {
      assert.equal(checkedOptions({ [name]: 2 ** 40 })[name], 2 ** 40);
      assert.equal(checkedOptions({ [name]: Infinity })[name], Infinity);
    }
  });

  it("refuses a token that is none, or is for nobody, and does not quote it", () => {
    const url = "ws://127.0.0.1:1";
    for (const token of ["", 5, null]) {
      assert.equal(refusal(() => checkedOptions({ url, token } as AppServerOptions))[0], "token");
    }
    const [path, message] = refusal(() => checkedOptions({ token: "very-secret" }));
    assert.equal(path, "token");
    assert.equal(message.includes("very-secret"), false);
  });

  it("refuses options it does not know", () => {
    const [path, message] = refusal(() => checkedOptions({ idleMs: 5 } as AppServerOptions));
    assert.equal(path, "idleMs");
    assert.equal(message, 'Unknown app-server option "idleMs"');
  });
});

describe("refuseLocalOnly()", () => {
  it("refuses each option that is for a codex that is started here", () => {
    const all: CodexOptions[] = [
      { codexPath: "/x" },
      { codexPathOverride: "/x" },
      { apiKey: "very-secret" },
      { configOverrides: [] },
      { env: {} },
    ];
    for (const options of all) {
      const [path, message] = refusal(() => refuseLocalOnly(options));
      assert.deepEqual([path], Object.keys(options));
      assert.equal(message.includes("very-secret"), false);
    }
  });

  it("lets the others pass", () => {
    refuseLocalOnly({
      originator: "x",
      onDiagnostic: () => {},
      // Nothing is started, so there is nothing to tell.
      onSpawn: () => {},
      apiKey: undefined,
      baseUrl: "http://x",
      config: {},
    });
  });
});

describe("threadSettings()", () => {
  it("is what each thread can be told", () => {
    const features = { goals: false, write_stdin_approval: true };
    assert.deepEqual(threadSettings({}), { features });
    assert.deepEqual(
      threadSettings({ baseUrl: "http://x", config: { "a.b": 1, c: { d: [true] } } }),
      {
        "a.b": 1,
        c: { d: [true] },
        features,
        openai_base_url: "http://x",
      },
    );
    assert.deepEqual(threadSettings({ config: { features: { goals: true, x: 1 } } }), {
      features: { ...features, goals: true, x: 1 },
    });
    assert.deepEqual(threadSettings({ config: { "features.goals": true } }), {
      "features.goals": true,
      features: { ...features, goals: true },
    });
  });

  it("refuses what a codex that is started here would be refused", () => {
    const [path] = refusal(() => threadSettings({ config: { a: { b: NaN } } }));
    assert.equal(path, "config.a.b");
  });
});
