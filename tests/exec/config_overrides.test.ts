import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parse } from "smol-toml";
import { InvalidOptionsError } from "../../src/errors.ts";
import { configOverrides } from "../../src/exec/config_overrides.ts";
import type { CodexConfigObject, CodexConfigValue } from "../../src/options.ts";

describe("configOverrides()", () => {
  const written: [name: string, config: unknown, overrides: string[]][] = [
    ["nothing for an empty object", {}, []],
    ["strings, numbers and booleans", { s: "a", n: 3.0, f: 0.5, b: true }, [
      's="a"',
      "n=3",
      "f=0.5",
      "b=true",
    ]],
    ["nested tables as dotted paths", { a: { b: { c: 1 }, d: "x" } }, ["a.b.c=1", 'a.d="x"']],
    ["a dotted top-level key unchanged", { "sandbox_workspace_write.network_access": true }, [
      "sandbox_workspace_write.network_access=true",
    ]],
    ["a table below a dotted top-level key", { "a.b": { c: { d: 1 } } }, ["a.b.c.d=1"]],
    ["keys with spaces and quotes as codex reads them", { a: { "k k": 1, 'q"': 2, "é": 3 } }, [
      "a.k k=1",
      'a.q"=2',
      "a.é=3",
    ]],
    ["a key with a dot as a table of its parent, siblings included", {
      a: { b: { "x.y": 1, z: { "k k": [] } }, c: 2 },
    }, ['a.b={"x.y" = 1, z = {"k k" = []}}', "a.c=2"]],
    ['a key with "=" as a table of its parent', { a: { "x=y": 1 } }, ['a={"x=y" = 1}']],
    ["a key with outer space as a table of its parent", { a: { "x ": 1 }, b: { "\u0085x": 1 } }, [
      'a={"x " = 1}',
      'b={"\u0085x" = 1}',
    ]],
    ["keys in tables, bare where TOML takes them so", {
      a: { "x.y": 1, name: 2, "Aa-_9": 3, "é": 4, "\x7f.": 5 },
    }, ['a={"x.y" = 1, name = 2, Aa-_9 = 3, "é" = 4, "\\u007F." = 5}']],
    ["empty tables and arrays", { a: {}, b: [], c: [{}, []] }, ["a={}", "b=[]", "c=[{}, []]"]],
    ["arrays with tables", { a: [1, "x", { k: true, "b c": [2], "d.e": {} }] }, [
      'a=[1, "x", {k = true, "b c" = [2], "d.e" = {}}]',
    ]],
    ["no member that is undefined", {
      a: undefined,
      b: { c: undefined, d: 1 },
      e: [{ f: undefined }],
    }, [
      "b.d=1",
      "e=[{}]",
    ]],
    ["integer keys first", { b: 1, 2: 2, a: 3, 1: 4 }, ["1=4", "2=2", "b=1", "a=3"]],
    ["numbers as TOML has them", {
      a: [-0, 1e21, 5e-7, 1.5e300, -(2 ** 63), 2 ** 64, Number.MAX_SAFE_INTEGER],
    }, [
      "a=[0, 1e+21, 5e-7, 1.5e+300, -9223372036854776000.0, 18446744073709552000.0, 9007199254740991]",
    ]],
    ["control characters escaped", { a: '\0\t\n"\\\x7f\u2028' }, [
      'a="\\u0000\\t\\n\\"\\\\\\u007F\u2028"',
    ]],
    ["an object without prototype", { a: Object.assign(Object.create(null), { b: 1 }) }, ["a.b=1"]],
    [
      "an object that is used twice",
      (() => {
        const shared = { x: 1 };
        return { a: shared, b: [shared, shared] };
      })(),
      ["a.x=1", "b=[{x = 1}, {x = 1}]"],
    ],
  ];
  for (const [name, config, overrides] of written) {
    it(`writes ${name}`, () => {
      assert.deepEqual(configOverrides(config as CodexConfigObject), overrides);
    });
  }

  const cyclic: Record<string, unknown> = { b: { c: [] } };
  (cyclic.b as { c: unknown[] }).c.push(cyclic);
  const refused: [name: string, config: unknown, path: string, message: string][] = [
    ["an array as a whole", [], "config", "Codex config overrides must be a plain object"],
    ["a string as a whole", "a=1", "config", "Codex config overrides must be a plain object"],
    ["null as a whole", null, "config", "Codex config overrides must be a plain object"],
    [
      "null",
      { a: { b: [1, null] } },
      "config.a.b[1]",
      "Codex config override at a.b[1] cannot be null",
    ],
    [
      "undefined in an array",
      { a: [undefined] },
      "config.a[0]",
      "Unsupported Codex config override value at a[0]: undefined",
    ],
    // deno-lint-ignore no-sparse-arrays
    [
      "a hole in an array",
      { a: [1, , 2] },
      "config.a[1]",
      "Unsupported Codex config override value at a[1]: undefined",
    ],
    ["NaN", { a: NaN }, "config.a", "Codex config override at a must be a finite number"],
    [
      "Infinity",
      { a: { "b.c": -Infinity } },
      'config.a."b.c"',
      'Codex config override at a."b.c" must be a finite number',
    ],
    ["a bigint", { a: 1n }, "config.a", "Unsupported Codex config override value at a: bigint"],
    [
      "a function",
      { a: () => {} },
      "config.a",
      "Unsupported Codex config override value at a: function",
    ],
    [
      "a symbol",
      { a: Symbol("s") },
      "config.a",
      "Unsupported Codex config override value at a: symbol",
    ],
    [
      "a Date",
      { a: new Date(0) },
      "config.a",
      "Unsupported Codex config override value at a: Date",
    ],
    [
      "a Map",
      { a: [new Map()] },
      "config.a[0]",
      "Unsupported Codex config override value at a[0]: Map",
    ],
    [
      "an instance of a class",
      { a: { b: new (class Own {})() } },
      "config.a.b",
      "Unsupported Codex config override value at a.b: Own",
    ],
    [
      "an instance of a class without a name",
      { a: new (class {})() },
      "config.a",
      "Unsupported Codex config override value at a: object",
    ],
    [
      "an object of an unusual kind",
      { a: Object.create(Object.create(Object.create(null))) },
      "config.a",
      "Unsupported Codex config override value at a: object",
    ],
    [
      "what lies too deep, naming the beginning of the way there",
      { a: Array.from({ length: 90 }).reduce((inner) => [inner], 1) },
      `config.a${"[0]".repeat(19)}[0…`,
      `Codex config override at a${
        "[0]".repeat(19)
      }[0… must not be nested more than 80 levels deep`,
    ],
    [
      "a cycle",
      { a: cyclic },
      "config.a.b.c[0]",
      "Codex config override at a.b.c[0] cannot refer back to itself",
    ],
    ["an empty key", { "": 1 }, "config", "Codex config override keys must be non-empty strings"],
    [
      "an empty nested key",
      { a: { "": 1 } },
      "config.a",
      "Codex config override keys must be non-empty strings: there is an empty one at a",
    ],
    [
      "an empty part of a dotted key",
      { "a..b": 1 },
      'config."a..b"',
      'Codex config override key "a..b" must not have an empty part between its dots',
    ],
    [
      'a top-level key with "="',
      { "a=b": 1 },
      'config."a=b"',
      'Codex config override key "a=b" must not hold "="',
    ],
    [
      "a top-level key that looks like a flag",
      { "-c": 1 },
      'config."-c"',
      'Codex config override key "-c" must not start with "-"',
    ],
    [
      "a top-level key with outer space",
      { "a ": 1 },
      'config."a "',
      'Codex config override key "a " must not start or end with white space',
    ],
    [
      "NUL in a key",
      { a: { "\0": 1 } },
      'config.a."\\u0000"',
      'Codex config override key a."\\u0000" must not hold NUL or a lone surrogate',
    ],
    [
      "a lone surrogate in a key",
      { "\ud800": 1 },
      'config."\ufffd"',
      'Codex config override key "\ufffd" must not hold NUL or a lone surrogate',
    ],
    [
      "a lone surrogate",
      { a: ["\udc00"] },
      "config.a[0]",
      "Codex config override at a[0] must be well-formed Unicode: it holds a lone surrogate",
    ],
    [
      "a table that would replace an earlier member",
      { "a.x": 1, a: { "p.q": 2 } },
      "config.a",
      "Codex config override at a would replace the one at a.x: nest them in one object",
    ],
  ];
  for (const [name, config, path, message] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => configOverrides(config as CodexConfigObject), (error) => {
        assert.ok(InvalidOptionsError.is(error));
        assert.equal(error.message, message);
        assert.equal(error.path, path);
        return true;
      });
    });
  }

  it("accepts 80 levels, as codex does, and refuses 81", () => {
    const nested = (levels: number): CodexConfigValue => levels === 0 ? 1 : [nested(levels - 1)];
    assert.deepEqual(configOverrides({ a: nested(80) }), [`a=${"[".repeat(80)}1${"]".repeat(80)}`]);
    assert.throws(
      () => configOverrides({ a: nested(81) }),
      /must not be nested more than 80 levels/,
    );
  });

  it("says every config so that codex's way of reading gives it back", () => {
    fc.assert(
      fc.property(configs, (config) => {
        const read = {};
        for (const override of configOverrides(config)) applyLikeCodex(read, override);
        assert.deepEqual(read, config);
      }),
      { numRuns: 300 },
    );
  });

  it("either throws InvalidOptionsError or writes arguments without NUL, whatever it is given", () => {
    fc.assert(
      fc.property(
        fc.object({ key: anyKey, withBigInt: true, withDate: true, withMap: true }),
        (config) => {
          try {
            for (const override of configOverrides(config as CodexConfigObject)) {
              assert.ok(!override.includes("\0") && !override.startsWith("-"));
              applyLikeCodex({}, override);
            }
          } catch (error) {
            if (!InvalidOptionsError.is(error)) throw error;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

// What Rust's trim() takes away; JavaScript's differs in two characters.
const outerSpace = /^\p{White_Space}+|\p{White_Space}+$/gu;

/** The key up to the first "=", trimmed and split at dots; the value is TOML. */
function applyLikeCodex(root: Record<string, unknown>, override: string): void {
  const equals = override.indexOf("=");
  const path = override.slice(0, equals).replace(outerSpace, "").split(".");
  const last = path.pop()!;
  let table = root;
  for (const part of path) {
    if (!Object.hasOwn(table, part)) define(table, part, {});
    table = table[part] as Record<string, unknown>;
  }
  const { value } = parse(`value = ${override.slice(equals + 1)}`, { integersAsBigInt: true });
  define(table, last, plain(value));
}

/** What smol-toml parsed, with numbers for its bigints. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const table = {};
  for (const [key, member] of Object.entries(value)) define(table, key, plain(member));
  return table;
}

function define(table: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(table, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

// The library's "binary" characters, as quickly made: making its own takes a second.
const character = fc.integer({ min: 0, max: 0x10f7ff })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800));
const anyKey: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.string({ unit: character, maxLength: 4 }),
  fc.string({
    unit: fc.constantFrom("a", "_", "-", ".", "=", " ", '"', "'", "\0", "\n"),
    maxLength: 4,
  }),
);
const keys = anyKey.filter((key) => key !== "" && !key.includes("\0"));
const strings = fc.oneof(fc.string(), fc.string({ unit: character }));
const numbers = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((number) => number + 0); // TOML keeps no sign of a whole zero
const values = fc.letrec<{ value: CodexConfigValue; table: CodexConfigObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    strings,
    numbers,
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("table"),
  ),
  table: fc.dictionary(keys, tie("value"), { maxKeys: 4, noNullPrototype: true }),
})).value;
/** Top-level keys are paths, so those without dots and what else a path cannot say. */
const configs = fc.dictionary(
  keys.filter((key) => !/[.=]|^-/.test(key) && key.replace(outerSpace, "") === key),
  values,
  { maxKeys: 4, noNullPrototype: true },
);
