/** The current user of the web app, and how times are written for them. */

import { type Language, languageOf } from "../../../server/platform/i18n/language.ts";
import type { HostState, HostUser } from "./registry.ts";

export interface Member {
  readonly userId: string;
  /** A language tag that `Intl` knows. */
  readonly locale: string;
  /** The language of our texts. */
  readonly language: Language;
  /** Undefined: as in the locale. */
  readonly hour12: boolean | undefined;
  /** An IANA time zone. */
  readonly zone: string;
}

export function memberOf({ entities }: HostState, browserLocale: string = navigator.language): Member {
  const userId = entities?.users?.currentUserId ?? "";
  const user = entities?.users?.profiles?.[userId];
  const locale = knownLocale(user?.locale || browserLocale);
  const military = entities?.preferences?.myPreferences?.["display_settings--use_military_time"]?.value;
  return {
    userId,
    locale,
    language: languageOf(locale),
    hour12: military === "true" ? false : undefined,
    zone: zoneOf(user?.timezone),
  };
}

function zoneOf(timezone: HostUser["timezone"]): string {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!timezone) return own;
  const automatic = String(timezone.useAutomaticTimezone ?? "true") === "true";
  return (automatic ? timezone.automaticTimezone : timezone.manualTimezone) || own;
}

function knownLocale(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag.replaceAll("_", "-"))[0] ?? "en";
  } catch {
    return "en";
  }
}

export const fullName = (user: HostUser | undefined): string =>
  [user?.first_name, user?.last_name].filter(Boolean).join(" ").trim() || user?.username || "";

export const isRightToLeft = (language: Language): boolean => language === "ar";
