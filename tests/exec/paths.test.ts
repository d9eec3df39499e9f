import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidOptionsError } from "../../src/errors.ts";
import {
  fileUrlPath,
  foldersUpward,
  isAbsolutePath,
  isBareName,
  joinPath,
  lastName,
  parentFolder,
} from "../../src/exec/paths.ts";

const linux = { os: "linux", arch: "x64" };
const windows = { os: "win32", arch: "x64" };

describe("joinPath()", () => {
  it("puts one separator between the parts", () => {
    assert.equal(joinPath(linux, "/a", "b", "c"), "/a/b/c");
    assert.equal(joinPath(linux, "/", "b"), "/b");
    assert.equal(joinPath(linux, "/a/", "b"), "/a/b");
    assert.equal(joinPath(windows, "C:\\", "b"), "C:\\b");
    assert.equal(joinPath(windows, "C:\\a", "b"), "C:\\a\\b");
  });
});

describe("isAbsolutePath()", () => {
  it("knows roots, drives and shares", () => {
    for (const path of ["/", "/a"]) assert.equal(isAbsolutePath(linux, path), true, path);
    for (const path of ["a", "a/", "./a", "C:/a", ""]) {
      assert.equal(isAbsolutePath(linux, path), false, path);
    }
    for (const path of ["C:\\a", "c:/a", "\\a", "/a", "\\\\host\\share"]) {
      assert.equal(isAbsolutePath(windows, path), true, path);
    }
    for (const path of ["a", "a\\b", "C:a", "1:\\a", "x\\C:\\a", ""]) {
      assert.equal(isAbsolutePath(windows, path), false, path);
    }
  });
});

describe("parentFolder()", () => {
  const cases: [platform: typeof linux, path: string, parent: string | undefined][] = [
    [linux, "/a/b", "/a"],
    [linux, "/a", "/"],
    [linux, "/", undefined],
    [linux, "a/b", "a"],
    [linux, "a", undefined],
    [linux, "", undefined],
    [linux, "a:/b", "a:"],
    [linux, "a\\b", undefined],
    [windows, "C:\\a\\b", "C:\\a"],
    [windows, "C:\\a/b", "C:\\a"],
    [windows, "C:\\a", "C:\\"],
    [windows, "C:/a", "C:/"],
    [windows, "C:\\", undefined],
    [windows, "\\a", "\\"],
    [windows, "/a", "/"],
    [windows, "\\", undefined],
    [windows, "a", undefined],
  ];
  for (const [platform, path, parent] of cases) {
    it(`of "${path}" on ${platform.os} is ${parent}`, () => {
      assert.equal(parentFolder(platform, path), parent);
    });
  }
});

describe("foldersUpward()", () => {
  it("goes from the folder itself to the root", () => {
    assert.deepEqual([...foldersUpward(linux, "/a/b")], ["/a/b", "/a", "/"]);
    assert.deepEqual([...foldersUpward(windows, "C:\\a\\b")], ["C:\\a\\b", "C:\\a", "C:\\"]);
  });
});

describe("lastName()", () => {
  it("is what comes after the last separator", () => {
    assert.equal(lastName(linux, "/a/b"), "b");
    assert.equal(lastName(linux, "b"), "b");
    assert.equal(lastName(windows, "C:\\a/b"), "b");
    assert.equal(lastName(windows, "C:/a\\b"), "b");
    assert.equal(lastName(linux, "a\\b"), "a\\b");
  });
});

describe("isBareName()", () => {
  it("is what is looked up in PATH", () => {
    assert.equal(isBareName(linux, "codex"), true);
    assert.equal(isBareName(linux, "a:codex"), true);
    assert.equal(isBareName(linux, "./codex"), false);
    assert.equal(isBareName(windows, "codex.exe"), true);
    assert.equal(isBareName(windows, "C:codex.exe"), false);
    assert.equal(isBareName(windows, ".\\codex.exe"), false);
  });
});

describe("fileUrlPath()", () => {
  it("decodes the path of a file", () => {
    assert.equal(fileUrlPath(linux, new URL("file:///a%20b/c"), "x"), "/a b/c");
    assert.equal(fileUrlPath(windows, new URL("file:///C:/a%20b/c"), "x"), "C:\\a b\\c");
    assert.equal(fileUrlPath(windows, new URL("file:///a/C:/c"), "x"), "\\a\\C:\\c");
    assert.equal(fileUrlPath(windows, new URL("file://host/share/c"), "x"), "\\\\host\\share\\c");
  });

  it("refuses what is no local file, naming the option", () => {
    for (
      const [platform, url] of [
        [linux, "https://x/a"],
        [linux, "https:///a"],
        [linux, "data:a"],
        [linux, "file://host/a"],
        [linux, "file:///%"],
        [windows, "https://x/a"],
        [windows, "file:///C:/%"],
      ] as const
    ) {
      assert.throws(() => fileUrlPath(platform, new URL(url), "codexPath"), (error) => {
        assert.ok(InvalidOptionsError.is(error), url);
        assert.equal(error.path, "codexPath");
        assert.match(error.message, /^Invalid codexPath: expected a path or a "file:" URL of a/);
        return true;
      });
    }
  });
});
