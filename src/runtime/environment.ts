/**
 * The environment of a child: the host's variables, with the additions in place of those of the
 * same name. Windows ignores the case of names, so `PATH` there takes the place of `Path`.
 */
export function mergeEnvironment(
  host: Readonly<Record<string, string | undefined>>,
  additions: Readonly<Record<string, string>>,
  os: string,
): Record<string, string> {
  const same = os === "win32" ? (name: string) => name.toUpperCase() : (name: string) => name;
  const added = new Set(Object.keys(additions).map(same));
  const merged: Record<string, string> = {};
  for (const [name, value] of Object.entries(host)) {
    if (value !== undefined && !added.has(same(name))) merged[name] = value;
  }
  return Object.assign(merged, additions);
}
