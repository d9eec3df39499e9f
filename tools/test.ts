/**
 * Runs the tests on Deno, Bun and Node, then prints line coverage merged over Deno and Bun.
 *
 *     deno task test [runtime…] [--real] [part of a path…]
 *
 * On Linux a test fails that leaves a process, a descriptor, a file, a listener or a timer behind.
 *
 * The last line reads `N passed, N failed`; coverage is judged when everything was run.
 */
import { plantedKey } from "../tests/support/planted_key.ts";
import { coverageTable, readLcov } from "./coverage.ts";
import { describeSightings } from "./planted_key.ts";

type Run = {
  files: string[];
  /** Where to write a JUnit report. */
  report: string;
  /** Whether to collect coverage. */
  coverage: boolean;
};

type Runtime = {
  /** The command that tests files. */
  command(run: Run): string[];
  /** Turns what was collected into LCOV, where that takes a command of its own. */
  collect?: string[];
  /** Where the LCOV is, where coverage is collected. */
  lcov?: string;
};

type Result = { passed: number; failed: number; skipped: number };

const deno = Deno.execPath();
const node = await nodePath();
const out = "coverage";
const wantedCoverage = 95;

const runtimes: Record<string, Runtime> = {
  deno: {
    command: ({ files, report, coverage }) => [
      deno,
      "test",
      "--allow-all",
      "--no-check",
      "--preload=./tests/support/leaks/watch.ts",
      `--junit-path=${report}`,
      ...(coverage ? [`--coverage=${out}/deno`, "--coverage-raw-data-only"] : []),
      // In one isolate, as on Bun and Node, they take half of the time of an isolate each, which
      // loads all of `src` again.
      ...["tools/import_tests.ts", "--", ...files],
    ],
    collect: [deno, "coverage", "--lcov", `--output=${out}/deno.lcov`, `${out}/deno`],
    lcov: `${out}/deno.lcov`,
  },
  node: {
    // No coverage: that would take six seconds, and what Node runs, Deno or Bun runs as well.
    command: ({ files, report }) => [
      // One process for all files, as on Deno and Bun: a process a file costs half of the time.
      ...[node, "--test", "--test-isolation=none", "--test-timeout=30000"],
      "--import=./tests/support/leaks/watch.ts",
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
      ...files,
    ],
  },
  bun: {
    command: ({ files, report, coverage }) => [
      // Inside a Deno task a bare `bun` is not found.
      "./node_modules/.bin/bun",
      "test",
      "--preload=./tests/support/leaks/watch.ts",
      "--timeout=30000",
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...(coverage ? ["--coverage", "--coverage-reporter=lcov", `--coverage-dir=${out}/bun`] : []),
      // Without the `./` Bun takes a path for a pattern.
      ...files.map((file) => `./${file}`),
    ],
    lcov: `${out}/bun/lcov.info`,
  },
};

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

const results = await testAll();
const covered = everything ? await judgeCoverage() : true;
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed > 0 || !covered ? 1 : 0);

async function testAll(): Promise<Result[]> {
  // Hostile tests run in a process of their own: they leave a large heap behind, and the larger it
  // is, the longer takes each start of a program. Nothing is covered by them alone, and measuring
  // that would double their time.
  const groups = [
    { suffix: "", coverage: everything, files: files.filter((file) => !isHostile(file)) },
    { suffix: "-hostile", coverage: false, files: files.filter(isHostile) },
  ].filter(({ files }) => files.length > 0);
  const jobs = groups.flatMap(({ suffix, coverage, files }) =>
    names.map((name) => () =>
      test(name, { files, coverage, report: `${out}/${name}${suffix}.xml` })
    )
  );
  const results: Result[] = [];
  const work = async () => {
    for (let job; (job = jobs.shift()) !== undefined;) results.push(await job());
  };
  // More at once than there are cores takes longer.
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, work));
  return results;
}

async function test(name: string, run: Run): Promise<Result> {
  const start = performance.now();
  const { command, collect } = runtimes[name]!;
  const { success, text } = await output(command(run));
  if (run.coverage && collect !== undefined) await output(collect);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const report = await Deno.readTextFile(run.report).catch(() => "");
  const result = countTests(report);
  const sightings = [
    ...describeSightings(`the output on ${name}`, text, plantedKey),
    ...describeSightings(run.report, report, plantedKey),
  ];
  for (const sighting of sightings) console.log(sighting);
  result.failed += sightings.length;
  // A file that does not load, say, is in no report.
  if (!success && result.failed === 0) result.failed = 1;
  if (result.failed > 0) console.log(text);
  console.log(
    `${name.padEnd(5)} ${result.passed} passed, ${result.failed} failed, ` +
      `${result.skipped} skipped in ${seconds} s${isHostile(run.files[0]!) ? " (hostile)" : ""}`,
  );
  return result;
}

function isHostile(file: string): boolean {
  return file.startsWith("tests/hostile/");
}

/** Counts the cases of a JUnit report; Deno lists groups as well, whose names begin others. */
function countTests(junit: string): Result {
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
  for (const { lcov } of Object.values(runtimes)) {
    if (lcov === undefined) continue;
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
  const signal = AbortSignal.timeout(real ? 2_700_000 : 900_000);
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
