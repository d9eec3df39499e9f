import type { CodexOptions } from "./options.ts";

const secretName = /key|token|secret|password|passwd|credential|authorization|bearer/i;
/** These name a variable that holds the secret. */
const variableName = /(^|[_.])env(_key|_var)?$/i;
const patterns = [
  /\bsk-[A-Za-z0-9_-]{8,}/g,
  /\b(?:ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{16,}/g,
  /(?<=\bBearer\s)[A-Za-z0-9._~+/=-]{8,}/gi,
];
/** Shorter values are no secrets worth the name, and would tear holes into ordinary text. */
const shortest = 6;

/** What the options of a `Codex` hold that must not be shown. */
export function secretsOf(options: CodexOptions): string[] {
  const overrides = (options.configOverrides ?? []).map((override) => {
    const [key = "", value = ""] = override.split(/=(.*)/s);
    return { [key]: value.trim().replace(/^["']|["']$/g, "") };
  });
  return [
    options.apiKey ?? "",
    ...secretsIn(options.env),
    ...secretsIn(options.config),
    ...secretsIn(overrides),
  ];
}

/** The keys codex may take from the environment of this program, as far as they can be seen. */
export function hostKeys(env: (name: string) => string | undefined): string[] {
  return ["CODEX_API_KEY", "OPENAI_API_KEY"].map((name) => env(name) ?? "");
}

/** Replaces secrets in text that is shown, thrown or logged. */
export type Redact = (text: string) => string;

/** A {@linkcode Redact} for the given secrets and for what looks like a key by itself. */
export function redactor(secrets: Iterable<string>): Redact {
  const known = [...new Set([...secrets].flatMap(spellings))]
    .filter((secret) => secret.length >= shortest)
    // The longer first: one secret may be the beginning of another.
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let shown = text;
    for (const secret of known) shown = withoutEnds(shown.replaceAll(secret, "[redacted]"), secret);
    for (const pattern of patterns) shown = shown.replace(pattern, "[redacted]");
    return shown;
  };
}

/** A secret as it is, and as it stands in JSON and TOML, such as the arguments of codex. */
function spellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, json, json.replaceAll("\x7f", "\\u007F")];
}

/** Replaces what is left of a secret where the text was cut, at its beginning or its end. */
function withoutEnds(text: string, secret: string): string {
  let shown = text;
  const end = shown.lastIndexOf(secret.slice(0, shortest));
  if (end !== -1 && secret.startsWith(shown.slice(end))) shown = `${shown.slice(0, end)}[redacted]`;
  const start = shown.slice(0, secret.length).indexOf(secret.slice(-shortest)) + shortest;
  if (start >= shortest && secret.endsWith(shown.slice(0, start))) {
    shown = `[redacted]${shown.slice(start)}`;
  }
  return shown;
}

/** The string values in a nested object whose names say that they are secret. */
export function secretsIn(value: unknown): string[] {
  const found: string[] = [];
  // A list instead of recursion, and each object once: it may be deep, or hold itself.
  const rest: { value: unknown; isSecret: boolean }[] = [{ value, isSecret: false }];
  const seen = { secret: new Set<object>(), open: new Set<object>() };
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, isSecret } = next;
    if (typeof value === "string" && isSecret) found.push(value);
    if (typeof value !== "object" || value === null) continue;
    const seenSo = isSecret ? seen.secret : seen.open;
    if (seenSo.has(value)) continue;
    seenSo.add(value);
    for (const [name, member] of Object.entries(value)) {
      rest.push({
        value: member,
        isSecret: !variableName.test(name) && (isSecret || secretName.test(name)),
      });
    }
  }
  return found;
}
