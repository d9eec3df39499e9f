import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CodexNotFoundError, ExitError } from "../../src/errors.ts";
import { deferred } from "../../src/deferred.ts";
import type { FoundCodex } from "../../src/exec/locate.ts";
import { askVersion } from "../../src/exec/version.ts";
import type { CodexOptions } from "../../src/options.ts";
import { timing } from "../support/exec_stage.ts";
import { codexPath, type FakeProcess, FakeRuntime } from "../support/fake_runtime.ts";
import { plantedKey } from "../support/planted_key.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";

const found: FoundCodex = { path: codexPath, pathDirs: ["/v/codex-path"], source: "option" };

async function setUp(codexOptions: CodexOptions = {}, runtime: FakeRuntime = new FakeRuntime()) {
  const clock = new VirtualClock();
  const answer: { version?: string; error?: unknown } = {};
  const asked = askVersion(found, runtime, codexOptions, clock, timing).then(
    ({ version }) => answer.version = version,
    (error) => answer.error = error,
  );
  await settled();
  return { clock, runtime, answer, asked, process: runtime.process };
}

function say(process: FakeProcess, out: string, err = "", code = 0): void {
  process.out.write(out);
  process.err.write(err);
  process.exitAlone({ code });
}

describe("askVersion()", () => {
  for (const version of ["0.169.0", "10.20.30", "1.2.3-beta.1+linux"]) {
    it(`tells ${version}`, async () => {
      const { process, asked, answer, clock } = await setUp();
      say(process, `codex-cli ${version}\n`);
      await asked;
      assert.deepEqual(answer, { version });
      assert.equal(clock.pending, 0);
    });
  }

  it("gives codex the environment that turns have", async () => {
    const runtime = new FakeRuntime();
    runtime.variables.PATH = "/bin";
    const { process, asked } = await setUp({}, runtime);
    assert.equal(process.command.env.PATH, "/v/codex-path:/bin");
    assert.equal(process.command.inheritEnv, true);
    say(process, "1.2.3");
    await asked;
  });

  it("is ended with a host that is told to end, or exits", async () => {
    const { runtime, process, asked } = await setUp();
    runtime.hostSignal("SIGTERM");
    runtime.hostSignal("SIGTERM");
    assert.deepEqual(process.signals, ["-SIGTERM", "-SIGKILL"]);
    process.exitAlone({ code: null, signal: "SIGKILL" });
    await asked;
    for (const signal of ["SIGTERM", "exit"] as const) {
      const { runtime, process, asked, clock } = await setUp();
      if (signal === "exit") runtime.hostExit();
      else runtime.hostSignal(signal);
      assert.deepEqual(process.signals, [signal === "exit" ? "SIGTERM" : "-SIGTERM"]);
      process.exitAlone({ code: null, signal: "SIGTERM" });
      await asked;
      assert.equal(runtime.hostListeners, 0);
      assert.equal(clock.pending, 0);
    }
  });

  it("hears a signal that comes as it ends", async () => {
    const { runtime, process, asked } = await setUp();
    runtime.beforeSignalsAreTold = () => runtime.hostSignal("SIGTERM");
    say(process, "1.2.3");
    await asked;
    assert.deepEqual(runtime.raised, ["SIGTERM"]);
    assert.equal(runtime.hostListeners, 0);
  });

  it("tells nothing before its listeners are gone", async () => {
    const { runtime, process, asked, answer } = await setUp();
    const told = deferred<void>();
    runtime.beforeSignalsAreTold = () => told.promise;
    say(process, "1.2.3");
    await settled();
    assert.deepEqual(answer, {});
    told.resolve();
    await asked;
    assert.equal(runtime.hostListeners, 0);
  });

  it("says that codex is not there", async () => {
    const runtime = new FakeRuntime();
    delete runtime.files[codexPath];
    const { answer, clock } = await setUp({}, runtime);
    assert.ok(CodexNotFoundError.is(answer.error));
    assert.equal(clock.pending, 0);
  });

  it("ends what does not answer within 10 seconds", async () => {
    const { process, asked, answer, clock } = await setUp();
    process.onSignal = () => process.exitAlone({ code: null, signal: "SIGTERM" });
    await clock.advance(9999);
    assert.deepEqual(process.signals, []);
    await clock.advance(1);
    assert.equal(process.signals[0], "-SIGTERM");
    await asked;
    assert.ok(ExitError.is(answer.error));
    assert.deepEqual([answer.error.exitCode, answer.error.signal], [null, "SIGTERM"]);
    assert.equal(clock.pending, 0);
  });

  it("waits for what codex said, but not for others that hold its output open", async () => {
    const { process, asked, answer, clock } = await setUp();
    process.exit();
    await settled();
    process.out.write("1.2.3");
    await clock.advance(timing.drainMs - 1);
    assert.deepEqual(answer, {});
    await clock.advance(1);
    await asked;
    assert.deepEqual(answer, { version: "1.2.3" });
    assert.equal(process.out.isCancelled, true);
    assert.equal(process.err.isCancelled, true);
  });

  it("quotes the beginning of what it said, without secrets", async () => {
    const { process, asked, answer } = await setUp({ apiKey: plantedKey });
    const stderr = `key ${plantedKey} ${"x".repeat(30_000)}`;
    say(process, "1.2.3", stderr, 1);
    await asked;
    assert.ok(ExitError.is(answer.error));
    const { message, stderr: kept, diagnostics, exitCode } = answer.error;
    assert.equal(
      message,
      `"${codexPath} --version" did not tell a version: ${"x".repeat(500)}`,
    );
    assert.equal(kept, "x".repeat(16 * 1024));
    assert.deepEqual(diagnostics, []);
    assert.equal(exitCode, 1);
  });

  it("shows no key of the environment", async () => {
    const runtime = new FakeRuntime();
    runtime.variables.OPENAI_API_KEY = "key-of-the-host";
    const { process, asked, answer } = await setUp({}, runtime);
    say(process, "", "OPENAI_API_KEY=key-of-the-host\n", 1);
    await asked;
    assert.ok(ExitError.is(answer.error));
    assert.equal(answer.error.stderr, "OPENAI_API_KEY=[redacted]\n");
    assert.match(answer.error.message, /OPENAI_API_KEY=\[redacted\]/);
  });

  it("keeps the end of stderr, which redaction may have made longer", async () => {
    const { process, asked, answer } = await setUp({ apiKey: "secret" });
    say(process, "", "secret ".repeat(3000), 1);
    await asked;
    assert.ok(ExitError.is(answer.error));
    assert.equal(answer.error.stderr.length, 16 * 1024);
    assert.match(answer.error.stderr, /^[^x]*\[redacted\] \[redacted\] $/);
    assert.match(answer.error.message, /: \S*( \[redacted\])+/);
  });
});
