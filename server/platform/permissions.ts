/** Permissions that features need at another system. Platform knows no Microsoft: a name is a name. */

import type { SectionReader } from "./settings/index.ts";

export interface Permission {
  /**
   * `sign_in`: of each person who opens the tab; an admin consents for all. `delegated`: of each person who connects
   * an account. `application`: of the plugin itself.
   */
  readonly kind: "sign_in" | "delegated" | "application";
  /**
   * Such as `Chat.Read`. Why an admin should grant it, and what members lose without it, is in
   * i18n/permissions under `{kind}.{name}`, in the languages of the System Console.
   */
  readonly name: string;
  /** The feature works without it, with less. */
  readonly optional?: boolean;
  /** Whether the settings ask for it. */
  isNeeded(section: SectionReader): boolean;
}

export interface Declared {
  readonly permissions?: readonly Permission[];
  /**
   * Names among the feature's delegated permissions that the bot account needs too. The bot account is a Teams
   * account that a system admin connects; it acts for people who have not connected their own.
   */
  readonly botPermissions?: readonly string[];
  /**
   * Paths of the plugin that people come back to from giving a delegated permission. They are redirect URIs of the
   * registration while one is needed.
   */
  readonly redirects?: readonly string[];
}

export interface DeclaredPermissions {
  /** Once, when all features are known. */
  declare(features: readonly Declared[]): void;
  /** Names without repetition, in the order in which features declare them. */
  needed(kind: Permission["kind"], section: SectionReader): readonly string[];
  /** Names that the bot account asks for: each is a delegated permission that its feature needs now. */
  ofBotAccount(section: SectionReader): readonly string[];
  /** Every needed permission with all that is declared. Where two features need one, it is optional only when it is for both. */
  list(section: SectionReader): readonly Permission[];
  /** Paths, without repetition. */
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
