/**
 * Microsoft's own schemas, from `@microsoft/app-manifest`, and their validator. Only the package's JSON files are
 * used: its code needs fs-extra without declaring it, and its validator fetches the schema from Microsoft at run
 * time, which an air-gapped server cannot do.
 *
 * A separate module, because it is loaded on first use; no start needs it.
 */

import { brotliDecompressSync } from "node:zlib";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";
import type { ManifestVersion, SchemaKind } from "./manifest-versions.ts";
import { packSchemas } from "./pack-schemas.ts" with { type: "macro" };

/**
 * Kept as text, because a package needs only one of them. The versions are those of manifest-versions.ts, repeated
 * because a macro sees only literals.
 */
export const schemas: Readonly<Record<ManifestVersion, Readonly<Record<SchemaKind, string>>>> = JSON.parse(
  brotliDecompressSync(
    Buffer.from(packSchemas(["1.29", "1.22", "1.19", "1.17", "1.16", "1.13"]), "base64"),
  ).toString(),
);

export { Ajv, addFormats };
