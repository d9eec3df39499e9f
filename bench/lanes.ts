/**
 * What a turn costs on each lane, side by side: time on a warm lane, and memory of many at once. The
 * codex is real, the model is scripted and answers at once.
 *
 *     deno task bench
 */
import { Codex } from "../mod.ts";
import type { TransportFactory } from "../src/transport.ts";
import { appServer } from "../src/app_server/app_server.ts";
import { Gate, hold, message, ScriptedModel, turn } from "../src/testing/mod.ts";
import { codexBinary, freshHome, scratchRepository } from "../tests/support/real_codex.ts";

const rounds = 12;
const crowd = 50;

const repository = await scratchRepository();
try {
  await timeOfATurn();
  await memoryOfACrowd();
} finally {
  await repository.remove();
}

/** The lanes take turns, so that whatever else the machine does concerns both. */
async function timeOfATurn(): Promise<void> {
  const home = await freshHome();
  const model = await ScriptedModel.start(
    Array.from({ length: 2 * (rounds + 1) }, () => message("Done")),
  );
  const settings = { ...model.codexOptions(home), codexPath: codexBinary() };
  const options = { workingDirectory: repository.path };
  const exec = new Codex(settings);
  const server = new Codex({ ...settings, transport: appServer() });
  const threads = [exec.startThread(options), server.startThread(options)];
  const times: number[][] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    for (const [lane, thread] of threads.entries()) {
      const start = performance.now();
      await thread.run("Go on", { timeoutMs: 60_000 });
      // The first turn starts the server, and the thread on either lane.
      if (round > 0) times[lane]!.push(performance.now() - start);
    }
  }
  const [execMs, serverMs] = times.map(median) as [number, number];
  console.log("A further turn of a thread, median of", rounds);
  console.log(`  exec        ${execMs.toFixed(0).padStart(5)} ms`);
  console.log(`  app-server  ${serverMs.toFixed(0).padStart(5)} ms   ${ratio(serverMs, execMs)}`);
  await Promise.all([exec.close(), server.close()]);
  await model.close();
  await home.remove();
}

type Memory = { rss: number; pss: number };

/** Memory of all processes a lane has started, in the middle of many turns. */
async function memoryOfACrowd(): Promise<void> {
  const exec = await crowdOn(undefined);
  const server = await crowdOn(appServer());
  console.log(`${crowd} turns at once, memory of all processes`);
  for (const [kind, key] of [["resident", "rss"], ["shared pages once", "pss"]] as const) {
    console.log(`  ${kind}`);
    console.log(`    exec        ${exec[key].toFixed(0).padStart(5)} MB`);
    console.log(
      `    app-server  ${server[key].toFixed(0).padStart(5)} MB   ${ratio(server[key], exec[key])}`,
    );
  }
}

async function crowdOn(transport: TransportFactory | undefined): Promise<Memory> {
  const home = await freshHome();
  // All of them are held in the middle of their turn.
  const gates = Array.from({ length: crowd }, () => new Gate());
  const model = await ScriptedModel.start(gates.map((gate) => turn(hold(gate), message("Done"))));
  const pids = new Set<number>();
  const codex = new Codex({
    ...model.codexOptions(home),
    codexPath: codexBinary(),
    onSpawn: ({ pid }) => pids.add(pid),
    ...(transport === undefined ? {} : { transport }),
  });
  const runs = Array.from(
    { length: crowd },
    () =>
      codex.startThread({ workingDirectory: repository.path }).run("Go", { timeoutMs: 120_000 }),
  );
  await Promise.all(gates.map((gate) => gate.reached));
  const memory = { rss: 0, pss: 0 };
  for (const pid of pids) {
    const sizes = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
    memory.rss += megabytes(sizes, "Rss");
    memory.pss += megabytes(sizes, "Pss");
  }
  for (const gate of gates) gate.open();
  await Promise.all(runs);
  await codex.close();
  await model.close();
  await home.remove();
  return memory;
}

function megabytes(sizes: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(sizes)![1]) / 1024;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function ratio(a: number, b: number): string {
  return `${(a / b).toFixed(2)} of it`;
}
