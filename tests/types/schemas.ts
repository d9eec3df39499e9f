/**
 * Type-checked, never run: the public types, written by hand, against the schemas that check what
 * arrives. What is checked is what the types promise, but for statuses and kinds, which the schemas
 * leave open, so that a value of a newer codex does not break a turn.
 */
import type * as v from "valibot";
import type { ThreadEvent, Usage } from "../../src/events.ts";
import type { ThreadItem } from "../../src/items.ts";
import type { eventSchemas, itemSchemas } from "../../src/schema.ts";

type Items = { [Type in keyof typeof itemSchemas]: v.InferOutput<(typeof itemSchemas)[Type]> };
type Events = { [Type in keyof typeof eventSchemas]: v.InferOutput<(typeof eventSchemas)[Type]> };

type ItemOf<Type> = Extract<ThreadItem, { type: Type }>;
type EventOf<Type> = Extract<ThreadEvent, { type: Type }>;

/** A type as its schema sees it: literals, which the schema leaves open, are strings. */
type Open<T> = T extends string ? string
  : T extends readonly (infer Member)[] ? Open<Member>[]
  : T extends object ? { [Key in keyof T]: Open<T[Key]> }
  : T;

/** The members a schema names; loose objects let any other pass. */
type Named<T> = T extends readonly (infer Member)[] ? Named<Member>[]
  : T extends object ? { [Key in keyof T as string extends Key ? never : Key]: Named<T[Key]> }
  : T;

/** Checks that `Part` can stand where `Whole` is asked for. */
type Fits<Part extends Whole, Whole> = Part;

// The lists are the same.
export type EveryItem = [
  Fits<ThreadItem["type"], keyof Items>,
  Fits<keyof Items, ThreadItem["type"]>,
];
export type EveryEvent = [
  Fits<ThreadEvent["type"], keyof Events>,
  Fits<keyof Events, ThreadEvent["type"]>,
];

/** The keys at which a part cannot stand where the whole is asked for. */
type Unfit<Parts, Wholes extends Record<keyof Parts, unknown>> = {
  [Key in keyof Parts]: [Parts[Key]] extends [Wholes[Key]] ? never : Key;
}[keyof Parts];

type OpenItems = { [Type in keyof Items]: Open<ItemOf<Type>> };
type OpenEvents = { [Type in keyof Events]: Open<EventOf<Type>> };
type NamedItems = { [Type in keyof Items]: Named<Items[Type]> };
type NamedEvents = { [Type in keyof Events]: Named<Events[Type]> };

// What the public types allow, the schemas let pass.
export type AllPass = [
  Fits<Unfit<OpenItems, NamedItems>, never>,
  Fits<Unfit<OpenEvents, NamedEvents>, never>,
];

/** Members that no schema looks into: they may be anything, or are not relied on. */
type Unchecked = {
  agent_message: never;
  reasoning: never;
  command_execution: never;
  file_change: never;
  mcp_tool_call: "arguments" | "result";
  collab_tool_call: never;
  web_search: "action";
  todo_list: never;
  error: never;
};

// What the schemas let pass is what the public types promise.
export type ItemsKeep = Fits<
  Unfit<
    { [Type in keyof Items]: Omit<NamedItems[Type], Unchecked[Type]> },
    { [Type in keyof Items]: Omit<OpenItems[Type], Unchecked[Type]> }
  >,
  never
>;

// Usage may be missing or incomplete, as the documentation of `TurnCompletedEvent` says; items are
// checked by schemas of their own.
export type EventsKeep = [
  Fits<
    Unfit<
      Pick<NamedEvents, "thread.started" | "turn.started" | "turn.failed" | "error">,
      OpenEvents
    >,
    never
  >,
  Fits<keyof NonNullable<NamedEvents["turn.completed"]["usage"]>, keyof Usage>,
  Fits<keyof Usage, keyof NonNullable<NamedEvents["turn.completed"]["usage"]>>,
  Fits<keyof NamedEvents["item.started"], keyof OpenEvents["item.started"]>,
  Fits<keyof NamedEvents["item.updated"], keyof OpenEvents["item.updated"]>,
  Fits<keyof NamedEvents["item.completed"], keyof OpenEvents["item.completed"]>,
];
