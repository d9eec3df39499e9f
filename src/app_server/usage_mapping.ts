import type { Usage } from "../events.ts";
import type { TokenUsageUpdated } from "../live_events.ts";
import { UsageMeter } from "../usage.ts";
import {
  numberOr,
  objectIn,
  objectOr,
  paramsOf,
  type Place,
  type WireObject,
} from "./wire_shape.ts";

/** What a thread has used before its first turn. */
export const noUsage: Readonly<Usage> = Object.freeze({
  input_tokens: 0,
  cached_input_tokens: 0,
  cache_write_input_tokens: 0,
  output_tokens: 0,
  reasoning_output_tokens: 0,
});

/** The event for the parameters of a `thread/tokenUsage/updated`. */
export function toTokenUsage(params: unknown): TokenUsageUpdated {
  const place = { method: "thread/tokenUsage/updated", path: "" };
  const tokenUsage = objectIn(paramsOf(params, place), "tokenUsage", place);
  const at = { ...place, path: "tokenUsage" };
  return {
    type: "thread.token_usage.updated",
    total: toUsage(objectIn(tokenUsage, "total", at), { ...at, path: "tokenUsage.total" }),
    last: toUsage(objectOr(tokenUsage, "last", {}, at), { ...at, path: "tokenUsage.last" }),
    model_context_window: numberOr(tokenUsage, "modelContextWindow", null, at),
  };
}

/**
 * What a turn has used, from the totals of its thread before and after; `null` where one is not
 * known or the figures went down.
 */
export function usageShare(totalBefore: Usage | null, totalAfter: Usage | null): Usage | null {
  const meter = new UsageMeter(false);
  meter.share(totalBefore);
  return meter.share(totalAfter);
}

function toUsage(counts: WireObject, place: Place): Usage {
  return {
    input_tokens: numberOr(counts, "inputTokens", 0, place),
    cached_input_tokens: numberOr(counts, "cachedInputTokens", 0, place),
    cache_write_input_tokens: numberOr(counts, "cacheWriteInputTokens", 0, place),
    output_tokens: numberOr(counts, "outputTokens", 0, place),
    reasoning_output_tokens: numberOr(counts, "reasoningOutputTokens", 0, place),
  };
}
