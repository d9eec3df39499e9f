import type { ApprovalHandler, ApprovalRequest } from "../approvals.ts";
import { readTerminalLine } from "./terminal.ts";

/** Where someone is asked. */
export type Terminal = {
  /**
   * Shows a text, and reads a line. Resolves with `null` when there is nobody to ask, or no more
   * input. Rejects when `signal` is aborted, and then leaves nothing behind.
   */
  ask(text: string, signal: AbortSignal): Promise<string | null>;
};

/** More of a change is not shown, but counted. */
const maxDiffLines = 400;

const question = "Allow it? [y]es, [n]o, [a]lways in this session, [c]ancel the turn: ";

/**
 * Asks on the terminal of this program, one request after the other: yes, no, always in this
 * session, cancel the turn. Without a terminal, and at the end of its input, it declines.
 *
 * Uses stdin, and stderr to write to. What was typed before a question was shown does not answer it.
 * What codex sends is shown with its control characters made visible, so that it cannot paint over
 * itself.
 *
 * @param terminal Where to ask instead. Default: the terminal of this program.
 *
 * @example
 * ```ts
 * import { allowReadOnlyCommands, askOnTerminal } from "jsr:@codex/sdk/app-server";
 *
 * const onApproval = allowReadOnlyCommands(askOnTerminal());
 * ```
 */
export function askOnTerminal(terminal?: Terminal): ApprovalHandler {
  const where = terminal ?? systemTerminal;
  return async (request, { signal }) => {
    let text = `\n${shown(request)}\n${question}`;
    return await inTurn(where, async () => {
      for (;;) {
        signal.throwIfAborted();
        const line = await where.ask(text, signal);
        if (line === null) return "decline";
        switch (line.trim().toLowerCase()) {
          case "y":
          case "yes":
            return "accept";
          case "a":
          case "always":
            return "acceptForSession";
          case "n":
          case "no":
            return "decline";
          case "c":
          case "cancel":
            return "cancel";
        }
        text = question;
      }
    });
  };
}

const systemTerminal: Terminal = {
  ask: async (text, signal) => await readTerminalLine(text, signal),
};

/** The last one who asks on each terminal. */
const lastAsker: WeakMap<Terminal, Promise<unknown>> = new WeakMap();

/** Two who ask at once would read each other's answers. */
async function inTurn<T>(terminal: Terminal, ask: () => Promise<T>): Promise<T> {
  const before = lastAsker.get(terminal) ?? Promise.resolve();
  const asked = before.then(ask, ask);
  lastAsker.set(terminal, asked.catch(() => {}));
  return await asked;
}

function shown(request: ApprovalRequest): string {
  const lines: string[] = [];
  const add = (label: string, text: string | null) => {
    if (text !== null && text !== "") lines.push(`  ${label}: ${visible(text)}`);
  };
  switch (request.type) {
    case "command":
      lines.push(titles[request.kind] ?? "Codex wants to run a command");
      lines.push(indented(request.command));
      add("in", request.cwd);
      add("to reach", request.network === null ? null : hostOf(request.network));
      add("with permissions for", json(request.additionalPermissions));
      break;
    case "file_change":
      lines.push("Codex wants to change files");
      for (const { kind, path, movePath, diff } of request.changes) {
        add(kind, movePath === null ? path : `${path} -> ${movePath}`);
        lines.push(indented(diff, maxDiffLines));
      }
      add("and to write from now on in", request.grantRoot);
      break;
    case "permissions":
      lines.push("Codex wants further permissions");
      add("for", json(request.permissions));
      add("in", request.cwd);
      break;
    case "mcp_tool":
      lines.push("Codex wants to call a tool of an MCP server");
      add("asks", request.message);
      add("server", request.server);
      add("tool", request.tool);
      add("with", json(request.arguments));
      break;
  }
  if (request.type !== "mcp_tool") add("because", request.reason);
  return lines.join("\n");
}

const titles: Readonly<Record<string, string>> = {
  command: "Codex wants to run a command",
  human_command: "Codex wants to run a command of the user",
  write_stdin: "Codex wants to type into a running command",
};

function hostOf({ host, protocol }: { host: string; protocol: string }): string {
  return protocol === "" ? host : `${protocol}://${host}`;
}

function json(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function indented(text: string, maxLines: number = Infinity): string {
  const lines = text.split("\n");
  const kept = lines.slice(0, maxLines).map((line) => `  | ${visible(line)}`);
  if (lines.length > kept.length) kept.push(`  | ... and ${lines.length - kept.length} more lines`);
  return kept.join("\n");
}

/** Control characters, and those that turn the direction of text, as escapes. */
function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) =>
      character === "\t" ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
