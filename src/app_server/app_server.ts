import type { TransportFactory } from "../transport.ts";
import type { AppServerOptions } from "./options.ts";

/**
 * The app-server lane: one `codex app-server` runs all turns of a `Codex`, which makes a turn several
 * times faster than on the exec lane, and lets codex ask and tell while it works.
 *
 * Without a `url` the server is a child of this program, started with the first turn; closing the
 * `Codex` ends it. With one it is a server that runs elsewhere.
 *
 * Turns need the same `CodexOptions` and `ThreadOptions` as on the exec lane, except that
 *
 * - the sandbox is `"read-only"` and the approval policy `"never"` (`"on-request"` with an
 *   `onApproval`) unless they are given: the configuration and what codex has noted down about a
 *   folder do not widen them
 * - features of codex by which the agent goes on when its turn has ended, or types into commands
 *   unasked, are off unless `config` says otherwise
 * - `profile`, `ignoreUserConfig` and `extraArgs` are an `UnsupportedError`; `skipGitRepoCheck` is
 *   not needed
 *
 * @example
 * ```ts
 * import { Codex } from "jsr:@codex/sdk";
 * import { appServer } from "jsr:@codex/sdk/app-server";
 *
 * const codex = new Codex({ transport: appServer() });
 * try {
 *   const thread = codex.startThread({ sandboxMode: "workspace-write" });
 *   const streamed = await thread.runStreamed("Make the tests pass", {
 *     liveEvents: true,
 *     onApproval: (request) => request.type === "file_change" ? "accept" : "decline",
 *   });
 *   for await (const event of streamed.events) {
 *     if (event.type === "item.agent_message.delta") console.log(event.delta);
 *   }
 * } finally {
 *   await codex.close();
 * }
 * ```
 */
export function appServer(options: AppServerOptions = {}): TransportFactory {
  // Loaded with the first turn, so that importing the SDK costs next to nothing.
  return async (codexOptions) => {
    const [{ AppServerTransport }, { checkedOptions }] = await Promise.all([
      import("./transport.ts"),
      import("./options.ts"),
    ]);
    return new AppServerTransport(codexOptions, checkedOptions(options));
  };
}
