/** Validates documents of the app package with Microsoft's own schemas. */

import type { ErrorObject, ValidateFunction } from "ajv";
import type { ManifestVersion, SchemaKind } from "./manifest-versions.ts";

/** Loaded on first use; see validator.ts. */
const load = () => require("./validator.ts") as typeof import("./validator.ts");

/** Whether this version of the manifest has the property at a dotted path. */
export function schemaKnows(version: ManifestVersion, path: string): boolean {
  let at: unknown = parse(load().schemas[version].manifest);
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

/** By schema, then by the top-level keys of the document. */
const compiled = new Map<unknown, Map<string, ValidateFunction>>();

function compile(schema: object): ValidateFunction {
  const { Ajv, addFormats } = load();
  // The localisation schema's patterns (a lone "]") are not valid Unicode patterns.
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
  addFormats(ajv);
  return ajv.compile(schema);
}

/**
 * Removes the properties from the schema that the document does not have. The result judges this document the same,
 * and compiles in a fraction of the 300 ms for which the whole schema would block the event loop.
 */
function onlyFor(keys: readonly string[], schema: object): object {
  const { properties = {} } = schema as { properties?: Record<string, unknown> };
  const present = Object.entries(properties).filter(([key]) => keys.includes(key));
  return { ...schema, properties: Object.fromEntries(present) };
}

export function schemaErrors(
  version: ManifestVersion,
  kind: SchemaKind,
  document: Readonly<Record<string, unknown>>,
): readonly ErrorObject[] {
  const schema = load().schemas[version][kind];
  const keys = Object.keys(document);
  const validators = compiled.get(schema) ?? new Map<string, ValidateFunction>();
  compiled.set(schema, validators);
  const validate = validators.get(keys.join()) ?? compile(onlyFor(keys, parse(schema)));
  validators.set(keys.join(), validate);
  return validate(document) ? [] : (validate.errors ?? []);
}
