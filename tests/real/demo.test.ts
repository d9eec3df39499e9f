import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runtimeName } from "../../src/runtime/mod.ts";
import { applyPatch, Gate, hold, message, turn } from "../../src/testing/mod.ts";
import {
  type ExampleStage,
  headerCommand,
  notHere,
  playExample,
  type Program,
} from "../support/example_program.ts";
import { plantedKey } from "../support/planted_key.ts";

/** Bun's own limit of 5 s is short for a machine that is busy. */
const patient = { timeout: 120_000 };
const project = fileURLToPath(new URL("../../", import.meta.url));
const writeHello = applyPatch("*** Begin Patch\n*** Add File: hello.txt\n+Hello\n*** End Patch");

const rehearsal = `
"Make the test pass"
thread <id>
Looking around
[ ] Find out why the test fails
[ ] Fix the program
[ ] Run the test again
$ cat total.sh; sh test.sh
  # Prints the sum of its arguments.
  total=0
  for number in "$@"; do
    total=$((total - number))
  done
  echo "$total"
  expected 6, got -6
  exit 1
It subtracts instead of adding
[x] Find out why the test fails
[ ] Fix the program
[ ] Run the test again
update total.sh
[x] Find out why the test fails
[x] Fix the program
[ ] Run the test again
$ sh test.sh
  ok
  exit 0
[x] Find out why the test fails
[x] Fix the program
[x] Run the test again

total.sh subtracted its arguments. It adds them now, and the test passes.

tokens: 210 in (60 cached), 25 out

git diff
diff --git a/total.sh b/total.sh
index 9f78d70..f646dd9 100644
--- a/total.sh
+++ b/total.sh
@@ -1,6 +1,6 @@
 # Prints the sum of its arguments.
 total=0
 for number in "$@"; do
-  total=$((total - number))
+  total=$((total + number))
 done
 echo "$total"
`;

describe("demo", { skip: notHere }, () => {
  it("shows a turn from the prompt to the diff, and leaves nothing", patient, async () => {
    await playExample([], async (stage) => {
      const program = await demo(stage);
      const { code, stdout, stderr } = await program.ended;
      assertNothingLeft(program);
      assert.equal(stderr, "");
      const [first, ...rest] = stdout.split("\n");
      assert.match(first!, /^codex \d+\.\d+\.\d+ at \//);
      const seen = rest.join("\n").replace(/^thread [0-9a-f-]{36}$/m, "thread <id>");
      assert.equal(`\n${seen}`, rehearsal);
      assert.equal(code, 0);
    });
  });

  it("is a task of the project", { ...patient, skip: runtimeName() !== "deno" }, async () => {
    await playExample([], async ({ startCommand }) => {
      const command = [process.execPath, "task", "--quiet", "demo"];
      const { code, stdout } = await startCommand(command, project).ended;
      assert.match(stdout, /\n\+ {2}total=\$\(\(total \+ number\)\)\n/);
      assert.equal(code, 0);
    });
  });

  it("says where the repository is that it keeps", patient, async () => {
    await playExample([], async (stage) => {
      const { code, stdout } = await (await demo(stage, ["--keep"])).ended;
      assert.equal(code, 0);
      const [, folder] = /^Kept (.+)$/m.exec(stdout) ?? assert.fail(stdout);
      try {
        assert.equal(dirname(folder!) + "/", project);
        assert.match(readFileSync(join(folder!, "repository", "total.sh"), "utf8"), /total \+/);
      } finally {
        await rm(folder!, { recursive: true, force: true });
      }
    });
  });

  it("talks to the user's own model with --live", patient, async () => {
    const script = [writeHello, message("Said hello")];
    await playExample(script, async (stage) => {
      stage.env.CODEX_API_KEY = plantedKey;
      const program = await demo(stage, ["--live", "Say", "hello"]);
      const { code, stdout } = await program.ended;
      assertNothingLeft(program);
      assert.match(stdout, /^"Say hello"$/m);
      assert.match(stdout, /^add hello\.txt$/m);
      assert.match(stdout, /^\+Hello$/m);
      assert.equal(code, 0);
      assert.equal(stage.model.requests.length, 2);
    });
  });

  it("works in the folder that --cd names", patient, async () => {
    const script = [writeHello, message("Said hello")];
    await playExample(script, async (stage) => {
      stage.env.CODEX_API_KEY = plantedKey;
      const { code } = await (await demo(stage, ["--live", "--cd", stage.directory, "Say hello"]))
        .ended;
      assert.equal(code, 0);
      assert.equal(readFileSync(join(stage.directory, "hello.txt"), "utf8"), "Hello\n");
    });
  });

  it("says what --live needs when there is neither key nor login", patient, async () => {
    await playExample([], async (stage) => {
      const program = await demo(stage, ["--live", "Say hello"]);
      const { code, stdout, stderr } = await program.ended;
      assertNothingLeft(program);
      assert.match(stderr, /^Not logged in: run "codex login", or set CODEX_API_KEY\./);
      assert.deepEqual([code, stdout], [1, ""]);
    });
  });

  it("says that a prompt needs --live", patient, async () => {
    await playExample([], async (stage) => {
      const program = await demo(stage, ["Say hello"]);
      const { code, stderr } = await program.ended;
      assertNothingLeft(program);
      assert.match(stderr, /add "--live"/);
      assert.equal(code, 2);
    });
  });

  it("cleans up at Ctrl-C", patient, async () => {
    const gate = new Gate();
    await playExample([turn(hold(gate), message("Never"))], async (stage) => {
      stage.env.CODEX_API_KEY = plantedKey;
      const program = await demo(stage, ["--live", "Wait"]);
      await program.whileItRuns(gate.reached);
      program.signal("SIGINT");
      const { code, stderr } = await program.ended;
      assertNothingLeft(program);
      assert.deepEqual([code, stderr], [130, "Stopped\n"]);
    });
  });
});

/** Starts the demo as its header says, in the folder of the project. */
async function demo(stage: ExampleStage, args: string[] = []): Promise<Program> {
  return stage.startCommand([...await headerCommand("demo.ts"), ...args], project);
}

/** Others may run a demo of their own at the same time. */
function assertNothingLeft({ pid }: Program): void {
  const left = readdirSync(project).filter((name) => name.startsWith(`.demo-${pid}-`));
  assert.deepEqual(left, []);
}
