/**
 * The validators of the app package, compiled from Microsoft's own schemas in `@microsoft/app-manifest` when the
 * program is built. Only the package's JSON files are used: its code needs fs-extra without declaring it, and its
 * validator fetches the schema from Microsoft at run time, which an air-gapped server cannot do.
 *
 * A separate module, because it is loaded on first use; no start needs it.
 */

import { brotliDecompressSync } from "node:zlib";
import type { ValidateFunction } from "ajv";
import { compileValidators } from "./compile-validators.ts" with { type: "macro" };
import type { ManifestVersion, SchemaKind } from "./manifest-versions.ts";

/** The versions are those of manifest-versions.ts, repeated because a macro sees only literals. */
const packed = compileValidators(["1.29", "1.22", "1.19", "1.17", "1.16", "1.13"]);

/** The modules that the compiled code asks for. With `import`, the bundler and Bun would give different objects. */
const modules: Readonly<Record<string, unknown>> = {
  "ajv/dist/runtime/equal": require("ajv/dist/runtime/equal"),
  "ajv/dist/runtime/ucs2length": require("ajv/dist/runtime/ucs2length"),
  "ajv-formats/dist/formats": require("ajv-formats/dist/formats"),
};

const loaded = new Map<string, ValidateFunction>();

export function validatorOf(version: ManifestVersion, kind: SchemaKind): ValidateFunction {
  const known = loaded.get(`${version} ${kind}`);
  if (known) return known;
  const codes = JSON.parse(brotliDecompressSync(Buffer.from(packed, "base64")).toString());
  const module: { exports: unknown } = { exports: undefined };
  // The code comes from the build. ajv runs the same code in the same way when it compiles a schema itself.
  new Function("module", "exports", "require", codes[version][kind])(
    module,
    {},
    (name: string) => modules[name],
  );
  const validate = module.exports as ValidateFunction;
  loaded.set(`${version} ${kind}`, validate);
  return validate;
}
