/**
 * Proves that what would be published works: checks it as publishing does, packs it, installs the
 * tarball elsewhere and runs a turn of it on each runtime, against a fake codex.
 *
 *     deno task test:package
 *
 * The last line reads `N passed, N failed`.
 */
import { fakeCodex } from "../tests/support/fake_codex.ts";

type Manifest = {
  exports: Record<string, string>;
  imports: Record<string, string>;
  publish: { include: string[] };
};

const deno = Deno.execPath();
const root = Deno.cwd();
const temp = await Deno.makeTempDir({ prefix: "codex-sdk-package-" });
const staged = `${temp}/staged`;
const user = `${temp}/user`;
const tarball = `${temp}/codex-sdk.tgz`;
const manifest: Manifest = JSON.parse(await Deno.readTextFile("jsr.json"));

const program = `
${Object.keys(manifest.exports).map((path) => `import "@codex/sdk${path.slice(1)}";`).join("\n")}
import { Codex } from "@codex/sdk";
const thread = new Codex({ codexPath: process.argv[2] }).startThread();
const turn = await thread.run("Say hello");
if (turn.finalResponse !== "Hello" || thread.id !== "t1") throw new Error(JSON.stringify(turn));
`;
const typedProgram = `
import { Codex, type Turn } from "@codex/sdk";
const turn: Turn = await new Codex().startThread({ sandboxMode: "read-only" }).run("hi");
export const answer: string = turn.finalResponse;
// @ts-expect-error The types are there, not any.
export const wrong: symbol = turn.finalResponse;
`;

let passed = 0;
let failed = 0;
try {
  await Deno.mkdir(staged);
  await Deno.mkdir(user);
  await writeStagedManifest();
  await Deno.writeTextFile(`${user}/package.json`, '{ "type": "module", "private": true }');
  await Deno.writeTextFile(`${user}/turn.js`, program);
  await Deno.writeTextFile(`${user}/typed.ts`, typedProgram);

  // Copied to a folder of its own, so that a file that is not included is missed.
  const ready = await step("files", root, ["cp", "-r", ...manifest.publish.include, staged]) &&
    await step("what would be published", staged, [deno, "publish", "--dry-run"]) &&
    await step("deno pack", staged, [deno, "pack", `--output=${tarball}`]) &&
    await step("npm install", user, ["npm", "install", "--no-audit", "--no-fund", tarball]);
  if (ready) {
    await step("types", user, [deno, "check", "--node-modules-dir=manual", "typed.ts"]);
    for (const version of [20, 22, 24]) {
      await turn(`Node ${version}`, ["npx", "-y", `node@${version}`]);
    }
    await turn("Bun", [`${root}/node_modules/.bin/bun`]);
    await turn("Deno", [deno, "run", "--allow-all", "--node-modules-dir=manual"]);
  }
} finally {
  await Deno.remove(temp, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed > 0 ? 1 : 0);

/** With the development manifest's way to `@std`, neither checking nor packing needs JSR. */
async function writeStagedManifest(): Promise<void> {
  const { imports } = JSON.parse(await Deno.readTextFile("deno.json")) as Manifest;
  const used = Object.entries(imports).filter(([name]) =>
    Object.keys(manifest.imports).some((key) => key === name || key.startsWith(name))
  );
  await Deno.writeTextFile(
    `${staged}/deno.json`,
    JSON.stringify({ ...manifest, imports: Object.fromEntries(used) }),
  );
}

async function turn(name: string, command: string[]): Promise<void> {
  const fake = await fakeCodex([{
    events: [
      { type: "thread.started", thread_id: "t1" },
      { type: "turn.started" },
      { type: "item.completed", item: { id: "i1", type: "agent_message", text: "Hello" } },
      {
        type: "turn.completed",
        usage: { input_tokens: 1, cached_input_tokens: 0, output_tokens: 1 },
      },
    ],
  }]);
  await step(`a turn on ${name}`, user, [...command, "turn.js", fake.path]);
  await fake.remove();
}

async function step(name: string, cwd: string, command: string[]): Promise<boolean> {
  const { success, text } = await output(cwd, command);
  if (success) passed++;
  else failed++;
  console.log(success ? `ok      ${name}` : `FAILED  ${name}\n${text}`);
  return success;
}

async function output(
  cwd: string,
  [command, ...args]: string[],
): Promise<{ success: boolean; text: string }> {
  const run = await new Deno.Command(command!, { args, cwd, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { success: run.success, text: decoder.decode(run.stdout) + decoder.decode(run.stderr) };
}
