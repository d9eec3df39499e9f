import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findExecutable } from "../../src/runtime/find_executable.ts";

/** A system that has these variables and executables. */
function system(os: string, variables: Record<string, string>, executables: readonly string[]) {
  const asked: string[] = [];
  return {
    asked,
    platform: { os, arch: "x64" },
    env: (name: string): string | undefined => variables[name],
    isExecutable: (path: string): Promise<boolean> => {
      asked.push(path);
      return Promise.resolve(executables.includes(path));
    },
  };
}

for (const os of ["linux", "darwin"]) {
  describe(`findExecutable() on ${os}`, () => {
    it("takes the first match in PATH", async () => {
      const host = system(os, { PATH: "/a:/b/:/c" }, ["/b/codex", "/c/codex"]);
      assert.equal(await findExecutable("codex", host), "/b/codex");
      assert.deepEqual(host.asked, ["/a/codex", "/b/codex"]);
    });

    it("finds nothing where PATH has no match, is empty or is unknown", async () => {
      assert.equal(await findExecutable("codex", system(os, { PATH: "/a:/b" }, [])), undefined);
      assert.equal(await findExecutable("codex", system(os, {}, ["/a/codex"])), undefined);
      assert.equal(await findExecutable("", system(os, { PATH: "/a" }, ["/a/"])), undefined);
    });

    it("takes an empty entry for the working directory, as the system does", async () => {
      const host = system(os, { PATH: "/a::/b" }, ["./codex", "/b/codex"]);
      assert.equal(await findExecutable("codex", host), "./codex");
    });

    it("takes the root folder for a folder", async () => {
      assert.equal(await findExecutable("codex", system(os, { PATH: "/" }, ["/codex"])), "/codex");
    });

    it("does not look up a path", async () => {
      const host = system(os, { PATH: "/a" }, ["/x/codex", "/a/x/codex"]);
      assert.equal(await findExecutable("/x/codex", host), "/x/codex");
      assert.equal(await findExecutable("x/codex", host), undefined);
      assert.deepEqual(host.asked, ["/x/codex", "x/codex"]);
    });

    it("knows nothing of PATHEXT", async () => {
      const host = system(os, { PATH: "/a", PATHEXT: ".EXE" }, ["/a/codex.EXE"]);
      assert.equal(await findExecutable("codex", host), undefined);
    });
  });
}

describe("findExecutable() on win32", () => {
  const npm = ["C:\\npm\\codex", "C:\\npm\\codex.CMD", "C:\\npm\\codex.ps1"];

  it("takes npm's .cmd, not the shell script next to it", async () => {
    const host = system("win32", { PATH: "C:\\Windows;C:\\npm" }, npm);
    assert.equal(await findExecutable("codex", host), "C:\\npm\\codex.CMD");
  });

  it("tries the endings in the order of PATHEXT, folder by folder", async () => {
    const host = system("win32", { PATH: "C:\\a;C:\\b\\", PATHEXT: ".exe;.cmd" }, ["C:\\b\\x.exe"]);
    assert.equal(await findExecutable("x", host), "C:\\b\\x.exe");
    assert.deepEqual(host.asked, ["C:\\a\\x.exe", "C:\\a\\x.cmd", "C:\\b\\x.exe"]);
  });

  it("takes a name that has one of the endings as it is", async () => {
    const host = system("win32", { PATH: "C:\\a" }, ["C:\\a\\codex.exe"]);
    assert.equal(await findExecutable("codex.exe", host), "C:\\a\\codex.exe");
  });

  it("adds an ending to a name with another dot", async () => {
    const host = system("win32", { PATH: "C:\\a" }, ["C:\\a\\codex-0.1", "C:\\a\\codex-0.1.EXE"]);
    assert.equal(await findExecutable("codex-0.1", host), "C:\\a\\codex-0.1.EXE");
  });

  it("reads Path where there is no PATH", async () => {
    const host = system("win32", { Path: "C:\\a" }, ["C:\\a\\codex.EXE"]);
    assert.equal(await findExecutable("codex", host), "C:\\a\\codex.EXE");
  });

  it("keeps a semicolon between quotes, and drops empty entries", async () => {
    const host = system("win32", { PATH: ';"C:\\a;b" ; ;C:\\c' }, ["C:\\a;b\\codex.EXE"]);
    assert.equal(await findExecutable("codex", host), "C:\\a;b\\codex.EXE");
  });

  it("leaves out the working directory", async () => {
    const host = system("win32", { PATH: "C:\\a" }, ["codex.EXE", ".\\codex.EXE"]);
    assert.equal(await findExecutable("codex", host), undefined);
  });

  it("adds an ending to a path, of either slash", async () => {
    const host = system("win32", { PATH: "C:\\a" }, ["C:\\x\\codex.EXE", "bin/codex.CMD"]);
    assert.equal(await findExecutable("C:\\x\\codex", host), "C:\\x\\codex.EXE");
    assert.equal(await findExecutable("bin/codex", host), "bin/codex.CMD");
  });
});
