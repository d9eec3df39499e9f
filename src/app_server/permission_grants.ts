import { isObject, type WireObject } from "./wire_shape.ts";

/**
 * The part of the permissions asked for that is granted, as the app-server wants it; `null` when
 * it is more than was asked for.
 *
 * A grant is a part when each of its values stands in the same place of what was asked for, in any
 * order and not necessarily all of them. What restricts must be kept, above all entries that deny.
 */
export function grantedPart(asked: WireObject, grant: unknown): WireObject | null {
  if (!isObject(grant)) return null;
  const part = withoutNull(JSON.parse(JSON.stringify(grant)));
  return isPart(asked, part) && keepsRestrictions(asked, part) ? part : null;
}

/** Members that are `null` stand for nothing; in an answer they may not be welcome. */
export function withoutNull(permissions: WireObject): WireObject {
  return Object.fromEntries(
    Object.entries(permissions).filter(([, value]) => value !== null && value !== undefined),
  );
}

function isPart(asked: unknown, part: unknown): boolean {
  if (part === null) return true;
  if (Array.isArray(part)) {
    return Array.isArray(asked) &&
      part.every((each) => asked.some((candidate) => isSame(candidate, each)));
  }
  if (isObject(part)) {
    return isObject(asked) &&
      Object.entries(part).every(([key, value]) => isPart(memberOf(asked, key), value));
  }
  return isSame(asked, part);
}

/** Of what is not known to allow something, it may be that it forbids. */
function keepsRestrictions(asked: WireObject, part: WireObject): boolean {
  const from = memberOf(asked, "fileSystem");
  const to = memberOf(part, "fileSystem");
  if (!keepsOthers(asked, part, ["network", "fileSystem"])) return false;
  if (!isObject(from) || !isObject(to)) return true;
  const entries = Array.isArray(to.entries) ? to.entries : [];
  const denials = Array.isArray(from.entries) ? from.entries.filter(denies) : [];
  return keepsOthers(from, to, ["read", "write", "entries"]) &&
    denials.every((denial) => entries.some((entry) => isSame(entry, denial)));
}

function keepsOthers(from: WireObject, to: WireObject, allowing: string[]): boolean {
  return Object.keys(to).length === 0 ||
    Object.entries(withoutNull(from)).every(([key, value]) =>
      allowing.includes(key) || isSame(value, memberOf(to, key))
    );
}

function denies(entry: unknown): boolean {
  return !isObject(entry) || (entry.access !== "read" && entry.access !== "write");
}

function memberOf(holder: WireObject, key: string): unknown {
  return Object.hasOwn(holder, key) ? holder[key] : undefined;
}

function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, index) => isSame(each, other[index]));
  }
  if (isObject(one) && isObject(other)) {
    const keys = Object.keys(one);
    return keys.length === Object.keys(other).length &&
      keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]));
  }
  return one === other;
}
