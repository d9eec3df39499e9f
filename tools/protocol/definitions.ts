import { isIdentifier } from "./print.ts";
import { isObject, type Schema, shapeOf } from "./schema.ts";
import { name, type Shape } from "./shape.ts";

/** The types of a bundle of definitions. */
export type Definitions = {
  /** By the name in TypeScript, sorted. */
  shapes: Map<string, Shape>;
  /** The name of the type that a `$ref` points to. Throws for one that points nowhere. */
  nameOf: (ref: string) => string;
};

type Definition = { ref: string; version: string; name: string; schema: Schema };

const prefix = "#/definitions/";

/**
 * Makes types of the definitions in `bundle`, those in the group of a version (`v2`) included.
 *
 * Versions may share a name: for one and the same shape that is one type; for different ones the
 * newest has the plain name, and the others the version added to it. `except` are names for which
 * no type is made.
 */
export function readDefinitions(bundle: unknown, except: readonly string[] = []): Definitions {
  const found = listDefinitions(bundle).filter((one) => !except.includes(one.name));
  const names = new Map<string, string>();
  const shape = ({ ref, schema }: Definition): Shape =>
    shapeOf(schema, (to) => name(nameOf(names, to)), ref);
  for (const one of found) names.set(one.ref, one.name);
  for (const [plain, same] of grouped(found, (one) => one.name)) {
    // The shapes name each other by their plain names here, which is all that can be compared.
    const [newest, ...older] = same.sort((a, b) => b.version.localeCompare(a.version));
    const wanted = JSON.stringify(shape(newest!));
    for (const one of older) {
      if (JSON.stringify(shape(one)) !== wanted) names.set(one.ref, plain + versionSuffix(one));
    }
  }
  const shapes = new Map<string, Shape>();
  for (const one of found) {
    const own = names.get(one.ref)!;
    const text = shape(one);
    const before = shapes.get(own);
    if (before && JSON.stringify(before) !== JSON.stringify(text)) {
      throw new TypeError(`Cannot name a type: two of them would be "${own}"`);
    }
    shapes.set(own, text);
  }
  return {
    shapes: new Map([...shapes].sort(([a], [b]) => a < b ? -1 : 1)),
    nameOf: (ref) => nameOf(names, ref),
  };
}

function nameOf(names: Map<string, string>, ref: string): string {
  const found = names.get(ref);
  if (found === undefined) throw new TypeError(`Cannot resolve "${ref}": there is no such type`);
  return found;
}

function listDefinitions(bundle: unknown): Definition[] {
  if (!isObject(bundle) || !isObject(bundle.definitions)) {
    throw new TypeError('Cannot read the schema: it has no "definitions"');
  }
  return Object.entries(bundle.definitions).flatMap(([key, schema]) => {
    if (!/^v\d+$/.test(key) || !isObject(schema)) return [definition(prefix, "", key, schema)];
    return Object.entries(schema).map(([name, one]) =>
      definition(`${prefix}${key}/`, key, name, one)
    );
  });
}

function definition(at: string, version: string, key: string, schema: unknown): Definition {
  return { ref: at + key, version, name: typeName(key), schema: schema as Schema };
}

/** A name for `key`: the words of it that are not of letters and digits, joined in PascalCase. */
export function typeName(key: string): string {
  if (isIdentifier(key)) return key;
  const words = key.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const joined = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
  const text = /^\p{N}/u.test(joined) ? `_${joined}` : joined;
  if (!isIdentifier(text)) throw new TypeError(`Cannot name a type: "${key}" has no letters`);
  return text;
}

/** What tells an older type from the newest of its name; what is in no group came first. */
function versionSuffix({ version }: Definition): string {
  return (version || "v1").toUpperCase();
}

function grouped<T>(list: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(key(one), [...groups.get(key(one)) ?? [], one]);
  return groups;
}
