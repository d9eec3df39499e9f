import type { MessageChannel } from "./message.ts";

/** How a server ended, or the connection to it. */
export type ServerEnd = {
  /** The exit code; `null` after a signal, and for a remote server. */
  exitCode: number | null;
  /** The signal; `null` when the server exited by itself, and for a remote server. */
  signal: string | null;
  /** A `ConnectionError`, when the connection to a remote server broke off. */
  error?: unknown;
};

/**
 * A server, seen from the connection: messages in, messages out.
 *
 * `readable` gives whatever arrived, in order, then ends; with an error only where what arrives
 * cannot be read. It is to be read to its end, or cancelled, which closes the server. Writing to
 * `writable` rejects once the server is gone; closing it closes the server.
 */
export interface ServerChannel extends MessageChannel {
  /**
   * Resolves when the server is gone (a remote one: when the connection to it is); never rejects.
   * What arrived may still wait in `readable`: act on the end of that, then ask here how it came.
   */
  readonly ended: Promise<ServerEnd>;
  /**
   * Ends the server, or the connection to a remote one. Resolves when all of it is gone; never
   * rejects. Harmless when called again. Answers that are under way are lost.
   */
  close(): Promise<void>;
  /** The end of what the server wrote to stderr, redacted, without colours; empty for a remote one. */
  stderr(): string;
}
