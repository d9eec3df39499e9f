import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { runtimeName } from "../../src/runtime/mod.ts";

const program = join(import.meta.dirname!, "terminal_program.ts");
const flags = runtimeName() === "deno" ? ["run", "-A", "--quiet"] : [];
const command = [process.execPath, ...flags, program];
const scriptProgram = "/usr/bin/script";
const noTerminal = process.platform === "linux" && existsSync(scriptProgram)
  ? false
  : `${scriptProgram} of Linux gives programs a terminal`;

/** What a program writes, and how it ends. */
class Watched {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number | null>;
  #output = "";
  #heard: () => void = () => {};

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#heard();
    });
    this.ended = new Promise((resolve) => {
      child.on("close", (code) => {
        resolve(code);
        this.#heard();
      });
    });
  }

  get output(): string {
    return this.#output;
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#output)) {
      assert.ok(this.child.exitCode === null, `ended with ${JSON.stringify(this.#output)}`);
      await new Promise<void>((resolve) => this.#heard = resolve);
    }
  }
}

describe("The terminal of this program", () => {
  it("declines where there is none, without waiting for input", async () => {
    const [executable, ...args] = command;
    const watched = new Watched(spawn(executable!, args));
    // Its input stays open.
    assert.equal(await watched.ended, 0);
    assert.match(watched.output, /<first: decline>\n<asking>\n<second: decline>/);
  });

  it("is asked, and holds the program no longer", { skip: noTerminal }, async () => {
    const line = command.map((word) => `'${word}'`).join(" ");
    const watched = new Watched(spawn(scriptProgram, ["-qec", `exec ${line}`, "/dev/null"]));
    await watched.until(/touch a[^]*ancel the turn: $/);
    watched.child.stdin.write("a\n");
    await watched.until(/<first: acceptForSession>[^]*<asking>[^]*ancel the turn: $/);
    watched.child.stdin.write("y\n");
    await watched.until(/<second: accept>/);
    assert.doesNotMatch(watched.output, /no answer needed/);
    // The terminal is still there, and so is its input.
    assert.equal(await watched.ended, 0);
  });

  it("is not answered by what was typed before the question", { skip: noTerminal }, async () => {
    const line = command.map((word) => `'${word}'`).join(" ");
    const watched = new Watched(spawn(scriptProgram, ["-qec", `exec ${line}`, "/dev/null"]));
    await watched.until(/ancel the turn: $/);
    watched.child.stdin.write("a\ny\ny");
    await watched.until(/<first: acceptForSession>[^]*<asking>[^]*ancel the turn: $/);
    watched.child.stdin.write("n\n");
    await watched.until(/<second: decline>/);
    assert.equal(await watched.ended, 0);
  });

  it("ends the program by Ctrl-C, also before the question", { skip: noTerminal }, async () => {
    const line = command.map((word) => `'${word}'`).join(" ");
    const watched = new Watched(spawn(scriptProgram, ["-qec", `exec ${line}`, "/dev/null"]));
    await watched.until(/ancel the turn: $/);
    watched.child.stdin.write("a\n");
    await watched.until(/<asking>[^]*<raw>/);
    watched.child.stdin.write("\x03");
    assert.equal(await watched.ended, 130);
  });

  it("is left alone when nobody needs the answer", { skip: noTerminal }, async () => {
    const line = command.map((word) => `'${word}'`).join(" ");
    const watched = new Watched(
      spawn(scriptProgram, ["-qec", `echo "<pid: $$>"; exec ${line}`, "/dev/null"]),
    );
    await watched.until(/touch a[^]*ancel the turn: $/);
    watched.child.stdin.write("n\n");
    await watched.until(/<first: decline>[^]*ancel the turn: $/);
    process.kill(Number(/<pid: (\d+)>/.exec(watched.output)![1]), "SIGUSR2");
    await watched.until(/no answer needed[^]*<second: over>/);
    assert.equal(await watched.ended, 0);
  });
});
