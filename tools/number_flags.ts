/** Reads `--name 7` and `--name=7`; throws on what is no number or not among the defaults. */
export function numberFlags<Name extends string>(
  args: readonly string[],
  defaults: Record<Name, number>,
): Record<Name, number> {
  const flags = { ...defaults };
  const words = args.flatMap((arg) => arg.split("="));
  for (let at = 0; at < words.length; at += 2) {
    const name = words[at]!.replace(/^--/, "");
    const value = Number(words[at + 1]);
    if (!Object.hasOwn(defaults, name) || !Number.isSafeInteger(value) || value < 0) {
      const known = Object.keys(defaults).map((each) => `--${each} <number>`).join(", ");
      throw new Error(`Cannot use "${words.slice(at, at + 2).join(" ")}": known are ${known}`);
    }
    flags[name as Name] = value;
  }
  return flags;
}
