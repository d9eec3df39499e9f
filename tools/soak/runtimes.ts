/** A runtime that can run a program. */
export type SoakRuntime = {
  name: string;
  version: string;
  colour: string;
  /** What the program's file is appended to. */
  command: string[];
};

/** The runtimes, where they can collect garbage on demand. */
export async function soakRuntimes(): Promise<SoakRuntime[]> {
  // Inside a Deno task a bare `bun` is not found.
  const bun = "./node_modules/.bin/bun";
  // Without npx, which would stand between us and the program.
  const node = await output(["npx", "-y", "node@24", "--print", "process.execPath"]);
  return [
    {
      name: "Deno",
      version: Deno.version.deno,
      colour: "#1f6feb",
      command: [
        ...[Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all"],
        "--v8-flags=--expose-gc",
      ],
    },
    {
      name: "Bun",
      version: await output([bun, "--version"]),
      colour: "#bc4c00",
      command: [bun],
    },
    {
      name: "Node",
      version: (await output([node, "--version"])).replace("v", ""),
      colour: "#1a7f37",
      command: [node, "--expose-gc"],
    },
  ];
}

/** What a command prints. Throws when it fails. */
async function output([executable, ...args]: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(executable!, { args }).output();
  if (!success) throw new Error(`"${executable}" failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}
