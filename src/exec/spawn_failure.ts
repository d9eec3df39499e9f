import { CodexError, CodexNotFoundError, SpawnError } from "../errors.ts";

/** What to do about a refusal to start codex, by the system's word for it. */
const advice: Record<string, string> = {
  EACCES: "it is not executable: check the file's permissions",
  EPERM: "starting it is not allowed",
  ENOEXEC: "it is not a program for this machine",
  E2BIG: "the arguments are too long: move configuration into codex's config file",
  EAGAIN: "the limit of processes is reached",
  EMFILE: "the limit of open files is reached",
  ENOMEM: "there is not enough memory",
};

/** The error for a codex that could not be started; `cause` is the runtime's own. */
export function spawnFailure(cause: unknown, executable: string): CodexError {
  if (CodexError.is(cause)) return cause;
  const error = (typeof cause === "object" && cause !== null ? cause : {}) as {
    code?: unknown;
    name?: unknown;
    message?: unknown;
  };
  const systemCode = typeof error.code === "string" ? error.code : null;
  // Deno looks for the folder it runs in before it looks for the executable.
  if (/\bresolving cwd\b/.test(String(error.message))) {
    const message = "Cannot start codex: the folder that this program runs in is gone. " +
      "Start it in one that exists";
    return new SpawnError(message, { cause, systemCode });
  }
  if (systemCode === "ENOENT") {
    return new CodexNotFoundError(
      `Cannot start codex: executable "${executable}" was not found. ` +
        `Install it with "npm install -g @openai/codex", or set the option "codexPath"`,
      { cause },
    );
  }
  if (error.name === "NotCapable" || error.name === "PermissionDenied" && systemCode === null) {
    return new SpawnError(
      `Cannot start codex: permission to run "${executable}" was not granted. ` +
        `Start Deno with "--allow-run=${executable}"`,
      { cause, systemCode },
    );
  }
  const reason = advice[systemCode ?? ""] ?? String(error.message ?? cause);
  return new SpawnError(`Cannot start codex: "${executable}": ${reason}`, { cause, systemCode });
}
