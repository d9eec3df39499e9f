import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { redactor, secretsIn, secretsOf } from "../src/redact.ts";

// Characters that "[redacted]" lacks, so that what replaces a secret cannot spell another one.
const secret = fc.string({
  unit: fc.constantFrom(...'ABCXYZ0189_-+/="\\\n\u007fü😀 $&'),
  minLength: 6,
  maxLength: 24,
});

describe("redactor()", () => {
  it("replaces each secret, wherever it is", () => {
    const redact = redactor(["hunter2hunter2", "topsecret"]);
    assert.equal(
      redact("a hunter2hunter2 b topsecrettopsecret hunter2 c"),
      "a [redacted] b [redacted][redacted] hunter2 c",
    );
  });

  it("replaces the longer of two secrets that begin alike", () => {
    assert.equal(redactor(["secret", "secret-and-more"])("secret-and-more"), "[redacted]");
  });

  it("takes secrets literally", () => {
    assert.equal(redactor(["a.*$&b"])("a.*$&b axxxxb"), "[redacted] axxxxb");
  });

  it("leaves what is too short to be a secret", () => {
    assert.equal(redactor(["", "a", "12345"])("a 12345 b"), "a 12345 b");
  });

  it("replaces what looks like a key by itself", () => {
    const redact = redactor([]);
    for (
      const key of [
        "sk-abcdefghijkl",
        "sk-proj-AbC_123-xyz",
        `ghp_${"a1".repeat(18)}`,
        `github_pat_${"a1".repeat(20)}`,
      ]
    ) {
      assert.equal(redact(`key ${key}, end`), "key [redacted], end");
    }
    assert.equal(
      redact("Authorization: Bearer abc.def-ghi_123=="),
      "Authorization: Bearer [redacted]",
    );
  });

  it("replaces what looks like a key behind a colour, and in JSON", () => {
    const redact = redactor([]);
    assert.equal(redact("\x1b[31msk-abcdefghijkl\x1b[0m"), "\x1b[31m[redacted]\x1b[0m");
    assert.equal(redact(JSON.stringify("key\nsk-abcdefghijkl")), '"key\\n[redacted]"');
  });

  it("replaces a secret without the space around it", () => {
    assert.equal(redactor(["hunter2hunter2\n"])("key hunter2hunter2."), "key [redacted].");
  });

  it("replaces a secret without the name of its scheme", () => {
    for (const scheme of ["Bearer", "Basic", "token"]) {
      const redact = redactor([`${scheme} hunter2hunter2`]);
      assert.equal(redact("a hunter2hunter2 b"), "a [redacted] b");
    }
  });

  it("replaces a secret as it stands in a URL", () => {
    const secret = "ab+cd/ef== \ud800";
    const redact = redactor([secret]);
    assert.equal(redact("?key=ab%2Bcd%2Fef%3D%3D%20%EF%BF%BD&x"), "?key=[redacted]&x");
  });

  it("leaves ordinary text alone", () => {
    const text = "The bearer of this risk-averse task-list asked for tokens: 12,000";
    assert.equal(redactor([])(text), text);
  });

  it("replaces a secret as it is written in JSON and TOML", () => {
    const redact = redactor(['ab"cd\\ef\n']);
    assert.equal(redact(JSON.stringify({ key: 'ab"cd\\ef\n' })), '{"key":"[redacted]"}');
  });

  it("replaces what is left of a secret at the ends of a text that was cut", () => {
    const redact = redactor(["begin-and-end"]);
    assert.equal(redact("and-end, x, begin-and"), "[redacted], x, [redacted]");
    assert.equal(redact("end, x, begin"), "end, x, begin");
  });

  it("lets no secret through", () => {
    fc.assert(fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      fc.array(fc.oneof(fc.nat(3), fc.string())),
      (secrets, pieces) => {
        const text = pieces.map((each) =>
          typeof each === "number" ? secrets[each % secrets.length] : each
        ).join("");
        const shown = redactor(secrets)(text);
        for (const each of secrets) assert.equal(shown.includes(each), false);
        const written = redactor(secrets)(JSON.stringify(secrets));
        for (const each of secrets) {
          assert.equal(written.includes(JSON.stringify(each).slice(1, -1)), false);
        }
      },
    ));
  });
});

describe("secretsIn()", () => {
  it("finds strings whose names say that they are secret", () => {
    for (
      const name of [
        ...["apiKey", "api_key", "OPENAI_API_KEY", "token", "ACCESS_TOKEN", "client_secret"],
        ...["password", "DB_PASSWD", "credentials", "Authorization", "experimental_bearer_token"],
      ]
    ) {
      assert.deepEqual(secretsIn({ [name]: "s3cret" }), ["s3cret"], name);
    }
  });

  it("finds what lies anywhere below such a name", () => {
    assert.deepEqual(
      secretsIn({ a: [{ secrets: { x: ["one", { y: "two" }] } }], b: { token: "three" } }).sort(),
      ["one", "three", "two"],
    );
  });

  it("takes any header for a secret", () => {
    const headers = { http_headers: { Cookie: "one", "X-Mine": "two" } };
    assert.deepEqual(secretsIn(headers).sort(), ["one", "two"]);
    assert.deepEqual(secretsIn({ env_http_headers: { Authorization: "NAME" } }), []);
  });

  it("finds passwords and keys in URLs", () => {
    const urls: [url: string, secrets: string[]][] = [
      ["https://me:pass%20word@host/path", ["pass%20word", "pass word"]],
      ["wss://only-a-token@host", ["only-a-token", "only-a-token"]],
      ["http://host:80/?model=m&api-key=a%2Bb&sig=x#y@z", ["a+b"]],
      ["https://me:%zz@host", ["%zz", "%zz"]],
      ["https://host/a@b?c=d", []],
      ["mail me@host, please", []],
      ["is it so? token=none", []],
    ];
    for (const [url, secrets] of urls) assert.deepEqual(secretsIn({ url }), secrets, url);
  });

  it("passes over names of variables that hold a secret", () => {
    for (const name of ["env_key", "bearer_token_env_var", "token_env", "API_KEY_ENV_VAR"]) {
      assert.deepEqual(secretsIn({ [name]: "MY_VARIABLE" }), [], name);
    }
  });

  it("finds each secret of an object that holds itself", () => {
    const self: Record<string, unknown> = { token: "one" };
    self.self = self;
    self.secrets = { self, plain: "two" };
    assert.deepEqual([...new Set(secretsIn(self))].sort(), ["one", "two"]);
  });

  it("passes over the rest", () => {
    assert.deepEqual(secretsIn({ model: "m", path: "/p", n: 1, ok: true, none: null }), []);
    assert.deepEqual(secretsIn({ token: 5, key: null, secret: undefined }), []);
    for (const value of [undefined, null, "text", 5]) assert.deepEqual(secretsIn(value), []);
  });
});

describe("secretsOf()", () => {
  it("gathers the secrets from everywhere in the options", () => {
    const secrets = secretsOf({
      apiKey: "from-api-key",
      env: { MY_TOKEN: "from-env", PATH: "/bin" },
      config: {
        model: "m",
        model_providers: {
          x: { experimental_bearer_token: "from-config", env_key: "NAME", base_url: "http://a" },
        },
      },
      configOverrides: [
        'model_providers.y.http_headers.Authorization="from-override"',
        "some.secret='single=quoted'",
        'model="m"',
        'a.env_key="VARIABLE"',
        "broken",
      ],
    });
    assert.deepEqual(secrets.filter((each) => each !== "").sort(), [
      "from-api-key",
      "from-config",
      "from-env",
      "from-override",
      "single=quoted",
    ]);
  });

  it("reads tables, lists and escapes in raw settings and arguments", () => {
    const configOverrides = [
      'x={ token="in\\u0020table", other = "open", y = { "api key"=\'nested\' }, z="open" }',
      "x.secrets=[\"one\", 'two']",
      "x.http_headers={ Cookie = 'c=d' }",
      "x.password=no TOML at all",
    ];
    const extraArgs = [
      ...["-c", 'x.token="separate"', '--config=x.token="joined"', '-c=x.token="short"'],
      ...["--model", "open", "token", "--add-dir=/open"],
    ];
    assert.deepEqual(secretsOf({ configOverrides }, undefined, extraArgs).sort(), [
      ...["c=d", "in table", "joined", "nested", "no TOML at all", "one", "separate", "short"],
      "two",
    ]);
  });

  it("reads settings of any length and shape", () => {
    for (const text of ["x", "x=", '"', "'", "{", "a=[", "\\", 'x="\\', "x.y "]) {
      const setting = text.repeat(200_000);
      assert.ok(Array.isArray(secretsOf({ configOverrides: [setting, `token=${setting}`] })));
    }
    assert.deepEqual(secretsOf({ configOverrides: ['a."b.c".token="one", x=\'two'] }), ["one"]);
    assert.deepEqual(secretsOf({ configOverrides: ['token={ a=["one'] }), ["one"]);
  });

  it("looks up what codex takes from the environment", () => {
    const env = (name: string) => `value of ${name}`;
    const config = {
      model_providers: {
        x: { env_key: "MINE", env_http_headers: { "X-A": "HEADER" }, name: "OTHER" },
      },
      mcp_servers: { y: { bearer_token_env_var: "BEARER", env_vars: ["HOME", "GITHUB_TOKEN"] } },
    };
    const configOverrides = ['model_providers.z={ env_key="RAW" }', 'a.env_key="no name"'];
    const names = [
      ...["CODEX_API_KEY", "OPENAI_API_KEY", "CODEX_ACCESS_TOKEN"],
      ...["CODEX_CONNECTORS_TOKEN", "CODEX_GITHUB_PERSONAL_ACCESS_TOKEN"],
      ...["AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
      ...["AZURE_CLIENT_SECRET", "MINE", "HEADER", "BEARER", "GITHUB_TOKEN", "RAW"],
    ];
    assert.deepEqual(
      secretsOf({ config, configOverrides }, env).sort(),
      names.map(env).sort(),
    );
    assert.deepEqual(secretsOf({ config, env: { MINE: "given" } }).sort(), ["given"]);
  });

  it("finds nothing in no options", () => {
    assert.deepEqual(secretsOf({}).filter((each) => each !== ""), []);
  });
});
