import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { CodexNotFoundError, InvalidOptionsError } from "../../src/errors.ts";
import { type FoundCodex, locateCodex } from "../../src/exec/locate.ts";
import type { CodexOptions } from "../../src/options.ts";
import { loadRuntime } from "../../src/runtime/mod.ts";
import type { Runtime } from "../../src/runtime/types.ts";

type Machine = {
  os?: string;
  arch?: string;
  /** Paths of executable files; folders are implied. */
  files?: string[];
  /** Paths of files that are not executable. */
  plainFiles?: string[];
  /** Links, by where they are. */
  links?: Record<string, string>;
  env?: Record<string, string>;
  cwd?: string;
  execPath?: string;
  moduleUrl?: string;
  mayRead?: (path: string) => boolean;
  mayRun?: (path: string) => boolean;
};

/** A machine that holds nothing but the files of a list. */
function runtimeOf(machine: Machine): Runtime {
  const { os = "linux", files = [], plainFiles = [], links = {}, mayRead = () => true } = machine;
  const windows = os === "win32";
  const separator = windows ? "\\" : "/";
  // Windows takes either slash and ignores case.
  const spelling = (path: string): string =>
    windows ? path.replaceAll("/", "\\").toLowerCase() : path;
  const holds = (list: string[], path: string): boolean =>
    list.some((file) => spelling(file) === spelling(path));
  const everything = [...files, ...plainFiles];
  const resolve = (path: string): string | undefined => {
    const [from, to] =
      Object.entries(links).find(([from]) => path === from || path.startsWith(from + separator)) ??
        [];
    if (from !== undefined) return resolve(to + path.slice(from.length));
    const folder = spelling(path.endsWith(separator) ? path : path + separator);
    const isFolder = everything.some((file) => spelling(file).startsWith(folder));
    return isFolder || holds(everything, path) ? path : undefined;
  };
  const real = (path: string): string | undefined => mayRead(path) ? resolve(path) : undefined;
  return {
    platform: { os, arch: machine.arch ?? "x64" },
    env: (name: string) => machine.env?.[name],
    cwd: () => machine.cwd,
    execPath: () => machine.execPath,
    mayRun: machine.mayRun ?? (() => true),
    isFile: (path: string) => Promise.resolve(holds(everything, real(path) ?? "")),
    isExecutable: (path: string) => Promise.resolve(holds(files, real(path) ?? "")),
    realPath: (path: string) => Promise.resolve(real(path)),
  } as Partial<Runtime> as Runtime;
}

function locate(machine: Machine, codexOptions: CodexOptions = {}): Promise<FoundCodex> {
  const moduleUrl = machine.moduleUrl ?? "https://jsr.io/@codex/sdk/locate.ts";
  return locateCodex({ codexOptions, runtime: runtimeOf(machine), moduleUrl });
}

async function notFound(found: Promise<FoundCodex>, message: string): Promise<void> {
  await assert.rejects(found, (error) => {
    assert.ok(CodexNotFoundError.is(error), `${error}`);
    assert.equal(error.message, message);
    return true;
  });
}

const musl = "vendor/x86_64-unknown-linux-musl";
const modules = "/p/node_modules/@openai";
/** The main package, which holds no executable. */
const main = `${modules}/codex/bin/codex.js`;
const advice = 'Install it with "npm install -g @openai/codex", or set the option "codexPath"';

describe("locateCodex() with codexPath", () => {
  const machine = { files: ["/x/codex", "/bin/codex", "/other/mine"], env: { PATH: "/bin" } };

  it("takes a path, a URL, and a URL as text", async () => {
    const found = { path: "/x/codex", pathDirs: [], source: "option" };
    assert.deepEqual(await locate(machine, { codexPath: "/x/codex" }), found);
    assert.deepEqual(await locate(machine, { codexPath: new URL("file:///x/codex") }), found);
    assert.deepEqual(await locate(machine, { codexPath: "file:///x/codex" }), found);
    assert.deepEqual(await locate(machine, { codexPathOverride: "/x/codex" }), found);
  });

  it("prefers codexPath to codexPathOverride, and both to CODEX_PATH", async () => {
    const env = { ...machine.env, CODEX_PATH: "/bin/codex" };
    const options = { codexPath: "/x/codex", codexPathOverride: "/other/mine" };
    assert.equal((await locate({ ...machine, env }, options)).path, "/x/codex");
    assert.equal(
      (await locate({ ...machine, env }, { ...options, codexPath: "" })).path,
      "/other/mine",
    );
    assert.equal((await locate({ ...machine, env }, { codexPathOverride: "" })).path, "/bin/codex");
  });

  it("looks a name up in the PATH of env, else in the host's", async () => {
    const options = { codexPath: "mine", env: { PATH: "/none:/other" } };
    assert.equal((await locate(machine, options)).path, "/other/mine");
    assert.equal((await locate(machine, { codexPath: "codex" })).path, "/bin/codex");
    assert.equal((await locate(machine, { codexPath: "codex", env: {} })).path, "/bin/codex");
  });

  it("leaves a name to the system when PATH is not known or only the name is granted", async () => {
    assert.equal((await locate({ files: ["/x"] }, { codexPath: "mine" })).path, "mine");
    const mayRun = (path: string) => path === "codex";
    assert.equal((await locate({ ...machine, mayRun }, { codexPath: "codex" })).path, "codex");
  });

  it("rejects for a path that does not exist and a name that is not in PATH", async () => {
    await notFound(
      locate(machine, { codexPath: "/x/nope" }),
      'Cannot find codex: "/x/nope" (codexPath) does not exist',
    );
    await notFound(
      locate(machine, { codexPath: "/no/nope" }),
      'Cannot find codex: "/no/nope" (codexPath) does not exist',
    );
    await notFound(
      locate(machine, { codexPathOverride: "nope" }),
      'Cannot find codex: "nope" (codexPathOverride) is not in PATH: "/bin"',
    );
  });

  it("adds no ending and no folders of its own", async () => {
    await notFound(
      locate({ files: ["/x/codex.exe"] }, { codexPath: "/x/codex" }),
      'Cannot find codex: "/x/codex" (codexPath) does not exist',
    );
    assert.deepEqual(await locate(machine, { codexPath: "codex" }), {
      path: "/bin/codex",
      pathDirs: [],
      source: "option",
    });
  });

  it("leaves folders, files that are not executable and what may not be read to the system", async () => {
    assert.equal((await locate(machine, { codexPath: "/x" })).path, "/x");
    assert.equal(
      (await locate({ plainFiles: ["/x/codex"] }, { codexPath: "/x/codex" })).path,
      "/x/codex",
    );
    assert.equal(
      (await locate({ plainFiles: ["/b/codex"], env: { PATH: "/b" } }, { codexPath: "codex" }))
        .path,
      "codex",
    );
    assert.equal(
      (await locate({ mayRead: () => false }, { codexPath: "/x/nope" })).path,
      "/x/nope",
    );
    assert.equal(
      (await locate({ mayRead: () => false, env: { PATH: "/bin" } }, { codexPath: "nope" })).path,
      "nope",
    );
  });

  it("knows Windows paths, URLs and endings", async () => {
    const windows = { os: "win32", files: ["C:\\x y\\codex.exe"], env: { PATH: '"C:\\x y"' } };
    const path = "C:\\x y\\codex.exe";
    assert.equal(
      (await locate(windows, { codexPath: new URL("file:///C:/x%20y/codex.exe") })).path,
      path,
    );
    assert.equal((await locate(windows, { codexPath: "C:\\x y\\codex" })).path, "C:\\x y\\codex");
    assert.equal((await locate(windows, { codexPath: "codex.exe" })).path, path);
    const withEnding = { ...windows, env: { ...windows.env, PATHEXT: ".exe" } };
    assert.equal((await locate(withEnding, { codexPath: "codex" })).path, path);
    assert.equal((await locate(withEnding)).path, path);
    await notFound(
      locate(windows, { codexPath: "C:/x y/nope" }),
      'Cannot find codex: "C:/x y/nope" (codexPath) does not exist',
    );
    await notFound(
      locate(windows, { codexPath: "nope" }),
      'Cannot find codex: "nope" (codexPath) is not in PATH: "C:\\x y"',
    );
  });

  it("refuses other URLs", async () => {
    for (
      const codexPath of [new URL("https://x/codex"), new URL("file://host/codex"), "file:///%"]
    ) {
      await assert.rejects(
        locate(machine, { codexPath }),
        (error) =>
          InvalidOptionsError.is(error) && error.path === "codexPath" &&
          error.message ===
            `Invalid codexPath: expected a path or a "file:" URL of a local file but received "${codexPath}"`,
      );
    }
    for (const codexPath of [5 as never, "file://["]) {
      await assert.rejects(locate(machine, { codexPath }), {
        name: "InvalidOptionsError",
        message: 'Invalid codexPath: expected a path or a "file:" URL',
        path: "codexPath",
      });
    }
  });
});

describe("locateCodex() with CODEX_PATH", () => {
  const files = ["/x/codex", "/y/codex"];

  it("takes env's, else the host's", async () => {
    const machine = { files, env: { CODEX_PATH: "/y/codex" } };
    const found = { path: "/y/codex", pathDirs: [], source: "CODEX_PATH" };
    assert.deepEqual(await locate(machine), found);
    assert.deepEqual(await locate(machine, { env: {} }), found);
    assert.equal((await locate(machine, { env: { CODEX_PATH: "/x/codex" } })).path, "/x/codex");
  });

  it("rejects for a path that does not exist", async () => {
    await notFound(
      locate({ files, env: { CODEX_PATH: "/nope" } }),
      'Cannot find codex: "/nope" (CODEX_PATH) does not exist',
    );
  });
});

describe("locateCodex() with a package", () => {
  const layouts: [name: string, machine: Machine, path: string, pathDirs: string[]][] = [
    [
      "nested",
      {
        files: [
          main,
          `${modules}/codex/node_modules/@openai/codex-linux-x64/${musl}/bin/codex`,
          `${modules}/codex/node_modules/@openai/codex-linux-x64/${musl}/codex-path/rg`,
        ],
      },
      `${modules}/codex/node_modules/@openai/codex-linux-x64/${musl}/bin/codex`,
      [
        `${modules}/codex/node_modules/@openai/codex-linux-x64/${musl}/codex-path`,
      ],
    ],
    [
      "hoisted",
      {
        files: [
          main,
          `${modules}/codex-linux-x64/${musl}/bin/codex`,
          `${modules}/codex-linux-x64/${musl}/codex-path/rg`,
        ],
      },
      `${modules}/codex-linux-x64/${musl}/bin/codex`,
      [`${modules}/codex-linux-x64/${musl}/codex-path`],
    ],
    [
      "in a store, as of pnpm and Deno",
      {
        files: [
          "/s/m/node_modules/@openai/codex/bin/codex.js",
          `/s/n/node_modules/@openai/codex/${musl}/bin/codex`,
        ],
        links: {
          [`${modules}/codex`]: "/s/m/node_modules/@openai/codex",
          "/s/m/node_modules/@openai/codex-linux-x64": "/s/n/node_modules/@openai/codex",
        },
      },
      `/s/m/node_modules/@openai/codex-linux-x64/${musl}/bin/codex`,
      [],
    ],
    [
      "old, with everything in one package",
      {
        files: [main, `${modules}/codex/${musl}/codex/codex`, `${modules}/codex/${musl}/path/rg`],
      },
      `${modules}/codex/${musl}/codex/codex`,
      [`${modules}/codex/${musl}/path`],
    ],
  ];
  for (const [name, machine, path, pathDirs] of layouts) {
    it(`finds the native executable of a layout that is ${name}`, async () => {
      const found = await locate({ cwd: "/p/src/deep", ...machine });
      assert.deepEqual(found, { path, pathDirs, source: "package" });
    });
  }

  // deno-fmt-ignore
  const platforms: [os: string, arch: string, name: string, triple: string][] = [
    ["linux", "x64", "linux-x64", "x86_64-unknown-linux-musl"],
    ["linux", "arm64", "linux-arm64", "aarch64-unknown-linux-musl"],
    ["android", "arm64", "linux-arm64", "aarch64-unknown-linux-musl"],
    ["darwin", "x64", "darwin-x64", "x86_64-apple-darwin"],
    ["darwin", "arm64", "darwin-arm64", "aarch64-apple-darwin"],
  ];
  for (const [os, arch, name, triple] of platforms) {
    it(`finds that of ${os} on ${arch}`, async () => {
      const path = `${modules}/codex-${name}/vendor/${triple}/bin/codex`;
      assert.equal((await locate({ os, arch, cwd: "/p", files: [main, path] })).path, path);
    });
  }

  for (const [arch, triple] of [["x64", "x86_64"], ["arm64", "aarch64"]]) {
    it(`finds that of Windows on ${arch}`, async () => {
      const root =
        `C:\\p\\node_modules\\@openai\\codex-win32-${arch}\\vendor\\${triple}-pc-windows-msvc`;
      const found = await locate({
        os: "win32",
        arch,
        cwd: "C:\\p\\src",
        files: [
          "C:\\p\\node_modules\\@openai\\codex\\bin\\codex.js",
          `${root}\\bin\\codex.exe`,
          `${root}\\codex-path\\rg.exe`,
        ],
      });
      assert.deepEqual(found, {
        path: `${root}\\bin\\codex.exe`,
        pathDirs: [`${root}\\codex-path`],
        source: "package",
      });
    });
  }

  const native = `${modules}/codex-linux-x64/${musl}/bin/codex`;

  it("looks near the working directory, this module and the running program", async () => {
    const files = [main, native];
    assert.equal((await locate({ files, cwd: "/p/src" })).path, native);
    assert.equal(
      (await locate({ files, moduleUrl: "file:///p/node_modules/@codex/sdk/src/exec/locate.ts" }))
        .path,
      native,
    );
    assert.equal((await locate({ files, cwd: "/elsewhere", execPath: "/p/program" })).path, native);
  });

  it("does without the URL of this module, which a bundle may lack", async () => {
    const machine = { files: [main, native], cwd: "/p" };
    const found = await locateCodex({
      codexOptions: {},
      runtime: runtimeOf(machine),
      moduleUrl: null as never,
    });
    assert.equal(found.path, native);
  });

  it("looks beside a link as well as beside what it leads to", async () => {
    const files = ["/s/codex/bin/codex.js", native];
    const links = { [`${modules}/codex`]: "/s/codex" };
    assert.equal((await locate({ files, links, cwd: "/p" })).path, native);
  });

  it("looks into no node_modules of a node_modules", async () => {
    const files = [main, native, "/bin/codex"].map((path) => path.replace("/p/", "/node_modules/"));
    const found = await locate({ files, cwd: "/node_modules", env: { PATH: "/bin" } });
    assert.deepEqual(found, { path: "/bin/codex", pathDirs: [], source: "PATH" });
  });

  it("prefers the nearest", async () => {
    const near = native.replace("/p/", "/p/q/");
    const files = [main, native, main.replace("/p/", "/p/q/"), near];
    assert.equal((await locate({ files, cwd: "/p/q/r" })).path, near);
  });

  it("looks at the root", async () => {
    const files = [main.replace("/p", ""), native.replace("/p", "")];
    assert.equal((await locate({ files, cwd: "/q" })).path, native.replace("/p", ""));
  });

  it("leaves it for the codex on PATH when it may not be run", async () => {
    const machine = { files: [main, native, "/bin/codex"], cwd: "/p", env: { PATH: "/bin" } };
    const found = await locate({ ...machine, mayRun: (path) => path === "codex" });
    assert.deepEqual(found, { path: "codex", pathDirs: [], source: "PATH" });
  });
});

describe("locateCodex() with codex on PATH", () => {
  const root = `/usr/lib/node_modules/@openai/codex`;
  const shim = {
    files: [
      `${root}/bin/codex.js`,
      `${root}/node_modules/@openai/codex-linux-x64/${musl}/bin/codex`,
    ],
    links: { "/usr/bin/codex": `${root}/bin/codex.js` },
    env: { PATH: "/none:/usr/bin" },
  };

  it("finds the native executable behind npm's link", async () => {
    assert.deepEqual(await locate(shim), { path: shim.files[1], pathDirs: [], source: "shim" });
  });

  it("finds it in the PATH of env", async () => {
    const machine = { ...shim, env: { PATH: "/none" } };
    assert.equal((await locate(machine, { env: { PATH: "/usr/bin" } })).source, "shim");
  });

  it("finds it behind npm's script on Windows", async () => {
    const modules = "C:\\npm\\node_modules\\@openai";
    const path =
      `${modules}\\codex\\node_modules\\@openai\\codex-win32-x64\\vendor\\x86_64-pc-windows-msvc\\bin\\codex.exe`;
    const files = [
      "C:\\npm\\codex",
      "C:\\npm\\codex.cmd",
      `${modules}\\codex\\bin\\codex.js`,
      path,
    ];
    const machine = {
      os: "win32",
      files,
      env: { PATH: "C:\\Windows;C:\\npm", PATHEXT: ".EXE;.cmd" },
    };
    assert.deepEqual(await locate(machine), { path, pathDirs: [], source: "shim" });
    assert.equal(
      (await locate({ ...machine, env: {} }, { env: { Path: "C:\\npm" } })).source,
      "shim",
    );
  });

  it("finds it behind a script in node_modules/.bin", async () => {
    const path = `${modules}/codex-linux-x64/${musl}/bin/codex`;
    const machine = {
      files: [main, path, "/p/node_modules/.bin/codex"],
      env: { PATH: "/p/node_modules/.bin" },
    };
    assert.deepEqual(await locate(machine), { path, pathDirs: [], source: "shim" });
  });

  it("does not take another package for codex's", async () => {
    const installed = "/usr/bin/node_modules/@openai";
    const native = `${installed}/codex-linux-x64/${musl}/bin/codex`;
    for (
      const target of [
        "/lib/node_modules/@openai/tool/bin/codex.js",
        "/lib/node_modules/@other/codex/bin/codex.js",
        "/lib/node_modules/@openai/codex.js",
      ]
    ) {
      const machine = {
        files: [target, `${installed}/codex/bin/codex.js`, native],
        links: { "/usr/bin/codex": target },
        env: { PATH: "/usr/bin" },
      };
      assert.deepEqual(await locate(machine), { path: native, pathDirs: [], source: "shim" });
    }
  });

  it("takes the codex on PATH when it is no shim, or its native executable is missing or not granted", async () => {
    const found = { path: "/usr/bin/codex", pathDirs: [], source: "PATH" };
    assert.deepEqual(await locate({ files: ["/usr/bin/codex"], env: shim.env }), found);
    assert.deepEqual(await locate({ ...shim, files: shim.files.slice(0, 1) }), found);
    assert.deepEqual(await locate({ ...shim, mayRun: (path) => !path.includes("vendor") }), found);
    assert.deepEqual(await locate({ ...shim, arch: "riscv64" }), found);
  });

  it("takes the name when only the name is granted", async () => {
    const found = { path: "codex", pathDirs: [], source: "PATH" };
    assert.deepEqual(await locate({ ...shim, mayRun: (path) => path === "codex" }), found);
  });

  it("takes the name when PATH or its folders may not be read", async () => {
    const found = { path: "codex", pathDirs: [], source: "PATH" };
    assert.deepEqual(await locate({}), found);
    assert.deepEqual(await locate({ env: { PATH: "/bin" }, mayRead: () => false }), found);
  });

  it("rejects when there is certainly none, and says where it looked", async () => {
    const machine = {
      plainFiles: ["/p/a", "/bin/ls"],
      cwd: "/p",
      env: { PATH: "/bin:/sbin" },
      execPath: "/bin/node",
    };
    await notFound(
      locate(machine),
      'Cannot find codex: "@openai/codex" is not in a node_modules at or above "/p", "/bin"; ' +
        `"codex" is not in PATH: "/bin", "/sbin". ${advice}`,
    );
    await notFound(
      locate({ ...machine, files: [main] }),
      'Cannot find codex: "/p/node_modules/@openai/codex" is installed without its optional dependency ' +
        `"@openai/codex-linux-x64"; "codex" is not in PATH: "/bin", "/sbin". ${advice}`,
    );
  });

  it("says what it found and could not use", async () => {
    const native = `/p/q/node_modules/@openai/codex-linux-x64/${musl}/bin/codex`;
    const machine = {
      files: [main, main.replace("/p/", "/p/q/"), native],
      cwd: "/p/q",
      env: { PATH: "" },
      mayRun: () => false,
    };
    await notFound(
      locate(machine),
      `Cannot find codex: "${native}" may not be run, ` +
        '"/p/node_modules/@openai/codex" is installed without its optional dependency ' +
        `"@openai/codex-linux-x64"; "codex" is not in PATH: none. ${advice}`,
    );
    await notFound(
      locate({ files: [main], cwd: "/p", env: { PATH: "::/bin:" }, arch: "riscv64" }),
      'Cannot find codex: "/p/node_modules/@openai/codex" has no executable for this platform; ' +
        `"codex" is not in PATH: "/bin". ${advice}`,
    );
  });
});

describe("locateCodex() on this machine", () => {
  let runtime: Runtime;
  before(async () => {
    runtime = await loadRuntime();
  });

  it("finds the native executable of the installed package", async () => {
    const host = Object.assign(Object.create(runtime), { env: () => undefined }) as Runtime;
    const found = await locateCodex({ codexOptions: {}, runtime: host });
    assert.equal(found.source, "package");
    assert.ok(await runtime.isExecutable(found.path), found.path);
    assert.match(found.path, /[\\/]vendor[\\/][^\\/]+[\\/]bin[\\/]codex(\.exe)?$/);
    assert.match(found.pathDirs.join(), /[\\/]codex-path$/);
  });

  it("takes the URL of a file", async () => {
    const url = pathToFileURL(import.meta.filename!);
    const found = await locateCodex({ codexOptions: { codexPath: url }, runtime });
    assert.equal(found.path, import.meta.filename);
  });
});
