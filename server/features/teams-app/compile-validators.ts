/**
 * Compiles Microsoft's schemas of the app package to code when the program is built, and compresses the code of all
 * versions together, because they repeat each other: 900 KB become 28. Compiling them in the running plugin took
 * 140 ms of processor time and 20 MB in each start; reading the code takes 6 ms.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import standaloneCode from "ajv/dist/standalone/index.js";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";
import template from "../../../manifest-template/manifest.json" with { type: "json" };

const files = {
  manifest: "MicrosoftTeams.schema.json",
  localisation: "MicrosoftTeams.Localization.schema.json",
};
const { resolve } = createRequire(import.meta.url);
const cache = join(import.meta.dir, "../../../.cache");

/** The top-level properties that manifest.ts writes. The validators refuse all others. */
const written = new Set([...Object.keys(template), "$schema", "manifestVersion", "isFullScreen"]);

/**
 * Returns base64 of Brotli of JSON: version → kind → the code of a CommonJS module that exports the validator. Only
 * the bundler and the test runner call it, as a macro. It takes a second, so the result is kept in `.cache`.
 */
export function compileValidators(versions: readonly string[]): string {
  const schemas = versions.map((version) => [version, schemasOf(version)] as const);
  const path = join(cache, `manifest-validators-${hashOf(schemas)}`);
  if (existsSync(path)) return readFileSync(path, "utf8");

  const codes = schemas.map(([version, { manifest, localisation }]) => [
    version,
    { manifest: compile(manifest), localisation: compile(localisation) },
  ]);
  const packed = brotliCompressSync(JSON.stringify(Object.fromEntries(codes))).toString("base64");
  keep(path, packed);
  return packed;
}

function keep(path: string, packed: string): void {
  // Several test runners may do this at the same time.
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(unfinished, packed);
    renameSync(unfinished, path);
  } catch {
    // A checkout that cannot be written compiles each time.
  }
}

interface Schema {
  readonly properties: Readonly<Record<string, unknown>>;
}

function schemasOf(version: string): { manifest: Schema; localisation: Schema } {
  const read = (file: string): Schema =>
    JSON.parse(
      readFileSync(resolve(`@microsoft/app-manifest/build/json-schemas/teams/v${version}/${file}`), "utf8"),
    );
  const whole = read(files.manifest);
  const properties = Object.entries(whole.properties).filter(([name]) => written.has(name));
  return {
    // The code of the whole schema is five times as large.
    manifest: { ...whole, properties: Object.fromEntries(properties) },
    localisation: read(files.localisation),
  };
}

function hashOf(schemas: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(schemas));
  for (const path of [import.meta.path, resolve("ajv/package.json"), resolve("ajv-formats/package.json")])
    hash.update(readFileSync(path));
  return hash.digest("hex");
}

function compile(schema: Schema): string {
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    // The localisation schema's patterns (a lone "]") are not valid Unicode patterns.
    unicodeRegExp: false,
    // The code repeats what the schema refers to, unless references become functions.
    inlineRefs: false,
    code: { source: true },
  });
  addFormats(ajv);
  return standaloneCode(ajv, ajv.compile(schema));
}
