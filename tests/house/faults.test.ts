import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

type Row = { group: string; outcome: string; file: string; title: string };

/** The rows of all tables in docs/faults.md; a line of a table that is no row is an error. */
function rows(): Row[] {
  const [, ...sections] = read("docs/faults.md").split(/^## /m);
  return sections.flatMap((section) => {
    const group = section.split("\n", 1)[0]!;
    const [, , ...lines] = section.split("\n").filter((line) => line.startsWith("|"));
    return lines.map((line) => {
      const row = /^\|[^|]+\|([^|]+)\|[^|]+\| `([\w/.-]+)` +"(.+)" *\|$/.exec(line);
      assert.ok(row, line);
      return { group, outcome: row[1]!, file: row[2]!, title: row[3]! };
    });
  });
}

/** The names of the tests in a file, with "…" for what a template inserts. */
function titlesIn(file: string): Set<string> {
  if (!existsSync(new URL(file, root))) return new Set();
  const call = /\b(?:it|test|fault|limited|broken|redacts)\(\s*(["'`])((?:\\.|(?!\1)[^])*)\1/g;
  const titles = [...read(file).matchAll(call)].map(([, , title]) => title!);
  return new Set(titles.map((title) => title.replaceAll(/\$\{[^}]*\}/g, "…")));
}

describe("docs/faults.md", () => {
  const all = rows();

  it("has 50 faults at least, in each of its groups some", () => {
    assert.ok(all.length >= 50, `it has ${all.length}`);
    assert.deepEqual(
      [...new Set(all.map(({ group }) => group))],
      [
        "Spawn",
        "Stdin",
        "Stdout",
        "Stderr",
        "Exit",
        "Time",
        "Caller",
        "Host",
        "Disk",
        "App-server",
      ],
    );
  });

  it("names tests that exist, each once", () => {
    const files = new Map(all.map(({ file }) => [file, titlesIn(file)]));
    const missing = all.filter(({ file, title }) => !files.get(file)!.has(title));
    assert.deepEqual(missing.map(({ file, title }) => `${file} "${title}"`), []);
    const names = all.map(({ file, title }) => `${file} ${title}`);
    assert.equal(new Set(names).size, names.length);
  });

  it("gives each class of error its own code", () => {
    const errors = read("src/errors.ts").matchAll(/^export class (\w+)[^]*?\bcode: "(\w+)"/gm);
    const codes = new Map([...errors].map(([, name, code]) => [name!, code!]));
    for (const { outcome } of all) {
      for (const [, name, code] of outcome.matchAll(/`(\w+Error)`(?: `"(\w+)"`)?/g)) {
        assert.equal(code, codes.get(name!), outcome);
      }
    }
  });
});
