import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

/** Runs git, untouched by the user's configuration, and returns what it prints. */
export async function git(directory: string, ...args: string[]): Promise<string> {
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Demo",
    GIT_AUTHOR_EMAIL: "demo@example.com",
    GIT_COMMITTER_NAME: "Demo",
    GIT_COMMITTER_EMAIL: "demo@example.com",
  };
  const { stdout } = await promisify(execFile)("git", args, { cwd: directory, env });
  return stdout;
}

const files = {
  "total.sh": `# Prints the sum of its arguments.
total=0
for number in "$@"; do
  total=$((total - number))
done
echo "$total"
`,
  "test.sh": `total=$(sh total.sh 1 2 3)
if [ "$total" = 6 ]; then
  echo "ok"
else
  echo "expected 6, got $total"
  exit 1
fi
`,
};

/** Makes a git repository with a small program and a test that fails. */
export async function makeRepository(directory: string): Promise<void> {
  await mkdir(directory);
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  await git(directory, "init", "--quiet", "--initial-branch=main");
  await git(directory, "add", ".");
  await git(directory, "commit", "--quiet", "--message=A program and its test");
}
