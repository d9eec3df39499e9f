import type { CodexOptions, TurnOptions } from "../../mod.ts";
import type { ChaosStep } from "./chaos_process.ts";
import type { ChaosPlay } from "./chaos_runtime.ts";
import type { Random } from "./random.ts";
import { recording } from "./recordings.ts";

/** The thread that all recordings are made to be about. */
export const threadId = "0199a213-81c0-7800-8aa1-bbab2a035a53";

/** How the caller takes the turn. */
export type Taking = "run" | "turn" | "next" | "next and turn" | "reader";

/** What the caller does. */
export type CallerPlan = {
  taking: Taking;
  /** Leaves the events after so many, by `break` or `cancel()`; `null` to read them all. */
  leaveAfter: number | null;
  /** Whether it takes its time between two events. */
  isSlow: boolean;
  /** Aborts the signal beforehand, at some time or never. */
  abort: "before" | "sometime" | "never";
  closes: boolean;
  cancels: boolean;
  hostSignal: "SIGINT" | "SIGTERM" | "SIGHUP" | null;
  /** Starts another turn while the first is under way. */
  overlaps: boolean;
  codexOptions: Pick<CodexOptions, "onSpawn" | "onDiagnostic" | "handleHostSignals">;
  turnOptions: Omit<TurnOptions, "signal">;
  hasImage: boolean;
};

/** A turn and all that goes wrong with it. */
export type Scenario = { play: ChaosPlay; caller: CallerPlan; faults: string[] };

const names = [
  ...["simple", "full", "code_mode", "command_failed", "command_outlives_turn", "mcp", "retry"],
  ...["patch_move_delete", "subagent", "web_search", "fail_401", "fail_500", "fail_context"],
];

const recordings: Map<string, string[]> = new Map();

function linesOf(name: string): string[] {
  let lines = recordings.get(name);
  if (lines === undefined) {
    lines = recording(name).map((event) =>
      JSON.stringify(event.type === "thread.started" ? { ...event, thread_id: threadId } : event) +
      "\n"
    );
    recordings.set(name, lines);
  }
  return lines;
}

/** A turn in which nothing goes wrong. */
export function calmPlay(): ChaosPlay {
  return {
    script: [
      { type: "readInput" },
      { type: "print", bytes: encode(linesOf("simple").join("")) },
      { type: "end", status: { code: 0, signal: null } },
    ],
    manners: { interruptCode: 1, ignoresTerm: false, survivesKill: false },
    leadsGroup: true,
    spawnError: null,
    fileError: null,
  };
}

/** Draws a scenario. */
export function drawScenario(random: Random): Scenario {
  const name = random.pick(names);
  const lines = [...linesOf(name)];
  const faults = new Set(
    random.list(random.pick([0, 0, 1, 1, 1, 2, 2, 3, 5]), () => random.pick(Object.keys(damages))),
  );
  const play: ChaosPlay = {
    ...calmPlay(),
    leadsGroup: random.chance(0.8),
    script: [],
  };
  for (const fault of faults) lineDamages[fault]?.(lines, random);
  const isFailure = name.startsWith("fail_");
  play.script = [
    { type: "readInput" },
    ...cut(encode(lines.join("")), random),
    { type: "end", status: { code: isFailure ? 1 : 0, signal: null } },
  ];
  for (const fault of faults) damages[fault]!(play, random);
  return { play, caller: drawCaller(random), faults: [name, ...faults] };
}

/** What is printed at once. */
function cut(bytes: Uint8Array, random: Random): ChaosStep[] {
  const steps: ChaosStep[] = [];
  const longest = random.pick([30, 200, 1000, bytes.length]);
  for (let start = 0; start < bytes.length;) {
    const end = start + random.between(1, longest);
    steps.push({ type: "print", bytes: bytes.slice(start, end) });
    start = end;
  }
  return steps;
}

const lineDamages: Record<string, (lines: string[], random: Random) => void> = {
  noise(lines, random) {
    lines.splice(
      random.below(lines.length + 1),
      0,
      random.pick(["WARN x\n", "\n", "[]\n", "{}\n"]),
    );
  },
  "broken event"(lines, random) {
    lines.splice(random.between(1, lines.length), 0, '{"type":"error","message":null}\n');
  },
  "second end"(lines, random) {
    const failed = '{"type":"turn.failed","error":{"message":"no"}}\n';
    lines.push(random.chance(0.5) ? lines.at(-1)! : failed);
  },
  "another turn"(lines) {
    lines.push(...linesOf("simple").slice(1));
  },
};

const damages: Record<string, (play: ChaosPlay, random: Random) => void> = {
  ...Object.fromEntries(Object.keys(lineDamages).map((name) => [name, () => {}])),
  "dropped tail"({ script }, random) {
    const prints = script.flatMap((step, at) => step.type === "print" ? [at] : []);
    if (prints.length === 0) return;
    const at = random.pick(prints);
    const step = script[at] as { type: "print"; bytes: Uint8Array };
    const last = { ...step, bytes: step.bytes.slice(0, random.below(step.bytes.length + 1)) };
    const rest = script.slice(at).filter(({ type }) => type !== "print");
    script.splice(at, script.length, last, ...rest);
  },
  killed(play, random) {
    const signal = random.pick(["SIGKILL", "SIGSEGV", "SIGTERM", "SIGABRT"]);
    insert(play, { type: "end", status: { code: null, signal } }, random);
  },
  "exit code"({ script }, random) {
    const end = script.findIndex(({ type }) => type === "end");
    const status = { code: random.pick([0, 1, 2, 101, 255]), signal: null };
    if (end >= 0) script[end] = { type: "end", status };
  },
  hang: (play, random) => insert(play, { type: "hang" }, random),
  "hang at the end"({ script }) {
    script.splice(-1, 0, { type: "hang" });
  },
  "broken output": (play, random) => insert(play, { type: "breakOutput" }, random),
  "broken stderr": (play, random) => insert(play, { type: "breakErrors" }, random),
  complaint(play, random) {
    const text = random.pick([
      "Reading prompt from stdin...\n",
      "panicked at x\n",
      "y".repeat(3000),
    ]);
    insert(play, { type: "complain", bytes: encode(text) }, random);
  },
  "closed input": (play, random) => insert(play, { type: "closeInput" }, random),
  "unread input"(play) {
    play.script = play.script.filter(({ type }) => type !== "readInput");
  },
  "closed output": (play, random) => insert(play, { type: "closeOutput" }, random),
  child(play, random) {
    insert(play, { type: "fork", child: random.pick(["group", "known", "unknown"]) }, random);
  },
  "bad manners"({ manners }, random) {
    manners.interruptCode = random.pick([null, null, 0, 130]);
    manners.ignoresTerm = random.chance(0.5);
    manners.survivesKill = random.chance(0.1);
  },
  "no spawn"(play, random) {
    play.spawnError = systemError(random.pick(["ENOENT", "EACCES", "EAGAIN", "E2BIG", "EIO"]));
  },
  "no files"(play, random) {
    play.fileError = systemError(random.pick(["ENOSPC", "EACCES", "EROFS", "EMFILE"]));
  },
};

function insert({ script }: ChaosPlay, step: ChaosStep, random: Random): void {
  script.splice(random.below(script.length + 1), 0, step);
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: refused`), { code });
}

function drawCaller(random: Random): CallerPlan {
  const sometimes = (p: number) => random.chance(p);
  const fails = () => {
    throw new Error("a callback of the caller");
  };
  return {
    taking: random.pick(["run", "run", "turn", "next", "next and turn", "reader"]),
    leaveAfter: sometimes(0.15) ? random.below(8) : null,
    isSlow: sometimes(0.3),
    abort: sometimes(0.15) ? "sometime" : sometimes(0.03) ? "before" : "never",
    closes: sometimes(0.06),
    cancels: sometimes(0.06),
    hostSignal: sometimes(0.06) ? random.pick(["SIGINT", "SIGTERM", "SIGHUP"]) : null,
    overlaps: sometimes(0.1),
    codexOptions: {
      onSpawn: sometimes(0.1) ? fails : undefined,
      onDiagnostic: sometimes(0.1) ? fails : undefined,
      handleHostSignals: sometimes(0.2) ? false : undefined,
    },
    turnOptions: {
      timeoutMs: sometimes(0.15) ? random.between(1, 20_000) : undefined,
      idleTimeoutMs: sometimes(0.15) ? random.between(1, 5000) : undefined,
      outputSchema: sometimes(0.3) ? { type: "object" } : undefined,
      onRetry: sometimes(0.1) ? fails : undefined,
    },
    hasImage: sometimes(0.2),
  };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
