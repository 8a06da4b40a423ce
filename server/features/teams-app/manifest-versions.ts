/** The versions of the app manifest that the product can write. */

/** 1.13 is the minimum for Outlook and the Microsoft 365 app. */
export const manifestVersions = ["1.29", "1.22", "1.19", "1.17", "1.16", "1.13"] as const;
export type ManifestVersion = (typeof manifestVersions)[number];
export type SchemaKind = "manifest" | "localisation";

/** The versions whose schema knows `icons.color32x32`. */
export const withSmallIcon: ReadonlySet<ManifestVersion> = new Set(["1.29", "1.22"]);
