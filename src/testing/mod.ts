/**
 * For tests of programs that use codex: a scripted model that the real codex talks to, so that what
 * the model says is up to the test.
 *
 * @example
 * ```ts
 * import { Codex } from "@codex/sdk";
 * import { applyPatch, message, reasoning, ScriptedModel, turn } from "@codex/sdk/testing";
 *
 * async function greets(codexHome: string): Promise<string> {
 *   await using model = await ScriptedModel.start([
 *     turn(
 *       reasoning("**Writing a file**"),
 *       applyPatch("*** Begin Patch\n*** Add File: hello.txt\n+Hello\n*** End Patch"),
 *     ),
 *     message("Wrote hello.txt"),
 *   ]);
 *   const codex = new Codex(model.codexOptions({ codexHome }));
 *   const thread = codex.startThread({ sandboxMode: "workspace-write", skipGitRepoCheck: true });
 *   const { finalResponse } = await thread.run("Write a greeting");
 *   return finalResponse; // "Wrote hello.txt"
 * }
 * ```
 *
 * @module
 */

// The model
export { ScriptedModel } from "./scripted_model.ts";
export type { ScriptedModelOptions } from "./scripted_model.ts";
export type { ScriptedCodexOptions, ScriptedCodexSettings } from "./codex_options.ts";
export { ScriptFileError, ScriptMismatchError } from "./errors.ts";

// What it says
export {
  applyPatch,
  customToolCall,
  defaultUsage,
  disconnect,
  expecting,
  failure,
  functionCall,
  hold,
  httpError,
  incomplete,
  mcpCall,
  message,
  rawItem,
  reasoning,
  repeat,
  shell,
  turn,
  updatePlan,
  usage,
  webSearch,
} from "./builders.ts";
export type { CallOptions, PlanStep } from "./builders.ts";
export { Gate } from "./gate.ts";
export { loadScript, parseScript } from "./script_file.ts";
export type {
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
  Scenario,
  Script,
  ScriptStep,
  UsagePart,
  WebSearchPart,
} from "./script.ts";

// What it is asked
export { lastUserText, toolOutputs, userTexts } from "./model_request.ts";
export type {
  ModelInputItem,
  ModelRequest,
  ModelRequestBody,
  RequestEnd,
} from "./model_request.ts";
export type { CodexConfigObject, CodexConfigValue } from "../options.ts";
export type { Usage } from "../events.ts";
