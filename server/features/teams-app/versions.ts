/**
 * Raises the package's version automatically: Teams ignores an upload whose version is not higher, and an admin who
 * changes a name does not think of version numbers. The last issued package is remembered, so that the console can
 * list what a new upload would change.
 */

import { z } from "zod";
import { compareVersions } from "../../platform/compare-versions.ts";
import { lazy } from "../../runtime/lazy.ts";

/** The last package that was issued or published. */
const issuedSchema = lazy(() =>
  z.object({
    version: z.string(),
    fingerprint: z.string(),
    /** ISO time. */
    at: z.string(),
    /** Path in the package → value as text; compared by `changes`. */
    content: z.record(z.string(), z.string()),
  }),
);
export type Issued = z.infer<ReturnType<typeof issuedSchema>>;

/** Returns `null` for a damaged record: the next package then gets the admin's version, or one above the catalog's. */
export function readIssued(bytes: Uint8Array): Issued | null {
  try {
    const issued = issuedSchema().parse(JSON.parse(new TextDecoder().decode(bytes)));
    return isVersion(issued.version) ? issued : null;
  } catch {
    return null;
  }
}

export interface Change {
  /** `manifest.json/name/short`, `color.png`, `de.json/…`. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Returns every value of the package by its path, without the version. Icons appear as their hash. */
export function contentOf(files: Readonly<Record<string, Uint8Array | string>>): Record<string, string> {
  const content: Record<string, string> = {};
  for (const [name, file] of Object.entries(files)) {
    if (typeof file === "string") flatten(name, JSON.parse(file), content);
    else content[name] = `sha256:${sha256(file)}`;
  }
  delete content["manifest.json/version"];
  return content;
}

export const fingerprint = (content: Record<string, string>): string =>
  sha256(JSON.stringify(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1))));

export function changes(before: Record<string, string>, after: Record<string, string>): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => before[path] !== after[path])
    .sort()
    .map((path) => ({ path, before: before[path] ?? null, after: after[path] ?? null }));
}

/**
 * Returns the version for this content: at least the admin's; if the content differs, above the last issued package
 * and the one in the catalog; otherwise the last one again.
 */
export function nextVersion(
  wanted: string,
  print: string,
  issued: Issued | null,
  inCatalog: string | null,
): string {
  const same = issued?.fingerprint === print;
  const floors = [wanted];
  if (issued) floors.push(same ? issued.version : bump(issued.version));
  // The version in the catalog may come from another server or the earlier plugin: use a higher one.
  if (inCatalog && isVersion(inCatalog) && !(same && inCatalog === issued.version))
    floors.push(bump(inCatalog));
  return floors.reduce((a, b) => (compareVersions(a, b) >= 0 ? a : b));
}

export const isVersion = (text: string): boolean => /^\d{1,9}(\.\d{1,9}){0,2}$/.test(text);

const parts = (version: string): number[] => version.split(".").map(Number);

function bump(version: string): string {
  const [major = 0, minor = 0, patch = 0] = parts(version);
  return `${major}.${minor}.${patch + 1}`;
}

function flatten(path: string, value: unknown, into: Record<string, string>): void {
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) flatten(`${path}/${key}`, inner, into);
  } else {
    into[path] = String(value);
  }
}

function sha256(data: Uint8Array | string): string {
  return new Bun.CryptoHasher("sha256").update(data).digest("hex");
}
