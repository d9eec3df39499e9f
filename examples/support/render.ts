import type { ThreadEvent, ThreadItem } from "../../mod.ts";

/** How the parts of a line are set off. */
export type Style = {
  faint: (text: string) => string;
  strong: (text: string) => string;
  good: (text: string) => string;
  bad: (text: string) => string;
};

const same = (text: string): string => text;
const sequence = (on: number, off: number) => (text: string): string =>
  `\x1b[${on}m${text}\x1b[${off}m`;

/** Colours on a terminal, unless the user wants none (https://no-color.org); else plain text. */
export function styleFor(output: { isTerminal: boolean; noColor?: string | undefined }): Style {
  if (!output.isTerminal || output.noColor) {
    return { faint: same, strong: same, good: same, bad: same };
  }
  return {
    faint: sequence(2, 22),
    strong: sequence(1, 22),
    good: sequence(32, 39),
    bad: sequence(31, 39),
  };
}

const mostOutputLines = 12;

/** The lines that tell of an event; none when there is nothing new to say. */
export function render(event: ThreadEvent, style: Style, directory: string = ""): string[] {
  switch (event.type) {
    case "thread.started":
      return [style.faint(`thread ${printable(event.thread_id)}`)];
    case "turn.started":
      return [];
    case "item.started":
      return begun(event.item, style);
    case "item.updated":
      return event.item.type === "todo_list" ? plan(event.item.items, style) : [];
    case "item.completed":
      return done(event.item, style, directory);
    case "error":
      return [style.bad(`! ${printable(event.message)}`)];
    case "turn.failed":
      return [style.bad(`The turn failed: ${printable(event.error.message)}`)];
    case "turn.completed": {
      const { input_tokens, cached_input_tokens, output_tokens } = event.usage;
      const input = `${input_tokens} in (${cached_input_tokens} cached)`;
      return [style.faint(`tokens: ${input}, ${output_tokens} out`)];
    }
    default:
      return [unknown(event, style)];
  }
}

function begun(item: ThreadItem, style: Style): string[] {
  switch (item.type) {
    case "command_execution":
      return [style.strong(`$ ${printable(withoutShell(item.command))}`)];
    case "mcp_tool_call":
      return [style.strong(`> ${printable(`${item.server}.${item.tool}`)}`)];
    case "todo_list":
      return plan(item.items, style);
    default:
      return [];
  }
}

function done(item: ThreadItem, style: Style, directory: string): string[] {
  switch (item.type) {
    case "reasoning":
      return lines(item.text).map(style.faint);
    case "agent_message":
      return ["", ...lines(item.text), ""];
    case "command_execution":
      return [
        ...excerpt(item.aggregated_output).map((line) => style.faint(`  ${line}`)),
        item.exit_code === 0
          ? style.good("  exit 0")
          : style.bad(`  ${item.exit_code == null ? item.status : `exit ${item.exit_code}`}`),
      ];
    case "file_change":
      return item.changes.map(({ kind, path }) => {
        const line = `${kind} ${printable(relative(path, directory))}`;
        return item.status === "completed" ? style.good(line) : style.bad(`${line} ${item.status}`);
      });
    case "mcp_tool_call":
      return item.error ? [style.bad(`  ${printable(item.error.message)}`)] : [];
    case "collab_tool_call":
      return [style.strong(`> ${printable(item.tool)}`)];
    case "web_search":
      return [style.strong(`? ${printable(item.query)}`)];
    case "error":
      return [style.bad(`! ${printable(item.message)}`)];
    case "todo_list":
      return []; // shown when it was last updated
    default:
      return [unknown(item, style)];
  }
}

/** A newer codex has types that the unions do not list. */
function unknown({ type }: { type: string }, style: Style): string {
  return style.faint(`(${printable(type)})`);
}

function plan(steps: { text: string; completed: boolean }[], style: Style): string[] {
  return steps.map(({ text, completed }) => {
    const line = `[${completed ? "x" : " "}] ${printable(text)}`;
    return completed ? style.good(line) : line;
  });
}

/** `/bin/bash -lc 'ls -l'` is how codex runs `ls -l`. */
function withoutShell(command: string): string {
  const pattern = /^\S*sh -l?c (?:'([^']*)'|"([^"\\$`]*)"|([^\s'"\\]+))$/s;
  const [, single, double, word] = pattern.exec(command) ?? [];
  return single ?? double ?? word ?? command;
}

function relative(path: string, directory: string): string {
  const prefix = `${directory}/`;
  return directory !== "" && path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

function excerpt(output: string): string[] {
  const all = lines(output);
  if (all.length <= mostOutputLines) return all;
  const left = all.length - mostOutputLines;
  return [`… ${left} more line${left === 1 ? "" : "s"}`, ...all.slice(-mostOutputLines)];
}

function lines(text: string): string[] {
  const trimmed = text.replace(/\s+$/, "");
  return trimmed === "" ? [] : trimmed.split(/\r?\n/).map(printable);
}

/** What agents print must not move the cursor or set the title of the terminal. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[\d;]*m/g, "").replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "�");
}
