// Plays `codex app-server`. Plain JavaScript for Node, whatever runtime the test runs on. The wrapper
// that `tests/support/fake_app_server.ts` writes calls `play()`; scripts and actions are described
// there. All that happens is recorded in files below `<folder>/invocations/<number>/`.
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  watch,
  writeFileSync,
  writeSync,
} from "node:fs";
import process from "node:process";

const CHUNK_BYTES = 65_536;

export async function play(folder) {
  const { scripts, version } = JSON.parse(readFileSync(`${folder}/script.json`, "utf8"));
  const argv = process.argv.slice(2);
  if (argv.length === 1 && argv[0] === "--version") {
    process.stdout.write(`codex-cli ${version}\n`);
    return;
  }
  const { number, record } = claim(`${folder}/invocations`);
  const start = { argv, env: process.env, cwd: process.cwd(), pid: process.pid };
  // Written aside and renamed, so that a reader finds all of it or nothing.
  writeFileSync(`${record}/start.tmp`, JSON.stringify(start));
  renameSync(`${record}/start.tmp`, `${record}/start.json`);
  if (argv[0] !== "app-server") {
    process.stderr.write(`The fake app-server knows no "${argv[0]}"\n`);
    process.exit(2);
  }
  const script = scripts[Math.min(number, scripts.length - 1)];
  await new Server(folder, record, script, version).run();
}

/** Takes the next free number; making a folder is atomic, so concurrent invocations differ. */
function claim(parent) {
  mkdirSync(parent, { recursive: true });
  for (let number = 0;; number++) {
    const record = `${parent}/${number}`;
    try {
      mkdirSync(record);
      return { number, record };
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
}

class Server {
  #folder;
  #record;
  #script;
  #version;
  #received;
  #heard = new Set();
  #isInitialized = false;
  #threads = new Map();
  #turnCount = 0;
  #requestCount = 0;
  /** Answers that are waited for, by the id of our request. */
  #waiting = new Map();
  /** How often each method was called. */
  #calls = new Map();

  constructor(folder, record, script, version) {
    this.#folder = folder;
    this.#record = record;
    this.#script = script;
    this.#version = version;
    this.#received = openSync(`${record}/received`, "a");
    // It lives until it is told to end, whatever becomes of what it waits for.
    setInterval(() => {}, 2 ** 30);
    // A closed stdout does not end the real one.
    process.stdout.on("error", () => {});
    process.stderr.on("error", () => {});
    process.on("SIGTERM", () => {
      if (this.#heard.has("SIGTERM")) this.#noteSignal("SIGTERM");
      else process.exit(0);
    });
  }

  async run() {
    await this.#playAll(this.#script.start ?? [], {});
    await linesOfStdin((line) => this.#hear(line));
    writeFileSync(`${this.#record}/stdin-ended`, "");
    await this.#playAll(this.#script.end ?? [{ exit: 0 }], {});
    await forever();
  }

  #hear(line) {
    writeSync(this.#received, line + "\n");
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      message = null;
    }
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      process.stderr.write("ERROR codex_app_server: Failed to deserialize JSON-RPC message\n");
    } else if (message.method === undefined) {
      this.#waiting.get(message.id)?.(message);
    } else {
      this.#call(message);
    }
  }

  async #call(message) {
    const { method } = message;
    const count = this.#calls.get(method) ?? 0;
    this.#calls.set(method, count + 1);
    let actions = this.#script.on?.[method] ?? [{ default: true }];
    if (Array.isArray(actions[0])) actions = actions[Math.min(count, actions.length - 1)];
    const thread = this.#threads.get(message.params?.threadId);
    const turn = thread?.turn?.id === message.params?.turnId ? thread?.turn : undefined;
    await this.#playAll(actions, { message, thread, turn });
  }

  async #playAll(actions, context) {
    for (const action of actions) {
      if (context.turn?.isOver) return;
      const playing = this.#play(action, context);
      // An interrupted turn does not wait for what it was about to do.
      await (context.turn ? Promise.race([playing, context.turn.over]) : playing);
    }
  }

  async #play(given, context) {
    const action = filled(given, context);
    const [verb] = Object.keys(action);
    const value = action[verb];
    switch (verb) {
      case "default":
        return await this.#answer(context);
      case "result":
        return await send({ id: context.message.id, result: value });
      case "error":
        return await send({ id: context.message.id, error: value });
      case "send":
        return await send(value, action.repeat);
      case "notify":
        if (value === "thread/tokenUsage/updated" && context.turn) context.turn.saidUsage = true;
        return await notify(value, action.params ?? {}, action.repeat);
      case "request":
        return await this.#request(value, action, context);
      case "message":
        return await this.#message(value, action.deltas ?? 1, context);
      case "delta":
        return await notify("item/agentMessage/delta", {
          ...ids(context),
          itemId: action.itemId ?? "msg_1",
          delta: value,
        }, action.repeat);
      case "command":
        return await this.#command(value, context);
      case "usage":
        return await this.#usage(value, context);
      case "turnEnd":
        return await this.#endTurn(context, value, action.error ?? null);
      case "turnStarted":
        return await this.#turnStarted(context);
      case "stdout":
        return await write(process.stdout, value);
      case "stdoutBase64":
        return await write(process.stdout, Buffer.from(value, "base64"));
      case "oneByteAtATime":
        for (const byte of Buffer.from(value)) await write(process.stdout, Buffer.of(byte));
        return;
      case "endlessLine":
        return await repeat(process.stdout, "x".repeat(CHUNK_BYTES), Infinity);
      case "stderr":
        return await write(process.stderr, value);
      case "stderrRepeat":
        return await repeat(process.stderr, "e".repeat(99) + "\n", Math.ceil(value.bytes / 100));
      case "closeStdout":
        process.stdout.destroy();
        unread.add(process.stdout);
        return replaceWithNull(1);
      case "stopReading":
        process.stdin.pause();
        return;
      case "ignore":
        for (const signal of value) {
          if (signal !== "SIGTERM") process.on(signal, () => this.#noteSignal(signal));
          this.#heard.add(signal);
        }
        return;
      case "spawnGrandchild":
        return await this.#spawnGrandchild(value);
      case "touch":
        return writeFileSync(`${this.#folder}/${value}`, "");
      case "waitForFile":
        return await appearance(this.#folder, value);
      case "exit":
        await write(process.stdout, "");
        return process.exit(value);
      case "kill":
        await write(process.stdout, "");
        process.kill(process.pid, value);
        return await forever();
      case "hang":
        return await forever();
      default:
        throw new TypeError(`Unknown action "${verb}"`);
    }
  }

  /** What the real one would do, as far as tests care. */
  async #answer(context) {
    const { id, method, params } = context.message;
    if (id === undefined) return;
    const result = (value) => send({ id, result: value });
    const error = (message) => send({ id, error: { code: -32600, message } });
    if (method === "initialize") {
      if (this.#isInitialized) return error("Already initialized");
      this.#isInitialized = true;
      const { name, version } = params.clientInfo;
      return result({
        userAgent: `${name}/${this.#version} (Fake 1.0.0; x86_64) unknown (${name}; ${version})`,
        codexHome: "/home/fake/.codex",
        platformFamily: "unix",
        platformOs: "linux",
      });
    }
    if (!this.#isInitialized) return error("Not initialized");
    if (params === undefined) return error("Invalid request: missing field `params`");
    switch (method) {
      case "thread/start":
      case "thread/fork":
        return await this.#openThread(context, threadId(this.#threads.size + 1));
      case "thread/resume":
        return await this.#openThread(context, params.threadId);
      case "turn/start":
        return await this.#startTurn(context);
      case "turn/steer":
      case "turn/interrupt":
        return await this.#changeTurn(context);
      case "account/login/start":
        return result({ type: params.type });
      case "account/read":
        return result({ account: null, userId: null, requiresOpenaiAuth: true });
      case "thread/loaded/list":
        return result({ data: [...this.#threads.keys()], nextCursor: null });
      case "thread/list":
      case "model/list":
      case "skills/list":
      case "mcpServerStatus/list":
        return result({ data: [], nextCursor: null });
      case "thread/unsubscribe":
        return result({ status: "unsubscribed" });
      case "thread/read":
        return result({ thread: threadObject(params.threadId, "/") });
      case "thread/archive":
      case "thread/unarchive":
      case "thread/delete":
      case "thread/name/set":
      case "thread/backgroundTerminals/clean":
        return result({});
      default:
        return error(`Invalid request: unknown variant \`${method}\`, expected one of …`);
    }
  }

  async #openThread({ message: { id, params } }, newId) {
    const known = this.#threads.get(newId);
    const thread = known ?? { id: newId, turn: null, turns: 0 };
    this.#threads.set(newId, thread);
    const cwd = params.cwd ?? process.cwd();
    const settings = {
      thread: threadObject(newId, cwd),
      model: params.model ?? "gpt-5.5",
      modelProvider: params.modelProvider ?? "openai",
      serviceTier: null,
      cwd,
      instructionSources: [],
      approvalPolicy: params.approvalPolicy ?? "on-request",
      approvalsReviewer: "user",
      sandbox: { type: "readOnly", networkAccess: false },
      reasoningEffort: null,
    };
    await send({ id, result: settings });
    if (!known) await notify("thread/started", { thread: settings.thread });
  }

  async #startTurn(context) {
    const { message: { id, params } } = context;
    const thread = this.#threads.get(params.threadId);
    if (!thread) {
      return await send({
        id,
        error: { code: -32600, message: `thread not found: ${params.threadId}` },
      });
    }
    // The real one takes a second turn for steering, too.
    if (thread.turn) {
      return await send({ id, result: { turn: turnObject(thread.turn.id, "inProgress") } });
    }
    const number = this.#turnCount++;
    const turn = {
      id: turnId(number + 1),
      hasStarted: false,
      isOver: false,
      final: null,
      items: 0,
    };
    turn.over = new Promise((resolve) => turn.end = resolve);
    thread.turn = turn;
    thread.turns++;
    const inTurn = { ...context, thread, turn, number };
    await send({ id, result: { turn: turnObject(turn.id, "inProgress") } });
    const plans = this.#script.turns ?? [this.#script.turn ?? [{ message: "ok" }]];
    const plan = plans[Math.min(number, plans.length - 1)];
    // A plan that says itself when the turn starts can do something before.
    if (!plan.some((action) => "turnStarted" in action)) await this.#turnStarted(inTurn);
    await this.#playAll(plan, inTurn);
    await this.#endTurn(inTurn, "completed", null);
  }

  async #turnStarted(context) {
    context.turn.hasStarted = true;
    const { threadId } = ids(context);
    await notify("thread/status/changed", {
      threadId,
      status: { type: "active", activeFlags: [] },
    });
    await notify("turn/started", { threadId, turn: turnObject(context.turn.id, "inProgress") });
    const content = context.message.params.input ?? [];
    await this.#item({ type: "userMessage", id: `user_${context.turn.id}`, content }, context);
  }

  async #changeTurn({ message: { id, method, params } }) {
    const thread = this.#threads.get(params.threadId);
    const { turn } = thread ?? {};
    const verb = method === "turn/steer" ? "steer" : "interrupt";
    const refuse = (message) => send({ id, error: { code: -32600, message } });
    if (!turn?.hasStarted) return await refuse(`no active turn to ${verb}`);
    const expected = params.expectedTurnId ?? params.turnId;
    if (expected !== turn.id) {
      return await refuse(`expected active turn id ${expected} but found ${turn.id}`);
    }
    if (verb === "steer") {
      await send({ id, result: { turnId: turn.id } });
      const item = { type: "userMessage", id: `steer_${id}`, content: params.input };
      return await this.#item(item, { thread, turn });
    }
    await send({ id, result: {} });
    await this.#endTurn({ thread, turn }, "interrupted", null);
  }

  async #endTurn({ thread, turn }, status, error) {
    if (turn.isOver) return;
    turn.isOver = true;
    turn.end();
    thread.turn = null;
    const base = { threadId: thread.id };
    if (status === "completed" && !turn.saidUsage) await this.#usage({}, { thread, turn });
    if (status === "failed") {
      await notify("error", { ...base, turnId: turn.id, error, willRetry: false });
    }
    const idle = { type: status === "failed" ? "systemError" : "idle" };
    await notify("thread/status/changed", { ...base, status: idle });
    const items = status === "completed" && turn.final ? [turn.final] : [];
    await notify("turn/completed", {
      ...base,
      turn: { ...turnObject(turn.id, status), items, itemsView: "summary", error },
    });
  }

  async #message(text, deltas, context) {
    const item = { type: "agentMessage", id: `msg_${++context.turn.items}`, text: "", phase: null };
    await notify("item/started", { item, ...ids(context), startedAtMs: 1 });
    const size = Math.max(1, Math.ceil(text.length / deltas));
    for (let at = 0; deltas > 0 && at < text.length; at += size) {
      const delta = text.slice(at, at + size);
      await notify("item/agentMessage/delta", { ...ids(context), itemId: item.id, delta });
    }
    context.turn.final = { ...item, text };
    await notify("item/completed", {
      item: context.turn.final,
      ...ids(context),
      completedAtMs: 2,
    });
  }

  async #command({ command, output = "", exitCode = 0, cwd = "/" }, context) {
    await this.#item(
      {
        type: "commandExecution",
        id: `call_${++context.turn.items}`,
        command,
        cwd,
        processId: null,
        source: "unifiedExecStartup",
        status: "inProgress",
        commandActions: [],
        aggregatedOutput: null,
        exitCode: null,
        durationMs: null,
      },
      context,
      {
        status: exitCode === 0 ? "completed" : "failed",
        aggregatedOutput: output,
        exitCode,
        durationMs: 1,
      },
    );
  }

  async #item(item, context, changes = {}) {
    await notify("item/started", { item, ...ids(context), startedAtMs: 1 });
    const completed = { ...item, ...changes };
    await notify("item/completed", { item: completed, ...ids(context), completedAtMs: 2 });
  }

  /** What the whole thread has used: as many times the usage of a turn as it has turns. */
  async #usage(total, context) {
    context.turn.saidUsage = true;
    const each = {
      totalTokens: 47,
      inputTokens: 42,
      cachedInputTokens: 12,
      cacheWriteInputTokens: 0,
      outputTokens: 5,
      reasoningOutputTokens: 2,
    };
    const all = Object.fromEntries(
      Object.entries(each).map(([name, count]) => [name, count * context.thread.turns]),
    );
    const tokenUsage = { total: { ...all, ...total }, last: each, modelContextWindow: 258400 };
    await notify("thread/tokenUsage/updated", { ...ids(context), tokenUsage });
  }

  /** Asks the client; goes on when it has answered, unless told not to wait. */
  async #request(method, { params = {}, wait = true }, context) {
    const id = this.#requestCount++;
    const answered = new Promise((resolve) => this.#waiting.set(id, resolve)).then(async () => {
      this.#waiting.delete(id);
      // The real one does not say so of calls of tools.
      if (method === "item/tool/call") return;
      await notify("serverRequest/resolved", { threadId: context.thread?.id, requestId: id });
    });
    await send({ method, id, params: { ...(context.turn && ids(context)), ...params } });
    if (wait) await answered;
  }

  #noteSignal(signal) {
    appendFileSync(`${this.#record}/signals`, signal + "\n");
  }

  /** A `sleep`, because it starts in a millisecond; `exec` keeps the signals `trap` ignores. */
  async #spawnGrandchild({ keepStdout = false, keepStderr = false, setsid = false, ignore = [] }) {
    const { spawn } = await import("node:child_process");
    const names = ignore.map((signal) => signal.replace(/^SIG/, "")).join(" ");
    const trap = names === "" ? "" : `trap "" ${names}; `;
    const child = spawn("/bin/sh", [
      "-c",
      `${trap}echo ready >&3; exec /bin/sleep 2147483647 3>&-`,
    ], {
      detached: setsid,
      stdio: ["ignore", keepStdout ? 1 : "ignore", keepStderr ? 2 : "ignore", "pipe"],
    });
    await new Promise((resolve) => child.stdio[3].once("data", resolve));
    child.stdio[3].destroy();
    child.unref();
    appendFileSync(`${this.#record}/grandchildren`, child.pid + "\n");
  }
}

/** Calls `hear` for each line of stdin; resolves at its end. */
function linesOfStdin(hear) {
  let rest = "";
  process.stdin.setEncoding("utf8").on("data", (text) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop();
    for (const line of parts) hear(line);
  });
  return new Promise((resolve) => process.stdin.once("end", resolve));
}

/** `value` with `$threadId`, `$turnId`, `$input` and `$number` in its texts replaced. */
function filled(value, context) {
  if (typeof value === "string") {
    if (!value.includes("$")) return value;
    const input = context.message?.params?.input?.map((part) => part.text ?? "").join("\n\n") ?? "";
    return value
      .replaceAll("$threadId", context.thread?.id ?? "")
      .replaceAll("$turnId", context.turn?.id ?? "")
      .replaceAll("$number", `${context.number ?? 0}`)
      .replaceAll("$input", () => input);
  }
  if (Array.isArray(value)) return value.map((each) => filled(each, context));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, filled(member, context)]),
  );
}

function ids({ thread, turn }) {
  return { threadId: thread?.id, turnId: turn?.id };
}

function threadId(number) {
  return `01a20000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

function turnId(number) {
  return `01a20000-0000-7000-9000-${String(number).padStart(12, "0")}`;
}

function threadObject(id, cwd) {
  return {
    id,
    sessionId: id,
    forkedFromId: null,
    preview: "",
    ephemeral: false,
    modelProvider: "openai",
    createdAt: 1795349031,
    updatedAt: 1795349031,
    status: { type: "idle" },
    path: null,
    cwd,
    cliVersion: "0.169.0",
    source: "vscode",
    gitInfo: null,
    name: null,
    turns: [],
  };
}

function turnObject(id, status) {
  return {
    id,
    rootTurnId: id,
    items: [],
    itemsView: "notLoaded",
    status,
    error: null,
    startedAt: null,
    completedAt: null,
    durationMs: null,
  };
}

function notify(method, params, times = 1) {
  return send({ method, params, emittedAtMs: 1795349031000 }, times);
}

function send(message, times = 1) {
  return repeat(process.stdout, JSON.stringify(message) + "\n", times);
}

/** The streams that nobody reads any more; Node lets one write to them for ever. */
const unread = new Set();

/** Resolves when the pipe has taken it all, or nobody reads any more; signals are heard meanwhile. */
async function write(stream, data) {
  if (unread.has(stream)) return;
  const error = await new Promise((resolve) => stream.write(data, resolve));
  if (error) unread.add(stream);
}

/** Writes `text` `times` times, joined to chunks of about a pipe's size. */
async function repeat(stream, text, times) {
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / text.length));
  const chunk = Buffer.from(text.repeat(Math.min(perChunk, times)));
  let left = times;
  for (; left >= perChunk && !unread.has(stream); left -= perChunk) await write(stream, chunk);
  if (left > 0 && left < perChunk) await write(stream, text.repeat(left));
}

/** Watches before it looks, so that no file slips through between the two. */
async function appearance(folder, name) {
  await new Promise((resolve) => {
    const watcher = watch(folder, look);
    function look() {
      if (!existsSync(`${folder}/${name}`)) return;
      watcher.close();
      resolve();
    }
    look();
  });
}

/** A new file takes the lowest free number; a stray one must not land in place of a pipe. */
function replaceWithNull(descriptor) {
  // Bun opens pipes once more for itself.
  for (const other of process.versions.bun ? readdirSync("/proc/self/fd").map(Number) : []) {
    if (other > 2 && targetOf(other) === targetOf(descriptor)) closeSync(other);
  }
  closeSync(descriptor);
  openSync("/dev/null", "r+");
}

function targetOf(descriptor) {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // The one with which the list was read.
  }
}

function forever() {
  return new Promise(() => setInterval(() => {}, 2 ** 30));
}
