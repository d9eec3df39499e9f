import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isReadOnlyCommand } from "../../src/app_server/read_only_command.ts";

/** As codex shows what it gives to the shell. */
function inShell(script: string): string {
  return `/bin/bash -lc '${script.replaceAll("'", `'"'"'`)}'`;
}

describe("isReadOnlyCommand()", () => {
  it("knows what reads", () => {
    for (
      const script of [
        "ls",
        "ls -la src/app_server",
        "pwd && ls -1",
        "cat README.md | head -n 20",
        "cat a.txt; wc -l a.txt",
        "head -5 a.txt b.txt",
        "tail -n 3 'with space.txt'",
        "sed -n '1,200p' src/a.ts",
        "sed -n 5p a.txt",
        "nl -ba a.txt | sed -n '10,$p'",
        'rg -n "foo bar" src',
        "rg --files -g '*.ts' | rg test",
        "rg -A 3 -i 'a|b' .",
        "grep -rn --include='*.ts' TODO src",
        "grep -e a -e b file || echo none",
        "find . -name '*.ts' -not -path './node_modules/*' -type f",
        "find src -maxdepth 2 -print",
        "cd src && ls",
        "cut -d, -f1 a.csv | tr a-z A-Z",
        'echo "--- it\'s here"',
      ]
    ) {
      assert.equal(isReadOnlyCommand(inShell(script)), true, script);
    }
  });

  it("knows each shell that codex uses, and how it quotes", () => {
    for (
      const command of [
        "/bin/bash -lc ls",
        "/bin/sh -c 'ls -l'",
        "/usr/bin/zsh -lc 'ls -l'",
        `/bin/bash -lc "rg -n \\"a b\\" src"`,
        `/bin/bash -lc "sed -n '1,5p' x && ls"`,
      ]
    ) {
      assert.equal(isReadOnlyCommand(command), true, command);
    }
    for (
      const command of [
        "ls",
        "",
        "bash -lc ls",
        "./bash -lc ls",
        "/bin/bash ls",
        "/bin/bash -lc",
        "/bin/bash -lc ls extra",
        "/bin/bash -ic ls",
        "/bin/bash -lc ls && rm -rf x",
        "/bin/bash -lc ls | sh",
        "/bin/bash -lc ls > x",
        "/bin/python3 -c ls",
        "powershell.exe -Command ls",
        "/bin/bash -lc 'ls",
      ]
    ) {
      assert.equal(isReadOnlyCommand(command), false, command);
    }
  });

  it("is not taken in", () => {
    for (
      const script of [
        // Writing, and running something else
        "cat a > b",
        "cat a >> b",
        "cat < a",
        "cat <<EOF\nx\nEOF",
        "cat a; rm b",
        "ls && touch x",
        "ls || touch x",
        "ls | tee x",
        "ls | xargs rm",
        "ls | sh",
        "ls & touch x",
        "ls &",
        "ls |& cat",
        "ls\ntouch x",
        "ls\r\ntouch x",
        "ls # comment",
        "{ ls; }",
        "(ls)",
        "! ls",
        "if ls; then ls; fi",
        "time ls",
        "exec ls",
        "eval ls",
        "command ls",
        "env ls",
        "sudo ls",
        "FOO=1 ls",
        "PATH=. ls",
        // Expansions
        "echo $HOME",
        'echo "$HOME"',
        "echo $(touch x)",
        'echo "$(touch x)"',
        "echo `touch x`",
        'echo "`touch x`"',
        "cat <(touch x)",
        "find *",
        "cat ?",
        "cat [ab]",
        "cat {a,b}",
        "cat ~/x",
        "ls \\-la",
        'echo "!!"',
        // Options that write or run
        "rg --pre 'touch x' foo",
        "rg --pre=touch foo",
        "rg --hostname-bin=touch foo",
        "rg -z foo",
        "rg --search-zip foo",
        "find . -exec rm {} +",
        "find . -exec touch x \\;",
        "find . -execdir touch x ';'",
        "find . -ok rm '{}' ';'",
        "find . -delete",
        "find . '-delete'",
        "find . -fprint x",
        "find . -fprintf x y",
        "find . -fls x",
        "find -L .",
        "sed -i 's/a/b/' x",
        "sed -n '1,5p' x -i",
        "sed -n -e '1w x' y",
        "sed -n '1w x' y",
        "sed '1e touch x' y",
        "sed -n --in-place '1p' y",
        "sed -f script y",
        "sort -o x y",
        "uniq a b",
        "awk 'BEGIN { system(1) }'",
        "git log",
        "git -c core.pager=touch diff",
        "tail -f x",
        "tree -o x",
        "grep -f x y",
        "ls --unknown",
        "ls --",
        "head -n",
        // Other programs
        "python3 -c 1",
        "node x",
        "./ls",
        "/bin/ls",
        "../cat x",
        "touch x",
        "constructor",
        "__proto__",
        "",
        " ",
        ";",
        "ls;",
        "| ls",
        "ls ; ; ls",
      ]
    ) {
      assert.equal(isReadOnlyCommand(inShell(script)), false, script);
    }
  });

  it("is not taken in by control characters", () => {
    for (const character of ["\0", "\t", "\x1b", "\x7f", "\x85", "\n", "\r"]) {
      assert.equal(isReadOnlyCommand(inShell(`ls${character}-l`)), false);
      assert.equal(isReadOnlyCommand(inShell(`cat "a${character}b"`)), false);
    }
  });

  it("does not read novels", () => {
    assert.equal(isReadOnlyCommand(inShell("cat a".padEnd(1_000_000, "a"))), false);
  });

  it("allows nothing that could mean something to the shell", () => {
    const piece = fc.constantFrom(
      ..."ls,cat,rm,find,-exec,a,-l, ,  ,;,|,||,&&,&,>,<,$,(,),{,},`,\\,',\",!,*,?,[,],~,#,\n,="
        .split(
          ",",
        ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const script = pieces.join("");
        if (!isReadOnlyCommand(inShell(script))) return;
        const bare = script.replace(/'[^']*'|"[^"]*"/g, "");
        assert.doesNotMatch(bare, /[><$(){}`\\!*?[\]~#\n]|(^|[^&])&([^&]|$)/);
        // Between quotes what else parts words and commands is part of a word.
        const words = script.replace(
          /'([^']*)'|"([^"]*)"/g,
          (_, single, double) => (single ?? double).replace(/[|&; ]/g, "_"),
        );
        for (const command of words.split(/\|\||&&|\||;/)) {
          assert.match(command.trim(), /^(ls|cat|find)( |$)/);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
