import type { Usage } from "../../src/events.ts";

/** The events of a plain turn. */
export function plainTurn(
  { id = "thread-1", text = "hello", usage = usageOf(42) }: {
    id?: string;
    text?: string;
    usage?: Usage | null;
  } = {},
): Record<string, unknown>[] {
  return [
    { type: "thread.started", thread_id: id },
    { type: "turn.started" },
    { type: "item.completed", item: { id: "item_0", type: "agent_message", text } },
    usage === null ? { type: "turn.completed" } : { type: "turn.completed", usage },
  ];
}

/** Usage with that many input tokens. */
export function usageOf(inputTokens: number): Usage {
  return {
    input_tokens: inputTokens,
    cached_input_tokens: 0,
    cache_write_input_tokens: 0,
    output_tokens: 0,
    reasoning_output_tokens: 0,
  };
}
