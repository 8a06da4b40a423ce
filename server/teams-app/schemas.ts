/**
 * Microsoft's own schemas, out of `@microsoft/app-manifest`. Only its JSON files are used: the package's code
 * needs fs-extra without declaring it, and its validator fetches the schema from Microsoft at run time, which
 * an air-gapped server cannot do.
 */

import localisation13 from "@microsoft/app-manifest/build/json-schemas/teams/v1.13/MicrosoftTeams.Localization.schema.json" with {
  type: "json",
};
import schema13 from "@microsoft/app-manifest/build/json-schemas/teams/v1.13/MicrosoftTeams.schema.json" with {
  type: "json",
};
import localisation16 from "@microsoft/app-manifest/build/json-schemas/teams/v1.16/MicrosoftTeams.Localization.schema.json" with {
  type: "json",
};
import schema16 from "@microsoft/app-manifest/build/json-schemas/teams/v1.16/MicrosoftTeams.schema.json" with {
  type: "json",
};
import localisation17 from "@microsoft/app-manifest/build/json-schemas/teams/v1.17/MicrosoftTeams.Localization.schema.json" with {
  type: "json",
};
import schema17 from "@microsoft/app-manifest/build/json-schemas/teams/v1.17/MicrosoftTeams.schema.json" with {
  type: "json",
};
import localisation19 from "@microsoft/app-manifest/build/json-schemas/teams/v1.19/MicrosoftTeams.Localization.schema.json" with {
  type: "json",
};
import schema19 from "@microsoft/app-manifest/build/json-schemas/teams/v1.19/MicrosoftTeams.schema.json" with {
  type: "json",
};
import localisation22 from "@microsoft/app-manifest/build/json-schemas/teams/v1.22/MicrosoftTeams.Localization.schema.json" with {
  type: "json",
};
import schema22 from "@microsoft/app-manifest/build/json-schemas/teams/v1.22/MicrosoftTeams.schema.json" with {
  type: "json",
};
import localisation29 from "@microsoft/app-manifest/build/json-schemas/teams/v1.29/MicrosoftTeams.Localization.schema.json" with {
  type: "json",
};
import schema29 from "@microsoft/app-manifest/build/json-schemas/teams/v1.29/MicrosoftTeams.schema.json" with {
  type: "json",
};
import type { ErrorObject, ValidateFunction } from "ajv";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";

interface Schemas {
  readonly manifest: object;
  readonly localisation: object;
}

/** 1.13 is the floor for Outlook and the Microsoft 365 app. */
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
  let at: unknown = schemas[version].manifest;
  for (const name of path.split(".")) {
    at = (at as { properties?: Record<string, unknown> } | undefined)?.properties?.[name];
  }
  return at !== undefined;
}

/** Compiling a schema takes some 100 ms, so it happens when the first package of a version is asked for. */
const compiled = new Map<object, ValidateFunction>();

export function schemaErrors(
  version: ManifestVersion,
  kind: keyof Schemas,
  document: unknown,
): readonly ErrorObject[] {
  const schema = schemas[version][kind];
  let validate = compiled.get(schema);
  if (!validate) {
    // The localisation schema's patterns (a lone "]") are no valid Unicode patterns.
    const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
    addFormats(ajv);
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  return validate(document) ? [] : (validate.errors ?? []);
}
