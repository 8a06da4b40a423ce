/**
 * Creates events: validated field by field, created in Outlook once per submission, linked to a channel on request.
 *
 * Outlook recognises a submission by its `transactionId`, so a repeated one returns the first event. What follows in
 * Mattermost is recorded per submission:
 *
 *   calendar/made_{user}_{request}   event id, whether its post was created        a day
 */

import { type GraphClient, GraphError } from "../../../microsoft/graph/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import { Once } from "../../../platform/work/once.ts";
import { FieldErrors } from "../field-errors.ts";
import { type ChannelLinks, linkOfEvent } from "../linked-events/channels.ts";
import { asPerson } from "../outlook/event-errors.ts";
import { createEvent, eventById, ownMailbox } from "../outlook/events.ts";
import type { CalendarEvent } from "../rules/event.ts";
import { newEventOf } from "../rules/new-event.ts";
import type { Attendees } from "./attendees.ts";
import type { EventAudit } from "./event-audit.ts";
import { type EventMemory, keptUntil, known } from "./event-memory.ts";
import type { EventPosts } from "./event-posts.ts";
import type { EventSeams, EventServices } from "./events-ports.ts";
import { eventWords } from "./events-words.ts";
import { subjectText, timeText } from "./invitation-card.ts";

export interface Created {
  readonly event: CalendarEvent;
  /** Members without a verified Microsoft address, who were not invited. */
  readonly notInvited: readonly string[];
}

export type NewEventsPorts = Pick<
  EventServices,
  "api" | "bot" | "clock" | "cluster" | "connections" | "kv"
> & {
  readonly graph: GraphClient;
  readonly seams: Pick<EventSeams, "reader" | "changed">;
  readonly attendees: Attendees;
  readonly links: ChannelLinks;
  readonly memory: EventMemory;
  readonly posts: EventPosts;
  readonly audit: EventAudit;
};

/** How a post is found again, whether an earlier attempt may have created it, and since when. */
export interface Attempt {
  readonly mark: string;
  readonly resumed: boolean;
  readonly since: number;
}

interface Made {
  readonly v: 1;
  readonly eventId: string;
  readonly at: number;
  readonly posted: boolean;
}

const KEPT_S = 86_400;

export class NewEvents {
  readonly #ports: NewEventsPorts;
  /** A double click waits for the first one, on whichever node that is. */
  readonly #once: Once;

  constructor(ports: NewEventsPorts) {
    this.#ports = ports;
    this.#once = new Once({ ...ports, prefix: "calendar/make_" });
  }

  /** Creates an event. Throws FieldErrors, ProductError. */
  async create(userId: string, json: unknown): Promise<Created> {
    const { clock, seams } = this.#ports;
    // First of all the person must be connected: without a mailbox, times cannot be interpreted.
    const reader = await seams.reader(userId);
    const verdict = newEventOf(json, reader.mailboxZone, clock());
    if (!verdict.ok) throw new FieldErrors(verdict.errors);
    return this.#once.run(`${userId} ${verdict.body.transactionId}`, "", () => this.#create(userId, verdict));
  }

  async #create(
    userId: string,
    { attendees, body, channelId }: ReturnType<typeof newEventOf> & { ok: true },
  ): Promise<Created> {
    const { graph, seams } = this.#ports;
    if (channelId !== null) await this.mustMayPost(userId, channelId);
    const guests = await this.#ports.attendees.resolve(userId, attendees);
    const mailbox = ownMailbox(this.#ports.connections.credential(userId));
    const key = madeKey(userId, body.transactionId);
    const made = await this.#made(key);
    // An event whose link is refused afterwards would be in Outlook, and not in the channel.
    if (channelId !== null && !made && (await this.#ports.links.isFull(userId)))
      throw new ProductError("event_links_full");
    const before = made ? await asPerson(() => eventById(graph, mailbox, made.eventId)) : null;
    const event =
      before?.event ??
      (await asPerson(() => createEvent(graph, mailbox, { ...body, attendees: guests.invited })).catch(
        refused,
      ));
    if (!made) this.#ports.audit({ event: "calendarCreateEvent", userId, eventId: event.id });
    await this.#announce(userId, event, { channelId, key, made });
    seams.changed(userId);
    return { event, notInvited: guests.notInvited };
  }

  /** Links the event, posts it, and records that this was done. */
  async #announce(
    userId: string,
    event: CalendarEvent,
    {
      channelId,
      key,
      made,
    }: { readonly channelId: string | null; readonly key: string; readonly made: Made | null },
  ): Promise<void> {
    if (made?.posted) return;
    const { clock, kv } = this.#ports;
    const first: Made = made ?? { v: 1, eventId: event.id, at: clock(), posted: false };
    const mine =
      made !== null || (await kv.compareAndSet(key, null, bytes(first), { expireInSeconds: KEPT_S }));
    // Another node handles the same submission, and posts.
    if (!mine) return;
    const attempt = { mark: key, since: first.at, resumed: made !== null };
    if (channelId !== null) await this.link(userId, event, channelId, attempt);
    else await this.#tellOwner(userId, event, attempt);
    await kv.set(key, bytes({ ...first, posted: true }), { expireInSeconds: KEPT_S });
  }

  /**
   * Links an event of this member to a channel and posts it there, once. Returns false when it was linked before.
   * Throws `event_links_full`.
   */
  async link(
    userId: string,
    event: CalendarEvent,
    channelId: string,
    { mark, resumed, since }: Attempt,
  ): Promise<boolean> {
    const { clock, links, memory, posts, seams } = this.#ports;
    const link = linkOfEvent(event, channelId, clock());
    // Remembered from now on, so that its first move is recognised as one.
    await memory.update(
      userId,
      event.id,
      (entry) =>
        entry ?? {
          ...{ v: 1, event: known(event), modifiedAt: 0, shown: [], posting: null },
          until: keptUntil(event, clock()),
        },
    );
    const added = await links.add(userId, link);
    if (added === "full") throw new ProductError("event_links_full");
    const inChannel = `${mark}.${channelId}`;
    if (added === "before" && !resumed) return false;
    if (added === "added")
      this.#ports.audit({ event: "calendarLink", userId, eventId: link.eventId, channelId });
    if (resumed && (await posts.isPosted(channelId, inChannel, since))) return true;
    const reader = await seams.reader(userId);
    const say = eventWords.in(reader.language);
    const [name, now] = [await posts.nameOf(userId), clock()];
    const text = [
      say("linked_post", { subject: subjectText(event, say), name }),
      `${say("when")}: ${timeText(event.time, reader, say, now)}`,
    ].join("\n");
    await posts.post(channelId, text, event.id, inChannel);
    return true;
  }

  /** Throws `event_channel`. */
  async mustMayPost(userId: string, channelId: string): Promise<void> {
    const { api } = this.#ports;
    const channel = /^[a-z0-9]{26}$/.test(channelId)
      ? await api.getChannel(channelId).catch(() => null)
      : null;
    if (!channel || channel.DeleteAt > 0) throw new ProductError("event_channel");
    if (!(await api.hasPermissionToChannel(userId, channelId, { Id: "create_post" })))
      throw new ProductError("event_channel");
  }

  async #tellOwner(userId: string, event: CalendarEvent, { mark, resumed, since }: Attempt): Promise<void> {
    const { bot, clock, posts, seams } = this.#ports;
    const reader = await seams.reader(userId);
    const say = eventWords.in(reader.language);
    const channelId = await bot.directChannel(userId);
    if (resumed && (await posts.isPosted(channelId, mark, since))) return;
    const text = [
      say("created", { subject: subjectText(event, say) }),
      `${say("when")}: ${timeText(event.time, reader, say, clock())}`,
    ].join("\n");
    await posts.post(channelId, text, event.id, mark);
  }

  async #made(key: string): Promise<Made | null> {
    const stored = await this.#ports.kv.get(key);
    if (!stored) return null;
    try {
      const made = JSON.parse(new TextDecoder().decode(stored)) as Partial<Made>;
      return made.v === 1 && typeof made.eventId === "string" ? (made as Made) : null;
    } catch {
      return null;
    }
  }
}

const bytes = (made: Made) => new TextEncoder().encode(JSON.stringify(made));

/** A request id is text of the client, so its digest is used in the key. */
function madeKey(userId: string, requestId: string): string {
  const digest = new Bun.CryptoHasher("sha256").update(requestId).digest("base64url").slice(0, 16);
  return `calendar/made_${userId}_${digest}`;
}

/** Outlook's answer does not say which field it refers to. */
function refused(error: unknown): never {
  if (error instanceof GraphError) throw new ProductError("event_refused", `graph ${error.status}`);
  throw error;
}
