import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findCleanUps, leaveOut } from "../../tools/cleanups/find.ts";
import { report } from "../../tools/cleanups/report.ts";
import { nameOfFailed, nameOfUnfinished } from "../../tools/cleanups/suite.ts";

/** The source without each of its clean-up calls in turn. */
function variants(source: string): string[] {
  return findCleanUps(source).map((cleanUp) => leaveOut(source, cleanUp));
}

describe("findCleanUps()", () => {
  const found: [title: string, source: string, without: string][] = [
    ["a statement", "a();\nclearTimeout(timer);\nb();", "a();\nundefined;\nb();"],
    ["what is awaited", "  await this.#files?.remove();", "  undefined;"],
    ["a call that is optional", "this.#cancelTimer?.();", "undefined;"],
    ["what an arrow function does", "x.then(() => a.off(name, f));", "x.then(() => undefined);"],
    ["what is returned", "return this.close();", "return undefined;"],
    ["what follows a condition", "if (gone) stop();", "if (gone) undefined;"],
    ["a chain as a whole", "reader.cancel(e).catch(() => {});", "undefined;"],
    ["a call of what another returns", "map.get(id)?.abort(why);", "undefined;"],
    ["a call of what was cast", "x = 1;\n(a as B).terminate?.();", "x = 1;\nundefined;"],
    ["an argument", "await atMost(5, clock, stdin.abort());", "await atMost(5, clock, undefined);"],
    ["one over several lines", "kill(\n  pid,\n  [1],\n);", "undefined;"],
    [
      "a chain over several lines",
      "x(() =>\n  file\n    .remove()\n);",
      "x(() =>\n  undefined\n);",
    ],
    ["one with a parenthesis in a text", 'end(")");\nx();', "undefined;\nx();"],
  ];
  for (const [title, source, without] of found) {
    it(`finds ${title}`, () => assert.deepEqual(variants(source), [without]));
  }

  const others: [title: string, source: string][] = [
    ["declarations", "class A {\n  async remove(): Promise<void> {\n  }\n  close() {}\n}"],
    ["types", "type A = { stop(): void; cancel: () => void };"],
    ["functions", "function removeFolder(path: string): void {\n}"],
    ["other names", "closed(a); endless(); offer(b); removal(c); signals(d);"],
    ["errors that are made", "reject(abortError(signal));"],
    ["comments", "// close();\n/** `stop()` ends it;\n * clear(); */"],
    ["texts", 'say("a; close();");'],
  ];
  for (const [title, source] of others) {
    it(`passes over ${title}`, () => assert.deepEqual(findCleanUps(source), []));
  }

  it("tells the line and the text", () => {
    const [found] = findCleanUps("\nif (a) {\n  await file.remove(\n    path,\n  );\n}");
    assert.deepEqual([found!.line, found!.text], [3, "await file.remove( path, )"]);
  });
});

describe("nameOfFailed()", () => {
  const outputs: [runtime: string, output: string][] = [
    ["Bun", "(pass) A > b [1.00ms]\n(fail) A > ends [21.50ms]\n(fail) A > other"],
    [
      "Deno",
      "A ...\n  b ... ok (1ms)\n  A > ends ... FAILED (3s)\nA ... FAILED (due to 1 failed step)",
    ],
    ["Node", "▶ A\n  ✔ b (0.5ms)\n  ✖ A > ends (12.4ms)\n✖ A (13ms)"],
  ];
  for (const [runtime, output] of outputs) {
    it(`reads what ${runtime} prints`, () => assert.equal(nameOfFailed(output), "A > ends"));
  }

  it("knows of none when none is named", () => {
    assert.equal(nameOfFailed("error: Uncaught SyntaxError"), undefined);
  });
});

describe("nameOfUnfinished()", () => {
  it("reads what Deno prints before a test has ended", () => {
    const output = "A ...\n  b ... ok (1ms)\n  never ends ...";
    assert.equal(nameOfFailed(output), undefined);
    assert.equal(nameOfUnfinished(output), "never ends");
    assert.equal(nameOfUnfinished("  b ... ok (1ms)\n"), undefined);
    assert.equal(nameOfUnfinished(""), undefined);
  });
});

describe("report()", () => {
  it("names the test for each call, or says that there is none", () => {
    const [a, b] = findCleanUps("a.stop();\nb.stop(1 | 2);");
    const text = report([
      { file: "src/a.ts", cleanUp: a!, verdict: { type: "passed" } },
      {
        file: "src/a.ts",
        cleanUp: b!,
        verdict: { type: "failed", runtime: "bun", test: "B > ends" },
      },
    ]);
    assert.match(text, /^Without 1 of 2 calls a test fails\./m);
    assert.match(text, /^## `src\/a\.ts`$/m);
    assert.match(text, /^\| `a\.stop\(\)` +\| none: a test is missing +\|$/m);
    assert.match(text, /^\| `b\.stop\(1 \\\| 2\)` \| B > ends +\|$/m);
  });
});
