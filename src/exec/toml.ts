import { InvalidOptionsError } from "../errors.ts";

/** How deep values may be nested: codex takes what lies deeper for a plain string. */
const maxDepth = 80;

/** A plain object, to become a TOML table. */
export type Table = { [key: string]: unknown };

/**
 * `text` as a TOML basic string. `at` names it in errors, `path` is the option.
 * Throws `InvalidOptionsError` on a lone surrogate, which TOML has no way to say.
 */
export function tomlString(text: string, at: string, path: string = at): string {
  if (!text.isWellFormed()) {
    throw new InvalidOptionsError(`${at} must be well-formed Unicode: it holds a lone surrogate`, {
      path,
    });
  }
  // JSON escapes the same characters, but leaves the one control character beyond the first 32.
  return JSON.stringify(text).replaceAll("\x7f", "\\u007F");
}

/** A key as it stands in an inline table, and in paths in errors. */
export function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key)
    ? key
    : JSON.stringify(key.toWellFormed()).replaceAll("\x7f", "\\u007F");
}

/**
 * `value` as TOML on one line. `at` is its path below the option `config`, `within` the tables and
 * arrays it lies in. Throws `InvalidOptionsError` on what TOML cannot hold.
 */
export function tomlValue(value: unknown, at: string, within: readonly object[]): string {
  switch (typeof value) {
    case "string":
      return tomlString(value, `Codex config override at ${at}`, `config.${at}`);
    case "boolean":
      return `${value}`;
    case "number":
      return tomlNumber(value, at);
  }
  if (Array.isArray(value)) {
    const inside = enter(value, at, within);
    // Array.from, because map would skip holes.
    const parts = Array.from(value, (item, i) => tomlValue(item, `${at}[${i}]`, inside));
    return `[${parts.join(", ")}]`;
  }
  if (isTable(value)) {
    const inside = enter(value, at, within);
    const parts = tableMembers(value, at).map(([key, member]) =>
      `${tomlKey(key)} = ${tomlValue(member, `${at}.${tomlKey(key)}`, inside)}`
    );
    return `{${parts.join(", ")}}`;
  }
  throw value === null
    ? invalidConfig(at, `Codex config override at ${at} cannot be null`)
    : invalidConfig(at, `Unsupported Codex config override value at ${at}: ${kindOf(value)}`);
}

/** Whether `value` is a plain object, from whatever realm. */
export function isTable(value: unknown): value is Table {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The members of a table that are not `undefined`, in their order, with keys that can be said. */
export function tableMembers(table: Table, at: string): [key: string, value: unknown][] {
  return Object.entries(table).filter(([key, value]) => {
    if (key === "") {
      const where = at === "" ? "" : `: there is an empty one at ${at}`;
      throw invalidConfig(at, `Codex config override keys must be non-empty strings${where}`);
    }
    if (key.includes("\0") || !key.isWellFormed()) {
      const path = at === "" ? tomlKey(key) : `${at}.${tomlKey(key)}`;
      throw invalidConfig(
        path,
        `Codex config override key ${path} must not hold NUL or a lone surrogate`,
      );
    }
    return value !== undefined;
  });
}

/** `within` and the table or array `value`; throws when it lies in itself, or too deep. */
export function enter(value: object, at: string, within: readonly object[]): readonly object[] {
  if (within.includes(value)) {
    throw invalidConfig(at, `Codex config override at ${at} cannot refer back to itself`);
  }
  if (within.length >= maxDepth) {
    // The path itself is as long as the nesting is deep.
    const start = `${at.slice(0, 60)}…`;
    throw invalidConfig(
      start,
      `Codex config override at ${start} must not be nested more than ${maxDepth} levels deep`,
    );
  }
  return [...within, value];
}

/** An error about a member of the option `config`. */
export function invalidConfig(at: string, message: string): InvalidOptionsError {
  return new InvalidOptionsError(message, { path: at === "" ? "config" : `config.${at}` });
}

function tomlNumber(value: number, at: string): string {
  if (!Number.isFinite(value)) {
    throw invalidConfig(at, `Codex config override at ${at} must be a finite number`);
  }
  const digits = `${value}`;
  // Whole numbers end at 64 bits; beyond, TOML knows only floats.
  return Math.abs(value) >= 2 ** 63 && !digits.includes("e") ? `${digits}.0` : digits;
}

/** What to call a value that has no place in TOML: its class, or its type. */
function kindOf(value: unknown): string {
  const name = typeof value === "object" && value?.constructor?.name;
  return typeof name === "string" && name !== "" ? name : typeof value;
}
