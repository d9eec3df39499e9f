/**
 * What went wrong between a script and the requests it was to answer. Thrown by
 * `ScriptedModel.close()` and `ScriptedModel.assertFinished()`.
 *
 * @example
 * ```ts
 * import { message, ScriptedModel, ScriptMismatchError } from "@codex/sdk/testing";
 *
 * const model = await ScriptedModel.start([message("Nobody asks for this")]);
 * try {
 *   await model.close();
 * } catch (error) {
 *   if (ScriptMismatchError.is(error)) console.log(error.problems);
 * }
 * ```
 */
export class ScriptMismatchError extends Error {
  /** The name of the class. */
  override readonly name = "ScriptMismatchError";
  /** Tells the error from others. */
  readonly code = "SCRIPT_MISMATCH";
  /** What went wrong, one sentence each. */
  readonly problems: readonly string[];

  /** Makes the error from its problems; what a check of the script threw is the cause. */
  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(
      `The requests do not match the script:\n${problems.map((line) => `- ${line}`).join("\n")}`,
      options,
    );
    this.problems = problems;
  }

  /** Whether a value is such an error, also one of another copy of this module. */
  static is(error: unknown): error is ScriptMismatchError {
    return error instanceof Error && (error as { code?: unknown }).code === "SCRIPT_MISMATCH";
  }
}

/**
 * The text of a script is not valid. Thrown by `parseScript()` and `loadScript()`.
 *
 * @example
 * ```ts
 * import { parseScript, ScriptFileError } from "@codex/sdk/testing";
 *
 * try {
 *   parseScript(`{ "steps": [{ "mesage": "Hello" }] }`);
 * } catch (error) {
 *   if (ScriptFileError.is(error)) console.log(error.path); // steps[0]
 * }
 * ```
 */
export class ScriptFileError extends Error {
  /** The name of the class. */
  override readonly name = "ScriptFileError";
  /** Tells the error from others. */
  readonly code = "SCRIPT_FILE_INVALID";
  /** Where in the script, e.g. `"steps[2].deltas"`; `""` stands for the whole. */
  readonly path: string;

  /** Makes the error from the place and what is wrong there. */
  constructor(path: string, reason: string, source: string = "script", options?: ErrorOptions) {
    super(`Cannot read ${source}${path && ` at ${path}`}: ${reason}`, options);
    this.path = path;
  }

  /** Whether a value is such an error, also one of another copy of this module. */
  static is(error: unknown): error is ScriptFileError {
    return error instanceof Error && (error as { code?: unknown }).code === "SCRIPT_FILE_INVALID";
  }
}
