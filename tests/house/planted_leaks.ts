// Tests that leave something behind, for leaks.test.ts: each but the last fails.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { commandLine, until } from "../support/processes.ts";

/** What is collected is closed, and then is no leak. */
const kept: unknown[] = [];

/** Does not keep this program waiting. */
function unref(timer: unknown): void {
  if (typeof timer === "object") (timer as NodeJS.Timeout).unref();
}

describe("planted", () => {
  it("child", () => {
    const child = spawn("/bin/sleep", ["1000"], { stdio: "ignore" });
    child.unref();
    kept.push(child);
  });
  it("orphan", async () => {
    const script = "/bin/sleep 1001 > /dev/null 2>&1 & echo $!";
    const shell = spawn("/bin/sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
    const [[pid]] = await Promise.all([once(shell.stdout, "data"), once(shell, "close")]);
    // A process that is about to become another program has no environment for a moment.
    await until(() => commandLine(Number(pid))[0] === "/bin/sleep");
    kept.push(shell);
  });
  it("file", () => {
    openSync(import.meta.filename!, "r");
  });
  const before = openSync(new URL("leaks.test.ts", import.meta.url), "r");
  it("file in place of another", () => {
    closeSync(before);
    openSync(new URL("readme.test.ts", import.meta.url), "r");
  });
  it("socket", async () => {
    const server = createServer().listen(0).unref();
    kept.push(server);
    await once(server, "listening");
  });
  it("temporary folder", () => {
    mkdtempSync(join(tmpdir(), "planted-"));
  });
  it("signal listener", () => {
    process.on("SIGTERM", () => {});
  });
  it("exit listener", () => {
    if ("Deno" in globalThis) addEventListener("unload", () => {});
    else process.on("exit", () => {});
  });
  it("timer", () => unref(setTimeout(() => {}, 1_000_000)));
  it("interval", () => unref(setInterval(() => {}, 1_000_000)));

  it("nothing", async () => {
    await once(spawn("/bin/true", { stdio: "ignore" }), "exit");
    await new Promise((resolve) => setTimeout(resolve, 0));
    clearTimeout(setTimeout(() => {}, 1_000_000));
    clearInterval(setInterval(() => {}, 1_000_000));
    const listener = () => {};
    process.on("SIGTERM", listener).off("SIGTERM", listener);
  });
});
