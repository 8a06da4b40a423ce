/** Connects the parts of invitations and events. Loaded with the first request, change, press or command. */

import { ChannelReminders } from "../linked-events/channel-reminders.ts";
import { ChannelLinks } from "../linked-events/channels.ts";
import { LinkCommands } from "../linked-events/link-commands.ts";
import { asPerson } from "../outlook/event-errors.ts";
import { eventsBetween, ownMailbox } from "../outlook/events.ts";
import { OtherCalendars } from "../outlook/other-calendars.ts";
import { byTime } from "../rules/days.ts";
import { mergePages } from "../rules/view.ts";
import { SubscribedSince } from "../subscribed-since.ts";
import { Answers } from "./answers.ts";
import { Attendees } from "./attendees.ts";
import { type EventAudit, eventAudit } from "./event-audit.ts";
import { EventButtons } from "./event-buttons.ts";
import { EventFacts, type Free } from "./event-facts.ts";
import { EventForm } from "./event-form.ts";
import { type EventJson, eventJson } from "./event-json.ts";
import { EventMemory } from "./event-memory.ts";
import { EventPosts } from "./event-posts.ts";
import { answerOf, periodOfQuery } from "./event-requests.ts";
import { EventTurns } from "./event-turns.ts";
import type { EventSeams, EventServices } from "./events-ports.ts";
import { Guests } from "./guests.ts";
import { Invitations } from "./invitations.ts";
import { MeetingTimes, type TimesJson } from "./meeting-times.ts";
import { NewEvents } from "./new-events.ts";

export interface EventsRoom {
  readonly answers: Answers;
  readonly buttons: EventButtons;
  readonly commands: LinkCommands;
  readonly reminders: ChannelReminders;
  readonly form: EventForm;
  readonly attendeesOf: Attendees;
  readonly invitations: Invitations;
  readonly links: ChannelLinks;
  readonly memory: EventMemory;
  readonly newEvents: NewEvents;
  readonly posts: EventPosts;
  readonly since: SubscribedSince;
  readonly meetingTimes: MeetingTimes;
  list(userId: string, from: string | undefined, to: string | undefined): Promise<EventJson[]>;
  create(userId: string, json: unknown): Promise<EventJson & { readonly notInvited: readonly string[] }>;
  answer(userId: string, eventId: string, json: unknown): Promise<EventJson>;
  attendees(userId: string, search: string): Promise<unknown>;
  times(userId: string, json: unknown): Promise<TimesJson>;
  free(userId: string, json: unknown): Promise<Free>;
  formOf(userId: string): Promise<unknown>;
  /** Removes everything about a person. */
  forget(userId: string): Promise<void>;
}

export function createEventsRoom(services: EventServices, seams: EventSeams): EventsRoom {
  const { clock, connections, graph, kv, metrics } = services;
  const record = eventAudit(services);
  const audit: EventAudit = (action) => {
    if (action.event === "calendarAnswer") seams.counted("answers");
    if (action.event === "calendarCreateEvent") seams.counted("eventsCreated");
    record(action);
  };
  const memory = new EventMemory(kv, clock);
  const others = new OtherCalendars({ graph, now: clock });
  const links: ChannelLinks = new ChannelLinks(kv, clock, () => {
    reminders.forget();
    seams.wishesChanged();
  });
  const since = new SubscribedSince({
    kv,
    now: clock,
    async has(userId) {
      const state = await connections.state(userId);
      return state.connected || state.lost === true;
    },
  });
  const guests = new Guests(services);
  const posts = new EventPosts({ ...services, seams, guests });
  const reminders = new ChannelReminders({ ...services, seams, links, posts });
  const attendeesOf = new Attendees({ ...services, guests });
  const turns = new EventTurns(services);
  const answers = new Answers({ ...services, audit, seams, memory, posts, turns });
  const newEvents = new NewEvents({
    ...services,
    audit,
    seams,
    attendees: attendeesOf,
    links,
    memory,
    posts,
  });
  const handled = metrics.counter("calendar_changes_total", "Changes of events, by what became of them.");
  const invitations = new Invitations({
    ...services,
    ...{ seams, memory, posts, turns, links, since, handled },
  });
  const facts = new EventFacts({ connections, graph, seams, attendees: attendeesOf });
  const meetingTimes = new MeetingTimes({ ...services, seams, attendees: attendeesOf });
  const buttons = new EventButtons({ ...services, seams, answers });
  const form = new EventForm({ ...services, seams, facts, newEvents, posts });
  const commands = new LinkCommands({ ...services, audit, seams, form, links, meetingTimes, newEvents });
  return {
    ...{ buttons, commands, form, reminders },
    ...{ answers, attendeesOf, invitations, links, memory, newEvents, posts, meetingTimes, since },
    async list(userId, from, to) {
      const wanted = periodOfQuery(from, to);
      const { zone } = await seams.reader(userId);
      const mailbox = ownMailbox(connections.credential(userId));
      const { otherCalendars } = await seams.settings(userId);
      const events = await asPerson(async () => {
        const pages = otherCalendars ? [await others.events(userId, mailbox, wanted)] : [];
        return [
          ...(await eventsBetween(graph, mailbox, wanted, zone)),
          ...mergePages(pages, wanted, zone).events,
        ];
      });
      return events.sort(byTime(zone)).map((event) => eventJson(event, zone));
    },
    async create(userId, json) {
      const { event, notInvited } = await newEvents.create(userId, json);
      return { ...eventJson(event, (await seams.reader(userId)).zone), notInvited };
    },
    async answer(userId, eventId, json) {
      const reader = await seams.reader(userId);
      const input = answerOf(json, reader.mailboxZone);
      const { event } = await answers.answer({ userId, eventId, ...input });
      return eventJson(event, reader.zone);
    },
    attendees: (userId, search) => attendeesOf.search(userId, search),
    times: (userId, json) => meetingTimes.find(userId, json),
    free: (userId, json) => facts.free(userId, json),
    formOf: (userId) => facts.form(userId),
    async forget(userId) {
      await memory.forget(userId);
      await links.forget(userId);
      await since.forget(userId);
    },
  };
}
