import type { CodexOptions } from "./options.ts";

const secretName =
  /key|token|secret|passw(or)?d|passphrase|credential|authorization|bearer|cookie/i;
/** Any header may carry one. */
const headersName = /headers$/i;
/** These name a variable that holds the secret, the latter in each of their members. */
const variableName = /(^|[_.])env(_key|_var)?$/i;
const variablesName = /(^|[_.])env_http_headers$/i;
/** Variables that are passed on, secret or not. */
const passedOnName = /(^|[_.])env_vars$/i;
/** What codex takes a key from by itself, by the names in its binary. */
const usualVariables = [
  ...["CODEX_API_KEY", "OPENAI_API_KEY", "CODEX_ACCESS_TOKEN"],
  ...["CODEX_CONNECTORS_TOKEN", "CODEX_GITHUB_PERSONAL_ACCESS_TOKEN"],
  ...["AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
  "AZURE_CLIENT_SECRET",
];
const patterns = [
  // In JSON, or behind a colour, the key has a letter before it.
  /(?:\b|(?<=\\[nrt])|(?<=\[[\d;]*m))sk-[A-Za-z0-9_-]{8,}/g,
  /\b(?:ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{16,}/g,
  /(?<=\bBearer\s)[A-Za-z0-9._~+/=-]{8,}/gi,
];
/** Shorter values are no secrets worth the name, and would tear holes into ordinary text. */
const shortest = 6;

/**
 * What must not be shown: the secrets that the options of a `Codex` hold, those in variables that
 * codex takes keys from, as far as `env` can see them, and those in raw arguments.
 */
export function secretsOf(
  options: CodexOptions,
  env: (name: string) => string | undefined = () => undefined,
  extraArgs: readonly string[] = [],
): string[] {
  const settings = [...options.configOverrides ?? [], ...extraArgs].filter(isText);
  const { secrets, variables } = sift({
    env: options.env,
    config: options.config,
    baseUrl: options.baseUrl,
    settings: settings.flatMap(readSetting),
  });
  const held = [...usualVariables, ...variables]
    .flatMap((name) => [options.env?.[name], env(name)]);
  return [options.apiKey, ...secrets, ...held].filter(isText);
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

/**
 * A secret as it is and without space around it, which codex leaves out; without the name of its
 * scheme; and each as it stands in JSON, TOML (such as the arguments of codex) and URLs.
 */
function spellings(secret: string): string[] {
  const bare = secret.trim();
  const credential = bare.replace(/^(?:Basic|Bearer|Token)\s+/i, "");
  return [secret, bare, credential].flatMap((each) => {
    const json = JSON.stringify(each).slice(1, -1);
    return [each, json, json.replaceAll("\x7f", "\\u007F"), encodeURIComponent(wellFormed(each))];
  });
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
  return sift(value).secrets;
}

/** What a string below a name is: a secret, the name of a variable that holds one, or neither. */
type Kind = "open" | "secret" | "variable" | "variables" | "passed on";

function kindOf(name: string, parent: Kind): Kind {
  if (parent === "variables" || variablesName.test(name)) return "variables";
  if (parent === "passed on" || passedOnName.test(name)) return "passed on";
  if (variableName.test(name)) return "variable";
  const isSecret = parent === "secret" || secretName.test(name) || headersName.test(name);
  return isSecret ? "secret" : "open";
}

/** Tells the secrets in a nested object, and the variables that hold more of them, by their names. */
function sift(value: unknown): { secrets: string[]; variables: string[] } {
  const secrets: string[] = [];
  const variables: string[] = [];
  const take = (text: string, kind: Kind) => {
    if (kind === "secret") secrets.push(text);
    else if (kind === "open") secrets.push(...secretsInUrl(text));
    else if (kind !== "passed on" || secretName.test(text)) {
      if (/^\w+$/.test(text)) variables.push(text);
    }
  };
  // A list instead of recursion, and each object once a kind: it may be deep, or hold itself.
  const rest: { value: unknown; kind: Kind }[] = [{ value, kind: "open" }];
  const seen = new Map<Kind, Set<object>>();
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, kind } = next;
    if (typeof value === "string") take(value, kind);
    if (typeof value !== "object" || value === null) continue;
    const seenSo = seen.get(kind) ?? new Set();
    if (seenSo.has(value)) continue;
    seen.set(kind, seenSo.add(value));
    for (const [name, member] of Object.entries(value)) {
      rest.push({ value: member, kind: kindOf(name, kind) });
    }
  }
  return { secrets, variables };
}

/** The password of a URL, or the user where there is none, and secrets in its query. */
function secretsInUrl(text: string): string[] {
  const [, userinfo = ""] = /^[a-z][a-z\d+.-]*:\/\/([^/?#\s]*)@/i.exec(text) ?? [];
  const password = /:(.*)/s.exec(userinfo)?.[1] || userinfo;
  const query = new URLSearchParams(/:\/\/[^?#]*\?([^#]*)/.exec(text)?.[1]);
  const found = [...query].filter(([name]) => secretName.test(name)).map(([, value]) => value);
  return [password, decoded(password), ...found].filter(isText);
}

/** Words, texts that may lack their end, and what tells them apart. */
const settingParts = /[\w.-]+|"(?:\\.|[^"\\])*"?|'[^']*'?|[={}[\],]/gs;

/** The strings of a raw `key=value` setting, each as a nested object with the names it is below. */
function readSetting(setting: string): object[] {
  const text = setting.replace(/^(?:-c|--config)(?:=|\s|$)/, "").trim();
  const [, key = "", raw = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  // What is no TOML codex takes for a string as it stands.
  const found = /^["'{[]/.test(raw.trim()) ? [] : [nested([key.trim()], raw.trim())];
  const tables: string[] = [];
  let name = "";
  /** A name if "=" comes next, else values. */
  let pending: string[] = [];
  for (const part of [...text.match(settingParts) ?? [], ","]) {
    if (!/^[={}[\],]$/.test(part)) {
      pending.push(part);
      continue;
    }
    if (part === "=") {
      name = pending.join("");
    } else {
      const values = pending.filter(isQuoted).map(unquoted);
      found.push(...values.map((value) => nested([...tables, name], value)));
    }
    pending = [];
    if (part === "{") tables.push(name);
    else if (part === "}") name = tables.pop() ?? "";
  }
  return found;
}

function nested(names: readonly string[], value: string): object {
  return names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object;
}

function isQuoted(text: string): boolean {
  return /^["']/.test(text);
}

/** What a TOML string says; its escapes are those of JSON but for rare ones. */
function unquoted(text: string): string {
  if (text.startsWith("'")) return text.slice(1).replace(/'$/, "");
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(1).replace(/"$/, "");
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A text without halves of characters, which no URL can hold. */
function wellFormed(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
