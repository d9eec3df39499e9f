import type { Member, Shape } from "./shape.ts";

const width = 100;
const anyKey = "[key: string]";

/** A doc comment and an exported type, as `deno fmt` leaves them. */
export function declaration(name: string, shape: Shape, doc: string): string {
  const start = `export type ${name} =`;
  const text = print(shape, 0, start.length + 1, 1);
  return `/** ${doc} @internal */\n${start}${text.startsWith("\n") ? "" : " "}${text};\n`;
}

/**
 * `shape` in lines indented by `indent`, of which the first begins at `column` and must leave room
 * for `after` characters. It begins with a line break where it does not begin on that line.
 */
function print(shape: Shape, indent: number, column: number, after: number): string {
  const flat = flatText(shape);
  if (flat !== undefined && column + flat.length + after <= width) return flat;
  switch (shape.kind) {
    case "name":
      return shape.text;
    case "object":
      return objectText(shape, indent);
    case "array":
      return `${grouped(shape.of, indent, column)}[]`;
    case "tuple":
      return lines("[", shape.of.map((one) => `${at(one, indent + 2)},`), "]", indent);
    case "union":
    case "intersection": {
      const sign = shape.kind === "union" ? "|" : "&";
      return shape.of.map((one) =>
        `\n${spaces(indent + 2)}${sign} ${grouped(one, indent + 2, indent + 4)}`
      ).join("");
    }
  }
}

/** As part of something else: a union or an intersection in parentheses. */
function grouped(shape: Shape, indent: number, column: number): string {
  if (shape.kind !== "union" && shape.kind !== "intersection") {
    return print(shape, indent, column, 3);
  }
  const text = print(shape, indent, column + 1, 4);
  return text.startsWith("\n") ? `(${text}\n${spaces(indent)})` : `(${text})`;
}

/** As the first thing of a line, of which `indent` is the indentation. */
function at(shape: Shape, indent: number): string {
  const broken = shape.kind === "union" || shape.kind === "intersection";
  return print(shape, broken ? indent - 2 : indent, indent, 1).trimStart();
}

type ObjectShape = Extract<Shape, { kind: "object" }>;

function objectText({ members, rest }: ObjectShape, indent: number): string {
  const inner = members.map((one) => memberText(memberName(one), one.shape, indent + 2));
  if (rest) inner.push(memberText(anyKey, rest, indent + 2));
  return lines("{", inner, "}", indent);
}

function memberText(name: string, shape: Shape, indent: number): string {
  const text = print(shape, indent, indent + name.length + 2, 1);
  return `${name}:${text.startsWith("\n") ? "" : " "}${text};`;
}

function memberName({ name, optional }: Member): string {
  return `${isIdentifier(name) ? name : JSON.stringify(name)}${optional ? "?" : ""}`;
}

/** On one line; undefined with an object of several members, which is easier to read on several. */
function flatText(shape: Shape): string | undefined {
  switch (shape.kind) {
    case "name":
      return shape.text;
    case "object": {
      const [first, ...others] = shape.members;
      if (others.length > 0 || (first && shape.rest)) return undefined;
      const key = first ? memberName(first) : anyKey;
      const only = first?.shape ?? shape.rest;
      const text = only && flatText(only);
      return text && `{ ${key}: ${text} }`;
    }
    case "array": {
      const text = flatText(shape.of);
      const simple = shape.of.kind !== "union" && shape.of.kind !== "intersection";
      return text && (simple ? `${text}[]` : `(${text})[]`);
    }
    case "tuple": {
      const parts = shape.of.map(flatText);
      return parts.includes(undefined) ? undefined : `[${parts.join(", ")}]`;
    }
    case "union":
    case "intersection": {
      const parts = shape.of.map((one) => {
        const text = flatText(one);
        return one.kind === "union" || one.kind === "intersection" ? text && `(${text})` : text;
      });
      const sign = shape.kind === "union" ? " | " : " & ";
      return parts.includes(undefined) ? undefined : parts.join(sign);
    }
  }
}

/** Whether `text` can stand in a type without quotation marks. */
export function isIdentifier(text: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text);
}

function lines(open: string, inner: string[], close: string, indent: number): string {
  const within = inner.map((line) => `${spaces(indent + 2)}${line}\n`).join("");
  return `${open}\n${within}${spaces(indent)}${close}`;
}

function spaces(count: number): string {
  return " ".repeat(count);
}
