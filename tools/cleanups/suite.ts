type Runtime = "bun" | "deno" | "node";

/** What became of the tests. */
export type Verdict =
  | { type: "passed" }
  /** A test failed; the first is named. */
  | { type: "failed"; runtime: Runtime; test: string }
  /** The runner itself did not end, or broke. */
  | { type: "broken"; runtime: Runtime };

/** What a whole step may take: a source that loops for ever blocks the runner's own time limit. */
const stepMs = 120_000;

/** A copy of the project, of which single files can be changed and the tests run. */
export class Suite {
  readonly #root: string;
  readonly #node: string;
  readonly #temporary: string;
  readonly #files: readonly string[];

  private constructor(root: string, node: string, temporary: string, files: readonly string[]) {
    this.#root = root;
    this.#node = node;
    this.#temporary = temporary;
    this.#files = files;
  }

  /** Copies what git knows of the project in the current folder to `root`. */
  static async create(root: string): Promise<Suite> {
    await Deno.remove(root, { recursive: true }).catch(() => {});
    await Deno.mkdir(root, { recursive: true });
    const files = (await output(["git", "ls-files"])).split("\n");
    await output(["cp", "--parents", ...files, root]);
    await Deno.symlink(`${Deno.cwd()}/node_modules`, `${root}/node_modules`);
    const node = await output(["npx", "-y", "node@24", "--print", "process.execPath"]);
    const temporary = await Deno.makeTempDir({ prefix: "codex-sdk-cleanups-" });
    // The tests of this tool, and of what a checkout looks like, tell nothing of a source.
    const tests = files.filter((file) =>
      /^tests\/(?!real\/|house\/|tools\/).*\.test\.ts$/.test(file)
    );
    return new Suite(root, node, temporary, tests);
  }

  /**
   * Runs tests until one fails, the nearest ones first, while `file` holds `source`: an adapter's on
   * its runtime, all others on Bun.
   */
  async judge(file: string, source: string): Promise<Verdict> {
    const path = `${this.#root}/${file}`;
    const original = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, source);
    try {
      for (const { runtime, files } of this.#steps(file)) {
        const verdict = await this.#run(runtime, files);
        if (verdict.type !== "passed") return verdict;
      }
      return { type: "passed" };
    } finally {
      await Deno.writeTextFile(path, original);
    }
  }

  /** Removes what no test of a changed source has removed. */
  async close(): Promise<void> {
    await Deno.remove(this.#temporary, { recursive: true });
  }

  /** The tests that are named like the file, then those beside them, then the others. */
  #steps(file: string): { runtime: Runtime; files: string[] }[] {
    const own = /^src\/runtime\/(bun|deno|node)(?:_streams)?\.ts$/.exec(file)?.[1];
    // It starts fastest.
    const runtime = (own ?? "bun") as Runtime;
    const name = file.replace(/^src\//, "tests/").replace(/\.ts$/, "");
    const folder = name.slice(0, name.lastIndexOf("/") + 1);
    const distance = (test: string) => {
      if (test.startsWith(name)) return 0;
      if (test.startsWith(folder) && !test.slice(folder.length).includes("/")) return 1;
      return test.startsWith("tests/hostile/") ? 3 : 2;
    };
    return [0, 1, 2, 3]
      .map((wanted) => this.#files.filter((test) => distance(test) === wanted))
      .filter((files) => files.length > 0)
      .map((files) => ({ runtime, files }));
  }

  async #run(runtime: Runtime, files: readonly string[]): Promise<Verdict> {
    const watch = "./tests/support/leaks/watch.ts";
    const command = {
      bun: [
        ...["./node_modules/.bin/bun", "test", `--preload=${watch}`, "--bail", "--timeout=30000"],
        ...files.map((file) => `./${file}`),
      ],
      deno: [
        ...[Deno.execPath(), "test", "--allow-all", "--no-check", `--preload=${watch}`],
        ...["--fail-fast", "tools/import_tests.ts", "--", ...files],
      ],
      node: [
        ...[this.#node, "--test", "--test-isolation=none", "--test-timeout=30000"],
        ...[`--import=${watch}`, ...files],
      ],
    }[runtime];
    const PATH = `${this.#node.replace(/\/node$/, "")}:${Deno.env.get("PATH")}`;
    const env = { PATH, NO_COLOR: "1", TMPDIR: this.#temporary };
    const { code, text } = await run(command, this.#root, env);
    await this.#killLeft();
    if (code === 0) return { type: "passed" };
    const test = nameOfFailed(text) ?? nameOfUnfinished(text);
    return test === undefined ? { type: "broken", runtime } : { type: "failed", runtime, test };
  }

  /** Kills what tests have left: it was started with their temporary folder. */
  async #killLeft(): Promise<void> {
    for await (const { name } of Deno.readDir("/proc")) {
      const pid = Number(name);
      if (!(pid > 0) || pid === Deno.pid) continue;
      const variables = await Deno.readTextFile(`/proc/${pid}/environ`).catch(() => "");
      if (!variables.includes(`TMPDIR=${this.#temporary}`)) continue;
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    }
  }
}

/** The name of the first test that a runner says has failed; `undefined` when it names none. */
export function nameOfFailed(text: string): string | undefined {
  const names =
    /^ *(?:\(fail\) (.+?)(?: \[[\d.]+m?s\])?|(.+) \.\.\. FAILED \(.*\)|✖ (.+?) \([\d.]+ms\).*)$/m;
  return names.exec(text)?.slice(1).find((name) => name !== undefined);
}

/** The name of the test that a runner was at when it was ended; only Deno tells that. */
export function nameOfUnfinished(text: string): string | undefined {
  return /^ *(.+) \.\.\.$/m.exec(text.trimEnd().split("\n").at(-1) ?? "")?.[1];
}

async function run(
  [executable, ...args]: string[],
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number; text: string }> {
  const signal = AbortSignal.timeout(stepMs);
  const command = new Deno.Command(executable!, { args, cwd, env, stdin: "null", signal });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stderr) + decoder.decode(stdout) };
}

async function output([executable, ...args]: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(executable!, { args }).output();
  if (!success) throw new Error(`"${executable}" failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}
