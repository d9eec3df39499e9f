import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bar, Progress } from "../../examples/support/progress.ts";
import { styleFor } from "../../examples/support/render.ts";

const plain = styleFor({ isTerminal: false });

/** What is to be seen after all that was written; knows the few sequences that bars take. */
class FakeScreen {
  readonly isTTY: boolean;
  readonly rows: number;
  readonly lines: string[] = [""];
  written = "";

  constructor({ isTTY = true, rows = 24 } = {}) {
    this.isTTY = isTTY;
    this.rows = rows;
  }

  write(text: string): void {
    this.written += text;
    // deno-lint-ignore no-control-regex
    for (const [part] of text.matchAll(/\x1b\[\??\d*[A-Za-z]|\r|\n|[^\x1b\r\n]+/g)) {
      // deno-lint-ignore no-control-regex
      const [, count] = /^\x1b\[(\d+)A$/.exec(part) ?? [];
      // The cursor is on the last line, which is empty.
      if (count !== undefined) this.lines.splice(-1 - Number(count), Infinity, "");
      else if (part === "\n") this.lines.push("");
      else if (!part.startsWith("\x1b") && part !== "\r") this.lines.push(this.lines.pop() + part);
    }
  }
}

describe("Progress", () => {
  const [none, half, full] = [bar(0, 2), bar(1, 2), bar(2, 2)];

  it("keeps bars below the lines on a terminal, and takes them away at the end", () => {
    const screen = new FakeScreen();
    const progress = new Progress(["a", "long"], plain, screen);
    progress.start("a");
    progress.start("long");
    progress.update("a", { activity: "$ ls" });
    progress.update("a", { done: 1, total: 2 });
    assert.deepEqual(screen.lines, [
      `a    ${half} $ ls`,
      `long ${none} `,
      `     ${none} 0 of 2`,
      "",
    ]);
    progress.end("a", ["ok a"]);
    progress.tell("Waiting");
    assert.deepEqual(screen.lines, ["ok a", "Waiting", `long ${none} `, `     ${half} 1 of 2`, ""]);
    progress.close();
    assert.deepEqual(screen.lines, ["ok a", "Waiting", ""]);
  });

  it("lets the terminal wrap lines, not bars", () => {
    const screen = new FakeScreen();
    const progress = new Progress(["a"], plain, screen);
    progress.start("a");
    // deno-lint-ignore no-control-regex
    assert.match(screen.written, /^\x1b\[\?7l[^\x1b]+\x1b\[\?7h$/);
    progress.end("a", ["ok a"]);
    assert.ok(screen.written.endsWith("ok a\n"));
  });

  it("shows no more bars than there is room for", () => {
    const names = Array.from({ length: 30 }, (_, i) => `${i}`);
    for (const rows of [10, 0]) {
      const screen = new FakeScreen({ rows });
      const progress = new Progress(names, plain, screen);
      for (const name of names) progress.start(name);
      // One for the sum, one for the cursor; where the height is not known it is the usual one.
      assert.equal(screen.lines.length, rows || 24);
      assert.match(screen.lines.at(-2)!, /0 of 30$/);
    }
  });

  it("prints a line for each thing that happens where there is no terminal", () => {
    const screen = new FakeScreen({ isTTY: false });
    const progress = new Progress(["a"], plain, screen);
    progress.start("a");
    progress.update("a", { done: 1, total: 2 });
    progress.update("a", { activity: "$ ls" });
    progress.end("a", ["ok a"]);
    progress.close();
    assert.equal(screen.written, "a: started\na: $ ls\nok a\n");
  });

  it("colours what its style colours", () => {
    const screen = new FakeScreen();
    new Progress(["a"], styleFor({ isTerminal: true }), screen).start("a");
    assert.ok(screen.written.includes("\x1b[1m0 of 1\x1b[22m"));
  });

  it("fills a bar as far as is known", () => {
    assert.deepEqual([none, full], ["░".repeat(20), "█".repeat(20)]);
    assert.equal(half, "█".repeat(10) + "░".repeat(10));
    assert.equal(bar(0, 0), none);
    assert.equal(bar(3, 2), full);
  });
});
