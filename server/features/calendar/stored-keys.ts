/** Keys in the key-value store that belong to the day of members. */

import type { KeyFamily } from "../../platform/store/key-families.ts";

export const MEMBERS_PREFIX = "calendar/members_";
export const DAY_PREFIX = "calendar/day_";
export const STATISTICS_KEY = "calendar/statistics";

export const dayKeys: readonly KeyFamily[] = [
  {
    prefix: MEMBERS_PREFIX,
    holds: "calendar settings of members by account ID; zone and clock of their mailbox",
    until: "disconnect",
  },
  {
    prefix: DAY_PREFIX,
    holds:
      "what was done for a member today: the status before a meeting, reminders sent by the event's ID and start",
    until: "the meeting is over, or disconnect",
  },
  {
    prefix: "calendar/consent",
    holds:
      "whether the application permission for calendars was seen, and whether admins got a message about its loss",
    until: "replaced",
  },
  {
    prefix: "calendar/press_",
    holds: "what the bot answered a member who is late: how many people got the message",
    until: "a minute",
  },
  {
    prefix: STATISTICS_KEY,
    holds: "counts of seven days, the code of the last failure, numbers of members by state",
    until: "replaced",
  },
];
