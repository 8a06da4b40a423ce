/** A person's own choices, combined with the admin's defaults. */

import type { PreferenceRow, QuietHours } from "../../../platform/preferences/index.ts";
import type { OwnSettings } from "../rules/facts.ts";
import { type Reason, reasons } from "../rules/reasons.ts";
import { activityPreferences } from "./preferences.ts";

export interface OwnDefaults {
  readonly enabled: boolean;
  readonly onlyWhenAway: boolean;
}

/** The admin's defaults for people who have not chosen; replaced when the settings change. */
export const plainDefaults: OwnDefaults = { enabled: true, onlyWhenAway: false };

/** `null`: the person has not chosen. The admin's default applies, even when it changes later. */
export interface OwnChoices {
  readonly enabled: boolean | null;
  readonly onlyWhenAway: boolean | null;
  readonly off: ReadonlySet<Reason>;
  readonly quiet: QuietHours | null;
}

/** The choices of nearly everybody; one object for all of them. */
export const nothingChosen: OwnChoices = { enabled: null, onlyWhenAway: null, off: new Set(), quiet: null };

export function readOwnChoices(rows: readonly PreferenceRow[]): OwnChoices {
  if (!rows.some(activityPreferences.has)) return nothingChosen;
  const { enabled, onlyWhenAway, quiet, ...byReason } = activityPreferences.read(rows);
  return {
    enabled,
    onlyWhenAway,
    off: new Set(reasons.filter((reason) => byReason[reason] === false)),
    quiet: quiet === "off" ? null : quiet,
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
