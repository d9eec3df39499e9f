// What permissions.test.ts runs with nothing granted but to run `sh`; prints what it saw.
import { loadRuntime } from "../../src/runtime/mod.ts";

const runtime = await loadRuntime();
const stop = runtime.onHostSignal(() => {});
const child = await runtime.spawn({
  executable: "sh",
  args: ["-c", 'read line; echo "$line $ADDED ${HOME:+home}"; kill -9 $$'],
  env: { ADDED: "added" },
  inheritEnv: true,
  cwd: "/",
});
const writer = child.stdin.getWriter();
await writer.write(new TextEncoder().encode("line\n"));
await writer.close();
const stdout = await new Response(child.stdout).text();
await child.stderr.cancel();
const status = await child.status;

const bare = await runtime.spawn({
  executable: "sh",
  args: ["-c", "echo ${HOME:-no home}; exec sleep 1000"],
  env: { ADDED: "added" },
  inheritEnv: false,
});
const reader = bare.stdout.getReader();
const home = new TextDecoder().decode((await reader.read()).value);
bare.signalGroup("SIGTERM");
await Promise.all([reader.cancel(), bare.stderr.cancel(), bare.stdin.close()]);
const ended = await bare.status;
stop();

const refused = (error: unknown) => (error as Error).name;
console.log(JSON.stringify({
  name: runtime.name,
  stdout,
  status,
  leadsGroup: child.leadsGroup,
  home,
  ended,
  env: runtime.env("HOME") ?? null,
  cwd: runtime.cwd() ?? null,
  execPath: runtime.execPath() ?? null,
  mayRun: ["sh", "cat"].map((executable) => runtime.mayRun(executable)),
  isFile: await runtime.isFile("/bin/sh"),
  isExecutable: await runtime.isExecutable("/bin/sh"),
  realPath: await runtime.realPath("/bin/sh") ?? null,
  hostSignalIsHandled: runtime.hostSignalIsHandled("SIGINT") ?? null,
  spawn: await runtime.spawn({ executable: "cat", args: [], env: {}, inheritEnv: true })
    .then(() => "spawned", refused),
  writePrivateFile: await runtime.writePrivateFile("codex-sdk-", "schema.json", "{}")
    .then(() => "written", refused),
}));
runtime.raiseHostSignal("SIGTERM");
