import { InvalidOptionsError } from "../errors.ts";
import type { CodexOptions, ThreadOptions, TurnOptions } from "../options.ts";
import type { ReviewTarget, ThreadTarget } from "../transport.ts";
import { configOverrides } from "./config_overrides.ts";
import { execPermissions } from "./permissions.ts";
import { tomlString } from "./toml.ts";

/** What the arguments of `codex exec` are made of. */
export type ExecInput = {
  /** The options of the `Codex`. */
  codexOptions: CodexOptions;
  /** The options of the thread. */
  threadOptions: ThreadOptions;
  /** The options of the turn. */
  turnOptions: TurnOptions;
  /** Which thread the turn belongs to. */
  target: ThreadTarget;
  /** What to review, for a review turn. Custom instructions go to stdin. */
  review?: ReviewTarget;
  /** The paths of the images. */
  images: readonly string[];
  /** The path of the file with the JSON Schema of the answer. */
  outputSchemaFile?: string;
};

/**
 * The arguments of `codex exec` for one turn, without the executable. The prompt is not among them:
 * codex reads it from stdin.
 *
 * The flags that the official SDK knows come in its order. No value can become a flag: a path that
 * starts with `-` gets `./` in front, other such values throw `InvalidOptionsError`, as does what
 * codex would misread.
 */
export function execArguments(input: ExecInput): string[] {
  const { codexOptions, threadOptions, turnOptions, target, review } = input;
  const isCreated = target.type === "new" || target.type === "fork";
  const settings = configArguments(codexOptions);
  const extraArgs = list(threadOptions.extraArgs, "extraArgs", stringValue);
  const { sandboxMode, approvalPolicy } = execPermissions(threadOptions, settings, extraArgs);
  return [
    "exec",
    "--experimental-json",
    ...settings,
    ...flag("--model", threadOptions.model || undefined, "model"),
    ...flag("--thread-source", isCreated ? threadOptions.threadSource : undefined, "threadSource"),
    ...flag("--sandbox", sandboxMode || undefined, "sandboxMode"),
    ...pathFlag("--cd", threadOptions.workingDirectory, "workingDirectory"),
    ...list(threadOptions.additionalDirectories, "additionalDirectories", pathValue)
      .flatMap((path) => ["--add-dir", path]),
    ...toggle("--skip-git-repo-check", threadOptions.skipGitRepoCheck),
    ...pathFlag("--output-schema", input.outputSchemaFile, "outputSchema"),
    ...flag("--cyber-access-program", turnOptions.cyberAccessProgram, "cyberAccessProgram"),
    ...setting(
      "model_reasoning_effort",
      threadOptions.modelReasoningEffort,
      "modelReasoningEffort",
    ),
    ...networkAccess(threadOptions.networkAccessEnabled),
    ...setting("web_search", webSearch(threadOptions), "webSearchMode"),
    ...setting("approval_policy", approvalPolicy, "approvalPolicy"),
    // From here on what the official SDK does not know.
    ...flag("--profile", threadOptions.profile || undefined, "profile"),
    ...toggle("--ephemeral", threadOptions.ephemeral),
    ...toggle("--ignore-user-config", threadOptions.ignoreUserConfig),
    ...extraArgs,
    ...(review === undefined ? subcommand(target) : reviewCommand(review, input)),
    // After the subcommand, because before it `--image` takes its name for a further image.
    ...list(input.images, "images", imagePath).flatMap((path) => ["--image", path]),
  ];
}

/**
 * The arguments that the settings of a `Codex` become, for any subcommand of codex.
 * Throws `InvalidOptionsError` on what codex would misread.
 */
export function configArguments(codexOptions: CodexOptions): string[] {
  return [
    ...configFlags(configOverrides(codexOptions.config ?? {})),
    ...configFlags(list(codexOptions.configOverrides, "configOverrides", flagValue)),
    ...setting("openai_base_url", codexOptions.baseUrl, "baseUrl"),
  ];
}

function subcommand(target: ThreadTarget): string[] {
  switch (target.type) {
    case "new":
      return [];
    case "resume":
      return ["resume", threadName(target.id, "thread id")];
    case "resume_name":
      return ["resume", threadName(target.name, "thread name")];
    case "resume_last":
      return ["resume", "--last", ...toggle("--all", target.allDirectories)];
    case "fork":
      // Unlike the others, a fork reads stdin only when told; else it runs no turn.
      return ["fork", threadName(target.id, "thread id"), "-"];
  }
}

function reviewCommand(review: ReviewTarget, input: ExecInput): string[] {
  if (input.target.type !== "new") {
    throw new InvalidOptionsError(
      "Cannot review in an existing thread: codex starts a new one for each review",
    );
  }
  if (input.images.length > 0) {
    throw new InvalidOptionsError("Cannot pass images to a review: codex takes none", {
      path: "images",
    });
  }
  if (input.outputSchemaFile) {
    // Codex accepts the flag and ignores it.
    throw new InvalidOptionsError('Cannot use "outputSchema" with a review: codex ignores it', {
      path: "outputSchema",
    });
  }
  switch (review.type) {
    case "uncommitted_changes":
      return ["review", "--uncommitted"];
    case "base_branch":
      return ["review", "--base", named(review.branch, "branch")];
    case "commit":
      return [
        "review",
        "--commit",
        named(review.sha, "sha"),
        // In one argument, because titles of commits may well start with a dash.
        ...(review.title ? [`--title=${stringValue(review.title, "title")}`] : []),
      ];
    case "custom":
      return ["review", "-"];
  }
}

function toggle(name: string, on: boolean | undefined): string[] {
  return on ? [name] : [];
}

function flag(name: string, value: string | undefined, option: string): string[] {
  return value === undefined ? [] : [name, flagValue(value, option)];
}

function pathFlag(name: string, path: string | undefined, option: string): string[] {
  return path ? [name, pathValue(path, option)] : [];
}

function configFlags(overrides: string[]): string[] {
  return overrides.flatMap((override) => ["--config", override]);
}

function setting(key: string, value: string | undefined, option: string): string[] {
  if (!value) return [];
  return configFlags([`${key}=${tomlString(stringValue(value, option), `"${option}"`, option)}`]);
}

function networkAccess(enabled: boolean | undefined): string[] {
  if (enabled === undefined) return [];
  if (typeof enabled !== "boolean") throw invalid("networkAccessEnabled", enabled, "a boolean");
  return configFlags([`sandbox_workspace_write.network_access=${enabled}`]);
}

function webSearch({ webSearchMode, webSearchEnabled }: ThreadOptions): string | undefined {
  if (webSearchMode) return webSearchMode;
  return webSearchEnabled === true ? "live" : webSearchEnabled === false ? "disabled" : undefined;
}

function list(
  values: readonly string[] | undefined,
  option: string,
  check: (value: string, option: string) => string,
): string[] {
  if (!values) return [];
  if (!Array.isArray(values)) throw invalid(option, values, "an array of strings");
  return Array.from(values, (value, i) => check(value, `${option}[${i}]`));
}

function stringValue(value: string, option: string): string {
  if (typeof value !== "string") throw invalid(option, value, "a string");
  if (value.includes("\0")) throw invalid(option, value, "a string without NUL");
  return value;
}

function flagValue(value: string, option: string): string {
  if (stringValue(value, option).startsWith("-")) {
    throw invalid(option, value, 'a string that does not start with "-"');
  }
  return value;
}

function named(value: string, option: string): string {
  if (flagValue(value, option) === "") throw invalid(option, value, "a non-empty string");
  return value;
}

function threadName(value: string, option: string): string {
  if (/\p{Cc}/u.test(named(value, option))) {
    throw invalid(option, value, "a string without control characters");
  }
  return value;
}

function pathValue(path: string, option: string): string {
  if (stringValue(path, option) === "") throw invalid(option, path, "a path");
  return path.startsWith("-") ? `./${path}` : path;
}

function imagePath(path: string, option: string): string {
  if (stringValue(path, option).includes(",")) {
    throw new InvalidOptionsError(
      `Cannot pass ${option} ${JSON.stringify(path)} to codex, which splits paths at commas: ` +
        `rename it, or pass its bytes as an input of type "image"`,
      { path: option },
    );
  }
  return pathValue(path, option);
}

function invalid(option: string, value: unknown, expected: string): InvalidOptionsError {
  // What is set may be a secret.
  const seen = typeof value === "string"
    ? JSON.stringify(value.slice(0, 200).replace(/=.*/s, "=…"))
    : typeof value;
  return new InvalidOptionsError(`Invalid ${option}: expected ${expected} but received ${seen}`, {
    path: option,
  });
}
