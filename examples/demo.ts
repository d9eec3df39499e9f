/**
 * The main job: codex makes a failing test pass, and this program shows how, as it happens. The
 * codex is real and so is what it does; the model is a scripted one, so that no login is needed.
 *
 * Deno: `deno run --allow-env --allow-net=127.0.0.1 --allow-read --allow-run --allow-write=. examples/demo.ts`
 * Bun: `bun examples/demo.ts`
 *
 * With `--live "a prompt of yours"` it talks to the real service, as the user who is logged in or
 * whose key is in CODEX_API_KEY. It works in a scratch repository, unless `--cd <folder>` names
 * another one. `--keep` keeps the scratch repository.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Codex, CodexError, type CodexOptions } from "../mod.ts";
import { ScriptedModel } from "../src/testing/mod.ts";
import { render, styleFor } from "./support/render.ts";
import { git, makeRepository } from "./support/repository.ts";
import { scriptedFix } from "./support/scripted_fix.ts";

const isTerminal = process.stdout.isTTY === true;
const noColor = process.env.NO_COLOR;
const style = styleFor({ isTerminal, noColor });
const gitColor = isTerminal && !noColor ? "--color=always" : "--color=never";

// Ctrl-C ends the turn here, and not the program: it still has to clean up.
const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupt.abort());
}
const common: CodexOptions = { handleHostSignals: false };

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      live: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      cd: { type: "string" },
    },
    allowPositionals: true,
  });
  const prompt = positionals.join(" ") || "Make the test pass";
  if (!values.live && (values.cd !== undefined || positionals.length > 0)) {
    console.error('The scripted model knows one job only: add "--live" to give codex another');
    return 2;
  }
  try {
    if (values.live && !await mayTalkToService()) return 1;
    if (values.cd !== undefined) {
      // A task runs in the folder of the project, wherever it was started.
      await work(common, resolve(process.env.INIT_CWD ?? ".", values.cd), prompt);
    } else {
      await inScratchFolder(values.keep, async (scratch) => {
        const directory = join(scratch, "repository");
        await makeRepository(directory);
        if (values.live) await work(common, directory, prompt);
        else await rehearse(scratch, directory, prompt);
        await showDiff(directory);
      });
    }
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) {
      console.error("Stopped");
      return 130;
    }
    if (!CodexError.is(error)) throw error;
    console.error(style.bad(error.message));
    return 1;
  }
}

/** Works with the scripted model, apart from the user's own codex. */
async function rehearse(scratch: string, directory: string, prompt: string): Promise<void> {
  const codexHome = join(scratch, "codex-home");
  await mkdir(codexHome);
  const model = await ScriptedModel.start(scriptedFix);
  try {
    // No sandbox: not every system has what it takes, and what the script runs is known.
    const sandboxMode = "danger-full-access";
    await work({ ...common, ...model.codexOptions({ codexHome }) }, directory, prompt, sandboxMode);
  } finally {
    await model.stop();
  }
}

async function work(
  options: CodexOptions,
  workingDirectory: string,
  prompt: string,
  sandboxMode: "workspace-write" | "danger-full-access" = "workspace-write",
): Promise<void> {
  const codex = new Codex(options);
  const { version, path } = await codex.version();
  console.log(style.faint(`codex ${version} at ${path}`));
  console.log(style.strong(`"${prompt}"`));

  const thread = codex.startThread({ workingDirectory, sandboxMode });
  const { events } = await thread.runStreamed(prompt, {
    signal: interrupt.signal,
    timeoutMs: 1_200_000,
  });
  for await (const event of events) {
    for (const line of render(event, style, workingDirectory)) console.log(line);
  }
}

async function showDiff(directory: string): Promise<void> {
  await git(directory, "add", "--intent-to-add", ".");
  const diff = await git(directory, "diff", gitColor);
  console.log();
  console.log(style.strong("git diff"));
  console.log(diff.trimEnd());
}

async function inScratchFolder(
  keep: boolean,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  // Not the system's temporary folder: codex does not want its home to be there.
  const project = fileURLToPath(new URL("../", import.meta.url));
  const folder = await realpath(await mkdtemp(join(project, `.demo-${process.pid}-`)));
  try {
    await use(folder);
  } finally {
    if (keep) console.log(style.faint(`Kept ${folder}`));
    else await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Whether codex has a key or a login; says so if not. */
async function mayTalkToService(): Promise<boolean> {
  if (process.env.CODEX_API_KEY) return true;
  const { path } = await new Codex(common).version();
  const loggedIn = await new Promise<boolean>((resolve) => {
    execFile(path, ["login", "status"], (error) => resolve(error === null));
  });
  if (!loggedIn) {
    console.error(
      'Not logged in: run "codex login", or set CODEX_API_KEY. ' +
        'Without "--live" the demo needs neither',
    );
  }
  return loggedIn;
}
