import { readDefinitions } from "./definitions.ts";
import { type Method, notificationMap, readMethods, requestMap } from "./methods.ts";
import { declaration } from "./print.ts";
import { clientRequests, none, serverNotifications } from "./supplements.ts";

/** What comes of a schema. */
export type Generated = {
  /** The text of each file, by its name. */
  files: { [name: string]: string };
  /** The methods of each map. */
  methods: {
    ClientRequests: Method[];
    ServerRequests: Method[];
    ServerNotifications: Method[];
    ClientNotifications: Method[];
  };
  /** The requests whose results are of no known type. */
  withoutResult: string[];
  /** The types of results that no request has. */
  unusedResults: string[];
};

/** Unions of all messages: `mod.ts` derives them from the maps. */
const messages = ["ClientNotification", "ClientRequest", "ServerNotification", "ServerRequest"];

/** What else the module exports, so that no type of the schema may be called so. */
const reserved = [
  ...["ClientNotifications", "ClientRequests", "ServerNotifications", "ServerRequests"],
  ...["ClientArguments", "ClientMethod", "ClientParams", "ClientResult"],
  ...["ServerMethod", "ServerParams", "ServerResult"],
  ...["NotificationMethod", "NotificationParams"],
];

/**
 * Makes the protocol types of `bundle`, the schema of all that codex `version` says and hears.
 * Throws where the schema has something that cannot be put into types.
 */
export function generate(bundle: unknown, version: string): Generated {
  const definitions = readDefinitions(bundle, messages);
  const taken = reserved.find((name) => definitions.shapes.has(name));
  if (taken) throw new TypeError(`Cannot name a type: "${taken}" is used for something else`);
  const methods = {
    ClientRequests: readMethods(bundle, "ClientRequest", definitions, clientRequests),
    ServerRequests: readMethods(bundle, "ServerRequest", definitions, none),
    ServerNotifications: readMethods(
      bundle,
      "ServerNotification",
      definitions,
      serverNotifications,
    ),
    ClientNotifications: readMethods(bundle, "ClientNotification", definitions, none),
  };
  const requests = [...methods.ClientRequests, ...methods.ServerRequests];
  const results = new Set(requests.map(({ resultName }) => resultName));
  const docs = docsOf(methods);
  const types = [...definitions.shapes].map(([name, shape]) =>
    declaration(name, shape, docs.get(name) ?? "A part of the protocol.")
  );
  const maps = [
    declaration(
      "ClientRequests",
      requestMap(methods.ClientRequests),
      "What the server can be asked: params and result by method.",
    ),
    declaration(
      "ServerRequests",
      requestMap(methods.ServerRequests),
      "What the server can ask: params and the result it waits for, by method.",
    ),
    declaration(
      "ServerNotifications",
      notificationMap(methods.ServerNotifications),
      "What the server tells: params by method.",
    ),
    declaration(
      "ClientNotifications",
      notificationMap(methods.ClientNotifications),
      "What the server is told: params by method.",
    ),
  ];
  return {
    files: {
      "types.ts": [header(version), ...types].join("\n"),
      "methods.ts": [header(version) + 'import type * as types from "./types.ts";\n', ...maps]
        .join("\n"),
      "version.ts": `${header(version)}
/** The version of codex whose protocol the types are of. @internal */
export const protocolVersion: string = ${JSON.stringify(version)};
`,
    },
    methods,
    withoutResult: requests.filter(({ resultName }) => !resultName).map(({ method }) => method),
    unusedResults: [...definitions.shapes.keys()]
      .filter((name) => name.endsWith("Response") && name !== "JSONRPCResponse")
      .filter((name) => !results.has(name)),
  };
}

function header(version: string): string {
  return `// Made of the JSON Schema of codex ${version} by \`deno task protocol\`: not to be edited.\n`;
}

/** What to say of the types that methods take and give, by the name of the type. */
function docsOf(methods: Generated["methods"]): Map<string, string> {
  const all = Object.values(methods).flat();
  const docs = new Map<string, string>();
  for (const role of ["params", "result"] as const) {
    for (const type of all.map((one) => one[`${role}Name`])) {
      if (type === undefined) continue;
      const users = all.filter((one) => one[`${role}Name`] === type);
      const list = users.map(({ method }) => `"${method}"`).join(" and ");
      docs.set(type, `The ${role} of ${list}.`);
    }
  }
  return docs;
}
