/** The fields of an event that requests ask for, and their headers (docs/facts/microsoft-calendar.md 1, 2). */

/**
 * `body` can have 100 kB of HTML; the preview is all that is shown. `uid` is not a property of Graph v1.0 for certain;
 * without it the key is iCalUId.
 */
export const EVENT_FIELDS = [
  ...["id", "iCalUId", "seriesMasterId", "type", "originalStart", "changeKey", "subject", "bodyPreview"],
  ...["location", "webLink", "onlineMeeting", "start", "end", "isAllDay", "showAs", "responseStatus"],
  ...["sensitivity", "isCancelled", "isOrganizer", "responseRequested", "allowNewTimeProposals"],
  ...["organizer", "attendees", "isReminderOn", "reminderMinutesBeforeStart", "categories"],
].join(",");

/** Times in UTC: no gaps or overlaps. Ids that stay when an answer moves the event. */
export const OUTLOOK_HEADERS = {
  Prefer: 'outlook.timezone="UTC", outlook.body-content-type="text", IdType="ImmutableId"',
} as const;
