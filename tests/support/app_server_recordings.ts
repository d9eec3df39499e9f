/** Recordings of what the app-server and a client say to each other. */
import { readFileSync } from "node:fs";
import { TurnEventMapper } from "../../src/app_server/event_mapping.ts";
import type { LiveEvent } from "../../src/live_events.ts";

/** A message on the wire. */
export type RecordedMessage = {
  /** `"in"` is what the app-server says. */
  dir: "in" | "out";
  /** The message. */
  msg: {
    id?: number;
    method?: string;
    // deno-lint-ignore no-explicit-any
    params?: any;
    // deno-lint-ignore no-explicit-any
    result?: any;
  };
};

/** The messages of a recording in tests/fixtures/app_server. */
export function appServerRecording(name: string): RecordedMessage[] {
  return readFileSync(new URL(`../fixtures/app_server/${name}.jsonl`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** A turn of a recording, mapped. */
export type MappedTurn = {
  /** The thread. */
  threadId: string;
  /** What mapped it. */
  mapper: TurnEventMapper;
  /** What came of it, one list for each notification. */
  steps: { method: string; events: LiveEvent[] }[];
};

const starts = new Set(["turn/start", "review/start", "thread/compact/start"]);

/** Maps a recording: each turn hears whatever comes before the next is asked for. */
export function mappedTurns(name: string): MappedTurn[] {
  const turns: MappedTurn[] = [];
  const requests = new Map<number, string>();
  for (const { dir, msg } of appServerRecording(name)) {
    const turn = turns.at(-1);
    if (dir === "out" && msg.method !== undefined) {
      requests.set(msg.id!, msg.method);
      if (!starts.has(msg.method)) continue;
      const { threadId } = msg.params;
      const mapper = new TurnEventMapper({ threadId, turnId: null });
      turns.push({ threadId, mapper, steps: [] });
    } else if (dir === "in" && msg.method === undefined) {
      if (msg.result?.turn !== undefined) turn?.mapper.setTurnId(msg.result.turn.id);
    } else if (dir === "in" && msg.id === undefined && turn !== undefined) {
      const events = turn.mapper.map(msg.method!, msg.params);
      turn.steps.push({ method: msg.method!, events });
    }
  }
  return turns;
}

/** The only turn of a recording, mapped. */
export function mappedTurn(name: string): MappedTurn & { events: LiveEvent[] } {
  const [turn, ...others] = mappedTurns(name);
  if (turn === undefined || others.length > 0) throw new Error(`"${name}" is not one turn`);
  return { ...turn, events: turn.steps.flatMap(({ events }) => events) };
}
