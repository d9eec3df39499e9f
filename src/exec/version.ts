import type { Clock } from "../clock.ts";
import { ExitError } from "../errors.ts";
import type { CodexOptions } from "../options.ts";
import { redactor, secretsOf } from "../redact.ts";
import type { Runtime } from "../runtime/types.ts";
import type { CodexVersion } from "../transport.ts";
import { execEnvironment } from "./environment.ts";
import { hostGuard } from "./host_guard.ts";
import type { FoundCodex } from "./locate.ts";
import { spawnFailure } from "./spawn_failure.ts";
import { StderrTail } from "./stderr_tail.ts";
import { SupervisedProcess } from "./supervised_process.ts";
import type { ExecTiming } from "./timing.ts";

/** An answer takes some 50 ms; what is not codex may never give one. */
const longestAnswerMs = 10_000;

/** Runs `codex --version`. */
export async function askVersion(
  { path, pathDirs, source }: FoundCodex,
  runtime: Runtime,
  codexOptions: CodexOptions,
  clock: Clock,
  timing: ExecTiming,
): Promise<CodexVersion> {
  const { env, inheritEnv } = execEnvironment({
    codexOptions,
    hostEnv: (name) => runtime.env(name),
    pathDirs,
    platform: runtime.platform,
  });
  const child = await runtime.spawn({ executable: path, args: ["--version"], env, inheritEnv })
    .catch((error) => {
      throw spawnFailure(error, path);
    });
  const process = new SupervisedProcess(child, runtime, clock, timing);
  const ended = process.ended.then(() => runtime.whenSignalsAreTold());
  hostGuard(runtime).add({
    ended,
    endForHost: () => process.terminate(0),
    endNow: (signal) => process.signalNow(signal === "SIGKILL" ? signal : "SIGTERM"),
  }, { handleSignals: codexOptions.handleHostSignals ?? true });
  const cancelTimer = clock.after(longestAnswerMs, () => process.terminate(0));
  child.stdin.close().catch(() => {});
  const output = [new StderrTail(child.stdout), new StderrTail(child.stderr)] as const;
  const status = await process.ended;
  cancelTimer();
  await Promise.all([ended, ...output.map((each) => each.end(clock, timing.drainMs))]);
  const redact = redactor(secretsOf(codexOptions, (name) => runtime.env(name)));
  const [stdout, stderr] = output.map((each) => redact(each.text())) as [string, string];
  const version = /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0];
  if (status.code !== 0 || version === undefined) {
    throw new ExitError(
      `"${path} --version" did not tell a version: ${(stderr || stdout).slice(0, 500)}`,
      {
        exitCode: status.code,
        signal: status.signal,
        stderr: stderr.slice(-16_384),
        diagnostics: [],
      },
    );
  }
  return { version, path, source };
}
