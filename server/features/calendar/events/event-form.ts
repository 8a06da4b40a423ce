/** The dialog that creates an event: from the command, a proposed time, or a post. */

import { randomUUID } from "node:crypto";
import type { Dialog, Submission, SubmissionReply } from "../../../platform/bot/dialogs.ts";
import type { Say } from "../../../platform/i18n/index.ts";
import { FieldErrors } from "../field-errors.ts";
import { PersonWords } from "../person-words.ts";
import { localDate, localTime } from "../rules/days.ts";
import type { CalendarEvent } from "../rules/event.ts";
import type { EventFacts, Free } from "./event-facts.ts";
import { CREATE_DIALOG } from "./event-names.ts";
import type { EventPosts } from "./event-posts.ts";
import { plainText } from "./event-text.ts";
import type { EventSeams, EventServices } from "./events-ports.ts";
import { type EventWord, eventWords } from "./events-words.ts";
import { subjectText } from "./invitation-card.ts";
import type { NewEvents } from "./new-events.ts";

export type EventFormPorts = Pick<EventServices, "api" | "bot" | "clock" | "dialogs"> & {
  readonly seams: Pick<EventSeams, "reader">;
  readonly newEvents: NewEvents;
  readonly posts: Pick<EventPosts, "nameOf">;
  readonly facts: EventFacts;
};

/** The initial values of the dialog. */
export interface Prefilled {
  readonly channelId: string;
  readonly subject?: string;
  readonly description?: string;
  /** Milliseconds since 1970. */
  readonly from?: number;
  readonly to?: number;
  readonly guests?: readonly string[];
}

interface FormValue {
  readonly channelId: string;
  readonly requestId: string;
}

const repeats = ["none", "daily", "weekdays", "weekly", "monthly"] as const;
const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
/** Fields of the dialog, by fields of a new event. */
const places: Readonly<Record<string, string>> = {
  subject: "subject",
  location: "location",
  description: "description",
  attendees: "guests",
  recurrence: "until",
  end: "end",
};
/** Mattermost accepts no longer text in a dialog. */
const LONGEST_TEXT = 3_000;
const HOUR = 3_600_000;

export class EventForm {
  readonly #ports: EventFormPorts;
  readonly #words: PersonWords;

  constructor(ports: EventFormPorts) {
    this.#ports = ports;
    this.#words = new PersonWords(ports.api);
  }

  async open(userId: string, triggerId: string, prefilled: Prefilled): Promise<void> {
    const { api, clock, dialogs, seams } = this.#ports;
    const [reader, { teamsMeetings }] = await Promise.all([
      seams.reader(userId),
      this.#ports.facts.form(userId),
    ]);
    const users = prefilled.guests?.length ? await api.getUsersByIds([...prefilled.guests]) : [];
    const guests = users.map(({ Username }) => `@${Username}`).join(", ");
    const from = prefilled.from ?? Math.ceil((clock() + 60_000) / HOUR) * HOUR;
    const to = prefilled.to ?? from + HOUR / 2;
    const say = eventWords.in(reader.language);
    const value: FormValue = { channelId: prefilled.channelId, requestId: randomUUID() };
    const text = (name: string, label: string, more: Partial<Dialog["fields"][number]> = {}) =>
      ({ type: "text", name, label, ...more }) as const;
    await dialogs.open(triggerId, userId, {
      name: CREATE_DIALOG,
      title: say("create_title"),
      submit: say("create"),
      value,
      fields: [
        text("subject", say("subject"), { initial: prefilled.subject ?? "", maxLength: 255 }),
        text("date", say("date"), {
          initial: localDate(from, reader.zone),
          help: say("time_help", { zone: reader.mailboxZone }),
          maxLength: 10,
        }),
        text("start", say("start_time"), {
          initial: localTime(from, reader.zone),
          maxLength: 5,
          optional: true,
        }),
        text("end", say("end_time"), { initial: localTime(to, reader.zone), maxLength: 5, optional: true }),
        text("end_date", say("end_date"), { optional: true, maxLength: 10, help: say("end_date_help") }),
        { type: "bool", name: "all_day", label: say("all_day"), optional: true },
        text("guests", say("guests"), {
          initial: guests,
          help: say("guests_help"),
          optional: true,
          maxLength: LONGEST_TEXT,
        }),
        text("location", say("where"), { optional: true, maxLength: 255 }),
        {
          type: "textarea",
          name: "description",
          label: say("description"),
          initial: prefilled.description ?? "",
          optional: true,
          maxLength: LONGEST_TEXT,
        },
        ...(teamsMeetings
          ? [{ type: "bool", name: "online", label: say("online"), optional: true } as const]
          : []),
        {
          type: "select",
          name: "repeat",
          label: say("repeat"),
          initial: "none",
          options: repeats.map((one) => ({ text: say(`repeat_${one}`), value: one })),
        },
        text("until", say("repeat_until"), { optional: true, maxLength: 10 }),
        ...(prefilled.channelId === ""
          ? []
          : [{ type: "bool", name: "link", label: say("link_here"), optional: true } as const]),
      ],
    });
  }

  async submitted({ channelId, fields, userId, value }: Submission): Promise<SubmissionReply> {
    const say = eventWords.in(await this.#words.languageOf(userId));
    const form = value as Partial<FormValue> | null;
    if (typeof form?.requestId !== "string") return { error: say("failed") };
    const text = (name: string) => (typeof fields[name] === "string" ? fields[name].trim() : "");
    const flag = (name: string) => fields[name] === true || fields[name] === "true";
    const date = text("date");
    const allDay = flag("all_day");
    const endDate = text("end_date") || date;
    try {
      const attendees = await this.#guests(text("guests"));
      const { event, notInvited } = await this.#ports.newEvents.create(userId, {
        subject: text("subject"),
        start: allDay ? date : `${date}T${hour(text("start"))}`,
        // In the form, the last day of an all-day event is included.
        end: allDay ? dayAfter(text("end_date")) : `${endDate}T${hour(text("end"))}`,
        allDay,
        location: text("location"),
        description: text("description"),
        attendees,
        onlineMeeting: flag("online"),
        requestId: form.requestId,
        ...(flag("link") && form.channelId ? { channelId: form.channelId } : {}),
        ...recurrenceOf(text("repeat"), date, text("until")),
      });
      const names = await Promise.all(notInvited.map((one) => this.#ports.posts.nameOf(one)));
      const lines = [
        say("created", { subject: subjectText(event, say) }),
        ...(names.length > 0 ? [say("not_invited", { names: names.join(", ") })] : []),
        ...(await this.#busy(userId, attendees, event, say)),
      ];
      await this.#ports.bot.ephemeral({ userId, channelId }, lines.join("\n"));
      return {};
    } catch (error) {
      if (!(error instanceof FieldErrors)) return { error: this.#words.problem(error, say) };
      const errors = Object.entries(error.fields).map(([field, code]) => [
        places[field] ?? (code.startsWith("date_") ? "date" : "start"),
        this.#words.field(code, say),
      ]);
      return { errors: Object.fromEntries(errors) };
    }
  }

  /** Names people who are busy at that time: a hint, never a refusal. */
  async #busy(
    userId: string,
    attendees: readonly string[],
    { time }: CalendarEvent,
    say: Say<EventWord>,
  ): Promise<string[]> {
    if (attendees.length === 0 || time.allDay) return [];
    const { facts, posts } = this.#ports;
    const free = await facts
      .freeIn(userId, attendees, { from: time.start, to: time.end })
      .catch((): Free => ({}));
    const busy = Object.keys(free).filter((one) => free[one] === "busy");
    if (busy.length === 0) return [];
    const names = await Promise.all(
      busy.map((one) => (one.includes("@") ? plainText(one) : posts.nameOf(one))),
    );
    return [say("busy_guests", { names: names.join(", ") })];
  }

  /** Parses `@ana, ben@example.com` to user ids and addresses. Arabic and Japanese have commas of their own. */
  async #guests(text: string): Promise<string[]> {
    const parts = text.split(/[,;،؛、，\s]+/).filter((one) => one !== "");
    const names = parts.filter((one) => one.startsWith("@")).map((one) => one.slice(1).toLowerCase());
    const users = names.length === 0 ? [] : await this.#ports.api.getUsersByUsernames(names);
    if (users.length < new Set(names).size) throw new FieldErrors({ attendees: "attendee_unknown" });
    return [...users.map(({ Id }) => Id), ...parts.filter((one) => !one.startsWith("@"))];
  }
}

/** Normalises `9:00` as people type it. */
function hour(text: string): string {
  return /^\d:\d\d$/.test(text) ? `0${text}` : text;
}

function dayAfter(date: string): string {
  if (date === "") return "";
  try {
    return Temporal.PlainDate.from(date).add({ days: 1 }).toString();
  } catch {
    return date;
  }
}

/** Without an end date the series continues indefinitely. */
function recurrenceOf(repeat: string, date: string, until: string): { recurrence?: unknown } {
  let first: Temporal.PlainDate;
  try {
    first = Temporal.PlainDate.from(date);
  } catch {
    return {};
  }
  const range = until === "" ? { type: "noEnd" } : { type: "endDate", endDate: until };
  const day = weekdays[first.dayOfWeek - 1];
  const patterns: Readonly<Record<string, unknown>> = {
    daily: { type: "daily" },
    weekdays: { type: "weekly", daysOfWeek: weekdays.slice(0, 5) },
    weekly: { type: "weekly", daysOfWeek: [day] },
    monthly: { type: "absoluteMonthly", dayOfMonth: first.day },
  };
  const pattern = patterns[repeat];
  return pattern === undefined ? {} : { recurrence: { pattern, range } };
}
