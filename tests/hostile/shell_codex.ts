import { Buffer } from "node:buffer";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Action, FakeCodex, FakePlan, Invocation } from "../support/fake_codex.ts";

/**
 * A fake codex that is a shell script: it starts twenty times faster than the one that plays any
 * plan. `undefined` for a plan that does more than read its prompt, print, and end.
 */
export function shellCodex(plan: FakePlan): FakeCodex | undefined {
  if ("plans" in plan) return undefined;
  const stdout: Uint8Array[] = [];
  let stderr = "";
  let end = "exit 0";
  for (const [index, action] of plan.entries()) {
    const isEnd = "exit" in action || "kill" in action;
    if (isEnd && index < plan.length - 1) return undefined;
    if ("exit" in action) end = `exit ${action.exit}`;
    else if ("kill" in action) end = `kill -${action.kill.slice(3)} $$`;
    else if ("stderr" in action) stderr += action.stderr;
    else {
      const bytes = printed(action);
      if (bytes === undefined) return undefined;
      stdout.push(bytes);
    }
  }

  const folder = mkdtempSync(join(realpathSync(tmpdir()), "shell-codex-"));
  const path = join(folder, "codex");
  const invocations = join(folder, "invocations");
  mkdirSync(invocations);
  writeFileSync(join(folder, "stdout"), Buffer.concat(stdout));
  writeFileSync(join(folder, "stderr"), stderr);
  writeFileSync(
    path,
    `#!/bin/sh
cd "${folder}/invocations"
number=0
until mkdir "$number" 2>/dev/null; do number=$((number + 1)); done
printf '%s\\0' "$@" > "$number/argv"
echo $$ > "$number/pid"
cat > "$number/stdin"
cat ../stdout
cat ../stderr >&2
${end}
`,
  );
  chmodSync(path, 0o755);
  const unsupported = () => {
    throw new Error("A shell codex does neither touch nor wait for files");
  };
  return {
    path,
    folder,
    invocations: () =>
      readdirSync(invocations).sort((a, b) => Number(a) - Number(b))
        .map((number) => join(invocations, number))
        .filter((record) => existsSync(join(record, "pid")))
        .map(readInvocation),
    touched: unsupported,
    release: unsupported,
    // It ends by itself: all that it waits for is the end of its prompt.
    remove: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  };
}

function printed(action: Action): Uint8Array | undefined {
  const line = (event: unknown) => JSON.stringify(event) + "\n";
  if ("stdout" in action) return Buffer.from(action.stdout);
  if ("stdoutBase64" in action) return Buffer.from(action.stdoutBase64, "base64");
  if ("event" in action) return Buffer.from(line(action.event).repeat(action.repeat ?? 1));
  if ("events" in action) return Buffer.from(action.events.map(line).join(""));
  return undefined;
}

function readInvocation(record: string): Invocation {
  const read = (name: string) => readFileSync(join(record, name), "utf8");
  return {
    argv: read("argv").split("\0").slice(0, -1),
    env: {},
    cwd: "",
    pid: Number(read("pid")),
    stdin: existsSync(join(record, "stdin")) ? read("stdin") : "",
    stdinEnded: true,
    signals: [],
    grandchildren: [],
  };
}
