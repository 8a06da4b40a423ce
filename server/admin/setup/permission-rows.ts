/** Explains each permission to an admin before it is granted: its purpose, and what members lose without it. */

import type { Language } from "../../platform/i18n/index.ts";
import { permissionTables } from "../../platform/i18n/permissions.ts";
import { sentence } from "../../platform/i18n/tables.ts";
import type { DeclaredPermissions, Permission } from "../../platform/permissions.ts";
import type { SectionReader } from "../../platform/settings/index.ts";

export interface PermissionRow {
  readonly kind: Permission["kind"];
  readonly name: string;
  readonly optional: boolean;
  readonly why: string;
  readonly without: string;
}

export function permissionRows(
  permissions: Pick<DeclaredPermissions, "list">,
  section: SectionReader,
  language: Language,
): PermissionRow[] {
  const say = (key: string) => sentence(permissionTables(), language, key) ?? "";
  return permissions.list(section).map(({ kind, name, optional = false }) => ({
    ...{ kind, name, optional },
    why: say(`why.${kind}.${name}`),
    without: say(`seen.without.${kind}.${name}`),
  }));
}
