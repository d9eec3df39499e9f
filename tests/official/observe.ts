/**
 * Turns against the fake codex, watched from outside. The files beside this one hold what the
 * official SDK was seen to do to ours; only `differences.test.ts` says where ours departs from it,
 * so that all others can be run against the official SDK, too.
 */
import {
  Codex,
  type CodexOptions,
  type Input,
  type RunResult,
  type Thread,
  type ThreadEvent,
  type ThreadOptions,
  type TurnOptions,
} from "../../mod.ts";
import {
  type Action,
  type FakeCodex,
  fakeCodex,
  type FakePlan,
  type Invocation,
} from "../support/fake_codex.ts";

export const threadId = "0199a213-81c0-7800-8aa1-bbab2a035a53";
export const otherId = "0199a213-81c0-7800-8aa1-000000000000";
export const usage = {
  input_tokens: 42,
  cached_input_tokens: 12,
  cache_write_input_tokens: 3,
  output_tokens: 5,
  reasoning_output_tokens: 2,
};
export const started = { type: "thread.started", thread_id: threadId };
export const turnStarted = { type: "turn.started" };
export const completed = { type: "turn.completed", usage };

export function message(text: string, id = "item_0"): ItemEvent {
  return { type: "item.completed", item: { id, type: "agent_message", text } };
}

type ItemEvent = { type: string; item: { id: string; type: string; text: string } };

/** A plan that answers as codex does. */
export const answer: Action[] = [{ events: [started, turnStarted, message("Hi!"), completed] }];

/** An error with what an official program may look at. */
export type Failure = Error & { code?: unknown; cause?: unknown };

/** What came of a turn. */
export type Observed = {
  thread: Thread;
  /** What `run()` resolved with. */
  result?: RunResult;
  /** What `run()`, or reading the events, rejected with. */
  error?: Failure;
  /** The events that were read; none of `run()`. */
  events: ThreadEvent[];
  /** The options of the thread. */
  options: ThreadOptions | undefined;
  /** How the fake was started. */
  starts: Invocation[];
};

/** What to observe; what is left out is as usual. */
export type Scene = {
  plan?: FakePlan;
  codex?: CodexOptions;
  thread?: ThreadOptions;
  /** The id of the thread to resume. */
  resume?: string;
  input?: Input;
  turn?: TurnOptions;
};

/** Hands out a fake and removes it afterwards. */
export async function withFake<T>(
  plan: FakePlan,
  body: (fake: FakeCodex) => Promise<T>,
): Promise<T> {
  const fake = await fakeCodex(plan);
  try {
    return await body(fake);
  } finally {
    await fake.remove();
  }
}

/** Runs a turn with `run()`. */
export function observeRun(scene: Scene = {}): Promise<Observed> {
  return observe(scene, async (thread, observed) => {
    observed.result = await thread.run(scene.input ?? "Hello", scene.turn);
  });
}

/** Runs a turn with `runStreamed()` and reads its events. */
export function observeStream(scene: Scene = {}): Promise<Observed> {
  return observe(scene, async (thread, observed) => {
    const { events } = await thread.runStreamed(scene.input ?? "Hello", scene.turn);
    for await (const event of events) observed.events.push(event);
  });
}

function observe(
  scene: Scene,
  act: (thread: Thread, observed: Observed) => Promise<void>,
): Promise<Observed> {
  return withFake(scene.plan ?? answer, async (fake) => {
    const codex = new Codex({ codexPathOverride: fake.path, ...scene.codex });
    const thread = scene.resume === undefined
      ? codex.startThread(scene.thread)
      : codex.resumeThread(scene.resume, scene.thread);
    const observed: Observed = { thread, events: [], options: scene.thread, starts: [] };
    try {
      await act(thread, observed);
    } catch (error) {
      observed.error = error as Failure;
    }
    observed.starts = fake.invocations();
    return observed;
  });
}

/** {@linkcode officialFlags} of the only start. */
export function flags({ starts, error, options }: Observed): string[] {
  if (starts.length !== 1) throw error ?? new Error(`The fake was started ${starts.length} times`);
  return officialFlags(starts[0]!, options);
}

/**
 * The arguments after `exec --experimental-json`, but for what only ours says when the options of
 * the thread do not: the sandbox and the approval policy (see `differences.test.ts`).
 */
export function officialFlags({ argv }: Invocation, options: ThreadOptions = {}): string[] {
  const [command, format, ...rest] = argv;
  if (command !== "exec" || format !== "--experimental-json") {
    throw new Error(`Unexpected arguments ${JSON.stringify(argv)}`);
  }
  const ours = [
    ...(options.sandboxMode == null ? ["--sandbox read-only"] : []),
    ...(options.approvalPolicy == null ? ['--config approval_policy="never"'] : []),
  ];
  const isOurs = (i: number) => ours.includes(`${rest[i]} ${rest[i + 1]}`);
  return rest.filter((_, i) => !isOurs(i) && !isOurs(i - 1));
}

/** A value that TypeScript forbids and JavaScript programs pass. */
export function untyped<T>(value: unknown): T {
  return value as T;
}
