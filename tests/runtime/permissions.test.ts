import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { runtimeName } from "../../src/runtime/mod.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import { command, outcome } from "./helpers.ts";

// Only Deno has permissions to withhold, and elsewhere there need not be a Deno.
const onDeno = runtimeName() === "deno" ? it : it.skip;

function deno(permissions: readonly string[], file: string) {
  const flags = ["run", "--quiet", "--no-prompt", ...permissions];
  return outcome(
    nodeRuntime.spawn(
      command(process.execPath, [...flags, join(import.meta.dirname!, file)]),
    ),
  );
}

describe("deno runtime", () => {
  onDeno("needs no permission but to run the program, and asks for none", async () => {
    const { stdout, stderr, signal } = await deno(["--allow-run=sh"], "permissions_script.ts");
    assert.equal(stderr, "");
    assert.deepEqual(JSON.parse(stdout), {
      name: "deno",
      stdout: "line added home\n",
      status: { code: null, signal: "SIGKILL" },
      leadsGroup: false,
      home: "no home\n",
      ended: { code: null, signal: "SIGTERM" },
      env: null,
      cwd: null,
      execPath: null,
      mayRun: [true, false],
      isFile: false,
      isExecutable: false,
      realPath: null,
      hostSignalIsHandled: null,
      spawn: "NotCapable",
      writePrivateFile: "NotCapable",
    });
    assert.equal(signal, "SIGTERM");
  });

  onDeno("needs permission to write for a private file, and none to read", async () => {
    const { stdout, code } = await deno(["--allow-write"], "private_file_script.ts");
    assert.equal(code, 0);
    assert.match(stdout, /schema\.json\n$/);
    assert.equal(existsSync(join(stdout.trim(), "..")), false);
  });
});
