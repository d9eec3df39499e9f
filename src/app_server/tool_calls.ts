import { InvalidOptionsError } from "../errors.ts";
import type { Clock } from "../clock.ts";
import type { Redact } from "../redact.ts";
import type { Tool, ToolContent, ToolResult } from "../tools.ts";
import { ArgumentsError, checkToolName } from "./tool.ts";
import { textOrNull } from "./turn_request.ts";
import { callUser, messageOf } from "./user_call.ts";
import { isObject, type WireObject } from "./wire_shape.ts";

/** How much of an error the model is told, in characters. */
const maxErrorLength = 2000;

/** Tools by name. Throws `InvalidOptionsError` for names that cannot be, or are given twice. */
export function toolSet(tools: Iterable<Tool>): ReadonlyMap<string, Tool> {
  const set = new Map<string, Tool>();
  for (const tool of tools) {
    checkToolName(tool.name);
    if (set.has(tool.name)) {
      throw new InvalidOptionsError(
        `Invalid tools: there is more than one "${tool.name}"`,
        { path: "tools" },
      );
    }
    set.set(tool.name, tool);
  }
  return set;
}

/** How `thread/start` is told of tools. */
export function dynamicToolsOf(tools: Iterable<Tool>): WireObject[] {
  return [...tools].map(({ name, description, inputSchema }) => ({
    type: "function",
    name,
    description,
    inputSchema,
  }));
}

/** What answering a call works with. */
export type ToolCallContext = {
  /** Each of these makes an answer pointless. */
  signals: readonly AbortSignal[];
  /** Time. */
  clock: Clock;
  /** Keeps secrets from the model. */
  redact: Redact;
  /** Notes what went wrong. */
  report(message: string): void;
};

/**
 * Answers `item/tool/call`. What goes wrong is told to the model as the result of a failed call:
 * of an error of the protocol it would hear nothing but that there was one.
 */
export async function answerToolCall(
  params: WireObject,
  tools: ReadonlyMap<string, Tool>,
  { signals, clock, redact, report }: ToolCallContext,
): Promise<WireObject> {
  const name = textOrNull(params.tool) ?? "";
  const tool = isMissing(params.namespace) ? tools.get(name) : undefined;
  if (tool === undefined) {
    report(`The agent called the tool "${name}", which this program does not have`);
    return toolCallFailure(unknownTool(name, tools));
  }
  const fail = (text: string) => {
    report(`The tool "${name}" failed: ${text}`);
    return toolCallFailure(redact(text).slice(0, maxErrorLength));
  };
  const outcome = await callUser(
    (signal) =>
      tool.call(params.arguments, {
        threadId: textOrNull(params.threadId) ?? "",
        turnId: textOrNull(params.turnId) ?? "",
        callId: textOrNull(params.callId) ?? "",
        signal,
      }),
    { signals, timeoutMs: tool.timeoutMs, clock },
  );
  switch (outcome.type) {
    case "answered": {
      const content = contentOf(outcome.value);
      if (content === null) return fail("It answered with what is neither text nor image");
      return { success: true, contentItems: content };
    }
    case "threw": {
      const text = messageOf(outcome.error);
      // The model is to blame, and told; the program did what it should.
      if (!(outcome.error instanceof ArgumentsError)) return fail(text);
      return toolCallFailure(redact(text).slice(0, maxErrorLength));
    }
    case "late":
      return fail(`It took longer than ${tool.timeoutMs} ms`);
    case "pointless":
      return toolCallFailure("The call was cancelled");
  }
}

/** The result of a call that failed; the text is for the model. */
export function toolCallFailure(text: string): WireObject {
  return { success: false, contentItems: [{ type: "inputText", text }] };
}

function unknownTool(name: string, tools: ReadonlyMap<string, Tool>): string {
  const known = [...tools.keys()].map((each) => `"${each}"`).join(", ");
  const hint = known === "" ? "There are none now" : `There are: ${known}`;
  return `There is no tool "${name}". ${hint}`;
}

function contentOf(result: ToolResult): WireObject[] | null {
  if (typeof result === "string") return [{ type: "inputText", text: result }];
  if (!Array.isArray(result)) return null;
  const items = result.map(contentItemOf);
  return items.includes(null) ? null : items as WireObject[];
}

function contentItemOf(content: ToolContent): WireObject | null {
  if (!isObject(content)) return null;
  if (content.type === "text" && typeof content.text === "string") {
    return { type: "inputText", text: content.text };
  }
  // Codex takes no others, and fails the call for one.
  const isImage = content.type === "image" && typeof content.url === "string" &&
    content.url.startsWith("data:");
  return isImage ? { type: "inputImage", imageUrl: content.url } : null;
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
