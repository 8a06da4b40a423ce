/** Fields and headers of requests for events (docs/facts/microsoft-calendar.md 1, 2). */

/**
 * `body` can hold 100 kB of HTML, and only the preview is shown. It is not certain that Graph v1.0 has `uid`; without
 * it the key is iCalUId.
 */
export const EVENT_FIELDS = [
  ...["id", "iCalUId", "seriesMasterId", "type", "originalStart", "changeKey", "subject", "bodyPreview"],
  ...["location", "webLink", "onlineMeeting", "start", "end", "isAllDay", "showAs", "responseStatus"],
  ...["sensitivity", "isCancelled", "isOrganizer", "responseRequested", "allowNewTimeProposals"],
  ...["organizer", "attendees", "isReminderOn", "reminderMinutesBeforeStart", "categories"],
].join(",");

/** Times in UTC have no gaps or overlaps. Immutable ids survive when an answer moves the event. */
export const OUTLOOK_HEADERS = {
  Prefer: 'outlook.timezone="UTC", outlook.body-content-type="text", IdType="ImmutableId"',
} as const;
