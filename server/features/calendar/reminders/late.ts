/**
 * "I am running late": sends a direct message from the bot to every participant of the meeting who is connected here.
 */

import { z } from "zod";
import { findPostSince } from "../../../people/find-post.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import type { Audience, CalendarCore } from "../core.ts";
import { plainText } from "../events/event-text.ts";
import { isGone } from "../outlook/events.ts";
import { EVENT_FIELDS, OUTLOOK_HEADERS } from "../outlook/fields.ts";
import { type CalendarEvent, readEvent } from "../rules/event.ts";
import { clockText } from "../rules/when.ts";
import { noSubject, statusWords } from "../status/words.ts";
import { reminderWords } from "./words.ts";

/** A prop of the message: the id of the reminder whose button was pressed. */
const REMINDER_PROP = "calendar_reminder";
/** Nobody waits for a latecomer in a larger meeting. */
const MOST_PEOPLE = 50;

/** Answers null if the event is gone; rethrows every other error of Graph. */
export async function readEventOf(
  core: CalendarCore,
  userId: string,
  eventId: string,
): Promise<CalendarEvent | null> {
  try {
    const json = await core.view.ask(userId, "events", (base) => ({
      path: `${base}/events/${encodeURIComponent(eventId)}?$select=${EVENT_FIELDS}`,
      headers: OUTLOOK_HEADERS,
      answer: z.unknown(),
    }));
    return readEvent(json);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Returns how many people have the message now. `post` is the reminder: nobody gets two messages for one reminder. */
export async function tellLate(
  core: CalendarCore,
  audience: Audience,
  { event, post }: { readonly event: CalendarEvent; readonly post: Post },
): Promise<number> {
  const { bot, connections } = core.services;
  const wanted = new Set(
    [...event.guests, ...(event.organizer ? [event.organizer] : [])].map(({ address }) =>
      address.toLowerCase(),
    ),
  );
  const people: string[] = [];
  for await (const [userId, { account, lost }] of connections.list())
    if (!lost && userId !== audience.userId && wanted.has(account.toLowerCase())) people.push(userId);
  let sent = 0;
  for (const userId of people.slice(0, MOST_PEOPLE)) {
    const other = await core.audience(userId);
    if (!other) continue;
    const subject = event.private
      ? statusWords.in(other.language)("meeting")
      : plainText(event.subject) || noSubject(other.language);
    const time = event.time.allDay ? "" : clockText(event.time.start, other.reader);
    const name = audience.user.Username;
    const text = reminderWords.in(other.language)("is_late", { name, subject, time });
    // A node that died in between may have sent this message already.
    if (!(await isSent(core, userId, post)))
      await bot.direct(userId, { text, props: { [REMINDER_PROP]: post.Id } });
    sent += 1;
  }
  return sent;
}

async function isSent({ services }: CalendarCore, userId: string, reminder: Post): Promise<boolean> {
  const channelId = await services.bot.directChannel(userId);
  const isAnswer = ({ Props }: Post) => Props[REMINDER_PROP] === reminder.Id;
  return (await findPostSince(services.api, channelId, reminder.CreateAt, isAnswer)) !== null;
}
