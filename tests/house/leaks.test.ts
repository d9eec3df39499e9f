import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runtimeName } from "../../src/runtime/mod.ts";
import { ownTempFolder } from "../support/files.ts";
import { processesWith, waitUntilGone } from "../support/processes.ts";

const root = new URL("../../", import.meta.url);
const watch = "./tests/support/leaks/watch.ts";

/** How the runner of each runtime is told to watch, and the rest of its arguments. */
const runners = {
  deno: { flag: `--preload=${watch}`, rest: ["test", "--allow-all", "--no-check"] },
  bun: { flag: `--preload=${watch}`, rest: ["test"] },
  node: { flag: `--import=${watch}`, rest: ["--test", "--test-isolation=none"] },
};

/** What planted_leaks.ts leaves behind, by the names of its tests. */
const planted: Record<string, RegExp> = {
  "child": /process \d+, \w \([a-z ]+\): \S+ 1000 /,
  "orphan": /process \d+, \w \([a-z ]+\): \S+ 1001 /,
  "file": /descriptor \d+ \/\S+planted_leaks\.ts/,
  "file in place of another": /descriptor \d+ \/\S+readme\.test\.ts/,
  "socket": /descriptor \d+ socket:/,
  "temporary folder": /temporary file planted-/,
  "signal listener": /listener: [\w.]+, \d+ for SIGTERM/,
  "exit listener": /listener: [\w.]+, \d+ for (exit|unload)/,
  "timer": /timer: setTimeout of 1000000 ms/,
  "interval": /timer: setInterval of 1000000 ms/,
};

/** Runs planted_leaks.ts on this runtime, and then ends what it has left. */
async function runPlanted(): Promise<string> {
  const { flag, rest } = runners[runtimeName()];
  const temporary = ownTempFolder();
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: "1", LEAK_WATCH_PATIENCE: "20" };
  // Node's runner does nothing when it believes that another one has started it.
  delete env.NODE_TEST_CONTEXT;
  delete env.FORCE_COLOR;
  const runner = spawn(process.execPath, [...rest, flag, "./tests/house/planted_leaks.ts"], {
    cwd: fileURLToPath(root),
    env,
  });
  try {
    let printed = "";
    for (const output of [runner.stdout, runner.stderr]) {
      output.setEncoding("utf8").on("data", (text: string) => printed += text);
    }
    const [code] = await once(runner, "close");
    assert.equal(code, 1, printed);
    return printed;
  } finally {
    const left = processesWith(`TMPDIR=${temporary.path}/tests-${runner.pid}`);
    for (const pid of left) process.kill(pid, "SIGKILL");
    await Promise.all(left.map(waitUntilGone));
    temporary.remove();
  }
}

describe("leaks", () => {
  const onLinux = process.platform === "linux" ? it : it.skip;

  onLinux("fail the test that leaves them, whatever they are, and no other", async () => {
    const printed = await runPlanted();
    const failures = /^ *(?:(\w[\w ]*) \.\.\. FAILED \(\d|\(fail\) planted > (.*) \[|✖ (.*) \()/gm;
    const failed = [...printed.matchAll(failures)].map(([, ...names]) => names.join(""));
    assert.deepEqual(
      new Set(failed.filter((name) => name !== "planted")),
      new Set(Object.keys(planted)),
      printed,
    );
    for (const leak of Object.values(planted)) assert.match(printed, leak);
  });

  it("are looked for in the tests of the task", () => {
    const runner = readFileSync(new URL("tools/test.ts", root), "utf8");
    const flags = [...runner.matchAll(/"(--(?:preload|import)=\S+)"/g)].map(([, flag]) => flag);
    assert.deepEqual(flags.sort(), Object.values(runners).map(({ flag }) => flag).sort());
  });
});
