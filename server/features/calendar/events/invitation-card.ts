/** The card of an event in its owner's direct channel: its content, what changed, and the buttons for an answer. */

import type { BotMessage } from "../../../platform/bot/bot.ts";
import type { CardAction, Cards } from "../../../platform/bot/cards.ts";
import type { Say } from "../../../platform/i18n/index.ts";
import type { Answer } from "../rules/answer.ts";
import type { CalendarEvent, EventTime, Response } from "../rules/event.ts";
import { joinLink } from "../rules/joining.ts";
import type { ChangedField } from "../rules/notify.ts";
import { whenText } from "../rules/when.ts";
import { endOf, type KnownEvent, type Shown } from "./event-memory.ts";
import { EVENT_CARD } from "./event-names.ts";
import { link, plainText } from "./event-text.ts";
import type { CalendarReader } from "./events-ports.ts";
import type { EventWord } from "./events-words.ts";
import { eventWords } from "./events-words.ts";

/** The value of a button. */
export interface EventButton {
  /** The event's id. */
  readonly e: string;
}

export interface Guest {
  /** The user name of a connected member, else null. */
  readonly username: string | null;
  readonly name: string;
}

export interface CardContent {
  readonly event: KnownEvent;
  /** The event as Graph has it now; null when only our memory is left. */
  readonly current: CalendarEvent | null;
  readonly guests: readonly Guest[];
  readonly shown: Pick<Shown, "kind" | "changed" | "answer">;
  readonly reader: CalendarReader;
  /** Stored in the props of the post, to find it after a crash. */
  readonly mark: string;
}

export const MARK_PROP = "calendar_post";
export const EVENT_PROP = "calendar_event_id";

const MOST_GUESTS = 10;
const LONGEST_PREVIEW = 300;
const DAY_MS = 86_400_000;
const colors = { new: "#1C58D9", updated: "#FFBC1F", cancelled: "#D24B4E" } as const;

export async function cardMessage(
  cards: Pick<Cards, "props">,
  userId: string,
  content: CardContent,
  now: number,
): Promise<Pick<BotMessage, "text" | "props"> & { readonly props: Record<string, unknown> }> {
  const { event, mark, reader, shown } = content;
  const say = eventWords.in(reader.language);
  const actions = shown.answer && !event.cancelled ? answerActions(event, say) : [];
  const props = await cards.props(
    {
      name: EVENT_CARD,
      color: colors[event.cancelled ? "cancelled" : shown.kind],
      text: detailText(content, say),
      fields: fieldsOf(content, say, now),
      actions,
    },
    { userId, expiresAt: buttonsUntil(event, now) },
  );
  return {
    text: say(event.cancelled ? "cancelled" : shown.kind, { subject: subjectText(event, say) }),
    props: { ...props, [EVENT_PROP]: event.id, [MARK_PROP]: mark },
  };
}

/** Three answers and a dialog. The chosen one is marked; all of them stay, so that it can be changed. */
export function answerActions(
  { id, response, type }: Pick<KnownEvent, "id" | "response" | "type">,
  say: Say<EventWord>,
): CardAction[] {
  const value: EventButton = { e: id };
  const button = (answer: Answer): CardAction => ({
    id: answer,
    label: chosenBy[answer] === response ? `✓ ${say(answer)}` : say(answer),
    ...(chosenBy[answer] === response ? { style: "primary" as const } : {}),
    value,
  });
  const more = type === "singleInstance" ? "respond" : "respond_series";
  return [
    button("accept"),
    button("tentative"),
    button("decline"),
    { id: "respond", label: say(more), value },
  ];
}

const chosenBy: Readonly<Record<Answer, Response>> = {
  accept: "accepted",
  tentative: "tentativelyAccepted",
  decline: "declined",
};

export const responseOf = (answer: Answer): Response => chosenBy[answer];

export function subjectText({ subject }: { readonly subject: string }, say: Say<EventWord>): string {
  return plainText(subject) || say("no_subject");
}

export function timeText(time: EventTime, reader: CalendarReader, say: Say<EventWord>, now: number): string {
  return whenText(time, reader, now, say("all_day"));
}

/** Lines such as `**When** ~~Monday~~ → Tuesday`, for posts without fields. */
export function changeLines(
  changed: readonly ChangedField[],
  reader: CalendarReader,
  say: Say<EventWord>,
  now: number,
): string[] {
  return changed.map((one) => `**${say(labels[one.field])}:** ${changeText(one, reader, say, now)}`);
}

const labels = { subject: "subject", when: "when", location: "where", join: "join" } as const;

function changeText(one: ChangedField, reader: CalendarReader, say: Say<EventWord>, now: number): string {
  const [from, to] =
    one.field === "when"
      ? [timeText(one.from, reader, say, now), timeText(one.to, reader, say, now)]
      : [plainText(one.from), plainText(one.to)];
  return `${from === "" ? "" : `~~${from}~~ `}→ ${to === "" ? "–" : to}`;
}

function fieldsOf({ event, current, guests, shown, reader }: CardContent, say: Say<EventWord>, now: number) {
  const changes = new Map(shown.changed.map((one) => [one.field, changeText(one, reader, say, now)]));
  const fields: { title: string; value: string; short?: boolean }[] = [];
  const field = (title: string, value: string, short = false) => {
    if (value !== "") fields.push({ title, value, short });
  };
  field(say("subject"), changes.get("subject") ?? "");
  const series = event.type === "seriesMaster" ? ` · ${say("series")}` : "";
  field(say("when"), `${changes.get("when") ?? timeText(event.time, reader, say, now)}${series}`);
  field(say("where"), changes.get("location") ?? plainText(event.location));
  field(say("join"), joinText(event, current, changes.get("join"), say));
  if (current?.organizer) field(say("organizer"), personText(current.organizer), true);
  if (guests.length > 0 && current) field(say("guests"), guestsText(guests, current.guests.length, say));
  if (event.response in answered && !event.cancelled)
    field(say("your_answer"), say(answered[event.response as keyof typeof answered]), true);
  return fields;
}

const answered = {
  accepted: "answered_accept",
  tentativelyAccepted: "answered_tentative",
  declined: "answered_decline",
} as const;

function joinText(
  event: KnownEvent,
  current: CalendarEvent | null,
  change: string | undefined,
  say: Say<EventWord>,
): string {
  const room = current && !event.cancelled ? joinLink(current) : null;
  if (room) return link(say("join_now"), room.url);
  return change ?? "";
}

function personText({ name, address }: { readonly name: string; readonly address: string }): string {
  return plainText(name) || plainText(address);
}

function guestsText(guests: readonly Guest[], count: number, say: Say<EventWord>): string {
  const shown = guests
    .slice(0, MOST_GUESTS)
    .map(({ name, username }) => (username === null ? plainText(name) : `@${username}`));
  const more = count - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` ${say("more", { count: more })}` : ""}`;
}

function detailText({ event, current, shown }: CardContent, say: Say<EventWord>): string {
  if (!current || event.cancelled) return "";
  const preview = shown.kind === "new" ? plainText(current.bodyPreview, LONGEST_PREVIEW) : "";
  const outlook = webLink(current.webLink);
  return [
    ...(event.private ? [`_${say("private")}_`] : []),
    ...(preview === "" ? [] : [`> ${preview}`]),
    ...(outlook === null ? [] : [link(say("outlook"), outlook)]),
  ].join("\n\n");
}

function webLink(text: string): string | null {
  const url = URL.parse(text);
  return url?.protocol === "https:" && url.username === "" ? url.href : null;
}

/** The rules refuse past events; the buttons expire some time later. */
function buttonsUntil({ time, type }: KnownEvent, now: number): number {
  const days = type === "seriesMaster" ? 365 : 30;
  return Math.max(now, type === "seriesMaster" ? now : endOf(time)) + days * DAY_MS;
}
