/**
 * The hardening profile: the settings that a careful organisation changes from their defaults. The console shows and
 * applies it, and docs/hardening.md prints it; reasons and costs are texts of the console (`harden.why.…`,
 * `harden.cost.…`).
 */

import type { Settings } from "./settings.ts";

export interface Hardening<K extends keyof Settings = keyof Settings> {
  readonly setting: K;
  readonly value: Settings[K] & (string | number | boolean);
  /** True for values that are at least as strict, so that the profile never loosens an admin's choice. */
  readonly isEnough: (value: unknown) => boolean;
}

const row = <const K extends keyof Settings>(
  setting: K,
  value: Settings[K] & (string | number | boolean),
  ...stricter: readonly Settings[K][]
): Hardening<K> => ({
  setting,
  value,
  isEnough: (now) => [value, ...stricter].some((good) => String(good) === String(now)),
});

const SESSION_HOURS = 8;

export const hardening = [
  row("email_source", "directory_only"),
  row("unverified_emails", "never"),
  row("allow_guests", false),
  row("system_admin_sign_in", "never"),
  row("mfa_accounts", "claim", "never"),
  row("provision_accounts", false),
  {
    ...row("session_hours", SESSION_HOURS),
    // 0 means as long as the server's own sessions, usually 30 days.
    isEnough: (now) => Number(now) > 0 && Number(now) <= SESSION_HOURS,
  },
  row("notification_content", "nothing"),
] as const satisfies readonly Hardening[];

export type HardenedSetting = (typeof hardening)[number]["setting"];
