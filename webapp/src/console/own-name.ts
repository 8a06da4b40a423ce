/** The admin's display name in previews of activities, by the rule that activities follow. */

interface Profile {
  readonly locale?: string;
  readonly username?: string;
  readonly nickname?: string;
  readonly first_name?: string;
  readonly last_name?: string;
}

/** The part of the web app's Redux store that identifies the current user. */
export interface People {
  readonly users?: { readonly currentUserId?: string; readonly profiles?: Record<string, Profile> };
  readonly general?: { readonly config?: Record<string, string | undefined> };
  readonly preferences?: { readonly myPreferences?: Record<string, { readonly value?: string } | undefined> };
}

const EXAMPLE = "Ana Silva";
let name = EXAMPLE;

export const ownName = (): string => name;

export function setOwnName(people: People): void {
  name = nameOf(people);
}

/**
 * The server's rule for notifications (App.GetNotificationNameFormat, User.GetDisplayNameWithPrefix): user names when
 * full names are hidden, else the person's own choice unless it is locked, else the server's setting.
 */
export function nameOf({ users, general, preferences }: People): string {
  const person = users?.profiles?.[users.currentUserId ?? ""];
  if (!person?.username) return EXAMPLE;
  const config = general?.config ?? {};
  const chosen = preferences?.myPreferences?.["display_settings--name_format"]?.value;
  const own = config.LockTeammateNameDisplay === "true" ? undefined : chosen;
  const format = config.ShowFullName === "false" ? "username" : (own ?? config.TeammateNameDisplay);
  const full = `${person.first_name ?? ""} ${person.last_name ?? ""}`.trim();
  const shown =
    format === "nickname_full_name" ? person.nickname || full : format === "full_name" ? full : "";
  return shown || `@${person.username}`;
}
