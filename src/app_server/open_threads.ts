import type { Usage } from "../events.ts";
import { InvalidOptionsError, RpcError } from "../errors.ts";
import type { CodexConfigObject, ThreadOptions } from "../options.ts";
import type { Tool } from "../tools.ts";
import type { ThreadTarget, TurnRequest } from "../transport.ts";
import type { OpenThread } from "./app_server_turn.ts";
import { type Parameters, threadParameters } from "./parameters.ts";
import type { ServerSession } from "./server_session.ts";
import { dynamicToolsOf } from "./tool_calls.ts";
import { noUsage } from "./usage_mapping.ts";
import {
  answerTo,
  idIn,
  listIn,
  listOr,
  objectsIn,
  textIn,
  textOr,
  textsIn,
  within,
} from "./wire_shape.ts";
import { type LoadedFolders, workspaceFolders } from "./workspace_folders.ts";

/** Kinds of threads among which one is looked for; without them only some are listed. */
const sourceKinds = ["cli", "vscode", "exec", "appServer"];

/** What decides how a thread is loaded, besides its options. */
export type Loading = {
  /** What a server elsewhere was not started with. */
  config?: CodexConfigObject;
  /** The agent's folder as an absolute path, if that can be told. */
  root?: string | undefined;
  /** Whether other clients may use the server, too. */
  isShared?: boolean;
};

/** Has the server load the thread of a turn, unless it has it already. */
export async function openThread(
  session: ServerSession,
  request: TurnRequest,
  tools: readonly Tool[],
  signal: AbortSignal,
  { config = {}, root, isShared = false }: Loading = {},
): Promise<OpenThread> {
  const { thread: target, threadOptions } = request;
  const call = async (method: string, params: Parameters): Promise<WireThread> => {
    const answer = await session.request(method, withConfig(params, config), { signal });
    const result = threadResult(method, answer);
    const { thread } = result;
    session.noteStatus(thread.id, thread.status);
    if (session.isActive(thread.id)) {
      // After a review codex says so here until the next turn.
      const params = { threadId: thread.id, includeTurns: false };
      const read = await session.request("thread/read", params, { signal });
      session.noteStatus(thread.id, threadResult("thread/read", read).thread.status);
    }
    // A folder that is given counts from now on.
    const before = threadOptions.workingDirectory ? undefined : session.folders.get(thread.id);
    const shared = isShared ? { before } : undefined;
    session.folders.set(thread.id, workspaceFolders(result, root, shared));
    // While a turn runs, codex does not take over what it is told.
    if (!session.isBusy(thread.id)) session.loaded.set(thread.id, signatureOf(threadOptions));
    return thread;
  };
  switch (target.type) {
    case "new":
      return begun(
        session,
        await call("thread/start", startParameters(threadOptions, tools, root)),
      );
    case "fork": {
      const threadId = await idOf(session, target.id, threadOptions, signal);
      const source = await session.request("thread/read", { threadId, includeTurns: false }, {
        signal,
        // The words in which it refuses to fork are the better ones.
      }).then((answer) => threadResult("thread/read", answer).thread, unlessRefused);
      const fork = await call("thread/fork", {
        threadId,
        // A fork would fall back to the configured model, whatever the thread has used so far.
        ...(source === null ? {} : { model: source.model }),
        ...threadParameters(threadOptions, root),
        ...extra(threadOptions),
        excludeTurns: true,
      });
      // What a fork has used so far codex does not tell; it is what its source has.
      const used = session.loaded.has(threadId) ? session.usage.get(threadId) : undefined;
      if (used !== undefined) session.usage.set(fork.id, used);
      return opened(session, fork);
    }
    case "resume":
      if (!isId(target.id)) throw noId(target.id);
      return await resumed(session, request, target.id, root, call);
    case "resume_last": {
      const found = await find(session, target, threadOptions, signal);
      if (found === null) throw noThread();
      return await resumed(session, request, found, root, call);
    }
    case "resume_name": {
      const found = await find(session, target, threadOptions, signal);
      if (found !== null) return await resumed(session, request, found, root, call);
      // As on the exec lane: a name nobody has is the name of a new thread.
      const thread = await call("thread/start", startParameters(threadOptions, tools, root));
      await session.request("thread/name/set", { threadId: thread.id, name: target.name }, {
        signal,
      });
      return begun(session, thread);
    }
  }
}

type WireThread = { id: string; ephemeral?: boolean; model?: string | null; status?: unknown };
type ThreadResult = LoadedFolders & { thread: WireThread };

/** What an answer about a thread tells of it. Throws `ProtocolError` when it does not. */
function threadResult(method: string, result: unknown): ThreadResult {
  const [answer, place] = answerTo(method, result);
  idIn(answer, "thread", place);
  const cwd = textOr(answer, "cwd", undefined, place);
  const key = "runtimeWorkspaceRoots";
  const runtimeWorkspaceRoots = textsIn(listOr(answer, key, place), within(place, key));
  const thread = answer.thread as WireThread;
  return { thread, runtimeWorkspaceRoots, ...(cwd === undefined ? {} : { cwd }) };
}

async function resumed(
  session: ServerSession,
  { threadOptions, review }: TurnRequest,
  id: string,
  root: string | undefined,
  call: (method: string, params: Parameters) => Promise<WireThread>,
): Promise<OpenThread> {
  if (session.listenerOf(id) !== undefined) session.throwIfBusy(id);
  // What was heard of another client's turn may be out of date: the answer below is not. A review,
  // which cannot be told its folders, needs what that says of them.
  const isLoaded = session.loaded.get(id) === signatureOf(threadOptions) && !session.isBusy(id);
  if (isLoaded && review === undefined) {
    return opened(session, { id, ephemeral: threadOptions.ephemeral });
  }
  return opened(
    session,
    // All that decides what the agent may do is said again: a new server would not know it.
    await call("thread/resume", {
      threadId: id,
      ...threadParameters(threadOptions, root),
      excludeTurns: true,
    }),
  );
}

/** The id of a thread that goes by its id or its name. */
async function idOf(
  session: ServerSession,
  thread: string,
  options: ThreadOptions,
  signal: AbortSignal,
): Promise<string> {
  if (isId(thread)) return thread.toLowerCase();
  const found = await find(session, { type: "resume_name", name: thread }, options, signal);
  if (found !== null) return found;
  throw new InvalidOptionsError(
    `Cannot fork "${thread}": codex keeps no thread with that id or name`,
    { path: "thread" },
  );
}

/** Codex takes nothing else for one, and says so in words that help nobody. */
function isId(thread: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(thread);
}

function unlessRefused(error: unknown): null {
  if (RpcError.is(error)) return null;
  throw error;
}

async function find(
  session: ServerSession,
  target: ThreadTarget & { type: "resume_name" | "resume_last" },
  { workingDirectory: cwd }: ThreadOptions,
  signal: AbortSignal,
): Promise<string | null> {
  const name = target.type === "resume_name" ? target.name : null;
  const isAnywhere = name !== null || (target.type === "resume_last" && target.allDirectories);
  let cursor: string | null = null;
  do {
    const result = await session.request("thread/list", {
      cursor,
      sourceKinds,
      sortKey: "updated_at",
      limit: name === null ? 1 : 100,
      // The server works where this program does.
      ...(isAnywhere ? {} : { cwd: cwd || "." }),
      ...(name === null ? {} : { searchTerm: name }),
    }, { signal });
    const [answer, place] = answerTo("thread/list", result);
    const threads = objectsIn(listIn(answer, "data", place), within(place, "data"));
    const found = name === null ? threads[0] : threads.find(([thread]) => thread.name === name);
    if (found !== undefined) return textIn(found[0], "id", found[1]);
    cursor = name === null ? null : textOr(answer, "nextCursor", null, place);
  } while (cursor !== null);
  return null;
}

function startParameters(
  options: ThreadOptions,
  tools: readonly Tool[],
  root: string | undefined,
): Parameters {
  return {
    ...threadParameters(options, root),
    ...extra(options),
    ...(tools.length > 0 ? { dynamicTools: dynamicToolsOf(tools) } : {}),
  };
}

/** What is said of the thread itself goes first. */
function withConfig(params: Parameters, config: CodexConfigObject): Parameters {
  if (Object.keys(config).length === 0) return params;
  return { ...params, config: { ...config, ...params.config as CodexConfigObject | undefined } };
}

/** What can only be said of a thread that is created. */
function extra({ ephemeral, threadSource }: ThreadOptions): Parameters {
  return { ...(ephemeral ? { ephemeral } : {}), ...(threadSource ? { threadSource } : {}) };
}

function begun(session: ServerSession, thread: WireThread): OpenThread {
  return { ...opened(session, thread), usage: { ...noUsage } };
}

function opened(session: ServerSession, thread: WireThread): OpenThread {
  const usage: Usage | null = session.usage.get(thread.id) ?? null;
  const folders = session.folders.get(thread.id) ?? workspaceFolders({}, undefined);
  return { id: thread.id, usage, isStored: thread.ephemeral !== true, folders };
}

/** What a thread is loaded with that is not said again with each turn. */
function signatureOf({ workingDirectory, webSearchMode, webSearchEnabled }: ThreadOptions): string {
  return JSON.stringify([workingDirectory, webSearchMode, webSearchEnabled]);
}

function noId(thread: string): InvalidOptionsError {
  return new InvalidOptionsError(
    `Cannot resume "${thread}": it is not the id of a thread. ` +
      `If it is a name, resume it as { name: "${thread}" }`,
    { path: "thread" },
  );
}

function noThread(): InvalidOptionsError {
  return new InvalidOptionsError(
    "Cannot resume the last thread: codex keeps none of this folder. " +
      "Start a thread, or look in { allDirectories: true }",
    { path: "last" },
  );
}
