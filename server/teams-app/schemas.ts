/**
 * Microsoft's own schemas, out of `@microsoft/app-manifest`. Only its JSON files are used: the package's code
 * needs fs-extra without declaring it, and its validator fetches the schema from Microsoft at run time, which
 * an air-gapped server cannot do.
 */

import localisation13 from "@microsoft/app-manifest/build/json-schemas/teams/v1.13/MicrosoftTeams.Localization.schema.json" with {
  type: "text",
};
import schema13 from "@microsoft/app-manifest/build/json-schemas/teams/v1.13/MicrosoftTeams.schema.json" with {
  type: "text",
};
import localisation16 from "@microsoft/app-manifest/build/json-schemas/teams/v1.16/MicrosoftTeams.Localization.schema.json" with {
  type: "text",
};
import schema16 from "@microsoft/app-manifest/build/json-schemas/teams/v1.16/MicrosoftTeams.schema.json" with {
  type: "text",
};
import localisation17 from "@microsoft/app-manifest/build/json-schemas/teams/v1.17/MicrosoftTeams.Localization.schema.json" with {
  type: "text",
};
import schema17 from "@microsoft/app-manifest/build/json-schemas/teams/v1.17/MicrosoftTeams.schema.json" with {
  type: "text",
};
import localisation19 from "@microsoft/app-manifest/build/json-schemas/teams/v1.19/MicrosoftTeams.Localization.schema.json" with {
  type: "text",
};
import schema19 from "@microsoft/app-manifest/build/json-schemas/teams/v1.19/MicrosoftTeams.schema.json" with {
  type: "text",
};
import localisation22 from "@microsoft/app-manifest/build/json-schemas/teams/v1.22/MicrosoftTeams.Localization.schema.json" with {
  type: "text",
};
import schema22 from "@microsoft/app-manifest/build/json-schemas/teams/v1.22/MicrosoftTeams.schema.json" with {
  type: "text",
};
import localisation29 from "@microsoft/app-manifest/build/json-schemas/teams/v1.29/MicrosoftTeams.Localization.schema.json" with {
  type: "text",
};
import schema29 from "@microsoft/app-manifest/build/json-schemas/teams/v1.29/MicrosoftTeams.schema.json" with {
  type: "text",
};
import type { ErrorObject, ValidateFunction } from "ajv";

interface Schemas {
  readonly manifest: unknown;
  readonly localisation: unknown;
}

/**
 * 1.13 is the floor for Outlook and the Microsoft 365 app. Kept as text (TypeScript takes them for objects, hence
 * `parse`): as objects they would be built at every start, and their bytecode would weigh in the bundle.
 */
const schemas = {
  "1.29": { manifest: schema29, localisation: localisation29 },
  "1.22": { manifest: schema22, localisation: localisation22 },
  "1.19": { manifest: schema19, localisation: localisation19 },
  "1.17": { manifest: schema17, localisation: localisation17 },
  "1.16": { manifest: schema16, localisation: localisation16 },
  "1.13": { manifest: schema13, localisation: localisation13 },
} as const satisfies Record<string, Schemas>;

export type ManifestVersion = keyof typeof schemas;
export const manifestVersions = Object.keys(schemas) as ManifestVersion[];

/** Whether this version of the manifest has the property at a dotted path. */
export function schemaKnows(version: ManifestVersion, path: string): boolean {
  let at: unknown = parse(schemas[version].manifest);
  for (const name of path.split(".")) {
    at = (at as { properties?: Record<string, unknown> } | undefined)?.properties?.[name];
  }
  return at !== undefined;
}

const parsed = new Map<unknown, object>();

function parse(text: unknown): object {
  const known = parsed.get(text);
  if (known) return known;
  const schema: object = JSON.parse(text as string);
  parsed.set(text, schema);
  return schema;
}

/** By schema, then by the top-level keys that the document has. */
const compiled = new Map<unknown, Map<string, ValidateFunction>>();

function compile(schema: object): ValidateFunction {
  // Loaded when first used: the validator would cost every start of the plugin 25 ms.
  const { default: Ajv } = require("ajv-draft-04") as typeof import("ajv-draft-04");
  const { default: addFormats } = require("ajv-formats") as typeof import("ajv-formats");
  // The localisation schema's patterns (a lone "]") are no valid Unicode patterns.
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
  addFormats(ajv);
  return ajv.compile(schema);
}

/**
 * The schema without the properties that the document does not have. It judges this document the same, and is
 * compiled in a fraction of the 300 ms for which the whole would block the event loop.
 */
function onlyFor(keys: readonly string[], schema: object): object {
  const { properties = {} } = schema as { properties?: Record<string, unknown> };
  const present = Object.entries(properties).filter(([key]) => keys.includes(key));
  return { ...schema, properties: Object.fromEntries(present) };
}

export function schemaErrors(
  version: ManifestVersion,
  kind: keyof Schemas,
  document: Readonly<Record<string, unknown>>,
): readonly ErrorObject[] {
  const schema = schemas[version][kind];
  const keys = Object.keys(document);
  const validators = compiled.get(schema) ?? new Map<string, ValidateFunction>();
  compiled.set(schema, validators);
  const validate = validators.get(keys.join()) ?? compile(onlyFor(keys, parse(schema)));
  validators.set(keys.join(), validate);
  return validate(document) ? [] : (validate.errors ?? []);
}
