import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { Codex, type CodexOptions, type Diagnostic, ExitError } from "../../mod.ts";
import { FakeTransport } from "../support/fake_transport.ts";
import { plantedKey } from "../support/planted_key.ts";
import { until } from "../support/processes.ts";
import { plainTurn } from "../support/turns.ts";
import { assertKeyless, Witness } from "../support/witness.ts";

const diagnostic: Diagnostic = { kind: "stdout", message: `key: ${plantedKey}` };

function exitError(options: { message?: string; stderr?: string; cause?: unknown } = {}) {
  return new ExitError(options.message ?? "Codex exited with code 1", {
    exitCode: 1,
    signal: null,
    stderr: options.stderr ?? "",
    diagnostics: [],
    ...("cause" in options && { cause: options.cause }),
  });
}

/** Whether a witness was shown the key; what it says of it must not hold the key. */
function hasSeen(witness: Witness): boolean {
  try {
    witness.assertUnseen();
    return false;
  } catch (error) {
    assert.equal(inspect(error, { depth: 10 }).includes(plantedKey.slice(0, 12)), false);
    return true;
  }
}

/** A turn on a lane that ends as told, watched by a witness. */
async function watched(
  run: (codex: Codex) => Promise<unknown>,
  end: { error?: unknown; stderr?: string },
): Promise<Witness> {
  const witness = new Witness();
  const lane = new FakeTransport();
  const codex = witness.watch(new Codex(witness.options({ transport: () => lane })));
  const settled = Promise.allSettled([run(codex)]);
  await until(() => lane.turns[0]?.isStarted === true);
  const turn = lane.turns[0]!;
  turn.stderr = end.stderr ?? "";
  if (end.error !== undefined) turn.fail(end.error);
  else {
    turn.emit(...plainTurn() as never[]);
    turn.end();
  }
  await settled;
  return witness;
}

describe("Witness", () => {
  const errors: [string, unknown][] = [
    ["its message", exitError({ message: `401 for ${plantedKey}` })],
    ["its stderr", exitError({ stderr: plantedKey })],
    ["its cause", exitError({ cause: new Error(plantedKey) })],
    ["the turn that it holds", exitError()],
  ];
  for (const [title, error] of errors) {
    const end = { error, stderr: title.startsWith("the turn") ? plantedKey : "" };
    it(`sees the key in an error: in ${title}`, async () => {
      const runs: ((codex: Codex) => Promise<unknown>)[] = [
        (codex) => codex.startThread().run("Hi"),
        (codex) => codex.resumeThread({ last: true }).run("Hi"),
        async (codex) => (await codex.startThread().runStreamed("Hi")).turn(),
        async (codex) => (await codex.startThread().runStreamed("Hi")).events.next(),
      ];
      for (const run of runs) assert.ok(hasSeen(await watched(run, end)));
    });
  }

  it("sees the key in a turn that went well, and nothing where there is nothing", async () => {
    const run = (codex: Codex) => codex.startThread().run("Hi");
    assert.ok(hasSeen(await watched(run, { stderr: plantedKey })));
    assert.equal(hasSeen(await watched(run, {})), false);
    assert.equal(hasSeen(await watched(run, { error: exitError() })), false);
  });

  it("sees the key in what callbacks are told, and passes it on", () => {
    const heard: unknown[] = [];
    const info = { argv: ["codex", plantedKey], cwd: undefined, envKeys: [], pid: 1 };
    const witness = new Witness();
    witness.options({ onSpawn: (info) => heard.push(info) }).onSpawn!(info);
    assert.ok(hasSeen(witness));
    const other = new Witness();
    other.options({ onDiagnostic: (each) => heard.push(each) }).onDiagnostic!(diagnostic);
    assert.ok(hasSeen(other));
    assert.deepEqual(heard, [info, diagnostic]);
  });

  it("plants the key, unless there is another one, and leaves what is no callback", () => {
    const witness = new Witness();
    assert.equal(witness.options({}).apiKey, plantedKey);
    const strange = { apiKey: "other", onSpawn: 5 } as unknown as CodexOptions;
    const { apiKey, onSpawn } = witness.options(strange);
    assert.deepEqual([apiKey, onSpawn], ["other", 5]);
  });
});

describe("assertKeyless()", () => {
  it("throws where the key shows, in whatever is thrown", () => {
    const self: Record<string, unknown> = { plantedKey };
    self.self = self;
    const values = [plantedKey, new Error(plantedKey), { a: [plantedKey] }, self, [diagnostic]];
    for (const value of values) assert.throws(() => assertKeyless(value));
    for (const value of [undefined, null, 5, "", {}, exitError()]) assertKeyless(value);
  });
});
