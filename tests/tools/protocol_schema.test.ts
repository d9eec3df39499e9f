import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readDefinitions } from "../../tools/protocol/definitions.ts";
import { declaration } from "../../tools/protocol/print.ts";
import { shapeOf } from "../../tools/protocol/schema.ts";
import { name } from "../../tools/protocol/shape.ts";

/** What follows `export type T =`; a `$ref` stands for the last part of it. */
function typeOf(schema: unknown): string {
  const shape = shapeOf(schema, (ref) => name(ref.slice(ref.lastIndexOf("/") + 1)));
  return declaration("T", shape, "").slice("/**  @internal */\nexport type T =".length, -2).trim();
}

/** The types of a bundle of definitions, by name. */
function typesOf(definitions: unknown): { [name: string]: string } {
  const { shapes } = readDefinitions({ definitions });
  return Object.fromEntries(
    [...shapes].map(([name, shape]) => {
      const text = declaration(name, shape, "");
      return [name, text.slice(text.indexOf("=") + 1, -2).trim()];
    }),
  );
}

const string = { type: "string" };
const nothing = { type: "null" };

describe("shapeOf()", () => {
  for (
    const [title, schema, wanted] of [
      ["a string", string, "string"],
      ["a number", { type: "number", format: "double", minimum: 0 }, "number"],
      ["an integer as a number", { type: "integer", format: "int64" }, "number"],
      ["null", nothing, "null"],
      ["anything", true, "unknown"],
      ["a schema that says nothing as anything", { description: "A word" }, "unknown"],
      ["nothing at all", false, "never"],
      ["a list of types as a union with null at its end", {
        type: ["null", "integer", "boolean"],
      }, "number | boolean | null"],
      [
        "strings to choose from as literals",
        { type: "string", enum: ["a", "b c", 'd"'] },
        '"a" | "b c" | "d\\""',
      ],
      ["null among the values to choose from", {
        type: ["string", "null"],
        enum: [null, "a"],
      }, '"a" | null'],
      ["a constant", { const: 5 }, "5"],
      ["alternatives that are values, each once", {
        oneOf: [{ type: "string", enum: ["a", "b"] }, { type: "string", enum: ["b", "c"] }],
      }, '"a" | "b" | "c"'],
      ["a nullable reference", {
        anyOf: [nothing, { $ref: "#/definitions/v2/Thread" }],
      }, "Thread | null"],
      ["a reference in allOf, which has a default", {
        allOf: [{ $ref: "#/definitions/Kind" }],
        default: "a",
      }, "Kind"],
      ["parts that must all hold", {
        allOf: [{ $ref: "#/definitions/A" }, { $ref: "#/definitions/B" }],
      }, "A & B"],
      ["alternatives with anything as anything", { anyOf: [string, true] }, "unknown"],
      ["a list", { type: "array", items: string }, "string[]"],
      ["a list of alternatives", {
        type: ["array", "null"],
        items: { anyOf: [string, { type: "integer" }] },
      }, "(string | number)[] | null"],
      ["a list of anything", { type: "array" }, "unknown[]"],
      ["a tuple", {
        type: "array",
        items: [string, { type: "boolean" }],
        minItems: 2,
        maxItems: 2,
      }, "[string, boolean]"],
      ["a tuple closed by additionalItems", {
        type: "array",
        items: [string],
        minItems: 1,
        additionalItems: false,
      }, "[string]"],
      ["a map", { type: "object", additionalProperties: string }, "{ [key: string]: string }"],
      ["a map of maps", {
        type: "object",
        additionalProperties: { type: "object", additionalProperties: true },
      }, "{ [key: string]: { [key: string]: unknown } }"],
      ["an object of which nothing is said", { type: "object" }, "{ [key: string]: unknown }"],
      ["an object that must be empty", {
        type: "object",
        additionalProperties: false,
      }, "{ [key: string]: never }"],
      ["what is not required as optional, and what may be null as null", {
        type: "object",
        properties: {
          a: string,
          b: { type: ["string", "null"] },
          c: string,
          d: { type: ["string", "null"] },
        },
        required: ["a", "b"],
        additionalProperties: false,
      }, "{\n  a: string;\n  b: string | null;\n  c?: string;\n  d?: string | null;\n}"],
      ["an object without a type", { properties: { a: string } }, "{ a?: string }"],
      ["what is required and not described", {
        type: "object",
        required: ["a"],
      }, "{ a: unknown }"],
      ["an object with more than is described", {
        type: "object",
        properties: { a: string },
        additionalProperties: true,
      }, "{\n  a?: string;\n  [key: string]: unknown;\n}"],
      [
        "names that are no identifiers in quotation marks",
        {
          type: "object",
          properties: {
            "thread/start": string,
            $ok: string,
            "2nd": string,
            'a"b': string,
            "": string,
          },
        },
        [
          '{\n  "thread/start"?: string;\n  $ok?: string;\n  "2nd"?: string;',
          '  "a\\"b"?: string;\n  ""?: string;\n}',
        ].join("\n"),
      ],
      ["a common part and alternatives as an intersection", {
        type: "object",
        properties: { id: string },
        required: ["id"],
        oneOf: [
          { type: "object", properties: { a: string } },
          { type: "object", properties: { b: string } },
        ],
      }, "{ id: string } & ({ a?: string } | { b?: string })"],
      ["a common part of several members on lines of its own", {
        type: "object",
        properties: { a: string, b: string },
        anyOf: [{ $ref: "#/definitions/C" }, { $ref: "#/definitions/D" }],
      }, "& {\n    a?: string;\n    b?: string;\n  }\n  & (C | D)"],
      ["alternatives of several members on lines of their own", {
        type: "array",
        items: {
          oneOf: [
            { type: "object", properties: { a: string, b: string } },
            { type: "object", properties: { c: string } },
          ],
        },
      }, "(\n  | {\n    a?: string;\n    b?: string;\n  }\n  | { c?: string }\n)[]"],
    ] as const
  ) {
    it(`takes ${title}`, () => {
      assert.equal(typeOf(schema), wanted);
    });
  }

  for (
    const [title, schema, wanted] of [
      ["a keyword that is not known", { type: "string", not: {} }, '"#": the keyword "not"'],
      ["a later draft's tuple", { type: "array", prefixItems: [string] }, '"prefixItems"'],
      ["patterns of names", { type: "object", patternProperties: {} }, '"patternProperties"'],
      ["a type that is not known", { type: "date" }, 'the type "date" is not known'],
      [
        "a reference with a neighbour",
        { $ref: "#/definitions/A", type: "string" },
        '"type" beside',
      ],
      ["a tuple of no fixed length", { type: "array", items: [string] }, "a fixed length"],
      ["a value of another type", { type: "string", enum: [1] }, "the value 1 is not of the type"],
      ["a value that is an object", { enum: [{}] }, "the value {} has no type of its own"],
      ["properties of what is no object", { type: "string", properties: {} }, 'the type "object"'],
      ["items of what is no list", { type: "object", items: string }, 'needs the type "array"'],
      ["a list of values that has properties", { enum: ["a"], required: [] }, '"required" beside'],
      ["named members and typed others", {
        type: "object",
        properties: { a: string },
        additionalProperties: string,
      }, "is not supported"],
      ["what is no schema", "string", "must be an object or a boolean"],
      ["what is no list", { anyOf: string }, '"anyOf" must be a list'],
    ] as const
  ) {
    it(`refuses ${title}`, () => {
      assert.throws(() => typeOf(schema), (error: TypeError) => {
        assert.ok(error.message.includes(wanted), error.message);
        return true;
      });
    });
  }

  it("says where it refused", () => {
    const schema = { type: "object", properties: { list: { type: "array", items: { if: {} } } } };
    assert.throws(() => typeOf(schema), /at "#\/properties\/list\/items"/);
  });
});

describe("readDefinitions()", () => {
  it("sorts types by name and leaves out what it is told to", () => {
    const definitions = { B: string, A: string, C: string };
    assert.deepEqual([...readDefinitions({ definitions }, ["C"]).shapes.keys()], ["A", "B"]);
  });

  it("resolves references within and between versions", () => {
    assert.deepEqual(
      typesOf({
        List: { type: "array", items: { $ref: "#/definitions/v2/Item" } },
        v2: { Item: { anyOf: [{ $ref: "#/definitions/Id" }, nothing] } },
        Id: string,
      }),
      { Id: "string", Item: "Id | null", List: "Item[]" },
    );
  });

  it("takes types that contain themselves", () => {
    const tree = { type: "object", properties: { leaves: { $ref: "#/definitions/v2/Trees" } } };
    const trees = { type: "array", items: { $ref: "#/definitions/v2/Tree" } };
    assert.deepEqual(typesOf({ v2: { Tree: tree, Trees: trees } }), {
      Tree: "{ leaves?: Trees }",
      Trees: "Tree[]",
    });
  });

  it("makes one type of two of one name and shape", () => {
    const one = { title: "Id", type: "string" };
    assert.deepEqual(typesOf({ Id: one, v2: { Id: string } }), { Id: "string" });
  });

  it("gives the newest of one name the plain name", () => {
    const ref = (version: string) => ({ $ref: `#/definitions/${version}Id` });
    assert.deepEqual(
      typesOf({
        Id: string,
        Old: ref(""),
        v2: { Id: { type: "integer" }, Middle: ref("v2/") },
        v3: { Id: { type: "boolean" }, New: ref("v3/") },
      }),
      {
        Id: "boolean",
        IdV1: "string",
        IdV2: "number",
        Middle: "IdV2",
        New: "Id",
        Old: "IdV1",
      },
    );
  });

  it("refuses to give two types one name", () => {
    const definitions = { Id: string, IdV1: nothing, v2: { Id: { type: "integer" } } };
    assert.throws(() => typesOf(definitions), /two of them would be "IdV1"/);
  });

  it("makes identifiers of names that are none", () => {
    assert.deepEqual(
      typesOf({
        "thread::Item<Text>": string,
        "2nd": string,
        User: { $ref: "#/definitions/thread::Item<Text>" },
      }),
      { _2nd: "string", ThreadItemText: "string", User: "ThreadItemText" },
    );
  });

  it("refuses a reference to nothing", () => {
    const definitions = { A: { $ref: "#/definitions/B" } };
    assert.throws(() => typesOf(definitions), /Cannot resolve "#\/definitions\/B"/);
  });

  it("refuses a bundle without definitions", () => {
    assert.throws(() => readDefinitions({}), /it has no "definitions"/);
  });
});

describe("declaration()", () => {
  it("breaks a union where it would be longer than a line", () => {
    const values = ["a", "b", "c"].map((letter) => letter.repeat(40));
    const [a, b, c] = values.map((value) => JSON.stringify(value));
    assert.equal(typeOf({ enum: values }), `| ${a}\n  | ${b}\n  | ${c}`);
    assert.equal(
      typeOf({ type: "object", properties: { kind: { enum: values }, more: string } }),
      `{\n  kind?:\n    | ${a}\n    | ${b}\n    | ${c};\n  more?: string;\n}`,
    );
    assert.equal(
      typeOf({ type: "array", items: { enum: values } }),
      `(\n  | ${a}\n  | ${b}\n  | ${c}\n)[]`,
    );
    assert.equal(
      typeOf({ type: "array", items: [{ enum: values }, string], minItems: 2, maxItems: 2 }),
      `[\n  | ${a}\n  | ${b}\n  | ${c},\n  string,\n]`,
    );
  });

  it("has a doc comment that says that the type is internal", () => {
    assert.equal(
      declaration("Id", name("string"), "The id."),
      "/** The id. @internal */\nexport type Id = string;\n",
    );
  });
});
