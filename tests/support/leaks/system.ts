/** What the system knows of this program (Linux only). */
import { type Kind, named } from "./kind.ts";
import { platform } from "./platform.ts";

/**
 * Processes: children of this program, zombies included, and whatever else was started with its
 * temporary folder, such as what is left of a child that is gone.
 */
export function processes(temporaryFolder: string): Kind {
  const variable = `\0TMPDIR=${temporaryFolder}`;
  return {
    // Whose number was given since: to list all processes takes longer than many a test.
    note: () => {
      const before = lastProcess();
      const since = ticksSinceBoot();
      return () => numbersAfter(before, since);
    },
    describe: (number) => {
      const status = textOf(`/proc/${number}/status`);
      // Threads have numbers, too.
      if (!status.includes(`\nTgid:\t${number}\n`)) return undefined;
      const variables = `\0${textOf(`/proc/${number}/environ`)}`;
      const isOurs = status.includes(`\nPPid:\t${platform.pid}\n`) ||
        variables.includes(`${variable}\0`) || variables.includes(`${variable}/`);
      if (!isOurs) return undefined;
      const [, state] = /^State:\t(.*)$/m.exec(status)!;
      const command = textOf(`/proc/${number}/cmdline`).replaceAll("\0", " ").slice(0, 200);
      return `process ${number}, ${state}: ${command}`;
    },
  };
}

/** Descriptors: files, pipes, sockets and processes. What runtimes wait with is theirs. */
export function descriptors(): Kind {
  // Bun opens what it prints to once more when it needs to.
  const standard = [0, 1, 2].map((number) => linkTarget(`/proc/self/fd/${number}`));
  const list = () =>
    platform.list("/proc/self/fd").flatMap((number) => {
      const target = linkTarget(`/proc/self/fd/${number}`);
      return target === undefined ? [] : `${number} ${target}`;
    });
  return named(list, (name) => {
    const isRuntimes = /^\d+ (anon_inode:(?!\[pidfd\])|\/dev\/|\/proc\/)/.test(name) ||
      standard.includes(name.replace(/^\d+ /, "")) ||
      // Reports, which Node opens some time after the first test has begun.
      /^\d+ \/.*\/coverage\/[^/]+$/.test(name);
    return isRuntimes ? undefined : `descriptor ${name}`;
  });
}

/** Files and folders in the temporary folder. */
export function temporaryFiles(folder: string): Kind {
  // Codex's sandbox mounts over empty files such as `.git`, and only it knows until when.
  const isSandboxs = (name: string) => /^(\.|codex-bwrap-)/.test(name);
  return named(
    () => platform.list(folder),
    (name) => isSandboxs(name) ? undefined : `temporary file ${name}`,
  );
}

/** The number that was given last to a process. */
function lastProcess(): number {
  return Number(textOf("/proc/loadavg").split(" ").at(-1));
}

function numbersAfter(before: number, since: number): string[] {
  const last = lastProcess();
  if (last >= before) return Array.from({ length: last - before }, (_, i) => String(last - i));
  // They began anew, as none was left: those of older processes are among them.
  return platform.list("/proc").filter((name) => /^\d+$/.test(name) && startOf(name) >= since);
}

/** When a process started, in hundredths of a second since the system did. */
function startOf(number: string): number {
  const stat = textOf(`/proc/${number}/stat`);
  // The second field is the program's name in parentheses and may hold spaces and parentheses.
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? -1);
}

/** Now, by the same measure; a little earlier, as neither is exact. */
function ticksSinceBoot(): number {
  return Number(textOf("/proc/uptime").split(" ")[0]) * 100 - 2;
}

function textOf(path: string): string {
  try {
    return platform.read(path);
  } catch {
    return "";
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return platform.target(path);
  } catch {
    return undefined;
  }
}
