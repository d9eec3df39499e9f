import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

/**
 * An executable script that calls `play(folder)` of a module below `tests/fake/`. An absolute `#!`
 * line needs no PATH; a file without an ending is CommonJS to Node, hence `import()`.
 */
export function playerScript(module: string, folder: string): string {
  const url = new URL(`../fake/${module}`, import.meta.url).href;
  const [from, where] = [JSON.stringify(url), JSON.stringify(folder)];
  return `#!${findInterpreter()}\nimport(${from}).then((fake) => fake.play(${where}));\n`;
}

/** Bun where it is installed, because it starts four times faster; otherwise Node. */
function findInterpreter(): string {
  const bin = new URL("../../node_modules/.bin", import.meta.url).pathname;
  const candidates = [
    join(bin, "bun"),
    ...(process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "node")),
  ];
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      return realpathSync(candidate);
    } catch {
      // Look further.
    }
  }
  throw new Error('Cannot make a fake: executable "node" was not found in PATH');
}
