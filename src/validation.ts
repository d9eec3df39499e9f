import * as v from "valibot";
import { longestTimer } from "./clock.ts";
import { InvalidOptionsError } from "./errors.ts";
import type { CodexOptions, Input, ThreadOptions, TurnOptions } from "./options.ts";
import { closestString } from "./std.ts";
import type { ReviewTarget } from "./transport.ts";

// Values whose validity depends on the version or lane of codex (models, efforts, approval
// policies) are plain strings here: the lane or codex itself judges them.

const text = v.pipe(v.string(), v.check((value) => !value.includes("\0"), "must not hold NUL"));
// JavaScript programs say null for "not given", which the official SDK takes for just that, too.
const optionalText = v.nullish(text);
const optionalBoolean = v.nullish(v.boolean());
const callback = v.optional(v.function());
const milliseconds = v.optional(
  v.pipe(
    v.number(),
    v.check((value) => value > 0, "must be greater than 0"),
    v.check(
      (value) => value <= longestTimer || value === Infinity,
      `must be at most ${longestTimer}, or Infinity for no limit`,
    ),
  ),
);
const signal = v.custom<AbortSignal>(
  (value) =>
    typeof value === "object" && value !== null && "aborted" in value &&
    typeof (value as AbortSignal).addEventListener === "function" &&
    typeof (value as AbortSignal).removeEventListener === "function",
  "must be an AbortSignal",
);

const requestHandlers = { onApproval: callback, onUserInput: callback, onElicitation: callback };

const tool = v.looseObject({
  name: v.string(),
  description: v.string(),
  inputSchema: v.looseObject({}),
  timeoutMs: milliseconds,
  call: v.function(),
});

const codexOptions = v.strictObject({
  ...requestHandlers,
  codexPath: v.optional(v.union([text, v.instance(URL)])),
  codexPathOverride: optionalText,
  baseUrl: optionalText,
  apiKey: optionalText,
  // Written as TOML by its own code, which words its errors as the official SDK does.
  config: v.optional(v.unknown()),
  configOverrides: v.nullish(v.array(text)),
  env: v.nullish(v.record(v.string(), v.optional(text))),
  originator: optionalText,
  transport: callback,
  handleHostSignals: optionalBoolean,
  maxLineBytes: v.optional(v.pipe(v.number(), v.minValue(1))),
  onSpawn: callback,
  onDiagnostic: callback,
});

const threadOptions = v.strictObject({
  ...requestHandlers,
  model: optionalText,
  threadSource: v.optional(text),
  sandboxMode: v.nullish(
    v.picklist(["read-only", "workspace-write", "danger-full-access", ""]),
  ),
  workingDirectory: optionalText,
  skipGitRepoCheck: optionalBoolean,
  modelReasoningEffort: optionalText,
  networkAccessEnabled: v.optional(v.boolean()),
  webSearchMode: v.nullish(v.picklist(["disabled", "cached", "live", ""])),
  webSearchEnabled: optionalBoolean,
  approvalPolicy: optionalText,
  additionalDirectories: v.nullish(v.array(text)),
  profile: optionalText,
  ephemeral: optionalBoolean,
  ignoreUserConfig: optionalBoolean,
  extraArgs: v.optional(v.array(text)),
  tools: v.optional(v.array(tool)),
});

const turnOptions = v.strictObject({
  ...requestHandlers,
  cyberAccessProgram: v.optional(text),
  outputSchema: v.optional(v.unknown()),
  signal: v.optional(signal),
  timeoutMs: milliseconds,
  idleTimeoutMs: milliseconds,
  onRetry: callback,
  liveEvents: optionalBoolean,
});

const imageData = v.union([v.instance(Uint8Array), v.instance(ArrayBuffer), v.instance(Blob)]);

const input = v.union([
  v.string(),
  v.array(v.variant("type", [
    v.strictObject({ type: v.literal("text"), text: v.string() }),
    v.strictObject({ type: v.literal("local_image"), path: v.pipe(text, v.nonEmpty()) }),
    v.strictObject({ type: v.literal("image"), data: imageData }),
    v.strictObject({ type: v.picklist(["skill", "mention"]), name: text, path: text }),
  ])),
]);

const reviewTarget = v.variant("type", [
  v.strictObject({ type: v.literal("uncommitted_changes") }),
  v.strictObject({ type: v.literal("base_branch"), branch: v.pipe(text, v.nonEmpty()) }),
  v.strictObject({
    type: v.literal("commit"),
    sha: v.pipe(text, v.nonEmpty()),
    title: optionalText,
  }),
  v.strictObject({ type: v.literal("custom"), instructions: v.pipe(v.string(), v.nonEmpty()) }),
]);

/** Throws `InvalidOptionsError` unless the options of a `Codex` can be used. */
export function validateCodexOptions(options: CodexOptions): void {
  check(codexOptions, options, "Codex option");
}

/** Throws `InvalidOptionsError` unless the options of a thread can be used. */
export function validateThreadOptions(options: ThreadOptions): void {
  check(threadOptions, options, "thread option");
}

/** Throws `InvalidOptionsError` unless the options of a turn can be used. */
export function validateTurnOptions(options: TurnOptions): void {
  check(turnOptions, options, "turn option");
  const { outputSchema } = options;
  const isLocation = typeof outputSchema === "string" && outputSchema !== "" ||
    outputSchema instanceof URL;
  const isObject = typeof outputSchema === "object" && outputSchema !== null &&
    !Array.isArray(outputSchema);
  if (outputSchema !== undefined && !isLocation && !isObject) {
    throw new InvalidOptionsError(
      "outputSchema must be a plain JSON object, or the path or URL of a file that holds one",
      { path: "outputSchema" },
    );
  }
}

/** Throws `InvalidOptionsError` unless there is something to say to the agent. */
export function validateInput(value: Input): void {
  check(input, value, "input");
  const isEmpty = typeof value === "string"
    ? value === ""
    : value.every((part) => part.type !== "text" || part.text === "");
  if (isEmpty) {
    throw new InvalidOptionsError(
      "Cannot start a turn with an empty input: codex needs a text, also beside images",
      { path: "input" },
    );
  }
}

/** Throws `InvalidOptionsError` unless it is clear what to review. */
export function validateReviewTarget(value: ReviewTarget): void {
  check(reviewTarget, value, "review target");
}

function check(
  schema: v.GenericSchema,
  value: unknown,
  what: string,
): void {
  const { issues } = v.safeParse(schema, value, { abortEarly: true });
  const issue = issues?.[0] && innermost(issues[0]);
  if (issue === undefined) return;
  const path = v.getDotPath(issue) ?? undefined;
  if (issue.type === "strict_object" && issue.expected === "never" && path !== undefined) {
    const known = Object.keys((issue.requirement ?? entriesOf(schema)) as object);
    const name = path.split(".").at(-1)!;
    const hint = known.length > 0 ? `: did you mean "${closestString(name, known)}"?` : "";
    throw new InvalidOptionsError(`Unknown ${what} "${path}"${hint}`, { path });
  }
  const where = path === undefined ? what : `${what} "${path}"`;
  const problem = /^must /.test(issue.message)
    ? issue.message
    : `must be ${issue.expected} but is ${shown(issue)}`;
  throw new InvalidOptionsError(
    `Invalid ${where}: it ${problem}`,
    path === undefined ? {} : { path },
  );
}

/** The issue that says most: of a union that fits none, the one that got furthest. */
function innermost(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown> {
  const deeper = issue.issues?.filter((each) => each.path !== undefined) ?? [];
  return deeper.length > 0 ? innermost(deeper[0]!) : issue;
}

function entriesOf(schema: v.GenericSchema): object {
  return "entries" in schema ? schema.entries as object : {};
}

/**
 * Says of what kind a value is. Of texts only a word where one of a few was expected is quoted, and
 * of numbers the short ones: any other may be a secret.
 */
function shown({ type, input }: v.BaseIssue<unknown>): string {
  if (input === null || input === undefined || typeof input === "boolean") return String(input);
  const isWord = typeof input === "string" && /^[\w-]{1,32}$/.test(input);
  if (type === "picklist" && isWord) return `"${input}"`;
  if (typeof input === "string") return "a string";
  if (typeof input === "number") return String(input).length < 6 ? String(input) : "a number";
  return Array.isArray(input) ? "an array" : `of type ${typeof input}`;
}
