/**
 * Answers invitations: reads the event again, applies the rules, sends the answer to Outlook, and updates the card.
 */

import { ProductError } from "../../../platform/errors.ts";
import { FieldErrors } from "../field-errors.ts";
import { asPerson } from "../outlook/event-errors.ts";
import { eventById, eventByUid, type Mailbox, ownMailbox, sendAnswer } from "../outlook/events.ts";
import { type Answer, howToAnswer, type NoAnswer, type Proposal } from "../rules/answer.ts";
import type { CalendarEvent, EventTime } from "../rules/event.ts";
import type { EventAudit } from "./event-audit.ts";
import type { EventMemory } from "./event-memory.ts";
import { known } from "./event-memory.ts";
import type { EventPosts } from "./event-posts.ts";
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
  /** The last answer to each event that is in progress on this node. */
  readonly #running = new Map<string, { readonly text: string; readonly answered: Promise<Answered> }>();

  constructor(ports: AnswersPorts) {
    this.#ports = ports;
  }

  /**
   * Returns the event as it now is. Throws ProductError, FieldErrors. The organiser gets one mail for a double press:
   * the same answer joins the one in progress, and another one waits for it.
   */
  async answer(request: AnswerRequest): Promise<Answered> {
    const key = `${request.userId} ${request.eventId}`;
    const text = JSON.stringify(request);
    const before = this.#running.get(key);
    if (before?.text === text) return before.answered;
    const answered = (async () => {
      await before?.answered.catch(() => {});
      return this.#answer(request);
    })();
    const mine = { text, answered };
    this.#running.set(key, mine);
    try {
      return await answered;
    } finally {
      if (this.#running.get(key) === mine) this.#running.delete(key);
    }
  }

  async #answer(request: AnswerRequest): Promise<Answered> {
    const { clock, memory, posts, seams } = this.#ports;
    const { userId, answer, comment, proposal } = request;
    const mailbox = ownMailbox(this.#ports.connections.credential(userId));
    const [entry, reader] = await Promise.all([memory.get(userId, request.eventId), seams.reader(userId)]);
    const event = await this.#find(mailbox, request, entry?.event.iCalUId ?? "");
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
    // Pressing the same button twice sends no second mail.
    const repeated = event.response === response && !how.comment && !how.proposedNewTime;
    // Before the call, because Outlook may report that it deleted the declined event before the call has answered.
    const before = await this.#remember(userId, request.eventId, response);
    try {
      if (!repeated) await asPerson(() => sendAnswer(this.#ports.graph, mailbox, event.id, how));
    } catch (error) {
      if (before !== null) await this.#remember(userId, request.eventId, before).catch(() => null);
      throw error;
    }
    if (entry) {
      // Under the id that the card and our memory use.
      const shown = {
        ...entry,
        event: { ...known(now), id: entry.event.id, changeKey: entry.event.changeKey },
      };
      await posts.refresh(userId, shown, now).catch(() => {});
    }
    seams.changed(userId);
    this.#ports.audit({ event: "calendarAnswer", userId, eventId: event.id, answer });
    return { event: now, moved: entry !== null && !sameTime(entry.event.time, event.time) };
  }

  /** Finds the event by its id; if it was moved, once by its stable id. */
  async #find(mailbox: Mailbox, { eventId, series }: AnswerRequest, iCalUId: string): Promise<CalendarEvent> {
    const { graph } = this.#ports;
    return asPerson(async () => {
      const read = (await eventById(graph, mailbox, eventId))?.event ?? null;
      const event = read ?? (iCalUId === "" ? null : await eventByUid(graph, mailbox, iCalUId));
      if (!event) throw new ProductError("event_gone");
      if (!series || event.seriesMasterId === "") return event;
      const master = await eventById(graph, mailbox, event.seriesMasterId);
      if (!master) throw new ProductError("event_gone");
      return master.event;
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

function sameTime(a: EventTime, b: EventTime): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
