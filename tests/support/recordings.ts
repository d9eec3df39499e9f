/** Recordings of what codex prints, to compare with what it prints now. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { ThreadEvent } from "../../mod.ts";

/** The events of a recording in tests/fixtures/exec. */
export function recording(name: string): ThreadEvent[] {
  return readFileSync(new URL(`../fixtures/exec/${name}.jsonl`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** Events without what differs from run to run: ids of threads, folders, ports, command lines. */
export function comparable(events: readonly ThreadEvent[]): unknown[] {
  return events.map((event) =>
    JSON.parse(JSON.stringify(event), (key, value) => {
      if (key === "thread_id") return "<id>";
      if (key === "command") return "<command>";
      if (key === "path") return basename(value);
      if (key === "message") return value.replace(/:\d+\//, ":<port>/");
      return value;
    })
  );
}
