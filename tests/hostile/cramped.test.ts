import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { childrenOf, processState } from "../support/processes.ts";
import { becomes, executable, goodTurn, lines } from "./support.ts";

const isDeno = "Deno" in globalThis;
const isRoot = process.getuid?.() === 0;

/** In a namespace of its own everybody may mount, unless the system forbids that. */
const inNamespace = ["unshare", "--map-root-user", "--mount"];
/** The system lets root start as many processes as it likes. */
const asNobody = isRoot
  ? [
    ...["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    // Runtime and tests may lie where only root can read.
    ...["--inh-caps=+dac_override", "--ambient-caps=+dac_override"],
  ]
  : [];

function works([command, ...args]: string[]): boolean {
  return process.platform === "linux" && spawnSync(command!, args).status === 0;
}
const mountAndFind = 'mount -t tmpfs none /mnt && test -x "$0"';
const mayMount = works([...inNamespace, "sh", "-c", mountAndFind, process.execPath]);
/** Bun's engine aborts when it cannot have a thread, and ends those that had nothing to do for 10 s. */
const withoutMoreThreads = {
  BUN_JSC_useConcurrentJIT: "0",
  BUN_JSC_useConcurrentGC: "0",
  BUN_JSC_numberOfGCMarkers: "1",
};
const mayLimit = works([...asNobody, "prlimit", "--nofile"]);

/** Declares a test for systems that allow what it takes. */
function limited(name: string, isPossible: boolean, body: () => Promise<void>): void {
  (isPossible ? it : it.skip)(name, { timeout: 60_000 }, body);
}

/** How a turn of a host ended. */
type Ending = {
  finalResponse?: string;
  name?: string;
  code?: string;
  systemCode?: string;
  message?: string;
};

/** Runs cramped_host.ts. */
class CrampedHost {
  /** What its tests make is below. */
  readonly folder: string;
  readonly #codex: ReturnType<typeof executable>;
  readonly #child: ChildProcess;
  readonly #printed: AsyncIterator<string>;

  /** Has it started by another program, which is told the folder first. */
  constructor(launcher: (folder: string) => string[]) {
    this.folder = mkdtempSync(join(tmpdir(), "cramped-"));
    this.#codex = executable(
      `#!/bin/sh\ncat > /dev/null\ncat <<'END'\n${lines(...goodTurn)}END\n`,
    );
    const home = this.make("home");
    // Whoever it runs as.
    for (const path of [this.folder, this.#codex.folder]) chmodSync(path, 0o755);
    const [command, ...args] = [
      ...launcher(this.folder),
      process.execPath,
      ...(isDeno ? ["run", "--quiet", "--allow-all", "--no-check"] : []),
      join(import.meta.dirname!, "cramped_host.ts"),
      this.#codex.path,
    ];
    const env = { ...process.env, HOME: home, DENO_DIR: home, ...withoutMoreThreads };
    this.#child = spawn(command!, args, { env, stdio: ["pipe", "pipe", "inherit"] });
    this.#printed = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** Makes a folder for anybody. */
  make(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path);
    chmodSync(path, 0o777);
    return path;
  }

  /** Waits until it runs, and has opened what it opens once. */
  async warmUp(): Promise<void> {
    assert.equal(await this.#line(), "ready");
    const temporary = this.make("temporary");
    for (let i = 0; i < 2; i++) await this.succeeds(temporary);
  }

  /** Has a good turn with a temporary folder. */
  async succeeds(temporary: string): Promise<void> {
    assert.deepEqual(await this.#turn(temporary), { finalResponse: "Hello" });
    // Some runtimes close in the background what a turn has opened.
    assert.ok(await becomes(() => this.#isIdle()));
  }

  /** Has a turn with a temporary folder that the system refuses; no descriptor may be left. */
  async fails(temporary: string, systemCode: string, reason: RegExp): Promise<void> {
    assert.ok(await becomes(() => this.#isIdle()));
    const before = this.#ownDescriptors();
    const { message, ...ending } = await this.#turn(temporary);
    assert.deepEqual(ending, { name: "SpawnError", code: "SPAWN_FAILED", systemCode });
    assert.match(message!, reason);
    const areClosed = await becomes(() => this.#ownDescriptors().length <= before.length);
    assert.ok(areClosed, `${before.join("\n")}\n\n${this.#ownDescriptors().join("\n")}`);
  }

  /** The descriptors it has open. */
  descriptors(): Set<number> {
    return new Set(readdirSync(`/proc/${this.#child.pid}/fd`).map(Number));
  }

  /** The same with what they lead to, but for Deno's caches, which come and go. */
  #ownDescriptors(): string[] {
    const folder = `/proc/${this.#child.pid}/fd`;
    return readdirSync(folder).map((number) => `${number} ${linkTarget(join(folder, number))}`)
      .filter((name) => !name.includes(join(this.folder, "home")));
  }

  /** Lets it have no more of something than that; returns how to let it have as much as before. */
  limit(resource: "nofile" | "nproc", most: number): () => void {
    const name = { nofile: "Max open files", nproc: "Max processes" }[resource];
    const limits = readFileSync(`/proc/${this.#child.pid}/limits`, "utf8");
    const [, before] = new RegExp(`^${name} +(\\w+)`, "m").exec(limits)!;
    const set = (soft: string) => {
      const [command, ...args] = [...asNobody, "prlimit", `--pid=${this.#child.pid}`];
      execFileSync(command!, [...args, `--${resource}=${soft}:`]);
    };
    set(`${most}`);
    return () => set(before!);
  }

  /** Where the tests find a path of its namespace. */
  inside(path: string): string {
    return `/proc/${this.#child.pid}/root${path}`;
  }

  async end(): Promise<void> {
    const ended = once(this.#child, "close");
    this.#child.stdin!.end();
    await ended;
    this.#codex.remove();
    rmSync(this.folder, { recursive: true });
  }

  /** Has a turn; then neither a process nor a file of it may be left. */
  async #turn(temporary: string): Promise<Ending> {
    const entries = this.#entries(temporary);
    this.#child.stdin!.write(`${temporary}\n`);
    const ending: Ending = JSON.parse(await this.#line());
    assert.deepEqual(this.#entries(temporary), entries);
    assert.deepEqual(childrenOf(this.#child.pid!), []);
    return ending;
  }

  #isIdle(): boolean {
    const threads = readdirSync(`/proc/${this.#child.pid}/task`);
    return threads.every((thread) => processState(Number(thread))?.state === "S");
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#printed.next();
    assert.ok(!done, "the host has ended");
    return value;
  }

  #entries(folder: string): string[] | undefined {
    return existsSync(this.inside(folder)) ? readdirSync(this.inside(folder)) : undefined;
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "closed meanwhile";
  }
}

describe("a temporary folder", () => {
  const fileReason = /^Cannot start codex: a temporary file for it cannot be written: /;
  let host: CrampedHost;

  before(async () => {
    if (!mayMount) return;
    const mounts = `cd "$1"; shift; mkdir full crowded readonly
      mount -t tmpfs -o size=4k none full
      cat /dev/zero > full/filler 2> /dev/null
      mount -t tmpfs -o nr_inodes=1 none crowded
      mount -t tmpfs -o ro none readonly
      exec "$@"`;
    host = new CrampedHost((folder) => [...inNamespace, "sh", "-c", mounts, "sh", folder]);
    await host.warmUp();
  });
  after(() => host?.end());

  limited("on a full disk: the turn says so, and the next one has room", mayMount, async () => {
    const folder = join(host.folder, "full");
    await host.fails(folder, "ENOSPC", fileReason);
    rmSync(host.inside(join(folder, "filler")));
    await host.succeeds(folder);
  });

  limited(
    "on a disk that takes no more files: the turn says so",
    mayMount,
    () => host.fails(join(host.folder, "crowded"), "ENOSPC", fileReason),
  );

  limited(
    "on a read-only disk: the turn says so",
    mayMount,
    () => host.fails(join(host.folder, "readonly"), "EROFS", fileReason),
  );

  limited("of somebody else: the turn says so", mayMount, async () => {
    let folder = "/etc";
    if (isRoot) {
      // Whom the namespace does not know its root cannot stand in for.
      folder = join(host.folder, "foreign");
      mkdirSync(folder, { mode: 0o755 });
      chownSync(folder, 1, 1);
    }
    await host.fails(folder, "EACCES", fileReason);
  });

  limited(
    "that is missing: the turn says so",
    mayMount,
    () => host.fails(join(host.folder, "missing"), "ENOENT", fileReason),
  );
});

describe("a host that has reached its limit", () => {
  let host: CrampedHost;

  before(async () => {
    if (!mayLimit) return;
    host = new CrampedHost(() => asNobody);
    await host.warmUp();
  });
  after(() => host?.end());

  limited("of processes: the turn says so, and the next one is good", mayLimit, async () => {
    const temporary = host.make("processes");
    const unlimit = host.limit("nproc", 1);
    await host.fails(temporary, "EAGAIN", /: the limit of processes is reached$/)
      .finally(unlimit);
    await host.succeeds(temporary);
  });

  // With 6 left, Node loses 3 of them to a process that it then does not start.
  for (const left of [0, 1, 4]) {
    limited(
      `of descriptors but ${left}: the turn says so, the next one is good`,
      mayLimit,
      async () => {
        const temporary = host.make(`descriptors-${left}`);
        const open = host.descriptors();
        let free = 0;
        while (open.has(free)) free++;
        const unlimit = host.limit("nofile", free + left);
        // Which comes too late, a file or codex, is not for us to say.
        await host.fails(temporary, "EMFILE", /^Cannot start codex: /).finally(unlimit);
        await host.succeeds(temporary);
      },
    );
  }
});
