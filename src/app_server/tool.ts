import { longestTimer } from "../clock.ts";
import { InvalidOptionsError } from "../errors.ts";
import type {
  StandardSchema,
  StandardSchemaIssue,
  StandardSchemaOutput,
} from "../standard_schema.ts";
import type { Tool, ToolContext, ToolResult } from "../tools.ts";
import { isObject } from "./wire_shape.ts";

/** What a tool is made of, its arguments by a Standard Schema. */
export type SchemaToolOptions<Schema extends StandardSchema> = {
  /** How the model calls it: up to 64 letters, digits, `_` and `-`; not the name of a tool of codex. */
  name: string;
  /** When and how to use it, for the model. */
  description: string;
  /** The arguments, an object. What does not fit is told to the model, and `run` is not called. */
  input: Schema;
  /**
   * The arguments as JSON Schema, for the model. Default: what the schema says of itself, which
   * zod (from 4.2) and arktype do; for valibot it is `toJsonSchema(schema)` of
   * `@valibot/to-json-schema`.
   *
   * Codex passes a simplified form on: of what it leaves out, such as `minimum`, the model hears
   * when its arguments do not fit.
   */
  inputSchema?: Record<string, unknown>;
  /** Runs the tool. The message of what it throws is told to the model. */
  run: (
    args: StandardSchemaOutput<Schema>,
    context: ToolContext,
  ) => ToolResult | Promise<ToolResult>;
  /** The longest a call may take, in milliseconds; `Infinity` for no limit. Default: 120,000. */
  timeoutMs?: number;
};

/** What a tool is made of, its arguments by JSON Schema alone. */
export type JsonSchemaToolOptions = {
  /** How the model calls it: up to 64 letters, digits, `_` and `-`; not the name of a tool of codex. */
  name: string;
  /** When and how to use it, for the model. */
  description: string;
  /** The arguments, an object, as JSON Schema. For the model only: **nothing is checked by it**. */
  inputSchema: Record<string, unknown>;
  /** There is no other schema. */
  input?: undefined;
  /** Runs the tool with whatever the model sent. The message of what it throws is told to it. */
  run: (args: unknown, context: ToolContext) => ToolResult | Promise<ToolResult>;
  /** The longest a call may take, in milliseconds; `Infinity` for no limit. Default: 120,000. */
  timeoutMs?: number;
};

/** Says what is wrong with the arguments of a call; for the model. */
export class ArgumentsError extends Error {}

/**
 * Makes a tool in this program that the agent can call: give it to a thread as one of its `tools`, on
 * the app-server lane.
 *
 * The arguments are checked before it runs. Several calls may run at once. A call's `signal` is
 * aborted when its time is up or its turn has ended; the model is answered at once then, whether or
 * not the tool stops. There is no way to tell the model or the user of progress: the protocol has
 * none for such tools.
 *
 * Codex keeps name, description and schema with the thread, and offers the tool again when it is
 * resumed: give it to the resumed thread as well. Calls of a tool that is not there are answered so.
 *
 * Throws `InvalidOptionsError`.
 *
 * @example Any library with Standard Schema
 * ```ts ignore
 * import { tool } from "jsr:@codex/sdk/app-server";
 * import { z } from "npm:zod";
 *
 * const lookup = tool({
 *   name: "lookup_ticket",
 *   description: "Looks up a ticket by its id, such as ABC-1",
 *   input: z.object({ id: z.string() }),
 *   run: async ({ id }, { signal }) => {
 *     const response = await fetch(`https://tickets.example/${id}`, { signal });
 *     return await response.text();
 *   },
 * });
 * ```
 *
 * @example JSON Schema alone
 * ```ts
 * import { tool } from "jsr:@codex/sdk/app-server";
 *
 * tool({
 *   name: "local_time",
 *   description: "Tells the time of the user",
 *   inputSchema: { type: "object", properties: {} },
 *   run: () => new Date().toString(),
 * });
 * ```
 */
export function tool<Schema extends StandardSchema>(options: SchemaToolOptions<Schema>): Tool;
/** Makes a tool whose arguments are described by JSON Schema, and not checked. */
export function tool(options: JsonSchemaToolOptions): Tool;
export function tool(options: SchemaToolOptions<StandardSchema> | JsonSchemaToolOptions): Tool {
  if (!isObject(options)) throw invalid("it must be made of an object", "tool");
  const { name, description, input, run, timeoutMs = 120_000 } = options;
  checkToolName(name);
  const unknown = Object.keys(options).find((key) => !known.has(key));
  if (unknown !== undefined) throw invalid(`it has no option "${unknown}"`, unknown, name);
  if (typeof description !== "string" || description === "") {
    throw invalid('"description" must be text: the model decides by it', "description", name);
  }
  if (typeof run !== "function") throw invalid('"run" must be a function', "run", name);
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0) || !isTimer(timeoutMs)) {
    throw invalid(
      `"timeoutMs" must be a number of at most ${longestTimer}, or Infinity for no limit`,
      "timeoutMs",
      name,
    );
  }
  if (input !== undefined && !isStandardSchema(input)) {
    throw invalid(
      '"input" must be a Standard Schema (of valibot, zod, arktype...); JSON Schema is "inputSchema"',
      "input",
      name,
    );
  }
  const schema = input as StandardSchema | undefined;
  return {
    name,
    description,
    inputSchema: jsonSchemaOf(name, schema, options.inputSchema),
    timeoutMs,
    async call(args, context) {
      const checked = schema === undefined ? args : await checkedArguments(name, schema, args);
      return await run(checked, context);
    },
  };
}

const known: ReadonlySet<string> = new Set([
  "name",
  "description",
  "input",
  "inputSchema",
  "run",
  "timeoutMs",
]);
const maxIssues = 10;

/**
 * Tools that codex itself offers to some model or with some feature. It would take ours beside
 * them, and then nobody knows which one the model means.
 */
const builtIns: ReadonlySet<string> = new Set([
  "apply_patch",
  "close_agent",
  "create_goal",
  "curr_time",
  "exec",
  "exec_command",
  "followup_task",
  "functions",
  "get_context_remaining",
  "get_goal",
  "image_gen",
  "image_generation",
  "interrupt_agent",
  "js_repl",
  "list_agents",
  "list_available_plugins_to_install",
  "list_mcp_resource_templates",
  "list_mcp_resources",
  "local_shell",
  "multi_agent_v1",
  "multi_tool_use",
  "new_context",
  "read_mcp_resource",
  "request_permissions",
  "request_plugin_install",
  "request_user_input",
  "resume_agent",
  "send_input",
  "send_message",
  "shell",
  "shell_command",
  "sleep",
  "spawn_agent",
  "tool_search",
  "tool_suggest",
  "update_goal",
  "update_plan",
  "view_image",
  "wait",
  "wait_agent",
  "web_search",
  "write_stdin",
]);

/** Throws `InvalidOptionsError` unless a tool can have this name. */
export function checkToolName(name: unknown): void {
  if (typeof name !== "string" || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    throw invalid('"name" must be 1 to 64 letters, digits, "_" and "-"', "name");
  }
  if (builtIns.has(name) || name.startsWith("mcp__")) {
    throw invalid("codex has a tool of that name: choose another one", "name", name);
  }
}

function jsonSchemaOf(
  name: string,
  schema: StandardSchema | undefined,
  given: unknown,
): Record<string, unknown> {
  const jsonSchema = asJson(name, given ?? ownJsonSchema(name, schema));
  // Models call functions with an object, and their services refuse any other schema.
  if (!isObject(jsonSchema) || jsonSchema.type !== "object") {
    throw invalid('its JSON Schema must be of type "object"', "inputSchema", name);
  }
  return jsonSchema;
}

function ownJsonSchema(name: string, schema: StandardSchema | undefined): unknown {
  if (schema === undefined) {
    throw invalid('"input" or "inputSchema" must say what the arguments are', "input", name);
  }
  const { vendor, jsonSchema } = schema["~standard"];
  if (typeof jsonSchema?.input !== "function") {
    const hint = vendor === "valibot"
      ? ', e.g. by "toJsonSchema" of "@valibot/to-json-schema"'
      : "";
    throw invalid(
      `schemas of "${vendor}" cannot tell themselves as JSON Schema: ` +
        `give that as "inputSchema"${hint}`,
      "inputSchema",
      name,
    );
  }
  try {
    return jsonSchema.input({ target: "draft-2020-12" });
  } catch (cause) {
    throw invalid(
      '"input" cannot be told as JSON Schema: give "inputSchema"',
      "input",
      name,
      cause,
    );
  }
}

/** A copy, so that what codex was told stays what it is. */
function asJson(name: string, value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch (cause) {
    throw invalid('"inputSchema" must be JSON', "inputSchema", name, cause);
  }
}

async function checkedArguments(
  name: string,
  schema: StandardSchema,
  args: unknown,
): Promise<unknown> {
  const result = await schema["~standard"].validate(args);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.slice(0, maxIssues).map(describe);
  const more = result.issues.length - issues.length;
  if (more > 0) issues.push(`and ${more} more`);
  throw new ArgumentsError(`Invalid arguments of "${name}": ${issues.join("; ")}`);
}

function describe({ message, path }: StandardSchemaIssue): string {
  const steps = (path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
  return steps.length === 0 ? message : `at "${steps.join(".")}": ${message}`;
}

/** Schemas of some libraries are functions. */
function isStandardSchema(value: unknown): value is StandardSchema {
  const isHolder = typeof value === "object" || typeof value === "function";
  const standard = isHolder && value !== null ? (value as StandardSchema)["~standard"] : undefined;
  return isObject(standard) && typeof standard.validate === "function";
}

function isTimer(ms: number): boolean {
  return ms <= longestTimer || ms === Infinity;
}

function invalid(
  problem: string,
  path: string,
  name?: string,
  cause?: unknown,
): InvalidOptionsError {
  const which = name === undefined ? "Invalid tool" : `Invalid tool "${name}"`;
  return new InvalidOptionsError(`${which}: ${problem}`, {
    path,
    ...(cause === undefined ? {} : { cause }),
  });
}
