// What is not written down here is not known to be harmless. Two things decide: that the shell finds
// nothing in the line but programs and their arguments, and that each program is known, with each of
// its options. Left out on purpose: whatever runs other programs (git, with its hooks and pagers;
// xargs; env; awk; `rg --pre`, `find -exec`), and whatever can write (`sort -o`, `uniq in out`, `tee`).

/** What a program may be given. */
type Program = {
  /** Single letters that stand alone or together, as in `-la`. */
  letters?: string;
  /** Options, as written. */
  options?: readonly string[];
  /** Options, as written, that take the next word. */
  valued?: readonly string[];
  /** Options that hold their value, e.g. `-n5` or `--color=never`. */
  patterns?: readonly RegExp[];
  /** Further conditions on the words that are no options. */
  operands?: (operands: readonly string[]) => boolean;
};

const count = /^-\d+$/;
const attachedCount = /^-[nc]\d+$/;
const color = /^--colou?r=(never|auto|always)$/;
const context = /^-[ABCm]\d+$/;

const programs: Readonly<Record<string, Program>> = {
  cat: { letters: "AbeEnstTuv", options: ["--number", "--show-all"] },
  cd: { operands: (operands) => operands.length === 1 },
  cut: {
    letters: "s",
    valued: ["-b", "-c", "-d", "-f"],
    patterns: [/^-[bcdf]./, /^--(delimiter|fields|characters)=/],
  },
  // Whatever it is given, it prints.
  echo: { patterns: [/^-/] },
  find: {
    options: ["-a", "-and", "-empty", "-not", "-o", "-or", "-print", "-prune"],
    valued: [
      "-iname",
      "-ipath",
      "-iregex",
      "-maxdepth",
      "-mindepth",
      "-mmin",
      "-mtime",
      "-name",
      "-newer",
      "-path",
      "-regex",
      "-size",
      "-type",
    ],
  },
  grep: {
    letters: "EFHILPRachilnoqrsvwx",
    options: ["--line-number", "--ignore-case", "--recursive", "--files-with-matches"],
    valued: ["-A", "-B", "-C", "-e", "-m"],
    patterns: [context, color, /^--(include|exclude|exclude-dir|context|max-count)=/],
  },
  head: { letters: "qv", valued: ["-c", "-n"], patterns: [count, attachedCount] },
  ls: {
    letters: "1ACFGRSTacdfghiklmnopqrstux",
    options: ["--all", "--almost-all", "--human-readable", "--recursive", "--directory"],
    patterns: [color],
  },
  nl: { valued: ["-b", "-w", "-s"], patterns: [/^-b[atn]$/] },
  pwd: { letters: "LP", operands: (operands) => operands.length === 0 },
  rg: {
    letters: "FHILNPSUachilnopqsuvwx",
    options: [
      "--files",
      "--files-with-matches",
      "--fixed-strings",
      "--hidden",
      "--ignore-case",
      "--line-number",
      "--no-heading",
      "--no-ignore",
      "--no-messages",
      "--smart-case",
      "--sort-files",
      "--stats",
    ],
    valued: ["-A", "-B", "-C", "-T", "-e", "-g", "-m", "-t", "--glob", "--max-count", "--type"],
    patterns: [context, color, /^--(glob|iglob|type|type-not|max-count|max-depth|context|sort)=/],
  },
  // Scripts of sed can write and run; this one prints lines by number.
  sed: {
    letters: "n",
    operands: ([script = ""]) => /^(\d+|\$)(,(\d+|\$))?p$/.test(script),
  },
  tail: { letters: "qv", valued: ["-c", "-n"], patterns: [count, attachedCount] },
  tr: { letters: "cds" },
  wc: { letters: "Lclmw" },
};

/** Nobody reads with a longer one. */
const maxLength = 10_000;
const shells = /^(\/usr)?\/bin\/(bash|sh|zsh|dash)$/;

/** Whether a command line, as codex shows it, certainly does nothing but read. Never throws. */
export function isReadOnlyCommand(command: string): boolean {
  if (command.length > maxLength) return false;
  const outer = wordsOf(command);
  if (outer === null || outer.length !== 1) return false;
  const [shell = "", flag = "", script = "", ...rest] = outer[0]!;
  if (!shells.test(shell) || !(flag === "-c" || flag === "-lc") || rest.length > 0) return false;
  const commands = wordsOf(script);
  return commands !== null && commands.every(isKnown);
}

function isKnown([name = "", ...args]: readonly string[]): boolean {
  if (!Object.hasOwn(programs, name)) return false;
  const { letters = "", options = [], valued = [], patterns = [], operands } = programs[name]!;
  const others: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    if (!word.startsWith("-") || word === "-") others.push(word);
    else if (valued.includes(word)) {
      if (++index >= args.length) return false;
    } else {
      const isOption = options.includes(word) || patterns.some((pattern) => pattern.test(word)) ||
        [...word.slice(1)].every((letter) => letters.includes(letter));
      if (!isOption) return false;
    }
  }
  return operands === undefined || operands(others);
}

/** The words between separators; unquoted, with nothing in them that a shell makes more of. */
const plain = /^[A-Za-z0-9_@%+=:,./-]+/;
const singleQuoted = /^'([^']*)'/;
const doubleQuoted = /^"((?:[^"\\$`!]|\\["\\$`])*)"/;
const separator = /^(\|\||&&|\||;)/;

/**
 * The commands of a line of shell as their words; `null` where there is anything but words, quotes
 * and `|`, `||`, `&&`, `;`: expansions (a file may be called `-delete`), redirections, assignments,
 * groups, comments, several lines.
 */
function wordsOf(line: string): string[][] | null {
  const commands: string[][] = [[]];
  let word: string | null = null;
  let rest = line;
  const take = (text: string): string => {
    rest = rest.slice(text.length);
    return text;
  };
  const endWord = () => {
    if (word !== null) commands.at(-1)!.push(word);
    word = null;
  };
  while (rest !== "") {
    const match = plain.exec(rest) ?? singleQuoted.exec(rest) ?? doubleQuoted.exec(rest);
    if (match !== null) {
      take(match[0]);
      word = (word ?? "") + unquoted(match);
    } else if (rest.startsWith(" ")) {
      take(" ");
      endWord();
    } else {
      const next = separator.exec(rest);
      if (next === null) return null;
      take(next[0]);
      endWord();
      commands.push([]);
    }
  }
  endWord();
  const hasControl = commands.flat().some((each) => /\p{Cc}/u.test(each));
  return hasControl || commands.some((each) => each.length === 0) ? null : commands;
}

function unquoted([text, inner]: RegExpExecArray): string {
  if (inner === undefined) return text;
  return text.startsWith('"') ? inner.replace(/\\(.)/g, "$1") : inner;
}
