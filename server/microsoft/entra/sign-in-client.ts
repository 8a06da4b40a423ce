/**
 * The public client through which a Microsoft admin signs in for set-up and publishing, with the permissions it
 * requests and the reasons. The console shows all of it before the sign-in and bundles this file, so it has no
 * imports.
 */

/** Microsoft's own client (docs/facts/microsoft.md 6.1). A tenant may have blocked it. */
export const SIGN_IN_CLIENT = {
  name: "Microsoft Graph Command Line Tools",
  id: "14d82eec-204b-4c2f-b7e8-296a70dab67e",
} as const;

/** The fewest delegated Graph permissions that do the work (docs/facts/microsoft.md 5.1 and 6.2). */
export const permissionsFor = {
  publish: ["AppCatalog.ReadWrite.All"],
  setup: [
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Purpose = keyof typeof permissionsFor;
