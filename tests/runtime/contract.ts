import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import { runtimeName } from "../../src/runtime/mod.ts";
import type { Runtime } from "../../src/runtime/types.ts";
import {
  command,
  exists,
  hasLimits,
  openFiles,
  outcome,
  pends,
  release,
  script,
  settled,
  shell,
  takeDescriptors,
  temporaryFolder,
  text,
  textUntil,
  turn,
  writtenWhenBlocked,
} from "./helpers.ts";

const linux = process.platform === "linux";
// /proc tells what the system sees; other systems have none.
const onLinux = linux ? it : it.skip;

/** What every adapter does alike. */
export function contract(runtime: Runtime): void {
  describe(`${runtime.name} runtime`, () => clauses(runtime));
}

function clauses(runtime: Runtime): void {
  let folder: ReturnType<typeof temporaryFolder>;

  /** Checks that an action leaves no file open; the first run is not counted. */
  async function leavesNothingOpen(action: () => Promise<void>): Promise<void> {
    await action();
    await turn();
    const open = openFiles();
    for (let round = 0; round < 3; round++) await action();
    assert.ok(await settled(() => openFiles() <= open), `${openFiles()} files open, were ${open}`);
  }

  before(() => {
    folder = temporaryFolder();
    writeFileSync(join(folder.path, "plain"), "text\n", { mode: 0o644 });
    mkdirSync(join(folder.path, "bin"));
    writeFileSync(join(folder.path, "bin", "only-here"), '#!/bin/sh\necho "found $A"\n');
    chmodSync(join(folder.path, "bin", "only-here"), 0o755);
    symlinkSync(join(folder.path, "plain"), join(folder.path, "link"));
  });
  after(() => folder.remove());

  describe("spawn()", () => {
    it("gives what the program writes, and its exit code", async () => {
      assert.deepEqual(await outcome(runtime.spawn(shell("echo out; echo err >&2; exit 3"))), {
        stdout: "out\n",
        stderr: "err\n",
        code: 3,
        signal: null,
      });
    });

    it("gives what was written before anyone read, also after the end", async () => {
      const child = await runtime.spawn(shell("echo out; echo err >&2"));
      assert.deepEqual(await child.status, { code: 0, signal: null });
      assert.equal(await text(child.stdout), "out\n");
      assert.equal(await text(child.stderr), "err\n");
      await release(child);
    });

    it("lets the program read what is written to stdin, all 8 MiB of it", async () => {
      const child = await runtime.spawn(command("cat"));
      const sent = new Uint8Array(8 << 20).map((_, index) => index * 31 >> 3);
      const writer = child.stdin.getWriter();
      const writing = writer.write(sent).then(() => writer.close());
      const received = new Uint8Array(await new Response(child.stdout).arrayBuffer());
      await writing;
      assert.equal(Buffer.compare(received, sent), 0);
      assert.deepEqual(await child.status, { code: 0, signal: null });
      await release(child);
    });

    it("passes each small write on by itself", async () => {
      const child = await runtime.spawn(command("cat"));
      const writer = child.stdin.getWriter();
      const reader = child.stdout.getReader();
      for (const line of ["one\n", "two\n"]) {
        await writer.write(new TextEncoder().encode(line));
        assert.equal(await textUntil(reader, "\n"), line);
      }
      await writer.close();
      assert.equal((await reader.read()).done, true);
      await release(child);
    });

    it("gives chunks that are nobody's Buffer", async () => {
      const child = await runtime.spawn(shell("echo out"));
      const reader = child.stdout.getReader();
      const { value } = await reader.read();
      assert.equal(Object.getPrototypeOf(value), Uint8Array.prototype);
      await reader.cancel();
      await release(child);
    });

    it("resolves status at the exit, not at the end of the streams", async () => {
      const child = await runtime.spawn(shell("sleep 1000 & echo $!"));
      assert.deepEqual(await child.status, { code: 0, signal: null });
      const reader = child.stdout.getReader();
      const pid = Number(await textUntil(reader, "\n"));
      const end = reader.read();
      assert.ok(await pends(end));
      process.kill(pid, "SIGKILL");
      assert.equal((await end).done, true);
      await release(child);
    });

    it("starts the program in the given folder", async () => {
      const { stdout } = await outcome(runtime.spawn(shell("pwd -P", { cwd: folder.path })));
      assert.equal(stdout, `${folder.path}\n`);
    });

    it("gives the program exactly the environment when it inherits none", async () => {
      const env = { A: "1", B: "two words = one" };
      const { stdout } = await outcome(
        runtime.spawn(command("/usr/bin/env", [], { env, inheritEnv: false })),
      );
      assert.deepEqual(stdout.trimEnd().split("\n").sort(), ["A=1", "B=two words = one"]);
    });

    it("adds to the environment that the program inherits", async () => {
      process.env.CODEX_SDK_TEST_INHERITED = "host";
      process.env.CODEX_SDK_TEST_REPLACED = "host";
      const { stdout } = await outcome(runtime.spawn(
        shell('echo "$CODEX_SDK_TEST_INHERITED $CODEX_SDK_TEST_REPLACED $A"', {
          env: { A: "1", CODEX_SDK_TEST_REPLACED: "command" },
        }),
      ));
      delete process.env.CODEX_SDK_TEST_INHERITED;
      delete process.env.CODEX_SDK_TEST_REPLACED;
      assert.equal(stdout, "host command 1\n");
    });

    for (const inheritEnv of [true, false]) {
      it(`looks a bare name up in the PATH of the command (inheritEnv ${inheritEnv})`, async () => {
        const PATH = `${join(folder.path, "bin")}:/usr/bin:/bin`;
        const { stdout } = await outcome(
          runtime.spawn(command("only-here", [], { env: { PATH, A: "1" }, inheritEnv })),
        );
        assert.equal(stdout, "found 1\n");
      });
    }

    const missing = join(tmpdir(), "codex-sdk-test-missing");
    const failures: [string, string, string, Parameters<typeof command>][] = [
      // Not in folders of PATH that this user may not look into: those have an error of their own.
      ["a missing bare name", "ENOENT", "", ["codex-sdk-test-missing", [], {
        env: { PATH: "/usr/bin:/bin" },
      }]],
      ["a missing path", "ENOENT", "", [missing]],
      ["a file that is not executable", "EACCES", "plain", [""]],
      ["a folder", "EACCES", "bin", [""]],
      ["a path below a file", "ENOTDIR", "plain/below", [""]],
      ["a missing working directory", "ENOENT", "", ["/bin/sh", [], { cwd: missing }]],
      ["arguments that are too long", "E2BIG", "", ["/bin/sh", ["x".repeat(4 << 20)]]],
    ];
    for (const [what, code, below, [executable, args = [], more]] of failures) {
      it(`rejects with ${code} for ${what}, and says no argument`, async () => {
        const path = below ? join(folder.path, below) : executable;
        const secret = ["--key", "s3cret", ...args];
        await assert.rejects(
          runtime.spawn(command(path, secret, more)),
          (error: NodeJS.ErrnoException) => {
            assert.ok(error instanceof Error);
            assert.equal(error.code, code);
            assert.doesNotMatch(inspect(error, { showHidden: true, depth: 9 }), /s3cret/);
            return true;
          },
        );
      });
    }

    onLinux("leaves nothing open when it fails", async () => {
      await leavesNothingOpen(async () => {
        for (const [, code, below, [executable, args, more]] of failures) {
          const path = below ? join(folder.path, below) : executable;
          await assert.rejects(runtime.spawn(command(path, args, more)), { code });
        }
      });
    });

    onLinux("leaves nothing open after a program that was read to its end", async () => {
      await leavesNothingOpen(async () => {
        assert.equal((await outcome(runtime.spawn(shell("echo out")))).stdout, "out\n");
      });
    });

    onLinux("leaves nothing open when its streams are released unread", async () => {
      await leavesNothingOpen(async () => {
        await release(await runtime.spawn(shell("echo out; echo err >&2")));
      });
    });
  });

  describe("stdout", () => {
    onLinux("is read only as fast as it is asked for", async () => {
      const size = 64 << 20;
      const child = await runtime.spawn(command("head", ["-c", String(size), "/dev/zero"]));
      assert.ok(await writtenWhenBlocked(child.pid, size) < 1 << 20);
      const reader = child.stdout.getReader();
      let read = (await reader.read()).value?.length ?? 0;
      assert.ok(await writtenWhenBlocked(child.pid, size) < read + (1 << 20));
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        read += value.length;
      }
      assert.equal(read, size);
      assert.deepEqual(await child.status, { code: 0, signal: null });
      await release(child);
    });

    onLinux("ends a program that writes on after it was cancelled", async () => {
      await leavesNothingOpen(async () => {
        const child = await runtime.spawn(command("yes"));
        const reader = child.stdout.getReader();
        await reader.read();
        await reader.cancel();
        const { code, signal } = await child.status;
        // GNU's yes hears of the broken pipe when the host ignores SIGPIPE, and dies of it if not.
        assert.ok(signal === "SIGPIPE" || code === 1, `${code} ${signal}`);
        await release(child);
      });
    });

    onLinux("can be cancelled unread, and in the middle of a read", async () => {
      await leavesNothingOpen(async () => {
        const child = await runtime.spawn(command("sleep", ["1000"]));
        await child.stderr.cancel();
        const reader = child.stdout.getReader();
        const reading = reader.read();
        await reader.cancel();
        assert.equal((await reading).done, true);
        child.signal("SIGKILL");
        await release(child);
      });
    });
  });

  describe("stdin", () => {
    onLinux("rejects a write to a program that ends without reading", async () => {
      await leavesNothingOpen(async () => {
        const child = await runtime.spawn(command("true"));
        const writer = child.stdin.getWriter();
        await assert.rejects(writer.write(new Uint8Array(8 << 20)));
        await assert.rejects(writer.write(new Uint8Array(1)));
        await release(child);
      });
    });

    it("rejects a small write to a program that has ended", async () => {
      const child = await runtime.spawn(command("true"));
      await child.status;
      const writer = child.stdin.getWriter();
      await assert.rejects(writer.write(new Uint8Array(1)));
      await release(child);
    });

    // Bun's node:child_process says that such a write went well.
    const tellsOfClosedStdin = runtime.name !== "node" || !("Bun" in globalThis);
    (tellsOfClosedStdin ? it : it.skip)(
      "rejects a small write to a program that has closed its stdin",
      async () => {
        const child = await runtime.spawn(shell("exec <&-; echo closed; exec sleep 1000"));
        const reader = child.stdout.getReader();
        await textUntil(reader, "closed\n");
        const writer = child.stdin.getWriter();
        await assert.rejects(writer.write(new Uint8Array(1)));
        child.signal("SIGKILL");
        await reader.cancel();
        await release(child);
      },
    );

    it("closes without complaint after the program has ended", async () => {
      const child = await runtime.spawn(command("true"));
      await child.status;
      await child.stdin.close();
      await release(child);
    });

    onLinux("holds a write up until the program reads or ends", async () => {
      await leavesNothingOpen(async () => {
        const child = await runtime.spawn(command("sleep", ["1000"]));
        const writer = child.stdin.getWriter();
        const writing = writer.write(new Uint8Array(8 << 20));
        assert.ok(await pends(writing));
        assert.ok(await pends(writer.ready));
        child.signal("SIGKILL");
        await assert.rejects(writing);
        assert.deepEqual(await child.status, { code: null, signal: "SIGKILL" });
        await release(child);
      });
    });
  });

  describe("signal()", () => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGKILL", "SIGHUP"] as const) {
      it(`ends a program with ${signal}, which status names`, async () => {
        const child = await runtime.spawn(command("sleep", ["1000"]));
        child.signal(signal);
        assert.deepEqual(await child.status, { code: null, signal });
        child.signal(signal);
        await release(child);
      });
    }

    it("can be heard by the program", async () => {
      const child = await runtime.spawn(
        shell("sleep 1000 & trap 'echo heard; kill $!; exit 7' TERM; echo ready; wait"),
      );
      const reader = child.stdout.getReader();
      await textUntil(reader, "ready\n");
      child.signal("SIGTERM");
      assert.equal(await textUntil(reader, "\n"), "heard\n");
      assert.deepEqual(await child.status, { code: 7, signal: null });
      await reader.cancel();
      await release(child);
    });
  });

  describe("signalGroup()", () => {
    it("ends what the program started", async () => {
      const child = await runtime.spawn(shell("sleep 1000 & echo started; wait"));
      assert.equal(child.leadsGroup, true);
      const reader = child.stdout.getReader();
      await textUntil(reader, "started\n");
      child.signalGroup("SIGTERM");
      assert.deepEqual(await child.status, { code: null, signal: "SIGTERM" });
      // Nobody holds the pipe any more.
      assert.equal((await reader.read()).done, true);
      await release(child);
    });

    it("ends who is left when the program has ended, and then does nothing", async () => {
      const child = await runtime.spawn(shell("sleep 1000 & echo started"));
      await child.status;
      child.signalGroup("SIGKILL");
      assert.equal(await text(child.stdout), "started\n");
      child.signalGroup("SIGKILL");
      child.signal("SIGKILL");
      await release(child);
    });
  });

  describe("knowledge of its host", () => {
    it("is the environment, the folder and the executable", async () => {
      process.env.CODEX_SDK_TEST = "value";
      assert.equal(runtime.env("CODEX_SDK_TEST"), "value");
      delete process.env.CODEX_SDK_TEST;
      assert.equal(runtime.env("CODEX_SDK_TEST"), undefined);
      assert.equal(runtime.cwd(), process.cwd());
      assert.equal(runtime.execPath(), process.execPath);
      assert.deepEqual(runtime.platform, { os: process.platform, arch: process.arch });
      assert.equal(runtime.mayRun("codex"), true);
      await Promise.resolve();
    });

    it("tells files, executables and links apart", async () => {
      const at = (name: string) => join(folder.path, name);
      const names = ["plain", "link", "bin", "bin/only-here", "missing"];
      assert.deepEqual(
        await Promise.all(names.map((name) => runtime.isFile(at(name)))),
        [true, true, false, true, false],
      );
      assert.deepEqual(
        await Promise.all(names.map((name) => runtime.isExecutable(at(name)))),
        [false, false, false, true, false],
      );
      assert.equal(await runtime.realPath(at("link")), at("plain"));
      assert.equal(await runtime.realPath(at("missing")), undefined);
      assert.equal(await runtime.readTextFile(at("plain")), "text\n");
      await assert.rejects(runtime.readTextFile(at("missing")), { code: "ENOENT" });
    });
  });

  describe("writePrivateFile()", () => {
    it("writes what only the user can read, until it is removed", async () => {
      for (const contents of ['{"é":1}', new TextEncoder().encode('{"é":1}')]) {
        const file = await runtime.writePrivateFile("codex-sdk-", "schema.json", contents);
        const parent = join(file.path, "..");
        assert.match(file.path, /codex-sdk-[^/]+\/schema\.json$/);
        assert.equal(readFileSync(file.path, "utf8"), '{"é":1}');
        assert.equal(statSync(file.path).mode & 0o777, 0o600);
        assert.equal(statSync(parent).mode & 0o777, 0o700);
        await file.remove();
        assert.equal(exists(parent), false);
        await file.remove();
      }
    });

    it("removes what somebody else has put beside the file", async () => {
      const file = await runtime.writePrivateFile("codex-sdk-", "schema.json", "{}");
      const parent = join(file.path, "..");
      mkdirSync(join(parent, "cache"));
      writeFileSync(join(parent, "cache", "schema.json"), "{}");
      await file.remove();
      assert.equal(exists(parent), false);
    });

    it("forgives that the folder is gone already", async () => {
      const file = await runtime.writePrivateFile("codex-sdk-", "schema.json", "{}");
      rmSync(join(file.path, ".."), { recursive: true });
      await file.remove();
    });

    (hasLimits ? it : it.skip)("removes the file when no descriptor is left", async () => {
      const file = await runtime.writePrivateFile("codex-sdk-", "schema.json", "{}");
      const giveBack = takeDescriptors();
      try {
        await file.remove();
      } finally {
        giveBack();
      }
      assert.equal(exists(join(file.path, "..")), false);
    });

    it("leaves no folder behind when it fails", async () => {
      const prefix = mkdtempSync(join(tmpdir(), "codex-sdk-prefix-")).slice(tmpdir().length + 1);
      await assert.rejects(runtime.writePrivateFile(`${prefix}-`, "missing/schema.json", "{}"), {
        code: "ENOENT",
      });
      assert.deepEqual(readdirSync(tmpdir()).filter((name) => name.startsWith(prefix)), [prefix]);
      rmSync(join(tmpdir(), prefix), { recursive: true });
    });

    for (const task of ["leave", "end"]) {
      it(`removes the file when the host ends (${task})`, async () => {
        const { stdout, code } = await outcome(
          runtime.spawn(script("host.ts", [runtime.name, task])),
        );
        assert.equal(code, 0);
        assert.match(stdout, /schema\.json\n$/);
        assert.equal(exists(join(stdout.trim(), "..")), false);
      });
    }
  });

  describe("onHostSignal()", () => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      it(`hears ${signal} once, and raiseHostSignal() then ends the host with it`, async () => {
        const child = await runtime.spawn(script("host.ts", [runtime.name, "hear"]));
        const reader = child.stdout.getReader();
        await textUntil(reader, "ready\n");
        child.signal(signal);
        assert.equal(await textUntil(reader, "\n"), `heard ${signal}\n`);
        assert.deepEqual(await child.status, { code: null, signal });
        await reader.cancel();
        await release(child);
      });
    }

    // Where Deno has Node's words for it, the last signals may come later.
    const tellsAtOnce = runtime.name === "deno" || runtimeName() !== "deno";
    (tellsAtOnce ? it : it.skip)(
      "was told of a signal once whenSignalsAreTold() has resolved",
      async () => {
        const { stdout, code } = await outcome(
          runtime.spawn(script("host.ts", [runtime.name, "tell"])),
        );
        assert.deepEqual({ stdout, code }, { stdout: "heard SIGTERM\nstopped\n", code: 0 });
      },
    );

    it("has whenSignalsAreTold() resolve without the timers of the program", async () => {
      const { setTimeout, clearTimeout, setImmediate } = globalThis;
      const never = (() => {}) as never;
      Object.assign(globalThis, { setTimeout: never, clearTimeout: never, setImmediate: never });
      try {
        await runtime.whenSignalsAreTold();
      } finally {
        Object.assign(globalThis, { setTimeout, clearTimeout, setImmediate });
      }
    });

    it("stops, as onHostExit() does, and neither keeps the host alive", async () => {
      const { stdout, code } = await outcome(
        runtime.spawn(script("host.ts", [runtime.name, "stop"])),
      );
      assert.deepEqual({ stdout, code }, { stdout: "exit\n", code: 0 });
    });

    it("does not count as somebody else who hears the signal", async () => {
      const unknown = runtime.name === "deno";
      const handled = () => runtime.hostSignalIsHandled("SIGHUP");
      const stops = [runtime.onHostSignal(() => {}), runtime.onHostSignal(() => {})];
      assert.equal(handled(), unknown ? undefined : false);
      const listener = () => {};
      process.on("SIGHUP", listener);
      assert.equal(handled(), unknown ? undefined : true);
      process.off("SIGHUP", listener);
      for (const stop of stops) stop();
      assert.equal(handled(), unknown ? undefined : false);
      assert.equal(process.listenerCount("SIGHUP"), 0);
      await Promise.resolve();
    });
  });
}
