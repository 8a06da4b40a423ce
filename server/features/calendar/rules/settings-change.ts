/**
 * Reads and changes a person's settings as JSON: whole as they are stored, and in parts as the web app and the bot's
 * panel change them.
 */

import type { ChoicesOf, FieldProblem } from "../../../platform/preferences/index.ts";
import { calendarPreferences } from "./choices.ts";
import { type CalendarSettings, settingsAfterConnecting } from "./settings.ts";

export type SettingsVerdict =
  | { readonly ok: true; readonly settings: CalendarSettings }
  /** Keyed by the setting's name; `summary.postTime` for a nested one. */
  | { readonly ok: false; readonly errors: Readonly<Record<string, FieldProblem>> };

type Choices = ChoicesOf<(typeof calendarPreferences)["all"]>;

/** Unknown names are refused rather than dropped, because the caller believes that they have an effect. */
export function changedSettings(current: CalendarSettings, json: unknown): SettingsVerdict {
  const part = flat(json);
  if (!part) return { ok: false, errors: { settings: "invalid" } };
  if ("summary" in part) return { ok: false, errors: { summary: "invalid" } };
  const before = calendarPreferences.fromJson(flat(current));
  const { choices, problems } = calendarPreferences.changed(before, part);
  if (Object.keys(problems).length > 0) return { ok: false, errors: problems };
  return { ok: true, settings: nested(choices, current) };
}

/** A value that this version does not know falls back to its default; the rest of the record is kept. */
export function storedSettings(stored: unknown): CalendarSettings {
  const fields = flat(stored);
  if (!fields) throw new Error("no settings");
  return nested(calendarPreferences.fromJson(fields), settingsAfterConnecting);
}

/** A setting that the contract does not name is shown only if the person chose it. */
export function shownSettings({
  focusBlocks,
  otherCalendars,
  workingHoursOnly,
  ...settings
}: CalendarSettings): Partial<CalendarSettings> {
  return {
    ...settings,
    ...(focusBlocks ? { focusBlocks } : {}),
    ...(otherCalendars ? { otherCalendars } : {}),
    ...(workingHoursOnly ? { workingHoursOnly } : {}),
  };
}

/**
 * Flattens `summary: { enabled }` to `summary.enabled`. A summary that is no object stays as it is.
 */
function flat(json: unknown): Readonly<Record<string, unknown>> | null {
  if (!isObject(json)) return null;
  const fields = Object.entries(json).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    fields.flatMap(([name, value]) =>
      name === "summary" && isObject(value)
        ? Object.entries(value).map(([inner, one]) => [`summary.${inner}`, one])
        : [[name, value]],
    ),
  );
}

function nested(choices: Choices, otherwise: CalendarSettings): CalendarSettings {
  const {
    "summary.enabled": enabled,
    "summary.postTime": postTime,
    "summary.weekdays": weekdays,
    ...rest
  } = choices;
  const chosen = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  const { summary } = otherwise;
  return {
    ...otherwise,
    ...(chosen as { readonly [K in keyof typeof rest]: NonNullable<(typeof rest)[K]> }),
    summary: {
      enabled: enabled ?? summary.enabled,
      postTime: postTime ?? summary.postTime,
      weekdays: weekdays ?? summary.weekdays,
    },
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
