/** The delegated Graph permissions that a connection requests (docs/facts/microsoft.md 6.3). */

/** Empty while no feature needs a connection. `User.Read` identifies the account. */
export const neededPermissions = (ofFeatures: readonly string[]): readonly string[] =>
  ofFeatures.length === 0 ? [] : [...new Set(["User.Read", ...ofFeatures])];
