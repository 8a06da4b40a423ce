/**
 * Microsoft's own schemas, out of `@microsoft/app-manifest`, and the validator for them. Only the package's JSON files
 * are used: its code needs fs-extra without declaring it, and its validator fetches the schema from Microsoft at run
 * time, which an air-gapped server cannot do.
 *
 * A module of its own because it is loaded on first use: it is a third of the program, and no start needs it.
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
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";
import type { ManifestVersion, SchemaKind } from "./manifest-versions.ts";

/** Kept as text (TypeScript takes them for objects, hence `parse`): a package needs one of them. */
export const schemas = {
  "1.29": { manifest: schema29, localisation: localisation29 },
  "1.22": { manifest: schema22, localisation: localisation22 },
  "1.19": { manifest: schema19, localisation: localisation19 },
  "1.17": { manifest: schema17, localisation: localisation17 },
  "1.16": { manifest: schema16, localisation: localisation16 },
  "1.13": { manifest: schema13, localisation: localisation13 },
} as const satisfies Record<ManifestVersion, Record<SchemaKind, unknown>>;

export { Ajv, addFormats };
