/** Permissions that features need at another system. Platform knows no Microsoft: a name is a name. */

import type { Settings } from "./settings/index.ts";

export interface Permission {
  /** `delegated`: of each person who connects. `application`: of the plugin itself. */
  readonly kind: "delegated" | "application";
  /** Such as `Chat.Read`. */
  readonly name: string;
  /** Whether the settings ask for it. */
  isNeeded(settings: Settings): boolean;
}

export interface DeclaredPermissions {
  /** Once, when all features are known. */
  declare(permissions: readonly Permission[]): void;
  /** Names without repetition, in the order in which features declare them. */
  needed(kind: Permission["kind"], settings: Settings): readonly string[];
}

export function declaredPermissions(): DeclaredPermissions {
  let declared: readonly Permission[] = [];
  return {
    declare(permissions) {
      declared = permissions;
    },
    needed: (kind, settings) => [
      ...new Set(
        declared.filter((one) => one.kind === kind && one.isNeeded(settings)).map(({ name }) => name),
      ),
    ],
  };
}
