/** An item of what codex sends to the model. */
export type ModelInputItem = {
  /** E.g. `"message"` or `"function_call_output"`. */
  type: string;
  /** Of a message: `"user"`, `"developer"` or `"assistant"`. */
  role?: string;
  /** Whatever else belongs to the type. */
  [field: string]: unknown;
};

/** The body of a request, as far as it is known. */
export type ModelRequestBody = {
  /** The model. */
  model?: string;
  /** The conversation so far, with codex's instructions at its start. */
  input?: ModelInputItem[];
  /** Whatever else codex sent. */
  [field: string]: unknown;
};

/**
 * How a request ended.
 *
 * - `"answered"`: the answer was sent.
 * - `"cut"`: the script broke the connection, or the server was closed.
 * - `"abandoned"`: codex went away before the answer was complete.
 */
export type RequestEnd = "answered" | "cut" | "abandoned";

/** A request codex made to the model. */
export type ModelRequest = {
  /** Its number, counted from 0 in order of arrival. */
  index: number;
  /** The path, e.g. `"/v1/responses"`. */
  path: string;
  /** The headers, their names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** The body. */
  body: ModelRequestBody;
  /** The id of the thread; `""` if the request does not tell. */
  threadId: string;
  /** Resolves when the request has ended, to how it did. */
  ended: Promise<RequestEnd>;
};

/**
 * The texts of the user in a request, what codex adds in the user's name included.
 *
 * @param request The request.
 * @returns One text a message, in order.
 *
 * @example
 * ```ts
 * import { userTexts } from "@codex/sdk/testing";
 * import type { ModelRequest } from "@codex/sdk/testing";
 *
 * function isAboutTests(request: ModelRequest): boolean {
 *   return userTexts(request).some((text) => text.includes("tests"));
 * }
 * ```
 */
export function userTexts(request: Pick<ModelRequest, "body">): string[] {
  return (request.body.input ?? [])
    .filter((item) => item.type === "message" && item.role === "user")
    .map((item) => textOf(item.content));
}

/**
 * What the user said last: the prompt of the running turn.
 *
 * @param request The request.
 * @returns The text; `""` if there is none.
 *
 * @example
 * ```ts
 * import { lastUserText, message, ScriptedModel } from "@codex/sdk/testing";
 *
 * await using model = await ScriptedModel.start(
 *   (request) => message(`You said: ${lastUserText(request)}`),
 * );
 * ```
 */
export function lastUserText(request: Pick<ModelRequest, "body">): string {
  return userTexts(request).at(-1) ?? "";
}

/**
 * The results of tool calls in a request: what commands printed, and the like.
 *
 * @param request The request.
 * @returns The texts by the ids of their calls, in order.
 *
 * @example
 * ```ts
 * import { shell, message, ScriptedModel, toolOutputs } from "@codex/sdk/testing";
 *
 * await using model = await ScriptedModel.start([
 *   shell("date", {}, { callId: "call_date" }),
 *   (request) => message(`It is ${toolOutputs(request).get("call_date")}`),
 * ]);
 * await fetch(`${model.baseUrl}/responses`, { method: "POST", body: "{}" });
 * await fetch(`${model.baseUrl}/responses`, { method: "POST", body: "{}" });
 * ```
 */
export function toolOutputs(request: Pick<ModelRequest, "body">): Map<string, string> {
  const outputs = new Map<string, string>();
  for (const item of request.body.input ?? []) {
    if (item.type === "function_call_output" || item.type === "custom_tool_call_output") {
      outputs.set(String(item.call_id), textOf(item.output));
    }
  }
  return outputs;
}

/** The text of a content, which is a string or a list of parts of which some have a text. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => typeof part?.text === "string" ? part.text : "").join("");
}
