/**
 * Answers invitations: reads the event again, applies the rules, sends the answer to Outlook, updates the card.
 *
 *   calendar/answer_{event of a member}   the last answer: its digest, and the event as it was before      a minute
 */

import { ProductError } from "../../../platform/errors.ts";
import type { Turn } from "../../../platform/work/once.ts";
import { FieldErrors } from "../field-errors.ts";
import { asPerson } from "../outlook/event-errors.ts";
import { eventById, eventByUid, type Mailbox, ownMailbox, sendAnswer } from "../outlook/events.ts";
import { type Answer, type HowToAnswer, howToAnswer, type NoAnswer, type Proposal } from "../rules/answer.ts";
import type { CalendarEvent, EventTime } from "../rules/event.ts";
import type { EventAudit } from "./event-audit.ts";
import type { EventMemory } from "./event-memory.ts";
import { known } from "./event-memory.ts";
import type { EventPosts } from "./event-posts.ts";
import type { EventTurns } from "./event-turns.ts";
import type { EventSeams, EventServices } from "./events-ports.ts";
import { responseOf } from "./invitation-card.ts";

export interface AnswerRequest {
  readonly userId: string;
  readonly eventId: string;
  readonly answer: Answer;
  readonly comment?: string | undefined;
  readonly proposal?: Proposal | undefined;
  /** For an occurrence: answers the whole series. */
  readonly series?: boolean | undefined;
}

export interface Answered {
  readonly event: CalendarEvent;
  /** The event's time differs from the one on its card. */
  readonly moved: boolean;
}

export type AnswersPorts = Pick<EventServices, "clock" | "connections" | "graph"> & {
  readonly seams: Pick<EventSeams, "reader" | "changed">;
  readonly memory: EventMemory;
  readonly posts: EventPosts;
  readonly turns: EventTurns;
  readonly audit: EventAudit;
};

const refusals: Readonly<Record<NoAnswer, () => Error>> = {
  organizer: () => new ProductError("event_own"),
  cancelled: () => new ProductError("event_cancelled"),
  past: () => new ProductError("event_past"),
  no_response_requested: () => new ProductError("event_no_response"),
  accept_takes_no_proposal: () => new FieldErrors({ proposedStart: "accept_takes_no_proposal" }),
  proposals_not_allowed: () => new ProductError("event_no_proposals"),
  proposal_invalid: () => new FieldErrors({ proposedStart: "proposal_invalid" }),
};

export class Answers {
  readonly #ports: AnswersPorts;

  constructor(ports: AnswersPorts) {
    this.#ports = ports;
  }

  /** Returns the answered event. Throws ProductError, FieldErrors. A double press sends the organiser one mail. */
  answer(request: AnswerRequest): Promise<Answered> {
    return this.#ports.turns.pressed(request, JSON.stringify(request), (turn) => this.#answer(request, turn));
  }

  async #answer(request: AnswerRequest, turn: Turn): Promise<Answered> {
    const { clock, memory, posts, seams } = this.#ports;
    const { userId, answer, comment, proposal } = request;
    const mailbox = ownMailbox(this.#ports.connections.credential(userId));
    const [entry, reader] = await Promise.all([memory.get(userId, request.eventId), seams.reader(userId)]);
    const noted = await noteOf(turn);
    const found = await this.#find(mailbox, request, entry?.event.iCalUId ?? "");
    // Outlook removes a declined event, so the second press uses the event that the first one found.
    const event = found ?? noted?.declined;
    if (!event) throw new ProductError("event_gone");
    const how = howToAnswer({ event, answer, comment, proposal, zone: reader.zone }, clock());
    if (!how.ok) {
      if (entry && how.why === "cancelled") {
        const gone = { ...entry, event: { ...entry.event, cancelled: true } };
        await posts.refresh(userId, gone, event).catch(() => {});
      }
      throw refusals[how.why]();
    }
    const response = responseOf(answer);
    const now: CalendarEvent = { ...event, response };
    const repeated = !found || isRepeated(event, response, { how, noted });
    // Stored before the call: Outlook may report the removal of a declined event before it responds to the call.
    const before = await this.#remember(userId, request.eventId, response);
    try {
      if (!repeated) {
        const { changeKey, response: old } = event;
        const declined = answer === "decline" ? { declined: event } : {};
        const seen: Omit<Noted, "sent"> = { changeKey, response: old, ...declined };
        // For a plain answer, the event itself shows whether the answer arrived.
        if (how.comment || how.proposedNewTime || seen.declined)
          await turn.note(JSON.stringify({ ...seen, sent: false } satisfies Noted));
        await asPerson(() => sendAnswer(this.#ports.graph, mailbox, event.id, how));
        await turn.note(JSON.stringify({ ...seen, sent: true } satisfies Noted)).catch(() => {});
      }
    } catch (error) {
      if (before !== null) await this.#remember(userId, request.eventId, before).catch(() => null);
      throw error;
    }
    if (entry) {
      // Keeps the id under which the card and our memory know the event.
      const shown = {
        ...entry,
        event: { ...known(now), id: entry.event.id, changeKey: entry.event.changeKey },
      };
      await posts.refresh(userId, shown, now).catch(() => {});
    }
    seams.changed(userId);
    if (!repeated) this.#ports.audit({ event: "calendarAnswer", userId, eventId: event.id, answer });
    return { event: now, moved: entry !== null && !sameTime(entry.event.time, event.time) };
  }

  /** Finds the event by its id; if it was moved, once by its stable id. */
  async #find(
    mailbox: Mailbox,
    { eventId, series }: AnswerRequest,
    iCalUId: string,
  ): Promise<CalendarEvent | null> {
    const { graph } = this.#ports;
    return asPerson(async () => {
      const read = (await eventById(graph, mailbox, eventId))?.event ?? null;
      const event = read ?? (iCalUId === "" ? null : await eventByUid(graph, mailbox, iCalUId));
      if (!event || !series || event.seriesMasterId === "") return event;
      return (await eventById(graph, mailbox, event.seriesMasterId))?.event ?? null;
    });
  }

  /** Returns what was remembered before; null when the event is not remembered. */
  async #remember(
    userId: string,
    id: string,
    response: CalendarEvent["response"],
  ): Promise<CalendarEvent["response"] | null> {
    let before: CalendarEvent["response"] | null = null;
    await this.#ports.memory.update(userId, id, (entry) => {
      before = entry?.event.response ?? null;
      return entry === null || before === response
        ? entry
        : { ...entry, event: { ...entry.event, response } };
    });
    return before;
  }
}

/** The last identical answer: the event before it, and whether Outlook has certainly accepted it. */
interface Noted {
  readonly changeKey: string;
  readonly response: CalendarEvent["response"];
  readonly declined?: CalendarEvent;
  readonly sent: boolean;
}

async function noteOf(turn: Turn): Promise<Noted | null> {
  const noted = await turn.noted();
  return noted === null ? null : (JSON.parse(noted) as Noted);
}

// Pressing the same button twice sends no second mail.
function isRepeated(
  event: CalendarEvent,
  response: CalendarEvent["response"],
  { how, noted }: { readonly how: HowToAnswer & { ok: true }; readonly noted: Noted | null },
): boolean {
  // Some of Graph's copies do not have the answer yet: this one is still from before it.
  if (noted?.sent && event.changeKey !== "" && event.changeKey === noted.changeKey) return true;
  if (event.response !== response) return false;
  if (!how.comment && !how.proposedNewTime) return true;
  // Graph does not return the comment. If a node died during the call, a changed response proves that it arrived.
  return noted !== null && (noted.sent || noted.response !== response);
}

function sameTime(a: EventTime, b: EventTime): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
