// A program of its own for limits.test.ts: `cramped_host.ts <codex>`. For each line on stdin it has
// a turn that writes a schema, and prints how that ended; a line that is a path is removed first.
import { rmSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { Codex, type SpawnError } from "../../mod.ts";

const codex = new Codex({ codexPath: process.argv[2]! });
console.log("ready");
for await (const path of createInterface({ input: process.stdin })) {
  if (path !== "") rmSync(path);
  const result = await codex.startThread().run("Hi", { outputSchema: {} }).then(
    ({ finalResponse }) => ({ finalResponse }),
    ({ name, code, systemCode, message }: SpawnError) => ({ name, code, systemCode, message }),
  );
  console.log(JSON.stringify(result));
}
