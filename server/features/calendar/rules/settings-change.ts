/** A change of a person's settings, as the web app and the settings panel send it: a part of them. */

import { z } from "zod";
import { zoneOf } from "../../../microsoft/time-zones/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { CalendarSettings } from "./settings.ts";
import { timeOf } from "./summary.ts";

const LONGEST_LEAD_MINUTES = 60;

const change = lazy(() =>
  z.strictObject({
    status: z.enum(["off", "away", "dnd"]).optional(),
    confirm: z.boolean().optional(),
    customStatus: z.boolean().optional(),
    reminders: z.boolean().optional(),
    leadMinutes: z.union([z.int().min(1).max(LONGEST_LEAD_MINUTES), z.literal("outlook")]).optional(),
    notifications: z.boolean().optional(),
    summary: z
      .strictObject({
        enabled: z.boolean().optional(),
        postTime: z
          .string()
          .refine((text) => timeOf(text) !== null)
          .optional(),
        weekdays: z
          .array(z.int().min(1).max(7))
          .max(7)
          .transform((days) => [...new Set(days)].sort())
          .optional(),
      })
      .optional(),
    busyShowAs: z
      .array(z.enum(["free", "tentative", "busy", "oof", "workingElsewhere"]))
      .max(5)
      .transform((values) => [...new Set(values)])
      .optional(),
    allDayBusy: z.boolean().optional(),
    needAttendee: z.boolean().optional(),
    zone: z
      .string()
      .refine((name) => name === "mailbox" || name === "mattermost" || zoneOf(name) !== null)
      .transform((name) => (name === "mailbox" || name === "mattermost" ? name : (zoneOf(name) as string)))
      .optional(),
  }),
);

export type SettingsVerdict =
  | { readonly ok: true; readonly settings: CalendarSettings }
  /** By the setting's name; `summary.postTime` for a nested one. */
  | { readonly ok: false; readonly errors: Readonly<Record<string, "unknown" | "invalid">> };

/** Names that we do not know are refused, not dropped: the caller believes that they do something. */
export function changedSettings(current: CalendarSettings, json: unknown): SettingsVerdict {
  const parsed = change().safeParse(json);
  if (!parsed.success) return { ok: false, errors: errorsOf(parsed.error) };
  const { summary, ...rest } = withoutUndefined(parsed.data);
  return {
    ok: true,
    settings: { ...current, ...rest, summary: { ...current.summary, ...withoutUndefined(summary ?? {}) } },
  };
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(given: T): Given<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Given<T>;
}

function errorsOf(error: z.ZodError): Record<string, "unknown" | "invalid"> {
  const errors: Record<string, "unknown" | "invalid"> = {};
  for (const issue of error.issues) {
    if (issue.code === "unrecognized_keys")
      for (const key of issue.keys) errors[name([...issue.path, key])] = "unknown";
    else errors[name(issue.path)] = "invalid";
  }
  return errors;
}

/** `summary.weekdays`, not `summary.weekdays.3`. */
function name(path: readonly PropertyKey[]): string {
  return path.filter((part) => typeof part === "string").join(".") || "settings";
}
