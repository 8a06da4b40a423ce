/**
 * What a person decides about these notifications, stored as Mattermost preferences in the category that the
 * web app gives to settings of a plugin (`pp_` and the plugin's id), so that both sides read the same rows.
 */

import type { OwnSettings } from "./facts.ts";
import { type Reason, reasons } from "./rules.ts";

export const PREFERENCE_CATEGORY = "pp_mission-collaboration";

/** Names of the rows; values are text, as all preferences are. */
export const preferenceNames = {
  enabled: "notifications",
  onlyWhenAway: "notifications_only_away",
  quiet: "notifications_quiet",
  reason: (reason: Reason) => `notifications_${reason}`,
} as const;

export interface OwnDefaults {
  readonly enabled: boolean;
  readonly onlyWhenAway: boolean;
}

/** What the admin decides for those who never chose; replaced when the settings change. */
export const plainDefaults: OwnDefaults = { enabled: true, onlyWhenAway: false };

export interface PreferenceRow {
  readonly Category: string;
  readonly Name: string;
  readonly Value: string;
}

/** `null` where the person never chose: the admin's default holds then, also when it changes later. */
export interface OwnChoices {
  readonly enabled: boolean | null;
  readonly onlyWhenAway: boolean | null;
  readonly off: ReadonlySet<Reason>;
  readonly quiet: { readonly from: number; readonly to: number } | null;
}

/** Of nearly everybody; one object for all of them. */
export const nothingChosen: OwnChoices = { enabled: null, onlyWhenAway: null, off: new Set(), quiet: null };

const names: ReadonlySet<string> = new Set([
  preferenceNames.enabled,
  preferenceNames.onlyWhenAway,
  preferenceNames.quiet,
  ...reasons.map(preferenceNames.reason),
]);

/** Whether a row is one of these settings. */
export function isOwnChoice({ Category, Name }: Pick<PreferenceRow, "Category" | "Name">): boolean {
  return Category === PREFERENCE_CATEGORY && names.has(Name);
}

export function readOwnChoices(preferences: readonly PreferenceRow[]): OwnChoices {
  const own = new Map(preferences.filter(isOwnChoice).map((one) => [one.Name, one.Value]));
  if (own.size === 0) return nothingChosen;
  const flag = (name: string) => (own.get(name) === "on" ? true : own.get(name) === "off" ? false : null);
  return {
    enabled: flag(preferenceNames.enabled),
    onlyWhenAway: flag(preferenceNames.onlyWhenAway),
    off: new Set(reasons.filter((reason) => own.get(preferenceNames.reason(reason)) === "off")),
    quiet: parseQuiet(own.get(preferenceNames.quiet) ?? ""),
  };
}

export function withDefaults(choices: OwnChoices, defaults: OwnDefaults): OwnSettings {
  return {
    enabled: choices.enabled ?? defaults.enabled,
    onlyWhenAway: choices.onlyWhenAway ?? defaults.onlyWhenAway,
    off: choices.off,
    quiet: choices.quiet,
  };
}

/** `22:00-07:00`; anything else is none. */
export function parseQuiet(value: string): { from: number; to: number } | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(value.replace(/\s/g, ""));
  if (!match) return null;
  const [, fromHour, fromMinute, toHour, toMinute] = match.map(Number);
  const from = (fromHour ?? 0) * 60 + (fromMinute ?? 0);
  const to = (toHour ?? 0) * 60 + (toMinute ?? 0);
  return from === to ? null : { from, to };
}

export function printQuiet(quiet: { from: number; to: number }): string {
  const time = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  return `${time(quiet.from)}-${time(quiet.to)}`;
}
