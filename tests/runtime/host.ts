// A host program of its own for contract.ts: `host.ts <adapter> <what to do>`.
import process from "node:process";
import type { Runtime } from "../../src/runtime/types.ts";

const [adapter, task] = process.argv.slice(2);
const module = await import(`../../src/runtime/${adapter}.ts`);
const runtime: Runtime = module[`${adapter}Runtime`];
const tasks: Record<string, () => unknown> = {
  /** Tells what it hears, and dies of the second signal. */
  hear() {
    const stop = runtime.onHostSignal((signal) => {
      console.log(`heard ${signal}`);
      stop();
      runtime.raiseHostSignal(signal);
    });
    process.stdin.resume();
    console.log("ready");
  },

  /** Stops listening as soon as it was told of a signal that it got when a process had ended. */
  async tell() {
    const stop = runtime.onHostSignal((signal) => console.log(`heard ${signal}`));
    const command = { executable: "true", args: [], env: {}, inheritEnv: true };
    const child = await runtime.spawn(command);
    await child.status;
    process.kill(process.pid, "SIGTERM");
    await runtime.whenSignalsAreTold();
    stop();
    console.log("stopped");
    await Promise.all([child.stdout.cancel(), child.stderr.cancel(), child.stdin.close()]);
  },

  /** Leaves a private file behind and exits at once. */
  async leave() {
    const file = await runtime.writePrivateFile("codex-sdk-", "schema.json", "{}");
    console.log(file.path);
    process.exit(0);
  },

  /** Leaves a private file behind and ends by itself. */
  async end() {
    const file = await runtime.writePrivateFile("codex-sdk-", "schema.json", "{}");
    console.log(file.path);
  },

  /** Listens to nothing any more, and so ends. */
  stop() {
    runtime.onHostSignal(() => {})();
    runtime.onHostExit(() => console.log("heard exit"))();
    runtime.onHostExit(() => console.log("exit"));
  },
};
await tasks[task ?? ""]?.();
