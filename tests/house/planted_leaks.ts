// Tests that leave something behind, for leaks.test.ts: each but the last fails.
import { spawn } from "node:child_process";
import { mkdtempSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";

describe("planted", () => {
  it("process", () => {
    spawn("sleep", ["1000"], { stdio: "ignore" }).unref();
  });
  it("orphan", async () => {
    const shell = spawn("sh", ["-c", "sleep 1001 & "], { stdio: "ignore" });
    await new Promise((resolve) => shell.on("exit", resolve));
  });
  it("descriptor", () => void openSync("deno.json", "r"));
  it("socket", () =>
    new Promise<void>((resolve) => void createServer().listen(0, resolve).unref()));
  it("temporary file", () => void mkdtempSync(join(tmpdir(), "codex-sdk-")));
  it("listener", () => void process.on("SIGTERM", () => {}));
  it("exit listener", () => void process.on("exit", () => {}));
  it("timer", () => {
    const timer: unknown = setTimeout(() => {}, 1_000_000);
    if (typeof timer === "object") (timer as NodeJS.Timeout).unref();
  });
  it("interval", () => {
    const timer: unknown = setInterval(() => {}, 1_000_000);
    if (typeof timer === "object") (timer as NodeJS.Timeout).unref();
  });
  it("nothing", async () => {
    clearTimeout(setTimeout(() => {}, 1_000_000));
    await new Promise((resolve) => spawn("true", { stdio: "ignore" }).on("exit", resolve));
    await new Promise((resolve) => setTimeout(resolve, 0));
  });
});
