import type { Part } from "./endings.ts";

/** The output of a command, so that a turn is large enough to be missed when it is kept. */
const commandOutput = "A line of output, of sixty-four characters with its line ending.\n".repeat(
  512,
);

/**
 * Makes a codex that plays a recording, in a folder: a shell script, because a process that starts
 * in 1 ms instead of 40 makes thousands of turns possible. Returns its path.
 *
 * The prompt says what it plays: see {@linkcode Part}.
 */
export async function soakFake(folder: string, recording: string): Promise<string> {
  const lines = recording.trim().split("\n").map((line) => {
    const event = JSON.parse(line);
    if (event.item?.aggregated_output) event.item.aggregated_output = commandOutput;
    return JSON.stringify(event);
  });
  const middle = lines.findIndex((line) => line.includes('"item.started"'));
  await Deno.writeTextFile(`${folder}/whole.jsonl`, `${lines.join("\n")}\n`);
  await Deno.writeTextFile(
    `${folder}/beginning.jsonl`,
    `${lines.slice(0, middle + 1).join("\n")}\n`,
  );
  const plays: Record<Part, string> = {
    whole: "exec cat whole.jsonl",
    endless: "cat beginning.jsonl; exec sleep 1000",
    failing: "cat beginning.jsonl; echo 'Something went wrong' >&2; exit 3",
  };
  const path = `${folder}/codex`;
  await Deno.writeTextFile(
    path,
    [
      "#!/bin/sh",
      'cd "${0%/*}"',
      "read -r part",
      "case $part in",
      ...Object.entries(plays).map(([part, play]) => `${part}) ${play} ;;`),
      "esac",
      "",
    ].join("\n"),
    { mode: 0o755 },
  );
  return path;
}
