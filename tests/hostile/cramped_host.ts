// A program of its own for cramped.test.ts: `cramped_host.ts <codex>`. For each line on stdin, which
// names the temporary folder, it has a turn that writes a schema, and prints how that ended.
import process from "node:process";
import { createInterface } from "node:readline";
import { Codex, type SpawnError } from "../../mod.ts";

const codex = new Codex({ codexPath: process.argv[2]! });
console.log("ready");
for await (const temporary of createInterface({ input: process.stdin })) {
  process.env.TMPDIR = temporary;
  const ending = await codex.startThread().run("Hi", { outputSchema: {} }).then(
    ({ finalResponse }) => ({ finalResponse }),
    ({ name, code, systemCode, message }: SpawnError) => ({ name, code, systemCode, message }),
  );
  console.log(JSON.stringify(ending));
}
