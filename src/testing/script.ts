import type { Usage } from "../events.ts";
import type { Gate } from "./gate.ts";
import type { ModelRequest } from "./model_request.ts";

/** The model says something. */
export type MessagePart = {
  /** Discriminates the union. */
  type: "message";
  /** What the model says. */
  text: string;
  /** How the text is streamed; the strings join to `text`. Default: in one piece. */
  deltas?: readonly (string | PausePart)[];
};

/** The model thinks; codex shows the summary. */
export type ReasoningPart = {
  /** Discriminates the union. */
  type: "reasoning";
  /** The parts of the summary. */
  summary: readonly string[];
};

/** The model calls a function: a shell command, a plan update, an MCP tool, anything. */
export type FunctionCallPart = {
  /** Discriminates the union. */
  type: "function_call";
  /** The function's name. */
  name: string;
  /** The arguments, written as JSON; a string is sent as it is, be it JSON or not. */
  arguments: unknown;
  /** The namespace of the function, e.g. `"mcp__<server>"`. Default: none. */
  namespace?: string;
  /** The id under which codex sends the result. Default: `"call_<n>"`, unique for the server. */
  callId?: string;
};

/** The model calls a tool that takes free text instead of JSON. */
export type CustomToolCallPart = {
  /** Discriminates the union. */
  type: "custom_tool_call";
  /** The tool's name. */
  name: string;
  /** The text. */
  input: string;
  /** The namespace of the tool. Default: none. */
  namespace?: string;
  /** The id under which codex sends the result. Default: `"call_<n>"`, unique for the server. */
  callId?: string;
};

/** The model searched the web; nothing is searched. */
export type WebSearchPart = {
  /** Discriminates the union. */
  type: "web_search";
  /** What was searched for. */
  query: string;
};

/** An output item of the Responses API as it goes over the wire. */
export type RawItemPart = {
  /** Discriminates the union. */
  type: "item";
  /** The item, sent unchanged. */
  item: { type: string; [field: string]: unknown };
};

/** The token counts the response ends with. */
export type UsagePart = {
  /** Discriminates the union. */
  type: "usage";
  /** The counts; see {@linkcode defaultUsage} for those left out. */
  usage: Partial<Usage>;
};

/** The model waits until the test lets it go on. */
export type HoldPart = {
  /** Discriminates the union. */
  type: "hold";
  /** What is waited for. */
  until: Gate | PromiseLike<unknown>;
};

/** The connection breaks, in the middle of the response. */
export type DisconnectPart = {
  /** Discriminates the union. */
  type: "disconnect";
};

/** What may stand between the deltas of a message. */
export type PausePart = HoldPart | DisconnectPart;

/** The request is checked before it is answered. */
export type ExpectPart = {
  /** Discriminates the union. */
  type: "expect";
  /** Throws when the request is not as expected. */
  check: (request: ModelRequest) => void | Promise<void>;
};

/** The response ends with `response.failed`. */
export type FailurePart = {
  /** Discriminates the union. */
  type: "failure";
  /** The code, e.g. `"context_length_exceeded"`. */
  code: string;
  /** The message, written for people. */
  message: string;
};

/** The response ends with `response.incomplete`. */
export type IncompletePart = {
  /** Discriminates the union. */
  type: "incomplete";
  /** Why, e.g. `"max_output_tokens"`. */
  reason: string;
};

/** The request is answered with an HTTP error. */
export type HttpErrorPart = {
  /** Discriminates the union. */
  type: "http_error";
  /** The status, 400 to 599. */
  status: number;
  /** The body; what is no string is written as JSON. */
  body: unknown;
  /** Further headers, e.g. `retry-after`. */
  headers: Record<string, string>;
};

/** A piece of one response. Its values are made by the builder functions of this module. */
export type ModelPart =
  | MessagePart
  | ReasoningPart
  | FunctionCallPart
  | CustomToolCallPart
  | WebSearchPart
  | RawItemPart
  | UsagePart
  | HoldPart
  | ExpectPart
  | FailurePart
  | IncompletePart
  | DisconnectPart
  | HttpErrorPart;

/** One response of several parts; made by {@linkcode turn}. */
export type ModelTurn = {
  /** Discriminates the union. */
  type: "turn";
  /** What the response consists of, in the order in which it is sent. */
  parts: readonly ModelPart[];
};

/** One response: several parts, or one by itself. */
export type ModelResponse = ModelTurn | ModelPart;

/** A response that depends on the request. */
export type ResponseFunction = (request: ModelRequest) => ModelResponse | Promise<ModelResponse>;

/** The same answer to several requests; made by {@linkcode repeat}. */
export type RepeatStep = {
  /** Discriminates the union. */
  type: "repeat";
  /** The answer. */
  step: ModelResponse | ResponseFunction;
  /** How often; `Infinity` stands for as often as asked, never included. */
  times: number;
};

/** What answers one request (several, if repeated). */
export type ScriptStep = ModelResponse | ResponseFunction | RepeatStep;

/** Steps for some of the requests only, so that several conversations can be served at once. */
export type Scenario = {
  /** Names the scenario in errors. Default: its number. */
  name?: string;
  /** Whether a request belongs to the scenario. Default: every request does. */
  when?: (request: ModelRequest) => boolean;
  /**
   * Whether each thread plays the steps from their start. Default: `false`, the threads share
   * them.
   */
  perThread?: boolean;
  /** The steps, or what makes them from the first request; that is asked once a thread. */
  steps: readonly ScriptStep[] | ((request: ModelRequest) => readonly ScriptStep[]);
};

/**
 * What the model says.
 *
 * - A list of steps: each answers one request, in the order in which the requests arrive.
 * - A list of scenarios: a request is answered by the first one it belongs to that has a step left.
 * - A function: it answers every request.
 */
export type Script = readonly ScriptStep[] | readonly Scenario[] | ResponseFunction;
