import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { describe } from "node:test";
import { type FakeCodex, fakeCodex, type FakePlan } from "../support/fake_codex.ts";
import { ownTempFolder } from "../support/files.ts";
import { isAlive } from "../support/processes.ts";
import { becomes, completed, lines, started, test } from "./support.ts";

/** A host while it runs. */
type Host = { child: ChildProcessWithoutNullStreams; fake: FakeCodex; printed(): string };

/** How a host ended. */
type Ending = { code: number | null; signal: string | null };

const isDeno = "Deno" in globalThis;
const endless: FakePlan = [{ events: started }, { hang: true }];
/** Ends when it is told to. */
const onCall: FakePlan = [{ events: started }, { waitForFile: "go" }, { events: [completed] }];

/**
 * Runs `host.ts` on this runtime with a codex that plays `plan`; then checks how the host ended and
 * that neither codex nor a temporary file outlived it, unless it ended by SIGKILL.
 */
async function host(
  task: string,
  plan: FakePlan,
  expected: Partial<Ending>,
  body: (host: Host) => unknown = () => {},
  prefix: readonly string[] = [],
): Promise<void> {
  const fake = await fakeCodex(plan);
  const temporary = ownTempFolder();
  try {
    const flags = isDeno ? ["run", "--quiet", "--allow-all"] : [];
    const file = join(import.meta.dirname!, "host.ts");
    const command = [...prefix, process.execPath, ...flags, file, fake.path, task];
    const child = spawn(command[0]!, command.slice(1), { stdio: "pipe" });
    let printed = "";
    child.stdout.on("data", (chunk) => printed += chunk);
    child.stderr.resume();
    const ended = once(child, "close") as Promise<[number | null, string | null]>;
    await body({ child, fake, printed: () => printed });
    const [code, signal] = await ended;
    assert.deepEqual({ code, signal }, { code: null, signal: null, ...expected }, printed);
    const pids = fake.invocations().map(({ pid }) => pid);
    assert.equal(pids.length, 1);
    assert.ok(await becomes(() => !pids.some(isAlive)), "codex must not outlive the host");
    const files = temporary.entries().filter((name) => name.startsWith("codex-"));
    // Nobody is left to remove it.
    assert.equal(files.length, signal === "SIGKILL" ? 1 : 0, files.join());
  } finally {
    temporary.remove();
    await fake.remove();
  }
}

/** Resolves when the host has printed a line. */
async function hears({ child, printed }: Host, line: string): Promise<void> {
  while (!printed().includes(`${line}\n`)) await once(child.stdout, "data");
}

describe("a host that ends in the middle of a turn", () => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    test(`by ${signal} ends by that signal, and codex with it`, () =>
      host("read on", endless, { signal }, async (running) => {
        await hears(running, "ready");
        process.kill(running.child.pid!, signal);
      }));
  }

  test("by SIGTERM takes a codex along that only SIGKILL ends, when it is told twice", () =>
    host(
      "read on",
      [
        { onSignal: { SIGINT: [{ event: { type: "interrupted" } }] } },
        { ignore: ["SIGTERM"] },
        { events: started },
        { hang: true },
      ],
      { signal: "SIGTERM" },
      async (running) => {
        await hears(running, "ready");
        process.kill(running.child.pid!, "SIGTERM");
        await hears(running, "interrupted");
        // Not `child.kill()`, which Deno does only once.
        process.kill(running.child.pid!, "SIGTERM");
      },
    ));

  test("by SIGKILL leaves a codex that ends when it next prints, and the schema's file", () =>
    host(
      "read on",
      [{ events: started }, { waitForFile: "go" }, { events: [completed] }, { hang: true }],
      { signal: "SIGKILL" },
      async (running) => {
        await hears(running, "ready");
        process.kill(running.child.pid!, "SIGKILL");
        await once(running.child, "exit");
        assert.equal(running.fake.invocations().every(({ pid }) => isAlive(pid)), true);
        running.fake.release("go");
      },
    ));

  test("by process.exit(0) exits with 0, and codex is gone", () =>
    host("exit", endless, { code: 0 }));

  test("by process.exit(7) exits with 7, and codex is gone", () =>
    host("exit with 7", endless, { code: 7 }));

  test("by an uncaught error exits with 1, and codex is gone", () =>
    host("throw", endless, { code: 1 }));

  test("by an unhandled rejection exits with 1, and codex is gone", () =>
    host("reject", endless, { code: 1 }));

  // To Bun an unhandled rejection is no uncaught error.
  const asError = "Bun" in globalThis ? [] : ["a rejection as an error"];
  for (const what of ["a rejection", ...asError, "an error"]) {
    test(`does not end when it handles ${what} itself: the turn goes on`, () =>
      host(`handle ${what}`, onCall, { code: 0 }, async (running) => {
        await hears(running, "ready");
        running.fake.release("go");
        await hears(running, "turn.completed");
      }));
  }

  if (!isDeno) {
    // Deno does not tell who else hears a signal, so there the turn is ended all the same.
    for (const times of ["", " once"]) {
      test(`does not end when it handles SIGTERM${times} itself: the turn goes on`, () =>
        host(`handle SIGTERM${times}`, onCall, { code: 0 }, async (running) => {
          await hears(running, "ready");
          process.kill(running.child.pid!, "SIGTERM");
          await hears(running, "heard SIGTERM");
          running.fake.release("go");
          await hears(running, "turn.completed");
        }));
    }

    for (const how of ["", ", as it was"]) {
      test(`by SIGTERM ends when another module would leave that to others${how}`, () =>
        host(`leave SIGTERM to others${how}`, endless, { signal: "SIGTERM" }, async (running) => {
          await hears(running, "ready");
          process.kill(running.child.pid!, "SIGTERM");
          await hears(running, "alone");
        }));
    }
  }

  if ("Bun" in globalThis) {
    // Node and Deno do not ignore it either without a turn.
    test("does not end by a SIGHUP that it was started to ignore", () =>
      host("read on", onCall, { code: 0 }, async (running) => {
        await hears(running, "ready");
        process.kill(running.child.pid!, "SIGHUP");
        running.fake.release("go");
        await hears(running, "turn.completed");
      }, ["/bin/sh", "-c", 'trap "" HUP; exec "$0" "$@"']));
  }

  test("well ends by itself when no timer of its own fires", () =>
    host("hold the time", onCall, { code: 0 }, async (running) => {
      await hears(running, "ready");
      running.fake.release("go");
      await once(running.child, "close");
      assert.match(running.printed(), /^over$/m);
    }));

  test("well ends by itself when the turn has ended", () =>
    host("read on", [{ stdout: lines(...started, completed) }], { code: 0 }));
});
