import type { RequestContext } from "./approvals.ts";

/** What a tool answers with: text, or texts and images. */
export type ToolResult = string | ToolContent[];

/** A piece of a {@linkcode ToolResult}. */
export type ToolContent =
  | { type: "text"; text: string }
  | {
    type: "image";
    /** A `data:` URL. */
    url: string;
  };

/** What a tool is told besides its arguments. */
export type ToolContext = RequestContext & {
  /** The thread that calls; a sub-agent calls in a thread of its own. */
  threadId: string;
  /** The turn that calls. */
  turnId: string;
  /** Identifies the call: the `id` of its item. */
  callId: string;
};

/** A tool in this program that the agent can call. Made by `tool()`. */
export type Tool = {
  /** How the model calls it: letters, digits, `_` and `-`. */
  readonly name: string;
  /** When and how to use it, for the model. */
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: Record<string, unknown>;
  /** The longest a call may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Checks the arguments and runs the tool. What it throws is told to the model. */
  call(args: unknown, context: ToolContext): Promise<ToolResult>;
};
