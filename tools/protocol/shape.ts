/** A TypeScript type as the generator holds it, between reading a schema and printing. */
export type Shape =
  | Name
  | { kind: "array"; of: Shape }
  | { kind: "tuple"; of: Shape[] }
  | { kind: "object"; members: Member[]; rest?: Shape | undefined }
  | { kind: "union"; of: Shape[] }
  | { kind: "intersection"; of: Shape[] };

/** A keyword, a literal or the name of another type. */
export type Name = { kind: "name"; text: string };

/** A member of an object. */
export type Member = { name: string; optional: boolean; shape: Shape };

/** The name `text`. */
export function name(text: string): Name {
  return { kind: "name", text };
}

/** The object with `members` and, with `rest`, any other key. */
export function object(members: Member[], rest?: Shape): Shape {
  return { kind: "object", members, rest };
}

/** The union of `shapes`: flat, each once, null last; it is `unknown` if one of them is. */
export function union(shapes: Shape[]): Shape {
  const flat = unique(shapes.flatMap((shape) => shape.kind === "union" ? shape.of : [shape]))
    .filter((shape) => !isName(shape, "never"));
  if (flat.some((shape) => isName(shape, "unknown"))) return name("unknown");
  const nulls = flat.filter((shape) => isName(shape, "null"));
  const of = [...flat.filter((shape) => !isName(shape, "null")), ...nulls];
  return of.length === 0 ? name("never") : of.length === 1 ? of[0]! : { kind: "union", of };
}

/** The intersection of `shapes`: flat, each once, without what says nothing. */
export function intersection(shapes: Shape[]): Shape {
  const of = unique(shapes.flatMap((shape) => shape.kind === "intersection" ? shape.of : [shape]))
    .filter((shape) => !isName(shape, "unknown"));
  if (of.some((shape) => isName(shape, "never"))) return name("never");
  return of.length === 0 ? name("unknown") : of.length === 1 ? of[0]! : {
    kind: "intersection",
    of,
  };
}

function isName(shape: Shape, text: string): boolean {
  return shape.kind === "name" && shape.text === text;
}

function unique(shapes: Shape[]): Shape[] {
  return [...new Map(shapes.map((shape) => [JSON.stringify(shape), shape])).values()];
}
