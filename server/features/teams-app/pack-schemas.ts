/**
 * Microsoft's schemas as one text, packed when the program is built: the versions repeat each other, far apart, which
 * the gzip of the bundle does not see. 471 KB, 108 KB in the bundle without this and a fifth of that with it.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { brotliCompressSync, constants } from "node:zlib";

const files = {
  manifest: "MicrosoftTeams.schema.json",
  localisation: "MicrosoftTeams.Localization.schema.json",
};

/** base64 of Brotli of JSON: version → kind → the text of the schema. Called by the bundler alone. */
export function packSchemas(versions: readonly string[]): string {
  const { resolve } = createRequire(import.meta.url);
  const read = (version: string, file: string) =>
    readFileSync(resolve(`@microsoft/app-manifest/build/json-schemas/teams/v${version}/${file}`), "utf8");
  const texts = Object.fromEntries(
    versions.map((version) => [
      version,
      Object.fromEntries(Object.entries(files).map(([kind, file]) => [kind, read(version, file)])),
    ]),
  );
  // The best compression takes 2 s, and each test file that makes a package would wait for it.
  const quality = process.env.NODE_ENV === "test" ? 1 : constants.BROTLI_MAX_QUALITY;
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality };
  return brotliCompressSync(JSON.stringify(texts), { params }).toString("base64");
}
