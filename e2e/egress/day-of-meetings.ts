/** Lets a person get invitations, answer one, and reach the reminder, the summary and the start of a meeting. */

import { until } from "../until.ts";
import { type Actor, marks, type RecordedDay } from "./recorded-day.ts";

const MINUTE = 60_000;

export async function attendMeetings(day: RecordedDay, alex: Actor): Promise<void> {
  const { graph } = day.sandbox;
  const soon = Math.ceil((Date.now() + 75_000) / MINUTE) * MINUTE;
  const changed = await day.ask(alex, "PUT", "/api/v1/calendar/settings", {
    ...{ status: "dnd", customStatus: true, reminders: true, leadMinutes: 1, notifications: true },
    ...{ needAttendee: false, zone: "UTC" },
    summary: {
      enabled: true,
      postTime: new Date(soon).toISOString().slice(11, 16),
      weekdays: [1, 2, 3, 4, 5, 6, 7],
    },
  });
  if (changed.status !== 200) throw new Error(`settings: ${changed.text}`);
  await until(
    () => [...graph.subscriptions.all.values()].some(({ resource }) => /events/.test(resource)),
    "the subscription of the calendar",
  );
  const invite = async (subject: string, part: Record<string, unknown>, from: number) => {
    const event = graph.calendars.add(alex.person.objectId, from, from + 30 * MINUTE, {
      ...{ subject, bodyPreview: marks.eventBody, body: { contentType: "text", content: marks.eventBody } },
      ...{ responseStatus: { response: "notResponded" }, createdDateTime: new Date().toISOString() },
      ...part,
    });
    await graph.subscriptions.notify({
      resource: `Users/${alex.person.objectId}/Events/${event.id}`,
      changeType: "created",
      data: { ...event, "@odata.etag": `W/"${event.changeKey}"` },
    });
    await until(
      () => day.direct(alex).some(({ Props }) => Props.calendar_event_id === event.id),
      `the card of ${subject}`,
    );
    return event;
  };
  await invite(marks.event, {}, soon);
  await invite(marks.privateEvent, { sensitivity: "private" }, soon + MINUTE);
  const card = day.direct(alex).find(({ Props }) => Props.calendar_event_id !== undefined);
  await day.ask(alex, "POST", `${day.sandbox.siteUrl}/api/v4/posts/${card?.Id}/actions/accept`, {});
  for (const path of ["events", "settings"]) await day.ask(alex, "GET", `/api/v1/calendar/${path}`);
  await until(
    () => day.sandbox.world.statuses.get(alex.userId)?.Status === "dnd",
    "the status of the meeting",
    240,
  );
  await until(
    () => day.direct(alex).filter(({ Props }) => Props.calendar_step).length >= 2,
    "reminder and summary",
  );
}
