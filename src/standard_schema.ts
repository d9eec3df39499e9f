/**
 * A schema by the Standard Schema specification (https://standardschema.dev), such as those of
 * valibot, zod and arktype.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What the specification asks for. */
  readonly "~standard": StandardSchemaProperties<Input, Output>;
}

/** What a {@linkcode StandardSchema} can do. */
export interface StandardSchemaProperties<Input = unknown, Output = Input> {
  /** The version of the specification. */
  readonly version: 1;
  /** The library it is of. */
  readonly vendor: string;
  /** Checks a value. */
  readonly validate: (
    value: unknown,
  ) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
  /** For types only. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  /** Tells itself as JSON Schema; not every library can. */
  readonly jsonSchema?: {
    /** Of what goes in. Throws where JSON Schema cannot say it. */
    readonly input: (options: { readonly target: "draft-2020-12" }) => Record<string, unknown>;
  } | undefined;
}

/** How a check came out. */
export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] };

/** What is wrong with a value. */
export interface StandardSchemaIssue {
  /** Says so. */
  readonly message: string;
  /** Where. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema makes of a value that fits. */
export type StandardSchemaOutput<Schema extends StandardSchema> = NonNullable<
  Schema["~standard"]["types"]
>["output"];
