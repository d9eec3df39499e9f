import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams, SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { existsSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { type FakeCodex, fakeCodex, type FakePlan } from "../support/fake_codex.ts";
import { ownTempFolder } from "../support/files.ts";
import {
  childrenOf,
  isAlive,
  openDescriptors,
  processState,
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
): Promise<void> {
  const fake = await fakeCodex(plan);
  try {
    await body(fake);
  } finally {
    await fake.remove();
  }
}

describe("fake codex", () => {
  it("records arguments, environment, working directory and stdin, with an empty environment", async () => {
    await withFake([{ stdout: "out" }, { stderr: "err" }, { exit: 3 }], async (fake) => {
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

  it("plays its output in order and byte for byte", async () => {
    const plan: FakePlan = [
      { event: { type: "a" } },
      { events: [{ type: "b" }, { type: "c" }] },
      { event: { n: 1 }, repeat: 3 },
      { oneByteAtATime: "é\n" },
      { stdoutBase64: btoa("raw") },
    ];
    await withFake(plan, async (fake) => {
      const run = start(fake);
      run.child.stdin.end();
      assert.equal(
        await run.stdout,
        '{"type":"a"}\n{"type":"b"}\n{"type":"c"}\n{"n":1}\n{"n":1}\n{"n":1}\né\nraw',
      );
      assert.deepEqual(await run.ended, [0, null]);
    });
  });

  it("writes many events and much stderr exactly", async () => {
    await withFake([{ stderrRepeat: { bytes: 1_000_000 } }, {
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
    await withFake({ plans: [[{ stdout: "1" }], [{ stdout: "2" }]] }, async (fake) => {
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
    await withFake(plans, async (fake) => {
      const outputs = ["", "", ""].map(() => {
        const run = start(fake);
        run.child.stdin.end();
        return run.stdout;
      });
      assert.deepEqual((await Promise.all(outputs)).sort(), ["a", "b", "c"]);
    });
  });

  it("answers --version without using a plan", async () => {
    await withFake([{ stdout: "turn" }], async (fake) => {
      assert.equal(await start(fake, ["--version"]).stdout, "codex-cli 0.169.0\n");
      assert.deepEqual(fake.invocations(), []);
    });
  });

  it("hears signals it ignores or handles, and dies of others", async () => {
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
    await withFake([], async (fake) => {
      const other = start(fake);
      process.kill(other.child.pid!, "SIGHUP");
      assert.deepEqual(await other.ended, [null, "SIGHUP"]);
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

  it("kills itself", async () => {
    await withFake([{ kill: "SIGKILL" }], async (fake) => {
      const run = start(fake);
      run.child.stdin.end();
      assert.deepEqual(await run.ended, [null, "SIGKILL"]);
    });
  });

  it("ends like a Rust program when nobody reads its output", async () => {
    await withFake([{ readStdin: false }, { endlessLine: true }], async (fake) => {
      const child = spawn(fake.path, { stdio: ["ignore", "pipe", "ignore"] });
      const ended = once(child, "exit");
      await once(child.stdout, "data");
      child.stdout.destroy();
      assert.deepEqual(await ended, [101, null]);
    });
  });

  it("goes on when the test says so", async () => {
    await withFake([{ touch: "here" }, { waitForFile: "go" }, { stdout: "went" }], async (fake) => {
      const run = start(fake);
      run.child.stdin.end();
      await fake.touched("here");
      assert.equal(isAlive(run.child.pid!), true);
      fake.release("go");
      assert.equal(await run.stdout, "went");
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

  it("closes stdout and lives on", async () => {
    await withFake([{ stdout: "last" }, { closeStdout: true }, { hang: true }], async (fake) => {
      const run = start(fake);
      run.child.stdin.end();
      assert.equal(await run.stdout, "last");
      assert.equal(isAlive(run.child.pid!), true);
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
