/**
 * Permissions that features need at another system. This floor does not depend on Microsoft: a permission is just a
 * name.
 */

import type { SectionReader } from "./settings/index.ts";

export interface Permission {
  /**
   * Whose permission it is. `sign_in`: of each person who opens the tab; an admin consents for all. `delegated`: of
   * each person who connects an account. `application`: of the plugin itself.
   */
  readonly kind: "sign_in" | "delegated" | "application";
  /**
   * For example `Chat.Read`. Why an admin should grant it, and what members lose without it, is in i18n/permissions
   * under `{kind}.{name}`, in the languages of the System Console.
   */
  readonly name: string;
  /** Without it, the feature still works in a reduced form. */
  readonly optional?: boolean;
  /** Whether the current settings require it. */
  isNeeded(section: SectionReader): boolean;
}

export interface Declared {
  readonly permissions?: readonly Permission[];
  /**
   * The delegated permissions of the feature that the bot account needs too. The bot account is a Teams account that
   * a system admin connects; it acts for people who have not connected their own.
   */
  readonly botPermissions?: readonly string[];
  /**
   * Plugin paths to which Microsoft returns people after they have granted a delegated permission. They are redirect
   * URIs of the app registration while one is needed.
   */
  readonly redirects?: readonly string[];
}

export interface DeclaredPermissions {
  /** Called once, when all features are known. */
  declare(features: readonly Declared[]): void;
  /** Returns names without duplicates, in the order in which features declare them. */
  needed(kind: Permission["kind"], section: SectionReader): readonly string[];
  /** Returns the names that the bot account asks for: each is a delegated permission that its feature needs now. */
  ofBotAccount(section: SectionReader): readonly string[];
  /**
   * Returns every needed permission with its declaration. When two features need one, it is optional only if it is
   * optional for both.
   */
  list(section: SectionReader): readonly Permission[];
  /** Returns paths without duplicates. */
  redirects(section: SectionReader): readonly string[];
}

export function declaredPermissions(): DeclaredPermissions {
  let declared: readonly Declared[] = [];
  const list: DeclaredPermissions["list"] = (section) => {
    const once = new Map<string, Permission>();
    for (const one of declared.flatMap(({ permissions = [] }) => permissions)) {
      const key = `${one.kind} ${one.name}`;
      if (one.isNeeded(section) && (!once.has(key) || !one.optional)) once.set(key, one);
    }
    return [...once.values()];
  };
  const needed: DeclaredPermissions["needed"] = (kind, section) =>
    list(section)
      .filter((one) => one.kind === kind)
      .map(({ name }) => name);
  return {
    declare(features) {
      declared = features;
    },
    list,
    needed,
    ofBotAccount(section) {
      const isNeeded = ({ permissions = [] }: Declared, name: string) =>
        permissions.some((one) => one.kind === "delegated" && one.name === name && one.isNeeded(section));
      const names = declared.flatMap((one) =>
        (one.botPermissions ?? []).filter((name) => isNeeded(one, name)),
      );
      return [...new Set(names)];
    },
    redirects: (section) =>
      needed("delegated", section).length === 0
        ? []
        : [...new Set(declared.flatMap(({ redirects = [] }) => redirects))],
  };
}
