/**
 * Runs the tests on Deno, Bun and Node, then prints line coverage merged over Deno and Bun.
 *
 *     deno task test [runtime…] [--real] [--leaks] [part of a path…]
 *
 * With `--leaks` a test fails that leaves a process, a descriptor, a file, a listener or a timer
 * behind.
 *
 * The last line reads `N passed, N failed`; coverage is judged when everything was run.
 */
import { plantedKey } from "../tests/support/planted_key.ts";
import { coverageTable, readLcov } from "./coverage.ts";
import { describeSightings } from "./planted_key.ts";

type Runtime = {
  /** The command that tests `files`, writes a JUnit report and, if asked, coverage. */
  command(files: string[], coverage: boolean): string[];
  /** Turns what was collected into LCOV, where that takes a command of its own. */
  collect?: string[];
  /** Where the LCOV is, where coverage is collected. */
  lcov?: string;
};

const deno = Deno.execPath();
const node = await nodePath();
const out = "coverage";
const wantedCoverage = 95;

const runtimes: Record<string, Runtime> = {
  deno: {
    command: (files, coverage) => [
      deno,
      "test",
      "--allow-all",
      "--no-check",
      ...(leaks ? ["--preload=./tests/support/leaks/watch.ts"] : []),
      `--junit-path=${out}/deno.xml`,
      ...(coverage ? [`--coverage=${out}/deno`] : []),
      ...files,
    ],
    collect: [deno, "coverage", "--lcov", `--output=${out}/deno.lcov`, `${out}/deno`],
    lcov: `${out}/deno.lcov`,
  },
  bun: {
    command: (files, coverage) => [
      // Inside a Deno task a bare `bun` is not found.
      "./node_modules/.bin/bun",
      "test",
      ...(leaks ? ["--preload=./tests/support/leaks/watch.ts"] : []),
      "--timeout=30000",
      "--reporter=junit",
      `--reporter-outfile=${out}/bun.xml`,
      ...(coverage ? ["--coverage", "--coverage-reporter=lcov", `--coverage-dir=${out}/bun`] : []),
      // Without the `./` Bun takes a path for a pattern.
      ...files.map((file) => `./${file}`),
    ],
    lcov: `${out}/bun/lcov.info`,
  },
  node: {
    // No coverage: that would take six seconds, and what Node runs, Deno or Bun runs as well.
    command: (files) => [
      // One process for all files, as on Deno and Bun: a process a file costs half of the time.
      ...[node, "--test", "--test-isolation=none", "--test-timeout=30000"],
      ...(leaks ? ["--import=./tests/support/leaks/watch.ts"] : []),
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${out}/node.xml`],
      ...files,
    ],
  },
};

const leaks = Deno.args.includes("--leaks");
const real = Deno.args.includes("--real");
const words = Deno.args.filter((word) => !word.startsWith("--"));
const chosen = words.filter((word) => word in runtimes);
const names = chosen.length > 0 ? chosen : Object.keys(runtimes);
const parts = words.filter((word) => !(word in runtimes));
const files = [...filesBelow("tests", /\.test\.ts$/)]
  .filter((file) => file.startsWith("tests/real/") === real)
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
const everything = !real && chosen.length === 0 && parts.length === 0;

if (files.length === 0) {
  console.error(`No test file has a path with ${parts.map((part) => `"${part}"`).join(" or ")}`);
  Deno.exit(1);
}
await Deno.remove(out, { recursive: true }).catch(() => {});
await Deno.mkdir(out);

let passed = 0;
let failed = 0;
// The fakes mostly wait for each other; the real codex keeps a core busy by itself.
const atOnce = real ? 1 : names.length;
for (let i = 0; i < names.length; i += atOnce) {
  const some = names.slice(i, i + atOnce);
  for (const result of await Promise.all(some.map((name) => test(name, runtimes[name]!)))) {
    passed += result.passed;
    failed += result.failed;
  }
}
const covered = everything ? await judgeCoverage() : true;
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed > 0 || !covered ? 1 : 0);

async function test(name: string, runtime: Runtime): Promise<{ passed: number; failed: number }> {
  const start = performance.now();
  const run = await output(runtime.command(files, everything));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const report = await Deno.readTextFile(`${out}/${name}.xml`).catch(() => "");
  const result = countTests(report);
  const sightings = [
    ...describeSightings(`the output on ${name}`, run.text, plantedKey),
    ...describeSightings(`${out}/${name}.xml`, report, plantedKey),
  ];
  for (const sighting of sightings) console.log(sighting);
  result.failed += sightings.length;
  // A file that does not load, say, is in no report.
  if (!run.success && result.failed === 0) result.failed = 1;
  if (result.failed > 0) console.log(run.text);
  console.log(
    `${name.padEnd(5)} ${result.passed} passed, ${result.failed} failed, ` +
      `${result.skipped} skipped in ${seconds} s`,
  );
  return result;
}

/** Counts the cases of a JUnit report; Deno lists groups as well, whose names begin others. */
function countTests(junit: string): { passed: number; failed: number; skipped: number } {
  const cases = [...junit.matchAll(/<testcase name="([^"]*)"([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)];
  const groups = new Set(cases.flatMap(([, name]) => {
    const steps = name!.split(" &gt; ");
    return steps.slice(1).map((_, i) => steps.slice(0, i + 1).join(" &gt; "));
  }));
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const [, name, , body = ""] of cases) {
    if (groups.has(name!)) continue;
    if (/<(failure|error)/.test(body)) count.failed++;
    else if (body.includes("<skipped")) count.skipped++;
    else count.passed++;
  }
  return count;
}

async function judgeCoverage(): Promise<boolean> {
  const reports = [];
  for (const { collect, lcov } of Object.values(runtimes)) {
    if (lcov === undefined) continue;
    if (collect !== undefined) await output(collect);
    reports.push(readLcov(await Deno.readTextFile(lcov).catch(() => "")));
  }
  const sources = new Map<string, string>();
  for (const file of filesBelow("src", /\.ts$/)) sources.set(file, await Deno.readTextFile(file));
  const { text, percent } = coverageTable(sources, reports);
  console.log(text);
  if (percent < wantedCoverage) console.log(`Less than ${wantedCoverage} % of lines are covered`);
  return percent >= wantedCoverage;
}

/** Where Node 24 is; npm installs it when it is not there yet. */
async function nodePath(): Promise<string> {
  const args = ["-y", "node@24", "--print", "process.execPath"];
  const { stdout } = await new Deno.Command("npx", { args, stderr: "inherit" }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function output([command, ...args]: string[]): Promise<{ success: boolean; text: string }> {
  // A test that never ends must not take its runtime's output with it.
  const signal = AbortSignal.timeout(real ? 900_000 : 300_000);
  const env = {
    // First in PATH, because a fake may be a Node program, and this one starts twice as fast as
    // Node 20.
    PATH: `${node.replace(/\/node$/, "")}:${Deno.env.get("PATH")}`,
    // Programs of tests start five times faster on Node when it need not strip their types again.
    NODE_COMPILE_CACHE: `${Deno.cwd()}/node_modules/.cache/node`,
  };
  const run = await new Deno.Command(command!, { args, env, stdin: "null", signal }).output();
  const decoder = new TextDecoder();
  return { success: run.success, text: decoder.decode(run.stdout) + decoder.decode(run.stderr) };
}

function* filesBelow(folder: string, ending: RegExp): Generator<string> {
  for (const entry of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* filesBelow(path, ending);
    else if (ending.test(path)) yield path;
  }
}
