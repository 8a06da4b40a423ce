/** Limits what a look may decide when events are unknown, or when the server does not support statuses. */

import type { Member } from "../preferences/members.ts";
import type { DayMemory } from "../rules/day.ts";
import type { CalendarSettings } from "../rules/settings.ts";
import type { BusySettings } from "../rules/spans.ts";

export interface Sight {
  /** True when the person's events were read at least once. */
  readonly known: boolean;
  /** Whether the server supports statuses (`EnableUserStatuses`). */
  readonly statuses: boolean;
  /** Whether the server supports custom statuses (`EnableCustomUserStatuses`). */
  readonly custom: boolean;
}

/** False for a person who wants nothing, and for whom nothing is left to undo: they cost nothing. */
export function wantsDriver(settings: CalendarSettings, memory: DayMemory): boolean {
  return (
    settings.status !== "off" ||
    settings.customStatus ||
    settings.reminders ||
    settings.summary.enabled ||
    memory.status !== null ||
    memory.custom !== null
  );
}

export function settingsInSight(
  { mailbox, settings }: Pick<Member, "mailbox" | "settings">,
  sight: Sight,
): CalendarSettings & Pick<BusySettings, "hours"> {
  const { known } = sight;
  return {
    ...settings,
    hours: settings.workingHoursOnly ? (mailbox?.hours ?? null) : null,
    status: known && sight.statuses ? settings.status : "off",
    customStatus: known && sight.custom && settings.customStatus,
    reminders: known && settings.reminders,
    summary: { ...settings.summary, enabled: known && settings.summary.enabled },
  };
}

/** While events cannot be read, a status that we set stays until its end, and is then ended as usual. */
export function memoryInSight(memory: DayMemory, sight: Sight, now: number): DayMemory {
  const { custom, status, summary } = memory;
  return {
    ...memory,
    status: sight.statuses && status && (sight.known || status.until <= now) ? status : null,
    custom: sight.custom && custom && (sight.known || custom.expiresAt <= now) ? custom : null,
    summary: sight.known ? summary : { ...summary, failedFor: null },
  };
}
