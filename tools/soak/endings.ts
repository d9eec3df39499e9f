import {
  AbortError,
  type Codex,
  ExitError,
  type Thread,
  type ThreadOptions,
  TimeoutError,
  TurnFailedError,
  type TurnOptions,
} from "../../mod.ts";
import { ServerSentEventsStream } from "../../src/streams/mod.ts";

/** What codex does in a turn; the prompt says it. */
export type Part =
  /** Everything, to its end. */
  | "whole"
  /** Begins a command and never ends. */
  | "endless"
  /** Fails. */
  | "failing";

/** What a turn is played on. */
export type Stage = {
  codex: Codex;
  /** For the turns that complete, one after the other. */
  thread: Thread;
  /** For new threads. */
  threadOptions: ThreadOptions;
  /** For the turns that run into it. */
  timeoutMs: number;
  /** A signal that is shared by all turns and never aborted. */
  signal: AbortSignal;
};

/** One way in which a turn can end. Rejects when it does not. */
export type Ending = (stage: Stage) => Promise<void>;

const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };

/** A PNG of one pixel. */
const image = Uint8Array.from(
  atob(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=",
  ),
  (character) => character.charCodeAt(0),
);

/** The ways in which turns end, by name. */
export const endings: Record<string, Ending> = {
  "buffered": ({ thread, signal }) => completes(thread, { signal }),

  "streamed": async (stage) => {
    const { events, turn } = await stream(stage, "whole", { signal: stage.signal });
    let last = "";
    for await (const event of events) last = event.type;
    check(last === "turn.completed", `the last event was "${last}"`);
    check((await turn()).finalResponse !== "", "there was no response");
  },

  "piped": async (stage) => {
    const { events } = await stream(stage, "whole", { signal: stage.signal });
    const body = await new Response(events.pipeThrough(new ServerSentEventsStream())).text();
    check(body.includes("turn.completed"), "the body was cut");
  },

  "left early": async (stage) => {
    const { events } = await stream(stage, "endless", { signal: stage.signal });
    for await (const event of events) if (event.type === "item.started") break;
  },

  "piped and left": async (stage) => {
    const { events } = await stream(stage, "endless", { signal: stage.signal });
    const reader = events.pipeThrough(new ServerSentEventsStream()).getReader();
    await reader.read();
    await reader.cancel();
  },

  "aborted": async (stage) => {
    const controller = new AbortController();
    const { events, turn } = await stream(stage, "endless", { signal: controller.signal });
    const rest = (async () => {
      for await (const event of events) if (event.type === "item.started") controller.abort();
    })();
    await rejects(rest, isAbort);
    await rejects(turn(), isAbort);
  },

  "timed out": async (stage) => {
    const { timeoutMs, signal } = stage;
    await rejects(newThread(stage).run("endless", { timeoutMs, signal }), isTimeout);
  },

  "silent": async (stage) => {
    const options = { idleTimeoutMs: stage.timeoutMs, signal: stage.signal };
    await rejects(newThread(stage).run("endless", options), isTimeout);
  },

  "failed": async (stage) => {
    const { signal } = stage;
    await rejects(newThread(stage).run("failing", { signal }), isFailure);
  },

  "with a schema": ({ thread, signal }) => completes(thread, { signal, outputSchema: schema }),

  "with an image": async ({ thread, signal }) => {
    const input = [{ type: "text", text: "whole" }, { type: "image", data: image }] as const;
    const turn = await thread.run([...input], { signal });
    check(turn.finalResponse !== "", "there was no response");
  },
};

async function completes(thread: Thread, options: TurnOptions): Promise<void> {
  const turn = await thread.run("whole", options);
  check(turn.finalResponse !== "", "there was no response");
}

function newThread({ codex, threadOptions }: Stage): Thread {
  return codex.startThread(threadOptions);
}

function stream(stage: Stage, part: Part, options: TurnOptions): ReturnType<Thread["runStreamed"]> {
  return newThread(stage).runStreamed(part, options);
}

const isAbort = (error: unknown): boolean => AbortError.is(error);
const isTimeout = (error: unknown): boolean => TimeoutError.is(error);

/** The fake exits, the real codex reports first that the turn failed. */
function isFailure(error: unknown): boolean {
  return ExitError.is(error) || TurnFailedError.is(error);
}

async function rejects(turn: Promise<unknown>, is: (error: unknown) => boolean): Promise<void> {
  const outcome = await turn.then(() => "it completed", (error) => is(error) ? null : error);
  if (outcome !== null) throw outcome instanceof Error ? outcome : new Error(outcome);
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
