/** A call that gives something back: a timer, a listener, a process, a file, an entry in a list. */
export type CleanUp = {
  /** Where it begins in the source. */
  start: number;
  /** Where it ends. */
  end: number;
  /** The line it begins on, from 1. */
  line: number;
  /** The call as it is written, white space aside. */
  text: string;
};

const verbs = [
  ..."abort cancel clear close delete destroy discard dispose end forget kill leave off".split(" "),
  ..."release remove rm rmdir signal stop sweep terminate unlink unref unregister".split(" "),
];
const calls = new RegExp(
  String.raw`\b(?:${verbs.join("|")})(?:(?!Error)[A-Z]\w*)?(?:\?\.)?\(`,
  "g",
);
/** What stands before a call that is a statement, a value, or all that a function does. */
const before = /(?:[;{}),(=]|=>|\belse|\breturn|\|\||&&|\?\?|^)\s*$/;
/** What stands before a declaration. */
const declaring = /\b(?:function|async|get|override|static)\s+$/;

/**
 * The clean-up calls of a source that `deno fmt` has formatted, told by the verbs of their names.
 * What is awaited is taken with its `await`, and a chain such as `x.close().catch(…)` as a whole.
 */
export function findCleanUps(source: string): CleanUp[] {
  const code = blank(source);
  return [...code.matchAll(calls)].flatMap(({ index, 0: { length } }) => {
    const end = endOfChain(code, index + length - 1);
    const start = startOfChain(code, index);
    const isCall = before.test(code.slice(0, start)) && !declaring.test(code.slice(0, start));
    // After a declaration comes a type or a body.
    if (!isCall || !/^\s*(?:[;,)\]}?]|\|\||&&|===|$)/.test(code.slice(end))) return [];
    const text = source.slice(start, end).replaceAll(/\s+/g, " ");
    return { start, end, line: code.slice(0, start).split("\n").length, text };
  });
}

/** The source without one of its clean-up calls. */
export function leaveOut(source: string, { start, end }: CleanUp): string {
  return `${source.slice(0, start)}undefined${source.slice(end)}`;
}

/** Where the expression begins that ends in the name at `index`. */
function startOfChain(code: string, index: number): number {
  let start = index;
  for (;;) {
    // Long chains are broken before a point.
    if (/^\??\./.test(code.slice(start))) start = code.slice(0, start).trimEnd().length;
    if (/[\w$#.!]/.test(code[start - 1] ?? "")) start--;
    else if (code.slice(start - 1, start + 1) === "?.") start--;
    else if (/[)\]]/.test(code[start - 1] ?? "") && /^\??\./.test(code.slice(start))) {
      for (let depth = 0; start > 0;) {
        const character = code[--start]!;
        if (")]".includes(character)) depth++;
        else if ("([".includes(character) && --depth === 0) break;
      }
    } else break;
  }
  const [words] = /(?:\b(?:await|void)\s+)*$/.exec(code.slice(0, start))!;
  return start - words.length;
}

/** Where the call ends whose parenthesis opens at `index`, with all that is chained to it. */
function endOfChain(code: string, index: number): number {
  let depth = 0;
  for (let i = index; i < code.length; i++) {
    if ("([{".includes(code[i]!)) depth++;
    else if (")]}".includes(code[i]!)) depth--;
    if (depth > 0) continue;
    const chained = /^\s*\??\.\w+\(/.exec(code.slice(i + 1));
    if (chained === null) return i + 1;
    i += chained[0].length - 1;
  }
  return code.length;
}

/** The source with blanks for what stands in comments and texts. */
function blank(source: string): string {
  const parts = /\/\*[^]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
  return source.replaceAll(parts, (part) => part.replaceAll(/[^\n]/g, " "));
}
