import type { Codex } from "../codex.ts";

/** What the app-server's methods are called through: a `Codex` with `transport: appServer()`. */
export type Requester = Pick<Codex, "request" | "onNotification">;

/** A page of a list. */
export type Page<T> = { data: T[]; nextCursor?: string | null };

/** All that a paged list holds, page by page as it is read. */
export async function* allPages<T>(
  page: (cursor: string | null) => Promise<Page<T>>,
): AsyncGenerator<T, undefined, undefined> {
  let cursor: string | null = null;
  do {
    const { data, nextCursor }: Page<T> = await page(cursor);
    yield* data;
    cursor = nextCursor ?? null;
  } while (cursor !== null);
}
