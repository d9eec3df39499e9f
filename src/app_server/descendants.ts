import type { ServerSession } from "./server_session.ts";
import { answerTo, listIn, objectIn, textOr, textsIn, within } from "./wire_shape.ts";

/**
 * The threads that the server has loaded and that descend from one of `ancestors`: those of its
 * sub-agents, and of theirs. Rejects as {@linkcode ServerSession.request} does, and with
 * `ProtocolError`.
 */
export async function descendants(
  session: ServerSession,
  ancestors: readonly string[],
  timeoutMs: () => number,
): Promise<string[]> {
  const ids = await loadedThreads(session, timeoutMs);
  const parents = new Map(
    await Promise.all(
      ids.filter((id) => !ancestors.includes(id)).map(async (id) =>
        [id, await parentOf(session, id, timeoutMs)] as const
      ),
    ),
  );
  const family = new Set<string | null>(ancestors);
  for (let count = 0; count !== family.size;) {
    count = family.size;
    for (const [id, parent] of parents) if (family.has(parent)) family.add(id);
  }
  return [...parents.keys()].filter((id) => family.has(id));
}

async function loadedThreads(
  session: ServerSession,
  timeoutMs: () => number,
): Promise<string[]> {
  const method = "thread/loaded/list";
  const ids: string[] = [];
  const cursors = new Set<string | null>();
  for (let cursor: string | null = null; !cursors.has(cursor);) {
    cursors.add(cursor);
    const params = cursor === null ? {} : { cursor };
    const result = await session.request(method, params, { timeoutMs: timeoutMs() });
    const [answer, place] = answerTo(method, result);
    ids.push(...textsIn(listIn(answer, "data", place), within(place, "data")));
    cursor = textOr(answer, "nextCursor", null, place);
  }
  return ids;
}

async function parentOf(
  session: ServerSession,
  threadId: string,
  timeoutMs: () => number,
): Promise<string | null> {
  const method = "thread/read";
  const params = { threadId, includeTurns: false };
  const result = await session.request(method, params, { timeoutMs: timeoutMs() });
  const [answer, place] = answerTo(method, result);
  return textOr(objectIn(answer, "thread", place), "parentThreadId", null, within(place, "thread"));
}
