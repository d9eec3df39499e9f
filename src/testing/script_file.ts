import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { type JsonValue, parseJsonc } from "../std.ts";
import * as build from "./builders.ts";
import { ScriptFileError } from "./errors.ts";
import { lastUserText, type ModelRequest } from "./model_request.ts";
import type {
  ModelPart,
  ModelResponse,
  RepeatStep,
  Scenario,
  Script,
  ScriptStep,
} from "./script.ts";

/**
 * Reads a script from JSON with comments.
 *
 * The script is `{ "steps": […] }` or `{ "scenarios": [{ "name"?, "when"?, "perThread"?, "steps" }] }`.
 * Each step is an object with **one** of these keys, named as the builder functions are, and the
 * further keys in braces:
 *
 * - `"message"`: text; `{ "deltas": [text, …] }`
 * - `"reasoning"`: text or texts
 * - `"shell"`: command; `{ "arguments", "callId" }`
 * - `"applyPatch"`: patch, or its lines; `{ "callId" }`
 * - `"updatePlan"`: `[{ "step", "status" }, …]`; `{ "explanation", "callId" }`
 * - `"functionCall"`: name; `{ "arguments", "namespace", "callId" }`
 * - `"customToolCall"`: name; `{ "input", "namespace", "callId" }`
 * - `"mcpCall"`: tool; `{ "server", "arguments", "callId" }`
 * - `"webSearch"`: query
 * - `"rawItem"`: an output item of the Responses API
 * - `"usage"`: token counts, e.g. `{ "input_tokens": 100 }`
 * - `"failure"`: code; `{ "text" }`, the message
 * - `"incomplete"`: reason
 * - `"disconnect"`: `true`
 * - `"httpError"`: status; `{ "body", "headers" }`
 * - `"expecting"`: `{ "userText" }`, as in `"when"`
 * - `"turn"`: several of the above, as one response
 * - `"repeat"`: one of the above; `{ "times" }`, default: as often as asked
 *
 * `"when": { "userText": "…" }` selects the requests whose last text of the user includes the text.
 *
 * @param text The script.
 * @param source Names the script in errors. Default: `"script"`.
 * @returns The script, for `ScriptedModel.start()`.
 * @throws {ScriptFileError} If the text is no valid script; it says where.
 *
 * @example
 * ```ts
 * import { parseScript, ScriptedModel } from "@codex/sdk/testing";
 *
 * const script = parseScript(`{
 *   "steps": [
 *     { "turn": [{ "reasoning": "**Looking around**" }, { "shell": "ls" }] },
 *     { "message": "All done" } // the end
 *   ]
 * }`);
 * const model = await ScriptedModel.start(script);
 * await model.stop();
 * ```
 */
export function parseScript(text: string, source: string = "script"): Script {
  const reader = new ScriptReader(source);
  let value: JsonValue;
  try {
    value = parseJsonc(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ScriptFileError("", reason, source, { cause });
  }
  return reader.script(value);
}

/**
 * Reads a script from a file of JSON with comments. For its form see {@linkcode parseScript}.
 * Needs permission to read the file.
 *
 * @param file A path, or a `file:` URL.
 * @returns The script, for `ScriptedModel.start()`.
 * @throws {ScriptFileError} If the file holds no valid script.
 *
 * @example
 * ```ts
 * import { loadScript, ScriptedModel } from "@codex/sdk/testing";
 *
 * async function start(file: URL): Promise<ScriptedModel> {
 *   return await ScriptedModel.start(await loadScript(file));
 * }
 * ```
 */
export async function loadScript(file: string | URL): Promise<Script> {
  return parseScript(await readFile(file, "utf8"), JSON.stringify(String(file)));
}

const callId = v.optional(v.string());
const namespace = v.optional(v.string());
const args = v.optional(v.record(v.string(), v.unknown()), {});
const lines = v.union([v.string(), v.array(v.string())]);
const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)));
const matcher = v.strictObject({ userText: v.string() });

/** A kind of part: what its object looks like, and what is made of it. */
type PartReader = (value: unknown) => { issues: v.BaseIssue<unknown>[] } | { part: ModelPart };

function part<T extends v.ObjectEntries>(
  entries: T,
  make: (value: v.InferOutput<v.StrictObjectSchema<T, undefined>>) => ModelPart,
): PartReader {
  const schema = v.strictObject(entries);
  return (value) => {
    const result = v.safeParse(schema, value);
    if (!result.success) return { issues: [...result.issues] as v.BaseIssue<unknown>[] };
    return { part: make(result.output) };
  };
}

/** Leaves out what is undefined, which is not the same as absent when spread. */
function given<T extends Record<string, unknown>>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}

const partReaders: Record<string, PartReader> = {
  message: part(
    { message: v.string(), deltas: v.optional(v.array(v.string())) },
    ({ message, deltas }) => build.message(message, given({ deltas })),
  ),
  reasoning: part(
    { reasoning: lines },
    ({ reasoning }) => build.reasoning(...[reasoning].flat()),
  ),
  shell: part(
    { shell: v.string(), arguments: args, callId },
    (value) => build.shell(value.shell, value.arguments, given({ callId: value.callId })),
  ),
  applyPatch: part(
    { applyPatch: lines, callId },
    ({ applyPatch, callId }) => build.applyPatch([applyPatch].flat().join("\n"), given({ callId })),
  ),
  updatePlan: part(
    {
      updatePlan: v.array(v.strictObject({
        step: v.string(),
        status: v.picklist(["pending", "in_progress", "completed"]),
      })),
      explanation: v.optional(v.string()),
      callId,
    },
    ({ updatePlan, explanation, callId }) =>
      build.updatePlan(updatePlan, explanation, given({ callId })),
  ),
  functionCall: part(
    { functionCall: v.string(), arguments: v.optional(v.unknown(), {}), namespace, callId },
    ({ functionCall, arguments: args, namespace, callId }) =>
      build.functionCall(functionCall, args, given({ namespace, callId })),
  ),
  customToolCall: part(
    { customToolCall: v.string(), input: v.string(), namespace, callId },
    ({ customToolCall, input, namespace, callId }) =>
      build.customToolCall(customToolCall, input, given({ namespace, callId })),
  ),
  mcpCall: part(
    { mcpCall: v.string(), server: v.string(), arguments: args, callId },
    ({ mcpCall, server, arguments: args, callId }) =>
      build.mcpCall(server, mcpCall, args, given({ callId })),
  ),
  webSearch: part({ webSearch: v.string() }, ({ webSearch }) => build.webSearch(webSearch)),
  rawItem: part(
    { rawItem: v.looseObject({ type: v.string() }) },
    ({ rawItem }) => build.rawItem(rawItem),
  ),
  usage: part(
    {
      usage: v.strictObject({
        input_tokens: count,
        cached_input_tokens: count,
        cache_write_input_tokens: count,
        output_tokens: count,
        reasoning_output_tokens: count,
      }),
    },
    ({ usage }) => build.usage(given(usage)),
  ),
  failure: part(
    { failure: v.string(), text: v.optional(v.string()) },
    ({ failure, text }) => build.failure(failure, text),
  ),
  incomplete: part({ incomplete: v.string() }, ({ incomplete }) => build.incomplete(incomplete)),
  disconnect: part({ disconnect: v.literal(true) }, () => build.disconnect()),
  httpError: part(
    {
      httpError: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
      body: v.optional(v.unknown()),
      headers: v.optional(v.record(v.string(), v.string())),
    },
    ({ httpError, body, headers }) => build.httpError(httpError, given({ body, headers })),
  ),
  expecting: part(
    { expecting: matcher },
    ({ expecting: { userText } }) =>
      build.expecting((request) => {
        const text = lastUserText(request);
        if (text.includes(userText)) return;
        throw new Error(
          `The user said ${JSON.stringify(text)}, which does not include ${
            JSON.stringify(userText)
          }`,
        );
      }),
  ),
};

/** Walks a script and knows where it is, for the errors. */
class ScriptReader {
  #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  script(value: unknown): Script {
    const object = this.#object(value, "", ["steps", "scenarios"]);
    if ("steps" in object === "scenarios" in object) {
      throw this.#error("", `Expected either "steps" or "scenarios"`);
    }
    if ("steps" in object) return this.#steps(object.steps, "steps");
    return this.#list(object.scenarios, "scenarios", (entry, path) => this.#scenario(entry, path));
  }

  #scenario(value: unknown, path: string): Scenario {
    const { steps, ...rest } = this.#object(value, path, ["name", "when", "perThread", "steps"]);
    const schema = v.strictObject({
      name: v.optional(v.string()),
      when: v.optional(matcher),
      perThread: v.optional(v.boolean()),
    });
    const result = v.safeParse(schema, rest);
    if (!result.success) throw this.#issue(path, result.issues[0]);
    const { name, when, perThread } = result.output;
    return given({
      name,
      when: when && ((request: ModelRequest) => lastUserText(request).includes(when.userText)),
      perThread,
      steps: this.#steps(steps, `${path}.steps`),
    });
  }

  #steps(value: unknown, path: string): ScriptStep[] {
    return this.#list(value, path, (entry, path) => this.#step(entry, path));
  }

  #step(value: unknown, path: string): ScriptStep {
    if (!isObject(value) || !("repeat" in value)) return this.#response(value, path);
    const { repeat, times } = this.#object(value, path, ["repeat", "times"]);
    if (times !== undefined && typeof times !== "number") {
      throw this.#error(`${path}.times`, "Expected a number");
    }
    const step = this.#response(repeat, `${path}.repeat`);
    return this.#built(path, (): RepeatStep => build.repeat(step, times));
  }

  #response(value: unknown, path: string): ModelResponse {
    if (!isObject(value) || !("turn" in value)) return this.#part(value, path);
    const { turn } = this.#object(value, path, ["turn"]);
    const parts = this.#list(turn, `${path}.turn`, (entry, path) => this.#part(entry, path));
    return this.#built(path, () => build.turn(...parts));
  }

  #part(value: unknown, path: string): ModelPart {
    if (!isObject(value)) throw this.#error(path, "Expected an object");
    const keys = Object.keys(value);
    const key = keys.find((key) => Object.hasOwn(partReaders, key));
    const read = key === undefined ? undefined : partReaders[key];
    if (!read) {
      const known = ["turn", "repeat", ...Object.keys(partReaders)].join(", ");
      throw this.#error(path, `Unknown step ${quoted(keys)}; expected one of ${known}`);
    }
    const result = this.#built(path, () => read(value));
    if ("issues" in result) throw this.#issue(path, result.issues[0]);
    return result.part;
  }

  #list<T>(value: unknown, path: string, read: (entry: unknown, path: string) => T): T[] {
    if (!Array.isArray(value)) throw this.#error(path, "Expected a list");
    return value.map((entry, index) => read(entry, `${path}[${index}]`));
  }

  #object(value: unknown, path: string, keys: readonly string[]): Record<string, unknown> {
    if (!isObject(value)) throw this.#error(path, "Expected an object");
    const unknown = Object.keys(value).filter((key) => !keys.includes(key));
    if (unknown.length > 0) {
      throw this.#error(path, `Unknown key ${quoted(unknown)}; expected ${keys.join(", ")}`);
    }
    return value;
  }

  /** Adds the place to what a builder function throws. */
  #built<T>(path: string, make: () => T): T {
    try {
      return make();
    } catch (cause) {
      throw this.#error(path, cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  #issue(path: string, issue: v.BaseIssue<unknown> | undefined): ScriptFileError {
    const place = (issue?.path ?? []).reduce(
      (place, { key }) => typeof key === "number" ? `${place}[${key}]` : `${place}.${key}`,
      path,
    );
    return this.#error(place, issue?.message ?? "Invalid value");
  }

  #error(path: string, reason: string, options?: ErrorOptions): ScriptFileError {
    return new ScriptFileError(path, reason, this.#source, options);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function quoted(keys: readonly string[]): string {
  return keys.length === 0 ? "(empty)" : keys.map((key) => JSON.stringify(key)).join(", ");
}
