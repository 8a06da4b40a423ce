/**
 * The calendar settings of a member, defined once: for the fields of the route, the buttons and menus of the panel,
 * the arguments of the command, and the stored record.
 */

import { zoneOf } from "../../../microsoft/time-zones/index.ts";
import { onOff, type Preference, preference, preferences } from "../../../platform/preferences/index.ts";
import type { ShowAs } from "./event.ts";
import type { WishedStatus } from "./settings.ts";
import { timeOf } from "./summary.ts";

const LONGEST_LEAD_MINUTES = 60;
const leads = [1, 5, 10, 15, 30, 60] as const;
const busyValues = ["free", "tentative", "busy", "oof", "workingElsewhere"] as const;
const ownZones = ["mailbox", "mattermost"];

function oneOf<T extends string>(name: string, options: readonly T[]): Preference<T> {
  const read = (value: string) => options.find((one) => one === value) ?? null;
  return preference<T>(name, { options, read, print: (value) => value });
}

/** A subset of the given values, each once: in the order given, or sorted. */
function listOf<T extends string | number>(
  name: string,
  isOne: (value: unknown) => value is T,
  { isSorted = false }: { readonly isSorted?: boolean } = {},
): Preference<readonly T[]> {
  const take = (value: unknown) => {
    if (!Array.isArray(value) || !value.every(isOne)) return null;
    const all = [...new Set(value)];
    return isSorted ? all.sort() : all;
  };
  const typed = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : text);
  return preference<readonly T[]>(name, {
    take,
    show: (value) => value,
    read: (value) => take(value.split(",").map(typed)),
    print: (value) => value.join(","),
  });
}

const lead = (value: unknown): number | "outlook" | null => {
  if (value === "outlook") return value;
  const isLead = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LONGEST_LEAD_MINUTES;
  return isLead ? Number(value) : null;
};

/** Turns Windows names and aliases into the IANA id. */
const zone = (name: string) => (ownZones.includes(name) ? name : (zoneOf(name) as string | null));

export const calendarPreferences = preferences({
  status: oneOf<WishedStatus>("status", ["off", "away", "dnd"]),
  confirm: onOff("confirm"),
  customStatus: onOff("customStatus"),
  reminders: onOff("reminders"),
  leadMinutes: preference<number | "outlook">("leadMinutes", {
    options: [...leads.map(String), "outlook"],
    read: (value) => lead(value === "outlook" ? value : Number(value)),
    print: String,
    take: lead,
    show: (value) => value,
  }),
  notifications: onOff("notifications"),
  "summary.enabled": onOff("summary.enabled"),
  "summary.postTime": preference<string>("summary.postTime", {
    read: (value) => (timeOf(value) ? value : null),
    print: (value) => value,
  }),
  "summary.weekdays": listOf<number>(
    "summary.weekdays",
    (value): value is number => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 7,
    { isSorted: true },
  ),
  busyShowAs: listOf<ShowAs>("busyShowAs", (value): value is ShowAs => busyValues.includes(value as never)),
  allDayBusy: onOff("allDayBusy"),
  needAttendee: onOff("needAttendee"),
  focusBlocks: onOff("focusBlocks"),
  otherCalendars: onOff("otherCalendars"),
  workingHoursOnly: onOff("workingHoursOnly"),
  zone: preference<string>("zone", { options: ownZones, read: zone, print: (value) => value }),
});
