/** Delegated permissions of Graph that connections ask for (docs/facts/microsoft.md 6.3). */

/** Empty while no feature needs a connection. `User.Read` says whose account it is. */
export const neededPermissions = (ofFeatures: readonly string[]): readonly string[] =>
  ofFeatures.length === 0 ? [] : [...new Set(["User.Read", ...ofFeatures])];
