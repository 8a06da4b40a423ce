/** Handles presses on cards of events, and the dialog behind *Comment or another time*. */

import type { Press, PressReply } from "../../../platform/bot/cards.ts";
import type { Dialog, DialogField, Submission, SubmissionReply } from "../../../platform/bot/dialogs.ts";
import { ProductError } from "../../../platform/errors.ts";
import { FieldErrors } from "../field-errors.ts";
import { asPerson } from "../outlook/event-errors.ts";
import { eventById, instancesBetween, ownMailbox } from "../outlook/events.ts";
import { PersonWords } from "../person-words.ts";
import { type Answer, howToAnswer } from "../rules/answer.ts";
import { localDate, localTime } from "../rules/days.ts";
import type { CalendarEvent } from "../rules/event.ts";
import type { Answers } from "./answers.ts";
import { ANSWER_DIALOG, CHOICE_CARD } from "./event-names.ts";
import { proposalOf } from "./event-requests.ts";
import type { EventSeams, EventServices } from "./events-ports.ts";
import { type EventWord, eventWords } from "./events-words.ts";
import { type EventButton, subjectText, timeText } from "./invitation-card.ts";

export type EventButtonsPorts = Pick<
  EventServices,
  "api" | "bot" | "cards" | "clock" | "connections" | "dialogs" | "graph"
> & {
  readonly seams: EventSeams;
  readonly answers: Answers;
};

const ANSWERS: ReadonlySet<string> = new Set(["accept", "tentative", "decline"]);
const isAnswer = (text: unknown): text is Answer => typeof text === "string" && ANSWERS.has(text);
/** Maximum number of occurrences of a series to choose from. */
const MOST_INSTANCES = 6;
const AHEAD_MS = 60 * 86_400_000;
const WHOLE_SERIES = "series";
const LONGEST_COMMENT = 1_000;
const REMOVAL_MS = 86_400_000;

export class EventButtons {
  readonly #ports: EventButtonsPorts;
  readonly #words: PersonWords;

  constructor(ports: EventButtonsPorts) {
    this.#ports = ports;
    this.#words = new PersonWords(ports.api);
  }

  async press({ action, triggerId, userId, value }: Press): Promise<PressReply> {
    const say = eventWords.in(await this.#words.languageOf(userId));
    const eventId = idOf(value);
    if (eventId === null) return { ephemeral: say("failed") };
    try {
      if (isAnswer(action)) return await this.#answer(userId, eventId, action);
      await this.#open(userId, eventId, triggerId);
      return {};
    } catch (error) {
      return { ephemeral: this.#words.problem(error, say) };
    }
  }

  /** Handles the submitted dialog: comment, another time, this occurrence or all of them. */
  async submitted({ channelId, fields, userId, value }: Submission): Promise<SubmissionReply> {
    const say = eventWords.in(await this.#words.languageOf(userId));
    const eventId = idOf(value);
    const text = (name: string) => (typeof fields[name] === "string" ? fields[name].trim() : "");
    const answer = text("answer");
    if (eventId === null || !isAnswer(answer)) return { error: say("failed") };
    const scope = text("scope");
    try {
      const reader = await this.#ports.seams.reader(userId);
      const proposal = proposalOf(wallText(text("start")), wallText(text("end")), reader.mailboxZone);
      const { event } = await this.#ports.answers.answer({
        userId,
        eventId: scope === "" || scope === WHOLE_SERIES ? eventId : scope,
        answer,
        comment: text("comment"),
        series: scope === WHOLE_SERIES,
        ...(proposal ? { proposal } : {}),
      });
      await this.#ports.bot.ephemeral({ userId, channelId }, this.#answered(event, say));
      return {};
    } catch (error) {
      if (!(error instanceof FieldErrors)) return { error: this.#words.problem(error, say) };
      const names: Readonly<Record<string, string>> = { proposedStart: "start", proposedEnd: "end" };
      return {
        errors: Object.fromEntries(
          Object.entries(error.fields).map(([field, code]) => [
            names[field] ?? "comment",
            this.#words.field(code, say),
          ]),
        ),
      };
    }
  }

  /** Handles an answer from a card of another part of the calendar: a reminder, the daily summary. */
  async answerFrom(userId: string, eventId: string, answer: Answer): Promise<PressReply> {
    try {
      return await this.#answer(userId, eventId, answer);
    } catch (error) {
      return { ephemeral: this.#words.problem(error, eventWords.in(await this.#words.languageOf(userId))) };
    }
  }

  async #answer(userId: string, eventId: string, answer: Answer): Promise<PressReply> {
    const { answers, clock, seams } = this.#ports;
    const answered = await answers
      .answer({ userId, eventId, answer })
      .catch((error: unknown) =>
        answer === "decline" ? this.#offerRemoval(userId, eventId, error) : rejected(error),
      );
    if ("ephemeral" in answered) return answered;
    const { event, moved } = answered;
    const reader = await seams.reader(userId);
    const say = eventWords.in(reader.language);
    if (moved) {
      const when = timeText(event.time, reader, say, clock());
      return { ephemeral: `${this.#answered(event, say)} ${say("moved_meanwhile", { when })}` };
    }
    return { ephemeral: this.#answered(event, say) };
  }

  /** When the organiser wants no answer and Outlook accepts none, *No* means removing the event. */
  async #offerRemoval(userId: string, eventId: string, error: unknown): Promise<{ ephemeral: string }> {
    if (!(error instanceof ProductError) || error.code !== "event_refused") throw error;
    const { bot, cards, clock, connections, graph, seams } = this.#ports;
    const mailbox = ownMailbox(connections.credential(userId));
    const read = await asPerson(() => eventById(graph, mailbox, eventId));
    if (!read || read.event.responseRequested) throw error;
    const say = eventWords.in((await seams.reader(userId)).language);
    const props = await cards.props(
      {
        name: CHOICE_CARD,
        actions: [{ id: "remove", label: say("remove"), value: { do: "remove", e: eventId } }],
      },
      { userId, expiresAt: clock() + REMOVAL_MS },
    );
    await bot.direct(userId, { text: say("remove_offer", { subject: subjectText(read.event, say) }), props });
    return { ephemeral: say("remove_sent") };
  }

  #answered({ response }: CalendarEvent, say: (key: EventWord) => string): string {
    if (response === "accepted") return say("answered_accept");
    return say(response === "declined" ? "answered_decline" : "answered_tentative");
  }

  async #open(userId: string, eventId: string, triggerId: string): Promise<void> {
    const { clock, connections, dialogs, graph, seams } = this.#ports;
    const reader = await seams.reader(userId);
    const mailbox = ownMailbox(connections.credential(userId));
    const read = await asPerson(() => eventById(graph, mailbox, eventId));
    if (!read) throw new ProductError("event_gone");
    const { event } = read;
    const how = howToAnswer({ event, answer: "decline", zone: reader.zone }, clock());
    if (!how.ok) throw new ProductError(refusalOf[how.why as keyof typeof refusalOf] ?? "event_refused");
    const say = eventWords.in(reader.language);
    const now = clock();
    const instances =
      event.type === "seriesMaster"
        ? await asPerson(() =>
            instancesBetween(graph, mailbox, event.id, {
              ...{ from: now, to: now + AHEAD_MS, most: MOST_INSTANCES },
            }),
          )
        : [];
    const when = (one: CalendarEvent) => timeText(one.time, reader, say, now);
    const scopes =
      event.type === "seriesMaster"
        ? [
            { text: say("scope_all"), value: WHOLE_SERIES },
            ...instances.map((one) => ({ text: when(one), value: one.id })),
          ]
        : event.seriesMasterId === ""
          ? []
          : [
              { text: say("scope_one"), value: event.id },
              { text: say("scope_all"), value: WHOLE_SERIES },
            ];
    await dialogs.open(
      triggerId,
      userId,
      answerDialog({ event, scopes, say, zone: reader.mailboxZone, wall }),
    );

    function wall(moment: number): string {
      return `${localDate(moment, reader.zone)} ${localTime(moment, reader.zone)}`;
    }
  }
}

const refusalOf = {
  organizer: "event_own",
  cancelled: "event_cancelled",
  past: "event_past",
} as const;

function answerDialog({
  event,
  say,
  scopes,
  wall,
  zone,
}: {
  readonly event: CalendarEvent;
  readonly scopes: readonly { readonly text: string; readonly value: string }[];
  readonly say: (key: EventWord, values?: Readonly<Record<string, string>>) => string;
  readonly wall: (moment: number) => string;
  readonly zone: string;
}): Dialog {
  const current = { accepted: "accept", tentativelyAccepted: "tentative", declined: "decline" } as const;
  const fields: DialogField[] = [
    {
      type: "select",
      name: "answer",
      label: say("your_answer"),
      initial: current[event.response as keyof typeof current] ?? "tentative",
      options: (["accept", "tentative", "decline"] as const).map((one) => ({ text: say(one), value: one })),
    },
  ];
  if (scopes.length > 0)
    fields.push({
      type: "select",
      name: "scope",
      label: say("scope"),
      initial: scopes[0]?.value ?? "",
      options: scopes,
    });
  if (event.responseRequested)
    fields.push({
      type: "textarea",
      name: "comment",
      label: say("comment"),
      optional: true,
      maxLength: LONGEST_COMMENT,
    });
  if (event.responseRequested && event.proposalsAllowed && !event.time.allDay) {
    const placeholder = wall(event.time.start);
    const time = (name: "start" | "end") => ({
      ...({ type: "text", name, optional: true, maxLength: 16 } as const),
      label: say(name === "start" ? "other_start" : "other_end"),
      help: say("time_help", { zone }),
      placeholder: name === "start" ? placeholder : wall(event.time.allDay ? 0 : event.time.end),
    });
    fields.push(time("start"), time("end"));
  }
  return {
    name: ANSWER_DIALOG,
    title: say("answer_title"),
    submit: say("send"),
    fields,
    value: { e: event.id } satisfies EventButton,
  };
}

/** Parses `2026-11-30 9:00` as people type it. */
export function wallText(text: string): string {
  const [, date, time] = /^(\S+)[ T]+(\d{1,2}:\d\d)$/.exec(text) ?? [];
  return date === undefined || time === undefined ? text : `${date}T${time.padStart(5, "0")}`;
}

function rejected(error: unknown): never {
  throw error;
}

function idOf(value: unknown): string | null {
  const id = (value as Partial<EventButton> | null)?.e;
  return typeof id === "string" && id !== "" ? id : null;
}
