/** Implements the subcommands of `/mscalendar`. Only the caller sees the answers. */

import { z } from "zod";
import { connectAnswer } from "../../../people/connections/command.ts";
import { connectionWords } from "../../../people/connections/connection-words.ts";
import type { Connections } from "../../../people/connections/index.ts";
import type { Caller } from "../../../platform/commands/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { type Audience, audienceOf, type CalendarCore } from "../core.ts";
import type { DayPart } from "../day/part.ts";
import type { Panel } from "../preferences/panel.ts";
import { postTimeText } from "../preferences/post-time.ts";
import { localDate, nextDate, startOfDay } from "../rules/days.ts";
import type { CalendarEvent } from "../rules/event.ts";
import { typedPostTime } from "../rules/summary.ts";
import { zoneText } from "../rules/when.ts";
import { dayTable, noEvents } from "../summary/table.ts";
import { dayWords } from "../summary/words.ts";
import type { DayCommand } from "./names.ts";
import { whyText } from "./why.ts";
import { commandWords } from "./words.ts";

export interface CommandRunPorts {
  readonly core: CalendarCore;
  readonly part: DayPart;
  readonly panel: Panel;
  readonly connections: Connections;
  readonly product: { readonly name: string; readonly version: string };
  readonly mayAdminister: (userId: string) => Promise<boolean>;
  /** Removes a link when its account is deactivated or its owner asks for it. False: there was none. */
  readonly free: (userId: string, by: string) => Promise<boolean>;
}

const VIEW_DAYS = 14;
const MOST_CHARACTERS = 15_000;
const calendarList = lazy(() => z.object({ value: z.array(z.unknown()) }));

export type RunCommand = (name: DayCommand, words: readonly string[], caller: Caller) => Promise<string>;

export function createCommands(ports: CommandRunPorts): RunCommand {
  const { connections, core, panel, part, product } = ports;
  const { api, clock, subscriptions } = core.services;

  /** Returns the answer that replaces anything personal, or null. */
  async function refusal({ language, userId }: Caller): Promise<string | null> {
    const { connected, lost } = await connections.state(userId);
    if (connected) return null;
    const say = commandWords.in(language);
    return say(lost ? "lost" : "not_connected", { link: connections.connectLink("dm") });
  }

  /** Reads the mailbox's time zone if it was never read; without an answer, Mattermost's time zone is used. */
  async function audienceNow(userId: string): Promise<Audience | null> {
    const known = await core.audience(userId);
    if (!known || known.member.mailbox) return known;
    await part.mailboxes.refresh(userId).catch(() => {});
    return core.audience(userId);
  }

  async function eventsOf(
    audience: Audience,
    from: string,
    days: number,
  ): Promise<
    { readonly events: readonly CalendarEvent[]; readonly note: string } | { readonly text: string }
  > {
    const { language, reader, userId } = audience;
    let end = from;
    for (let day = 0; day < days; day += 1) end = nextDate(end);
    const period = { from: startOfDay(from, reader.zone), to: startOfDay(end, reader.zone) };
    const others = audience.member.settings.otherCalendars;
    const answer = await core.view.events({ userId, period, zone: reader.zone, others });
    if (answer.ok) {
      // A day that looks empty may not be.
      const { events, unreadable } = answer;
      const note = unreadable > 0 ? `\n\n${dayWords.in(language)("unreadable", { count: unreadable })}` : "";
      return { events, note };
    }
    const link = connections.connectLink("dm");
    const { missing = [] } = await connections.state(userId);
    // They connected before the calendar was switched on, and have not consented to it yet.
    if (answer.why === "denied" && missing.length > 0)
      return { text: connectionWords.in(language)("status_missing", { link }) };
    return { text: commandWords.in(language)(answer.why, { link }) };
  }

  async function day(audience: Audience, daysAhead: 0 | 1): Promise<string> {
    const { language, reader } = audience;
    const now = clock.now();
    const today = localDate(now, reader.zone);
    const date = daysAhead === 0 ? today : nextDate(today);
    const read = await eventsOf(audience, date, 1);
    if ("text" in read) return read.text;
    const input = { date, language, now, reader };
    return `${dayTable({ ...input, events: read.events })?.text ?? noEvents(input)}${read.note}`;
  }

  async function fortnight(audience: Audience): Promise<string> {
    const { language, reader } = audience;
    const now = clock.now();
    let date = localDate(now, reader.zone);
    const read = await eventsOf(audience, date, VIEW_DAYS);
    if ("text" in read) return read.text;
    const tables: string[] = [];
    let size = 0;
    for (let left = VIEW_DAYS; left > 0; left -= 1, date = nextDate(date)) {
      const table = dayTable({ date, language, now, reader, events: read.events });
      if (!table) continue;
      size += table.text.length;
      if (size > MOST_CHARACTERS) break;
      tables.push(table.text);
    }
    const shown = tables.length > 0 ? tables.join("\n\n") : dayWords.in(language)("no_events_ahead");
    return `${shown}${read.note}`;
  }

  function summaryAt(audience: Audience): string {
    const { language, member, reader } = audience;
    const { enabled, postTime } = member.settings.summary;
    const time = postTimeText(postTime, reader);
    const zone = zoneText(reader.zone, clock.now());
    return commandWords.in(language)(enabled ? "summary_at" : "summary_off", { time, zone });
  }

  async function changeSummary(
    audience: Audience,
    change: { readonly enabled?: boolean; readonly postTime?: string },
  ): Promise<string> {
    const member = await core.members.update(audience.userId, (current) => ({
      ...current,
      settings: { ...current.settings, summary: { ...current.settings.summary, ...change } },
    }));
    return summaryAt(audienceOf(audience.user, member));
  }

  async function summary(words: readonly string[], audience: Audience): Promise<string> {
    const say = commandWords.in(audience.language);
    const [word = "", ...rest] = words;
    switch (word.toLowerCase()) {
      case "view":
      case "today":
        return day(audience, 0);
      case "tomorrow":
        return day(audience, 1);
      case "settings":
        return summaryAt(audience);
      case "enable":
        return changeSummary(audience, { enabled: true });
      case "disable":
        return changeSummary(audience, { enabled: false });
      case "time": {
        const typed = typedPostTime(rest.join(" "));
        if (typed.ok) return changeSummary(audience, { postTime: typed.postTime });
        return say(typed.why === "no_time" ? "bad_time" : "quarter_hours");
      }
      default:
        return say("summary_help");
    }
  }

  /** `why @name` is for admins. */
  async function why(words: readonly string[], caller: Caller): Promise<string> {
    const say = commandWords.in(caller.language);
    const [name] = words;
    const isOther = name !== undefined && (await ports.mayAdminister(caller.userId));
    const user = isOther ? await accountOf(name) : null;
    if (isOther && !user) return say("no_such_user");
    const language = caller.language ?? "en";
    return (await whyText(core, part.store, user?.Id ?? caller.userId, language)) ?? say("no_such_user");
  }

  const accountOf = (name: string) =>
    api.getUserByUsername(name.replace(/^@/, "").toLowerCase()).catch(() => null);

  async function subscription(
    name: "subscribe" | "unsubscribe",
    words: readonly string[],
    caller: Caller,
  ): Promise<string> {
    const say = commandWords.in(caller.language);
    if (name === "subscribe" && words[0]?.toLowerCase() === "list") {
      const { subscriptions: all } = await subscriptions.status();
      const own = all.filter(({ wish }) => wish.endsWith(`/${caller.userId}`));
      return asJson(
        own.map(({ delivery, expiresAt, kind, since }) => ({ kind, delivery, since, expiresAt })),
      );
    }
    if (words.length > 0) return say("bad_syntax");
    const wanted = name === "subscribe";
    let was = !wanted;
    await core.members.update(caller.userId, (member) => {
      was = member.settings.notifications;
      return was === wanted ? member : { ...member, settings: { ...member.settings, notifications: wanted } };
    });
    if (wanted) return say(was ? "already_subscribed" : "subscribed");
    return say(was ? "unsubscribed" : "not_subscribed");
  }

  async function free(words: readonly string[], caller: Caller): Promise<string> {
    const say = commandWords.in(caller.language);
    const [name] = words;
    if (name === undefined) return say("bad_syntax");
    const user = await accountOf(name);
    if (!user) return say("no_such_user");
    const freed = await ports.free(user.Id, caller.userId);
    return say(freed ? "freed" : "nothing_to_free", { name: user.Username });
  }

  async function showCalendars({ userId }: Caller): Promise<string> {
    const { value } = await core.view.ask(userId, "events", (base) => ({
      path: `${base}/calendars`,
      answer: calendarList(),
    }));
    return asJson(value);
  }

  async function avail(words: readonly string[], caller: Caller): Promise<string> {
    const say = commandWords.in(caller.language);
    const [word] = words;
    if (word !== undefined && word.toLowerCase() !== "all") return say("bad_syntax");
    const ids = [caller.userId];
    if (word !== undefined) {
      ids.length = 0;
      for await (const [userId] of core.members.all()) ids.push(userId);
    }
    for (const userId of ids) core.changed(userId);
    return say("avail_done", { count: ids.length });
  }

  return async (name, words, caller) => {
    const say = commandWords.in(caller.language);
    switch (name) {
      case "info":
        return say("info", { name: product.name, version: product.version });
      case "connect":
        return connectAnswer(connections, caller.userId, caller.language);
      case "free":
        return free(words, caller);
      case "avail":
        return avail(words, caller);
      case "disconnect": {
        const { connected, lost } = await connections.state(caller.userId);
        if (!connected && !lost) return say("nothing_connected");
        await panel.askDisconnect(caller.userId);
        return say("ask_sent");
      }
    }
    const instead = await refusal(caller);
    if (instead !== null && !(name === "why" && words.length > 0)) return instead;
    if (name === "why") return why(words, caller);
    if (name === "subscribe" || name === "unsubscribe") return subscription(name, words, caller);
    if (name === "showcals") return showCalendars(caller);
    const audience = await audienceNow(caller.userId);
    if (!audience) return say("unavailable");
    if (name === "settings") {
      await panel.show(caller.userId);
      return say("settings_sent");
    }
    if (name === "summary") return summary(words, audience);
    return name === "viewcal" ? fortnight(audience) : day(audience, name === "today" ? 0 : 1);
  };
}

function asJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2).slice(0, MOST_CHARACTERS).replaceAll("```", "'''");
  return `\`\`\`json\n${text}\n\`\`\``;
}
