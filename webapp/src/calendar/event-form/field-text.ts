/** The text for an invalid field, by the server's code (server/features/calendar). */

import type { CalendarSay, Word } from "../room.ts";

const words: Readonly<Record<string, Word>> = {
  subject_empty: "field.subjectEmpty",
  subject_too_long: "field.tooLong",
  location_too_long: "field.tooLong",
  description_too_long: "field.tooLong",
  comment_too_long: "field.tooLong",
  attendees_too_many: "field.guestsTooMany",
  attendee_empty: "field.guestInvalid",
  attendee_invalid: "field.guestInvalid",
  attendee_unknown: "field.guestUnknown",
  date_missing: "field.dateMissing",
  date_invalid: "field.dateInvalid",
  time_missing: "field.timeMissing",
  time_invalid: "field.timeInvalid",
  start_past: "field.past",
  proposal_invalid: "field.past",
  end_before_start: "field.endBeforeStart",
  recurrence_invalid: "field.recurrenceInvalid",
  recurrence_end_before_start: "field.recurrenceEnd",
  recurrence_empty: "field.recurrenceEmpty",
};

export const fieldText = (code: string, say: CalendarSay): string => say(words[code] ?? "field.invalid");
