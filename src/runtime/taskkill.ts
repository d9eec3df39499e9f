/**
 * What ends a process and all that it started on Windows, which has no process groups to signal.
 *
 * @param systemRoot The variable `SystemRoot`: Windows looks for a bare name in the working
 * directory first, where somebody else's `taskkill.exe` may lie.
 */
export function taskkill(pid: number, systemRoot?: string): [executable: string, ...string[]] {
  const executable = systemRoot ? `${systemRoot}\\System32\\taskkill.exe` : "taskkill";
  return [executable, "/PID", String(pid), "/T", "/F"];
}
