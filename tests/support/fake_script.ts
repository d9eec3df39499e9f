import { Buffer } from "node:buffer";
import type { Action } from "./fake_codex.ts";
import { recordMark } from "./fake_records.ts";

/** A shell script and the files it needs, by name, beside it. */
export type FakeScript = { text: string; files: Map<string, Uint8Array> };

/** The system's own programs that a script calls. */
export const scriptNeeds = ["/bin/sh", "/bin/cat", "/usr/bin/mkfifo"];

/** What a printed text may measure in the script itself; a longer one is a file. */
const LITERAL_BYTES = 32_768;
/** What a text that is printed many times is joined to. */
const FILE_BYTES = 1_048_576;

/**
 * Writes plans as a shell script, which starts ten times faster than the player in JavaScript and
 * records the same. `undefined` for plans with actions that a shell does not play exactly: it hears
 * no signal while it waits for a program, and may miss one that comes just before it waits.
 */
export function fakeScript(
  folder: string,
  plans: readonly (readonly Action[])[],
  version: readonly Action[],
): FakeScript | undefined {
  const script = new ScriptWriter(folder);
  const cases = plans.map((plan, number) => {
    const pattern = number === plans.length - 1 ? "*" : number;
    return `${pattern})\n${script.plan(plan)};;\n`;
  });
  const text = `#!/bin/sh
trap '' PIPE
folder=${quote(folder)}
kind=invocations
if [ "$#" = 1 ] && [ "$1" = --version ]; then kind=version-probes; fi
number=0
set -C
until { echo $$; pwd -P || :; } 2> /dev/null > "$folder/$kind/$number"; do
  number=$((number + 1))
  [ -d "$folder/$kind" ] || exit 1
done
set +C
record=$folder/$kind/$number
mark=$folder/record-mark
# Should this shell be killed meanwhile, what it has called must not hold its output open.
record() { /bin/cat "$@" >> "$record.record" 2> /dev/null; }
record_start() { record /proc/$$/cmdline "$mark" /proc/$$/environ "$mark" "$@"; }
record_end_of_stdin() { printf '${recordMark.replaceAll("\0", "\\000")}' >> "$record.record"; }
prepare_to_wait() {
  if [ ! -p "$record.wake" ]; then
    /usr/bin/mkfifo "$record.wake"
    exec 3<> "$record.wake"
  fi
}
if [ $kind = version-probes ]; then
${script.plan(version)}fi
case $number in
${cases.join("")}esac
`;
  script.files.set("record-mark", Buffer.from(recordMark));
  return script.complete ? { text, files: script.files } : undefined;
}

class ScriptWriter {
  /** Whether all actions could be written so far. */
  complete = true;
  readonly files: Map<string, Uint8Array> = new Map();
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  plan(actions: readonly Action[]): string {
    const reads = actions.some((action) => "readStdin" in action || "closeStdin" in action);
    const start = reads ? "record_start\n" : "record_start -\nrecord_end_of_stdin\n";
    return start + actions.map((action) => this.#action(action)).join("") + "exit 0\n";
  }

  #action(action: Action): string {
    if ("stdout" in action) return this.#print(action.stdout);
    if ("stdoutBase64" in action) return this.#print(Buffer.from(action.stdoutBase64, "base64"));
    if ("event" in action) return this.#print(jsonLine(action.event), action.repeat);
    if ("events" in action) return this.#print(action.events.map(jsonLine).join(""));
    if ("oneByteAtATime" in action) {
      return [...Buffer.from(action.oneByteAtATime)]
        .map((byte) => `printf '\\${byte.toString(8)}' 2> /dev/null || exit 101\n`)
        .join("");
    }
    if ("endlessLine" in action) return this.#print("x", Infinity);
    if ("stderr" in action) return this.#print(action.stderr, 1, ">&2");
    if ("stderrRepeat" in action) {
      const times = Math.ceil(action.stderrRepeat.bytes / 100);
      return this.#print("e".repeat(99) + "\n", times, ">&2");
    }
    if ("readStdin" in action && typeof action.readStdin === "boolean") {
      return action.readStdin ? "record -\nrecord_end_of_stdin\n" : "";
    }
    if ("closeStdin" in action) return "exec < /dev/null\n";
    if ("closeStdout" in action) return "exec > /dev/null\n";
    if ("touch" in action) {
      return `: > ${this.#path(action.touch)}
for wake in "$folder"/invocations/*.wake; do
  if [ -p "$wake" ]; then echo 4<> "$wake" >&4; fi
done
`;
    }
    if ("waitForFile" in action) {
      return `prepare_to_wait
until [ -e ${this.#path(action.waitForFile)} ]; do read line <&3; done
`;
    }
    if ("exit" in action) return `exit ${action.exit & 255}\n`;
    if ("kill" in action) return `kill -${action.kill.slice("SIG".length)} $$\n`;
    if ("hang" in action) return "prepare_to_wait\nwhile :; do read line <&3; done\n";
    this.complete = false;
    return "";
  }

  #path(name: string): string {
    return quote(`${this.#folder}/${name}`);
  }

  /** Prints a text or bytes so many times. */
  #print(content: string | Buffer, times = 1, to = "2> /dev/null"): string {
    const size = sizeOf(content);
    if (size * times === 0) return "";
    if (typeof content === "string" && size * times <= LITERAL_BYTES && !content.includes("\0")) {
      return `printf %s ${quote(content.repeat(times))} ${to} || exit 101\n`;
    }
    const perFile = Math.min(times, Math.max(1, Math.floor(FILE_BYTES / size)));
    const file = this.#file(content, perFile);
    if (times === Infinity) {
      return `while /bin/cat ${`${file} `.repeat(100)} ${to}; do :; done; exit 101\n`;
    }
    const files = `${file} `.repeat(Math.floor(times / perFile));
    const rest = times % perFile;
    return `/bin/cat ${files} ${rest === 0 ? "" : this.#file(content, rest)} ${to} || exit 101\n`;
  }

  /** Makes a file for what is to be printed. */
  #file(content: string | Buffer, times: number): string {
    const name = `output-${this.files.size}`;
    this.files.set(
      name,
      Buffer.from(times === 1 ? content as string : content.toString().repeat(times)),
    );
    return this.#path(name);
  }
}

function sizeOf(content: string | Buffer): number {
  return Buffer.byteLength(content);
}

function jsonLine(event: unknown): string {
  return JSON.stringify(event) + "\n";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
