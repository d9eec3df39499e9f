import type { Usage } from "../events.ts";
import { InvalidOptionsError } from "../errors.ts";
import type { ThreadOptions } from "../options.ts";
import type { Tool } from "../tools.ts";
import type { TurnRequest } from "../transport.ts";
import type { OpenThread } from "./app_server_turn.ts";
import { type Parameters, threadParameters } from "./parameters.ts";
import type { ServerSession } from "./server_session.ts";
import { dynamicToolsOf } from "./tool_calls.ts";
import { noUsage } from "./usage_mapping.ts";

/** Kinds of threads among which one is looked for; without them only some are listed. */
const sourceKinds = ["cli", "vscode", "exec", "appServer"];

/** Has the server load the thread of a turn, unless it has it already. */
export async function openThread(
  session: ServerSession,
  request: TurnRequest,
  tools: readonly Tool[],
  signal: AbortSignal,
): Promise<OpenThread> {
  const { thread: target, threadOptions } = request;
  const call = async (method: string, params: Parameters): Promise<WireThread> => {
    const { thread } = await session.request(method, params, { signal }) as ThreadResult;
    session.loaded.set(thread.id, signatureOf(threadOptions));
    return thread;
  };
  switch (target.type) {
    case "new":
      return begun(await call("thread/start", startParameters(threadOptions, tools)));
    case "fork": {
      const { thread: source } = await session.request("thread/read", {
        threadId: target.id,
        includeTurns: false,
      }, { signal }) as ThreadResult;
      // A fork would fall back to the configured model, whatever the thread has used so far.
      const params = { model: source.model, ...threadParameters(threadOptions) };
      const fork = await call("thread/fork", {
        threadId: source.id,
        ...params,
        ...extra(threadOptions),
        excludeTurns: true,
      });
      // What a fork has used so far codex does not tell; it is what its source has.
      const used = session.loaded.has(source.id) ? session.usage.get(source.id) : undefined;
      if (used !== undefined) session.usage.set(fork.id, used);
      return opened(session, fork);
    }
    case "resume":
      return await resumed(session, request, target.id, call);
    case "resume_name":
    case "resume_last": {
      const found = await find(session, request, signal);
      // As on the exec lane: a name nobody has is the name of a new thread.
      if (found !== null) return await resumed(session, request, found, call);
      if (target.type === "resume_last") throw noThread();
      const thread = await call("thread/start", startParameters(threadOptions, tools));
      await session.request("thread/name/set", { threadId: thread.id, name: target.name }, {
        signal,
      });
      return begun(thread);
    }
  }
}

type WireThread = { id: string; ephemeral?: boolean; model?: string | null; name?: string | null };
type ThreadResult = { thread: WireThread };
type ThreadList = { data: WireThread[]; nextCursor: string | null };

async function resumed(
  session: ServerSession,
  { threadOptions }: TurnRequest,
  id: string,
  call: (method: string, params: Parameters) => Promise<WireThread>,
): Promise<OpenThread> {
  session.throwIfBusy(id);
  if (session.loaded.get(id) === signatureOf(threadOptions)) {
    return opened(session, { id, ephemeral: threadOptions.ephemeral });
  }
  return opened(
    session,
    // All that decides what the agent may do is said again: a new server would not know it.
    await call("thread/resume", {
      threadId: id,
      ...threadParameters(threadOptions),
      excludeTurns: true,
    }),
  );
}

async function find(
  session: ServerSession,
  { thread: target, threadOptions }: TurnRequest,
  signal: AbortSignal,
): Promise<string | null> {
  const cwd = threadOptions.workingDirectory;
  const name = target.type === "resume_name" ? target.name : null;
  const isAnywhere = name !== null || (target.type === "resume_last" && target.allDirectories);
  let cursor: string | null = null;
  do {
    const { data, nextCursor } = await session.request("thread/list", {
      cursor,
      sourceKinds,
      sortKey: "updated_at",
      limit: name === null ? 1 : 100,
      ...(isAnywhere || cwd === undefined ? {} : { cwd }),
      ...(name === null ? {} : { searchTerm: name }),
    }, { signal }) as ThreadList;
    const found = name === null ? data[0] : data.find((thread) => thread.name === name);
    if (found !== undefined) return found.id;
    cursor = name === null ? null : nextCursor;
  } while (cursor !== null);
  return null;
}

function startParameters(options: ThreadOptions, tools: readonly Tool[]): Parameters {
  return {
    ...threadParameters(options),
    ...extra(options),
    ...(tools.length > 0 ? { dynamicTools: dynamicToolsOf(tools) } : {}),
  };
}

/** What can only be said of a thread that is created. */
function extra({ ephemeral, threadSource }: ThreadOptions): Parameters {
  return { ...(ephemeral ? { ephemeral } : {}), ...(threadSource ? { threadSource } : {}) };
}

function begun(thread: WireThread): OpenThread {
  return { id: thread.id, usage: { ...noUsage }, isStored: thread.ephemeral !== true };
}

function opened(session: ServerSession, thread: WireThread): OpenThread {
  const usage: Usage | null = session.usage.get(thread.id) ?? null;
  return { id: thread.id, usage, isStored: thread.ephemeral !== true };
}

/** What a thread is loaded with that is not said again with each turn. */
function signatureOf({ workingDirectory, webSearchMode, webSearchEnabled }: ThreadOptions): string {
  return JSON.stringify([workingDirectory, webSearchMode, webSearchEnabled]);
}

function noThread(): InvalidOptionsError {
  return new InvalidOptionsError(
    "Cannot resume the last thread: codex keeps none of this folder. " +
      "Start a thread, or look in { allDirectories: true }",
    { path: "last" },
  );
}
