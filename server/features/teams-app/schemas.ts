/** Validates documents of the app package with Microsoft's own schemas. */

import type { ErrorObject } from "ajv";
import type { ManifestVersion, SchemaKind } from "./manifest-versions.ts";

/** Loaded on first use; see validators.ts. */
const load = () => require("./validators.ts") as typeof import("./validators.ts");

export function schemaErrors(
  version: ManifestVersion,
  kind: SchemaKind,
  document: Readonly<Record<string, unknown>>,
): readonly ErrorObject[] {
  const validate = load().validatorOf(version, kind);
  return validate(document) ? [] : (validate.errors ?? []);
}
