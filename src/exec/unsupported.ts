import { InvalidOptionsError, UnsupportedError } from "../errors.ts";
import type { CodexOptions } from "../options.ts";
import type { TurnRequest } from "../transport.ts";

/** Options that need a lane on which codex asks and tells while it works. */
const interactive = ["onApproval", "onUserInput", "onElicitation", "tools", "liveEvents"] as const;

/** Throws for what `codex exec` cannot do; said before anything is started. */
export function refuseUnsupported(request: TurnRequest, codexOptions: CodexOptions): void {
  const { isFirst, review, thread, threadOptions, turnOptions } = request;
  const given: Record<string, unknown> = { ...codexOptions, ...threadOptions, ...turnOptions };
  const option = interactive.find((name) => given[name] !== undefined && given[name] !== false);
  if (option !== undefined) {
    throw new UnsupportedError(
      `Cannot use "${option}" on the "exec" lane: make the Codex with ` +
        "{ transport: appServer() }, from @codex/sdk/app-server",
    );
  }
  if (!isFirst && threadOptions.ephemeral === true) {
    throw new InvalidOptionsError(
      'Cannot run another turn of an "ephemeral" thread: codex kept no record of it',
      { path: "ephemeral" },
    );
  }
  if (review !== undefined && thread.type !== "new") {
    throw new UnsupportedError(
      'Cannot review in a thread that has begun on the "exec" lane: review in a new thread',
    );
  }
}
