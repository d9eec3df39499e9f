/** Programs of their own that use the SDK: tests/real/program.ts. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { ThreadEvent } from "../../mod.ts";
import type { Task } from "../real/program.ts";

/** The file of the program. */
export const programFile: string = join(import.meta.dirname!, "../real/program.ts");

/** A line that the program prints. */
export type Line = {
  pid?: number;
  executable?: string;
  event?: ThreadEvent;
  finalResponse?: string;
  error?: { name: string; message: string };
};

/** How a program ended. */
export type Ended = { lines: Line[]; stderr: string; code: number | null; signal: string | null };

/** A program that runs. */
export class Program {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves at its end. */
  readonly ended: Promise<Ended>;
  readonly #lines: Line[] = [];
  #heard: () => void = () => {};

  /** Starts a command, of which {@linkcode argumentFor} a task is the last argument. */
  constructor(command: string[], env: Record<string, string | undefined>, cwd?: string) {
    const [executable, ...args] = command;
    this.child = spawn(executable!, args, { env, cwd });
    let stderr = "";
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      // A terminal may show more than what the program prints.
      if (line.startsWith("{")) this.#lines.push(JSON.parse(line));
      else stderr += `${line}\n`;
      this.#heard();
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (code, signal) => {
        resolve({ lines: this.#lines, stderr, code, signal });
        this.#heard();
      });
    });
  }

  /** The first line that fits; rejects when the program ends without one. */
  async line(fits: (line: Line) => boolean): Promise<Line> {
    let over = false;
    this.ended.then(() => over = true);
    for (;;) {
      const found = this.#lines.find(fits);
      if (found !== undefined) return found;
      if (over) throw new Error(`The program ended: ${JSON.stringify(await this.ended)}`);
      await new Promise<void>((resolve) => this.#heard = resolve);
    }
  }
}

/** How the program is told what to do. */
export function argumentFor(task: Task): string {
  return JSON.stringify(task);
}

/** The command that runs the program on the runtime of the test. */
export function onThisRuntime(task: Task): string[] {
  const flags = "Deno" in globalThis ? ["run", "--quiet", "--allow-all"] : [];
  return [process.execPath, ...flags, programFile, argumentFor(task)];
}

/** A line for a shell that runs the program on the Deno of the test, with flags of its own. */
export function denoLine(flags: string[], task: Task): string {
  const words = [process.execPath, "run", "--quiet", ...flags, programFile, argumentFor(task)];
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}
