import type { ApprovalHandler, ApprovalRequest, FileChangeApprovalRequest } from "../approvals.ts";
import { InvalidOptionsError } from "../errors.ts";
import { isAbsolute, liesWithin } from "./lies_within.ts";
import { isReadOnlyCommand } from "./read_only_command.ts";

export { askOnTerminal, type Terminal } from "./ask_on_terminal.ts";

/** Declines all that is asked. What happens without an `onApproval` as well. */
export const denyAll: ApprovalHandler = (): "decline" => "decline";

/**
 * Accepts commands that only read; what else is asked goes to `otherwise`.
 *
 * Codex itself must take all of the command for reading, listing or searching, and the line must be
 * made of nothing but `cat`, `cd`, `cut`, `echo`, `find`, `grep`, `head`, `ls`, `nl`, `pwd`, `rg`,
 * `sed -n 1,5p`, `tail`, `tr` and `wc`, with options known to be harmless, joined by `|`, `&&`, `||`
 * and `;`. So there are no redirections, substitutions, patterns outside of quotes, assignments,
 * `find -exec` or `rg --pre`, nor a command that wants the network or further permissions.
 *
 * A command that codex asks about may run outside the sandbox, and then **reads what this user may
 * read**, keys and passwords included. It is found by its name, so do not use this where the agent
 * may write to a folder of codex's `PATH` or to the start-up files of the shell: in a program that
 * `npm run` has started `node_modules/.bin` of the project comes first, and an `ls` of the agent's
 * own may lie there.
 *
 * @param otherwise Decides on the rest. Default: {@linkcode denyAll}.
 *
 * @example
 * ```ts
 * import { allowReadOnlyCommands, allowWithin } from "jsr:@codex/sdk/app-server";
 *
 * const onApproval = allowReadOnlyCommands(allowWithin("/home/me/project"));
 * ```
 */
export function allowReadOnlyCommands(otherwise: ApprovalHandler = denyAll): ApprovalHandler {
  return (request, context) => onlyReads(request) ? "accept" : otherwise(request, context);
}

const readingActions: ReadonlySet<string> = new Set(["read", "listFiles", "search"]);

function onlyReads(request: ApprovalRequest): boolean {
  if (request.type !== "command" || request.kind !== "command") return false;
  const { command, actions, network, additionalPermissions } = request;
  return network === null && additionalPermissions === null && actions.length > 0 &&
    actions.every(({ type }) => readingActions.has(type)) && isReadOnlyCommand(command);
}

/**
 * Accepts changes to files in a folder, each time anew; what else is asked, all commands among it,
 * goes to `otherwise`.
 *
 * Every path must lie in the folder, also that to which a file is moved, after `..` and links are
 * resolved on this machine: it is of no use with a server that runs elsewhere. Someone who changes
 * links between the answer and the writing is not noticed. Folders named `.git`, `.codex` and
 * `.agents` are left out, because what is written there can run programs later.
 *
 * Deno asks for permission to read the folder; without it nothing is accepted.
 *
 * @param folder The folder, an absolute path.
 * @param otherwise Decides on the rest. Default: {@linkcode denyAll}.
 */
export function allowWithin(
  folder: string,
  otherwise: ApprovalHandler = denyAll,
): ApprovalHandler {
  if (typeof folder !== "string" || !isAbsolute(folder)) {
    throw new InvalidOptionsError("Invalid folder: it must be an absolute path", {
      path: "folder",
    });
  }
  return async (request, context) => {
    const isWithin = request.type === "file_change" && request.changes.length > 0 &&
      await liesWithin(folder, pathsOf(request));
    return isWithin ? "accept" : await otherwise(request, context);
  };
}

/** A root that is granted must lie below as well: being it is more than these files. */
function pathsOf({ changes, grantRoot }: FileChangeApprovalRequest): string[] {
  const paths = changes.flatMap(({ path, movePath }) =>
    movePath === null ? path : [path, movePath]
  );
  return grantRoot === null ? paths : [...paths, grantRoot];
}
