import type { CodexConfigObject } from "../options.ts";
import { enter, invalidConfig, isTable, tableMembers, tomlKey, tomlValue } from "./toml.ts";

/**
 * `config` as `key=value` arguments for codex's `--config`: a dotted path, and the value in TOML.
 *
 * A table with a key that a dotted path cannot say becomes an inline table; dots in a top-level key
 * separate a path. Members that are `undefined` are left out. Throws `InvalidOptionsError`, naming
 * the place, on what codex would misread and on what TOML cannot hold.
 */
export function configOverrides(config: CodexConfigObject): string[] {
  if (!isTable(config)) {
    throw invalidConfig("", "Codex config overrides must be a plain object");
  }
  const overrides: Override[] = [];
  for (const [key, value] of tableMembers(config, "")) {
    checkTopLevelKey(key);
    addOverrides(overrides, { path: key, at: key, value, within: [] });
  }
  return overrides.map(({ path, toml }) => `${path}=${toml}`);
}

type Override = { path: string; toml: string };

type Place = {
  /** The dotted path for codex. */
  path: string;
  /** The same for people, keys quoted where needed. */
  at: string;
  value: unknown;
  /** The tables the value lies in. */
  within: readonly object[];
};

function addOverrides(overrides: Override[], { path, at, value, within }: Place): void {
  if (!isTable(value)) {
    overrides.push({ path, toml: tomlValue(value, at, within) });
    return;
  }
  const inside = enter(value, at, within);
  const members = tableMembers(value, at);
  if (Object.keys(value).length === 0 || members.some(([key]) => !fitsInPath(key))) {
    // A table replaces what earlier arguments said below its path.
    const earlier = overrides.find((override) => override.path.startsWith(`${path}.`));
    if (earlier !== undefined) {
      throw invalidConfig(
        at,
        `Codex config override at ${at} would replace the one at ${earlier.path}: ` +
          `nest them in one object`,
      );
    }
    overrides.push({ path, toml: tomlValue(value, at, within) });
    return;
  }
  for (const [key, member] of members) {
    addOverrides(overrides, {
      path: `${path}.${key}`,
      at: `${at}.${tomlKey(key)}`,
      value: member,
      within: inside,
    });
  }
}

// Codex ends the path at the first "=", trims it and splits it at dots; it knows no quotes there.
const outerSpace = /^\p{White_Space}|\p{White_Space}$/u;

function fitsInPath(key: string): boolean {
  return !/[.=]/.test(key) && !outerSpace.test(key);
}

function checkTopLevelKey(key: string): void {
  const fault = key.includes("=")
    ? 'hold "="'
    : key.startsWith("-")
    ? 'start with "-"'
    : outerSpace.test(key)
    ? "start or end with white space"
    : key.split(".").includes("")
    ? "have an empty part between its dots"
    : undefined;
  if (fault !== undefined) {
    const quoted = JSON.stringify(key);
    throw invalidConfig(quoted, `Codex config override key ${quoted} must not ${fault}`);
  }
}
