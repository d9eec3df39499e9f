import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams, SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import {
  type Action,
  type FakeCodex,
  fakeCodex,
  type FakeOptions,
  type FakePlan,
} from "../support/fake_codex.ts";
import { ownTempFolder } from "../support/files.ts";
import {
  childrenOf,
  isAlive,
  openDescriptors,
  processState,
  until,
  waitUntilGone,
} from "../support/processes.ts";

type Run = {
  child: ChildProcessWithoutNullStreams;
  stdout: Promise<string>;
  stderr: Promise<string>;
  ended: Promise<[number | null, string | null]>;
};

function start(fake: FakeCodex, args: string[] = [], options: SpawnOptions = {}): Run {
  const child = spawn(fake.path, args, {
    ...options,
    stdio: "pipe",
  }) as ChildProcessWithoutNullStreams;
  return {
    child,
    stdout: textOf(child.stdout),
    stderr: textOf(child.stderr),
    ended: once(child, "exit") as Promise<[number | null, string | null]>,
  };
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text;
}

async function withFake(
  plan: FakePlan,
  body: (fake: FakeCodex) => Promise<void>,
  options?: FakeOptions,
): Promise<void> {
  const fake = await fakeCodex(plan, options);
  try {
    await body(fake);
  } finally {
    await fake.remove();
  }
}

/** What can play a plan, and how to have it play. */
const players: [name: string, options: FakeOptions, interpreter: RegExp][] = [
  ["a shell", {}, process.platform === "linux" ? /^#!\/bin\/sh\n/ : /^#!/],
  ["JavaScript", { player: "javascript" }, /^#!.*\/(node|bun\S*)\n/],
];

for (const [player, options, interpreter] of players) {
  const play: typeof withFake = (plan, body) =>
    withFake(plan, (fake) => {
      assert.match(readFileSync(fake.path, "utf8"), interpreter);
      return body(fake);
    }, options);

  describe(`fake codex, played by ${player}`, () => {
    it("records arguments, environment, working directory and stdin, with an empty environment", async () => {
      await play([{ stdout: "out" }, { stderr: "err" }, { exit: 3 }], async (fake) => {
        const run = start(fake, ["exec", "a b", "é"], { env: { ONLY: "this" }, cwd: "/" });
        run.child.stdin.end("the prompt");
        assert.deepEqual(await run.ended, [3, null]);
        assert.equal(await run.stdout, "out");
        assert.equal(await run.stderr, "err");
        assert.deepEqual(fake.invocations(), [{
          argv: ["exec", "a b", "é"],
          env: { ONLY: "this" },
          cwd: "/",
          pid: run.child.pid,
          stdin: "the prompt",
          stdinEnded: true,
          signals: [],
          grandchildren: [],
        }]);
      });
    });

    it("records odd arguments, variables and prompts as they are", async () => {
      const argv = ["", "--", "a\nb", "'", '"$HOME" `id` \\0 %s', "\u2028é👋", "", ""];
      const env = { EMPTY: "", LINES: "a\nb\n", SIGN: "a=b", PATH: "", "odd-name": "\u0081" };
      await play([], async (fake) => {
        const run = start(fake, argv, { env });
        run.child.stdin.end("\0 --é\r\n\n");
        await run.ended;
        assert.deepEqual(fake.invocations()[0]?.argv, argv);
        assert.deepEqual(fake.invocations()[0]?.env, env);
        assert.equal(fake.invocations()[0]?.stdin, "\0 --é\r\n\n");
      });
    });

    it("plays its output in order and byte for byte", async () => {
      const plan: FakePlan = [
        { event: { type: "a" } },
        { events: [{ type: "b" }, { type: "c" }] },
        { event: { n: 1 }, repeat: 3 },
        { oneByteAtATime: "é\n" },
        { stdoutBase64: btoa("raw") },
      ];
      await play(plan, async (fake) => {
        const run = start(fake);
        run.child.stdin.end();
        assert.equal(
          await run.stdout,
          '{"type":"a"}\n{"type":"b"}\n{"type":"c"}\n{"n":1}\n{"n":1}\n{"n":1}\né\nraw',
        );
        assert.deepEqual(await run.ended, [0, null]);
      });
    });

    it("plays each character, in short texts and in long ones", async () => {
      const characters = Array.from({ length: 0x900 }, (_, code) => String.fromCharCode(code));
      const text = characters.join("") + "\u2028\uFFFF👋 'a' \\n %d $(id) `id`\n\n";
      const rest = text.slice(1);
      await play([
        { stdout: rest },
        { stderr: rest },
        { stdout: text },
        { stdout: text.repeat(50) },
        { stdoutBase64: "AP+A" },
      ], async (fake) => {
        const run = start(fake);
        run.child.stdin.end();
        const output = await run.stdout;
        assert.equal(output === rest + text.repeat(51) + "\0\uFFFD\uFFFD", true);
        assert.equal(await run.stderr === rest, true);
      });
    });

    it("writes many events and much stderr exactly", async () => {
      await play([{ stderrRepeat: { bytes: 1_000_000 } }, {
        event: { type: "x" },
        repeat: 100_000,
      }], async (fake) => {
        const run = start(fake);
        run.child.stdin.end();
        const [stdout, stderr] = await Promise.all([run.stdout, run.stderr]);
        assert.equal(stdout, '{"type":"x"}\n'.repeat(100_000));
        assert.equal(stderr.length, 1_000_000);
      });
    });

    it("has a plan for each start, and repeats the last", async () => {
      await play({ plans: [[{ stdout: "1" }], [{ stdout: "2" }]] }, async (fake) => {
        const seen: string[] = [];
        for (let n = 0; n < 3; n++) {
          const run = start(fake);
          run.child.stdin.end(`prompt ${n}`);
          seen.push(await run.stdout);
        }
        assert.deepEqual(seen, ["1", "2", "2"]);
        const prompts = fake.invocations().map((invocation) => invocation.stdin);
        assert.deepEqual(prompts, ["prompt 0", "prompt 1", "prompt 2"]);
      });
    });

    it("gives concurrent starts numbers of their own", async () => {
      const plans: FakePlan = { plans: ["a", "b", "c"].map((stdout) => [{ stdout }]) };
      await play(plans, async (fake) => {
        const outputs = ["", "", ""].map(() => {
          const run = start(fake);
          run.child.stdin.end();
          return run.stdout;
        });
        assert.deepEqual((await Promise.all(outputs)).sort(), ["a", "b", "c"]);
      });
    });

    it("answers --version without using a plan", async () => {
      await play([{ stdout: "turn" }], async (fake) => {
        assert.equal(await start(fake, ["--version"]).stdout, "codex-cli 0.169.0\n");
        assert.deepEqual(fake.invocations(), []);
      });
    });

    it("plays what it was told to when it is asked for its version", async () => {
      await withFake([{ stdout: "turn" }], async (fake) => {
        const run = start(fake, ["--version"]);
        assert.equal(await run.stdout, "no version\n");
        assert.deepEqual(await run.ended, [2, null]);
      }, { ...options, version: [{ readStdin: false }, { stdout: "no version\n" }, { exit: 2 }] });
    });

    it("kills itself", async () => {
      await play([{ kill: "SIGKILL" }], async (fake) => {
        const run = start(fake);
        run.child.stdin.end();
        assert.deepEqual(await run.ended, [null, "SIGKILL"]);
      });
    });

    it("ends like a Rust program when nobody reads its output", async () => {
      await play([{ readStdin: false }, { endlessLine: true }], async (fake) => {
        const child = spawn(fake.path, { stdio: ["ignore", "pipe", "ignore"] });
        const ended = once(child, "exit");
        await once(child.stdout, "data");
        child.stdout.destroy();
        assert.deepEqual(await ended, [101, null]);
      });
    });

    it("ends like that, too, when it has little to say", async () => {
      for (const last of [{ stdout: "x" }, { oneByteAtATime: "x" }, { stdoutBase64: "AA==" }]) {
        await play([{ readStdin: false }, { waitForFile: "go" }, last], async (fake) => {
          // By a shell, which says when nobody can read any more: runtimes close pipes in their time.
          // So does the shell itself, whose number is $$ in all of its parts.
          const script = `exec 3>&1
            { "$0"; echo "$?" >&3; } | {
              pipe=$(readlink /proc/self/fd/0)
              exec <&-
              while ls -l "/proc/$$/fd" | grep -qF "$pipe"; do :; done
              : > "$1"
            }`;
          const args = ["-c", script, fake.path, join(fake.folder, "closed")];
          const child = spawn("/bin/sh", args, { stdio: ["ignore", "pipe", "pipe"] });
          const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
          await fake.touched("closed");
          fake.release("go");
          assert.equal(await stdout, "101\n");
          assert.equal(await stderr, "");
        });
      }
    });

    it("goes on when another start says so", async () => {
      const first: Action[] = [{ waitForFile: "a" }, { touch: "b" }, { waitForFile: "c" }];
      const second: Action[] = [{ touch: "a" }, { waitForFile: "b" }, { touch: "c" }];
      await play({ plans: [first, second] }, async (fake) => {
        const runs = [start(fake), start(fake)];
        for (const run of runs) run.child.stdin.end();
        for (const run of runs) assert.deepEqual(await run.ended, [0, null]);
      });
    });

    it("dies of a signal", async () => {
      await play([{ touch: "ready" }, { hang: true }], async (fake) => {
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const) {
          const run = start(fake);
          run.child.stdin.end();
          await fake.touched("ready");
          process.kill(run.child.pid!, signal);
          assert.deepEqual(await run.ended, [null, signal]);
          assert.equal(await run.stdout, "");
          rmSync(join(fake.folder, "ready"));
        }
      });
    });

    it("dies of a signal while it reads stdin, and holds no output open", async () => {
      await play([{ stdout: "not yet" }], async (fake) => {
        const run = start(fake);
        run.child.stdin.on("error", () => {});
        run.child.stdin.write("a");
        await until(() => fake.invocations()[0]?.stdin === "a");
        process.kill(run.child.pid!, "SIGTERM");
        assert.deepEqual(await run.ended, [null, "SIGTERM"]);
        assert.equal(await run.stdout + await run.stderr, "");
        assert.equal(fake.invocations()[0]?.stdinEnded, false);
        run.child.stdin.destroy();
      });
    });

    it("closes stdin", async () => {
      const plan: FakePlan = [{ closeStdin: true }, { touch: "closed" }, { waitForFile: "go" }];
      await play(plan, async (fake) => {
        const run = start(fake);
        run.child.stdin.on("error", () => {});
        await fake.touched("closed");
        // While a shell waits, it has another file there.
        const stdin = readlinkSync(`/proc/${run.child.pid}/fd/0`);
        assert.match(stdin, /^\/dev\/null$|\.wake$/);
        fake.release("go");
        assert.deepEqual(await run.ended, [0, null]);
        assert.equal(fake.invocations()[0]?.stdinEnded, false);
      });
    });

    it("reads stdin when it is told to", async () => {
      const late: Action[] = [{ touch: "started" }, { readStdin: true }, { stdout: "read" }];
      await play({ plans: [late, [{ readStdin: false }]] }, async (fake) => {
        const run = start(fake);
        await fake.touched("started");
        run.child.stdin.end("the prompt");
        assert.equal(await run.stdout, "read");
        const other = start(fake);
        await other.ended;
        other.child.stdin.destroy();
        const read = fake.invocations().map(({ stdin, stdinEnded }) => [stdin, stdinEnded]);
        assert.deepEqual(read, [["the prompt", true], ["", false]]);
      });
    });

    it("goes on when the test says so", async () => {
      await play([{ touch: "here" }, { waitForFile: "go" }, { stdout: "went" }], async (fake) => {
        const run = start(fake);
        run.child.stdin.end();
        await fake.touched("here");
        assert.equal(isAlive(run.child.pid!), true);
        fake.release("go");
        assert.equal(await run.stdout, "went");
      });
    });

    it("closes stdout and lives on", async () => {
      await play([{ stdout: "last" }, { closeStdout: true }, { hang: true }], async (fake) => {
        const run = start(fake);
        run.child.stdin.end();
        assert.equal(await run.stdout, "last");
        assert.equal(isAlive(run.child.pid!), true);
      });
    });
  });
}

describe("fake codex, played by what can play it all", () => {
  it("hears signals it ignores or handles", async () => {
    await withFake([
      { ignore: ["SIGTERM"] },
      { onSignal: { SIGHUP: [{ touch: "heard" }], SIGINT: [{ stdout: "bye" }, { exit: 130 }] } },
      { touch: "ready" },
      { hang: true },
    ], async (fake) => {
      const run = start(fake);
      run.child.stdin.end();
      await fake.touched("ready");
      // Deno's ChildProcess.kill() sends one signal only and takes the child for dead then.
      process.kill(run.child.pid!, "SIGTERM");
      process.kill(run.child.pid!, "SIGHUP");
      await fake.touched("heard");
      process.kill(run.child.pid!, "SIGINT");
      assert.deepEqual(await run.ended, [130, null]);
      assert.equal(await run.stdout, "bye");
      assert.deepEqual(fake.invocations()[0]?.signals.sort(), ["SIGHUP", "SIGINT", "SIGTERM"]);
    });
  });

  it("hears a signal while its output is held up", async () => {
    await withFake([
      { onSignal: { SIGINT: [{ exit: 7 }] } },
      { touch: "ready" },
      { endlessLine: true },
    ], async (fake) => {
      const child = spawn(fake.path, { stdio: ["ignore", "pipe", "ignore"] });
      await fake.touched("ready");
      process.kill(child.pid!, "SIGINT");
      assert.deepEqual(await once(child, "exit"), [7, null]);
      child.stdout.destroy();
    });
  });

  it("reads as much of stdin as it is told to", async () => {
    await withFake([{ readStdin: 5 }, { closeStdin: true }, { touch: "closed" }, {
      waitForFile: "go",
    }], async (fake) => {
      const run = start(fake);
      run.child.stdin.on("error", () => {});
      run.child.stdin.write("12345");
      await fake.touched("closed");
      assert.equal(readlinkSync(`/proc/${run.child.pid}/fd/0`), "/dev/null");
      fake.release("go");
      assert.deepEqual(await run.ended, [0, null]);
      assert.equal(fake.invocations()[0]?.stdin, "12345");
      assert.equal(fake.invocations()[0]?.stdinEnded, false);
    });
  });

  it("leaves a grandchild that holds stdout, which remove() ends", async () => {
    const fake = await fakeCodex([
      { spawnGrandchild: { keepStdout: true, setsid: true, ignore: ["SIGTERM", "SIGINT"] } },
      { stdout: "done" },
    ]);
    const run = start(fake);
    run.child.stdin.end();
    await run.ended;
    const [grandchild] = fake.invocations()[0]!.grandchildren as [number];
    process.kill(grandchild, "SIGTERM");
    process.kill(grandchild, "SIGINT");
    assert.equal(isAlive(grandchild), true);
    assert.equal(processState(grandchild)?.group, grandchild);
    await fake.remove();
    assert.equal(await run.stdout, "done");
    await waitUntilGone(grandchild);
    assert.equal(existsSync(fake.folder), false);
  });

  it("keeps a grandchild in its own process group unless told otherwise", async () => {
    await withFake([{ spawnGrandchild: {} }, { touch: "ready" }, { hang: true }], async (fake) => {
      const run = start(fake, [], { detached: true });
      run.child.stdin.end();
      await fake.touched("ready");
      const [grandchild] = fake.invocations()[0]!.grandchildren as [number];
      assert.equal(processState(grandchild)?.group, run.child.pid);
      assert.deepEqual(childrenOf(run.child.pid!), [grandchild]);
      process.kill(-run.child.pid!, "SIGTERM");
      await run.ended;
      await waitUntilGone(grandchild);
    });
  });
});

describe("processes", () => {
  it("isAlive() tells the living from the dead", async () => {
    assert.equal(isAlive(process.pid), true);
    const child = spawn("/bin/sleep", ["2147483647"]);
    const ended = once(child, "exit");
    assert.equal(isAlive(child.pid!), true);
    assert.ok(childrenOf(process.pid).includes(child.pid!));
    child.kill("SIGKILL");
    await ended;
    await waitUntilGone(child.pid!);
    assert.equal(isAlive(child.pid!), false);
  });

  it("openDescriptors() counts", () => {
    assert.ok(openDescriptors() >= 3);
  });
});

describe("ownTempFolder", () => {
  it("is the temporary folder until it is removed", async () => {
    const temp = ownTempFolder();
    const fake = await fakeCodex([]);
    assert.deepEqual(temp.entries(), [basename(fake.folder)]);
    await fake.remove();
    assert.deepEqual(temp.entries(), []);
    temp.remove();
    assert.equal(existsSync(temp.path), false);
  });
});
