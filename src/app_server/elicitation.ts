import type { ElicitationRequest } from "../approvals.ts";
import type { Decided, Question } from "./question.ts";
import { textOrNull, turnRequest } from "./turn_request.ts";
import { isObject, type WireObject } from "./wire_shape.ts";

/** A form by other names. */
const forms: ReadonlySet<unknown> = new Set(["form", "openai/form", "openaiForm"]);

/**
 * `mcpServer/elicitation/request`; `null` for what is neither a form nor a page, which this SDK
 * cannot ask.
 */
export function elicitation(params: WireObject): Question | null {
  const request = elicitationRequest(params);
  if (request === null) return null;
  return {
    handler: "onElicitation",
    request,
    decide(answer) {
      if (!isObject(answer)) return null;
      const { action, content } = answer;
      if (action === "decline" || action === "cancel") return elicited(action);
      if (action !== "accept") return null;
      if (request.mode === "url" || content === undefined || content === null) {
        return elicited("accept");
      }
      return isObject(content) ? elicited("accept", JSON.parse(JSON.stringify(content))) : null;
    },
  };
}

/** The answer to an elicitation. */
export function elicited(
  action: "accept" | "decline" | "cancel",
  content: WireObject | null = null,
  meta: WireObject | null = null,
): Decided {
  return { result: { action, content, _meta: meta } };
}

function elicitationRequest(params: WireObject): ElicitationRequest | null {
  const base = turnRequest(params);
  const { requestedSchema, url } = base.raw;
  const asked = {
    ...base,
    server: textOrNull(params.serverName) ?? "",
    message: textOrNull(params.message) ?? "",
  };
  if (forms.has(params.mode)) {
    const schema = isObject(requestedSchema) ? requestedSchema : null;
    return { ...asked, mode: "form", requestedSchema: schema, url: null };
  }
  if (params.mode !== "url" || typeof url !== "string") return null;
  return { ...asked, mode: "url", requestedSchema: null, url };
}
