/** A `codex app-server` that plays scripts: what the real one cannot be made to do. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { playerScript } from "./fake_player.ts";
import { fileAppears, removeFolder } from "./files.ts";
import { killIfRunning } from "./processes.ts";

/** What a JSON-RPC message may hold. */
export type WireMessage = {
  id?: number | string;
  method?: string;
  // deno-lint-ignore no-explicit-any
  params?: any;
  // deno-lint-ignore no-explicit-any
  result?: any;
  // deno-lint-ignore no-explicit-any
  error?: any;
};

type SignalName = "SIGINT" | "SIGTERM" | "SIGHUP";

/**
 * One step. Steps of a list are played in order; lists that several requests set off are played side
 * by side. Output waits until the pipe has taken it, and goes nowhere once nobody reads.
 *
 * In all texts, `$threadId` and `$turnId` stand for the thread and turn it is about, `$input` for the
 * texts of the turn's input, `$number` for the number of the turn, counted from 0.
 */
export type ServerAction =
  // Answers to the request that set the list off; only in `on`. A list with none leaves it unanswered.
  /** Does what the real one does: answers, opens threads, plays turns. See {@linkcode ServerScript}. */
  | { default: true }
  /** Answers with a result. */
  | { result: unknown }
  /** Answers with an error. */
  | { error: { code: number; message: string; data?: unknown } }
  // In a turn.
  /** A message of the agent, from start to end; its text comes in that many deltas (default: 1). */
  | { message: string; deltas?: number }
  /** A delta of a message, `repeat` times, and nothing else. Item id: `"msg_1"`. */
  | { delta: string; repeat?: number; itemId?: string }
  /** A command, from start to end. */
  | { command: { command: string; output?: string; exitCode?: number; cwd?: string } }
  /** The thread's total usage; what is not given is 47 (42 in, 12 of them cached, 5 out) a turn. */
  | { usage: Record<string, number> }
  /**
   * Says that the turn starts. A plan with it can do something before: between the answer to
   * `turn/start` and this, an interrupt is refused. Other plans start at once.
   */
  | { turnStarted: true }
  /** Ends the turn now; a plan that comes to its end without it ends as `"completed"`. */
  | { turnEnd: "completed" }
  | { turnEnd: "interrupted" }
  | {
    turnEnd: "failed";
    error: { message: string; codexErrorInfo?: unknown; additionalDetails?: string | null };
  }
  // Anywhere.
  /** A notification, `repeat` times. */
  | { notify: string; params?: unknown; repeat?: number }
  /**
   * A request to the client, with `threadId` and `turnId` added in a turn; goes on when it was
   * answered, unless `wait` is `false`. Answers are among the messages received.
   */
  | { request: string; params?: unknown; wait?: boolean }
  /** Any object as a line, `repeat` times. */
  | { send: unknown; repeat?: number }
  /** Text as it is: half a line, a line that is no JSON. */
  | { stdout: string }
  /** Bytes as they are. */
  | { stdoutBase64: string }
  /** Text, a `write` for each byte. */
  | { oneByteAtATime: string }
  /** Writes for ever, with no line end. */
  | { endlessLine: true }
  /** Text to stderr. */
  | { stderr: string }
  /** That many bytes to stderr, in lines of 100. */
  | { stderrRepeat: { bytes: number } }
  /** Closes stdout and lives on. */
  | { closeStdout: true }
  /** Reads stdin no more, so that the pipe fills and its end is not seen. */
  | { stopReading: true }
  /** Records these signals and does nothing else about them. */
  | { ignore: readonly SignalName[] }
  /** Starts a process that sleeps for ever; goes on when it runs and ignores what it should. */
  | {
    spawnGrandchild: {
      /** Whether it holds the fake's stdout open. */
      keepStdout?: boolean;
      /** Whether it holds the fake's stderr open. */
      keepStderr?: boolean;
      /** Whether it lives in a session and process group of its own, as codex's commands do. */
      setsid?: boolean;
      ignore?: readonly SignalName[];
    };
  }
  /** Makes an empty file in the fake's folder; see {@linkcode FakeAppServer.touched}. */
  | { touch: string }
  /** Waits for a file in the fake's folder; see {@linkcode FakeAppServer.release}. */
  | { waitForFile: string }
  /** Exits, once what was written is in the pipe. */
  | { exit: number }
  /** Sends itself a signal, once what was written is in the pipe. */
  | { kill: "SIGKILL" | "SIGTERM" | "SIGSEGV" }
  /** Waits for ever; in a turn, until it is interrupted. */
  | { hang: true };

/**
 * What one start of the fake does. With nothing said it is a server on which each turn has one
 * message, `"ok"`:
 *
 * - It answers `initialize`, `thread/start|resume|fork|read|list|unsubscribe|…`, `turn/start|steer|
 *   interrupt`, `account/login/start`, `account/read`, `model/list`, `skills/list`,
 *   `mcpServerStatus/list`, and refuses all else, as well as what comes before `initialize`.
 * - It falls into the traps of the real one: a second `turn/start` steers, an interrupt before
 *   `turn/started` is refused, damaged lines get no answer, lost threads must be resumed.
 * - The end of stdin and SIGTERM end it with code 0, at once; other signals kill it.
 */
export type ServerScript = {
  /** Played before anything is read. `[{ hang: true }]` never reads, and sees no end of stdin. */
  start?: readonly ServerAction[];
  /**
   * Played when a method is called, in place of `[{ default: true }]`. A list of lists is for the
   * first call, the second, and so on; the last one repeats.
   */
  on?: {
    readonly [method: string]: readonly ServerAction[] | readonly (readonly ServerAction[])[];
  };
  /** What happens in a turn. Default: `[{ message: "ok" }]`. */
  turn?: readonly ServerAction[];
  /** One for each turn, whatever its thread, in the order they are asked for; the last one repeats. */
  turns?: readonly (readonly ServerAction[])[];
  /** Played at the end of stdin, in place of `[{ exit: 0 }]`; without an exit it lives on. */
  end?: readonly ServerAction[];
};

/** What one start of the fake was given and what it met. */
export type ServerInvocation = {
  /** The arguments, without the executable. */
  argv: string[];
  /** All of its environment. */
  env: Record<string, string>;
  cwd: string;
  pid: number;
  /** The lines it read, parsed, in order; those that are no JSON as text. */
  received: (WireMessage | string)[];
  /** Whether the end of stdin was seen. */
  stdinEnded: boolean;
  /** The signals it ignored, in order. */
  signals: string[];
  /** The process ids of its grandchildren. */
  grandchildren: number[];
};

/** An executable that plays scripts in the place of `codex app-server`. */
export type FakeAppServer = {
  /** The executable; its file name is `codex`. */
  path: string;
  /** Where the fake lives and records. */
  folder: string;
  /** What was started so far, oldest first; `--version` does not count. */
  invocations(): ServerInvocation[];
  /** What all of them were sent with a method, in order. */
  received(method: string): WireMessage[];
  /** What all of them were answered, in order. */
  answers(): WireMessage[];
  /** Resolves when `{ touch: name }` was played. */
  touched(name: string): Promise<void>;
  /** Lets a list that waits at `{ waitForFile: name }` go on. */
  release(name: string): void;
  /** Kills what still runs and removes the folder. */
  remove(): Promise<void>;
};

/**
 * Makes a fake app-server: `const fake = await fakeAppServer();` and `codexPath: fake.path`. One
 * script is for every start; with several, the first start gets the first, the last one repeats.
 */
export function fakeAppServer(
  script: ServerScript | readonly ServerScript[] = {},
  { version = "0.169.0" }: { version?: string } = {},
): Promise<FakeAppServer> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "fake-app-server-"));
  const path = join(folder, "codex");
  const scripts = Array.isArray(script) ? script : [script];
  writeFileSync(join(folder, "script.json"), JSON.stringify({ scripts, version }));
  writeFileSync(path, playerScript("app_server.mjs", folder));
  chmodSync(path, 0o755);

  const invocations = () => readInvocations(join(folder, "invocations"));
  const messages = () =>
    invocations().flatMap(({ received }) => received)
      .filter((each): each is WireMessage => typeof each === "object");
  return Promise.resolve({
    path,
    folder,
    invocations,
    received: (method) => messages().filter((message) => message.method === method),
    answers: () => messages().filter((message) => message.method === undefined),
    touched: (name) => fileAppears(join(folder, name)),
    release: (name) => writeFileSync(join(folder, name), ""),
    remove: async () => {
      for (const { pid, grandchildren } of invocations()) {
        await killIfRunning(pid, path);
        // Or the shell that is about to become it.
        for (const grandchild of grandchildren) await killIfRunning(grandchild, "/bin/sleep ");
      }
      await removeFolder(folder);
    },
  });
}

/** What the server said in a recording from the start of its `turn`th turn (counted from 0) to its end. */
export function recordedTurn(
  recording: readonly { dir: "in" | "out"; msg: WireMessage }[],
  turn = 0,
): ServerAction[] {
  const actions: ServerAction[] = [];
  let number = -1;
  for (const { dir, msg } of recording) {
    if (dir !== "in" || msg.method === undefined) continue;
    if (msg.method === "turn/started") number++;
    if (number !== turn) continue;
    if (isSaidAnyway(msg)) continue;
    if (msg.method === "turn/completed") {
      const { status, error } = msg.params.turn;
      actions.push(status === "failed" ? { turnEnd: status, error } : { turnEnd: status });
      return actions;
    }
    const params = inThisTurn(msg.params);
    if (msg.method === "error" && params.willRetry === false) continue;
    if (msg.id !== undefined) actions.push({ request: msg.method, params });
    else actions.push({ notify: msg.method, params });
  }
  return actions;
}

/** What the fake says by itself. */
function isSaidAnyway({ method, params }: WireMessage): boolean {
  return method === "turn/started" || method === "serverRequest/resolved" ||
    method === "thread/status/changed" && params.status.type !== "active" ||
    params?.item?.type === "userMessage" && params.item.clientId === null;
}

/** Parameters with the ids of the turn that is played. */
// deno-lint-ignore no-explicit-any
function inThisTurn(params: any): any {
  return {
    ...params,
    ...(params?.threadId === undefined ? {} : { threadId: "$threadId" }),
    ...(params?.turnId === undefined ? {} : { turnId: "$turnId" }),
  };
}

function readInvocations(parent: string): ServerInvocation[] {
  const numbers = existsSync(parent) ? readdirSync(parent).map(Number) : [];
  return numbers.sort((a, b) => a - b)
    .map((number) => join(parent, String(number)))
    .filter((record) => existsSync(join(record, "start.json")))
    .map((record) => ({
      ...JSON.parse(readFileSync(join(record, "start.json"), "utf8")),
      received: linesOf(join(record, "received")).map(parsed),
      stdinEnded: existsSync(join(record, "stdin-ended")),
      signals: linesOf(join(record, "signals")),
      grandchildren: linesOf(join(record, "grandchildren")).map(Number),
    }));
}

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

function parsed(line: string): WireMessage | string {
  try {
    const value = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : line;
  } catch {
    return line;
  }
}
