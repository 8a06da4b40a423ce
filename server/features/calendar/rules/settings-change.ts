/** A person's settings as JSON: whole as they are stored, in parts as the web app and the panel of the bot change them. */

import type { ChoicesOf, FieldProblem } from "../../../platform/preferences/index.ts";
import { calendarPreferences } from "./choices.ts";
import { type CalendarSettings, settingsAfterConnecting } from "./settings.ts";

export type SettingsVerdict =
  | { readonly ok: true; readonly settings: CalendarSettings }
  /** By the setting's name; `summary.postTime` for a nested one. */
  | { readonly ok: false; readonly errors: Readonly<Record<string, FieldProblem>> };

type Choices = ChoicesOf<(typeof calendarPreferences)["all"]>;

/** Names that we do not know are refused, not dropped: the caller believes that they do something. */
export function changedSettings(current: CalendarSettings, json: unknown): SettingsVerdict {
  const part = flat(json);
  if (!part) return { ok: false, errors: { settings: "invalid" } };
  if ("summary" in part) return { ok: false, errors: { summary: "invalid" } };
  const before = calendarPreferences.fromJson(flat(current));
  const { choices, problems } = calendarPreferences.changed(before, part);
  if (Object.keys(problems).length > 0) return { ok: false, errors: problems };
  return { ok: true, settings: nested(choices, current) };
}

/** A setting that this version does not know falls back to its default, not the whole record. */
export function storedSettings(stored: unknown): CalendarSettings {
  const fields = flat(stored);
  if (!fields) throw new Error("no settings");
  return nested(calendarPreferences.fromJson(fields), settingsAfterConnecting);
}

/** What the contract does not name is shown where it was chosen. */
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

/** `summary: { enabled }` is `summary.enabled`; a summary that is not an object stays what it is. */
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
