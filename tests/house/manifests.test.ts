import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { sdkVersion } from "../../src/version.ts";

type Manifest = {
  name: string;
  version: string;
  license: string;
  exports: Record<string, string>;
  imports: Record<string, string>;
  publish: unknown;
};

const root = fileURLToPath(new URL("../../", import.meta.url));
const development = readManifest("deno.json");
const published = readManifest("jsr.json");
const include = (published.publish as { include: string[] }).include;
const sources = [...filesBelow("src"), "mod.ts"];

describe("the two manifests", () => {
  it("agree on name, version, licence and exports", () => {
    const facts = ({ name, version, license, exports }: Manifest) => ({
      name,
      version,
      license,
      exports,
    });
    assert.deepEqual(facts(published), facts(development));
  });

  it("have the version that the module tells", () => {
    assert.equal(development.version, sdkVersion);
  });

  it("declare the same packages", () => {
    for (const [key, target] of Object.entries(published.imports)) {
      if (target.startsWith("jsr:@std/")) {
        assert.equal(development.imports["deno-std/"]?.startsWith("npm:/deno-std@"), true);
        assert.equal(target.replace(/@\^[\d.]+/, ""), stdName(key));
      } else {
        assert.equal(target, development.imports[key]?.replace(/@(?=\d)/, "@^"));
      }
    }
  });

  it("declare what the sources import, and the published one nothing else", () => {
    const imported = new Set(sources.flatMap(importsOf).filter(isPackage));
    assert.deepEqual(Object.keys(published.imports).sort(), [...imported].sort());
  });
});

describe("deno.json", () => {
  it("cannot be published: its @std is a mirror", () => {
    assert.equal(development.publish, false);
  });
});

describe("jsr.json", () => {
  it("includes every file that an export leads to", () => {
    const isIncluded = (file: string) =>
      include.some((path) => file === path || file.startsWith(`${path}/`));
    const reached = reach(Object.values(published.exports), importsOf);
    assert.deepEqual([...reached].filter((file) => !isIncluded(file)), []);
  });

  it("includes what is there, and no tests", () => {
    assert.deepEqual(include.filter((path) => !existsSync(join(root, path))), []);
    assert.deepEqual(sources.filter((file) => /\btests?\b|\.test\./.test(file)), []);
    for (const path of ["README.md", "LICENSE"]) assert.ok(include.includes(path), path);
  });
});

describe("the sources", () => {
  it("name a runtime only in src/runtime", () => {
    const naming = sources.filter((file) =>
      /\b(Deno|Bun)\.|\b(Deno|Bun)\b["']? in |node:child_process/.test(codeOf(file))
    );
    assert.deepEqual(naming.filter((file) => !file.startsWith("src/runtime/")), []);
  });

  it("reach @std only through src/std.ts", () => {
    const reaching = sources.filter((file) =>
      importsOf(file).some((specifier) => /^deno-std\/|^jsr:|@std\//.test(specifier))
    );
    assert.deepEqual(reaching, ["src/std.ts"]);
  });

  it("load nothing of Node's before a turn picks its runtime", () => {
    const reached = [...reach(["./mod.ts"], staticImportsOf)];
    assert.ok(reached.includes("src/codex.ts"));
    const loading = reached.filter((file) =>
      staticImportsOf(file).some((specifier) => specifier.startsWith("node:"))
    );
    assert.deepEqual(loading, []);
  });
});

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(join(root, file), "utf8"));
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `${folder}/${path}`)
    .sort();
}

/** The text of a file without its comments. */
function codeOf(file: string): string {
  const text = readFileSync(join(root, file), "utf8");
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}

/** What a file imports, also on demand. */
function importsOf(file: string): string[] {
  const found = codeOf(file).matchAll(/\b(?:from|import)\s*\(?\s*"([\w@./:-]+)"/g);
  return [...found].map((match) => match[1]!);
}

/** What is loaded along with a file; types are not. */
function staticImportsOf(file: string): string[] {
  const found = codeOf(file).matchAll(
    /^(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm,
  );
  return [...found].map((match) => match[1]!);
}

/** All files that the given ones lead to, by path below the project's folder. */
function reach(starts: string[], imports: (file: string) => string[]): Set<string> {
  const reached = new Set<string>();
  const queue = starts.map((path) => relative(root, join(root, path)));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const specifier of imports(file)) {
      if (specifier.startsWith(".")) queue.push(join(dirname(file), specifier));
    }
  }
  return reached;
}

function isPackage(specifier: string): boolean {
  return !specifier.startsWith(".") && !specifier.startsWith("node:");
}

/** `deno-std/streams/to_text.js` is `jsr:@std/streams/to-text`. */
function stdName(key: string): string {
  const [, folder, file] = /^deno-std\/(\w+)\/(\w+)\.js$/.exec(key) ?? [];
  return `jsr:@std/${folder}${file === "mod" ? "" : `/${file?.replaceAll("_", "-")}`}`;
}
