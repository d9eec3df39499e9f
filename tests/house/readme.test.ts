import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import * as sdk from "../../mod.ts";
import { defaultTiming } from "../../src/exec/timing.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const readme = read("README.md");

/** The first cells of the tables of a section: names in code style. */
function rowsOf(section: string): string[] {
  const [, text] = readme.split(new RegExp(`^## ${section}$`, "m"));
  const [own] = text!.split(/^## /m);
  return [...own!.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
}

/** The members of a type of `src/options.ts`, at its top level. */
function membersOf(type: string): string[] {
  const [, text] = read("src/options.ts").split(new RegExp(`export type ${type} = .*\\{\n`));
  const [body] = text!.split("\n};\n");
  return [...body!.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name!);
}

describe("README.md", () => {
  it("lists every option, and none besides", () => {
    const types = ["CodexOptions", "ThreadOptions", "TurnOptions", "RequestHandlers"];
    const members = types.flatMap(membersOf);
    assert.deepEqual(rowsOf("Options").sort(), members.sort());
  });

  it("lists every error with its code", () => {
    const classes = Object.values(sdk).filter((value) =>
      typeof value === "function" && value.prototype instanceof sdk.CodexError
    );
    assert.deepEqual(rowsOf("Errors").sort(), classes.map(({ name }) => name).sort());
    const codes = [...read("src/errors.ts").matchAll(/code: ("\w+") =/g)].map(([, code]) => code!);
    assert.equal(codes.length, classes.length);
    for (const code of codes) assert.ok(readme.includes(`\`${code}\``), code);
  });

  it("links to files that exist, as do the docs", () => {
    for (const path of ["README.md", "docs/app_server.md", "docs/lifecycle.md"]) {
      for (const [, target] of read(path).matchAll(/\]\(([\w./-]+)\)/g)) {
        assert.ok(existsSync(new URL(target!, new URL(path, root))), `${path}: ${target}`);
      }
    }
  });

  it("leaves the graces to docs/lifecycle.md, which has those that hold", () => {
    for (const [name, ms] of Object.entries(defaultTiming)) {
      const row = new RegExp(`^\\| \`${name}\` *\\| *${ms.toLocaleString("en")} \\|`, "m");
      assert.match(read("docs/lifecycle.md"), row);
    }
  });
});
