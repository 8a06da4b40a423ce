/** Posts about events: the card in the owner's direct channel, and posts in linked channels. */

import { findPostSince } from "../../../people/find-post.ts";
import { AppError, type Post } from "../../../runtime/mattermost/index.ts";
import type { CalendarEvent } from "../rules/event.ts";
import type { Entry, KnownEvent, Posting, Shown } from "./event-memory.ts";
import { plainText } from "./event-text.ts";
import type { EventSeams, EventServices } from "./events-ports.ts";
import { eventWords } from "./events-words.ts";
import type { Guests } from "./guests.ts";
import { cardMessage, changeLines, EVENT_PROP, MARK_PROP, subjectText, timeText } from "./invitation-card.ts";

export type EventPostsPorts = Pick<EventServices, "api" | "bot" | "cards" | "clock"> & {
  readonly seams: Pick<EventSeams, "reader">;
  readonly guests: Pick<Guests, "named">;
};

/** The clocks of server and plugin differ. */
const SEARCH_OVERLAP_MS = 60_000;

export class EventPosts {
  readonly #ports: EventPostsPorts;

  constructor(ports: EventPostsPorts) {
    this.#ports = ports;
  }

  /** Creates the card. Searches for the post first when an earlier attempt may have created it. */
  async card(
    userId: string,
    event: KnownEvent,
    current: CalendarEvent | null,
    { posting, resumed }: { readonly posting: Posting; readonly resumed: boolean },
  ): Promise<Shown> {
    const { bot } = this.#ports;
    const { answer, at, changed, kind, mark } = posting;
    const shown = { kind, changed, answer };
    const made = resumed ? await this.#find(await bot.directChannel(userId), mark, at) : null;
    const post =
      made ?? (await bot.direct(userId, await this.#message(userId, event, current, { ...shown, mark })));
    return { postId: post.Id, mark, ...shown };
  }

  /** Updates all posts of the event. Returns them without those that are gone. */
  async refresh(userId: string, entry: Entry, current: CalendarEvent | null): Promise<void> {
    for (const one of entry.shown) {
      const message = await this.#message(userId, entry.event, current, one);
      // A post that somebody deleted stays deleted.
      await this.#ports.bot.update(one.postId, message).catch((error: unknown) => {
        if (!isRefused(error)) throw error;
      });
    }
  }

  /** Creates a post in a linked channel about a move or a cancellation. A private event gets none. */
  async inChannel(
    ownerId: string,
    channelId: string,
    event: KnownEvent,
    { posting, resumed }: { readonly posting: Posting; readonly resumed: boolean },
  ): Promise<void> {
    if (event.private) return;
    const { at, changed, kind } = posting;
    const mark = `${posting.mark}.${channelId}`;
    if (resumed && (await this.#find(channelId, mark, at))) return;
    const reader = await this.#ports.seams.reader(ownerId);
    const say = eventWords.in(reader.language);
    const now = this.#ports.clock();
    const when = timeText(event.time, reader, say, now);
    const lines =
      kind === "cancelled"
        ? [say("cancelled", { subject: subjectText(event, say) }), `${say("when")}: ~~${when}~~`]
        : [say("updated", { subject: subjectText(event, say) }), ...changeLines(changed, reader, say, now)];
    await this.post(channelId, lines.join("\n"), event.id, mark);
  }

  async post(channelId: string, text: string, eventId: string, mark: string): Promise<Post> {
    return this.#ports.bot.post(channelId, { text, props: { [EVENT_PROP]: eventId, [MARK_PROP]: mark } });
  }

  /** Whether an earlier attempt created the post. */
  async isPosted(channelId: string, mark: string, since: number): Promise<boolean> {
    return (await this.#find(channelId, mark, since)) !== null;
  }

  /** Returns a name without a mention: a user name in a channel would notify its owner. */
  async nameOf(userId: string): Promise<string> {
    const user = await this.#ports.api.getUser(userId);
    const name = [user?.FirstName ?? "", user?.LastName ?? ""].join(" ").trim();
    return plainText(name === "" ? (user?.Username ?? "") : name);
  }

  async #message(
    userId: string,
    event: KnownEvent,
    current: CalendarEvent | null,
    shown: Pick<Shown, "kind" | "changed" | "answer" | "mark">,
  ) {
    const { cards, clock, guests, seams } = this.#ports;
    const [reader, named] = await Promise.all([
      seams.reader(userId),
      current ? guests.named(current.guests) : [],
    ]);
    return cardMessage(
      cards,
      userId,
      { event, current, guests: named, shown, reader, mark: shown.mark },
      clock(),
    );
  }

  #find(channelId: string, mark: string, since: number): Promise<Post | null> {
    const isMarked = ({ Props }: Post) => Props[MARK_PROP] === mark;
    return findPostSince(this.#ports.api, channelId, since - SEARCH_OVERLAP_MS, isMarked);
  }
}

/** The server refused: a retry would not help. */
export function isRefused(error: unknown): boolean {
  return error instanceof AppError && error.statusCode >= 400 && error.statusCode < 500;
}
