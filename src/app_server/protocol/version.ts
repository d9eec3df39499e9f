// Made of the JSON Schema of codex 0.169.0 by `deno task protocol`: not to be edited.

/** The version of codex whose protocol the types are of. @internal */
export const protocolVersion: string = "0.169.0";
