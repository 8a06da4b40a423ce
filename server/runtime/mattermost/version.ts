/** model.CurrentVersion of the module that server/runtime/mattermost/wire is generated from. */
export const KNOWN_SERVER = "11.11";

/** Whether two versions have the same settings: releases of one minor version do. */
export function sameMinor(one: string, other: string): boolean {
  const minor = (version: string) => version.split(".").slice(0, 2).join(".");
  return minor(one) === minor(other);
}

/**
 * Compares dotted server versions: "11.6.1" is at least "11.6". Text that is not a version is older than everything.
 */
export function isAtLeast(version: string, least: string): boolean {
  const have = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const want = least.split(".").map((part) => Number.parseInt(part, 10) || 0);
  for (let i = 0; i < want.length; i++) {
    const difference = (have[i] ?? 0) - (want[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
