/** What the runtime gives for looking at this program. */
export interface Platform {
  isLinux: boolean;
  /** The process id of this program. */
  pid: number;
  /** The names in a folder. */
  list(path: string): string[];
  /** The text of a file. */
  read(path: string): string;
  /** What a link leads to. */
  target(path: string): string;
  /** The path without links. */
  real(path: string): string;
  /** Makes a folder, unless there is one. */
  makeFolder(path: string): void;
  /** Removes a folder and all that is in it. */
  removeFolder(path: string): void;
  /** The value of a variable of the environment. */
  env(name: string): string | undefined;
  setEnv(name: string, value: string): void;
  /** Calls back when this program, or the file of tests, has ended. */
  onEnd(callback: () => void): void;
  /** How many listeners `process` has, by name. */
  listenerCounts(): [name: string, count: number][];
}

type DenoNamespace = {
  build: { os: string };
  pid: number;
  env: { get(name: string): string | undefined; set(name: string, value: string): void };
  readDirSync(path: string): Iterable<{ name: string }>;
  readTextFileSync(path: string): string;
  readLinkSync(path: string): string;
  realPathSync(path: string): string;
  mkdirSync(path: string, options: { recursive: true }): void;
  removeSync(path: string, options: { recursive: true }): void;
};

/** The platform of this program. */
export const platform: Platform = "Deno" in globalThis ? denoPlatform() : await nodePlatform();

// Nothing `node:` here: together it would cost each file of tests 40 ms.
function denoPlatform(): Platform {
  const { Deno } = globalThis as unknown as { Deno: DenoNamespace };
  return {
    isLinux: Deno.build.os === "linux",
    pid: Deno.pid,
    list: (path) => [...Deno.readDirSync(path)].map(({ name }) => name),
    read: (path) => Deno.readTextFileSync(path),
    target: (path) => Deno.readLinkSync(path),
    real: (path) => Deno.realPathSync(path),
    makeFolder: (path) => Deno.mkdirSync(path, { recursive: true }),
    removeFolder: (path) => Deno.removeSync(path, { recursive: true }),
    env: (name) => Deno.env.get(name),
    setEnv: (name, value) => Deno.env.set(name, value),
    onEnd: (callback) => addEventListener("unload", callback),
    // Only node:process could tell; the listeners that Deno itself is given are watched.
    listenerCounts: () => [],
  };
}

async function nodePlatform(): Promise<Platform> {
  const fs = await import("node:fs");
  const { default: process } = await import("node:process");
  return {
    isLinux: process.platform === "linux",
    pid: process.pid,
    list: (path) => fs.readdirSync(path),
    read: (path) => fs.readFileSync(path, "utf8"),
    target: (path) => fs.readlinkSync(path),
    real: (path) => fs.realpathSync(path),
    makeFolder: (path) => fs.mkdirSync(path, { recursive: true }),
    removeFolder: (path) => fs.rmSync(path, { recursive: true }),
    env: (name) => process.env[name],
    setEnv: (name, value) => process.env[name] = value,
    onEnd: (callback) => process.on("exit", callback),
    listenerCounts: () =>
      process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  };
}
