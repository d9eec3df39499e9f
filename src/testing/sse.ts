import type { Usage } from "../events.ts";
import { defaultUsage } from "./builders.ts";
import type { MessagePart, ModelPart, ModelTurn, PausePart, ReasoningPart } from "./script.ts";

/** An event of a streamed response. */
export type ResponseEvent = { type: `response.${string}`; [field: string]: unknown };

/** Makes an id that the server has not used yet, e.g. `"msg_1"` for the prefix `"msg"`. */
export type NewId = (prefix: string) => string;

/** Writes an event as Server-Sent Events have it. */
export function encodeEvent(event: ResponseEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The events of a response, with the pauses among them. A disconnect is the last of its values. */
export function* responseEvents(
  { parts }: ModelTurn,
  newId: NewId,
): Generator<ResponseEvent | PausePart, void> {
  const id = newId("resp");
  let sequence = 0;
  const number = (event: ResponseEvent): ResponseEvent => ({
    ...event,
    sequence_number: sequence++,
  });
  yield number({ type: "response.created", response: { id, status: "in_progress" } });
  let outputIndex = 0;
  let usage: Usage = defaultUsage;
  for (const part of parts) {
    switch (part.type) {
      case "hold":
        yield part;
        continue;
      case "disconnect":
        return yield part;
      case "usage":
        usage = { ...defaultUsage, ...part.usage };
        continue;
      case "failure": {
        const error = { code: part.code, message: part.message };
        return yield number({
          type: "response.failed",
          response: { id, status: "failed", error },
        });
      }
      case "incomplete": {
        const details = { reason: part.reason };
        return yield number({
          type: "response.incomplete",
          response: { id, status: "incomplete", incomplete_details: details },
        });
      }
      case "expect":
      case "http_error":
        continue;
    }
    const item = itemOf(part, newId);
    const at = { output_index: outputIndex++, item_id: item.id };
    yield number({
      type: "response.output_item.added",
      output_index: at.output_index,
      item: startOf(item),
    });
    for (const event of progress(part)) {
      if (event.type === "hold") yield event;
      else if (event.type === "disconnect") return yield event;
      else yield number({ ...event, ...at });
    }
    yield number({ type: "response.output_item.done", output_index: at.output_index, item });
  }
  yield number({
    type: "response.completed",
    response: { id, status: "completed", usage: wireUsage(usage) },
  });
}

type OutputItem = { type: string; id?: unknown; [field: string]: unknown };

type OutputPart = Exclude<
  ModelPart,
  { type: "hold" | "disconnect" | "usage" | "failure" | "incomplete" | "expect" | "http_error" }
>;

/** The item as it is when complete. */
function itemOf(part: OutputPart, newId: NewId): OutputItem {
  switch (part.type) {
    case "message":
      return {
        type: "message",
        id: newId("msg"),
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: part.text, annotations: [] }],
      };
    case "reasoning":
      return {
        type: "reasoning",
        id: newId("rs"),
        summary: part.summary.map((text) => ({ type: "summary_text", text })),
      };
    case "function_call":
      return {
        type: "function_call",
        id: newId("fc"),
        call_id: part.callId ?? newId("call"),
        name: part.name,
        ...(part.namespace !== undefined && { namespace: part.namespace }),
        arguments: typeof part.arguments === "string"
          ? part.arguments
          : JSON.stringify(part.arguments ?? {}),
        status: "completed",
      };
    case "custom_tool_call":
      return {
        type: "custom_tool_call",
        id: newId("ctc"),
        call_id: part.callId ?? newId("call"),
        name: part.name,
        ...(part.namespace !== undefined && { namespace: part.namespace }),
        input: part.input,
        status: "completed",
      };
    case "web_search":
      return {
        type: "web_search_call",
        id: newId("ws"),
        status: "completed",
        action: { type: "search", query: part.query },
      };
    case "item":
      return part.item;
  }
}

/** The item as it is announced: what is streamed later is still empty. */
function startOf(item: OutputItem): OutputItem {
  switch (item.type) {
    case "message":
      return { ...item, status: "in_progress", content: [] };
    case "reasoning":
      return { ...item, summary: [] };
    default:
      return "status" in item ? { ...item, status: "in_progress" } : item;
  }
}

function progress(part: OutputPart): Iterable<ResponseEvent | PausePart> {
  if (part.type === "message") return messageProgress(part);
  if (part.type === "reasoning") return reasoningProgress(part);
  return [];
}

function* messageProgress({ text, deltas }: MessagePart): Generator<ResponseEvent | PausePart> {
  for (const delta of deltas ?? [text]) {
    yield typeof delta === "string"
      ? { type: "response.output_text.delta", content_index: 0, delta }
      : delta;
  }
  yield { type: "response.output_text.done", content_index: 0, text };
}

function* reasoningProgress({ summary }: ReasoningPart): Generator<ResponseEvent> {
  for (const [summary_index, text] of summary.entries()) {
    const part = { type: "summary_text", text };
    yield {
      type: "response.reasoning_summary_part.added",
      summary_index,
      part: { ...part, text: "" },
    };
    yield { type: "response.reasoning_summary_text.delta", summary_index, delta: text };
    yield { type: "response.reasoning_summary_text.done", summary_index, text };
    yield { type: "response.reasoning_summary_part.done", summary_index, part };
  }
}

function wireUsage(usage: Usage): Record<string, unknown> {
  return {
    input_tokens: usage.input_tokens,
    input_tokens_details: {
      cached_tokens: usage.cached_input_tokens,
      cache_write_tokens: usage.cache_write_input_tokens,
    },
    output_tokens: usage.output_tokens,
    output_tokens_details: { reasoning_tokens: usage.reasoning_output_tokens },
    total_tokens: usage.input_tokens + usage.output_tokens,
  };
}
