/** Builds the posts of the day in a person's direct channel: question, reminder, summary. */

import type { BotMessage } from "../../../platform/bot/bot.ts";
import type { Card, CardAction, Cards } from "../../../platform/bot/cards.ts";
import { DAY_CARD } from "../card-names.ts";
import type { Audience } from "../core.ts";
import { link, plainText } from "../events/event-text.ts";
import { reminderWords } from "../reminders/words.ts";
import type { DayStep } from "../rules/day.ts";
import { localDate } from "../rules/days.ts";
import type { CalendarEvent, Response } from "../rules/event.ts";
import { joinLink } from "../rules/joining.ts";
import type { DueReminder } from "../rules/reminders.ts";
import { canAnswer, type Row } from "../rules/rows.ts";
import { clockText, dateText, whenText } from "../rules/when.ts";
import { noSubject, statusWords } from "../status/words.ts";
import { dayTable } from "../summary/table.ts";
import { dayWords } from "../summary/words.ts";
import { STEP_PROP } from "./day-store.ts";

export const EVENT_PROP = "calendar_event_id";

/** The value of a button: ids and times, never text. */
export interface DayButton {
  /** The event to answer. */
  readonly event?: string;
  /** The end of the span of a question. */
  readonly until?: number;
  /** Keys of the reminders in the post. */
  readonly keys?: readonly string[];
  /** The start of the first meeting in the post. */
  readonly start?: number;
}

export interface MessageInput {
  readonly audience: Audience;
  readonly events: readonly CalendarEvent[];
  readonly cards: Pick<Cards, "props">;
  /** Whether invitations can be answered from here. */
  readonly answers: boolean;
  /** Stored in the props of the post, to find it after a crash. */
  readonly stepId: string;
  readonly now: number;
}

type Message = Pick<BotMessage, "props" | "text">;
const HOUR = 3_600_000;
/** Maximum number of answer menus in one summary. */
const MOST_ANSWERS = 5;

/** The question whether the status may change, with the reminders that are due at the same time. */
export function questionMessage(
  step: Extract<DayStep, { do: "ask" }>,
  input: MessageInput,
): Promise<Message> {
  const { audience, events } = input;
  const { decision, reminders, span } = step;
  const say = statusWords.in(audience.language);
  const time = clockText(decision.until, audience.reader);
  const isReminded = (id: string) => reminders.some(({ event }) => event.id === id);
  const meetings = events.filter(({ id }) => span.events.includes(id));
  const question = say(decision.status === "dnd" ? "ask_dnd" : "ask_away", { time });
  const reminded = reminders;
  const value: DayButton = { until: decision.until };
  const actions: CardAction[] = [
    { id: "yes", label: say("yes"), style: "primary", value },
    { id: "no", label: say("no"), value },
    ...(reminded.length > 0 ? reminderActions(reminded, input) : []),
  ];
  const lines = [
    ...reminded.map((one) => reminderLine(one, input, one.event.private)),
    ...meetings.filter(({ id }) => !isReminded(id)).map((event) => meetingLine(event, input)),
  ];
  return message(
    [...lines, question].join("\n"),
    { actions, events: meetings, expiresAt: Math.max(decision.until, ...reminded.map(({ start }) => start)) },
    input,
  );
}

export function reminderMessage(reminders: readonly DueReminder[], input: MessageInput): Promise<Message> {
  const text = reminders.map((one) => reminderLine(one, input)).join("\n\n");
  const actions = reminderActions(reminders, input);
  const events = reminders.map(({ event }) => event);
  const last = Math.max(...reminders.map(({ start }) => start));
  return message(text, { actions, events, expiresAt: last + HOUR }, input);
}

/** Returns null for a day without events. */
export async function summaryMessage(
  step: Extract<DayStep, { do: "summary" }>,
  input: MessageInput,
): Promise<Message | null> {
  const { audience, events, now } = input;
  const { language, reader } = audience;
  const table = dayTable({ events, date: step.forDate, language, now, reader });
  if (!table) return null;
  const say = dayWords.in(language);
  const { postTime } = audience.member.settings.summary;
  const text = step.late ? `${say("late", { time: postTime })}\n\n${table.text}` : table.text;
  const actions = input.answers ? answerActions(table.rows, input) : [];
  return message(text, { actions, events: [], expiresAt: now + 24 * HOUR }, input);
}

export function summaryFailedMessage(forDate: string, input: MessageInput): Promise<Message> {
  const { language, reader } = input.audience;
  const date = dateText(forDate, reader, input.now);
  return message(dayWords.in(language)("failed", { date }), { actions: [], events: [], expiresAt: 0 }, input);
}

interface Extra {
  readonly actions: readonly CardAction[];
  readonly events: readonly CalendarEvent[];
  readonly expiresAt: number;
}

async function message(
  text: string,
  { actions, events, expiresAt }: Extra,
  input: MessageInput,
): Promise<Message> {
  const { userId } = input.audience;
  const card: Card = { name: DAY_CARD, actions };
  const buttons = actions.length > 0 ? await input.cards.props(card, { userId, expiresAt }) : {};
  const [event] = events;
  return {
    text,
    props: { ...buttons, [STEP_PROP]: input.stepId, ...(event ? { [EVENT_PROP]: event.id } : {}) },
  };
}

/**
 * A question never shows the text of a private meeting, because such a post stays on the screen while others look on.
 */
function meetingLine(event: CalendarEvent, { audience, now }: MessageInput): string {
  const { language, reader } = audience;
  const say = statusWords.in(language);
  const subject = event.private ? say("meeting") : plainText(event.subject) || noSubject(language);
  return `**${subject}** · ${whenText(event.time, reader, now, dayWords.in(language)("all_day"))}`;
}

/** `hidden`: the line is next to a question, and shows no text of a private meeting. */
function reminderLine(
  { event, start }: DueReminder,
  { audience, now }: MessageInput,
  hidden = false,
): string {
  const { language, reader } = audience;
  const say = reminderWords.in(language);
  const words = hidden
    ? statusWords.in(language)("meeting")
    : plainText(event.subject) || noSubject(language);
  const subject = `**${words}**`;
  const minutes = Math.ceil((start - now) / 60_000);
  const first = minutes > 0 ? say("starts_in", { subject, minutes }) : say("starts_now", { subject });
  const join = joinLink(event);
  const parts = [whenText(event.time, reader, now, dayWords.in(language)("all_day"))];
  if (event.location !== "" && !hidden) parts.push(plainText(event.location, 80));
  if (join && !hidden) parts.push(link(dayWords.in(language)("join"), join.url));
  return `${first}\n${parts.join(" · ")}`;
}

function reminderActions(reminders: readonly DueReminder[], input: MessageInput): CardAction[] {
  const { audience, now } = input;
  const say = reminderWords.in(audience.language);
  const start = Math.min(...reminders.map((one) => one.start));
  const [first] = reminders;
  const value: DayButton = {
    keys: reminders.map(({ key }) => key),
    start,
    ...(first && reminders.length === 1 ? { event: first.event.id } : {}),
  };
  const isAsked = first && reminders.length === 1 && input.answers && canAnswer(first.event);
  const answers = isAsked ? threeAnswers(first.event, input) : [];
  return [
    ...answers,
    ...(start - now > 5 * 60_000 ? [{ id: "snooze5", label: say("snooze5"), value }] : []),
    ...(start > now ? [{ id: "snooze_start", label: say("snooze_start"), value }] : []),
    ...(value.event ? [{ id: "late", label: say("late"), value }] : []),
  ];
}

/** The current answer is marked, and can be changed. */
function threeAnswers(event: CalendarEvent, { audience }: MessageInput): CardAction[] {
  const say = dayWords.in(audience.language);
  const value: DayButton = { event: event.id };
  const marked = (label: string, response: Response) => (event.response === response ? `✓ ${label}` : label);
  return [
    { id: "accept", label: marked(say("accept"), "accepted"), style: "good", value },
    { id: "tentative", label: marked(say("tentative_button"), "tentativelyAccepted"), value },
    { id: "decline", label: say("decline"), style: "danger", value },
  ];
}

/** Buttons for one unanswered invitation, a menu for each of several, because button ids must be unique on a post. */
function answerActions(rows: readonly Row[], input: MessageInput): CardAction[] {
  const { language } = input.audience;
  const say = dayWords.in(language);
  const open = rows.filter(({ answerable }) => answerable).slice(0, MOST_ANSWERS);
  const [only] = open;
  if (only && open.length === 1) return threeAnswers(only.event, input);
  return open.map(({ event }, index) => ({
    id: `answer${index}`,
    label: say("answer", { subject: event.subject.slice(0, 40) || noSubject(language) }),
    value: { event: event.id } satisfies DayButton,
    options: [
      { text: say("accept"), value: "accept" },
      { text: say("tentative_button"), value: "tentative" },
      { text: say("decline"), value: "decline" },
    ],
  }));
}

export function today({ reader }: Audience, now: number): string {
  return localDate(now, reader.zone);
}
