/** Whether two JSON values are the same, however deeply they are nested; `-0` is not `0`. */
export function isSame(a: unknown, b: unknown): boolean {
  const open: [unknown, unknown][] = [[a, b]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [one, other] = pair;
    if (Object.is(one, other)) continue;
    if (typeof one !== "object" || typeof other !== "object") return false;
    if (one === null || other === null || Array.isArray(one) !== Array.isArray(other)) return false;
    const keys = Object.keys(one);
    if (keys.length !== Object.keys(other).length) return false;
    for (const key of keys) {
      if (!Object.hasOwn(other, key)) return false;
      open.push([
        (one as Record<string, unknown>)[key],
        (other as Record<string, unknown>)[key],
      ]);
    }
  }
  return true;
}
