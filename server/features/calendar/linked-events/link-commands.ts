/** Implements `/mscalendar event`, `link` and `unlink`, and the buttons of their answers. */

import type { CardAction, Press, PressReply } from "../../../platform/bot/cards.ts";
import type { Caller } from "../../../platform/commands/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import { atOnce } from "../../../platform/work/at-once.ts";
import { withoutAccount } from "../command/without-account.ts";
import type { EventAudit } from "../events/event-audit.ts";
import type { EventForm } from "../events/event-form.ts";
import { CHOICE_CARD } from "../events/event-names.ts";
import { plainText } from "../events/event-text.ts";
import type { CalendarReader, EventSeams, EventServices } from "../events/events-ports.ts";
import { eventWords } from "../events/events-words.ts";
import { subjectText, timeText } from "../events/invitation-card.ts";
import type { MeetingTimes } from "../events/meeting-times.ts";
import type { NewEvents } from "../events/new-events.ts";
import { asPerson } from "../outlook/event-errors.ts";
import { eventById, eventsBetween, ownMailbox, removeEvent } from "../outlook/events.ts";
import { PersonWords } from "../person-words.ts";
import type { CalendarEvent } from "../rules/event.ts";
import { zoneText } from "../rules/when.ts";
import type { ChannelLinks } from "./channels.ts";

export type LinkCommandsPorts = Pick<
  EventServices,
  "api" | "bot" | "cards" | "clock" | "connections" | "graph"
> & {
  readonly seams: Pick<EventSeams, "reader">;
  readonly form: EventForm;
  readonly links: ChannelLinks;
  readonly meetingTimes: MeetingTimes;
  readonly newEvents: NewEvents;
  readonly audit: EventAudit;
};

/** The value of a button in a choice. */
type Choice =
  | { readonly do: "link" | "unlink"; readonly e: string; readonly c: string }
  | { readonly do: "remove"; readonly e: string }
  | { readonly do: "create"; readonly c: string; readonly from: number; readonly to: number };

const AHEAD_MS = 60 * 86_400_000;
const MOST_SHOWN = 10;
const MOST_BUTTONS = 5;
const LONGEST_LABEL = 60;
/** Outlook answers four requests for one mailbox at a time. */
const AT_ONCE = 4;
const CHOICE_MS = 3_600_000;
const DEFAULT_MINUTES = 30;

export class LinkCommands {
  readonly #ports: LinkCommandsPorts;
  readonly #words: PersonWords;

  constructor(ports: LinkCommandsPorts) {
    this.#ports = ports;
    this.#words = new PersonWords(ports.api);
  }

  event(words: readonly string[], caller: Caller): Promise<string> {
    return this.#said(caller, async () => {
      const say = eventWords.in(caller.language);
      const [what = "", minutes = ""] = words;
      if (what.toLowerCase() === "find") return this.#find(caller, Number(minutes) || DEFAULT_MINUTES);
      if (what.toLowerCase() !== "create") return say("event_usage");
      if (caller.triggerId === "") return say("form_unavailable");
      await this.#ports.form.open(caller.userId, caller.triggerId, { channelId: caller.channelId });
      return say("form_open");
    });
  }

  /** Links the next event whose subject contains these words; without words it lists the next events. */
  link(words: readonly string[], caller: Caller): Promise<string> {
    return this.#said(caller, async () => {
      const { clock, newEvents } = this.#ports;
      const { channelId, userId } = caller;
      const say = eventWords.in(caller.language);
      const reader = await this.#ports.seams.reader(userId);
      const coming = await this.#coming(userId, reader);
      if (words.length === 0) return this.#list(coming, caller, reader);
      await newEvents.mustMayPost(userId, channelId);
      const wanted = words.map(folded);
      const found = coming.filter(({ subject }) => wanted.every((one) => folded(subject).includes(one)));
      const open = found.filter((event) => !event.private);
      const [only] = open;
      if (!only) return say(found.length > 0 ? "link_private" : "link_none");
      if (open.length === 1) return this.#link(userId, only, channelId, say);
      await this.#offer(
        caller,
        "choose_link",
        open.slice(0, MOST_BUTTONS).map((event) => ({
          label: `${labelOf(event, say)} · ${timeText(event.time, reader, say, clock())}`,
          choice: { do: "link", e: event.id, c: channelId },
        })),
      );
      return say("choose_sent");
    });
  }

  unlink(words: readonly string[], caller: Caller): Promise<string> {
    return this.#said(caller, async () => {
      const { connections, graph, links, seams } = this.#ports;
      const { channelId, userId } = caller;
      const say = eventWords.in(caller.language);
      // Throws for a person who is not connected, whatever is linked.
      await seams.reader(userId);
      const mine = (await links.ofOwner(userId)).filter((one) => one.channelId === channelId);
      if (mine.length === 0) return say("unlink_none");
      const mailbox = ownMailbox(connections.credential(userId));
      const asked = words.length === 0 ? mine.slice(0, MOST_SHOWN) : mine;
      const events = new Map<string, CalendarEvent | null>();
      await atOnce(asked, AT_ONCE, async ({ eventId }) => {
        events.set(eventId, (await asPerson(() => eventById(graph, mailbox, eventId)))?.event ?? null);
      });
      const wanted = words.map(folded);
      const found = asked
        .map(({ eventId }) => ({ eventId, event: events.get(eventId) ?? null }))
        .filter(({ event }) => wanted.every((one) => event && folded(event.subject).includes(one)));
      const [only] = found;
      if (!only) return say("unlink_none");
      const subject = (event: CalendarEvent | null) => labelOf(event ?? { subject: "" }, say);
      if (found.length === 1) {
        await this.#unlink(userId, only.eventId, channelId);
        return say("unlink_done", { subject: subject(only.event) });
      }
      await this.#offer(
        caller,
        "choose_unlink",
        found.slice(0, MOST_BUTTONS).map(({ event, eventId }) => ({
          label: subject(event),
          choice: { do: "unlink", e: eventId, c: channelId },
        })),
      );
      return say("choose_sent");
    });
  }

  /** Handles a button of a choice. */
  async chosen({ post, triggerId, userId, value }: Press): Promise<PressReply> {
    const { bot, connections, form, graph } = this.#ports;
    const say = eventWords.in(await this.#words.languageOf(userId));
    const choice = value as Choice;
    try {
      if (choice.do === "create") {
        await form.open(userId, triggerId, {
          channelId: choice.c,
          from: choice.from,
          to: choice.to,
          guests: await this.#guestsOf(choice.c, userId),
        });
        return {};
      }
      const mailbox = ownMailbox(connections.credential(userId));
      const read = await asPerson(() => eventById(graph, mailbox, choice.e));
      const subject = labelOf(read?.event ?? { subject: "" }, say);
      let text: string;
      if (choice.do === "remove") {
        if (read) await asPerson(() => removeEvent(graph, mailbox, choice.e));
        text = say("removed", { subject });
      } else if (choice.do === "unlink") {
        await this.#unlink(userId, choice.e, choice.c);
        text = say("unlink_done", { subject });
      } else {
        if (!read) throw new ProductError("event_gone");
        await this.#ports.newEvents.mustMayPost(userId, choice.c);
        text = await this.#link(userId, read.event, choice.c, say);
      }
      await bot.update(post.Id, { text, props: {} });
      return {};
    } catch (error) {
      return { ephemeral: this.#words.problem(error, say) };
    }
  }

  async #unlink(userId: string, eventId: string, channelId: string): Promise<void> {
    const removed = await this.#ports.links.remove(userId, { eventId, channelId });
    if (removed) this.#ports.audit({ event: "calendarUnlink", userId, eventId, channelId });
  }

  async #find(caller: Caller, minutes: number): Promise<string> {
    const say = eventWords.in(caller.language);
    const { channelId, userId } = caller;
    const reader = await this.#ports.seams.reader(userId);
    const { times } = await this.#ports.meetingTimes.propose(userId, {
      channelId,
      minutes: Math.min(480, Math.max(5, Math.round(minutes))),
    });
    if (times.length === 0) return say("find_none");
    const now = this.#ports.clock();
    await this.#offer(
      caller,
      "find_choose",
      times.map(({ free, from, known, to }) => ({
        label: `${timeText({ allDay: false, start: from, end: to }, reader, say, now)} · ${say("find_free", { free, known })}`,
        choice: { do: "create", c: channelId, from, to },
      })),
      { zone: zoneText(reader.zone, now) },
    );
    return say("find_sent");
  }

  async #guestsOf(channelId: string, userId: string): Promise<string[]> {
    const users = await this.#ports.api.getUsersInChannel(channelId, "username", 0, 40);
    return users
      .filter(({ DeleteAt, Id, IsBot }) => DeleteAt === 0 && !IsBot && Id !== userId)
      .map(({ Id }) => Id);
  }

  async #link(
    userId: string,
    event: CalendarEvent,
    channelId: string,
    say: ReturnType<typeof eventWords.in>,
  ): Promise<string> {
    const { clock, newEvents } = this.#ports;
    if (event.private) return say("link_private");
    const attempt = { mark: `link.${event.id}`, resumed: false, since: clock() };
    const linked = await newEvents.link(userId, event, channelId, attempt);
    return say(linked ? "link_done" : "link_before", { subject: labelOf(event, say) });
  }

  async #list(
    coming: readonly CalendarEvent[],
    { channelId, language, userId }: Caller,
    reader: CalendarReader,
  ): Promise<string> {
    const say = eventWords.in(language);
    if (coming.length === 0) return say("coming_none");
    const linked = new Set(
      (await this.#ports.links.ofOwner(userId))
        .filter((one) => one.channelId === channelId)
        .map(({ eventId }) => eventId),
    );
    const now = this.#ports.clock();
    const lines = coming.slice(0, MOST_SHOWN).map((event) => {
      const here = linked.has(event.seriesMasterId || event.id) ? ` · _${say("is_linked")}_` : "";
      return `* ${labelOf(event, say)} · ${timeText(event.time, reader, say, now)}${here}`;
    });
    return [say("coming"), ...lines].join("\n");
  }

  /** The next events by time; for a series its next occurrence. */
  async #coming(userId: string, reader: CalendarReader): Promise<CalendarEvent[]> {
    const { clock, connections, graph } = this.#ports;
    const now = clock();
    const mailbox = ownMailbox(connections.credential(userId));
    const events = await asPerson(() =>
      eventsBetween(graph, mailbox, { from: now, to: now + AHEAD_MS }, reader.zone),
    );
    const seen = new Set<string>();
    return events.filter((event) => {
      const series = event.seriesMasterId || event.id;
      if (event.cancelled || event.response === "declined" || seen.has(series)) return false;
      seen.add(series);
      return true;
    });
  }

  /** Buttons need a post that stays, so they are sent as a direct message. */
  async #offer(
    { channelId, language, userId }: Caller,
    word: "choose_link" | "choose_unlink" | "find_choose",
    choices: readonly { readonly label: string; readonly choice: Choice }[],
    values: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { api, bot, cards, clock } = this.#ports;
    const say = eventWords.in(language);
    const channel = await api.getChannel(channelId);
    const actions: CardAction[] = choices.map(({ choice, label }, index) => ({
      id: `choose${index + 1}`,
      label: [...label].slice(0, LONGEST_LABEL).join(""),
      value: choice,
    }));
    const props = await cards.props(
      { name: CHOICE_CARD, actions },
      { userId, expiresAt: clock() + CHOICE_MS },
    );
    await bot.direct(userId, { text: say(word, { ...values, channel: channel?.Name ?? "" }), props });
  }

  async #said(caller: Caller, work: () => Promise<string>): Promise<string> {
    try {
      return await work();
    } catch (error) {
      const instead = await withoutAccount(this.#ports.connections, caller, error);
      return instead ?? this.#words.problem(error, eventWords.in(caller.language));
    }
  }
}

function labelOf(event: Pick<CalendarEvent, "subject">, say: ReturnType<typeof eventWords.in>): string {
  return subjectText({ subject: event.subject }, say) || plainText(event.subject);
}

/** Ignores case and accents. */
function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase("en");
}
