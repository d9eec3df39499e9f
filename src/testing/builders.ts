import type { Usage } from "../events.ts";
import type { Gate } from "./gate.ts";
import type { ModelRequest } from "./model_request.ts";
import type {
  CustomToolCallPart,
  DisconnectPart,
  ExpectPart,
  FailurePart,
  FunctionCallPart,
  HoldPart,
  HttpErrorPart,
  IncompletePart,
  MessagePart,
  ModelPart,
  ModelResponse,
  ModelTurn,
  PausePart,
  RawItemPart,
  ReasoningPart,
  RepeatStep,
  ResponseFunction,
  UsagePart,
  WebSearchPart,
} from "./script.ts";

/** Options of a tool call. */
export type CallOptions = {
  /** The id under which codex sends the result. Default: `"call_<n>"`, unique for the server. */
  callId?: string;
  /** The namespace of the tool. Default: none. */
  namespace?: string;
};

/** A step of a plan. */
export type PlanStep = {
  /** What is to be done. */
  step: string;
  /** How far it is. */
  status: "pending" | "in_progress" | "completed";
};

/**
 * Joins parts to one response of the model.
 *
 * @param parts What the model says, in order. What ends a response (a failure, a cut connection)
 * comes last; an HTTP error allows nothing but {@linkcode hold} and {@linkcode expecting} before it.
 * @returns A step of a script.
 * @throws {TypeError} If the parts do not make a response.
 *
 * @example The model thinks, then runs a command
 * ```ts
 * import { reasoning, shell, turn, usage } from "@codex/sdk/testing";
 *
 * turn(reasoning("**Looking around**"), shell("ls"), usage({ input_tokens: 100 }));
 * ```
 */
export function turn(...parts: ModelPart[]): ModelTurn {
  checkTurn(parts);
  return { type: "turn", parts };
}

/** Throws where parts do not make a response; `turn()` says which. */
export function checkTurn(parts: readonly ModelPart[]): void {
  parts.forEach((part, index) => {
    if (isEnd(part) && index < parts.length - 1) {
      throw new TypeError(`Cannot script a response: nothing can follow "${part.type}"`);
    }
    if (
      part.type === "http_error" &&
      parts.slice(0, index).some(({ type }) => type !== "hold" && type !== "expect")
    ) {
      throw new TypeError(
        `Cannot script a response: only "hold" and "expect" can come before "http_error"`,
      );
    }
  });
  if (parts.filter(({ type }) => type === "usage").length > 1) {
    throw new TypeError(`Cannot script a response: "usage" is given more than once`);
  }
}

function isEnd({ type }: ModelPart): boolean {
  return type === "failure" || type === "incomplete" || type === "disconnect" ||
    type === "http_error";
}

/**
 * The model says something.
 *
 * @param text What it says.
 * @param options `deltas`: how the text is streamed, with {@linkcode hold} or
 * {@linkcode disconnect} in between if wanted. Default: in one piece.
 * @returns A part, or a step by itself.
 * @throws {TypeError} If the deltas do not join to the text. They may break off with a
 * {@linkcode disconnect}.
 *
 * @example
 * ```ts
 * import { message } from "@codex/sdk/testing";
 *
 * message("All done", { deltas: ["All ", "done"] });
 * ```
 */
export function message(
  text: string,
  options: { deltas?: readonly (string | PausePart)[] } = {},
): MessagePart {
  const { deltas } = options;
  if (deltas !== undefined) {
    const joined = deltas.filter((delta) => typeof delta === "string").join("");
    const cut = deltas.some((delta) => typeof delta !== "string" && delta.type === "disconnect");
    if (cut ? !text.startsWith(joined) : joined !== text) {
      throw new TypeError(
        `Cannot script a message: its deltas join to ${JSON.stringify(joined)}, not to ` +
          JSON.stringify(text),
      );
    }
  }
  return { type: "message", text, ...(deltas && { deltas }) };
}

/**
 * The model thinks; codex shows the summary.
 *
 * @param summary The parts of the summary.
 * @returns A part, or a step by itself.
 *
 * @example
 * ```ts
 * import { reasoning } from "@codex/sdk/testing";
 *
 * reasoning("**Planning** the work");
 * ```
 */
export function reasoning(...summary: string[]): ReasoningPart {
  return { type: "reasoning", summary };
}

/**
 * The model calls a function.
 *
 * @param name The function's name.
 * @param args The arguments, written as JSON; a string is sent as it is.
 * @param options The call's id and namespace.
 * @returns A part, or a step by itself.
 *
 * @example
 * ```ts
 * import { functionCall } from "@codex/sdk/testing";
 *
 * functionCall("view_image", { path: "/tmp/logo.png" });
 * ```
 */
export function functionCall(
  name: string,
  args: unknown = {},
  options: CallOptions = {},
): FunctionCallPart {
  return { type: "function_call", name, arguments: args, ...options };
}

/**
 * The model runs a shell command, which codex then **really executes**.
 *
 * @param command The command, as for a shell.
 * @param args Further arguments of the `exec_command` tool, e.g. `{ workdir: "/tmp" }`.
 * @param options The call's id.
 * @returns A part, or a step by itself.
 *
 * @example
 * ```ts
 * import { shell } from "@codex/sdk/testing";
 *
 * shell("ls -l", { workdir: "/tmp" });
 * ```
 */
export function shell(
  command: string,
  args: Record<string, unknown> = {},
  options: CallOptions = {},
): FunctionCallPart {
  return functionCall("exec_command", { cmd: command, ...args }, options);
}

/**
 * The model updates its plan, shown as a `todo_list` item. Codex offers plans only with
 * `tools.update_plan.enabled = true`, which `ScriptedModel.codexOptions()` sets.
 *
 * @param plan The steps of the plan.
 * @param explanation Why it changed. Default: none.
 * @param options The call's id.
 * @returns A part, or a step by itself.
 *
 * @example
 * ```ts
 * import { updatePlan } from "@codex/sdk/testing";
 *
 * updatePlan([{ step: "Look around", status: "in_progress" }]);
 * ```
 */
export function updatePlan(
  plan: readonly PlanStep[],
  explanation?: string,
  options: CallOptions = {},
): FunctionCallPart {
  return functionCall("update_plan", { ...(explanation && { explanation }), plan }, options);
}

/**
 * The model calls a tool of an MCP server that codex is configured with.
 *
 * @param server The server's name in codex's configuration.
 * @param tool The tool.
 * @param args The tool's arguments.
 * @param options The call's id.
 * @returns A part, or a step by itself.
 *
 * @example
 * ```ts
 * import { mcpCall } from "@codex/sdk/testing";
 *
 * mcpCall("calculator", "add", { a: 1, b: 2 });
 * ```
 */
export function mcpCall(
  server: string,
  tool: string,
  args: unknown = {},
  options: { callId?: string } = {},
): FunctionCallPart {
  return functionCall(tool, args, { ...options, namespace: `mcp__${server}` });
}

/**
 * The model calls a tool that takes free text.
 *
 * @param name The tool's name.
 * @param input The text.
 * @param options The call's id and namespace.
 * @returns A part, or a step by itself.
 *
 * @example Code mode, which most models use
 * ```ts
 * import { customToolCall } from "@codex/sdk/testing";
 *
 * customToolCall("exec", "await tools.exec_command({ cmd: 'ls' })", { namespace: "functions" });
 * ```
 */
export function customToolCall(
  name: string,
  input: string,
  options: CallOptions = {},
): CustomToolCallPart {
  return { type: "custom_tool_call", name, input, ...options };
}

/**
 * The model edits files, which codex then **really does** where the sandbox allows it.
 *
 * @param patch The patch, from `*** Begin Patch` to `*** End Patch`.
 * @param options The call's id.
 * @returns A part, or a step by itself.
 *
 * @example
 * ```ts
 * import { applyPatch } from "@codex/sdk/testing";
 *
 * applyPatch(`*** Begin Patch
 * *** Add File: hello.txt
 * +Hello
 * *** End Patch`);
 * ```
 */
export function applyPatch(patch: string, options: CallOptions = {}): CustomToolCallPart {
  return customToolCall("apply_patch", patch, options);
}

/**
 * The model searched the web. Nothing is searched.
 *
 * @param query What was searched for.
 * @returns A part, or a step by itself.
 *
 * @example
 * ```ts
 * import { webSearch } from "@codex/sdk/testing";
 *
 * webSearch("weather in Rome");
 * ```
 */
export function webSearch(query: string): WebSearchPart {
  return { type: "web_search", query };
}

/**
 * An output item of the Responses API for which there is no builder.
 *
 * @param item The item, sent unchanged.
 * @returns A part, or a step by itself.
 *
 * @example
 * ```ts
 * import { rawItem } from "@codex/sdk/testing";
 *
 * rawItem({ type: "image_generation_call", id: "ig_1", status: "completed", result: "" });
 * ```
 */
export function rawItem(item: { type: string; [field: string]: unknown }): RawItemPart {
  return { type: "item", item };
}

/**
 * The token counts the response ends with. Codex adds up those of a thread's responses.
 *
 * @param counts The counts, named as in a turn's usage; see {@linkcode defaultUsage} for those left
 * out.
 * @returns A part of a response.
 *
 * @example
 * ```ts
 * import { message, turn, usage } from "@codex/sdk/testing";
 *
 * turn(message("Hello"), usage({ input_tokens: 1000, output_tokens: 20 }));
 * ```
 */
export function usage(counts: Partial<Usage>): UsagePart {
  return { type: "usage", usage: counts };
}

/**
 * The token counts of a response whose script names none.
 *
 * @example
 * ```ts
 * import { defaultUsage } from "@codex/sdk/testing";
 *
 * defaultUsage.input_tokens; // 42
 * ```
 */
export const defaultUsage: Readonly<Usage> = {
  input_tokens: 42,
  cached_input_tokens: 12,
  cache_write_input_tokens: 0,
  output_tokens: 5,
  reasoning_output_tokens: 2,
};

/**
 * The model waits until the test lets it go on. What comes before is sent already; at the start of
 * a response nothing is, not even its HTTP status.
 *
 * @param until A {@linkcode Gate}, or a promise. If the promise rejects, the connection is cut and
 * the reason is among the problems of the script.
 * @returns A part, or a step by itself.
 *
 * @example
 * ```ts
 * import { Gate, hold, message, turn } from "@codex/sdk/testing";
 *
 * const gate = new Gate();
 * turn(hold(gate), message("Done"));
 * ```
 */
export function hold(until: Gate | PromiseLike<unknown>): HoldPart {
  return { type: "hold", until };
}

/**
 * The connection breaks. The turn fails then, unless codex may try again (`retries` of
 * `ScriptedModel.codexOptions()`), which is a request of its own.
 *
 * @returns A part, or a step by itself: then codex gets no answer at all.
 *
 * @example In the middle of a message
 * ```ts
 * import { disconnect, message } from "@codex/sdk/testing";
 *
 * message("All done", { deltas: ["All ", disconnect()] });
 * ```
 */
export function disconnect(): DisconnectPart {
  return { type: "disconnect" };
}

/**
 * Checks the request before it is answered.
 *
 * @param check Throws when the request is not as expected. The turn of codex then fails, and
 * `ScriptedModel.close()` reports what was thrown.
 * @returns A part of a response.
 *
 * @example
 * ```ts
 * import { expecting, lastUserText, message, turn } from "@codex/sdk/testing";
 * import assert from "node:assert/strict";
 *
 * turn(
 *   expecting((request) => assert.equal(lastUserText(request), "Hello")),
 *   message("Hello to you"),
 * );
 * ```
 */
export function expecting(check: (request: ModelRequest) => void | Promise<void>): ExpectPart {
  return { type: "expect", check };
}

/**
 * The response fails.
 *
 * @param code The code, e.g. `"context_length_exceeded"` or `"rate_limit_exceeded"`.
 * @param text The message, written for people. Default: names the code.
 * @returns A part, or a step by itself.
 *
 * @example
 * ```ts
 * import { failure } from "@codex/sdk/testing";
 *
 * failure("context_length_exceeded");
 * ```
 */
export function failure(code: string, text: string = `Scripted failure "${code}"`): FailurePart {
  return { type: "failure", code, message: text };
}

/**
 * The response ends before it is complete.
 *
 * @param reason Why. Default: `"max_output_tokens"`.
 * @returns A part, or a step by itself.
 *
 * @example
 * ```ts
 * import { incomplete, message, turn } from "@codex/sdk/testing";
 *
 * turn(message("Once upon a"), incomplete());
 * ```
 */
export function incomplete(reason: string = "max_output_tokens"): IncompletePart {
  return { type: "incomplete", reason };
}

/**
 * The request is answered with an HTTP error.
 *
 * @param status The status, 400 to 599.
 * @param options `body`: what is no string is written as JSON; default: an error object as the
 * service sends it. `headers`: further headers, e.g. `retry-after`.
 * @returns A part, or a step by itself.
 * @throws {RangeError} If the status is no error.
 *
 * @example
 * ```ts
 * import { httpError } from "@codex/sdk/testing";
 *
 * httpError(429, { headers: { "retry-after": "1" } });
 * ```
 */
export function httpError(
  status: number,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): HttpErrorPart {
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new RangeError(`Cannot script an HTTP error: status ${status} is not 400 to 599`);
  }
  const body = options.body ?? { error: { message: `Scripted HTTP error ${status}` } };
  return { type: "http_error", status, body, headers: options.headers ?? {} };
}

/**
 * The same answer to several requests.
 *
 * @param step The answer, or what makes it from the request.
 * @param times How often. Default: as often as asked, never included; nothing can follow it then.
 * @returns A step of a script.
 * @throws {RangeError} If `times` is no positive whole number.
 *
 * @example A model that repeats what it is told
 * ```ts
 * import { lastUserText, message, repeat } from "@codex/sdk/testing";
 *
 * repeat((request) => message(lastUserText(request)));
 * ```
 */
export function repeat(
  step: ModelResponse | ResponseFunction,
  times: number = Infinity,
): RepeatStep {
  if (times !== Infinity && (!Number.isInteger(times) || times < 1)) {
    throw new RangeError(`Cannot repeat a step: "times" is ${times}, not a positive whole number`);
  }
  return { type: "repeat", step, times };
}
