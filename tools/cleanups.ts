/**
 * Leaves out each clean-up call of `src` in turn, and names the test that then fails.
 *
 *     deno task cleanups [part of a path…]
 *
 * All of it takes a good hour, and writes docs/cleanups.md; a part is only printed. The next run
 * tries only sources that have changed, and calls that no test has missed. To begin anew, remove
 * `.scratch/cleanups`.
 */
import { findCleanUps, leaveOut } from "./cleanups/find.ts";
import { Memory } from "./cleanups/memory.ts";
import { isAccountedFor, report, type Trial } from "./cleanups/report.ts";
import { Suite } from "./cleanups/suite.ts";

const parts = Deno.args;
const files = sources("src").filter((file) =>
  parts.length === 0 || parts.some((part) => file.includes(part))
);
const jobs = files.flatMap((file) => {
  const source = Deno.readTextFileSync(file);
  return findCleanUps(source).map((cleanUp) => ({ file, source, cleanUp }));
});
const memory = await Memory.load();
const trials: Trial[] = [];
let next = 0;

await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, async (_, worker) => {
  const suite = await Suite.create(`.scratch/cleanups/${worker}`);
  while (next < jobs.length) {
    const at = next++;
    const { file, source, cleanUp } = jobs[at]!;
    const without = leaveOut(source, cleanUp);
    const verdict = await memory.recall(without) ?? await suite.judge(file, without);
    await memory.keep(without, verdict);
    trials[at] = { file, cleanUp, verdict };
    console.log(`${at + 1}/${jobs.length} ${file}:${cleanUp.line} ${cleanUp.text}`);
    console.log(`    ${JSON.stringify(verdict)}`);
  }
  await suite.close();
}));

const missing = trials.filter((trial) => !isAccountedFor(trial));
console.log(`A test is missing for ${missing.length} of ${trials.length}`);
if (parts.length === 0) await Deno.writeTextFile("docs/cleanups.md", report(trials));
Deno.exit(missing.length === 0 ? 0 : 1);

/** The sources below a folder; types that were generated do nothing. */
function sources(folder: string): string[] {
  return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return sources(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}
